//! GRAD0045: a type that only rustc knows, beside floats

use grad::grad;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fixed,
    Floating,
}

#[grad]
fn value(legs: &[(Kind, f64)], rate: f64) -> f64 {
    legs.iter().map(|(kind, amount)| if *kind == Kind::Fixed { *amount } else { amount * rate }).sum()
}

#[grad]
fn norm(legs: &[(Kind, f64)]) -> f64 {
    legs.iter().map(|(_, amount)| amount * amount).sum()
}

#[grad]
fn rescale(legs: &mut [(Kind, f64)], by: f64) {
    for leg in legs {
        leg.1 *= by;
    }
}

fn main() {
    // What uses them is not to blame.
    let legs = [(Kind::Fixed, 1.0), (Kind::Floating, 2.0)];
    println!("{}", value::grad(&legs, 0.5));
    let gradient = norm::grad(&legs);
    println!("{}", gradient[0].1);
    let _ = rescale::jvp;
}
