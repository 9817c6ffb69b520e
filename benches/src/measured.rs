//! What is measured: each kernel with its sizes and data.

use std::rc::Rc;

use crate::data::Source;
use crate::kernel::{Evaluation, Kernel, form};
use crate::{further, given};

/// The sizes of the table in the README.
pub fn all() -> Vec<Kernel> {
    vec![
        gmm(2, 5, 1000),
        gmm(10, 25, 1000),
        gmm(32, 25, 200),
        gmm(64, 10, 200),
        camera(256),
        lstm(2, 14, 1024),
        ode(300, 100),
        kmeans(2000, 16, 8),
        det(8),
        least_squares(1000, 12),
        log_sum_exp(1000),
        network([32, 64, 10], 64),
        rosenbrock(100),
        logistic(1000, 20),
        lennard_jones(4),
    ]
}

/// Rows of sizes, which show whether a ratio grows with the size.
pub fn growing() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    kernels.extend([100, 1000, 10_000].map(|n| gmm(10, 25, n)));
    kernels.extend([64, 256, 1024, 8192].map(|c| lstm(2, 14, c)));
    kernels.extend([5, 6, 7, 8, 9, 10].map(det));
    kernels.extend([10, 100, 1000, 10_000, 100_000, 1_000_000].map(rosenbrock));
    kernels.extend([1000, 20_000].map(|n| logistic(n, 20)));
    kernels
}

/// Slices of these lengths, one after the other.
fn split<const N: usize>(mut numbers: &[f64], lengths: [usize; N]) -> [&[f64]; N] {
    lengths.map(|length| numbers.split_off(..length).expect("as many numbers as the lengths say"))
}

/// The same of what is written to.
fn split_mut<const N: usize>(mut numbers: &mut [f64], lengths: [usize; N]) -> [&mut [f64]; N] {
    lengths.map(|length| numbers.split_off_mut(..length).expect("as many numbers as the lengths say"))
}

fn gmm(d: usize, k: usize, n: usize) -> Kernel {
    let sizes = [k, k * d, k * d, k * d * (d - 1) / 2];
    let mut source = Source::new(1);
    Kernel::scalar(
        format!("gmm d={d} k={k} n={n}"),
        source.vec(sizes.iter().sum(), -1.0, 1.0),
        source.vec(n * d, -1.0, 1.0),
        move |points, parameters| {
            let [alpha, mu, q, l] = split(parameters, sizes);
            given::kernels::gmm(alpha, mu, q, l, points, d, 1.0, 0)
        },
        move |points, parameters, gradient| {
            let [alpha, mu, q, l] = split(parameters, sizes);
            let [alpha_bar, mu_bar, q_bar, l_bar] = split_mut(gradient, sizes);
            given::by_hand::gmm(alpha, mu, q, l, points, d, 1.0, 0, alpha_bar, mu_bar, q_bar, l_bar)
        },
        move |points, parameters, gradient| {
            let [alpha, mu, q, l] = split(parameters, sizes);
            let [alpha_bar, mu_bar, q_bar, l_bar] = split_mut(gradient, sizes);
            given::kernels::gmm::grad_into(
                alpha, mu, q, l, points, d, 1.0, 0, alpha_bar, mu_bar, q_bar, l_bar,
            )
        },
    )
}

/// The parameters of one observation: camera, point, weight.
fn observation(parameters: &[f64; 15]) -> (&[f64; 11], &[f64; 3], f64) {
    let (camera, rest) = parameters.split_first_chunk().expect("eleven numbers of fifteen");
    let (point, weight) = rest.split_first_chunk().expect("three numbers of four");
    (camera, point, weight[0])
}

