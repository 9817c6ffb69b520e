//! Their gradients by hand in safe Rust: value and gradient, in the contract of `grad_into`.

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// g += s · x
fn axpy(s: f64, x: &[f64], g: &mut [f64]) {
    for (g, x) in g.iter_mut().zip(x) {
        *g += s * x;
    }
}

/// Eight points at a time in the reverse sweep: their powers side by side, so that none is stored, and each coefficient
/// has a sum for each of the eight.
pub fn least_squares(c: &[f64], t: &[f64], y: &[f64], g: &mut [f64]) -> f64 {
    let polynomial = |t: f64| {
        let (mut value, mut power) = (0.0, 1.0);
        for c in c {
            value += c * power;
            power *= t;
        }
        value
    };
    let mut sum = 0.0;
    let mut sums = vec![[0.0; 8]; c.len()];
    let (ts, last_ts) = t.as_chunks::<8>();
    let (ys, last_ys) = y.as_chunks::<8>();
    for (ts, ys) in ts.iter().zip(ys) {
        let mut bars = [0.0; 8];
        for ((bar, &t), y) in bars.iter_mut().zip(ts).zip(ys) {
            let error = polynomial(t) - y;
            sum += error * error;
            *bar = 2.0 * error;
        }
        for sums in &mut sums {
            for k in 0..8 {
                sums[k] += bars[k];
                bars[k] *= ts[k];
            }
        }
    }
    for (g, sums) in g.iter_mut().zip(&sums) {
        *g = sums.iter().sum();
    }
    for (&t, y) in last_ts.iter().zip(last_ys) {
        let error = polynomial(t) - y;
        sum += error * error;
        let mut bar = 2.0 * error;
        for g in g.iter_mut() {
            *g += bar;
            bar *= t;
        }
    }
    sum
}

/// The gradient is the softmax: what the value sees of the maximum cancels.
pub fn log_sum_exp(x: &[f64], g: &mut [f64]) -> f64 {
    let Some(&first) = x.first() else { return f64::NEG_INFINITY };
    let max = x.iter().fold(first, |max, &v| if v > max { v } else { max });
    let mut sum = 0.0;
    for (g, v) in g.iter_mut().zip(x) {
        *g = (v - max).exp();
        sum += *g;
    }
    let scale = 1.0 / sum;
    for g in g.iter_mut() {
        *g *= scale;
    }
    max + sum.ln()
}

#[expect(clippy::too_many_arguments, reason = "those of the generated gradient")]
pub fn network(
    w1: &[f64],
    b1: &[f64],
    w2: &[f64],
    b2: &[f64],
    images: &[f64],
    labels: &[usize],
    w1_bar: &mut [f64],
    b1_bar: &mut [f64],
    w2_bar: &mut [f64],
    b2_bar: &mut [f64],
) -> f64 {
    let (inputs, width) = (images.len() / labels.len(), b1.len());
    let scale = 1.0 / labels.len() as f64;
    let mut hidden = vec![0.0; width];
    let mut hidden_bar = vec![0.0; width];
    let mut scores = vec![0.0; b2.len()];
    let mut scores_bar = vec![0.0; b2.len()];
    w1_bar.fill(0.0);
    b1_bar.fill(0.0);
    w2_bar.fill(0.0);
    b2_bar.fill(0.0);
    let mut loss = 0.0;
    for (image, &label) in images.chunks_exact(inputs).zip(labels) {
        for ((h, b), w) in hidden.iter_mut().zip(b1).zip(w1.chunks_exact(inputs)) {
            *h = b + dot(w, image);
        }
        for h in &mut hidden {
            *h = h.tanh();
        }
        for ((s, b), w) in scores.iter_mut().zip(b2).zip(w2.chunks_exact(width)) {
            *s = b + dot(w, &hidden);
        }
        loss += log_sum_exp(&scores, &mut scores_bar) - scores[label];
        scores_bar[label] -= 1.0;
        hidden_bar.fill(0.0);
        let rows = w2.chunks_exact(width).zip(w2_bar.chunks_exact_mut(width));
        for ((s_bar, b_bar), (w, w_bar)) in scores_bar.iter().zip(b2_bar.iter_mut()).zip(rows) {
            let s_bar = scale * s_bar;
            *b_bar += s_bar;
            for (((w_bar, h_bar), w), h) in w_bar.iter_mut().zip(&mut hidden_bar).zip(w).zip(&hidden) {
                *w_bar += s_bar * h;
                *h_bar += s_bar * w;
            }
        }
        for ((bar, h), b_bar) in hidden_bar.iter_mut().zip(&hidden).zip(b1_bar.iter_mut()) {
            *bar *= 1.0 - h * h;
            *b_bar += *bar;
        }
        for (z_bar, w_bar) in hidden_bar.iter().zip(w1_bar.chunks_exact_mut(inputs)) {
            axpy(*z_bar, image, w_bar);
        }
    }
    loss / labels.len() as f64
}

