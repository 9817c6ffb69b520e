//! Functions of the kind that people write: costs, residuals, losses, energies, steps of integrators. Nothing in them is
//! there for the sake of `#[grad(second)]`.

#![deny(warnings)]
#![allow(clippy::pedantic, clippy::needless_range_loop, clippy::ptr_arg, clippy::too_many_arguments)]

mod support;

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod test_functions {
    //! Classic functions for optimisers.

    use crate::support::{check, check_into, check_vjp};
    use grad::grad;
    use std::f64::consts::{E, PI};

    #[grad(second)]
    fn himmelblau(x: f64, y: f64) -> f64 {
        (x.powi(2) + y - 11.0).powi(2) + (x + y.powi(2) - 7.0).powi(2)
    }

    #[grad(second)]
    fn beale(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        (1.5 - x + x * y).powi(2) + (2.25 - x + x * y * y).powi(2) + (2.625 - x + x * y.powi(3)).powi(2)
    }

    #[grad(second)]
    fn ackley(p: &[f64]) -> f64 {
        let n = p.len() as f64;
        let square_sum: f64 = p.iter().map(|x| x * x).sum();
        let cos_sum: f64 = p.iter().map(|x| (2.0 * PI * x).cos()).sum();
        -20.0 * (-0.2 * (square_sum / n).sqrt()).exp() - (cos_sum / n).exp() + 20.0 + E
    }

    #[grad(second)]
    fn rastrigin(p: &[f64]) -> f64 {
        10.0 * p.len() as f64 + p.iter().map(|x| x.powi(2) - 10.0 * (2.0 * PI * x).cos()).sum::<f64>()
    }

    #[grad(second)]
    fn rosenbrock_nd(p: &Vec<f64>) -> f64 {
        p.windows(2).map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2)).sum()
    }

    #[grad(second)]
    fn styblinski_tang(p: &[f64]) -> f64 {
        0.5 * p.iter().fold(0.0, |acc, &x| acc + x.powi(4) - 16.0 * x.powi(2) + 5.0 * x)
    }

    #[grad(second)]
    fn goldstein_price(x: f64, y: f64) -> f64 {
        let a = 1.0
            + (x + y + 1.0).powi(2) * (19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y);
        let b = 30.0
            + (2.0 * x - 3.0 * y).powi(2)
                * (18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y);
        a * b
    }

    #[grad(second)]
    fn mccormick(x: &[f64]) -> f64 {
        assert_eq!(x.len(), 2, "McCormick is a function of two variables");
        (x[0] + x[1]).sin() + (x[0] - x[1]).powi(2) - 1.5 * x[0] + 2.5 * x[1] + 1.0
    }

    /// Residuals of the problems of Moré, Garbow and Hillstrom.
    #[grad(second)]
    fn helical_valley(x: &[f64; 3]) -> [f64; 3] {
        let [a, b, c] = x;
        let theta = if *a > 0.0 { (b / a).atan() / (2.0 * PI) } else { (b / a).atan() / (2.0 * PI) + 0.5 };
        [10.0 * (c - 10.0 * theta), 10.0 * ((a * a + b * b).sqrt() - 1.0), *c]
    }

    #[grad(second)]
    fn powell_singular(x: &[f64]) -> Vec<f64> {
        vec![
            x[0] + 10.0 * x[1],
            5f64.sqrt() * (x[2] - x[3]),
            (x[1] - 2.0 * x[2]).powi(2),
            10f64.sqrt() * (x[0] - x[3]).powi(2),
        ]
    }

    const BARD: [f64; 15] =
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];

    #[grad(second)]
    fn bard(x: &[f64], fvec: &mut [f64]) {
        for i in 0..15 {
            let u = (i + 1) as f64;
            let v = 16.0 - u;
            let w = u.min(v);
            fvec[i] = BARD[i] - (x[0] + u / (v * x[1] + w * x[2]));
        }
    }

    #[grad(second)]
    fn broyden_tridiagonal(x: &[f64]) -> f64 {
        let n = x.len();
        let mut sum = 0.0;
        for k in 0..n {
            let mut r = (3.0 - 2.0 * x[k]) * x[k] + 1.0;
            if k > 0 {
                r -= x[k - 1];
            }
            if k + 1 < n {
                r -= 2.0 * x[k + 1];
            }
            sum += r * r;
        }
        sum
    }

    #[test]
    fn optimisers_test_functions() {
        check!(himmelblau(1.2, -0.7) => [
            4.0 * 1.2 * (1.44 - 0.7 - 11.0) + 2.0 * (1.2 + 0.49 - 7.0),
            2.0 * (1.44 - 0.7 - 11.0) - 2.8 * (1.2 + 0.49 - 7.0)
        ]);
        check!(beale(&[1.3, 0.4]));
        check_into!(ackley(&[0.3, -0.8, 1.4]));
        check_into!(rastrigin(&[0.3, -0.8, 1.4]));
        check_into!(rosenbrock_nd(&vec![0.3, -0.8, 1.4, 0.9]));
        check_into!(styblinski_tang(&[0.3, -0.8, 1.4]));
        check!(goldstein_price(0.6, -0.9));
        check_into!(mccormick(&[0.6, -0.9]));
        check_into!(broyden_tridiagonal(&[-1.0, -0.7, 0.4, 0.2]));
    }

    #[test]
    fn residuals() {
        check_vjp!(helical_valley(&[-0.8, 0.3, 0.5]));
        check_vjp!(helical_valley(&[0.8, 0.3, 0.5]));
        check_vjp!(powell_singular(&[3.0, -1.0, 0.5, 1.0]));
        crate::support::check_outputs!(bard(&[0.2, 1.1, 2.3], mut [0.0; 15]));
    }
}

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod statistics {
    //! Likelihoods and losses.

    use crate::support::{check, check_into, check_vjp};
    use grad::grad;
    use std::f64::consts::PI;

    #[grad(second)]
    fn sigmoid(z: f64) -> f64 {
        1.0 / (1.0 + (-z).exp())
    }

    #[grad(wrt(weights, bias), second)]
    fn logistic_loss(weights: &[f64], bias: f64, features: &[Vec<f64>], labels: &[u8]) -> f64 {
        let mut loss = 0.0;
        for (x, &label) in features.iter().zip(labels) {
            let z = weights.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias;
            let p = sigmoid(z);
            loss += if label == 1 { -p.ln() } else { -(1.0 - p).ln() };
        }
        loss / features.len() as f64
    }

    #[grad(second)]
    fn log_sum_exp(x: &[f64]) -> f64 {
        let max = x.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        if max.is_infinite() {
            return max;
        }
        x.iter().map(|v| (v - max).exp()).sum::<f64>().ln() + max
    }

    #[grad(wrt(logits), second)]
    fn cross_entropy(logits: &[Vec<f64>], targets: &[usize], l2: f64) -> f64 {
        let mut total = 0.0;
        let mut penalty = 0.0;
        for (row, &target) in logits.iter().zip(targets.iter()) {
            total += log_sum_exp(row) - row[target];
            penalty += row.iter().map(|x| x * x).sum::<f64>();
        }
        total / logits.len() as f64 + l2 * penalty
    }

    /// −log likelihood of a mixture of Gaussians with diagonal covariances.
    #[grad(wrt(alphas, means, log_sigmas), second)]
    fn gaussian_mixture(alphas: &[f64], means: &[[f64; 2]], log_sigmas: &[[f64; 2]], xs: &[[f64; 2]]) -> f64 {
        let k = alphas.len();
        let mut likelihood = 0.0;
        let mut terms = vec![0.0; k];
        for x in xs {
            for j in 0..k {
                let mut exponent = 0.0;
                let mut log_det = 0.0;
                for d in 0..2 {
                    let z = (x[d] - means[j][d]) * (-log_sigmas[j][d]).exp();
                    exponent += z * z;
                    log_det += log_sigmas[j][d];
                }
                terms[j] = alphas[j] - log_det - 0.5 * exponent;
            }
            likelihood += log_sum_exp(&terms);
        }
        let n = xs.len() as f64;
        -(likelihood - n * log_sum_exp(alphas) - n * (2.0 * PI).ln())
    }

    #[grad(second)]
    fn huber(residuals: &[f64], delta: f64) -> f64 {
        let mut loss = 0.0;
        for &r in residuals {
            loss += if r.abs() <= delta { 0.5 * r.powi(2) } else { delta * (r.abs() - 0.5 * delta) };
        }
        loss
    }

    #[grad(second)]
    fn tukey_biweight(r: f64, c: f64) -> f64 {
        if r.abs() > c {
            return c * c / 6.0;
        }
        let t = 1.0 - (r / c).powi(2);
        (c * c / 6.0) * (1.0 - t * t * t)
    }

    #[grad(second)]
    fn normal_log_pdf(x: f64, mu: f64, sigma: f64) -> f64 {
        let z = (x - mu) / sigma;
        -0.5 * (z * z + (2.0 * PI).ln()) - sigma.ln()
    }

    #[grad(wrt(mu, log_sigma), second)]
    fn negative_log_likelihood(mu: f64, log_sigma: f64, data: &[f64]) -> f64 {
        -data.iter().map(|&x| normal_log_pdf(x, mu, log_sigma.exp())).sum::<f64>()
    }

    #[grad(second)]
    fn variance(x: &[f64]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)
    }

    #[grad(second)]
    fn correlation(x: &[f64], y: &[f64]) -> f64 {
        let n = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
        for (a, b) in x.iter().zip(y) {
            let (da, db) = (a - mx, b - my);
            sxy += da * db;
            sxx += da * da;
            syy += db * db;
        }
        sxy / (sxx * syy).sqrt()
    }

    #[grad(second)]
    fn softmax(logits: &[f64]) -> Vec<f64> {
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exps: Vec<f64> = logits.iter().map(|x| (x - max).exp()).collect();
        let sum: f64 = exps.iter().sum();
        exps.into_iter().map(|e| e / sum).collect()
    }

    #[grad(second)]
    fn kl_divergence(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| p * (p / q).ln()).sum()
    }

    #[test]
    fn losses() {
        let features = vec![vec![0.5, 1.5], vec![-0.3, 0.7], vec![1.1, -0.4]];
        check_into!(logistic_loss(&[0.4, -0.6], 0.1, =&features, =&[1, 0, 1]));
        check_into!(log_sum_exp(&[0.5, 1.5, -0.3]));
        check_into!(cross_entropy(&[vec![0.5, 1.5, -0.3], vec![0.2, 0.1, 0.9]], =&[1, 0], =0.01));
        check_into!(huber(&[0.3, -2.0, 0.8], 1.0));
        check!(tukey_biweight(0.7, 2.0));
        check!(tukey_biweight(2.7, 2.0) => [0.0, 2.0 / 3.0]);
        check!(sigmoid(0.4));
    }

    #[test]
    fn likelihoods() {
        check_into!(gaussian_mixture(
            &[0.3, -0.2],
            &[[0.0, 0.5], [1.0, -1.0]],
            &[[0.1, -0.2], [0.3, 0.0]],
            =&[[0.2, 0.4], [0.9, -0.7], [0.4, 0.1]]
        ));
        check!(negative_log_likelihood(0.3, -0.4, =&[0.1, 0.9, -0.3]));
        check_into!(variance(&[0.1, 0.9, -0.3]));
        check_into!(correlation(&[0.1, 0.9, -0.3], &[1.0, 0.2, 0.4]));
        check_vjp!(softmax(&[0.1, 0.9, -0.3]));
        check_into!(kl_divergence(&[0.2, 0.3, 0.5], &[0.3, 0.3, 0.4]));
    }
}

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod physics {
    //! Energies, integrators, filters.

    use crate::support::{check, check_into, check_outputs, check_vjp};
    use grad::grad;

    #[grad(wrt(positions), second)]
    fn lennard_jones(positions: &[[f64; 3]], sigma: f64, epsilon: f64, cutoff: f64) -> f64 {
        let mut energy = 0.0;
        for i in 0..positions.len() {
            for j in (i + 1)..positions.len() {
                let dx = positions[i][0] - positions[j][0];
                let dy = positions[i][1] - positions[j][1];
                let dz = positions[i][2] - positions[j][2];
                let r2 = dx * dx + dy * dy + dz * dz;
                if r2 > cutoff * cutoff {
                    continue;
                }
                let s6 = (sigma * sigma / r2).powi(3);
                energy += 4.0 * epsilon * (s6 * s6 - s6);
            }
        }
        energy
    }

    #[grad(second)]
    fn harmonic_angle(a: [f64; 3], b: [f64; 3], c: [f64; 3], k: f64, theta0: f64) -> f64 {
        let sub = |p: [f64; 3], q: [f64; 3]| [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
        let dot = |p: [f64; 3], q: [f64; 3]| p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
        let (u, v) = (sub(a, b), sub(c, b));
        let cos = dot(u, v) / (dot(u, u).sqrt() * dot(v, v).sqrt());
        let theta = cos.clamp(-1.0, 1.0).acos();
        0.5 * k * (theta - theta0).powi(2)
    }

    #[grad(second)]
    fn pendulum(state: [f64; 2], length: f64, damping: f64) -> [f64; 2] {
        let [angle, velocity] = state;
        [velocity, -9.81 / length * angle.sin() - damping * velocity]
    }

    #[grad(second)]
    fn rk4(state: [f64; 2], length: f64, damping: f64, dt: f64, steps: usize) -> [f64; 2] {
        let mut y = state;
        for _ in 0..steps {
            let k1 = pendulum(y, length, damping);
            let k2 = pendulum([y[0] + 0.5 * dt * k1[0], y[1] + 0.5 * dt * k1[1]], length, damping);
            let k3 = pendulum([y[0] + 0.5 * dt * k2[0], y[1] + 0.5 * dt * k2[1]], length, damping);
            let k4 = pendulum([y[0] + dt * k3[0], y[1] + dt * k3[1]], length, damping);
            for d in 0..2 {
                y[d] += dt / 6.0 * (k1[d] + 2.0 * k2[d] + 2.0 * k3[d] + k4[d]);
            }
        }
        y
    }

    #[grad(second)]
    fn lotka_volterra_euler(params: &[f64; 4], x0: f64, y0: f64, dt: f64, steps: usize) -> f64 {
        let &[alpha, beta, delta, gamma] = params;
        let (mut x, mut y) = (x0, y0);
        for _ in 0..steps {
            let dx = alpha * x - beta * x * y;
            let dy = delta * x * y - gamma * y;
            x += dt * dx;
            y += dt * dy;
        }
        x + y
    }

    /// One step of the heat equation with fixed ends.
    #[grad(second)]
    fn heat_step(u: &[f64], alpha: f64, out: &mut [f64]) {
        let n = u.len();
        out[0] = u[0];
        out[n - 1] = u[n - 1];
        for i in 1..n - 1 {
            out[i] = u[i] + alpha * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
        }
    }

    #[grad(wrt(initial, alpha), second)]
    fn heat_misfit(initial: &[f64], alpha: f64, target: &[f64], steps: usize) -> f64 {
        let mut u = initial.to_vec();
        let mut next = vec![0.0; u.len()];
        for _ in 0..steps {
            heat_step(&u, alpha, &mut next);
            std::mem::swap(&mut u, &mut next);
        }
        u.iter().zip(target).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
    }

    /// A scalar Kalman filter's negative log likelihood.
    #[grad(wrt(q, r, x0), second)]
    fn kalman(q: f64, r: f64, x0: f64, measurements: &[f64]) -> f64 {
        let mut x = x0;
        let mut p = 1.0;
        let mut nll = 0.0;
        for &z in measurements {
            p += q;
            let innovation = z - x;
            let s = p + r;
            let gain = p / s;
            x += gain * innovation;
            p *= 1.0 - gain;
            nll += 0.5 * (s.ln() + innovation * innovation / s);
        }
        nll
    }

    #[grad(second)]
    fn pid_cost(kp: f64, ki: f64, kd: f64, setpoint: f64) -> f64 {
        let dt = 0.05;
        let (mut position, mut velocity, mut integral, mut last_error) = (0.0, 0.0, 0.0, setpoint);
        let mut cost = 0.0;
        let mut t = 0.0;
        while t < 1.0 {
            let error = setpoint - position;
            integral += error * dt;
            let derivative = (error - last_error) / dt;
            let force = (kp * error + ki * integral + kd * derivative).clamp(-20.0, 20.0);
            velocity += (force - 0.5 * velocity) * dt;
            position += velocity * dt;
            last_error = error;
            cost += error.abs() * dt + 1e-3 * force * force * dt;
            t += dt;
        }
        cost
    }

    #[grad(second)]
    fn kepler(mean_anomaly: f64, eccentricity: f64) -> f64 {
        let mut e = mean_anomaly;
        for _ in 0..50 {
            let delta = (e - eccentricity * e.sin() - mean_anomaly) / (1.0 - eccentricity * e.cos());
            e -= delta;
            if delta.abs() < 1e-14 {
                break;
            }
        }
        2.0 * ((1.0 + eccentricity).sqrt() * (e / 2.0).sin())
            .atan2((1.0 - eccentricity).sqrt() * (e / 2.0).cos())
    }

    #[test]
    fn energies() {
        check_into!(lennard_jones(
            &[[0.0, 0.1, 0.0], [1.1, 0.0, 0.2], [0.3, 1.2, -0.1], [4.0, 4.0, 4.0]],
            =1.0, =0.8, =3.0
        ));
        check!(harmonic_angle([1.0, 0.2, 0.1], [0.0, 0.0, 0.3], [-0.2, 1.1, 0.0], 2.0, 1.4));
    }

    #[test]
    fn integrators() {
        check_vjp!(rk4([0.4, -0.1], 1.2, 0.3, 0.05, =8));
        check!(lotka_volterra_euler(&[1.1, 0.4, 0.1, 0.4], 2.0, 1.5, 0.05, =40));
        check_outputs!(heat_step(&[0.1, 0.9, 0.4, 0.2], 0.2, mut [5.0; 4]));
        check_into!(heat_misfit(&[0.1, 0.9, 0.4, 0.2], 0.2, =&[0.2, 0.5, 0.5, 0.1], =5));
    }

    #[test]
    fn filters_and_solvers() {
        check!(kalman(0.1, 0.5, 0.2, =&[0.3, 0.6, 0.2, 0.9]));
        check!(pid_cost(4.0, 0.5, 0.8, 1.0));
        check!(kepler(0.8, 0.3));
    }
}

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod numerics {
    //! Interpolation, quadrature, linear algebra.

    use crate::support::{check, check_into, check_vjp};
    use grad::grad;

    #[grad(second)]
    fn horner(coefficients: &[f64], x: f64) -> f64 {
        coefficients.iter().rev().fold(0.0, |acc, c| acc * x + c)
    }

    #[grad(second)]
    fn newton_sqrt(a: f64) -> f64 {
        if a == 0.0 {
            return 0.0;
        }
        let mut x = if a > 1.0 { a / 2.0 } else { 1.0 };
        for _ in 0..100 {
            let next = 0.5 * (x + a / x);
            if (next - x).abs() < 1e-15 * x {
                return next;
            }
            x = next;
        }
        x
    }

    #[grad(wrt(grid, x, y), second)]
    fn bilinear(grid: &[Vec<f64>], x: f64, y: f64) -> f64 {
        let rows = grid.len();
        let cols = grid[0].len();
        let i = (y.floor() as usize).min(rows - 2);
        let j = (x.floor() as usize).min(cols - 2);
        let fx = x - j as f64;
        let fy = y - i as f64;
        let top = grid[i][j] * (1.0 - fx) + grid[i][j + 1] * fx;
        let bottom = grid[i + 1][j] * (1.0 - fx) + grid[i + 1][j + 1] * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// Piecewise linear, constant outside.
    #[grad(second)]
    fn interpolate(xs: &[f64], ys: &[f64], x: f64) -> f64 {
        if x <= xs[0] {
            return ys[0];
        }
        let last = xs.len() - 1;
        if x >= xs[last] {
            return ys[last];
        }
        let mut lo = 0;
        let mut hi = last;
        while hi - lo > 1 {
            let mid = (lo + hi) / 2;
            if xs[mid] <= x {
                lo = mid;
            } else {
                hi = mid;
            }
        }
        let t = (x - xs[lo]) / (xs[hi] - xs[lo]);
        ys[lo] + t * (ys[hi] - ys[lo])
    }

    #[grad(second)]
    fn integrand(x: f64, a: f64, b: f64) -> f64 {
        (-a * x).exp() * (b * x).sin()
    }

    #[grad(second)]
    fn simpson(lower: f64, upper: f64, a: f64, b: f64, n: usize) -> f64 {
        let h = (upper - lower) / n as f64;
        let mut sum = integrand(lower, a, b) + integrand(upper, a, b);
        for i in 1..n {
            let weight = if i % 2 == 0 { 2.0 } else { 4.0 };
            sum += weight * integrand(lower + i as f64 * h, a, b);
        }
        sum * h / 3.0
    }

    #[grad(second)]
    fn distances(points: &[[f64; 2]]) -> Vec<Vec<f64>> {
        let n = points.len();
        let mut d = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..i {
                let (dx, dy) = (points[i][0] - points[j][0], points[i][1] - points[j][1]);
                d[i][j] = dx.hypot(dy);
                d[j][i] = d[i][j];
            }
        }
        d
    }

    #[grad(second)]
    fn mat_vec(a: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
        a.iter().map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect()
    }

    #[grad(second)]
    fn mat_mul(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += a[i * n + k] * b[k * n + j];
                }
                c[i * n + j] = sum;
            }
        }
    }

    /// log det of a positive definite matrix by Cholesky.
    #[grad(second)]
    fn log_det(a: &[[f64; 3]; 3]) -> f64 {
        let mut l = [[0.0; 3]; 3];
        for i in 0..3 {
            for j in 0..=i {
                let mut sum = a[i][j];
                for k in 0..j {
                    sum -= l[i][k] * l[j][k];
                }
                if i == j {
                    assert!(sum > 0.0, "not positive definite");
                    l[i][i] = sum.sqrt();
                } else {
                    l[i][j] = sum / l[j][j];
                }
            }
        }
        2.0 * (0..3).map(|i| l[i][i].ln()).sum::<f64>()
    }

    #[grad(second)]
    fn thomas(lower: &[f64], diagonal: &[f64], upper: &[f64], rhs: &[f64]) -> Vec<f64> {
        let n = diagonal.len();
        let mut c = vec![0.0; n];
        let mut x = vec![0.0; n];
        c[0] = upper[0] / diagonal[0];
        x[0] = rhs[0] / diagonal[0];
        for i in 1..n {
            let m = diagonal[i] - lower[i - 1] * c[i - 1];
            if i < n - 1 {
                c[i] = upper[i] / m;
            }
            x[i] = (rhs[i] - lower[i - 1] * x[i - 1]) / m;
        }
        for i in (0..n - 1).rev() {
            x[i] -= c[i] * x[i + 1];
        }
        x
    }

    #[grad(wrt(x), second)]
    fn convolve(x: &[f64], kernel: &[f64]) -> Vec<f64> {
        let n = x.len() + kernel.len() - 1;
        let mut out = vec![0.0; n];
        for (i, xi) in x.iter().enumerate() {
            for (j, k) in kernel.iter().enumerate() {
                out[i + j] += xi * k;
            }
        }
        out
    }

    /// The mean of each cell of a grid, weighted by how often the cell is met.
    #[grad(second)]
    fn binned(x: &[f64]) -> f64 {
        let mut count = [0_usize; 4];
        let mut sums = [0.0; 4];
        for v in x {
            let cell = ((v.abs() * 2.0) as usize).min(3);
            count[cell] += 1;
            sums[cell] += v;
        }
        let mut total = 0.0;
        for (i, n) in count.iter().enumerate().filter(|(_, n)| **n > 0) {
            total += (sums[i] / *n as f64).powi(2) * (*n * x.len()) as f64;
        }
        total
    }

    #[test]
    fn interpolation_and_quadrature() {
        check_into!(horner(&[1.0, -2.0, 0.5, 0.25], 0.7));
        check!(newton_sqrt(2.0) => [0.5 / 2.0_f64.sqrt()]);
        check_into!(bilinear(&[vec![1.0, 2.0, 4.0], vec![3.0, 5.0, 1.0]], 1.3, 0.6));
        check_into!(interpolate(&[0.0, 1.0, 2.5, 4.0], &[1.0, 3.0, 2.0, 5.0], 1.9));
        check_into!(interpolate(&[0.0, 1.0, 2.5, 4.0], &[1.0, 3.0, 2.0, 5.0], 9.0));
        check!(simpson(0.1, 1.9, 0.4, 2.2, =10));
        check!(binned(&[0.7, 1.4, 1.3, 0.9, -1.1, 0.2]));
    }

    #[test]
    fn linear_algebra() {
        check_vjp!(distances(&[[0.1, 0.2], [1.3, -0.4], [0.7, 0.9]]));
        check_vjp!(mat_vec(&[vec![0.5, 1.5], vec![-0.4, 0.3], vec![2.0, 1.0]], &[0.7, 0.9]));
        crate::support::check_outputs!(mat_mul(&[0.5, 1.5, -0.4, 0.3], &[2.0, 1.0, 0.7, 0.9], mut [1.0; 4], =2));
        check!(log_det(&[[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 1.1]]));
        check_vjp!(thomas(&[0.5, 0.3], &[2.0, 2.5, 1.9], &[0.4, -0.6], &[1.0, 0.2, -0.5]));
        check_vjp!(convolve(&[0.5, -0.3, 1.2], =&[0.25, 0.5, 0.25]));
    }
}

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod vision_and_learning {
    //! Camera models and small networks.

    use crate::support::{check, check_into, check_vjp};
    use grad::grad;

    #[grad(second)]
    fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    /// Rodrigues' formula.
    #[grad(second)]
    fn rotate(rotation: &[f64; 3], point: &[f64; 3]) -> [f64; 3] {
        let theta2 = rotation.iter().map(|r| r * r).sum::<f64>();
        if theta2 < 1e-20 {
            let w = cross(rotation, point);
            return [point[0] + w[0], point[1] + w[1], point[2] + w[2]];
        }
        let theta = theta2.sqrt();
        let (sin, cos) = theta.sin_cos();
        let axis = [rotation[0] / theta, rotation[1] / theta, rotation[2] / theta];
        let w = cross(&axis, point);
        let along = (axis[0] * point[0] + axis[1] * point[1] + axis[2] * point[2]) * (1.0 - cos);
        let mut out = [0.0; 3];
        for i in 0..3 {
            out[i] = point[i] * cos + w[i] * sin + axis[i] * along;
        }
        out
    }

    /// Reprojection error of a pinhole camera with radial distortion: rotation, translation, focal length, distortion.
    #[grad(wrt(camera, point), second)]
    fn reprojection(camera: &[f64; 8], point: &[f64; 3], observed: &[f64; 2]) -> [f64; 2] {
        let [r0, r1, r2, t0, t1, t2, focal, k] = *camera;
        let p = rotate(&[r0, r1, r2], point);
        let (x, y, z) = (p[0] + t0, p[1] + t1, p[2] + t2);
        let (u, v) = (-x / z, -y / z);
        let r2 = u * u + v * v;
        let scale = focal * (1.0 + k * r2);
        [scale * u - observed[0], scale * v - observed[1]]
    }

    #[grad(second)]
    fn dense(weights: &[Vec<f64>], bias: &[f64], input: &[f64]) -> Vec<f64> {
        let mut out = Vec::with_capacity(bias.len());
        for (row, b) in weights.iter().zip(bias.iter()) {
            let mut z = *b;
            for (w, x) in row.iter().zip(input) {
                z += w * x;
            }
            out.push(z);
        }
        out
    }

    #[grad(wrt(w1, b1, w2, b2), second)]
    fn network_loss(
        w1: &[Vec<f64>],
        b1: &[f64],
        w2: &[Vec<f64>],
        b2: &[f64],
        inputs: &[[f64; 2]],
        labels: &[usize],
    ) -> f64 {
        let mut loss = 0.0;
        for (x, &label) in inputs.iter().zip(labels) {
            let mut hidden = dense(w1, b1, x);
            for h in hidden.iter_mut() {
                *h = h.tanh();
            }
            let logits = dense(w2, b2, &hidden);
            let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|z| (z - max).exp()).sum();
            loss += sum.ln() + max - logits[label];
        }
        loss / inputs.len() as f64
    }

    #[grad(second)]
    fn attention(query: &[f64], keys: &[Vec<f64>], values: &[Vec<f64>]) -> Vec<f64> {
        let scale = 1.0 / (query.len() as f64).sqrt();
        let scores: Vec<f64> =
            keys.iter().map(|k| k.iter().zip(query).map(|(a, b)| a * b).sum::<f64>() * scale).collect();
        let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|s| (s - max).exp()).collect();
        let total: f64 = weights.iter().sum();
        let mut out = vec![0.0; values[0].len()];
        for (w, v) in weights.iter().zip(values) {
            for (o, x) in out.iter_mut().zip(v) {
                *o += w / total * x;
            }
        }
        out
    }

    #[grad(second)]
    fn layer_norm(x: &[f32], gamma: &[f32], beta: &[f32], eps: f32) -> Vec<f32> {
        let n = x.len() as f32;
        let mean = x.iter().sum::<f32>() / n;
        let var = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
        let inv = 1.0 / (var + eps).sqrt();
        x.iter().zip(gamma).zip(beta).map(|((x, g), b)| (x - mean) * inv * g + b).collect()
    }

    #[grad(second)]
    fn gelu(x: f64) -> f64 {
        0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
    }

    /// Squared distance to the nearest centre.
    #[grad(wrt(centers), second)]
    fn k_means(centers: &[[f64; 2]], points: &[[f64; 2]]) -> f64 {
        points
            .iter()
            .map(|p| {
                centers
                    .iter()
                    .map(|c| (p[0] - c[0]).powi(2) + (p[1] - c[1]).powi(2))
                    .fold(f64::INFINITY, f64::min)
            })
            .sum()
    }

    #[test]
    fn cameras() {
        check_vjp!(rotate(&[0.1, -0.2, 0.3], &[1.0, 2.0, 3.0]));
        check_vjp!(reprojection(&[0.1, -0.2, 0.3, 0.5, -0.4, -6.0, 1.2, 0.05], &[0.3, 0.8, 0.6], =&[0.1, 0.2]));
    }

    #[test]
    fn networks() {
        check_into!(network_loss(
            &[vec![0.3, -0.5], vec![0.8, 0.1], vec![-0.2, 0.4]],
            &[0.1, 0.2, -0.1],
            &[vec![0.5, -0.3, 0.2], vec![-0.6, 0.7, 0.9]],
            &[0.05, -0.05],
            =&[[0.5, 1.0], [-0.7, 0.2]],
            =&[1, 0]
        ));
        check_vjp!(attention(
            &[0.5, -0.3],
            &[vec![0.2, 0.8], vec![1.0, -0.4]],
            &[vec![0.1, 0.2, 0.3], vec![0.6, 0.5, 0.4]]
        ));
        check_vjp!(layer_norm(&[0.5_f32, -0.3, 1.2], &[1.0_f32, 0.9, 1.1], &[0.0_f32, 0.1, 0.2], 1e-1_f32));
        check!(gelu(0.7));
        check_into!(k_means(&[[0.0, 0.1], [1.0, 0.9]], =&[[0.2, 0.0], [0.8, 1.2], [0.4, 0.3]]));
    }
}

