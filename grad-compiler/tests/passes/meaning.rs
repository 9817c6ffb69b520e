//! What is lowered means what rustc makes of it: each function here is compiled, and lowered and interpreted. The
//! results are equal, bit for bit.

use super::interp::{eval, no_functions};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::interp::Datum;
use grad_compiler::ir::Func;
use grad_compiler::ir::print::print;
use grad_compiler::ir::verify::verify_primal;
use grad_compiler::lower::lower;

/// A Rust value as one of the interpreter's.
trait ToDatum {
    fn datum(&self) -> Datum;
}

impl ToDatum for f64 {
    fn datum(&self) -> Datum {
        Datum::Float(*self)
    }
}

impl ToDatum for f32 {
    fn datum(&self) -> Datum {
        Datum::Float(f64::from(*self))
    }
}

impl ToDatum for bool {
    fn datum(&self) -> Datum {
        Datum::Bool(*self)
    }
}

impl ToDatum for () {
    fn datum(&self) -> Datum {
        Datum::Unit
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl ToDatum for $ty {
            fn datum(&self) -> Datum {
                Datum::Int(i128::try_from(*self).unwrap())
            }
        }
    )*};
}

integers!(usize i32 u32 i64 u8);

impl<T: ToDatum + ?Sized> ToDatum for &T {
    fn datum(&self) -> Datum {
        (**self).datum()
    }
}

impl<T: ToDatum + ?Sized> ToDatum for &mut T {
    fn datum(&self) -> Datum {
        (**self).datum()
    }
}

impl<T: ToDatum> ToDatum for [T] {
    fn datum(&self) -> Datum {
        Datum::List(self.iter().map(ToDatum::datum).collect())
    }
}

impl<T: ToDatum, const N: usize> ToDatum for [T; N] {
    fn datum(&self) -> Datum {
        self.as_slice().datum()
    }
}

impl<T: ToDatum> ToDatum for Vec<T> {
    fn datum(&self) -> Datum {
        self.as_slice().datum()
    }
}

impl<A: ToDatum, B: ToDatum> ToDatum for (A, B) {
    fn datum(&self) -> Datum {
        Datum::List(vec![self.0.datum(), self.1.datum()])
    }
}

impl<A: ToDatum, B: ToDatum, C: ToDatum> ToDatum for (A, B, C) {
    fn datum(&self) -> Datum {
        Datum::List(vec![self.0.datum(), self.1.datum(), self.2.datum()])
    }
}

fn lowered(source: &str) -> Func {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut errors = Errors::new();
    let func = lower(&mut errors, &item, &Args::default());
    let messages: String = errors.messages().iter().map(|message| format!("{message}\n")).collect();
    assert!(errors.is_empty(), "{source}\n{messages}");
    if let Err(problems) = verify_primal(&func) {
        panic!("{}\n{}", print(&func), problems.join("\n"));
    }
    func
}

/// Equal, with equal bits of floats.
fn identical(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Float(x), Datum::Float(y)) => x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()),
        (Datum::List(x), Datum::List(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| identical(x, y))
        }
        (a, b) => a == b,
    }
}

macro_rules! same {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident : $ty:ty),* $(,)?) -> $result:ty $body:block
        on $(($($value:expr),*)),+;)*) => {$(
        $(#[$meta])*
        #[test]
        #[allow(unused, clippy::all, clippy::pedantic)]
        fn $name() {
            fn run($($arg: $ty),*) -> $result $body
            let func = lowered(stringify!(fn f($($arg: $ty),*) -> $result $body));
            $(
                let expected = run($($value),*).datum();
                let args = vec![$(ToDatum::datum(&$value)),*];
                let (result, _) = eval(&no_functions(), &func, args.clone());
                assert!(
                    identical(&result, &expected),
                    "of {args:?}: {result:?}, not {expected:?}\n{}",
                    print(&func)
                );
            )+
        }
    )*};
}

