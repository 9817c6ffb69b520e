//! GRAD0025: literals of types without the derive, and a constant into which a helper writes
use grad::grad;

struct State {
    k: f64,
    n: usize,
}

struct Pair(f64, f64);

struct Generic<T> {
    w: T,
}

fn make(n: usize) -> State {
    State { k: 1.0, n }
}

#[grad]
fn bump(x: &mut f64, by: f64) {
    *x += by;
}

#[grad]
fn literal(x: f64) -> f64 {
    let s = State { k: x, n: 2 };
    s.k * s.n as f64
}

#[grad]
fn tuple(x: f64) -> f64 {
    let s = Pair(x, 1.0);
    s.0 * s.1
}

#[grad]
fn generic(x: f64) -> f64 {
    let s = Generic { w: x };
    s.w * x
}

#[grad]
fn written(x: f64, n: usize) -> f64 {
    let mut s = make(n + 1);
    bump(&mut s.k, x);
    s.k * x
}

// The type of the result says it already.
#[grad]
fn given(x: f64) -> State {
    State { k: x, n: 0 }
}

fn main() {}
