//! The answers of all twelve evaluations against closed forms, gradients by hand, and differences of their own functions; more
//! closely than the suite does, which is content with 1e-4.

use std::ops::Range;

use grad_benches::given::by_hand;
use gradbench::by_hand as ours_by_hand;
use gradbench::parts::Threads;
use gradbench::protocol::Tool;
use gradbench::workloads;
use serde_json::{Value, json};

const TOLERANCE: f64 = 1e-8;

fn answer(eval: &str, function: &str, input: &Value, threads: Threads) -> Value {
    let message =
        json!({ "id": 1, "kind": "evaluate", "module": eval, "function": function, "input": input });
    let mut answer = Tool::new(threads).answer(message.to_string().as_bytes());
    assert_eq!(answer["success"], true, "{eval}: {answer}");
    answer["output"].take()
}

/// The answer, which is the same for any number of threads.
fn output(eval: &str, function: &str, input: &Value) -> Value {
    let one = answer(eval, function, input, Threads::One);
    assert_eq!(one, answer(eval, function, input, Threads::All), "{eval}: {function} on all threads");
    one
}

/// All numbers of a value, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-300, |largest: f64, x| largest.max(x.abs()));
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "{what}: entry {i} is {a:e}, and {b:e}");
    }
}

/// Where a number is in an input: names and indices.
type Path = Vec<Value>;

fn paths(input: &Value, path: &Path) -> Vec<Path> {
    match input {
        Value::Array(values) => {
            let element =
                |(i, value): (usize, &Value)| paths(value, &[path.clone(), vec![json!(i)]].concat());
            values.iter().enumerate().flat_map(element).collect()
        }
        _ => vec![path.clone()],
    }
}

fn at<'a>(input: &'a mut Value, path: &Path) -> &'a mut Value {
    path.iter().fold(input, |value, step| match step {
        Value::String(name) => &mut value[name.as_str()],
        index => &mut value[usize::try_from(index.as_u64().expect("an index")).expect("a small one")],
    })
}

/// The derivatives of a function's outputs by all numbers in the fields of its input: a column for each number. The error is of
/// fourth order.
fn differences(eval: &str, function: &str, input: &Value, fields: &[&str]) -> Vec<Vec<f64>> {
    let step = 1e-3;
    let all = fields.iter().flat_map(|field| paths(&input[field], &vec![json!(field)]));
    all.map(|path| {
        let [far_left, left, right, far_right] = [-2.0, -1.0, 1.0, 2.0].map(|steps| {
            let mut input = input.clone();
            let x = number(at(&mut input, &path));
            *at(&mut input, &path) = json!(x + steps * step);
            numbers(&answer(eval, function, &input, Threads::One))
        });
        let slope = |k: usize| (8.0 * (right[k] - left[k]) - (far_right[k] - far_left[k])) / (12.0 * step);
        (0..left.len()).map(slope).collect()
    })
    .collect()
}

/// The same of a function of one number.
fn gradient_by_differences(eval: &str, function: &str, input: &Value, fields: &[&str]) -> Vec<f64> {
    differences(eval, function, input, fields).concat()
}

#[test]
fn hello_doubles() {
    for x in [1.0, -2.5, 0.0, 1e100] {
        assert_eq!(number(&output("hello", "square", &json!(x))), x * x);
        assert_eq!(number(&output("hello", "double", &json!(x))), 2.0 * x);
    }
}

#[test]
fn least_squares_have_the_gradient_of_the_normal_equations() {
    for n in [2, 16, 33] {
        let input = workloads::llsq(n, 12);
        let x = numbers(&input["x"]);
        let (mut value, mut gradient) = (0.0, vec![0.0; x.len()]);
        for i in 0..n {
            let t = -1.0 + 2.0 * i as f64 / (n - 1) as f64;
            let sign = f64::from(t > 0.0) - f64::from(t < 0.0);
            let powers: Vec<f64> = (0..12).map(|j| t.powi(j)).collect();
            let error = sign - x.iter().zip(&powers).map(|(x, power)| x * power).sum::<f64>();
            value += 0.5 * error * error;
            gradient.iter_mut().zip(&powers).for_each(|(g, power)| *g -= error * power);
        }
        assert_close(&[number(&output("llsq", "primal", &input))], &[value], 1e-12, "llsq");
        assert_close(&numbers(&output("llsq", "gradient", &input)), &gradient, 1e-12, "llsq");
    }
}

