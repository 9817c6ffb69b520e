//! `return`, `break` and `continue` with values of every form, from anywhere: also from the middle of an expression.

// Loops that are left in their first pass are what is tested here.
#![allow(clippy::never_loop)]

use crate::support::{check, check_outputs_and_result, check_vjp};
use grad::grad;

#[grad]
fn array_nested(v: &[f64], c: bool) -> [f64; 2] {
    if c {
        if v[0] > 1.0 {
            return [v[0], v[1]];
        }
    }
    [v[1], v[0] * v[0]]
}

#[grad]
fn vec_nested(v: &[f64], c: bool) -> Vec<f64> {
    if c {
        if v[0] > 1.0 {
            return vec![v[0], v[1], v[0] * v[1]];
        }
    }
    let mut out = Vec::new();
    for x in v {
        out.push(x * x);
    }
    out
}

#[grad]
fn vec_param(v: Vec<f64>, c: bool) -> Vec<f64> {
    if c {
        if v[0] > 1.0 {
            return v;
        }
    }
    vec![v[1] * v[0]]
}

#[grad]
fn tuple_nested(v: &[f64], k: usize) -> (f64, [f64; 2]) {
    {
        match k {
            0 => {
                if v[0] > 1.0 {
                    return (v[0], [v[1], 2.0]);
                }
            }
            1 => {
                if v[1] > 1.0 {
                    return (v[1], [v[1] * v[0], v[0]]);
                }
            }
            _ => {}
        }
    }
    (v[1], [v[1], v[0] * v[0]])
}

#[grad]
fn value_of_if(v: &[f64], k: usize) -> [f64; 2] {
    let a = if k == 0 {
        if v[0] > 1.0 {
            return [v[0], v[1] * v[0]];
        }
        v[0]
    } else {
        v[1]
    };
    [a * v[1], a]
}

#[grad]
fn value_of_match(v: &[f64], k: usize) -> [f64; 2] {
    let a = match k {
        0 => [v[0], v[1]],
        1 => [v[1], v[0]],
        2 => return [v[0] * v[1], 1.0],
        _ => panic!("no"),
    };
    [a[0] * v[1], a[1]]
}

#[grad(second)]
fn labelled(v: &[f64], k: usize) -> f64 {
    let a = 'b: {
        if k == 0 {
            if v[0] > 1.0 {
                break 'b [v[0], v[1] * v[0]];
            }
        }
        [v[1], v[0]]
    };
    a[0] * a[0] * a[1]
}

#[grad(second)]
fn in_closure(v: &[f64], k: usize) -> f64 {
    let f = |x: f64| -> [f64; 2] {
        if k == 0 {
            if x > 1.0 {
                return [x, x * v[0]];
            }
        }
        [x * x, v[1]]
    };
    let a = f(v[0]);
    let b = f(v[1]);
    a[0] * a[1] * b[0] + b[1]
}

#[grad(second)]
fn rows(v: &[f64], k: usize) -> f64 {
    let f = |x: f64| {
        if k == 0 {
            if x > 1.0 {
                return vec![vec![x, x * v[0]], vec![x]];
            }
        }
        vec![vec![x * x, v[1]]]
    };
    let a = f(v[0]);
    let mut s = 0.0;
    for r in &a {
        for x in r {
            s += x * x;
        }
    }
    s
}

#[grad]
fn pair(x: f64) -> (f64, [f64; 2]) {
    (x * x, [x, 2.0 * x])
}

#[grad]
fn call_or_tuple(v: &[f64], c: bool) -> (f64, [f64; 2]) {
    if c {
        if v[0] > 1.0 {
            return pair(v[0]);
        }
    }
    (v[1], [v[0], v[1] * v[0]])
}

#[grad]
fn call_tail(v: &[f64], c: bool) -> (f64, [f64; 2]) {
    if c { pair(v[0] * v[1]) } else { (v[1], [v[0], v[1] * v[0]]) }
}

#[grad]
fn tuple_in_loop(y: &[f64]) -> (f64, [f64; 2]) {
    for i in 0..2 {
        if y[i] > 1.0 {
            return (y[i], [y[0], y[1] * y[0]]);
        }
    }
    (y[0], [y[1], 0.0])
}

