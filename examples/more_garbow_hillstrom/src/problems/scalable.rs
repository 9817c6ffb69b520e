//! Problems of any number of variables.

use super::{Problem, problem};

pub(super) fn all() -> Vec<Problem> {
    vec![
        watson::problem(),
        extended_rosenbrock::problem(),
        extended_powell::problem(),
        penalty_1::problem(),
        penalty_2::problem(),
        variably_dimensioned::problem(),
        trigonometric::problem(),
        brown_almost_linear::problem(),
        discrete_boundary_value::problem(),
        discrete_integral_equation::problem(),
        broyden_tridiagonal::problem(),
        broyden_banded::problem(),
        linear_full_rank::problem(),
        linear_rank_1::problem(),
        linear_rank_1_zeros::problem(),
        chebyquad::problem(),
    ]
}

/// g(1), …, g(n)
fn count_to(n: u32, g: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=n).map(|i| g(f64::from(i))).collect()
}

mod watson {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..29 {
            let t = (i + 1) as f64 / 29.0;
            let mut slope = 0.0;
            let mut sum = 0.0;
            for j in 0..x.len() {
                if j > 0 {
                    slope += j as f64 * x[j] * t.powi(j as i32 - 1);
                }
                sum += x[j] * t.powi(j as i32);
            }
            out[i] = slope - sum * sum - 1.0;
        }
        out[29] = x[0];
        out[30] = x[1] - x[0] * x[0] - 1.0;
    }

    problem!(20, "Watson", m = 31, start = [0.0; 6], minima = &[2.287_670_053_55e-3]);
}

mod extended_rosenbrock {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in (0..x.len()).step_by(2) {
            out[i] = 10.0 * (x[i + 1] - x[i] * x[i]);
            out[i + 1] = 1.0 - x[i];
        }
    }

    problem!(21, "Extended Rosenbrock", m = 10, start = [-1.2, 1.0].repeat(5), minima = &[0.0]);
}

mod extended_powell {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (x, out) in x.chunks(4).zip(out.chunks_mut(4)) {
            out[0] = x[0] + 10.0 * x[1];
            out[1] = 5.0_f64.sqrt() * (x[2] - x[3]);
            out[2] = (x[1] - 2.0 * x[2]).powi(2);
            out[3] = 10.0_f64.sqrt() * (x[0] - x[3]).powi(2);
        }
    }

    problem!(22, "Extended Powell", m = 12, start = [3.0, -1.0, 0.0, 1.0].repeat(3), minima = &[0.0]);
}

mod penalty_1 {
    use grad::grad;

    use super::count_to;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let mut sum = 0.0;
        for (r, x) in out.iter_mut().zip(x) {
            *r = 1e-5_f64.sqrt() * (x - 1.0);
            sum += x * x;
        }
        out[x.len()] = sum - 0.25;
    }

    problem!(23, "Penalty I", m = 11, start = count_to(10, |i| i), minima = &[7.087_651_467_1e-5]);
}

mod penalty_2 {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        let weight = 1e-5_f64.sqrt();
        let power = |x: f64| (x / 10.0).exp();
        out[0] = x[0] - 0.2;
        let mut sum = n as f64 * x[0] * x[0];
        for i in 1..n {
            let y = power((i + 1) as f64) + power(i as f64);
            out[i] = weight * (power(x[i]) + power(x[i - 1]) - y);
            out[n + i - 1] = weight * (power(x[i]) - (-0.1_f64).exp());
            sum += (n - i) as f64 * x[i] * x[i];
        }
        out[2 * n - 1] = sum - 1.0;
    }

    problem!(24, "Penalty II", m = 20, start = [0.5; 10], minima = &[2.936_605_374_57e-4]);
}

mod variably_dimensioned {
    use grad::grad;

    use super::count_to;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let mut sum = 0.0;
        for (i, x) in x.iter().enumerate() {
            out[i] = x - 1.0;
            sum += (i + 1) as f64 * (x - 1.0);
        }
        out[x.len()] = sum;
        out[x.len() + 1] = sum * sum;
    }

    problem!(25, "Variably dimensioned", m = 12, start = count_to(10, |i| 1.0 - i / 10.0), minima = &[0.0]);
}

mod trigonometric {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len() as f64;
        let cosines: f64 = x.iter().map(|x| x.cos()).sum();
        for i in 0..x.len() {
            out[i] = n - cosines + (i + 1) as f64 * (1.0 - x[i].cos()) - x[i].sin();
        }
    }

    problem!(26, "Trigonometric", m = 10, start = [0.1; 10], minima = &[0.0, 2.795_056_12e-5]);
}

