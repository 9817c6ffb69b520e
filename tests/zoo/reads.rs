//! What guards, conditions and messages read: a number of a tuple whose other parts are moved away, what a mutable
//! reference refers to.

use crate::support::{check, exactly};
use grad::grad;

// A tuple with a `Vec` in it and a constant number.

#[grad(second)]
fn guard_of_a_tuple(x: f64) -> f64 {
    let u = (vec![x, x * x], 0.5);
    match 3_usize {
        _ if u.1 != 0.25 => u.0[1] * u.1,
        _ => 1.0,
    }
}

#[grad(second)]
fn condition_of_a_tuple(x: f64) -> f64 {
    let u = (vec![x, x * x], 0.5);
    if u.1 > 0.25 { u.0[1] * u.1 } else { u.0[0] }
}

#[grad(second)]
fn message_of_a_tuple(x: f64) -> f64 {
    let u = (vec![x, x * x], 0.5);
    eprintln!("{}", u.1);
    u.0[1] * u.1
}

#[grad(second)]
fn length_in_a_tuple(x: f64) -> f64 {
    let u = (vec![x, x * x], (0.5, 3));
    eprintln!("{} {:?}", u.1.0, u.0);
    if u.0.len() < u.1.1 { u.0[1] * 0.5 } else { 0.5 }
}

#[grad(second)]
fn tuple_that_is_written(x: f64) -> f64 {
    let mut u = (vec![x, x], 0.5);
    u.0[1] = x * x;
    assert!(u.1 > 0.25);
    u.0[1] * u.1
}

#[grad(second)]
fn tuple_in_a_loop(x: f64) -> f64 {
    let mut u = (vec![x, x], 0.5, 1);
    let mut s = 0.0;
    for i in 0..3 {
        u.2 += 1;
        if u.2 > i && u.1 < 0.75 {
            u.0.push(x * x);
        }
        s += match i {
            k if k < u.2 => u.0[i] * u.1,
            _ => 0.0,
        };
    }
    let v = u.0;
    s * v[2]
}

#[test]
fn parts_of_tuples_are_read_by_themselves() {
    check!(guard_of_a_tuple(3.0) => [3.0]);
    check!(condition_of_a_tuple(3.0) => [3.0]);
    check!(message_of_a_tuple(3.0) => [3.0]);
    check!(length_in_a_tuple(3.0) => [3.0]);
    check!(tuple_that_is_written(3.0) => [3.0]);
    check!(tuple_in_a_loop(1.3));
}

// Mutable references.

#[grad(second)]
fn guard_through_a_reference(mut a: [f64; 3]) -> f64 {
    let r = &mut a[2];
    *r = match 1_usize {
        _ if r.total_cmp(&0.5).is_lt() => 0.5,
        _ => *r * *r,
    };
    a[2] * a[0]
}

#[grad(second)]
fn compared_with_itself(mut a: [f64; 3]) -> f64 {
    let r = &mut a[2];
    if r.total_cmp(r).is_eq() {
        *r *= 2.0;
    }
    a[2] * a[0]
}

#[grad(second)]
fn compared_with_a_reference_to_it(mut a: [f64; 3]) -> f64 {
    let r = &mut a[2];
    *r = match 1_usize {
        _ if r.total_cmp(&r).is_lt() => 0.5,
        _ => *r * *r,
    };
    a[2] * a[0]
}

#[grad(second)]
fn printed_twice(mut a: [f64; 3]) -> f64 {
    let r = &mut a[2];
    eprintln!("{} {r} {}", r, *r);
    *r *= *r;
    a[2] * a[0]
}

#[grad(second)]
fn guard_of_a_variable(a: [f64; 2]) -> f64 {
    let mut s = a[0] * a[1];
    let r = &mut s;
    *r = match 2_usize {
        i if i > 1 && a[0] <= *r && r.total_cmp(r).is_eq() => *r * a[0],
        _ => *r,
    };
    assert!(*r > 0.0 && r.is_finite(), "{r} {}", r);
    s * s
}

#[test]
fn what_a_mutable_reference_refers_to_is_read_more_than_once() {
    exactly!(guard_through_a_reference([2.0, 5.0, 3.0]) => [9.0, 0.0, 12.0]);
    exactly!(compared_with_itself([2.0, 5.0, 3.0]) => [6.0, 0.0, 4.0]);
    exactly!(compared_with_a_reference_to_it([2.0, 5.0, 3.0]) => [9.0, 0.0, 12.0]);
    check!(guard_of_a_variable([0.5, 1.5]));
    check!(guard_of_a_variable([1.5, 0.75]));
    exactly!(printed_twice([2.0, 5.0, 3.0]) => [9.0, 0.0, 12.0]);
}
