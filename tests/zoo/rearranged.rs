//! Methods that put elements elsewhere, or make a `Vec` shorter.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn weighted(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, x) in v.iter().enumerate() {
        s += (k as f64 + 1.0) * x * x + x;
    }
    s
}

// --- slices and arrays ---

#[grad(second)]
fn reversed(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.reverse();
    v[0] *= v[1];
    v[1..].reverse();
    weighted(&v)
}

#[grad(second)]
fn reversed_in_a_loop(x: &[f64]) -> f64 {
    let mut a = [x[0], x[1], x[2]];
    for k in 0..3 {
        a[k] *= a[(k + 1) % 3];
        a.reverse();
        if a[0] > 100.0 {
            break;
        }
    }
    weighted(&a)
}

#[grad(second)]
fn rotated(x: &[f64], left: usize, right: usize) -> f64 {
    let mut v = x.to_vec();
    v.rotate_left(left);
    v[0] *= v[2];
    v.rotate_right(right);
    v[1] *= v[0];
    v[1..].rotate_left(1);
    weighted(&v)
}

#[grad(second)]
fn ring(x: &[f64]) -> f64 {
    let mut window = [0.0; 3];
    let mut s = 0.0;
    for v in x {
        window.rotate_left(1);
        window[2] = *v;
        s = s * 0.5 + window[0] * window[2];
    }
    s + weighted(&window)
}

#[grad(second)]
fn rows_rearranged(x: &[f64]) -> f64 {
    let mut rows = vec![vec![x[0], x[1]], vec![x[2]], vec![x[0] * x[2]; 3]];
    rows.reverse();
    rows[0].reverse();
    rows[0][1] *= x[1];
    rows.rotate_right(1);
    rows.iter().enumerate().map(|(k, row)| (k as f64 + 1.0) * weighted(row)).sum()
}

#[grad(second)]
fn turn(v: &mut [f64]) {
    v[0] *= v[1];
    v.reverse();
}

#[grad(second)]
fn reversed_by_another(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    turn(&mut v[1..]);
    let n = v.len();
    v[n - 1] *= v[0];
    turn(&mut v);
    weighted(&v)
}

// --- shorter ---

#[grad(second)]
fn cut(x: &[f64], to: usize) -> f64 {
    let mut v = x.to_vec();
    v.push(x[0] * x[1]);
    v.truncate(to);
    v[0] *= x[2];
    weighted(&v)
}

#[grad(second)]
fn cleared_and_filled_again(x: &[f64]) -> f64 {
    let mut v = Vec::new();
    let mut s = 0.0;
    for k in 0..x.len() {
        for j in 0..=k {
            v.push(x[j] * x[k]);
        }
        s += weighted(&v);
        v.clear();
    }
    s + v.len() as f64
}

#[grad(second)]
fn resized(x: &[f64], to: usize) -> f64 {
    let mut v = x.to_vec();
    v.resize(to, x[0] * x[1]);
    weighted(&v) * v[0]
}

#[grad(second)]
fn rows_resized(x: &[f64]) -> f64 {
    let mut rows = vec![x.to_vec()];
    rows.resize(3, vec![x[1]; 2]);
    rows[1][0] *= x[0];
    rows.truncate(2);
    rows.iter().map(|row| weighted(row)).sum()
}

#[grad(second)]
fn a_stack(x: &[f64]) -> f64 {
    let mut stack = x.to_vec();
    let mut s = 1.0;
    while let Some(top) = stack.pop() {
        s = 0.5 * s + top * top;
        if stack.len() == 2 {
            stack.push(s * top);
            let a = stack.pop().unwrap();
            s += a * stack.pop().unwrap_or(0.0);
        }
    }
    s
}

#[grad(second)]
fn popped(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.pop();
    let last = v.pop().expect("there are three");
    if let Some(first) = v.pop() {
        v.push(first * last);
    }
    let mut none: Vec<f64> = Vec::new();
    let nothing = none.pop().unwrap_or(x[1]);
    v[0] * nothing
}

#[grad(second)]
fn expression_in_postfix(x: &[f64], code: &str) -> f64 {
    let mut stack = Vec::new();
    for c in code.chars() {
        match c {
            'a' => stack.push(x[0]),
            'b' => stack.push(x[1]),
            'c' => stack.push(x[2]),
            '+' => {
                let right = stack.pop().unwrap();
                let left = stack.pop().unwrap();
                stack.push(left + right);
            }
            _ => {
                let right = stack.pop().unwrap();
                let left = stack.pop().unwrap();
                stack.push(left * right);
            }
        }
    }
    stack.pop().unwrap()
}

