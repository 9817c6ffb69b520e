//! Problems of many variables from the literature of `CUTEst`: chained, banded, quadratic, penalty, trigonometric.
//!
//! Gould, Orban and Toint, *`CUTEst`: a constrained and unconstrained testing environment*, 2015, under whose names they
//! stand; the formulas are those of Lukšan and Vlček, *Test problems for unconstrained optimization*, 2003, Andrei, *An
//! unconstrained optimization test functions collection*, 2008, and Moré, Garbow and Hillstrom. Minima without a formula
//! are those of Newton's method, to ten digits.

use grad::grad;

use super::{Problem, SumOfSquares};

/// The function with its derivative, under its name.
macro_rules! large {
    ($all:ident: $($name:literal, $start:expr, $minima:expr, $f:item)*) => {
        pub fn $all() -> Vec<Problem> {
            let mut problems: Vec<Problem> = Vec::new();
            $({
                #[grad]
                $f

                problems.push(Problem {
                    number: problems.len() + 1,
                    name: $name,
                    start: $start,
                    minima: $minima,
                    squares: None::<SumOfSquares>,
                    value: |x| f(x),
                    value_and_grad_into: |x, gradient| f::grad_into(x, gradient),
                });
            })*
            problems
        }
    };
}

/// Starts that repeat.
fn over(n: usize, pattern: &[f64]) -> Vec<f64> {
    pattern.iter().copied().cycle().take(n).collect()
}

/// s(1), …, s(n)
fn numbered(n: u32, s: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=n).map(|i| s(f64::from(i))).collect()
}

/// f = 1 + Σ α·xᵢ²·(i/n)ᵏ + Σ β·xᵢ²·(xᵢ₊₁ + xᵢ₊₁²)² + Σ γ·xᵢ²·xᵢ₊ₘ⁴ + Σ δ·xᵢ·xᵢ₊₂ₘ·(i/n)ᵏ, α = 1, m = n/3.
#[grad(wrt(x))]
fn dixmaan(x: &[f64], beta: f64, gamma: f64, power: i32) -> f64 {
    let n = x.len();
    let m = n / 3;
    let mut sum = 1.0;
    for i in 0..n {
        let weight = ((i + 1) as f64 / n as f64).powi(power);
        sum += x[i] * x[i] * weight;
        if i < 2 * m {
            sum += gamma * x[i] * x[i] * x[i + m].powi(4);
        }
        if i < m {
            sum += gamma * x[i] * x[i + 2 * m] * weight;
        }
        if i + 1 < n {
            sum += beta * (x[i] * (x[i + 1] + x[i + 1] * x[i + 1])).powi(2);
        }
    }
    sum
}