#[grad]
fn tuple_vec_in_while(y: &[f64]) -> (f64, Vec<f64>, (f64, [f64; 2])) {
    let mut i = 0;
    while i < 5 {
        let mut j = 0;
        while j < y.len() {
            if y[j] * y[j] > 2.0 {
                return (y[j] * y[0], vec![y[0] * y[1]; 2], (y[j], [y[0], y[j]]));
            }
            j += 1;
        }
        i += 1;
    }
    (y[0], y.to_vec(), (y[1], [y[1], 0.0]))
}

#[grad(second)]
fn break_tuple(y: &[f64]) -> f64 {
    let mut i = 0;
    let (a, b) = loop {
        if y[i] > 1.0 {
            break (y[i], [y[0], y[1] * y[0]]);
        }
        i += 1;
        if i == 2 {
            break (y[0] * y[1], [y[1], y[1]]);
        }
    };
    a * b[0] * b[1]
}

#[test]
fn from_branches_and_loops_with_values_of_every_form() {
    for y in [[0.5, 0.7], [1.5, 0.7], [0.5, 1.7]] {
        for c in [false, true] {
            check_vjp!(array_nested(&y, =c));
            check_vjp!(vec_nested(&y, =c));
            check_vjp!(vec_param(y.to_vec(), =c));
            check_vjp!(call_or_tuple(&y, =c));
            check_vjp!(call_tail(&y, =c));
        }
        for k in 0..3 {
            check_vjp!(tuple_nested(&y, =k));
            check_vjp!(value_of_if(&y, =k));
            check_vjp!(value_of_match(&y, =k));
        }
        for k in 0..2 {
            check!(labelled(&y, =k));
            check!(in_closure(&y, =k));
            check!(rows(&y, =k));
        }
        check_vjp!(tuple_in_loop(&y));
        check_vjp!(tuple_vec_in_while(&y));
        check!(break_tuple(&y));
    }
}

#[grad(second)]
fn helper(v: &[f64]) -> [f64; 2] {
    [v[0] * v[0], v[0] * v[1]]
}

#[grad(second)]
fn numbers(v: &[f64]) -> Vec<f64> {
    vec![v[0] * v[0], v[0] * v[1], v[1]]
}

#[grad(second)]
fn unknown_or_left(v: &[f64], k: usize) -> f64 {
    let a = match k {
        0 => helper(v),
        1 => helper(&[v[1], v[0]]),
        2 => return v[0],
        _ => panic!("no"),
    };
    a[0] * a[1]
}

#[grad(second)]
fn unknown_in_loop(v: &[f64], k: usize) -> f64 {
    let mut n = 0;
    let a = 'a: loop {
        n += 1;
        for i in 0..n {
            if i == k {
                break 'a numbers(v);
            }
            if n > 5 {
                return v[0] * v[0];
            }
        }
    };
    a[0] * a[1] * a[2]
}

#[grad]
fn status(v: &[f64], k: usize) -> (f64, usize) {
    if k > 0 {
        if v[0] > 1.0 {
            return (v[0] * v[1], k);
        }
    }
    for i in 0..2 {
        if v[i] > 1.5 {
            return (v[i], i);
        }
    }
    (v[1] * v[1], 7)
}

#[grad(second)]
fn both_panic(v: &[f64], k: usize) -> f64 {
    let a = match k {
        0 => [v[0], v[1]],
        1 => [v[1], v[0]],
        n => {
            if n > 3 {
                panic!("more")
            } else {
                unreachable!()
            }
        }
    };
    a[0] * a[1] * a[0]
}

#[grad(second)]
fn spins(v: &[f64], k: usize) -> f64 {
    let a = match k {
        0 => vec![v[0], v[1]],
        1 => vec![v[1], v[0]],
        _ => loop {
            if k > 1 {
                panic!("no");
            }
        },
    };
    a[0] * a[1] * a[0]
}

#[grad(second)]
fn arrays_of_vecs(v: &[f64], k: usize) -> f64 {
    let f = |x: f64| {
        if k == 0 {
            if x > 1.0 {
                return [vec![x, x * v[0]], vec![x]];
            }
        }
        [vec![x * x, v[1]], vec![]]
    };
    let a = f(v[0]);
    let mut s = 0.0;
    for r in &a {
        for x in r {
            s += x * x;
        }
    }
    s
}