#[test]
fn the_gradient_of_log_sum_exp_is_the_softmax() {
    let input = workloads::lse(1000);
    let x = numbers(&input["x"]);
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    let softmax: Vec<f64> = x.iter().map(|x| x.exp() / sum).collect();
    assert_close(&[number(&output("lse", "primal", &input))], &[sum.ln()], 1e-13, "lse");
    assert_close(&numbers(&output("lse", "gradient", &input)), &softmax, 1e-12, "lse");
}

/// The determinant of a matrix by rows, by Gaussian elimination with pivots.
fn determinant(mut rows: Vec<Vec<f64>>) -> f64 {
    let mut det = 1.0;
    for k in 0..rows.len() {
        let pivot =
            (k..rows.len()).max_by(|i, j| rows[*i][k].abs().total_cmp(&rows[*j][k].abs())).expect("a row");
        if pivot != k {
            rows.swap(pivot, k);
            det = -det;
        }
        det *= rows[k][k];
        let (above, below) = rows.split_at_mut(k + 1);
        for row in below {
            let factor = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).for_each(|(entry, pivot)| *entry -= factor * pivot);
        }
    }
    det
}

#[test]
fn the_gradient_of_a_determinant_is_its_cofactors() {
    for ell in 1..=7 {
        let input = workloads::det(ell);
        let rows: Vec<Vec<f64>> = numbers(&input["A"]).chunks(ell).map(<[f64]>::to_vec).collect();
        let cofactor = |entry: usize| {
            let (row, column) = (entry / ell, entry % ell);
            let mut rest = rows.clone();
            rest.remove(row);
            for row in &mut rest {
                row.remove(column);
            }
            if (row + column).is_multiple_of(2) { determinant(rest) } else { -determinant(rest) }
        };
        let cofactors: Vec<f64> = (0..ell * ell).map(cofactor).collect();
        assert_close(&[number(&output("det", "primal", &input))], &[determinant(rows.clone())], 1e-10, "det");
        assert_close(&numbers(&output("det", "gradient", &input)), &cofactors, 1e-10, "det");
    }
}

#[test]
fn the_ode_has_its_closed_form_and_differences() {
    // Up to four equations, a method of fourth order makes no error: y = x₀ … xᵣ tʳ⁺¹ / (r + 1)!.
    let input = workloads::ode(4, 3);
    let x = numbers(&input["x"]);
    let product: f64 = x.iter().product();
    let last = product * 2.0_f64.powi(4) / 24.0;
    let gradient: Vec<f64> = x.iter().map(|x| last / x).collect();
    assert_close(&numbers(&output("ode", "primal", &input))[3..], &[last], 1e-13, "ode");
    assert_close(&numbers(&output("ode", "gradient", &input)), &gradient, 1e-12, "ode");

    for (n, s) in [(1, 1), (9, 4), (30, 10)] {
        let input = workloads::ode(n, s);
        let last: Vec<f64> =
            differences("ode", "primal", &input, &["x"]).iter().map(|column| column[n - 1]).collect();
        assert_close(&numbers(&output("ode", "gradient", &input)), &last, TOLERANCE, "ode");
    }
}

#[test]
fn one_gaussian_has_its_density() {
    // Standard deviation exp(−q), and a Wishart prior of two degrees of freedom: exp(−½ exp(2q)) / 2.
    let input = json!({
        "d": 1, "k": 1, "n": 2, "gamma": 1.0, "m": 0,
        "alpha": [0.7], "mu": [[0.25]], "q": [[0.5]], "l": [[]], "x": [[1.0], [-0.5]],
    });
    let (mu, q): (f64, f64) = (0.25, 0.5);
    let log_density = |x: f64| q - 0.5 * (q.exp() * (x - mu)).powi(2) - 0.5 * std::f64::consts::TAU.ln();
    let prior = -0.5 * (2.0 * q).exp() - std::f64::consts::LN_2;
    let value = log_density(1.0) + log_density(-0.5) + prior;
    assert_close(&[number(&output("gmm", "objective", &input))], &[value], 1e-12, "gmm");
    let jacobian = output("gmm", "jacobian", &input);
    let by_mu = q.exp().powi(2) * (1.0 - mu + -0.5 - mu);
    let by_q = 2.0 - (q.exp() * (1.0 - mu)).powi(2) - (q.exp() * (-0.5 - mu)).powi(2) - (2.0 * q).exp();
    assert_eq!(jacobian["l"], json!([[]]));
    assert_close(&numbers(&jacobian["mu"]), &[by_mu], 1e-13, "mu");
    assert_close(&numbers(&jacobian["q"]), &[by_q], 1e-13, "q");
    assert!(number(&jacobian["alpha"][0]).abs() < 1e-14);
}

