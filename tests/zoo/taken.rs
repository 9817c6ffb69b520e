//! What is taken by value and overwritten before it is used: an iteration over an array has a copy of its own, as an operand
//! has that stands in front of one which writes.

#![allow(unused_assignments)]

use crate::support::{check, check_outputs, check_outputs_and_result, check_vjp};
use grad::grad;

// Loops and chains over arrays.

#[grad(second)]
fn numbers(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut s = 1.0;
    for z in a {
        a[1] = 2.0 * x;
        s *= z;
    }
    s
}

#[grad(second)]
fn numbers_kept(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut s = 1.0;
    for z in a {
        a[1] = 2.0 * x;
        s *= z;
    }
    s + a[1]
}

#[grad(second)]
fn tuples(x: f64) -> f64 {
    let mut a = [(x, x * x), (x, x)];
    for p in a {
        a = [p, (p.0, 1.5)];
    }
    a[0].0 * a[0].1
}

#[grad(second)]
fn tuples_in_parts(x: f64) -> f64 {
    let mut a = [(x, x * x), (x, x.sin())];
    let mut s = 0.0;
    for (p, q) in a {
        a[1] = (q, p);
        a[0].1 = 2.0;
        s += p * q * a[1].0;
    }
    s
}

#[grad(second)]
fn each(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut s = 1.0;
    a.into_iter().for_each(|z| {
        a[1] = 2.0 * x;
        s *= z;
    });
    s
}

#[grad(second)]
fn each_of_a_chain(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let mut s = 1.0;
    a.into_iter().rev().map(|z| z * z).for_each(|z| {
        a[0] = 2.0 * s;
        s *= z;
    });
    s * a[0]
}

#[grad(second)]
fn numbered(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let mut s = 1.0;
    for (i, z) in a.into_iter().enumerate() {
        a[(i + 1) % 3] = s;
        s *= z;
    }
    s * a[0] * a[2]
}

#[grad(second)]
fn zipped(x: f64, y: f64) -> f64 {
    let mut a = [x, x * y, x.sin()];
    let mut b = [y, x, y.cos()];
    let mut s = 1.0;
    for (p, q) in a.into_iter().zip(b) {
        a[2] = s;
        b[1] = p * s;
        s *= p * q;
    }
    s * a[2] * b[1]
}

#[grad(second)]
fn chained(x: f64, y: f64) -> f64 {
    let mut a = [x, x * y];
    let mut s = 1.0;
    for p in a.into_iter().chain(a) {
        a[1] = s;
        a[0] += p;
        s *= p;
    }
    s * a[0]
}

#[grad(second)]
fn nested(x: f64, y: f64) -> f64 {
    let mut a = [x, x * y];
    let mut s = 0.0;
    for p in a {
        for q in a {
            a[1] = s + p;
            s += p * q;
        }
    }
    s * a[1]
}

#[grad(second)]
fn rows(x: f64, y: f64) -> f64 {
    let mut a = [[x, x * y], [y, y * y]];
    let mut s = 0.0;
    for row in a {
        a[1][0] = s + x;
        for q in row {
            a[1][1] = q * s;
            s += row[0] * q;
        }
    }
    s * a[1][1]
}

#[grad(second)]
fn a_row(x: f64, y: f64) -> f64 {
    let mut a = [[x, x * y], [y, y * y]];
    let mut s = 1.0;
    for z in a[1] {
        a[1][1] = s;
        s *= z;
    }
    s * a[1][1]
}

#[grad(second)]
fn parameter(mut a: [f64; 3]) -> f64 {
    let mut s = 1.0;
    for z in a {
        a[1] *= s;
        s += z * a[1];
    }
    s * a[1]
}

#[grad]
fn behind_a_reference(a: &mut [f64; 3]) -> f64 {
    let mut s = 1.0;
    for z in *a {
        a[1] *= s;
        s += z * a[1];
    }
    s * a[1]
}

#[grad(second)]
fn left_early(mut a: [f64; 3], limit: f64) -> f64 {
    let mut s = 1.0;
    for (i, z) in a.into_iter().enumerate() {
        if i == 1 && z < 0.0 {
            continue;
        }
        a[2] = s * z;
        if s > limit {
            break;
        }
        s += z * a[1];
        a[1] = 2.0;
    }
    s * a[1] * a[2]
}

#[grad(second)]
fn kept_for_later(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let items = a.into_iter();
    a[1] = 3.0 * x;
    let mut s = a[1];
    for z in items {
        s *= z;
    }
    s
}

#[grad(second)]
fn mapped(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let b: [f64; 3] = a.map(|z| {
        a[2] = 2.0 * z;
        z * z
    });
    a[2] * (b[0] + b[1] * b[2])
}

#[grad(second)]
fn summed(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let s: f64 = a
        .into_iter()
        .map(|z| {
            a[2] = 2.0 * z;
            z * z
        })
        .sum();
    a[2] * s
}