/// In pieces that stay in the cache, three loops: the terms, where the gradient will be; their sum; and each element of the
/// gradient from its neighbours, so that no pass adds to what another wrote.
pub fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
    let n = x.len();
    let g = &mut g[..n];
    if n < 2 {
        g.fill(0.0);
        return 0.0;
    }
    let right_bar = |x: f64, next: f64| 200.0 * (next - x * x);
    let left_bar = |x: f64, next: f64| -2.0 * ((1.0 - x) + x * right_bar(x, next));
    let mut value = 0.0;
    for start in (0..n - 1).step_by(128) {
        let end = (start + 128).min(n - 1);
        for (w, term) in x[start..=end].windows(2).zip(&mut g[start..end]) {
            let (a, b) = (1.0 - w[0], w[1] - w[0] * w[0]);
            *term = 100.0 * (b * b) + a * a;
        }
        for term in &g[start..end] {
            value += term;
        }
        let first = start.max(1);
        for (w, g) in x[first - 1..=end].windows(3).zip(&mut g[first..end]) {
            *g = right_bar(w[0], w[1]) + left_bar(w[1], w[2]);
        }
    }
    g[0] = left_bar(x[0], x[1]);
    g[n - 1] = right_bar(x[n - 2], x[n - 1]);
    value
}

/// Four rows at a time in the reverse sweep, so that the gradient is read and written a quarter as often.
pub fn logistic(
    w: &[f64],
    bias: f64,
    rows: &[f64],
    labels: &[f64],
    w_bar: &mut [f64],
    bias_bar: &mut f64,
) -> f64 {
    let d = w.len();
    let n = labels.len() as f64;
    let scale = 1.0 / n;
    w_bar.fill(0.0);
    let mut bias_sum = 0.0;
    let mut loss = 0.0;
    for (rows, labels) in rows.chunks(4 * d).zip(labels.chunks(4)) {
        let mut z_bars = [0.0; 4];
        for ((row, label), z_bar) in rows.chunks_exact(d).zip(labels).zip(&mut z_bars) {
            let e = (-(label * (dot(w, row) + bias))).exp();
            loss += e.ln_1p();
            *z_bar = -(scale * label) * (e / (1.0 + e));
            bias_sum += *z_bar;
        }
        if labels.len() == 4 {
            let (first, rest) = rows.split_at(d);
            let (second, rest) = rest.split_at(d);
            let (third, fourth) = rest.split_at(d);
            for ((((bar, a), b), c), d) in w_bar.iter_mut().zip(first).zip(second).zip(third).zip(fourth) {
                *bar += (z_bars[0] * a + z_bars[1] * b) + (z_bars[2] * c + z_bars[3] * d);
            }
        } else {
            for (row, z_bar) in rows.chunks_exact(d).zip(z_bars) {
                axpy(z_bar, row, w_bar);
            }
        }
    }
    *bias_bar = bias_sum;
    loss / n
}

/// For each particle three loops over those before it: the divisions, the energies, the forces. Only the second waits for
/// a sum.
pub fn lennard_jones(positions: &[[f64; 3]], g: &mut [[f64; 3]]) -> f64 {
    let n = positions.len();
    let g = &mut g[..n];
    // 1 / r² of each pair, then its force by distance.
    let mut kept = vec![0.0; n];
    let mut energy = 0.0;
    for (i, &[x, y, z]) in positions.iter().enumerate() {
        let (before, kept) = (&positions[..i], &mut kept[..i]);
        for (other, inverse) in before.iter().zip(kept.iter_mut()) {
            let (dx, dy, dz) = (x - other[0], y - other[1], z - other[2]);
            *inverse = 1.0 / (dx * dx + dy * dy + dz * dz);
        }
        for kept in kept.iter_mut() {
            let inverse = *kept;
            let sixth = inverse * inverse * inverse;
            let term = sixth * sixth - sixth;
            energy += 4.0 * term;
            *kept = -24.0 * inverse * (sixth * sixth + term);
        }
        let (mut x_bar, mut y_bar, mut z_bar) = (0.0, 0.0, 0.0);
        for ((other, other_bar), by_distance) in before.iter().zip(&mut g[..i]).zip(kept.iter()) {
            let x_part = by_distance * (x - other[0]);
            let y_part = by_distance * (y - other[1]);
            let z_part = by_distance * (z - other[2]);
            x_bar += x_part;
            y_bar += y_part;
            z_bar += z_part;
            *other_bar = [other_bar[0] - x_part, other_bar[1] - y_part, other_bar[2] - z_part];
        }
        g[i] = [x_bar, y_bar, z_bar];
    }
    energy
}
