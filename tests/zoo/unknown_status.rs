//! Helpers whose result is no number, and which write numbers through `&mut`.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn solve(x: f64, out: &mut f64) -> bool {
    *out = x * x;
    x > 0.0
}

#[grad(second)]
fn count(x: &[f64], out: &mut [f64]) -> usize {
    let mut n = 0;
    for (o, x) in out.iter_mut().zip(x) {
        *o = x.sin();
        if *x > 1.0 {
            n += 1;
        }
    }
    n
}

#[grad(second)]
fn chosen(x: &[f64], out: &mut f64) -> Vec<usize> {
    let mut kept = Vec::new();
    for (i, x) in x.iter().enumerate() {
        if *x > 1.0 {
            kept.push(i);
            *out += x * x;
        }
    }
    kept
}

#[grad(second)]
fn both(x: f64, out: &mut f64) -> (bool, f64) {
    *out = x * x;
    (x > 0.0, x.sin())
}

#[grad(second)]
fn flags(x: f64, out: &mut f64) -> [bool; 2] {
    *out = x * x;
    [x > 0.0, x > 1.0]
}

#[grad(second)]
fn f(x: f64, y: f64) -> f64 {
    let mut root = 0.0;
    if !solve(x, &mut root) {
        return 0.0;
    }
    root * y
}

#[grad(second)]
fn named(x: f64, y: f64) -> f64 {
    let mut root = 0.0;
    let ok: bool = solve(x, &mut root);
    if ok { root * y } else { y }
}

#[grad(second)]
fn unannotated(x: f64, y: f64) -> f64 {
    let mut root = 0.0;
    let ok = solve(x, &mut root);
    if ok && y > 0.0 { root * y } else { y }
}

#[grad(second)]
fn dropped(x: f64, y: f64) -> f64 {
    let mut root = 0.0;
    solve(x, &mut root);
    let _ = solve(x * root, &mut root);
    let _unused = solve(x * root, &mut root);
    root * y
}

#[grad(second)]
fn counted(v: &[f64]) -> f64 {
    let mut out = [0.0; 2];
    let n = count(v, &mut out);
    let m: usize = count(&v[..1], &mut out);
    let mut s = 0.0;
    for _ in 0..n {
        s += out[0] * out[1];
    }
    s * out[m]
}

#[grad(second)]
fn as_index(v: &[f64]) -> f64 {
    let mut out = [0.0; 2];
    let n = count(v, &mut out);
    v[n - 1] * out[0]
}

#[grad(second)]
fn used_later(v: &[f64]) -> f64 {
    let mut total = 0.0;
    let kept = chosen(v, &mut total);
    total * kept.len() as f64
}

#[grad(second)]
fn used_as_indices(v: &[f64]) -> f64 {
    let mut total = 0.0;
    let kept: Vec<usize> = chosen(v, &mut total);
    let mut s = total;
    for k in kept {
        s *= v[k];
    }
    s
}

#[grad(second)]
fn taken_apart(x: f64) -> f64 {
    let mut root = 0.0;
    let (ok, sine) = both(x, &mut root);
    if ok { root * sine } else { sine }
}

#[grad(second)]
fn part_of(x: f64) -> f64 {
    let mut root = 0.0;
    let t = both(x, &mut root);
    if t.0 { root } else { 1.0 }
}

#[grad(second)]
fn elements(x: f64) -> f64 {
    let mut root = 0.0;
    let t = flags(x, &mut root);
    if t[0] && t[1] { root } else { x }
}

#[grad(second)]
fn in_while(x: f64) -> f64 {
    let mut root = x;
    let mut steps = 0;
    while solve(root * 0.9, &mut root) && steps < 3 {
        steps += 1;
    }
    root
}

#[grad(second)]
fn in_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        let mut root = 0.0;
        if !solve(*x, &mut root) {
            continue;
        }
        s += root * x;
    }
    s
}

#[grad(second)]
fn matched(x: f64) -> f64 {
    let mut root = 0.0;
    match solve(x, &mut root) {
        true => root * root,
        false => x,
    }
}

#[test]
fn a_status_beside_numbers_is_no_number() {
    let v = [2.0, 3.0];
    check!(f(2.0, 3.0) => [12.0, 4.0]);
    check!(f(-2.0, 3.0));
    check!(named(2.0, 3.0));
    check!(unannotated(2.0, 3.0));
    check!(dropped(0.8, 0.3));
    check!(counted(&v));
    check!(as_index(&v));
    check!(used_later(&v));
    check!(used_as_indices(&v));
    check!(taken_apart(1.2));
    check!(part_of(1.2));
    check!(elements(1.2));
    check!(in_while(1.1));
    check!(in_loop(&v));
    check!(in_loop(&[2.0, -3.0]));
    check!(matched(2.0));
    check!(matched(-2.0));
}

// A place in a slice, as the `Option` that it is.

#[grad]
fn first_large(x: f64, v: &[f64]) -> (f64, Option<usize>) {
    (x * v[0], v.iter().position(|y| *y > 1.0))
}

#[grad]
fn first_large_if_any(x: f64, v: &[f64]) -> (f64, (bool, Option<usize>)) {
    let at = v.iter().position(|y| *y > 1.0);
    if x > 50.0 {
        return (x, (true, at));
    }
    let same = at;
    (x * x, (false, same))
}

#[test]
fn options_are_returned() {
    assert_eq!(first_large::jvp(2.0, &[0.5, 3.0], 1.0, &[0.0, 0.0]), ((1.0, Some(1)), (0.5, ())));
    let (value, pullback) = first_large::vjp(2.0, &[0.5, 0.3]);
    assert_eq!((value, pullback((1.0, ()))), ((1.0, None), (0.5, vec![2.0, 0.0])));
    assert_eq!(first_large::value_and_jacobian(2.0, &[0.5, 3.0]).0, (1.0, Some(1)));
    assert_eq!(first_large_if_any::jvp(3.0, &[0.5, 3.0], 1.0, &[0.0, 0.0]).0, (9.0, (false, Some(1))));
    let (value, pullback) = first_large_if_any::vjp(60.0, &[0.5, 3.0]);
    assert_eq!((value, pullback((1.0, ((), ()))).0), ((60.0, (true, Some(1))), 1.0));
}

// A type of one's own that is filled by a function without a gradient.

struct Grid(Vec<f64>);

impl std::ops::Index<usize> for Grid {
    type Output = f64;

    fn index(&self, at: usize) -> &f64 {
        &self.0[at]
    }
}

impl std::ops::IndexMut<usize> for Grid {
    fn index_mut(&mut self, at: usize) -> &mut f64 {
        &mut self.0[at]
    }
}

fn grid() -> Grid {
    Grid(vec![1.0; 3])
}

fn fill(grid: &mut Grid) {
    grid[1] = 2.0;
}

#[grad(second)]
fn of_a_filled_grid(x: f64) -> f64 {
    let mut g = grid();
    fill(&mut g);
    g[0] = 3.0;
    g[0] * g[1] * x * x
}

#[test]
fn types_of_ones_own_are_filled() {
    check!(of_a_filled_grid(1.3) => [12.0 * 1.3]);
}