#[grad(second)]
fn break_from_inner(v: &[f64], k: usize) -> f64 {
    let (a, b) = 'o: loop {
        for i in 0..2 {
            let mut j = 0;
            while j < 2 {
                if v[i] * v[j] > 1.0 {
                    break 'o (vec![v[i], v[j]], [[v[0] * v[1], 2.0], [v[0], v[1]]]);
                }
                j += 1;
            }
        }
        if k == 0 {
            break (vec![v[0]], [[v[0], v[1]], [v[1], v[0] * v[0]]]);
        }
        return v[0] * v[1];
    };
    let mut s = 0.0;
    for x in a {
        s += x * b[0][0] * b[1][1];
    }
    s
}

#[grad(second)]
fn const_array<const N: usize>(v: [f64; N]) -> f64 {
    let a = 'b: {
        for x in v {
            if x > 1.0 {
                break 'b v;
            }
        }
        let mut w = v;
        w[0] *= w[1];
        w
    };
    a[0] * a[1]
}

#[test]
fn with_values_that_only_rustc_knows() {
    for y in [[0.5, 0.7], [1.25, 0.7], [0.5, 1.7]] {
        for k in 0..3 {
            check!(unknown_or_left(&y, =k));
            check!(unknown_in_loop(&y, =k * 3));
        }
        for k in 0..2 {
            check!(both_panic(&y, =k));
            check!(spins(&y, =k));
            check!(arrays_of_vecs(&y, =k));
            check!(break_from_inner(&y, =k));
            let (value, pullback) = status::vjp(&y, k);
            assert_eq!(value, status(&y, k));
            let want = if k > 0 && y[0] > 1.0 {
                [y[1], y[0]]
            } else if value.1 == 1 {
                [0.0, 1.0]
            } else if value.1 == 0 {
                [1.0, 0.0]
            } else {
                [0.0, 2.0 * y[1]]
            };
            assert_eq!(pullback((1.0, ())), want);
            assert_eq!(status::jvp(&y, k, &[1.0, 10.0]).1, (want[0] + 10.0 * want[1], ()));
        }
        check!(const_array(y));
    }
}