same! {
    fn shadowing(x: f64) -> f64 {
        let x = x * x;
        let x = {
            let x = x.sin();
            x + 1.0
        };
        let y = { let x = x * 2.0; x - 1.0 };
        x * y
    } on (0.5), (-2.0);

    fn swaps(a: f64, b: f64) -> (f64, f64) {
        let (mut a, mut b) = (a, b * 2.0);
        (a, b) = (b, a + b);
        std::mem::swap(&mut a, &mut b);
        let old = std::mem::replace(&mut a, b);
        a = a; b = old - a;
        (a, b)
    } on (1.5, 2.5);

    fn self_assignments(x: f64) -> f64 {
        let mut a = x;
        a += a; a *= a; a -= a * 0.25; a /= a + 1.0; a %= 0.3;
        -a
    } on (1.3), (-0.4);

    fn nested_returns(x: &[f64], n: usize) -> f64 {
        let mut s = 0.0;
        for i in 0..n {
            for j in 0..i {
                if x[j] > s { return x[i] * 10.0; }
                s += x[j];
                if j == 2 { continue; }
                s *= 1.5;
            }
            s -= x[i];
            if s < -50.0 { break; }
        }
        s.abs().sqrt()
    } on (&[1.0, -2.0, 0.5, 3.0], 4), (&[-1.0, -2.0, -0.5, -3.0], 4), (&[1.0], 0), (&[-60.0, 1.0], 2);

    fn labels(x: &[f64]) -> f64 {
        let mut s = 0.0;
        let mut k = 0;
        'outer: for i in 0..x.len() {
            k += 1;
            let mut j = 0;
            'inner: loop {
                j += 1;
                if j > i { break; }
                if x[j - 1] > 2.0 { continue 'outer; }
                if x[j - 1] < -2.0 { break 'outer; }
                while j > 3 {
                    if x[i] > 1.0 { continue 'inner; }
                    s += 0.125;
                    break 'inner;
                }
                s += x[i] * x[j - 1];
            }
            s += 1.0;
        }
        s * k as f64
    } on (&[1.0, 0.5, 2.5, 1.0, -3.0, 1.0]), (&[1.0; 8]), (&[0.5; 8]), (&[0.0; 0]);

    fn loop_values(x: f64, a: f64) -> f64 {
        let mut y = x;
        let mut steps = 0;
        let r = loop {
            let next = 0.5 * (y + a / y);
            steps += 1;
            if (next - y).abs() < 1e-12 { break next; }
            if steps > 6 { break -next; }
            if next < 0.0 { return 1e9; }
            y = next;
        };
        r + steps as f64
    } on (1.0, 2.0), (100.0, 3.0), (-1.0, 2.0);

    fn while_condition_assigns(x: f64) -> f64 {
        let mut n = 0;
        let mut s = x;
        while { n += 1; n < 5 } { s = s * x + n as f64; }
        s + n as f64
    } on (0.7);

    fn labelled_block(x: f64) -> f64 {
        let y = 'a: {
            if x > 1.0 { break 'a x; }
            let z = x * 2.0;
            'b: { if z > 1.5 { break 'b; } if z < 0.0 { break 'a -z; } }
            for i in 0..3 { if z * i as f64 > 1.2 { break 'a z * 7.0; } }
            0.5
        };
        y * y
    } on (2.0), (0.9), (0.65), (0.1), (-1.0);

    fn late_initialisation(x: f64, c: i32) -> f64 {
        let y; let n; let z: f64;
        if c > 2 { y = x; n = 2; } else if c > 0 { y = x * x; n = 3; } else { return x; }
        match c { 1 => z = y, 3 => { z = y * 2.0; } _ => z = 0.0 }
        y.powi(n) + z
    } on (1.1, 5), (1.1, 3), (1.1, 1), (1.1, 0);

    fn uninitialised_in_a_loop(x: f64) -> f64 {
        let mut r; let mut k = 0;
        loop { r = x * k as f64; if r > 4.0 { break; } k += 1; }
        r
    } on (0.75);

    fn tuples(x: f64) -> f64 {
        let mut t = (x, 2.0, [x, x]);
        t.0 *= t.1; t.2[1] = t.0;
        let u = t;
        t.2[0] = 9.0;
        let r = &mut t.0;
        *r += 1.0;
        let (a, _, [b, c]) = u;
        let (ref d, ref mut e) = (a, b);
        *e += 1.0;
        t.0 + t.2[0] * a + b * c + d * *e
    } on (1.25);

    fn tuples_in_loops(x: f64) -> f64 {
        let mut t = (0.0, (1, x));
        for i in 0..6 {
            t.0 += x; (t.1).0 += i;
            if (t.1).0 > 3 { t = (t.0 * 2.0, (0, t.1.1 + 1.0)); }
        }
        t.0 * (t.1).0 as f64 - (t.1).1
    } on (0.3);

    fn arrays(x: f64, i: usize) -> f64 {
        let mut a = [x, 2.0 * x, 3.0, -x];
        let b = a;
        a[i] = a[i] * a[3 - i];
        a[0] += b[i];
        let mut m = [[0.0; 3]; 2];
        m[1] = [x, a[1], b[2]];
        m[1][2] *= m[1][0];
        let row = m[1];
        m[1][0] = 100.0;
        a.swap(1, 3);
        a[2..].fill(0.5);
        a[..2].copy_from_slice(&row[1..]);
        a[0] + a[1] * a[2] + a[3] + row[0] + m[0][1] + m[1][0] + m.len() as f64
    } on (0.75, 1), (0.75, 3), (2.0, 0);

    fn vectors(x: f64, n: usize) -> Vec<f64> {
        let mut v = Vec::with_capacity(n);
        for i in 0..n { v.push(x * i as f64); }
        let w = v.clone();
        v.push(w.len() as f64);
        let mut rows = vec![w, vec![x; 2]];
        rows[1][0] += v[0];
        rows.push(v.to_vec());
        rows.swap(0, 2);
        let mut out = rows[0].clone();
        out.extend_from_slice(&rows[1]);
        for row in &rows { out.push(row[0]); }
        out
    } on (1.5, 3), (2.0, 1);

    fn vector_returned_from_a_loop(x: &[f64]) -> Vec<f64> {
        for i in 0..x.len() {
            if x[i] > 1.0 {
                let mut v = x.to_vec();
                v[i] = 0.0;
                return v;
            }
        }
        vec![0.0; x.len()]
    } on (&[0.5, 2.0, 3.0]), (&[0.5]);

    fn slices(x: &mut [f64], k: usize) -> f64 {
        let (a, b) = x.split_at_mut(k);
        a[0] = b[1] * 2.0;
        b[0] += a[k - 1];
        let c = &mut b[1..];
        c[0] *= 3.0;
        let d = &mut c[..1];
        d[0] += 1.0;
        std::mem::swap(&mut a[0], &mut b[0]);
        let whole = &*x;
        let [p, q, .., z] = whole else { return 0.0 };
        let tail = &whole[1..=2];
        p + 2.0 * q + 3.0 * z + tail[1] * tail.len() as f64
    } on (&mut [1.0, 2.0, 3.0, 4.0], 2), (&mut [1.0, 2.0, 3.0, 4.0, 5.0], 1);

    fn patterns_of_slices(x: &[f64]) -> f64 {
        match x {
            [] => 0.0,
            [a] => *a,
            [a, b] => a * b,
            [a, rest @ .., z] => a + z * rest[0] + rest.len() as f64,
        }
    } on (&[0.0; 0]), (&[2.0]), (&[2.0, 3.0]), (&[2.0, 3.0, 4.0]), (&[2.0, 3.0, 4.0, 5.0]);

    fn integer_matches(x: f64, n: i32) -> f64 {
        let a = match n { 0 => 1.0, 1 | 2 => x, 3..=5 => x * x, k if k < 0 => x.powi(k), k => { let y = x + k as f64; y * y } };
        let b = match (n % 2 == 0, n > 3) { (true, true) => 2.0, (true, false) => return a, (false, _) => 3.0 };
        a * b
    } on (1.5, 0), (1.5, 1), (1.5, 2), (1.5, 4), (1.5, -2), (1.5, -3), (1.5, 9);

    fn float_matches(x: f64) -> f64 {
        let y = match x { v if v > 2.0 => v * 2.0, v if v < -1.0 => { let w = v * v; w } _ => 0.25 };
        match (x, y) { (a, b) if a > b => a - b, (a, b) => a + b }
    } on (3.0), (-2.0), (0.5), (0.1);

    fn short_circuits(x: &[f64], i: usize, j: usize) -> f64 {
        let mut s = 0.0;
        if i < x.len() && x[i] > 0.5 || j < x.len() && !(x[j] > 2.0) { s += 1.0; }
        if i >= x.len() || x[i] * x[i] > 1.0 && j != 2 { s += 10.0; }
        let both = i < j && (x[0] - x[i.min(1)]).abs() < 1.0;
        if both { s * 2.0 } else { s }
    } on (&[1.0, 2.0], 0, 1), (&[1.0, 3.0], 5, 1), (&[0.1, 0.2], 1, 9), (&[1.0, 1.5, 0.0], 1, 2);

    fn references(x: f64, y: &f64, z: &mut f64) -> f64 {
        let a = &x;
        let b = &a;
        let mut s = **b * *y;
        let r = &mut s;
        *r *= 2.0;
        { let q = &mut *r; *q += 1.0; }
        *z += *r;
        *z *= *z;
        let w = if *z > 10.0 { &x } else { y };
        s + *z + w * 2.0 + a.max(*y)
    } on (1.5, &2.0, &mut 0.5), (0.1, &0.2, &mut 0.3);

    fn references_to_arrays(x: f64) -> f64 {
        let mut v = vec![x, 2.0, 3.0];
        let w = &mut v;
        w[0] = 5.0 * x;
        w.push(1.0);
        let f = &mut w[1];
        *f += x;
        let u = &*w;
        let t = &u;
        t[0] + t[1] * u[3]
    } on (0.75);

    fn closures(x: f64) -> f64 {
        let mut count = 0;
        let mut total = 0.0;
        let k = 3.0;
        let f = |a: f64, (b, c): (f64, f64)| { if a > b { return a * k; } b + c * x };
        let mut g = |t: f64| { count += 1; total += t; t * x };
        let p = g(1.0);
        let q = g(p) + g(2.0);
        for i in 0..3 { total += f(i as f64, (1.0, x)); }
        p + q * count as f64 + total
    } on (0.5), (1.75);

    fn move_closure(x: f64) -> f64 {
        let mut a = x;
        let f = move |y: f64| a * y;
        a += 10.0;
        f(2.0) + a
    } on (0.5);

    fn integers(x: f64, n: usize) -> f64 {
        let mut k = n;
        let mut bits = 0;
        while k > 0 { bits += k & 1; k >>= 1; }
        let m = (n * 3 + 1) % 7;
        let d = n.abs_diff(m).max(1);
        let flag = m > 2 && n != 3;
        let e = if flag { m - 1 } else { m + 1 };
        x * bits as f64 + e as f64 / d as f64 + (x * 10.0) as i64 as f64
    } on (0.77, 5), (1.23, 3), (-1.5, 12);

    fn casts(x: f64, y: f32) -> f64 {
        let a = x as f32 * y;
        let b = f64::from(a) * 2 as f64;
        let c = (b as f32) as f64;
        let z: f32 = 0.1;
        c + z as f64 + f64::from(3_u8) + 1e16 as f32 as f64
    } on (0.1, 0.3);

    fn functions_by_path(x: f64) -> f64 {
        let a = f64::max(x, 0.5);
        let b = f64::mul_add(a, 2.0, x);
        let c = <f64>::sin(b);
        let (s, t) = f64::sin_cos(c);
        f64::powi(s, 2) + t.powf(1.5) + f64::hypot(a, b).ln_1p() + std::f64::consts::PI + f64::EPSILON
    } on (0.3), (1.9);

    fn branches_as_values(x: f64, c: bool) -> f64 {
        let (a, b) = if c { (x, 1.0) } else { let t = x * x; (t, t + 1.0) };
        let v = if a > b { [a, b] } else { [b, a] };
        let w = if c { vec![x; 2] } else { v.to_vec() };
        let n = if c { 2 } else if x > 1.0 { 1 } else { 0 };
        v[0] * w[1] - w[n.min(1)] + if c && x > 0.0 { 1.0 } else { 0.0 }
    } on (0.5, true), (2.0, true), (0.5, false), (2.0, false);

    fn guard_clauses(x: f64, k: usize) -> f64 {
        if k == 0 { return 0.0; }
        let a = if x > 1.0 { x } else if k > 3 { return -1.0; } else { 2.0 };
        let b = match k { 1 => a, 2 => { if a > 5.0 { return a; } a + 1.0 } _ => a * a };
        let mut s = 0.0;
        for i in 0..k {
            let t = match i { 0 => continue, 1 if b > 4.0 => break, 2 => { s += 1.0; b } _ => a };
            s += t;
        }
        s + b
    } on (0.5, 0), (0.5, 5), (2.0, 1), (7.0, 2), (1.5, 5), (3.0, 5);

    fn loops_over_ranges(x: f64, n: usize) -> f64 {
        let mut s = 0.0;
        for i in (0..n).rev() { s = s * x + i as f64; }
        for i in 1..=n { s += x / i as f64; }
        for i in (0..n).step_by(2) { s -= i as f64 * 0.5; }
        for i in (2..n).rev().step_by(3) { s *= 1.0 + 0.01 * i as f64; }
        let mut hi = n;
        for i in 0..hi { hi = 0; s += i as f64; }
        for _ in n..0 { s = 1e9; }
        s + hi as f64
    } on (0.5, 5), (1.5, 0), (0.25, 9);

    fn loops_over_elements(x: &[f64], m: &[Vec<f64>], p: &[(f64, usize)]) -> f64 {
        let mut s = 0.0;
        for v in x { s += v; }
        for &v in x.iter().rev() { s = s * 0.5 + v; }
        for (i, row) in m.iter().enumerate() { for v in row { s += *v * i as f64; } }
        for (a, b) in x.iter().zip(m) { s += a * b[0]; }
        for (v, k) in p { if *k > 1 { continue; } s += v * x[*k]; }
        for &(v, k) in p.iter() { if k == 7 { break; } s -= v; }
        for w in x.windows(2) { s += w[0] * w[1]; }
        for c in x.chunks(2) { s += c[0] / c.len() as f64; }
        s
    } on (&[1.0, 2.0, 3.0], &[vec![1.0, 2.0], vec![0.5]], &[(1.5, 0), (2.5, 2), (0.5, 1), (9.0, 7)]);

    fn element_updates(x: f64, n: usize) -> Vec<f64> {
        let mut v: Vec<f64> = (0..n).map(|i| i as f64 * x).collect();
        for e in v.iter_mut() { *e *= 2.0; if *e > 3.0 { *e = 3.0; continue; } *e += 0.5; }
        for (i, e) in v.iter_mut().enumerate() { *e -= i as f64; }
        let copy = v.clone();
        for (a, b) in v.iter_mut().zip(&copy) { *a += b * b; }
        for i in 1..v.len() { v[i] += v[i - 1] * 0.5; }
        let mut rows = vec![v, copy];
        for row in rows.iter_mut() { for e in row { *e -= 1.0; } }
        rows.swap(0, 1);
        let first = rows[1].clone();
        first
    } on (0.7, 4);

    fn chains(x: &[f64], y: &[f64]) -> f64 {
        let dot: f64 = x.iter().zip(y).map(|(a, b)| a * b).sum();
        let m = x.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        let z: f64 = x.iter().map(|v| (v - m).exp()).sum();
        let p = y.iter().filter(|v| **v > 1.0).map(|v| v + 1.0).product::<f64>();
        let n = x.iter().filter(|&&v| v > 0.0).count();
        let big = x.iter().any(|v| *v > 2.0) && y.iter().all(|v| v.is_finite());
        let w: Vec<f64> = x.iter().enumerate().map(|(i, v)| v * i as f64).collect();
        let s = w.iter().rev().skip(1).step_by(2).take(3).sum::<f64>();
        let l = x.iter().chain(y.iter()).copied().fold(0.0, f64::max);
        let q: f64 = (0..3).flat_map(|i| (0..i).map(move |j| (i * j) as f64 * m)).sum();
        dot + m + z.ln() + p * n as f64 + if big { s } else { -s } + l + q
    } on (&[1.0, 2.5, -0.5, 0.25], &[2.0, 0.5, 3.0]), (&[1.0], &[1.0, 5.0]);

    fn assigned_in_chains(x: &[f64]) -> f64 {
        let mut s = 0.0;
        let mut k = 0;
        x.iter().for_each(|v| { s += v * v; k += 1; });
        let t: Vec<f64> = x.iter().scan(1.0, |acc, v| { *acc *= v; Some(*acc) }).collect();
        let u: f64 = x.iter().take_while(|v| **v > 0.0).map(|v| { let w = v * 2.0; if w > 3.0 { w } else { 0.5 } }).sum();
        s * k as f64 + t[t.len() - 1] + u
    } on (&[1.0, 2.0, 3.0]), (&[1.0, -2.0, 3.0]);

    fn matrices(a: &[[f64; 2]; 2], b: &[Vec<f64>], v: [f64; 2]) -> ([f64; 2], f64) {
        let mut out = [0.0; 2];
        for (i, row) in a.iter().enumerate() { for (j, e) in row.iter().enumerate() { out[i] += e * v[j]; } }
        let mut t = vec![vec![0.0; b.len()]; b[0].len()];
        for i in 0..b.len() { for j in 0..b[0].len() { t[j][i] = b[i][j]; } }
        let trace: f64 = (0..2).map(|i| t[i][i]).sum();
        let det = { let [[p, q], [r, s]] = *a; p * s - q * r };
        (out, trace * det)
    } on (&[[1.0, 2.0], [3.0, 4.5]], &[vec![1.0, 2.0], vec![3.0, 5.0]], [0.5, 0.25]);

    fn deep_exits(x: f64, n: usize) -> f64 {
        let mut s = x;
        let mut trace = vec![0.0; 4];
        'a: loop {
            s += 1.0;
            'b: for i in 0..n {
                'c: while s < 100.0 {
                    s *= 1.5;
                    match i {
                        0 => { trace[0] += s; continue 'b; }
                        1 => { trace[1] += 1.0; if s > 50.0 { continue 'a; } else { continue 'c; } }
                        2 if s > 80.0 => { trace[2] -= s; break 'c; }
                        3 => { if s > 60.0 { break 'a; } trace[3] += 2.0; break 'b; }
                        _ => { if s > 90.0 { return s + trace[0]; } }
                    }
                    trace[i] += 0.5;
                }
                s -= 0.25;
            }
            if s > 60.0 { break; }
        }
        s + trace[0] + 10.0 * trace[1] + 100.0 * trace[2] + 1000.0 * trace[3]
    } on (0.1, 0), (61.0, 4), (0.5, 1), (0.5, 2), (0.5, 3), (3.0, 4), (20.0, 4);

    fn aliased_views(x: f64, k: usize) -> f64 {
        let mut m = vec![vec![x, 1.0, 2.0], vec![3.0, 4.0, x]];
        for row in m.iter_mut() {
            let (head, tail) = row.split_at_mut(1);
            for t in tail.iter_mut() { *t += head[0]; }
            let last = &mut tail[1];
            *last *= 2.0;
            head[0] = *last;
        }
        let mut k = k;
        let r = &mut m[k];
        k = 0;
        r[2] -= 1.0;
        m[k][1] + m[1][2] + m[0].iter().sum::<f64>() * m[1][0]
    } on (0.5, 1), (2.0, 0);

    fn moved_aggregates(x: f64) -> f64 {
        let a = vec![x, 2.0];
        let b = a;
        let mut c = b.clone();
        c[0] = 7.0;
        let d = (b, c);
        let (mut e, f) = d;
        e[1] += f[0];
        let g = [e, f];
        let p = (x, [1.0, x]);
        let mut q = p;
        q.1[0] = 5.0;
        g[0][1] * g[1][0] + p.1[0] * q.1[0]
    } on (0.5);

    fn reassigned_aggregates(x: f64, n: usize) -> f64 {
        let mut v = vec![x];
        let mut a = [x, x];
        for i in 0..n {
            let mut w = vec![0.0; v.len() + 1];
            for j in 0..v.len() { w[j] += v[j]; w[j + 1] = v[j] * a[0]; }
            v = w;
            if i == 1 { a = [a[1] + 1.0, a[0]]; } else { (a[0], a[1]) = (a[1], a[0]); }
        }
        let last;
        if n > 2 { last = v[n]; v = vec![]; } else { last = v[0]; }
        last + v.len() as f64 + a[0]
    } on (0.5, 3), (0.5, 1), (0.5, 0);

    fn f32_stays_f32(x: f32, v: &[f32]) -> f32 {
        let mut s = 0.0;
        for e in v { s += e * x; }
        let w = [0.1, 0.2, x];
        let m: f32 = v.iter().map(|e| e.sin()).sum();
        (s / 3.0).exp() + w[0] * m
    } on (0.1, &[0.3, 0.7]);

    fn conditions_with_effects(x: f64) -> f64 {
        let mut n = 0;
        let mut next = || { n += 1; n };
        let mut s = 0.0;
        while next() < 4 { s += x; }
        if next() > 2 { s += 10.0; }
        s + n as f64
    } on (0.5);

    fn unused_and_constant(x: f64, y: f64, n: usize) -> f64 {
        let _ = x * 2.0;
        let _a = [x; 3];
        let mut unused = 0.0;
        for i in 0..n { unused += i as f64; }
        let scale = 0.5;
        let idx = [2, 0, 1];
        let table = [scale, 2.0 * scale, 3.0];
        table[idx[n % 3]] + scale
    } on (1.0, 2.0, 4);

    fn nested_calls_of_closures(x: f64) -> f64 {
        let f = |a: f64| a * x;
        let g = |a: f64| f(a) + f(a + 1.0);
        let h = |k: usize| { let mut s = 0.0; for i in 0..k { if i == 2 { return s; } s += g(i as f64); } s };
        h(1) + h(5) * g(f(2.0))
    } on (0.5);

    fn numbers_of_all_kinds(x: f64) -> f64 {
        let a = 1e-3 + 2. + 3_f64 + 1_000.5 + 4f64;
        let b = -1.0 * -x - -0.0;
        let c = f64::INFINITY.recip() + f64::EPSILON;
        let d: u8 = 250;
        let e = d.wrapping_add(3) as f64 + (d as i32 + 10) as f64;
        let f = (-2.0_f64).powi(3) + -2.0_f64.powi(2) + 2.0_f64.max(x);
        let g = (1 << 4) as f64 + (7 / 2) as f64 + (-7 % 3) as f64;
        a + b + c + e + f + g
    } on (0.7);

    fn parentheses(x: f64, i: usize, v: &[f64]) -> f64 {
        let f = |k: usize| k + 1;
        let a = { i + 1 } * 2;
        let b = f(i) * 3 - { let t = i; t + 2 } % 4;
        let c = !v.is_empty() && !(v.len() == 2) || !(i > 2 && x > 0.0);
        let d = -(i as f64 + 1.0) * (if c { 2 } else { 3 }) as f64;
        let e = (x > 0.0) as i32 as f64 + (x * 3.7) as i64 as f64 + f64::from((x < 1.0) as u8);
        let g = (i + 1).max(2) as f64 + (x as usize + i).min(3) as f64;
        a as f64 + b as f64 + d + e * x + g
    } on (0.5, 1, &[1.0]), (2.5, 3, &[1.0, 2.0]), (-1.0, 0, &[0.0; 0]);

    fn swapped_references(x: f64) -> f64 {
        let mut a = [x, 1.0];
        let mut b = [2.0, 3.0 * x];
        let (mut p, mut q) = (&mut a, &mut b);
        p[0] += 1.0;
        std::mem::swap(&mut p, &mut q);
        p[0] *= 10.0;
        q[1] -= 5.0;
        let mut v = vec![x; 2];
        let w = std::mem::take(&mut v);
        v.push(x * 3.0);
        a[0] + 2.0 * a[1] + 3.0 * b[0] + 4.0 * b[1] + w[1] * v[0] * v.len() as f64
    } on (0.5);
}