/// `n` observations, each of which gives two residuals.
fn camera(n: usize) -> Kernel {
    type Blocks = ([[f64; 11]; 2], [[f64; 3]; 2], [f64; 2]);
    let mut source = Source::new(2);
    let mut parameters = Vec::new();
    for _ in 0..n {
        let [rotation, centre] = [(); 2].map(|()| source.array::<3>(-0.5, 0.5));
        let [principal, distortion] = [(); 2].map(|()| source.array::<2>(-0.5, 0.5));
        let point = [source.uniform(-0.5, 0.5), source.uniform(-0.5, 0.5), source.uniform(3.0, 4.0)];
        parameters.extend([rotation, centre].as_flattened());
        parameters.push(1.0);
        parameters.extend([principal, distortion].as_flattened());
        parameters.extend(point);
        parameters.push(source.uniform(0.5, 1.5));
    }
    let features: Rc<Vec<[f64; 2]>> = Rc::new((0..n).map(|_| source.array(-0.5, 0.5)).collect());

    let flatten_values = |values: &Vec<[f64; 2]>| Evaluation {
        values: values.as_flattened().to_vec(),
        derivative: Vec::new(),
    };
    let flatten_rows = |rows: &Vec<([f64; 2], [[f64; 15]; 2])>| Evaluation {
        values: rows.iter().flat_map(|(values, _)| *values).collect(),
        derivative: rows.iter().flat_map(|(_, jacobian)| jacobian.as_flattened()).copied().collect(),
    };
    let flatten_blocks = |blocks: &Vec<([f64; 2], Blocks)>| Evaluation {
        values: blocks.iter().flat_map(|(values, _)| *values).collect(),
        derivative: blocks
            .iter()
            .flat_map(|(_, (camera, point, weight))| {
                (0..2).flat_map(move |row| [&camera[row][..], &point[row], &weight[row..=row]].concat())
            })
            .collect(),
    };
    let forms = [
        form(
            &features,
            vec![[0.0; 2]; n],
            |features, parameters, values: &mut Vec<[f64; 2]>| {
                let observations = parameters.as_chunks().0.iter().map(observation);
                for (((camera, point, weight), feature), out) in observations.zip(features).zip(values) {
                    *out = given::kernels::ba(camera, point, weight, feature);
                }
            },
            flatten_values,
        ),
        form(
            &features,
            vec![([0.0; 2], [[0.0; 15]; 2]); n],
            |features, parameters, rows: &mut Vec<([f64; 2], [[f64; 15]; 2])>| {
                let observations = parameters.as_chunks().0.iter().map(observation);
                for (((camera, point, weight), feature), (values, jacobian)) in
                    observations.zip(features).zip(rows)
                {
                    *values = given::by_hand::ba(camera, point, weight, feature, jacobian);
                }
            },
            flatten_rows,
        ),
        form(
            &features,
            vec![([0.0; 2], ([[0.0; 11]; 2], [[0.0; 3]; 2], [0.0; 2])); n],
            |features, parameters, blocks: &mut Vec<([f64; 2], Blocks)>| {
                let observations = parameters.as_chunks().0.iter().map(observation);
                for (((camera, point, weight), feature), out) in observations.zip(features).zip(blocks) {
                    *out = given::kernels::ba::value_and_jacobian(camera, point, weight, feature);
                }
            },
            flatten_blocks,
        ),
    ];
    Kernel::new(format!("camera 2x15 n={n}"), parameters, forms)
}

fn lstm(l: usize, b: usize, c: usize) -> Kernel {
    let sizes = [l * 8 * b, 3 * b];
    let mut source = Source::new(3);
    let parameters = source.vec(sizes.iter().sum(), -1.0, 1.0);
    let state = source.vec(2 * l * b, -1.0, 1.0);
    let sequence: Vec<f64> = (0..c * b).map(|_| source.uniform(0.0, 2.0).floor()).collect();
    Kernel::scalar(
        format!("lstm l={l} b={b} c={c}"),
        parameters,
        (state, sequence),
        move |(state, sequence), parameters| {
            let [main, extra] = split(parameters, sizes);
            given::kernels::lstm(main, extra, state, sequence)
        },
        move |(state, sequence), parameters, gradient| {
            let [main, extra] = split(parameters, sizes);
            let [main_bar, extra_bar] = split_mut(gradient, sizes);
            given::by_hand::lstm(main, extra, state, sequence, main_bar, extra_bar)
        },
        move |(state, sequence), parameters, gradient| {
            let [main, extra] = split(parameters, sizes);
            let [main_bar, extra_bar] = split_mut(gradient, sizes);
            given::kernels::lstm::grad_into(main, extra, state, sequence, main_bar, extra_bar)
        },
    )
}

