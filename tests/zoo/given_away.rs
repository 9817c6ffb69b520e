//! Constants by value as arguments: a `Vec` that a call has made, a type of one's own, a number. The derivative of the
//! callee takes them again, or not.

use crate::support::{check, check_vjp};
use grad::grad;

fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

#[derive(Clone)]
struct Grid(Vec<f64>);

impl Grid {
    fn new() -> Grid {
        Grid(vec![1.5; 3])
    }
}

fn grid() -> Grid {
    Grid::new()
}

fn count() -> usize {
    2
}

fn rows() -> &'static Vec<f64> {
    static ROWS: std::sync::OnceLock<Vec<f64>> = std::sync::OnceLock::new();
    ROWS.get_or_init(|| vec![2.0, 3.0])
}

const WEIGHTS: [f64; 2] = [0.5, 3.0];

#[grad(second)]
fn scaled(a: [f64; 2], b: &[[f64; 2]], v: Vec<f64>) -> [f64; 2] {
    [a[0] * v[0] * b[0][0], a[1] * v[1]]
}

#[grad(wrt(x), second)]
fn on_a_grid(g: Grid, x: f64) -> f64 {
    x * x * g.0[0]
}

#[grad(second)]
fn on_rows(rows: &[f64], n: usize, x: f64) -> f64 {
    x * x * rows[n - 1]
}

#[grad(second)]
fn in_an_argument(x: f64) -> f64 {
    let y = scaled([0.5, 0.5], &[scaled([0.5, 0.5], &[[1.25, x]], ones(4))], vec![x; 3]);
    y[0] + y[1]
}

#[grad(second)]
fn by_value_in_an_argument(x: f64) -> f64 {
    let y = scaled(scaled([x, 0.5], &[[2.0, x]], ones(4)), &[[1.0, x]], vec![x; 3]);
    y[0] + y[1]
}

#[grad(second)]
fn bound_before(x: f64) -> f64 {
    let v = ones(2);
    let w = if x > 0.0 { ones(3) } else { ones(4) };
    let y = scaled([x, 0.5], &[[2.0, x]], v);
    let z = scaled(WEIGHTS, &[y], w);
    z[0] * z[1] * y[0]
}

#[grad(second)]
fn in_a_loop(x: f64) -> f64 {
    let mut y = [x, 1.0];
    for i in 0..3 {
        if i != 1 {
            y = scaled(y, &[[x, 2.0]], ones(i + 2));
        }
    }
    y[0] * y[1]
}

#[grad(second)]
fn of_a_type_of_ones_own(x: f64) -> f64 {
    let g = grid();
    let mut s = on_a_grid(g, x) + on_a_grid(Grid::new(), x * x);
    for _ in 0..2 {
        s *= on_a_grid(grid(), x);
    }
    s
}

#[grad(second)]
fn passed_on(g: Grid, x: f64) -> f64 {
    on_a_grid(g, x) * x
}

#[grad(second)]
fn passed_on_by_a_caller(x: f64) -> f64 {
    passed_on(grid(), x) + 1.0
}

#[grad(second)]
fn references_and_numbers(x: f64) -> f64 {
    let r = rows();
    let n = count();
    on_rows(r, n, x) * on_rows(rows(), count(), x)
}

#[grad]
fn returned(x: f64) -> Vec<f64> {
    if x < 0.0 {
        return vec![x, x * x];
    }
    ones(2)
}

#[grad]
fn returned_in_a_tuple(x: f64) -> (f64, Vec<f64>) {
    (x * x, ones(2))
}

#[grad(second)]
fn rows_that_are_written(x: f64) -> f64 {
    let mut r = [ones(2), ones(2)];
    r[1][0] = x * x;
    let mut v = vec![ones(2)];
    v[0][0] = x * x;
    v.push(ones(1));
    r[1][0] * r[0][1] + v[0][0] * v[0][1] * v[1][0]
}

/// Looked up, and not `Clone`.
fn looked_up(at: usize) -> Option<Once> {
    (at % 2 == 0).then_some(Once(0.5 + at as f64))
}

fn found(at: usize) -> Result<Once, String> {
    looked_up(at).ok_or_else(|| "odd".to_owned())
}

#[grad(second)]
fn what_may_have_failed_is_taken_apart(x: f64) -> f64 {
    let mut s = x;
    for at in 0..4 {
        s *= looked_up(at).map_or(1.5, |once| once.0 * x);
        s += looked_up(at + 1).map(|Once(by)| by * s).map(|y| y * x).unwrap_or(x * x);
        s += found(at).map(|once| once.0 * x).unwrap_or_else(|error| error.len() as f64 * x);
        s += found(at).ok().map_or_else(|| x.sin(), |once| once.0 * x);
        s += "0.5".parse::<f64>().map_or(x, |k| k * x);
    }
    s
}