#[grad(second)]
fn vec_in_its_place(x: f64) -> f64 {
    let mut v = vec![x, x * x];
    let mut s = 1.0;
    for z in v {
        v = vec![s, z, z];
        s += z * v[2];
    }
    v = vec![s];
    v[0]
}

#[grad(second)]
fn flat(x: f64) -> f64 {
    let mut a = [[x, x * x], [x.sin(), x]];
    let mut s = 1.0;
    for z in a.into_iter().flatten() {
        a[1] = [s, 2.0];
        s *= z;
    }
    s * a[1][0]
}

#[grad(second)]
fn flat_moved(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut s = 1.0;
    for z in (0..2).flat_map(move |_| a) {
        a[1] = s;
        s *= z;
    }
    s * a[1]
}

#[grad(second)]
fn extended(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut v = vec![x];
    v.extend(a.into_iter().map(|z| {
        a[1] = z;
        z * 2.0
    }));
    v[0] * v[1] + v[2] * a[1]
}

#[grad(second)]
fn swapped(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let mut s = 1.0;
    for z in a {
        a.swap(0, 2);
        s = s * z + a[0];
    }
    s
}

#[grad(second)]
fn scale_and_add(a: &mut [f64; 3], s: f64) {
    a[1] *= s;
    a[2] += s;
}

#[grad(second)]
fn by_callee(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let mut s = 1.0;
    for z in a {
        scale_and_add(&mut a, s);
        s = s * z + a[1];
    }
    s
}

#[grad(second)]
fn by_closure(x: f64) -> f64 {
    let mut a = [x, x * x, x.sin()];
    let mut s = 1.0;
    for z in a {
        let mut set = |i: usize, v: f64| a[i] = v;
        set(1, s);
        set(2, z);
        s = s * z + a[1];
    }
    s
}

#[test]
fn iterations_have_their_own_copy() {
    check!(numbers(1.3));
    check!(numbers_kept(1.3));
    check!(tuples(1.3));
    check!(tuples_in_parts(1.3));
    check!(each(1.3));
    check!(each_of_a_chain(1.3));
    check!(numbered(1.3));
    check!(zipped(1.3, 0.7));
    check!(chained(1.3, 0.7));
    check!(nested(1.3, 0.7));
    check!(rows(1.3, 0.7));
    check!(a_row(1.3, 0.7));
    check!(parameter([1.3, 0.7, 0.4]));
    check_outputs_and_result!(behind_a_reference(mut [1.3, 0.7, 0.4]));
    check!(left_early([1.3, 0.7, 0.4], 9.0));
    check!(left_early([1.3, -0.7, 0.4], 9.0));
    check!(left_early([1.3, 0.7, 0.4], 1.5));
    check!(kept_for_later(1.3));
    check!(mapped(1.3));
    check!(summed(1.3));
    check!(vec_in_its_place(1.3));
    check!(flat(1.3));
    check!(flat_moved(1.3));
    check!(extended(1.3));
    check!(swapped(1.3));
    check_outputs!(scale_and_add(mut [1.3, 0.7, 0.4], 0.6));
    check!(by_callee(1.3));
    check!(by_closure(1.3));
}

// Operands.

#[grad(second)]
fn helper(a: [f64; 2], y: f64) -> f64 {
    a[0] * a[1] * y
}

#[grad(second)]
fn argument(x: f64) -> f64 {
    let mut a = [x, x * x];
    let h = helper(a, {
        a[0] = 2.0;
        x
    });
    h * a[0] + a[1]
}

#[grad(second)]
fn in_a_tuple(x: f64) -> f64 {
    let mut a = [x, x * x];
    let t = (a, {
        a[0] = 2.0;
        x
    });
    t.0[0] * t.0[1] * t.1 + a[0]
}

#[grad(second)]
fn in_an_array(x: f64) -> f64 {
    let mut a = [x, x * x];
    let t = [a, {
        a[0] = 2.0;
        a
    }];
    t[0][0] * t[0][1] * t[1][0] + a[0]
}

#[grad(second)]
fn closure_parameter(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut f = |b: [f64; 2]| {
        a[0] = 2.0 * x;
        b[0] * b[1]
    };
    let c = [x, 3.0];
    let d = f(c);
    d * a[0]
}

#[grad(second)]
fn scrutinee(x: f64) -> f64 {
    let mut a = [x, x * x];
    match a {
        [p, q] => {
            a[0] = 2.0;
            p * q * a[0] * a[1]
        }
    }
}

#[grad(second)]
fn scrutinee_bound(x: f64) -> f64 {
    let mut a = [x, x * x];
    match a {
        b => {
            a[0] = 2.0;
            b[0] * b[1] * a[0] * a[1]
        }
    }
}

#[grad(second)]
fn captured(x: f64) -> f64 {
    let mut a = [x, x * x];
    let f = move |i: usize| a[i] * x;
    a[0] = 5.0 * x;
    f(0) + f(1) * a[0]
}

