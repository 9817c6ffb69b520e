//! Functions that may fail, in all the forms that functions and their errors have: types of one's of_a_struct, aliases, generics,
//! recursion, arguments that are moved, macros that return.

use crate::support::{check, check_vjp};
use grad::{Differentiable, grad};

mod ours {
    #[derive(Debug, PartialEq)]
    pub struct Error(pub String);
    impl<'a> From<&'a str> for Error {
        fn from(s: &'a str) -> Error {
            Error(s.to_owned())
        }
    }
    impl From<std::num::ParseFloatError> for Error {
        fn from(s: std::num::ParseFloatError) -> Error {
            Error(s.to_string())
        }
    }
    pub type Result<T> = std::result::Result<T, Error>;
}
macro_rules! bail { ($($t:tt)*) => { return Err(ours::Error(format!($($t)*))) } }
macro_rules! ensure { ($c:expr, $($t:tt)*) => { if !$c { return Err(ours::Error(format!($($t)*))) } } }

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Point {
    a: f64,
    b: Vec<f64>,
}

#[grad(wrt(p))]
fn of_a_struct(p: &Point, k: usize) -> Option<f64> {
    let mut s = 0.0;
    for v in &p.b {
        s += v * p.a;
        if s > 100.0 {
            return None;
        }
    }
    if k > 3 { None } else { Some(s) }
}
#[grad(wrt(p))]
fn gives_a_struct(p: &Point) -> ours::Result<Point> {
    if p.a < 0.0 {
        bail!("a is {}", p.a);
    }
    Ok(Point { a: p.a * p.a, b: p.b.clone() })
}
#[grad(second)]
fn aliased(sum: f64, s: &str) -> ours::Result<f64> {
    let k: f64 = s.parse()?;
    ensure!(sum > 0.0, "not {sum}");
    let j = match s.parse::<f64>() {
        Ok(j) => j * sum,
        Err(e) => return Err(e.into()),
    };
    if k > 5.0 {
        Err("large")?;
    }
    if k > 4.0 {
        return Err("larger").map_err(ours::Error::from);
    }
    let z = if k < 1.0 { Err("small")? } else { sum * k };
    Ok(z * j)
}
#[grad(second)]
fn aliased_plain(sum: f64, s: &str) -> f64 {
    aliased(sum, s).unwrap()
}
#[grad(second)]
fn recursive(x: f64, n: usize) -> Result<f64, &'static str> {
    if n == 0 {
        return Ok(x);
    }
    if x > 1e3 {
        return Err("big");
    }
    let y = recursive(x * 1.1, n - 1)?;
    Ok(y * x)
}
#[grad(second)]
fn recursive_plain(x: f64, n: usize) -> f64 {
    recursive(x, n).unwrap()
}
#[grad(second)]
fn generic<'a, const N: usize>(x: &[f64; N], names: &'a [String]) -> Result<f64, &'a str> {
    let mut s = 0.0;
    for i in 0..N {
        if i >= names.len() {
            return Err(&names[0]);
        }
        s += x[i] * x[i] * i as f64;
    }
    Ok(s)
}
#[grad(second)]
fn generic_plain<const N: usize>(x: &[f64; N], names: &[String]) -> f64 {
    generic(x, names).unwrap()
}
#[grad(second)]
fn moved(v: Vec<f64>, t: (f64, [f64; 2])) -> Result<f64, String> {
    let mut s = 0.0;
    for x in &v {
        s += x * x;
    }
    for x in t.1 {
        s += x * t.0;
        if x < 0.0 {
            return Err(format!("{x}"));
        }
    }
    Ok(s * v[0])
}
#[grad(second)]
fn moved_plain(v: Vec<f64>, t: (f64, [f64; 2])) -> f64 {
    moved(v, t).unwrap()
}
#[grad]
fn sums_before_it_fails(v: Vec<f64>, t: (f64, [f64; 2]), w: &[[f64; 2]], a: [f64; 3]) -> Option<f64> {
    let mut s = 0.0;
    for x in &v {
        s += x * x;
    }
    for x in t.1 {
        s += x * x;
    }
    for x in w {
        s += x[0] * x[1];
    }
    for x in a {
        s += x * x;
    }
    s += t.0;
    if s < 0.0 {
        return None;
    }
    Some(s)
}
#[grad]
fn always_none(x: f64) -> Option<f64> {
    if x > 0.0 {
        return None;
    }
    None
}
#[grad]
fn always_an_error(x: f64) -> Result<f64, String> {
    Err(format!("{x}"))
}
#[grad(second)]
fn pair(x: f64, y: f64) -> Option<(f64, f64)> {
    if x > y { None } else { Some((x * y, x.sin())) }
}
#[grad(second)]
fn taken_apart(x: f64, y: f64) -> Option<f64> {
    let (a, b) = pair(x, y)?;
    let Some((c, d)) = pair(a, y) else { return Some(a * b) };
    let e = pair(x, d + 5.0).map(|(p, q)| p * q).unwrap_or(x);
    Some(a * b + c * d * e)
}
#[grad(second)]
fn taken_apart_plain(x: f64, y: f64) -> f64 {
    taken_apart(x, y).unwrap()
}
#[grad]
fn grows(x: f64, out: &mut Vec<f64>) -> Result<(), u8> {
    out.push(x * x);
    if out.len() > 3 {
        return Err(1);
    }
    out.push(x * 2.0);
    Ok(())
}
#[grad(second)]
fn through_adaptors(v: &[f64]) -> Option<f64> {
    let mut s = 0.0;
    for x in v.iter().filter_map(|x| if *x > 0.5 { Some(x * x) } else { None }) {
        if x > 50.0 {
            return None;
        }
        s += x;
        if s > 40.0 {
            return Some(s * v[0]);
        }
    }
    for (i, x) in v.iter().enumerate().filter(|(_, x)| **x > 1.0) {
        if i > 3 {
            return None;
        }
        s *= x;
    }
    Some(s)
}
#[grad(second)]
fn through_adaptors_plain(v: &[f64]) -> f64 {
    through_adaptors(v).unwrap()
}
#[grad(second)]
fn pair_plain(x: f64, y: f64) -> (f64, f64) {
    pair(x, y).unwrap()
}

