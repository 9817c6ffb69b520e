//! Objectives built to fool: kinks, plateaus, poles, rounding, scales, functions without a minimum, gradients that are wrong.
//!
//! What is asked is not where a method ends, but whether what it says there is true, and what it spends. Most are functions
//! with `#[grad]`; those whose gradient is wrong on purpose are written by hand.

use grad::grad;

use super::Problem;

/// Functions with their derivatives, then those with gradients by hand: point and gradient to value.
macro_rules! fooling {
    ($($name:literal, $start:expr, $f:item)* by hand: $($hand:literal, $from:expr, $g:expr,)*) => {
        pub fn all() -> Vec<Problem> {
            let mut problems: Vec<Problem> = Vec::new();
            $({
                #[grad]
                $f

                problems.push(Problem {
                    number: problems.len() + 1,
                    name: $name,
                    start: $start.to_vec(),
                    minima: &[f64::NEG_INFINITY],
                    squares: None,
                    value: |x| f(x),
                    value_and_grad_into: |x, gradient| f::grad_into(x, gradient),
                });
            })*
            $({
                problems.push(Problem {
                    number: problems.len() + 1,
                    name: $hand,
                    start: $from.to_vec(),
                    minima: &[f64::NEG_INFINITY],
                    squares: None,
                    value: |x| {
                        let by_hand: fn(&[f64], &mut [f64]) -> f64 = $g;
                        by_hand(x, &mut vec![0.0; x.len()])
                    },
                    value_and_grad_into: $g,
                });
            })*
            problems
        }
    };
}