mod brown_almost_linear {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        let sum: f64 = x.iter().sum();
        for i in 0..n - 1 {
            out[i] = x[i] + sum - (n + 1) as f64;
        }
        out[n - 1] = x.iter().product::<f64>() - 1.0;
    }

    problem!(27, "Brown almost linear", m = 10, start = [0.5; 10], minima = &[0.0, 1.0]);
}

mod discrete_boundary_value {
    use grad::grad;

    use super::count_to;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        let h = 1.0 / (n + 1) as f64;
        for i in 0..n {
            let t = (i + 1) as f64 * h;
            let before = if i > 0 { x[i - 1] } else { 0.0 };
            let after = if i + 1 < n { x[i + 1] } else { 0.0 };
            out[i] = 2.0 * x[i] - before - after + h * h * (x[i] + t + 1.0).powi(3) / 2.0;
        }
    }

    problem!(
        28,
        "Discrete boundary value",
        m = 10,
        start = count_to(10, |i| i / 11.0 * (i / 11.0 - 1.0)),
        minima = &[0.0]
    );
}

mod discrete_integral_equation {
    use grad::grad;

    use super::count_to;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        let h = 1.0 / (n + 1) as f64;
        for i in 0..n {
            let t_i = (i + 1) as f64 * h;
            let mut integral = 0.0;
            for j in 0..n {
                let t_j = (j + 1) as f64 * h;
                let cube = (x[j] + t_j + 1.0).powi(3);
                if j <= i {
                    integral += (1.0 - t_i) * t_j * cube;
                } else {
                    integral += t_i * (1.0 - t_j) * cube;
                }
            }
            out[i] = x[i] + h * integral / 2.0;
        }
    }

    problem!(
        29,
        "Discrete integral equation",
        m = 10,
        start = count_to(10, |i| i / 11.0 * (i / 11.0 - 1.0)),
        minima = &[0.0]
    );
}

mod broyden_tridiagonal {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        for i in 0..n {
            out[i] = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
            if i > 0 {
                out[i] -= x[i - 1];
            }
            if i + 1 < n {
                out[i] -= 2.0 * x[i + 1];
            }
        }
    }

    problem!(30, "Broyden tridiagonal", m = 10, start = [-1.0; 10], minima = &[0.0]);
}

mod broyden_banded {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        for i in 0..n {
            let mut band = 0.0;
            for j in i.saturating_sub(5)..(i + 2).min(n) {
                if j != i {
                    band += x[j] * (1.0 + x[j]);
                }
            }
            out[i] = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0 - band;
        }
    }

    problem!(31, "Broyden banded", m = 10, start = [-1.0; 10], minima = &[0.0, 3.057_278_4]);
}

mod linear_full_rank {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let (m, sum) = (out.len() as f64, x.iter().sum::<f64>());
        for i in 0..out.len() {
            out[i] = -2.0 / m * sum - 1.0;
            if i < x.len() {
                out[i] += x[i];
            }
        }
    }

    problem!(32, "Linear, full rank", m = 20, start = [1.0; 10], minima = &[10.0]);
}

mod linear_rank_1 {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let sum: f64 = x.iter().enumerate().map(|(j, x)| (j + 1) as f64 * x).sum();
        for (i, r) in out.iter_mut().enumerate() {
            *r = (i + 1) as f64 * sum - 1.0;
        }
    }

    problem!(33, "Linear, rank 1", m = 20, start = [1.0; 10], minima = &[190.0 / 41.0]);
}

mod linear_rank_1_zeros {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let (m, n) = (out.len(), x.len());
        let mut sum = 0.0;
        for j in 1..n - 1 {
            sum += (j + 1) as f64 * x[j];
        }
        for i in 0..m {
            out[i] = if i == 0 || i == m - 1 { -1.0 } else { i as f64 * sum - 1.0 };
        }
    }

    problem!(34, "Linear, rank 1, zeros", m = 20, start = [1.0; 10], minima = &[227.0 / 37.0]);
}

mod chebyquad {
    use grad::grad;

    use super::count_to;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let n = x.len();
        out.fill(0.0);
        for &x in x {
            // The polynomials on 0..1, by their recurrence.
            let y = 2.0 * x - 1.0;
            let (mut before, mut t) = (1.0, y);
            for r in out.iter_mut() {
                *r += t;
                (before, t) = (t, 2.0 * y * t - before);
            }
        }
        for i in 0..out.len() {
            out[i] /= n as f64;
            // Less the integral, which is 0 for odd degrees.
            let degree = (i + 1) as f64;
            if i % 2 == 1 {
                out[i] += 1.0 / (degree * degree - 1.0);
            }
        }
    }

    problem!(35, "Chebyquad", m = 8, start = count_to(8, |i| i / 9.0), minima = &[3.516_873_725_7e-3]);
}
