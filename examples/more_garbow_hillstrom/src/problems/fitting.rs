//! Problems that fit a model to data.

use super::{Problem, problem};

pub(super) fn all() -> Vec<Problem> {
    vec![
        bard::problem(),
        gaussian::problem(),
        meyer::problem(),
        gulf::problem(),
        kowalik_osborne::problem(),
        osborne_1::problem(),
        biggs_exp6::problem(),
        osborne_2::problem(),
    ]
}

mod bard {
    use grad::grad;

    use super::problem;

    const Y: [f64; 15] =
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, y) in Y.iter().enumerate() {
            let u = (i + 1) as f64;
            let v = 15.0 - i as f64;
            let w = u.min(v);
            out[i] = y - (x[0] + u / (v * x[1] + w * x[2]));
        }
    }

    problem!(
        8,
        "Bard",
        m = Y.len(),
        start = [1.0, 1.0, 1.0],
        minima = &[8.214_877_306_58e-3, 17.428_693_333_3]
    );
}

mod gaussian {
    use grad::grad;

    use super::problem;

    const Y: [f64; 8] = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            let t = (7.0 - i as f64) / 2.0;
            // The data are symmetric.
            let y = if i < Y.len() { Y[i] } else { Y[14 - i] };
            out[i] = x[0] * (-x[1] * (t - x[2]).powi(2) / 2.0).exp() - y;
        }
    }

    problem!(9, "Gaussian", m = 15, start = [0.4, 1.0, 0.0], minima = &[1.127_932_769_62e-8]);
}

mod meyer {
    use grad::grad;

    use super::problem;

    const Y: [f64; 16] = [
        34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0,
        5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
    ];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, y) in Y.iter().enumerate() {
            let t = 50.0 + 5.0 * i as f64;
            out[i] = x[0] * (x[1] / (t + x[2])).exp() - y;
        }
    }

    problem!(10, "Meyer", m = Y.len(), start = [0.02, 4000.0, 250.0], minima = &[87.945_855_170_5]);
}

mod gulf {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            let t = (i + 1) as f64 / 100.0;
            let y = 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0);
            out[i] = (-(y - x[1]).abs().powf(x[2]) / x[0]).exp() - t;
        }
    }

    problem!(11, "Gulf", m = 99, start = [5.0, 2.5, 0.15], minima = &[0.0]);
}

mod kowalik_osborne {
    use grad::grad;

    use super::problem;

    const U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
    const Y: [f64; 11] =
        [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (r, (u, y)) in out.iter_mut().zip(U.iter().zip(&Y)) {
            *r = y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3]);
        }
    }

    problem!(
        15,
        "Kowalik-Osborne",
        m = Y.len(),
        start = [0.25, 0.39, 0.415, 0.39],
        minima = &[3.075_056_038_5e-4, 1.027_342_4e-3]
    );
}

mod osborne_1 {
    use grad::grad;

    use super::problem;

    const Y: [f64; 33] = [
        0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658,
        0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431,
        0.424, 0.420, 0.414, 0.411, 0.406,
    ];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, y) in Y.iter().enumerate() {
            let t = 10.0 * i as f64;
            out[i] = y - (x[0] + x[1] * (-t * x[3]).exp() + x[2] * (-t * x[4]).exp());
        }
    }

    problem!(
        17,
        "Osborne 1",
        m = Y.len(),
        start = [0.5, 1.5, -1.0, 0.01, 0.02],
        minima = &[5.464_894_697_48e-5]
    );
}

mod biggs_exp6 {
    use grad::grad;

    use super::problem;

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, r) in out.iter_mut().enumerate() {
            let t = 0.1 * (i + 1) as f64;
            let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
            *r = x[2] * (-t * x[0]).exp() - x[3] * (-t * x[1]).exp() + x[5] * (-t * x[4]).exp() - y;
        }
    }

    problem!(
        18,
        "Biggs EXP6",
        m = 13,
        start = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        minima = &[0.0, 5.655_649_9e-3]
    );
}

mod osborne_2 {
    use grad::grad;

    use super::problem;

    const Y: [f64; 65] = [
        1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655,
        0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558,
        0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562,
        0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710,
        0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
    ];

    #[grad(second)]
    fn residuals(x: &[f64], out: &mut [f64]) {
        for (i, y) in Y.iter().enumerate() {
            let t = i as f64 / 10.0;
            let bell = |height: f64, width: f64, center: f64| height * (-(t - center).powi(2) * width).exp();
            let model = x[0] * (-t * x[4]).exp()
                + bell(x[1], x[5], x[8])
                + bell(x[2], x[6], x[9])
                + bell(x[3], x[7], x[10]);
            out[i] = y - model;
        }
    }

    problem!(
        19,
        "Osborne 2",
        m = Y.len(),
        start = [1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5],
        minima = &[4.013_773_629_4e-2]
    );
}