#[test]
fn forms_of_functions_that_may_fail() {
    let p = Point { a: 2.0, b: vec![1.0, 3.0] };
    assert_eq!(of_a_struct::grad(&p, 1), Some(PointTangent { a: 4.0, b: vec![2.0, 2.0] }));
    assert_eq!(of_a_struct::grad(&Point { a: 2.0, b: vec![1.0, 300.0] }, 1), None);
    let mut bar = PointTangent { a: 1.0, b: vec![1.0, 1.0] };
    assert_eq!(of_a_struct::vjp_add(&Point { a: 2.0, b: vec![1.0, 300.0] }, 1, 1.0, &mut bar), None);
    assert_eq!(bar, PointTangent { a: 1.0, b: vec![1.0, 1.0] });
    of_a_struct::vjp_add(&p, 1, 2.0, &mut bar).unwrap();
    assert_eq!(bar, PointTangent { a: 9.0, b: vec![5.0, 5.0] });
    let (v, pb) = gives_a_struct::vjp(&p).unwrap();
    assert_eq!(v.a, 4.0);
    assert_eq!(pb(PointTangent { a: 1.0, b: vec![1.0, 2.0] }), PointTangent { a: 4.0, b: vec![1.0, 2.0] });
    assert!(gives_a_struct::vjp(&Point { a: -1.0, b: vec![] }).is_err());
    check!(aliased_plain(1.5, = "2.5"));
    for s in ["x", "0.5", "4.5", "6"] {
        assert_eq!(aliased::grad(1.5, s).err(), aliased(1.5, s).err());
        assert!(aliased(1.5, s).is_err());
        assert_eq!(aliased::hvp(1.5, s, 1.0).err(), aliased(1.5, s).err());
    }
    for n in 0..5 {
        check!(recursive_plain(1.2, = n));
    }
    assert_eq!(recursive::grad(1e4, 2), Err("big"));
    assert_eq!(recursive::hessian(1e4, 2), Err("big"));
    let names = ["a".to_owned(), "b".to_owned()];
    check!(generic_plain(&[1.0, 2.0], = &names));
    assert_eq!(generic::grad(&[1.0, 2.0, 3.0], &names), Err("a"));
    check!(moved_plain(vec![1.0, 2.0], (0.5, [1.0, 2.0])));
    assert_eq!(moved::grad(vec![1.0], (0.5, [1.0, -2.0])), Err("-2".into()));
    let (mut v, mut t, mut w, mut a) = (vec![1.0; 1], (1.0, [1.0; 2]), vec![[1.0; 2]; 1], [1.0; 3]);
    assert_eq!(
        sums_before_it_fails::vjp_add(
            vec![1.0],
            (-100.0, [1.0, 2.0]),
            &[[1.0, 2.0]],
            [1.0, 2.0, 3.0],
            1.0,
            &mut v,
            &mut t,
            &mut w,
            &mut a
        ),
        None
    );
    assert_eq!((&v, &t, &w, &a), (&vec![1.0], &(1.0, [1.0; 2]), &vec![[1.0; 2]; 1], &[1.0; 3]));
    sums_before_it_fails::vjp_add(
        vec![1.0],
        (100.0, [1.0, 2.0]),
        &[[1.0, 2.0]],
        [1.0, 2.0, 3.0],
        1.0,
        &mut v,
        &mut t,
        &mut w,
        &mut a,
    )
    .unwrap();
    assert_eq!((&v, &t, &w, &a), (&vec![3.0], &(2.0, [3.0, 5.0]), &vec![[3.0, 2.0]], &[3.0, 5.0, 7.0]));
    assert_eq!(always_none::grad(1.0), None);
    assert_eq!(always_an_error::grad(1.0), Err("1".into()));
    check!(taken_apart_plain(0.5, 1.5));
    check!(taken_apart_plain(1.2, 1.5));
    let mut out = vec![1.0];
    assert_eq!(grows::jvp(2.0, &mut out, 1.0, &mut vec![0.0]), Ok(()));
    assert_eq!(grows::jvp(2.0, &mut out, 1.0, &mut vec![0.0; 3]), Err(1));
    check!(through_adaptors_plain(&[0.3, 2.0, 1.5]));
    check!(through_adaptors_plain(&[0.3, 6.0, 3.5]));
    assert_eq!(through_adaptors::grad(&[9.0]), None);
    check_vjp!(pair_plain(0.5, 1.0));
}

