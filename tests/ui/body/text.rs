//! GRAD0025: a differentiated value goes into a text, and a number is read out of it

use grad::grad;
use std::fmt::Write as _;

#[grad]
fn unwrapped(x: f64) -> f64 {
    let mut text = String::new();
    write!(text, "{x}").unwrap();
    text.parse::<f64>().unwrap() * 2.0
}

#[grad]
fn left_alone(x: f64) -> f64 {
    let mut text = String::new();
    let _ = writeln!(text, "{}", x * x);
    text.trim().parse::<f64>().unwrap() + x
}

#[grad]
fn through_a_reference(x: f64) -> f64 {
    let mut text = String::new();
    let into = &mut text;
    write!(into, "{x}").expect("there is room");
    text.parse::<f64>().unwrap()
}

#[grad]
fn in_a_vec(x: f64) -> f64 {
    let mut lines = vec![String::new()];
    write!(lines[0], "{x}").ok();
    lines[0].parse::<f64>().unwrap()
}

/// What is only shown is kept.
#[grad]
fn shown(x: f64) -> f64 {
    let (mut text, mut y) = (String::new(), x);
    for step in 0..3 {
        y *= x;
        write!(text, "{step}: {y}, ").unwrap();
    }
    println!("{text}");
    y
}

fn main() {}