#[grad(second)]
fn closure_loop(x: f64, y: f64) -> f64 {
    let root = |a: f64| {
        let mut r = a;
        for _ in 0..60 {
            let step = (r * r - a) / (2.0 * r);
            r -= step;
            if step.abs() < 1e-14 {
                break;
            }
        }
        r
    };
    root(x) * root(y) + root(root(x * y)).sin()
}
#[grad(second)]
fn closure_continue(v: &[f64]) -> f64 {
    let f = |a: f64| {
        let mut s = a;
        'o: for x in v {
            for y in v {
                if *x * *y < 0.3 {
                    continue 'o;
                }
                if *x > 1.4 {
                    break 'o;
                }
                s += x * y * a;
            }
        }
        let t = loop {
            s *= 0.5;
            if s < 1.0 {
                break s * s;
            }
        };
        t
    };
    [f(v[0]), f(v[1])][0] * f(v[0]) + (f(v[1]), 2.0).0 + v.iter().map(|x| f(*x) + f(x * x)).sum::<f64>()
}
#[grad(second)]
fn break_value(x: f64) -> f64 {
    x + {
        let mut i = 0;
        loop {
            i += 1;
            if i > 3 {
                break x * x;
            }
        }
    } * 'l: {
        if x > 1.0 {
            break 'l x;
        }
        x.sin()
    }
}
#[grad(second)]
fn block_leaves(x: f64, y: f64) -> f64 {
    x * y + {
        let z = x * x;
        if z > 2.0 {
            return z * y;
        }
        z
    } * y.sin()
}
#[grad(second)]
fn many(x: f64, y: f64) -> f64 {
    let mut n = 0.0;
    let a = product(
        {
            if x > 2.0 {
                return x;
            }
            x * y
        },
        if y > 2.0 {
            return x * y * y;
        } else {
            y
        },
    ) + [
        {
            if x * y > 1.5 {
                return y;
            }
            x
        },
        y,
    ][1] + (
        {
            n += 1.0;
            if x + y > 2.2 {
                return n * x * x;
            }
            n
        },
        y,
    )
        .0
        * y;
    let b = -{
        if x < 0.1 {
            return y * y;
        }
        x * a
    };
    let c = {
        if y < 0.1 {
            return x * 3.0;
        }
        y
    }
    .max(x)
    .sin()
        * b.min({
            if a > 5.0 {
                return x * x * a;
            }
            y
        });
    if {
        if c > 0.9 {
            return c * y;
        }
        c > 0.0
    } {
        a * b * c
    } else {
        a + b + c + n
    }
}
#[grad(second)]
fn product(x: f64, y: f64) -> f64 {
    x * y * x
}
#[grad(second)]
fn operands_in_loops(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, x) in v.iter().enumerate() {
        s +=
            x * {
                if *x < 0.2 {
                    continue;
                }
                if *x > 1.5 {
                    break;
                }
                if i == 1 && s > 100.0 {
                    return s * s;
                }
                x * x
            } * s.cos();
    }
    let mut k = 0;
    while k < 3 {
        k += 1;
        s = product(
            s,
            match k {
                1 => v[0],
                2 => continue,
                _ => break,
            },
        ) * 0.5;
    }
    s
}
#[grad(second)]
fn returns_return(x: f64, k: usize) -> f64 {
    if k == 0 {
        return {
            if x > 1.0 {
                return x * 3.0;
            }
            x * x
        };
    }
    let y = loop {
        break {
            if x > 1.0 {
                return x;
            }
            x * x * x
        };
    };
    match {
        if k > 3 {
            return x.exp();
        }
        k
    } {
        1 => y,
        2 => {
            return y * {
                if y > 0.2 {
                    return y * x;
                }
                y
            };
        }
        _ => x * y,
    }
}
#[grad(second)]
fn index_leaves(v: &[f64], k: usize) -> f64 {
    v[{
        if k > 1 {
            return v[0] * v[1];
        }
        k
    }] * v[1]
        + [v[0], v[1]][if k == 1 {
            return v[1] * v[1];
        } else {
            0
        }]
}
#[grad]
fn arrays(v: &[f64], k: usize) -> [f64; 2] {
    let a = [
        {
            if k == 0 {
                return [v[0] * v[1], 1.0];
            }
            v[0]
        },
        v[1] * v[0],
    ];
    let t = (
        a,
        vec![
            {
                if k == 1 {
                    return [v[1], v[0]];
                }
                v[1]
            };
            2
        ],
    );
    [t.0[0] * t.1[0], t.0[1] + t.1[1]]
}
#[grad(second)]
fn outputs(x: f64, out: &mut [f64], k: usize) -> f64 {
    out[0] = x * {
        if k == 0 {
            return x * x;
        }
        out[1]
    };
    out[1] += {
        if k == 1 {
            return x;
        }
        x * out[0]
    };
    for i in [0, {
        if k == 2 {
            return out[0] * x;
        }
        1
    }] {
        out[i] *= x;
    }
    out[0] * x
}

#[test]
fn in_the_middle_of_an_expression() {
    check!(closure_loop(4.0, 9.0));
    check!(closure_continue(&[0.7, 1.1]));
    check!(break_value(0.7));
    check!(break_value(1.7));
    for (x, y) in [
        (0.7, 0.4),
        (1.6, 0.4),
        (2.3, 0.7),
        (0.4, 2.5),
        (1.3, 1.3),
        (1.2, 0.6),
        (0.05, 0.7),
        (0.5, 0.05),
        (1.1, 0.9),
    ] {
        check!(block_leaves(x, y));
        check!(many(x, y));
    }
    check!(operands_in_loops(&[0.7, 0.1, 1.1]));
    check!(operands_in_loops(&[0.7, 1.7, 1.1]));
    for k in 0..5 {
        check!(returns_return(0.7, =k));
        check!(returns_return(1.7, =k));
        check!(index_leaves(&[0.7, 0.9], =k));
        check_vjp!(arrays(&[0.7, 0.9], =k));
        check_outputs_and_result!(outputs(0.7, mut [0.4, 0.9], =k));
    }
}
