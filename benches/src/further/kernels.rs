//! Six more kernels, written from their definitions like those that were given: helpers, scratch in front of loops,
//! guards, flat slices. Nothing in them has its form for the sake of `#[grad]`.

use grad::grad;

#[grad]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The value at `t` of the polynomial with the coefficients `c`, lowest first.
#[grad]
fn polynomial(c: &[f64], t: f64) -> f64 {
    let mut value = 0.0;
    let mut power = 1.0;
    for c in c {
        value += c * power;
        power *= t;
    }
    value
}

/// Sum of squared errors of a polynomial at the points (tᵢ, yᵢ).
#[grad(wrt(c))]
pub fn least_squares(c: &[f64], t: &[f64], y: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..t.len() {
        let error = polynomial(c, t[i]) - y[i];
        sum += error * error;
    }
    sum
}

/// ln Σ exp xᵢ, without overflow.
#[grad]
pub fn log_sum_exp(x: &[f64]) -> f64 {
    if x.is_empty() {
        return f64::NEG_INFINITY;
    }
    let mut max = x[0];
    for &v in x {
        if v > max {
            max = v;
        }
    }
    let mut sum = 0.0;
    for &v in x {
        sum += (v - max).exp();
    }
    max + sum.ln()
}

/// out = W x + b, where `weights` are the rows of W.
#[grad]
fn affine(weights: &[f64], bias: &[f64], x: &[f64], out: &mut [f64]) {
    let n = x.len();
    for i in 0..out.len() {
        out[i] = bias[i] + dot(&weights[i * n..(i + 1) * n], x);
    }
}

/// Mean cross-entropy over a batch of a network with one hidden layer of tanh.
#[grad(wrt(w1, b1, w2, b2))]
pub fn network(w1: &[f64], b1: &[f64], w2: &[f64], b2: &[f64], images: &[f64], labels: &[usize]) -> f64 {
    let mut hidden = vec![0.0; b1.len()];
    let mut scores = vec![0.0; b2.len()];
    let mut loss = 0.0;
    for (image, &label) in images.chunks_exact(images.len() / labels.len()).zip(labels) {
        affine(w1, b1, image, &mut hidden);
        for h in &mut hidden {
            *h = h.tanh();
        }
        affine(w2, b2, &hidden, &mut scores);
        loss += log_sum_exp(&scores) - scores[label];
    }
    loss / labels.len() as f64
}

/// Rosenbrock's function, summed over neighbours.
#[grad]
pub fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
}

/// Mean logistic loss of a linear model; `rows` are as long as `w`, labels −1 or 1.
#[grad(wrt(w, bias))]
pub fn logistic(w: &[f64], bias: f64, rows: &[f64], labels: &[f64]) -> f64 {
    let d = w.len();
    let n = labels.len();
    let mut loss = 0.0;
    for i in 0..n {
        let row = &rows[i * d..(i + 1) * d];
        let margin = labels[i] * (dot(w, row) + bias);
        loss += (-margin).exp().ln_1p();
    }
    loss / n as f64
}

/// Energy of particles that attract each other from afar, and repel each other nearby: Σ 4 (r⁻¹² − r⁻⁶) over all pairs.
#[grad]
pub fn lennard_jones(positions: &[[f64; 3]]) -> f64 {
    let mut energy = 0.0;
    for i in 0..positions.len() {
        for j in 0..i {
            let mut r2 = 0.0;
            for k in 0..3 {
                let d = positions[i][k] - positions[j][k];
                r2 += d * d;
            }
            let inverse = 1.0 / r2;
            let sixth = inverse * inverse * inverse;
            energy += 4.0 * (sixth * sixth - sixth);
        }
    }
    energy
}
