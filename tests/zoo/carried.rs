//! Mutable numbers and tuples that a loop carries, read and changed in the branches inside.

use crate::support::{check, check_vjp};
use grad::grad;

#[grad(second)]
fn arms(mut c: f64, b: bool) -> f64 {
    let mut s = 0.0;
    for _ in 0..3 {
        s += if b { c } else { c };
    }
    c = s * c;
    c
}
#[grad(second)]
fn pair(v: &[f64]) -> f64 {
    let mut q = (v[0], v[1]);
    for z in v {
        if *z > 0.0 {
            for w in v {
                q.0 += w * z;
            }
        }
    }
    q.0 * q.1
}
#[grad(second)]
fn deep(v: &[f64], mut a: [f64; 2], t0: (f64, f64), mut w: Vec<f64>) -> f64 {
    let mut t = (t0.0, (t0.1, 2));
    let mut s = (v[0], (v[1], [v[0], 1.0]), 0);
    for (i, z) in v.iter().enumerate() {
        let k = match i {
            0 => t.1.0,
            1 => t.1.0,
            _ => t.0,
        };
        if *z > 0.5 {
            let mut n = 0;
            while n < 2 {
                for y in v {
                    if *y > 0.9 {
                        s.1.0 += y * z * k;
                        t.1.1 += 1;
                    } else {
                        s.2 += 1;
                    }
                    a[n] *= if n == 0 { t.0 } else { t.0 };
                }
                n += 1;
            }
        } else if let Some(x) = w.last() {
            t.0 += x * z;
        }
        s.0 *= match t.1.1 {
            3 => a[0],
            _ => a[0],
        };
        w[0] += if i == 0 { s.0 } else { s.0 };
    }
    s.0 * s.1.0 * s.1.1[0] + a[0] * a[1] + t.0 * w[0] + t.1.1 as f64 * v[0] + s.2 as f64 * v[1]
}
#[grad(second)]
fn integers(v: &[f64], mut n: usize, mut up: bool) -> f64 {
    let mut s = v[0];
    for z in v {
        let k = if *z > 0.5 { n } else { n };
        let r = if up { up } else { up };
        if r {
            s *= v[k];
        }
        n = 1 - n;
        up = !up;
    }
    loop {
        s *= if up { 0.25 } else { 0.25 };
        let m = match n {
            0 => n,
            _ => n,
        };
        s += v[m] * s;
        if s < 1.0 {
            break;
        }
        n = 0;
    }
    s
}
#[grad(second)]
fn closures(v: &[f64]) -> f64 {
    let mut q = (v[0], 1.0);
    let mut bump = |x: f64, up: bool| {
        let y = if up { q.1 } else { q.1 };
        q.0 += x * y;
        q.1 = if up { q.0 } else { q.0 };
    };
    for x in v {
        if *x > 0.5 {
            bump(*x, true);
        } else {
            bump(x * x, false);
        }
    }
    v.iter().for_each(|x| bump(*x, *x > 1.0));
    q.0 * q.1
}

#[test]
fn chosen_and_changed_in_branches_and_loops() {
    check!(arms(2.0, =true) => [12.0]);
    for v in [[1.5, 2.5], [0.7, 0.3], [0.3, 1.2]] {
        check!(pair(&v));
        check!(deep(&v, [0.7, 0.9], (1.1, 0.3), vec![0.5]));
        check!(integers(&v, =1, =true));
        check!(integers(&v, =0, =false));
        check!(closures(&v));
    }
}

// --- results that are one value twice: their cotangents are added behind all else ---

#[grad]
fn squares(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

#[grad]
fn sum_twice(x: &[f64]) -> (f64, f64) {
    let mut s = 0.0;
    for v in x {
        s += v * v * v;
    }
    (s, s)
}

#[grad]
fn call_twice(x: &[f64]) -> (f64, f64) {
    let y = squares(x);
    (y, y)
}

#[grad]
fn arm_twice(x: &[f64], c: bool) -> (f64, f64) {
    let (p, q) = if c {
        let y = squares(x);
        (y, y)
    } else {
        (x[0], 1.0)
    };
    (p * q, p)
}

#[test]
fn results_that_are_one_value_twice() {
    check_vjp!(sum_twice(&[0.7, -1.2]));
    check_vjp!(call_twice(&[0.7, -1.2]));
    check_vjp!(arm_twice(&[0.7, -1.2], = true));
    check_vjp!(arm_twice(&[0.7, -1.2], = false));
}