large! { all:
    "ARWHEAD 5000", over(5000, &[1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let last = x[x.len() - 1];
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += (x[i] * x[i] + last * last).powi(2) - 4.0 * x[i] + 3.0;
        }
        sum
    }
    "BDQRTIC 1000", over(1000, &[1.0]), &[3_983.818_0], fn f(x: &[f64]) -> f64 {
        let last = x[x.len() - 1];
        let mut sum = 0.0;
        for i in 0..x.len() - 4 {
            let squares = x[i].powi(2)
                + 2.0 * x[i + 1].powi(2)
                + 3.0 * x[i + 2].powi(2)
                + 4.0 * x[i + 3].powi(2)
                + 5.0 * last.powi(2);
            sum += (3.0 - 4.0 * x[i]).powi(2) + squares * squares;
        }
        sum
    }
    "BEALE 5000", over(5000, &[1.0, 0.8]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in (0..x.len()).step_by(2) {
            let (a, b) = (x[i], x[i + 1]);
            sum += (1.5 - a * (1.0 - b)).powi(2)
                + (2.25 - a * (1.0 - b * b)).powi(2)
                + (2.625 - a * (1.0 - b * b * b)).powi(2);
        }
        sum
    }
    "BRYBND 5000", over(5000, &[-1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let mut sum = 0.0;
        for i in 0..n {
            let (low, high) = (i.saturating_sub(5), if i + 2 < n { i + 2 } else { n });
            let mut others = 0.0;
            for j in low..high {
                if j != i {
                    others += x[j] * (1.0 + x[j]);
                }
            }
            sum += (x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0 - others).powi(2);
        }
        sum
    }
    "COSINE 10000", over(10_000, &[1.0]), &[-9999.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += (x[i] * x[i] - 0.5 * x[i + 1]).cos();
        }
        sum
    }
    "CRAGGLVY 5000", { let mut x = over(5000, &[2.0]); x[0] = 1.0; x }, &[1_688.215_3], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in (0..x.len() - 3).step_by(2) {
            let difference = x[i + 2] - x[i + 3];
            sum += (x[i].exp() - x[i + 1]).powi(4)
                + 100.0 * (x[i + 1] - x[i + 2]).powi(6)
                + (difference.tan() + difference).powi(4)
                + x[i].powi(8)
                + (x[i + 3] - 1.0).powi(2);
        }
        sum
    }
    "DIXMAANA 3000", over(3000, &[2.0]), &[1.0], fn f(x: &[f64]) -> f64 {
        dixmaan(x, 0.0, 0.125, 0)
    }
    "DIXMAANB 3000", over(3000, &[2.0]), &[1.0], fn f(x: &[f64]) -> f64 {
        dixmaan(x, 0.0625, 0.0625, 0)
    }
    "DIXMAANE 3000", over(3000, &[2.0]), &[1.0], fn f(x: &[f64]) -> f64 {
        dixmaan(x, 0.0, 0.125, 1)
    }
    "DIXMAANI 3000", over(3000, &[2.0]), &[1.0], fn f(x: &[f64]) -> f64 {
        dixmaan(x, 0.0, 0.125, 2)
    }
    "DIXON3DQ 1000", over(1000, &[-1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let mut sum = (x[0] - 1.0).powi(2) + (x[n - 1] - 1.0).powi(2);
        for i in 1..n - 1 {
            sum += (x[i] - x[i + 1]).powi(2);
        }
        sum
    }
    "DQDRTIC 5000", over(5000, &[3.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 2 {
            sum += x[i].powi(2) + 100.0 * (x[i + 1].powi(2) + x[i + 2].powi(2));
        }
        sum
    }
    "EDENSCH 2000", over(2000, &[8.0]), &[12_003.284_6], fn f(x: &[f64]) -> f64 {
        let mut sum = 16.0;
        for i in 0..x.len() - 1 {
            sum += (x[i] - 2.0).powi(4)
                + (x[i] * x[i + 1] - 2.0 * x[i + 1]).powi(2)
                + (x[i + 1] + 1.0).powi(2);
        }
        sum
    }
    "ENGVAL1 5000", over(5000, &[2.0]), &[5_548.668_4], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += (x[i].powi(2) + x[i + 1].powi(2)).powi(2) - 4.0 * x[i] + 3.0;
        }
        sum
    }
    "FLETCHCR 1000", over(1000, &[0.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += 100.0 * (x[i + 1] - x[i] + 1.0 - x[i] * x[i]).powi(2);
        }
        sum
    }
    "FREUROTH 5000", { let mut x = over(5000, &[0.0]); (x[0], x[1]) = (0.5, -2.0); x }, &[608_159.19],
    fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            let (a, b) = (x[i], x[i + 1]);
            sum += (-13.0 + a + ((5.0 - b) * b - 2.0) * b).powi(2)
                + (-29.0 + a + ((b + 1.0) * b - 14.0) * b).powi(2);
        }
        sum
    }
    "GENROSE 500", numbered(500, |i| i / 501.0), &[1.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 1.0;
        for i in 1..x.len() {
            sum += 100.0 * (x[i] - x[i - 1] * x[i - 1]).powi(2) + (x[i] - 1.0).powi(2);
        }
        sum
    }
    "GENTRIDI 1000", over(1000, &[2.0]), &[997.210_0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 1 {
            sum += (x[i] + x[i + 1] - 3.0).powi(2) + (x[i] - x[i + 1] + 1.0).powi(4);
        }
        sum
    }
    "LIARWHD 5000", over(5000, &[4.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += 4.0 * (x[i] * x[i] - x[0]).powi(2) + (x[i] - 1.0).powi(2);
        }
        sum
    }
    "MOREBV 50", numbered(50, |i| (i / 51.0) * (i / 51.0 - 1.0)), &[0.0], fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let h = 1.0 / (n as f64 + 1.0);
        let mut sum = 0.0;
        for i in 0..n {
            let before = if i == 0 { 0.0 } else { x[i - 1] };
            let after = if i + 1 == n { 0.0 } else { x[i + 1] };
            let t = (i + 1) as f64 * h;
            sum += (2.0 * x[i] - before - after + 0.5 * h * h * (x[i] + t + 1.0).powi(3)).powi(2);
        }
        sum
    }
    "NONDIA 5000", over(5000, &[-1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = (x[0] - 1.0).powi(2);
        for i in 1..x.len() {
            sum += 100.0 * (x[0] - x[i - 1] * x[i - 1]).powi(2);
        }
        sum
    }
    "PENALTY1 1000", numbered(1000, |i| i), &[9.686_175_4e-3], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        let mut squares = 0.0;
        for i in 0..x.len() {
            sum += 1e-5 * (x[i] - 1.0).powi(2);
            squares += x[i] * x[i];
        }
        sum + (squares - 0.25).powi(2)
    }
    "POWELLSG 10000", over(10_000, &[3.0, -1.0, 0.0, 1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in (0..x.len()).step_by(4) {
            sum += (x[i] + 10.0 * x[i + 1]).powi(2)
                + 5.0 * (x[i + 2] - x[i + 3]).powi(2)
                + (x[i + 1] - 2.0 * x[i + 2]).powi(4)
                + 10.0 * (x[i] - x[i + 3]).powi(4);
        }
        sum
    }
    "POWER 1000", over(1000, &[1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += ((i + 1) as f64 * x[i]).powi(2);
        }
        sum
    }
    "QUARTC 5000", over(5000, &[2.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += (x[i] - (i + 1) as f64).powi(4);
        }
        sum
    }
    "RAYDAN1 1000", over(1000, &[1.0]), &[50_050.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += (i + 1) as f64 / 10.0 * (x[i].exp() - x[i]);
        }
        sum
    }
    "SCHMVETT 5000", over(5000, &[3.0]), &[-14_994.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() - 2 {
            let ratio = (x[i] + x[i + 2]) / x[i + 1] - 2.0;
            sum -= 1.0 / (1.0 + (x[i] - x[i + 1]).powi(2))
                + (0.5 * (std::f64::consts::PI * x[i + 1] + x[i + 2])).sin()
                + (-ratio * ratio).exp();
        }
        sum
    }
    "SROSENBR 10000", over(10_000, &[-1.2, 1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in (0..x.len()).step_by(2) {
            sum += 100.0 * (x[i + 1] - x[i] * x[i]).powi(2) + (1.0 - x[i]).powi(2);
        }
        sum
    }
    "TOINTGSS 5000", over(5000, &[3.0]), &[9.994_001_8], fn f(x: &[f64]) -> f64 {
        let constant = 10.0 / (x.len() as f64 + 2.0);
        let mut sum = 0.0;
        for i in 0..x.len() - 2 {
            let square = x[i + 2] * x[i + 2];
            let difference = x[i] - x[i + 1];
            sum += (constant + square) * (2.0 - (-difference * difference / (0.1 + square)).exp());
        }
        sum
    }
    "TQUARTIC 5000", over(5000, &[0.1]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = (x[0] - 1.0).powi(2);
        for i in 1..x.len() {
            sum += (x[0] * x[0] - x[i] * x[i]).powi(2);
        }
        sum
    }
    "TRIDIA 1000", over(1000, &[1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = (x[0] - 1.0).powi(2);
        for i in 1..x.len() {
            sum += (i + 1) as f64 * (2.0 * x[i] - x[i - 1]).powi(2);
        }
        sum
    }
    "TRIGON 100", over(100, &[0.01]), &[0.0], fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let mut cosines = 0.0;
        for i in 0..n {
            cosines += x[i].cos();
        }
        let mut sum = 0.0;
        for i in 0..n {
            let r = n as f64 - cosines + (i + 1) as f64 * (1.0 - x[i].cos()) - x[i].sin();
            sum += r * r;
        }
        sum
    }
    "VARDIM 200", numbered(200, |i| 1.0 - i / 200.0), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        let mut moment = 0.0;
        for i in 0..x.len() {
            sum += (x[i] - 1.0).powi(2);
            moment += (i + 1) as f64 * (x[i] - 1.0);
        }
        sum + moment.powi(2) + moment.powi(4)
    }
    "WOODS 4000", over(4000, &[-3.0, -1.0]), &[0.0], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in (0..x.len()).step_by(4) {
            let (a, b, c, d) = (x[i], x[i + 1], x[i + 2], x[i + 3]);
            sum += 100.0 * (b - a * a).powi(2)
                + (1.0 - a).powi(2)
                + 90.0 * (d - c * c).powi(2)
                + (1.0 - c).powi(2)
                + 10.0 * (b + d - 2.0).powi(2)
                + 0.1 * (b - d).powi(2);
        }
        sum
    }
}