/// With hundreds of equations, the last component and its gradient are too small for any float, and 0; the work is the same.
fn ode(n: usize, s: usize) -> Kernel {
    Kernel::scalar(
        format!("ode n={n} s={s}"),
        Source::new(4).vec(n, 0.0, 1.0),
        (),
        move |(), x| given::kernels::ode(x, s),
        move |(), x, gradient| given::by_hand::ode(x, s, gradient),
        move |(), x, gradient| given::kernels::ode::grad_into(x, s, gradient),
    )
}

fn kmeans(n: usize, k: usize, d: usize) -> Kernel {
    let mut source = Source::new(5);
    Kernel::scalar(
        format!("kmeans n={n} k={k} d={d}"),
        source.vec(k * d, 0.0, 1.0),
        source.vec(n * d, 0.0, 1.0),
        move |points, centroids| given::kernels::kmeans(centroids, points, d),
        move |points, centroids, gradient| given::by_hand::kmeans(centroids, points, d, gradient),
        move |points, centroids, gradient| given::kernels::kmeans::grad_into(centroids, points, d, gradient),
    )
}

fn det(n: usize) -> Kernel {
    Kernel::scalar(
        format!("det n={n}"),
        Source::new(6).vec(n * n, -1.0, 1.0),
        (),
        move |(), a| given::kernels::det(a, n),
        move |(), a, gradient| given::by_hand::det(a, n, gradient),
        move |(), a, gradient| given::kernels::det::grad_into(a, n, gradient),
    )
}

/// `coefficients` of a polynomial, at `n` points.
fn least_squares(n: usize, coefficients: usize) -> Kernel {
    let mut source = Source::new(7);
    Kernel::scalar(
        format!("least_squares n={n} m={coefficients}"),
        source.vec(coefficients, -1.0, 1.0),
        (source.vec(n, -1.0, 1.0), source.vec(n, -1.0, 1.0)),
        |(t, y), c| further::kernels::least_squares(c, t, y),
        |(t, y), c, gradient| further::by_hand::least_squares(c, t, y, gradient),
        |(t, y), c, gradient| further::kernels::least_squares::grad_into(c, t, y, gradient),
    )
}

fn log_sum_exp(n: usize) -> Kernel {
    Kernel::scalar(
        format!("log_sum_exp n={n}"),
        Source::new(8).vec(n, -3.0, 3.0),
        (),
        |(), x| further::kernels::log_sum_exp(x),
        |(), x, gradient| further::by_hand::log_sum_exp(x, gradient),
        |(), x, gradient| further::kernels::log_sum_exp::grad_into(x, gradient),
    )
}

fn network([inputs, hidden, outputs]: [usize; 3], batch: usize) -> Kernel {
    let sizes = [hidden * inputs, hidden, outputs * hidden, outputs];
    let mut source = Source::new(9);
    let parameters = source.vec(sizes.iter().sum(), -0.3, 0.3);
    let images = source.vec(batch * inputs, -1.0, 1.0);
    let labels: Vec<usize> = (0..batch).map(|i| i * 7 % outputs).collect();
    Kernel::scalar(
        format!("network {inputs}-{hidden}-{outputs} batch={batch}"),
        parameters,
        (images, labels),
        move |(images, labels), parameters| {
            let [w1, b1, w2, b2] = split(parameters, sizes);
            further::kernels::network(w1, b1, w2, b2, images, labels)
        },
        move |(images, labels), parameters, gradient| {
            let [w1, b1, w2, b2] = split(parameters, sizes);
            let [w1_bar, b1_bar, w2_bar, b2_bar] = split_mut(gradient, sizes);
            further::by_hand::network(w1, b1, w2, b2, images, labels, w1_bar, b1_bar, w2_bar, b2_bar)
        },
        move |(images, labels), parameters, gradient| {
            let [w1, b1, w2, b2] = split(parameters, sizes);
            let [w1_bar, b1_bar, w2_bar, b2_bar] = split_mut(gradient, sizes);
            further::kernels::network::grad_into(
                w1, b1, w2, b2, images, labels, w1_bar, b1_bar, w2_bar, b2_bar,
            )
        },
    )
}