#[grad(second)]
fn ends(v: &[f64], ks: &[usize]) -> Option<f64> {
    let (first, rest) = v.split_first()?;
    let Some((last, middle)) = rest.split_last() else { return Some(first * first) };
    let shift = match ks.split_first() {
        Some((&k, others)) => k + others.len(),
        None => 0,
    };
    let mut sum = 0.0;
    for (at, x) in middle.iter().enumerate() {
        sum += x * x * (at + shift) as f64;
    }
    if let Some((a, _)) = middle.split_first()
        && *a > 1.0
    {
        sum *= a;
    }
    Some(sum * first - last * rest[0])
}

#[grad(second)]
fn ends_plain(v: &[f64], ks: &[usize]) -> f64 {
    ends(v, ks).unwrap()
}

#[test]
fn first_and_last_apart() {
    for ks in [&[][..], &[3, 1]] {
        check!(ends_plain(&[2.0], = ks));
        check!(ends_plain(&[2.0, 3.0], = ks));
        check!(ends_plain(&[2.0, 1.5, 0.5, 3.0], = ks));
    }
    assert_eq!(ends::grad(&[], &[]), None);
}

#[grad(second)]
fn logarithm(x: f64) -> Option<f64> {
    if x <= 0.0 { None } else { Some(x.ln()) }
}

#[grad(second)]
fn sums_of_items(v: &[f64], w: f64, words: &[&str]) -> Option<f64> {
    let logarithms = v.iter().map(|x| logarithm(*x)).sum::<Option<f64>>()?;
    let inverse: Vec<f64> =
        v.iter().map(|x| if *x == 3.0 { None } else { Some(w / (x - 3.0)) }).collect::<Option<_>>()?;
    let product = v
        .iter()
        .enumerate()
        .map(|(i, x)| logarithm(x + i as f64).map(|y| y + 2.0))
        .product::<Option<f64>>()?;
    let constants = words.iter().map(|word| word.parse::<f64>().ok()).collect::<Option<Vec<f64>>>()?;
    let mut sum = logarithms * product;
    for (a, b) in inverse.iter().zip(&constants) {
        sum += a * b;
    }
    Some(sum)
}

#[grad(second)]
fn sums_of_items_plain(v: &[f64], w: f64, words: &[&str]) -> f64 {
    sums_of_items(v, w, words).unwrap()
}

#[grad]
fn collected_at_the_end(v: &[f64], k: f64) -> Result<Vec<f64>, String> {
    v.iter().map(|x| logarithm(*x).map(|y| y * k).ok_or_else(|| format!("{x}"))).collect()
}

#[grad]
fn collected_plain(v: &[f64], k: f64) -> Vec<f64> {
    collected_at_the_end(v, k).unwrap()
}