#[grad(second)]
fn parts_have_the_types_that_are_written(x: f64) -> f64 {
    let names: Vec<String> = vec!["a".into(), "bb".into()];
    let groups: Vec<Vec<String>> = vec![vec!["ccc".into()], vec![]];
    let pair: (String, u8) = ("x".into(), 3.into());
    let words: [Box<str>; 2] = ["d".into(), "ee".into()];
    let mut s = x * pair.0.len() as f64 + f64::from(pair.1);
    for name in names {
        s *= name.len() as f64 * x;
    }
    for name in groups.iter().flatten() {
        s += name.len() as f64 * s * x;
    }
    s * words[1].len() as f64
}

/// Neither `Copy` nor a type of tangents.
#[derive(Clone, PartialEq)]
enum Part {
    Named(String),
    Weighted { by: Vec<f64> },
    Plain,
}

/// Not even `Clone`.
struct Once(f64);

fn parts() -> Vec<Part> {
    vec![Part::Plain, Part::Named("ab".to_owned()), Part::Weighted { by: vec![0.5, 1.5] }, Part::Plain]
}

fn weight(part: Part) -> f64 {
    match part {
        Part::Named(name) => name.len() as f64,
        Part::Weighted { by } => by.iter().sum(),
        Part::Plain => 0.25,
    }
}

#[grad(wrt(x), second)]
fn items_are_taken(parts: Vec<Part>, x: f64) -> f64 {
    let mut s = x;
    for part in parts {
        if part == Part::Plain {
            s *= x;
            continue;
        }
        s = match part {
            Part::Named(name) => s * name.len() as f64,
            Part::Weighted { by } => s * s + by.iter().sum::<f64>() * x,
            Part::Plain => s,
        };
    }
    s
}

#[grad(wrt(x), second)]
fn items_in_a_chain(parts: Vec<Part>, names: [String; 2], x: f64) -> f64 {
    let powers = parts.into_iter().rev().zip([x, x * x, x.sin()]).map(|(part, y)| weight(part) * y);
    let mut s = powers.sum::<f64>();
    for (i, mut name) in names.into_iter().enumerate() {
        name.push('!');
        s *= name.len() as f64 + x * i as f64;
    }
    s
}

#[grad(wrt(x), second)]
fn items_of_items(rows: Vec<Vec<Part>>, others: Vec<(Option<Part>, f64)>, x: f64) -> f64 {
    let mut s = x;
    for row in rows {
        for part in row {
            s += weight(part) * s * x;
        }
    }
    for (part, by) in others {
        s += part.map_or(by, weight) * s * x;
    }
    s
}

#[grad(wrt(x), second)]
fn items_that_cannot_be_cloned(items: Vec<Once>, functions: Vec<Box<dyn Fn(usize) -> f64>>, x: f64) -> f64 {
    let mut s = x;
    for item in items {
        s += item.0 * s * x;
    }
    for function in functions {
        s *= function(2) * x;
    }
    s
}

#[grad(second)]
fn of_lists_given_away(x: f64) -> f64 {
    items_are_taken(parts(), x)
        * items_in_a_chain(parts(), ["a".to_owned(), String::new()], x)
        * items_of_items(vec![parts(), Vec::new(), parts()], vec![(None, 0.5), (Some(Part::Plain), 1.0)], x)
}

#[test]
fn items_of_constants_by_value() {
    check!(of_lists_given_away(1.3));
    check!(what_may_have_failed_is_taken_apart(1.3));
    check!(parts_have_the_types_that_are_written(1.3));
    let x = 0.7;
    let call = |x| items_that_cannot_be_cloned(vec![Once(0.5), Once(2.0)], vec![Box::new(|n| n as f64)], x);
    let (value, gradient) = items_that_cannot_be_cloned::value_and_grad(
        vec![Once(0.5), Once(2.0)],
        vec![Box::new(|n| n as f64)],
        x,
    );
    let (again, slope) =
        items_that_cannot_be_cloned::jvp(vec![Once(0.5), Once(2.0)], vec![Box::new(|n| n as f64)], x, 1.0);
    let difference = (call(x + 1e-6) - call(x - 1e-6)) / 2e-6;
    assert_eq!((value, again), (call(x), call(x)));
    assert!((gradient - difference).abs() < 1e-7 && (slope - difference).abs() < 1e-7);
}

#[test]
fn constants_by_value() {
    check!(in_an_argument(2.0) => [0.8125]);
    check!(by_value_in_an_argument(2.0) => [8.5]);
    check!(bound_before(1.3));
    check!(in_a_loop(1.3));
    check!(of_a_type_of_ones_own(1.3));
    check!(passed_on_by_a_caller(1.3));
    check!(references_and_numbers(1.3));
    check_vjp!(returned(1.3));
    check_vjp!(returned(-1.3));
    check_vjp!(returned_in_a_tuple(1.3));
    check!(rows_that_are_written(1.3));
}
