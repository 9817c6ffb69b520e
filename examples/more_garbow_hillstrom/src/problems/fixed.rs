//! Problems of a fixed number of variables, without data.

use super::{Problem, problem};

pub(super) fn all() -> Vec<Problem> {
    vec![
        rosenbrock::problem(),
        freudenstein_roth::problem(),
        powell_badly_scaled::problem(),
        brown_badly_scaled::problem(),
        beale::problem(),
        jennrich_sampson::problem(),
        helical_valley::problem(),
        box_3d::problem(),
        powell_singular::problem(),
        wood::problem(),
        brown_dennis::problem(),
    ]
}

mod rosenbrock {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        out[0] = 10.0 * (x[1] - x[0] * x[0]);
        out[1] = 1.0 - x[0];
    }

    problem!(1, "Rosenbrock", m = 2, start = [-1.2, 1.0], minima = &[0.0]);
}

mod freudenstein_roth {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let (a, b) = (x[0], x[1]);
        out[0] = -13.0 + a + ((5.0 - b) * b - 2.0) * b;
        out[1] = -29.0 + a + ((b + 1.0) * b - 14.0) * b;
    }

    problem!(2, "Freudenstein-Roth", m = 2, start = [0.5, -2.0], minima = &[0.0, 48.984_253_679_24]);
}

mod powell_badly_scaled {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        out[0] = 1e4 * x[0] * x[1] - 1.0;
        out[1] = (-x[0]).exp() + (-x[1]).exp() - 1.0001;
    }

    problem!(3, "Powell badly scaled", m = 2, start = [0.0, 1.0], minima = &[0.0]);
}

mod brown_badly_scaled {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        out[0] = x[0] - 1e6;
        out[1] = x[1] - 2e-6;
        out[2] = x[0] * x[1] - 2.0;
    }

    problem!(4, "Brown badly scaled", m = 3, start = [1.0, 1.0], minima = &[0.0]);
}

mod beale {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, y) in [1.5, 2.25, 2.625].iter().enumerate() {
            out[i] = y - x[0] * (1.0 - x[1].powi(i as i32 + 1));
        }
    }

    problem!(5, "Beale", m = 3, start = [1.0, 1.0], minima = &[0.0]);
}

mod jennrich_sampson {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            let k = (i + 1) as f64;
            out[i] = 2.0 + 2.0 * k - ((k * x[0]).exp() + (k * x[1]).exp());
        }
    }

    problem!(6, "Jennrich-Sampson", m = 10, start = [0.3, 0.4], minima = &[124.362_182_355_6]);
}

mod helical_valley {
    use grad::grad;
    use std::f64::consts::PI;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let turn = (x[1] / x[0]).atan() / (2.0 * PI);
        let theta = if x[0] > 0.0 { turn } else { turn + 0.5 };
        out[0] = 10.0 * (x[2] - 10.0 * theta);
        out[1] = 10.0 * ((x[0] * x[0] + x[1] * x[1]).sqrt() - 1.0);
        out[2] = x[2];
    }

    problem!(7, "Helical valley", m = 3, start = [-1.0, 0.0, 0.0], minima = &[0.0]);
}

mod box_3d {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            let t = 0.1 * (i + 1) as f64;
            out[i] = (-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp());
        }
    }

    problem!(12, "Box 3-D", m = 20, start = [0.0, 10.0, 20.0], minima = &[0.0]);
}

mod powell_singular {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        out[0] = x[0] + 10.0 * x[1];
        out[1] = 5.0_f64.sqrt() * (x[2] - x[3]);
        out[2] = (x[1] - 2.0 * x[2]).powi(2);
        out[3] = 10.0_f64.sqrt() * (x[0] - x[3]).powi(2);
    }

    problem!(13, "Powell singular", m = 4, start = [3.0, -1.0, 0.0, 1.0], minima = &[0.0]);
}

mod wood {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        let &[a, b, c, d] = x else { panic!("four variables") };
        out[0] = 10.0 * (b - a * a);
        out[1] = 1.0 - a;
        out[2] = 90.0_f64.sqrt() * (d - c * c);
        out[3] = 1.0 - c;
        out[4] = 10.0_f64.sqrt() * (b + d - 2.0);
        out[5] = (b - d) / 10.0_f64.sqrt();
    }

    problem!(14, "Wood", m = 6, start = [-3.0, -1.0, -3.0, -1.0], minima = &[0.0]);
}

mod brown_dennis {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            let t = (i + 1) as f64 / 5.0;
            let (a, b) = (x[0] + t * x[1] - t.exp(), x[2] + x[3] * t.sin() - t.cos());
            out[i] = a * a + b * b;
        }
    }

    problem!(16, "Brown-Dennis", m = 20, start = [25.0, 5.0, -5.0, -1.0], minima = &[85_822.201_626_356]);
}
