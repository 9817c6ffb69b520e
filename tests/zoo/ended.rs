//! How calls ended, in variables: results that are taken apart behind the call.

use crate::support::check;
use grad::grad;

#[derive(Clone, Debug)]
enum Failure {
    Negative,
    Large { at: usize },
}

impl Failure {
    fn code(&self) -> usize {
        match self {
            Failure::Negative => 1,
            Failure::Large { at } => *at,
        }
    }
}

#[grad(second)]
fn logarithm(x: f64) -> Result<f64, Failure> {
    if x < 0.0 {
        return Err(Failure::Negative);
    }
    if x > 2.0 {
        return Err(Failure::Large { at: 3 });
    }
    Ok((x + 1.0).ln())
}

#[grad(second)]
fn scaled(v: &[f64], x: f64) -> Result<Vec<f64>, Failure> {
    if x < 0.0 { Err(Failure::Negative) } else { Ok(v.iter().map(|a| a * x).collect()) }
}

#[grad(second)]
fn mean(v: &[f64]) -> Option<f64> {
    if v[0] < 0.0 { None } else { Some(v.iter().sum::<f64>() / v.len() as f64) }
}

#[grad(second)]
fn two_parts(x: f64) -> Option<(f64, [f64; 2])> {
    if x > 1.0 {
        return None;
    }
    Some((x * x, [x, x.sin()]))
}

#[grad(second)]
fn one_after_the_other(x: f64) -> Result<f64, Failure> {
    let one = logarithm(x);
    let other = logarithm(x * x);
    Ok(one? * other?)
}

#[grad(second)]
fn mapped_at_the_end(x: f64) -> Result<f64, Failure> {
    let ended = logarithm(x);
    ended.map(|v| v * x)
}

#[grad(second)]
fn with_another_error(x: f64) -> Result<f64, Failure> {
    let ended = logarithm(x);
    let v = ended.map_err(|error| Failure::Large { at: error.code() })?;
    Ok(v * v)
}

#[grad(second)]
fn handed_on(x: f64) -> Result<f64, Failure> {
    let ended = logarithm(x + 0.1);
    ended
}

#[grad(second)]
fn returned(x: f64) -> Result<f64, Failure> {
    let ended = logarithm(x);
    let next = ended.and_then(|v| logarithm(v * 0.5))?;
    let ended = logarithm(next);
    return ended.map(|v| v * x);
}

#[grad(second)]
fn three_in_their_order(x: f64) -> Result<f64, Failure> {
    let one = logarithm(x);
    let y = x * 0.1;
    let two = logarithm(y);
    let three = logarithm(0.5 * x);
    Ok(one? * two? + three?)
}

#[grad(second)]
fn of_options(x: f64) -> Option<f64> {
    let one = mean(&[x, 2.0 * x]);
    let other = mean(&[x * x]);
    Some(one? + other?)
}

#[grad(second)]
fn made_an_error(x: f64) -> Result<f64, Failure> {
    let ended = mean(&[x, x * x]);
    let v = ended.ok_or(Failure::Negative)?;
    Ok(v * x)
}

#[grad(second)]
fn by_functions(x: f64) -> f64 {
    one_after_the_other(x).unwrap_or(x)
        + mapped_at_the_end(x).unwrap_or(2.0 * x)
        + with_another_error(x).unwrap_or(x * x)
        + handed_on(x).unwrap_or(3.0 * x)
        + returned(x).unwrap_or(4.0 * x)
        + three_in_their_order(x).unwrap_or(0.25 * x)
        + of_options(x).unwrap_or(x)
        + made_an_error(x).unwrap_or(0.5 * x)
}

#[grad(second)]
fn by_patterns(x: f64) -> f64 {
    let ended = logarithm(x);
    let one = match ended {
        Ok(v) => v,
        Err(_) => x * 2.0,
    };
    let ended = logarithm(x);
    let by_error = match ended {
        Ok(v) => v * x,
        Err(Failure::Negative) => x * 2.0,
        Err(_) => 1.0,
    };
    let ended = logarithm(x);
    let lent = match &ended {
        Ok(v) => *v * x,
        Err(_) => 0.0,
    };
    let parts = two_parts(x);
    let of_parts = match parts {
        Some((a, [b, _])) if a > 0.3 => a * b,
        Some((a, _)) => a * 7.0,
        None => x * x,
    };
    let Some((a, [b, c])) = parts else { return one + by_error * lent + of_parts };
    one + by_error * lent + of_parts + a * b + c
}

#[grad(second)]
fn by_methods(x: f64) -> f64 {
    let ended = logarithm(x);
    let one = if ended.is_err() { x * 3.0 } else { ended.unwrap() * 2.0 };
    let m = mean(&[x, 1.0]);
    let a = m.unwrap_or(0.0);
    let b = m.map(|v| v * v).unwrap_or(x);
    let other: Result<f64, Failure> = logarithm(x);
    let otherwise = logarithm(x * x).ok();
    let kept = otherwise.filter(|v| *v > 0.3).or(Some(x));
    let shorter = logarithm(x).ok().or(mean(&[x * x])).unwrap_or(x);
    let Some(small) = mean(&[x, 1.0]).filter(|m| *m < 1.2) else { return one + a * b };
    one + a * b + other.unwrap_or(x) * kept.unwrap() + shorter * small
}