#[forbid(unused_variables, unused_mut, dead_code, unused_assignments)]
mod finance {
    //! Prices and rates.

    use crate::support::{check, check_into};
    use grad::grad;

    /// Abramowitz and Stegun 26.2.17.
    #[grad(second)]
    fn normal_cdf(x: f64) -> f64 {
        if x < 0.0 {
            return 1.0 - normal_cdf(-x);
        }
        const B: [f64; 5] = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
        let t = 1.0 / (1.0 + 0.231_641_9 * x);
        let mut poly = 0.0;
        for &b in B.iter().rev() {
            poly = (poly + b) * t;
        }
        1.0 - (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly
    }

    #[grad(second)]
    fn black_scholes(spot: f64, strike: f64, rate: f64, vol: f64, expiry: f64, is_call: bool) -> f64 {
        if expiry <= 0.0 {
            return if is_call { (spot - strike).max(0.0) } else { (strike - spot).max(0.0) };
        }
        let d1 = ((spot / strike).ln() + (rate + 0.5 * vol.powi(2)) * expiry) / (vol * expiry.sqrt());
        let d2 = d1 - vol * expiry.sqrt();
        let discount = (-rate * expiry).exp();
        if is_call {
            spot * normal_cdf(d1) - strike * discount * normal_cdf(d2)
        } else {
            strike * discount * normal_cdf(-d2) - spot * normal_cdf(-d1)
        }
    }

    /// A binomial tree for an American put.
    #[grad(wrt(spot, vol, rate), second)]
    fn american_put(spot: f64, vol: f64, rate: f64, strike: f64, steps: usize) -> f64 {
        let dt = 1.0 / steps as f64;
        let up = (vol * dt.sqrt()).exp();
        let down = 1.0 / up;
        let p = ((rate * dt).exp() - down) / (up - down);
        let discount = (-rate * dt).exp();
        let mut values = vec![0.0; steps + 1];
        for i in 0..=steps {
            let s = spot * up.powi(i as i32) * down.powi((steps - i) as i32);
            values[i] = f64::max(strike - s, 0.0);
        }
        for step in (0..steps).rev() {
            for i in 0..=step {
                let hold = discount * (p * values[i + 1] + (1.0 - p) * values[i]);
                let s = spot * up.powi(i as i32) * down.powi((step - i) as i32);
                values[i] = hold.max(strike - s);
            }
        }
        values[0]
    }

    #[grad(second)]
    fn net_present_value(rate: f64, cash_flows: &[f64]) -> f64 {
        cash_flows.iter().enumerate().map(|(t, c)| c / (1.0 + rate).powi(t as i32)).sum()
    }

    #[grad(second)]
    fn portfolio_variance(weights: &[f64], covariance: &[Vec<f64>]) -> f64 {
        let mut variance = 0.0;
        for (i, wi) in weights.iter().enumerate() {
            for (j, wj) in weights.iter().enumerate() {
                variance += wi * wj * covariance[i][j];
            }
        }
        variance.sqrt()
    }

    #[test]
    fn prices() {
        check!(normal_cdf(0.3));
        check!(normal_cdf(-0.3));
        check!(black_scholes(100.0, 95.0, 0.02, 0.3, 0.7, =true));
        check!(black_scholes(100.0, 95.0, 0.02, 0.3, 0.7, =false));
        check!(black_scholes(100.0, 95.0, 0.02, 0.3, -0.5, =true) => [1.0, -1.0, 0.0, 0.0, 0.0]);
        check!(american_put(100.0, 0.3, 0.05, =101.3, =6));
        check_into!(net_present_value(0.05, &[-100.0, 30.0, 40.0, 50.0]));
        check_into!(portfolio_variance(&[0.4, 0.6], &[vec![0.1, 0.02], vec![0.02, 0.2]]));
    }
}