fn rosenbrock(n: usize) -> Kernel {
    Kernel::scalar(
        format!("rosenbrock n={n}"),
        Source::new(10).vec(n, -1.5, 1.5),
        (),
        |(), x| further::kernels::rosenbrock(x),
        |(), x, gradient| further::by_hand::rosenbrock(x, gradient),
        |(), x, gradient| further::kernels::rosenbrock::grad_into(x, gradient),
    )
}

fn logistic(n: usize, d: usize) -> Kernel {
    let mut source = Source::new(11);
    let parameters = source.vec(d + 1, -0.5, 0.5);
    let rows = source.vec(n * d, -1.0, 1.0);
    let labels: Vec<f64> = (0..n).map(|_| source.uniform(-1.0, 1.0).signum()).collect();
    Kernel::scalar(
        format!("logistic n={n} d={d}"),
        parameters,
        (rows, labels),
        move |(rows, labels), parameters| {
            let (w, bias) = parameters.split_at(d);
            further::kernels::logistic(w, bias[0], rows, labels)
        },
        move |(rows, labels), parameters, gradient| {
            let (w, bias) = parameters.split_at(d);
            let (w_bar, bias_bar) = gradient.split_at_mut(d);
            further::by_hand::logistic(w, bias[0], rows, labels, w_bar, &mut bias_bar[0])
        },
        move |(rows, labels), parameters, gradient| {
            let (w, bias) = parameters.split_at(d);
            let (w_bar, bias_bar) = gradient.split_at_mut(d);
            further::kernels::logistic::grad_into(w, bias[0], rows, labels, w_bar, &mut bias_bar[0])
        },
    )
}

/// Particles near the points of a cubic lattice, about as far apart as they rest.
fn lennard_jones(side: usize) -> Kernel {
    let n = side * side * side;
    let mut source = Source::new(12);
    let position = |i: usize| [i % side, i / side % side, i / (side * side)];
    let positions: Vec<f64> =
        (0..n).flat_map(position).map(|k| 1.1 * k as f64 + source.uniform(-0.1, 0.1)).collect();
    Kernel::scalar(
        format!("lennard_jones n={n}"),
        positions,
        (),
        |(), x| further::kernels::lennard_jones(x.as_chunks().0),
        |(), x, gradient| further::by_hand::lennard_jones(x.as_chunks().0, gradient.as_chunks_mut().0),
        |(), x, gradient| {
            further::kernels::lennard_jones::grad_into(x.as_chunks().0, gradient.as_chunks_mut().0)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small: a difference takes four evaluations for each parameter.
    fn small() -> Vec<Kernel> {
        vec![
            gmm(3, 2, 5),
            camera(1),
            lstm(2, 3, 6),
            ode(5, 4),
            kmeans(20, 3, 2),
            det(4),
            least_squares(10, 4),
            log_sum_exp(7),
            network([5, 4, 3], 6),
            rosenbrock(200),
            logistic(11, 3),
            lennard_jones(2),
        ]
    }

    #[test]
    fn gradients_by_hand_generated_and_by_differences_agree() {
        for mut kernel in small() {
            kernel.check();
            kernel.check_differences();
        }
    }

    #[test]
    fn gradients_agree_where_they_are_measured() {
        all().iter_mut().for_each(Kernel::check);
    }

    /// Rotations by no angle have an arm of their own.
    #[test]
    fn the_camera_that_is_not_turned_agrees() {
        let mut kernel = camera(2);
        kernel.set_parameters(0..3, 0.0);
        kernel.check();
    }

    #[test]
    fn every_kernel_is_among_the_small_and_the_measured() {
        let name = |kernel: &Kernel| kernel.name.split(' ').next().map(str::to_owned);
        let mut measured: Vec<_> = all().iter().map(name).collect();
        measured.dedup();
        assert_eq!(measured, small().iter().map(name).collect::<Vec<_>>());
    }
}