#[test]
fn items_that_may_fail() {
    check!(sums_of_items_plain(&[1.5, 2.0], 0.5, = &["1.5", "2"]));
    assert_eq!(sums_of_items::grad(&[1.5, -2.0], 0.5, &[]), None);
    assert_eq!(sums_of_items::grad(&[1.5, 3.0], 0.5, &[]), None);
    assert_eq!(sums_of_items::grad(&[1.5, 2.0], 0.5, &["x"]), None);
    check_vjp!(collected_plain(&[1.5, 2.0], 0.5));
    assert_eq!(collected_at_the_end::jacobian(&[1.5, -2.0], 0.5), Err("-2".to_owned()));
}

#[derive(Debug, PartialEq)]
enum Bad {
    Log(f64),
    Large(String),
}

impl From<String> for Bad {
    fn from(s: String) -> Bad {
        Bad::Large(s)
    }
}

#[grad(second)]
fn positive(x: f64) -> Result<f64, Bad> {
    if x > 0.0 { Ok(x.ln()) } else { Err(Bad::Log(x)) }
}

#[grad(second)]
fn small(x: f64) -> Result<f64, String> {
    if x < 5.0 { Ok(x * x) } else { Err(format!("{x}")) }
}

/// A `?` in a closure is that of the function, where both fail alike.
#[grad(second)]
fn asked_in_closures(v: &[f64], w: f64) -> Result<f64, Bad> {
    let all = v
        .iter()
        .map(|x| {
            let y = positive(*x * w)?;
            let z = small(*x)?;
            Ok(y * z)
        })
        .collect::<Result<Vec<_>, Bad>>()?;
    let mut sum = 0.0;
    for a in &all {
        if *a > 10.0 {
            break;
        }
        sum += a * w;
    }
    v.iter()
        .map(|x| {
            let y = small(x * sum)?;
            if y > 20.0 { Err(Bad::Log(y)) } else { Ok(y + positive(*x)?) }
        })
        .sum()
}

#[grad(second)]
fn asked_in_closures_plain(v: &[f64], w: f64) -> f64 {
    asked_in_closures(v, w).unwrap()
}

#[grad(second)]
fn asked_of_options(v: &[f64], k: usize) -> Option<f64> {
    let all: Vec<f64> = v
        .iter()
        .enumerate()
        .map(|(i, x)| {
            let y = logarithm(*x)?;
            let w = v.get(k - i)?;
            Some(y * w)
        })
        .collect::<Option<_>>()?;
    let z = logarithm(2.0 + all[0]).and_then(|z| {
        let q = logarithm(z + 1.0)?;
        Some(q * z)
    })?;
    Some(all.iter().sum::<f64>() * z)
}

#[grad(second)]
fn asked_of_options_plain(v: &[f64], k: usize) -> f64 {
    asked_of_options(v, k).unwrap()
}

#[test]
fn questions_in_closures() {
    check!(asked_in_closures_plain(&[1.5, 1.2], 0.9));
    assert_eq!(asked_in_closures::grad(&[1.5, -1.0], 2.0), Err(Bad::Log(-2.0)));
    assert_eq!(asked_in_closures::grad(&[1.5, 6.0], 2.0), Err(Bad::Large("6".to_owned())));
    check!(asked_of_options_plain(&[1.5, 2.5], = 1));
    assert_eq!(asked_of_options::grad(&[1.5, -2.5], 1), None);
    assert_eq!(asked_of_options::hessian(&[1.5, 2.5], 2), None);
}

/// Kept in a variable, which the next statement takes apart.
#[grad(second)]
fn kept(x: f64, n: usize) -> Result<f64, Bad> {
    let mut sum = 0.0;
    for i in 0..n {
        let y = logarithm(x - i as f64);
        let Some(y) = y else {
            continue;
        };
        let z = small(0.1 * y * x);
        match z {
            Ok(z) if z > 0.04 => sum += y,
            Ok(z) => sum += z * y,
            Err(text) => return Err(Bad::Large(format!("{text}!"))),
        }
        let w = logarithm(sum);
        if let Some(w) = w {
            sum += w;
        }
    }
    let last = positive(sum * sum + 1.0);
    let last = last?;
    let checked = small(0.1 * last);
    let value = checked.unwrap_or(7.0) * x;
    Ok(value)
}

#[grad(second)]
fn kept_plain(x: f64, n: usize) -> f64 {
    kept(x, n).unwrap()
}

#[test]
fn kept_in_variables() {
    check!(kept_plain(2.3, = 1));
    check!(kept_plain(2.3, = 3));
    assert_eq!(kept::grad(60.0, 1).unwrap_err(), kept(60.0, 1).unwrap_err());
}