/// What is changed behind a call is not what it was called with; an error is asked for where another name hides its own.
#[grad(second)]
fn with_changes_behind(x: f64) -> f64 {
    let mut v = vec![1.0, x, x * x];
    let ended = scaled(&v, x);
    v[0] = 5.0 * x;
    let one = match ended {
        Ok(w) => w.iter().sum::<f64>() * v[0],
        Err(_) => v[2],
    };
    let square = x * x;
    let ended = logarithm(square);
    let square = 10.0 * x;
    let other = match ended {
        Ok(v) => v * square,
        Err(Failure::Large { at: 3 }) => square,
        Err(_) => 0.0,
    };
    one + other
}

#[grad(second)]
fn in_loops(x: f64) -> f64 {
    let mut s = 0.0;
    for k in 0..4 {
        let ended = logarithm(x + f64::from(k) * 0.5);
        match ended {
            Ok(v) => s += v * x,
            Err(_) => break,
        }
    }
    for k in 0..4 {
        let ended = logarithm(x - f64::from(k) * 0.5);
        if let Err(Failure::Negative) = ended {
            s += x;
            continue;
        }
        s *= x;
    }
    let mut best: Option<f64> = None;
    for k in 0..3 {
        let ended = logarithm(x + 0.3 * f64::from(k));
        if let Ok(v) = ended
            && best.is_none_or(|b| v > b)
        {
            best = Some(v);
        }
    }
    s + best.unwrap_or(x)
}

#[grad(second)]
fn side_by_side(x: f64) -> f64 {
    let one = match (logarithm(x), mean(&[x, 1.0])) {
        (Ok(a), Some(b)) => a * b,
        (Ok(a), None) => a * 3.0,
        (Err(_), Some(b)) => b * b,
        (Err(_), None) => x,
    };
    let p_or_q = match (two_parts(x), two_parts(x * 0.5), x) {
        (Some((a, _)), Some((_, b)), y) if y > 0.5 => a * b[1],
        (None, Some((a, _)), y) => a * y,
        _ => x,
    };
    if let (Ok(a), Some((b, _))) = (logarithm(x), two_parts(x)) { one + p_or_q * a * b } else { one * p_or_q }
}

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

/// A name that others have, too: what is done with these tells nothing.
#[grad]
fn namesakes(x: f64) -> f64 {
    let r = square(x);
    let mut s = r;
    for r in [Some(x), None] {
        if let Some(v) = r {
            s += v;
        }
    }
    s += [Some(x)].iter().map(|r| r.unwrap_or(1.0)).sum::<f64>();
    let mut next = Some(x);
    while let Some(r) = next {
        s += r;
        next = (r < 8.0 && r > 0.0).then_some(r * 2.0);
    }
    {
        let r = Some(x * 2.0);
        if r.is_some() {
            s += r.unwrap();
        }
    }
    if let Some(r) = Some(s).filter(|r| *r > 9.0)
        && r > 10.0
    {
        return r * x;
    }
    s + r
}

/// What stands beside a call that may fail is what it was in front of it.
#[grad(second)]
fn beside_changes(x: f64) -> f64 {
    let mut v = [x, 2.0];
    let mut y = x;
    let one = match (
        v,
        mean(&[{
            v[0] = 3.0;
            x
        }]),
    ) {
        (w, Some(m)) => w[0] * m + v[0],
        (w, None) => w[0] * 2.0,
    };
    let two = match (
        y,
        mean(&[{
            y *= 3.0;
            y
        }]),
    ) {
        (a, Some(m)) => a * m + y,
        (a, None) => a * y,
    };
    one * two
}

/// What a method gave is what there was, whatever becomes of what it was called of.
#[grad(second)]
fn kept_of_what_changes(x: f64) -> f64 {
    let mut of = logarithm(x);
    let kept = of.map_err(|e| e.code());
    of = logarithm(x + 0.4);
    let one = kept.unwrap_or(x) * of.unwrap_or(1.0);
    let mut of = logarithm(x);
    let kept = of.ok();
    of = logarithm(x + 0.4);
    let two = kept.unwrap_or(x) * of.unwrap_or(1.0);
    let mut of = two_parts(x);
    let kept = of.ok_or(1);
    of = None;
    let three = kept.map_or(x, |(a, b)| a * b[1]) * of.map_or(2.0, |(a, _)| a);
    let mut of = mean(&[x, 1.0]);
    let pair = (of.ok_or(2), {
        of = Some(4.0 * x);
        x
    });
    let four = pair.0.unwrap_or(x) * of.unwrap_or(1.0) * pair.1;
    let mut result = of.ok_or(1);
    for k in 0..3 {
        of = mean(&[x - f64::from(k), 2.0]);
        if result.is_err() {
            result = of.ok_or(2);
        }
    }
    one * two + three * four + result.unwrap_or(x) * of.unwrap_or(1.0)
}

#[test]
fn results_are_taken_apart_behind_the_call() {
    for x in [0.7, 0.32, 1.3, 2.2, -0.63] {
        check!(by_functions(x));
        check!(by_patterns(x));
        check!(by_methods(x));
        check!(with_changes_behind(x));
        check!(in_loops(x));
        check!(side_by_side(x));
        check!(namesakes(x), first_only);
        check!(beside_changes(x));
        check!(kept_of_what_changes(x));
    }
}
