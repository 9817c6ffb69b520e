//! What may be there or not: by a constant, at a position from the back, as long as a fold goes on.

use crate::support::check;
use grad::grad;

/// The constant says which element, if there is one.
#[grad(second)]
fn by_a_constant(v: &[f64], pick: Option<usize>, x: f64) -> f64 {
    let found = pick.and_then(|i| v.get(i)).copied().unwrap_or(x * x);
    let scaled = pick.and_then(|i| if i < v.len() { Some(v[i] * x) } else { None });
    let mut s = found * x;
    for k in 0..2 {
        s += match scaled {
            Some(z) if z > 0.5 => z * z * f64::from(k),
            Some(z) => z,
            None => x * s,
        };
    }
    s + pick.and_then(|i| v.get(i + 1)).map_or(x, |z| z * z)
}

#[grad]
fn in_passes(v: &[f64], picks: &[Option<usize>], x: f64) -> f64 {
    let mut s = x;
    for pick in picks {
        let Some(z) = pick.and_then(|i| v.get(i)) else { continue };
        s += z * s;
        s *= pick.and_then(|i| i.checked_sub(1)).and_then(|i| v.get(i)).copied().unwrap_or(x);
    }
    s
}

#[grad]
fn from_the_back(v: &[f64], x: f64) -> f64 {
    let at = v.iter().rposition(|z| *z < 0.5);
    let of_pairs = v.iter().zip(v.iter().skip(1)).rposition(|(a, b)| a < b).map_or(x, |i| v[i] * x);
    let copied = v.iter().copied().skip(1).rposition(|z| z > 0.4).unwrap_or(0);
    at.map_or(x * x, |i| v[i] * v[i]) * of_pairs + copied as f64 * x
}

/// Numbers, a pair, a list; it ends before the last item, at once, or not at all.
#[grad]
fn as_long_as(v: &[f64], x: f64) -> f64 {
    let product = v.iter().try_fold(1.0, |s, z| if *z > 0.3 { Some(s * z * x) } else { None });
    let pair = v.iter().enumerate().try_fold((x, 0.0), |(a, b), (i, z)| (i < 3).then(|| (a * z, b + a)));
    let list = v.iter().try_fold(Vec::new(), |mut list, z| {
        if *z > 1.2 {
            return None;
        }
        list.push(z * x);
        Some(list)
    });
    let Some((a, b)) = pair else { return product.unwrap_or(x) };
    let list = list.unwrap_or_default();
    product.map_or(a, |p| p * b) + list.iter().sum::<f64>() * x
}

#[test]
fn what_constants_say() {
    for pick in [None, Some(0), Some(2), Some(7)] {
        check!(by_a_constant(&[0.3, 0.8, 1.1], =pick, 0.7));
    }
    check!(in_passes(&[0.3, 0.8, 1.1], =&[None, Some(0), Some(2), Some(7)], 0.7), first_only);
    check!(in_passes(&[0.3, 0.8, 1.1], =&[], 0.7), first_only);
}

#[test]
fn positions_from_the_back() {
    check!(from_the_back(&[0.3, 0.8, 1.1, 0.45, 0.9], 0.7), first_only);
    check!(from_the_back(&[0.8, 0.7], 0.7), first_only);
    check!(from_the_back(&[0.2], 0.7), first_only);
}

#[test]
fn folds_that_end() {
    for v in
        [&[][..], &[0.9], &[0.2, 0.9], &[0.9, 1.4, 0.7], &[0.9, 1.1, 0.7, 0.8], &[0.9, 1.1, 0.7, 0.2, 0.5]]
    {
        check!(as_long_as(&v.to_vec(), 0.7), first_only);
    }
}