#[test]
fn mixtures_agree_with_differences_and_with_a_gradient_by_hand() {
    for (d, k, n, m) in [(1, 3, 5, 2), (2, 5, 200, 0), (4, 3, 70, 1)] {
        let mut input = workloads::gmm(d, k, n);
        input["m"] = json!(m);
        let jacobian = output("gmm", "jacobian", &input);
        output("gmm", "objective", &input);
        for field in ["alpha", "mu", "q", "l"] {
            let by_differences = gradient_by_differences("gmm", "objective", &input, &[field]);
            assert_close(&numbers(&jacobian[field]), &by_differences, TOLERANCE, field);
        }
        // The one by hand has the prior with the other sign; alpha and mu are not in it.
        let [alpha, mu, q, l, x] = ["alpha", "mu", "q", "l", "x"].map(|field| numbers(&input[field]));
        let [mut alpha_bar, mut mu_bar, mut q_bar, mut l_bar] =
            [&alpha, &mu, &q, &l].map(|of| vec![0.0; of.len()]);
        by_hand::gmm(&alpha, &mu, &q, &l, &x, d, 1.0, m, &mut alpha_bar, &mut mu_bar, &mut q_bar, &mut l_bar);
        assert_close(&numbers(&jacobian["alpha"]), &alpha_bar, 1e-11, "alpha");
        assert_close(&numbers(&jacobian["mu"]), &mu_bar, 1e-11, "mu");
    }
}

#[test]
fn long_short_term_memory_agrees_with_differences_and_with_a_gradient_by_hand() {
    for (l, c, b) in [(1, 2, 1), (2, 5, 3), (3, 12, 4)] {
        let input = workloads::lstm(l, c, b);
        let gradient = numbers(&output("lstm", "jacobian", &input));
        let by_differences =
            gradient_by_differences("lstm", "objective", &input, &["main_params", "extra_params"]);
        assert_close(&gradient, &by_differences, TOLERANCE, "lstm");
        let [main, extra, state, sequence] =
            ["main_params", "extra_params", "state", "sequence"].map(|field| numbers(&input[field]));
        let [mut main_bar, mut extra_bar] = [&main, &extra].map(|of| vec![0.0; of.len()]);
        let value = by_hand::lstm(&main, &extra, &state, &sequence, &mut main_bar, &mut extra_bar);
        assert_close(&[number(&output("lstm", "objective", &input))], &[value], 1e-13, "lstm");
        assert_close(&gradient, &[main_bar, extra_bar].concat(), 1e-12, "lstm");
    }
}

#[test]
fn bundle_adjustment_has_a_block_for_each_observation() {
    let input = workloads::ba(3, 5, 8);
    let [cam, x, feat] = ["cam", "x", "feat"].map(|field| numbers(&input[field]));
    let w = number(&input["w"]);
    let mut block = [[0.0; 15]; 2];
    let error = by_hand::ba(
        cam[..].try_into().expect("eleven numbers"),
        x[..].try_into().expect("three numbers"),
        w,
        feat[..].try_into().expect("two numbers"),
        &mut block,
    );
    let errors = output("ba", "objective", &input);
    assert_close(&numbers(&errors["reproj_error"]["elements"]), &error, 1e-12, "errors");
    assert_eq!(errors["reproj_error"]["repeated"], 8);
    assert_eq!(errors["w_err"], json!({ "element": 1.0 - w * w, "repeated": 8 }));

    let jacobian = output("ba", "jacobian", &input);
    let vals = numbers(&jacobian["vals"]);
    assert_close(&vals[..30], block.as_flattened(), 1e-12, "block");
    assert_eq!(vals[30..], [-2.0 * w]);
    // 25 rows begin; only those are there, and the last.
    let rows: Vec<usize> = (0..=16).map(|row| 15 * row).chain((1..=8).map(|row| 240 + row)).collect();
    assert_eq!(jacobian["rows"], json!([&rows[..], &[248]].concat()));
    let row = |point: Range<usize>, weight| (0..11).chain(point).chain([weight]).collect::<Vec<_>>();
    let two = [row(33..36, 48), row(33..36, 48), vec![55]].concat();
    assert_eq!(jacobian["cols"], json!(two));

    // Without a rotation there is another formula.
    let mut not_turned = input.clone();
    let mut cam: [f64; 11] = cam[..].try_into().expect("eleven numbers");
    for i in 0..3 {
        not_turned["cam"][i] = json!(0.0);
        cam[i] = 0.0;
    }
    let mut block = [[0.0; 15]; 2];
    by_hand::ba(
        &cam,
        x[..].try_into().expect("three numbers"),
        w,
        feat[..].try_into().expect("two numbers"),
        &mut block,
    );
    let vals = numbers(&output("ba", "jacobian", &not_turned)["vals"]);
    assert_close(&vals[..30], block.as_flattened(), 1e-12, "block without a rotation");
}

