//! Arrays and `Vec`s of constants that only rustc knows: rustc has them, and nothing in them is followed.

use crate::support::check;
use grad::grad;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Line,
    Square(f64),
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    k: f64,
    kind: Kind,
}

pub struct Table {
    k: f64,
    w: Vec<f64>,
}

const STEP: Step = Step { k: 0.7, kind: Kind::Square(0.4) };

#[grad(second, wrt(x))]
fn of_kind(kind: Kind, x: f64) -> f64 {
    match kind {
        Kind::Line => x.sin(),
        Kind::Square(a) => a * x * x,
    }
}

#[grad(second, wrt(x))]
fn by_kind(kind: &Kind, x: f64) -> f64 {
    of_kind(*kind, x)
}

#[grad(second, wrt(x))]
fn of_table(table: &Table, x: f64) -> f64 {
    table.k * x * x + table.w.iter().map(|w| (w * x).sin()).sum::<f64>()
}

#[grad(second, wrt(x))]
fn written(x: f64, kind: Kind) -> f64 {
    let kinds = [kind, Kind::Line];
    let mut s = x;
    for kind in &kinds {
        s += of_kind(*kind, s) * 0.3;
    }
    for i in 0..2 {
        s += of_kind(kinds[1 - i], x);
    }
    let lent = [&kinds[0], &kind];
    s * lent.iter().map(|kind| by_kind(kind, x)).sum::<f64>()
}

#[grad(second, wrt(x))]
fn changed(x: f64) -> f64 {
    let mut kinds = [Kind::Line, Kind::Square(0.3), Kind::Line];
    let mut s = x;
    for i in 0..4 {
        s = of_kind(kinds[i % 3], s) * 0.4 + x;
        kinds.swap(i % 3, (i + 1) % 3);
        if i == 2 {
            kinds[0] = Kind::Square(1.1);
        }
    }
    let mut stack = vec![Kind::Square(0.9), kinds[0]];
    stack.push(kinds[1]);
    stack[0] = stack[1];
    while let Some(kind) = stack.pop() {
        s = of_kind(kind, s) * 0.5 + stack.len() as f64 * x;
    }
    s
}

#[grad(second, wrt(x))]
fn repeated(x: f64, n: usize) -> f64 {
    let mut kinds = [Kind::Square(0.3); 3];
    kinds[1] = Kind::Line;
    let others = vec![Kind::Square(0.2); n];
    let mut s = x;
    for (kind, other) in kinds.iter().zip(&others) {
        s = of_kind(*kind, s) * 0.2 + by_kind(other, x);
    }
    let mut rows = vec![vec![Kind::Line; 2]; 2];
    rows[1][0] = Kind::Square(0.7);
    for row in &rows {
        for kind in row {
            s += of_kind(*kind, s) * 0.1;
        }
    }
    s
}

#[grad(second, wrt(x))]
fn pushed(x: f64, given: &[Kind]) -> f64 {
    let mut kinds = Vec::new();
    for i in 0..3 {
        kinds.push(if i % 2 == 0 { Kind::Line } else { Kind::Square(0.1 * i as f64) });
    }
    kinds.extend_from_slice(given);
    let mut seen: Vec<Kind> = vec![];
    let mut s = x;
    for i in 0..kinds.len() {
        if seen.contains(&kinds[i]) {
            s += x;
            continue;
        }
        seen.push(kinds[i]);
        s = of_kind(kinds[i], s) * 0.5 + of_kind(seen[0], x);
    }
    let last = kinds.pop().unwrap();
    s + of_kind(last, x)
}

/// Fields are read of elements, which then are known to have some.
#[grad(second, wrt(x))]
fn fields(x: f64, steps: [Step; 2]) -> f64 {
    let turned = [steps[1], steps[0], STEP];
    let mut s = x;
    for i in 0..2 {
        s = s * turned[1 - i].k + of_kind(turned[i].kind, x);
    }
    s
}

#[grad(second, wrt(x))]
fn collected(x: f64, tables: &[Table]) -> f64 {
    let chosen = tables.iter().filter(|table| table.k > 0.2).collect::<Vec<&Table>>();
    let all: Vec<_> = tables.iter().collect();
    let (large, small): (Vec<&Table>, Vec<&Table>) = tables.iter().partition(|table| table.k > 0.5);
    let mut s = 0.0;
    for table in &chosen {
        s += table.k * of_table(table, x);
    }
    for table in small {
        s += of_table(table, s) * 0.1;
    }
    s + chosen[0].k * x + all[1].w[0] * x * x + of_table(all[0], x) * large.len() as f64
}

/// Numbers among constants are followed, where something that is followed comes to them.
#[grad(second, wrt(x))]
fn numbers(x: f64) -> f64 {
    let mut array = [STEP.k; 3];
    array[1] = x;
    let mut vec = vec![STEP.k, 0.3];
    vec.push(x * x);
    let mut filled = Vec::new();
    filled.push(STEP.k);
    filled.push(x);
    array[0] * array[1] + vec[0] * vec[2] + filled[0] * filled[1]
}

#[test]
fn lists_of_constants_are_constants() {
    let tables =
        &[Table { k: 0.3, w: vec![1.0] }, Table { k: 1.3, w: vec![0.2, 0.4] }, Table { k: 0.1, w: vec![] }];
    check!(written(0.7, =Kind::Square(0.4)));
    check!(changed(0.7));
    check!(repeated(0.7, =3));
    check!(pushed(0.7, =&[Kind::Line, Kind::Square(0.8)]));
    check!(fields(0.7, =[STEP, Step { k: 0.2, ..STEP }]));
    check!(collected(0.7, =tables));
    check!(numbers(0.7));
}

#[grad(second)]
fn squares(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x * x).collect()
}

#[grad(second)]
fn first_of_each(rows: &[Vec<f64>]) -> f64 {
    rows.iter().map(|row| row[0].sin()).product::<f64>() * rows[0][1]
}

fn row(n: usize) -> Vec<f64> {
    vec![0.7; n]
}

/// One list is a function's of the values, the other one comes from somewhere else.
#[grad(second)]
fn beside_a_list_of_constants(x: f64) -> f64 {
    let other = row(2);
    let rows = vec![other, squares(&[x.cos(), x])];
    first_of_each(&[squares(&[x, x * x]), row(1)])
        + first_of_each(&vec![squares(&[x, 0.3]), row(2)]) * rows[1][0]
        + first_of_each(&rows)
}

#[test]
fn lists_of_lists_some_of_them_constant() {
    check!(beside_a_list_of_constants(0.7));
}