#[grad(second)]
fn captured_number(x: f64) -> f64 {
    let mut a = x * x;
    let f = move |y: f64| a * y;
    a *= 5.0;
    f(x) * a
}

#[grad(second)]
fn returned_part(x: f64) -> f64 {
    let mut a = [[x, x * x], [x, 2.0]];
    let b = if x > 0.0 { a[0] } else { a[1] };
    a[0][0] = 1.0;
    a[1][0] = 1.0;
    b[0] * b[1] * a[0][1]
}

#[grad(second)]
fn block_value(x: f64) -> f64 {
    let mut a = [x, x * x];
    let b = {
        let c = a;
        a[0] = 3.0;
        c
    };
    b[0] * b[1] * a[0]
}

#[grad(second)]
fn takes_both(mut a: [f64; 2], b: &mut [f64; 2]) -> f64 {
    b[0] = a[1] * b[1];
    a[0] = 3.0;
    a[0] * b[1]
}

#[grad(second)]
fn given_and_lent(x: f64) -> f64 {
    let mut a = [x, x * x];
    let y = takes_both(a, &mut a);
    y * a[0]
}

#[grad(second)]
fn in_a_macro(x: f64) -> f64 {
    let mut a = [x, x * x];
    let v = vec![
        a,
        {
            a[1] = 3.0 * x;
            a
        },
        a,
    ];
    v[0][1] * v[1][1] * v[2][0]
}

#[grad(second)]
fn pushed(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut v = vec![a];
    v.push(a);
    a[1] = 2.0;
    v.push(a);
    v[0][1] * v[1][1] * v[2][1]
}

#[grad(second)]
fn receivers(x: f64) -> f64 {
    let mut y = x * x;
    let z = y.max({
        y = 0.25 * x;
        y
    });
    let mut a = [x, y];
    let w = a[0].mul_add(
        {
            a[0] = 3.0;
            x
        },
        a[0],
    );
    let s = y + {
        y = x.sin();
        y
    } * y;
    z * w + s * a[0]
}

#[grad(second)]
fn two_levels(x: f64) -> f64 {
    let mut a = [x, x * x];
    let t = ((a, x), {
        a[0] = 2.0;
        [a, [x, x]]
    });
    t.0.0[0] * t.1[0][0] * t.0.1 + t.1[1][0]
}

#[grad(second)]
fn closure_arguments(x: f64) -> f64 {
    let mut a = [x, x * x];
    let f = |b: [f64; 2], c: f64| b[0] * b[1] * c;
    let y = f(a, {
        a[0] = 2.0;
        a[1]
    });
    y * a[0]
}

#[grad(second)]
fn captured_by_move(x: f64) -> f64 {
    let mut a = [x, x * x];
    let mut f = move |y: f64| {
        a[0] *= y;
        a[0]
    };
    let p = f(x);
    a[0] += 1.0;
    let q = f(2.0);
    p * q * a[0]
}

#[grad(second)]
fn counted_by_move(x: f64) -> f64 {
    let mut a = x;
    let mut f = move |y: f64| {
        a *= y;
        a
    };
    let p = f(x);
    a += 1.0;
    let q = f(2.0);
    p * q * a
}

#[grad(second)]
fn assigned_from_itself(x: f64) -> f64 {
    let mut a = [x, x * x];
    a = [a[1], {
        a[1] = 3.0 * x;
        a[1]
    }];
    let mut b = (a, x);
    b = (
        {
            let c = b.0;
            b.0[0] = 1.0;
            c
        },
        b.0[0],
    );
    b.0[0] * b.1 + b.0[1]
}

#[grad(second)]
fn returned(mut a: [f64; 2]) -> f64 {
    let (b, y) = swap_in(a, 2.0);
    a[0] = 3.0;
    b[0] * y[0] * y[1] + a[0]
}

#[grad(second)]
fn swap_in(mut a: [f64; 2], y: f64) -> ([f64; 2], [f64; 2]) {
    (a, {
        a[0] = y * a[1];
        a
    })
}

#[test]
fn operands_are_taken_in_order() {
    check_outputs_and_result!(takes_both([0.3, 0.4], mut [1.3, 0.7]));
    check_vjp!(swap_in([0.3, 0.4], 0.7));
    check!(helper([1.3, 2.0], 0.5));
    check!(argument(1.3));
    check!(in_a_tuple(1.3));
    check!(in_an_array(1.3));
    check!(closure_parameter(1.3));
    check!(scrutinee(1.3));
    check!(scrutinee_bound(1.3));
    check!(captured(1.3));
    check!(captured_number(1.3));
    check!(returned_part(1.3));
    check!(block_value(1.3));
    check!(given_and_lent(1.3));
    check!(in_a_macro(1.3));
    check!(pushed(1.3));
    check!(receivers(1.3));
    check!(two_levels(1.3));
    check!(closure_arguments(1.3));
    check!(captured_by_move(1.3));
    check!(counted_by_move(1.3));
    check!(assigned_from_itself(1.3));
    check!(returned([1.3, 0.4]));
}