#[test]
fn the_hand_agrees_with_differences() {
    for (complicated, is_mirrored) in [(false, false), (false, true), (true, false)] {
        let mut input = workloads::ht(30, 7, complicated);
        input["data"]["model"]["is_mirrored"] = json!(is_mirrored);
        let rows = output("ht", "jacobian", &input);
        let by_pose = differences("ht", "objective", &input, &["theta"]);
        let first = if complicated { 2 } else { 0 };
        for (error, row) in rows.as_array().expect("rows").iter().enumerate() {
            let expected: Vec<f64> = by_pose.iter().map(|column| column[error]).collect();
            assert_close(&numbers(row)[first..], &expected, TOLERANCE, "pose");
        }
        if complicated {
            let by_us = differences("ht", "objective", &input, &["us"]);
            for (error, row) in rows.as_array().expect("rows").iter().enumerate() {
                let own = [by_us[2 * (error / 3)][error], by_us[2 * (error / 3) + 1][error]];
                assert_close(&numbers(row)[..2], &own, TOLERANCE, "coordinates in triangles");
            }
        }
        // A hand that is not turned has no derivative by its rotation: the suite's functions leave it out.
        for i in 0..3 {
            input["theta"][i] = json!(0.0);
        }
        let rows = numbers(&output("ht", "jacobian", &input)[0]);
        assert_eq!(rows[first..first + 3], [0.0; 3]);
    }
}

#[test]
fn a_step_of_newton_is_to_the_mean_of_the_points() {
    let input = workloads::kmeans(5, 300, 3);
    let rows = |field: &str| numbers(&input[field]).chunks(3).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let (points, centroids) = (rows("points"), rows("centroids"));
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let (mut sums, mut counts, mut cost) = (vec![vec![0.0; 3]; 5], [0.0; 5], 0.0);
    for point in &points {
        let to = |k: &usize| distance(point, &centroids[*k]);
        let nearest = (0..5).min_by(|a, b| to(a).total_cmp(&to(b))).expect("a centroid");
        cost += to(&nearest);
        counts[nearest] += 1.0;
        sums[nearest].iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
    }
    let steps: Vec<f64> = (0..5)
        .flat_map(|k| (0..3).map(move |i| (k, i)))
        .map(|(k, i)| centroids[k][i] - sums[k][i] / counts[k])
        .collect();
    assert_close(&[number(&output("kmeans", "cost", &input))], &[cost], 1e-12, "cost");
    assert_close(&numbers(&output("kmeans", "dir", &input)), &steps, 1e-12, "step");
}

#[test]
fn nested_derivatives_agree_in_all_combinations_of_modes() {
    for function in ["rr", "fr", "rf", "ff"] {
        // The suite's own constants.
        let w = number(&output("particle", function, &workloads::particle()));
        assert!((w - 0.207_191_874_6).abs() < TOLERANCE, "{function}: {w}");
        for x in numbers(&output("saddle", function, &workloads::saddle())) {
            assert!((x - 8.246_324_8e-6).abs() < 1e-11, "{function}: {x:e}");
        }
    }
}

/// What the bench compares with, too.
#[test]
fn derivatives_by_hand_agree() {
    for is_mirrored in [false, true] {
        let mut input = workloads::ht(40, 9, true);
        input["data"]["model"]["is_mirrored"] = json!(is_mirrored);
        let hand = ours_by_hand::HandByHand::read(&input).expect("a hand");
        let rows = ours_by_hand::jacobian_of_hand(&hand);
        assert_close(rows.as_flattened(), &numbers(&output("ht", "jacobian", &input)), 1e-12, "hand");
    }
    let w = ours_by_hand::particle(0.0);
    assert_close(&[w], &[number(&output("particle", "rr", &workloads::particle()))], 1e-9, "particle");
    let point = ours_by_hand::saddle([1.0, 1.0]);
    assert_close(&point, &numbers(&output("saddle", "rr", &workloads::saddle())), 1e-9, "saddle");
    let input = workloads::kmeans(4, 200, 3);
    let [points, centroids] = ["points", "centroids"].map(|field| numbers(&input[field]));
    let step = ours_by_hand::newton_step(&points, &centroids, 3);
    assert_close(&step, &numbers(&output("kmeans", "dir", &input)), 1e-12, "kmeans");
}
