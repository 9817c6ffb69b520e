//! GRAD0025: a callee may write a differentiated value into a part of a constant

use grad::grad;

struct Spring {
    k: f64,
    rows: Vec<f64>,
}

impl Spring {
    fn new() -> Spring {
        Spring { k: 1.0, rows: vec![1.0; 2] }
    }

    fn stiffen(&mut self, by: f64) -> usize {
        self.k += by;
        1
    }
}

#[grad]
fn bump(x: &mut f64, by: f64) {
    *x = *x * by + by * by;
}

#[grad]
fn add(out: &mut [f64], by: f64) {
    out[0] += by;
}

#[grad]
fn field(x: f64) -> f64 {
    let mut spring = Spring::new();
    bump(&mut spring.k, x);
    spring.k * spring.k
}

#[grad]
fn element_of_a_field(x: f64) -> f64 {
    let mut spring = Spring::new();
    let rest = &mut spring.rows[1..];
    add(rest, x);
    spring.rows[1]
}

#[grad]
fn method(x: f64) -> f64 {
    let mut spring = Spring::new();
    let n: usize = spring.stiffen(x);
    spring.k * n as f64
}

fn main() {}