fooling! {
    "kink with a slope", [1.3], fn f(x: &[f64]) -> f64 {
        x[0].abs() + 0.1 * x[0] * x[0]
    }
    "kink across a valley", [3.0, 1.0], fn f(x: &[f64]) -> f64 {
        let s = x[0] + x[1];
        x[0].max(x[1]) + s * s
    }
    "a kink for each variable", [3.1, -4.0, 7.3, 0.2], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += (x[i] - i as f64).abs();
        }
        sum
    }
    "cusp", [0.7], fn f(x: &[f64]) -> f64 {
        x[0].abs().sqrt()
    }
    "root of a kink", [0.7, -0.2], fn f(x: &[f64]) -> f64 {
        x[0].abs().powf(1.5) + x[1] * x[1]
    }
    "crescent", [-1.5, 2.0], fn f(x: &[f64]) -> f64 {
        let (a, b) = (x[0] * x[0] + (x[1] - 1.0) * (x[1] - 1.0), x[1] - 1.0);
        (a + b).max(-a + b + 2.0)
    }
    "three parabolas", [1.0, -0.1], fn f(x: &[f64]) -> f64 {
        let a = x[0].powi(4) + x[1] * x[1];
        let b = (2.0 - x[0]) * (2.0 - x[0]) + (2.0 - x[1]) * (2.0 - x[1]);
        a.max(b).max(2.0 * (x[1] - x[0]).exp())
    }
    "valley along a kink", [-1.2, 1.0], fn f(x: &[f64]) -> f64 {
        (1.0 - x[0]) * (1.0 - x[0]) + 100.0 * (x[1] - x[0] * x[0]).abs()
    }
    "cone", [3.0, 4.0, -1.0], fn f(x: &[f64]) -> f64 {
        (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]).sqrt()
    }
    "monkey saddle", [1e-3, 1e-3], fn f(x: &[f64]) -> f64 {
        let (a, b) = (x[0] * x[0], x[1] * x[1]);
        x[0] * (a - 3.0 * b) + (a + b) * (a + b)
    }
    "flat minimum", [1.0, -2.0, 0.5], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for x in x {
            sum += x.powi(8);
        }
        sum
    }
    "plateau of a bell", [6.0, -1.0], fn f(x: &[f64]) -> f64 {
        -(-x[0] * x[0]).exp() + 1e-3 * x[1] * x[1]
    }
    "plateau far away", [1e4, 1.0], fn f(x: &[f64]) -> f64 {
        -1.0 / (1.0 + x[0] * x[0]) + x[1] * x[1]
    }
    "saturated", [40.0, -40.0], fn f(x: &[f64]) -> f64 {
        let (a, b) = (1.0 / (1.0 + (-x[0]).exp()), 1.0 / (1.0 + (-x[1]).exp()));
        (a - b) * (a - b)
    }
    "falls like a parabola", [0.1, 1.0], fn f(x: &[f64]) -> f64 {
        x[1] * x[1] - x[0] * x[0]
    }
    "falls like a cube", [1.0], fn f(x: &[f64]) -> f64 {
        x[0].powi(3)
    }
    "falls like a plane", [1.0, 1.0], fn f(x: &[f64]) -> f64 {
        x[0] + 2.0 * x[1]
    }
    "falls like an exponential", [1.0], fn f(x: &[f64]) -> f64 {
        -x[0].exp()
    }
    "falls like a logarithm", [2.0], fn f(x: &[f64]) -> f64 {
        -(1.0 + x[0] * x[0]).ln()
    }
    "minimum at infinity", [2.0, 1.0], fn f(x: &[f64]) -> f64 {
        (-x[0]).exp() + (x[1] - 1.0) * (x[1] - 1.0)
    }
    "logarithm near its end", [1e-8], fn f(x: &[f64]) -> f64 {
        x[0] - x[0].ln()
    }
    "root, whose end is a minimum", [3.0], fn f(x: &[f64]) -> f64 {
        x[0].sqrt() + 0.1 * x[0]
    }
    "pole beside a minimum", [1e-3], fn f(x: &[f64]) -> f64 {
        1.0 / x[0] + x[0]
    }
    "poles in a row", [1.0], fn f(x: &[f64]) -> f64 {
        let t = x[0].tan();
        t * t + 0.1 * x[0]
    }
    "logarithm of a logarithm", [1.001], fn f(x: &[f64]) -> f64 {
        x[0] - x[0].ln().ln()
    }
    "hill of 10^12", [1.0, -0.4, 0.9], fn f(x: &[f64]) -> f64 {
        let mut sum = 1e12;
        for i in 0..x.len() {
            sum += (i as f64 + 1.0) * (x[i] - 0.3) * (x[i] - 0.3);
        }
        sum
    }
    "cancellation", [1.0, -0.4, 0.9, 0.2], fn f(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for x in x {
            sum += (x * x + 0.1 * x + 1e8) - 1e8;
        }
        sum
    }
    "units of 10^-10", [3.0, -1.0], fn f(x: &[f64]) -> f64 {
        1e-10 * (x[0] * x[0] + 3.0 * x[1] * x[1])
    }
    "variables of 10^8", [3.0, 5.0], fn f(x: &[f64]) -> f64 {
        let (a, b) = (x[0] / 1e8 - 1.0, x[1] / 1e8 + 2.0);
        a * a + b * b
    }
    "condition 10^14", [1.0, 1.0], fn f(x: &[f64]) -> f64 {
        x[0] * x[0] + 1e14 * x[1] * x[1]
    }
    "overflows a step away", [3.0], fn f(x: &[f64]) -> f64 {
        (x[0] * x[0]).exp() - 1e3 * x[0]
    }
    "squares overflow", [1.0, 1.0], fn f(x: &[f64]) -> f64 {
        1e160 * (x[0] * x[0] + x[1] * x[1])
    }
    "waves upon a bowl", [7.3, -3.1], fn f(x: &[f64]) -> f64 {
        x[0] * x[0] + x[1] * x[1] + 3.0 * (20.0 * x[0]).sin() * (20.0 * x[1]).sin()
    }
    "ever finer waves", [0.8], fn f(x: &[f64]) -> f64 {
        x[0] * x[0] * (2.0 + (1.0 / x[0]).sin())
    }
    by hand:
    "jump", [3.0], |x, g| {
        g[0] = 2.0 * x[0];
        x[0] * x[0] + if x[0] > 1.0 { 5.0 } else { 0.0 }
    },
    "jump at the minimum", [3.0], |x, g| {
        g[0] = 2.0 * x[0];
        x[0] * x[0] + if x[0] <= 0.0 { 1.0 } else { 0.0 }
    },
    "stairs", [3.3], |x, g| {
        g[0] = 0.0;
        x[0].floor().abs()
    },
    "stairs with a slope", [7.3], |x, g| {
        g[0] = 1e-3;
        x[0].floor().powi(2) + 1e-3 * x[0]
    },
    "value in single precision", [1.0, -0.4], |x, g| {
        (g[0], g[1]) = (2.0 * x[0], 200.0 * (x[1] - 0.3));
        let value = x[0] * x[0] + 100.0 * (x[1] - 0.3).powi(2);
        #[expect(clippy::cast_possible_truncation, reason = "that is the point")]
        f64::from(value as f32)
    },
    "gradient in single precision", [-1.2, 1.0], |x, g| {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        #[expect(clippy::cast_possible_truncation, reason = "that is the point")]
        let single = |g: f64| f64::from(g as f32);
        (g[0], g[1]) = (single(-2.0 * a - 400.0 * x[0] * b), single(200.0 * b));
        a * a + 100.0 * b * b
    },
    "noise of 10^-6", [1.0, -0.4], |x, g| {
        (g[0], g[1]) = (2.0 * x[0], 2.0 * x[1]);
        x[0] * x[0] + x[1] * x[1] + 1e-6 * (1e9 * (x[0] + 1.3 * x[1])).sin()
    },
    "gradient wrong by 10^-3", [-1.2, 1.0], |x, g| {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        (g[0], g[1]) = (-2.0 * a - 400.0 * x[0] * b + 1e-3, 200.0 * b);
        a * a + 100.0 * b * b
    },
    "gradient of the wrong sign", [0.7, -1.1], |x, g| {
        (g[0], g[1]) = (-2.0 * x[0], -2.0 * x[1]);
        x[0] * x[0] + x[1] * x[1]
    },
    "gradient wrong in one variable", [0.7, -1.1], |x, g| {
        (g[0], g[1]) = (2.0 * x[0], -0.4 * x[1].powi(3));
        x[0] * x[0] + x[1].powi(4)
    },
    "gradient of half the size", [0.7, -1.1], |x, g| {
        (g[0], g[1]) = (x[0], 2.0 * x[1].powi(3));
        x[0] * x[0] + x[1].powi(4)
    },
    "gradient that is always 1", [0.7], |x, g| {
        g[0] = 1.0;
        x[0] * x[0]
    },
    "not a number beyond 1", [-3.0], |x, g| {
        g[0] = -1.0;
        if x[0] > 1.0 { f64::NAN } else { -x[0] }
    },
    "gradient that is not a number at the minimum", [3.0], |x, g| {
        g[0] = if x[0].abs() < 1e-3 { f64::NAN } else { 2.0 * x[0] };
        x[0] * x[0]
    },
    "minus infinity somewhere", [0.9], |x, g| {
        g[0] = -1.0;
        if x[0] > 2.0 { f64::NEG_INFINITY } else { -x[0] }
    },
}