#[grad(second)]
fn inserted_and_removed(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.insert(1, x[0] * x[2]);
    v.insert(0, x[1]);
    v.insert(v.len(), v[0] * v[1]);
    let taken = v.remove(2);
    let first = v.remove(0);
    let swapped = v.swap_remove(1);
    weighted(&v) * taken + first * swapped
}

#[grad(second)]
fn rows_removed(x: &[f64]) -> f64 {
    let mut rows = vec![vec![x[0], x[1]], vec![x[2]], vec![x[1]; 3]];
    rows.insert(1, vec![x[0] * x[1]]);
    let row = rows.remove(0);
    let last = rows.pop().unwrap();
    let other = rows.swap_remove(0);
    weighted(&row) * other[0] + weighted(&last) + rows[0][0] * rows.len() as f64
}

#[grad(second)]
fn halves(x: &[f64], at: usize) -> f64 {
    let mut v = x.to_vec();
    let mut tail = v.split_off(at);
    tail.push(x[0]);
    tail[0] *= x[1];
    weighted(&v) + 2.0 * weighted(&tail)
}

#[grad(second)]
fn changed_in_a_closure(x: &[f64]) -> f64 {
    let mut seen = vec![x[0]];
    let mut note = |v: f64| {
        seen.insert(0, v * v);
        seen.truncate(3);
        seen.reverse();
    };
    note(x[1]);
    note(x[2]);
    note(x[0] * x[2]);
    weighted(&seen)
}

// --- of others ---

#[grad(second)]
fn shortened_where_it_came_from(v: &mut Vec<f64>) -> f64 {
    let last = v.pop().unwrap();
    v.reverse();
    v.insert(1, last * last);
    last * v[0]
}

#[grad(second)]
fn lent_and_shortened(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let a = shortened_where_it_came_from(&mut v);
    a * weighted(&v)
}

#[test]
fn elements_go_elsewhere() {
    check!(reversed(&[0.7, -1.2, 0.4]));
    check!(reversed(&[0.7, -1.2, 0.4, 2.0]));
    check!(reversed_in_a_loop(&[0.7, -1.2, 0.4]));
    for (left, right) in [(0, 0), (1, 2), (3, 1), (4, 4)] {
        check!(rotated(&[0.7, -1.2, 0.4, 1.5], = left, = right));
    }
    check!(ring(&[0.7, -1.2, 0.4, 1.5, 0.1]));
    check!(ring(&[0.7]));
    check!(rows_rearranged(&[0.7, -1.2, 0.4]));
    check!(reversed_by_another(&[0.7, -1.2, 0.4]));
}

#[test]
fn vecs_get_shorter() {
    for to in [1, 2, 4, 9] {
        check!(cut(&[0.7, -1.2, 0.4], = to));
        check!(resized(&[0.7, -1.2, 0.4], = to));
    }
    check!(cleared_and_filled_again(&[0.7, -1.2, 0.4]));
    check!(rows_resized(&[0.7, -1.2, 0.4]));
    check!(a_stack(&[0.7, -1.2, 0.4, 0.9]));
    check!(popped(&[0.7, -1.2, 0.4]));
    for code in ["ab+", "ab*c+ab++", "abc**a+", "a"] {
        check!(expression_in_postfix(&[0.7, -1.2, 0.4], = code));
    }
    check!(inserted_and_removed(&[0.7, -1.2, 0.4]));
    check!(rows_removed(&[0.7, -1.2, 0.4]));
    for at in [0, 1, 3] {
        check!(halves(&[0.7, -1.2, 0.4], = at));
    }
    check!(changed_in_a_closure(&[0.7, -1.2, 0.4]));
    check!(lent_and_shortened(&[0.7, -1.2, 0.4]));
}

#[test]
fn panics_are_the_functions_own() {
    let panics = |run: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err();
    assert!(panics(&|| drop(rotated::grad(&[1.0, 2.0, 3.0], 4, 0))));
    assert!(panics(&|| drop(rotated::grad(&[1.0, 2.0, 3.0], 0, 4))));
    assert!(panics(&|| drop(halves::grad(&[1.0, 2.0], 3))));
    assert!(panics(&|| drop(expression_in_postfix::grad(&[1.0, 2.0, 3.0], "a+"))));
    assert!(panics(&|| drop(expression_in_postfix::grad(&[1.0, 2.0, 3.0], ""))));
    assert!(panics(&|| drop(inserted_and_removed::grad(&[]))));
}
