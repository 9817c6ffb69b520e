//! Constants of types of one's own that change, are chosen, lent on, listed and looked up.

use crate::support::check;
use grad::grad;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct Config {
    k: f64,
    n: usize,
    w: Vec<f64>,
}

impl Config {
    fn new(n: usize) -> Config {
        Config { k: 0.4 * n as f64 + 0.1, n, w: vec![0.4, -0.7, 1.9] }
    }

    fn grow(&mut self) {
        self.k += 0.5;
        self.n += 1;
        self.w.push(self.k);
    }

    fn weight(&self, i: usize) -> f64 {
        self.w[i % self.w.len()]
    }
}

#[grad(wrt(x), second)]
fn shared(c: &Config, x: f64) -> f64 {
    c.k * x * x
}

#[grad(wrt(x), second)]
fn exclusive(c: &mut Config, x: f64) -> f64 {
    c.grow();
    c.k * x
}

#[grad(wrt(x), second)]
fn power(c: &[usize], x: f64) -> f64 {
    x.powi(c.len() as i32) * c[0] as f64
}

#[grad(wrt(x), second)]
fn named(name: &str, x: f64) -> f64 {
    x.powi(name.len() as i32)
}

/// A `&mut` constant by its name, where the callee's parameter is `&` or `&mut`, and what comes behind it changes it.
#[grad(wrt(x), second)]
fn lent_on(c: &mut Config, order: &mut Vec<usize>, name: &mut String, x: f64) -> f64 {
    let mut s = shared(c, x);
    for i in 0..2 {
        s += power(order, x + s);
        order.push(i);
        if i == 0 {
            s += shared(c, s) + exclusive(c, x);
            name.push('a');
        }
        s += named(name, x);
    }
    let again = &mut *c;
    again.k += 0.5;
    s + shared(again, s)
}

#[grad(second)]
fn by_whoever(x: f64, y: f64) -> f64 {
    let mut c = Box::new(Config::new(1));
    let (mut order, mut name) = (vec![3, 1], String::from("a"));
    let a = lent_on(&mut c, &mut order, &mut name, x);
    let b = lent_on(&mut c, &mut order, &mut name, y);
    a * b * shared(&mut c, x) + named(&mut name, y)
}

/// Arms that leave have no value of a type that only rustc knows.
#[grad(wrt(v), second)]
fn leaving(v: &[f64], a: &Config, b: &Config, all: &[Config]) -> f64 {
    let mut s = 0.0;
    for (i, z) in v.iter().enumerate() {
        let c = match i % 4 {
            0 => a,
            1 => b,
            2 if *z > 0.0 => continue,
            _ => {
                if i > 6 {
                    break;
                }
                b
            }
        };
        s += shared(c, *z) * c.k;
        let mut owned = if i % 3 == 0 {
            Config::new(i)
        } else if i == 4 {
            Config::new(7)
        } else {
            continue;
        };
        s += shared(&owned, *z);
        owned.grow();
        let found = if let Some(c) = all.get(i) {
            c
        } else if *z > 0.0 {
            &all[0]
        } else {
            return s * owned.k;
        };
        let factor = match found.n {
            0 => "zero",
            1 => "one",
            _ => "many",
        };
        s += shared(found, *z) * factor.len() as f64;
    }
    s
}

/// Of two constants one is chosen, and both are there afterwards.
#[grad(wrt(v), second)]
fn chosen(v: &[f64]) -> f64 {
    let (c, e) = (Config::new(1), Config::new(2));
    let ks = [0.4, 1.3];
    let mut s = 0.0;
    for z in v {
        let d = if *z > 0.45 { &c } else { &e };
        s += shared(d, *z) * d.k;
        let other = match d.n {
            1 => &e,
            _ => &c,
        };
        s *= other.weight(1) + shared(other, s);
        let k = if *z > 1.0 { &ks[0] } else { &ks[1] };
        s += k * z;
    }
    s * c.k + e.k
}

pub struct Histogram {
    counts: Vec<usize>,
    log: Vec<i32>,
}

impl Histogram {
    fn add(&mut self, i: usize, up: bool) -> bool {
        self.counts[i % 3] += 1;
        self.log.push(if up { 1 } else { -1 });
        self.counts[i % 3] > 1
    }

    fn get(&mut self) -> f64 {
        self.counts[0] += 1;
        self.counts[0] as f64
    }
}

fn bin(i: i32, n: usize, up: bool) -> usize {
    (i.unsigned_abs() as usize + usize::from(up)) % n
}

fn times(a: f64, i: i32) -> f64 {
    a * f64::from(i)
}

/// Whole numbers and answers in arguments of what is left as it is, also beside what changes.
#[grad(wrt(v), second)]
fn wholes(v: &[f64]) -> f64 {
    let mut h = Histogram { counts: vec![0; 3], log: vec![] };
    let mut seen = BTreeSet::new();
    let mut groups: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    let mut s = 0.0;
    for (i, z) in v.iter().enumerate() {
        if h.add(z.abs() as usize, *z > -0.1) {
            s += z * z;
        }
        s *= 1.0 + bin((z + 3.0) as i32, 4, *z * 2.0 > 2.0) as f64 * z;
        if i > 0 && h.add(v[i - 1].abs() as usize, v[i - 1] < *z) {
            s -= z;
        }
        h.log.push((s * 0.001) as i32);
        if !seen.insert(((z + 4.0) as i32, *z > 0.0)) {
            s -= z * z;
        }
        groups.entry(z.floor() as i32).or_default().push(i);
        s += times(h.get(), (z + 1.0) as i32) * z;
    }
    let (k, most) = groups.iter().max_by_key(|(_, of)| of.len()).unwrap();
    for &i in most {
        s += v[i] * (f64::from(*k) + 1.5);
    }
    s * h.log.iter().sum::<i32>() as f64 + h.counts[0] as f64 * v[0]
}

/// Lists of constants in memory: nothing that is followed comes into them, and their type has no tangents.
#[grad(second)]
fn listed(x: f64, y: f64) -> f64 {
    let mut all = vec![Config::new(0), Config::new(1), Config::new(4)];
    let mut s = 1.0;
    for c in all.iter_mut() {
        c.grow();
        s += c.k * x;
    }
    for c in &all {
        s += c.k * y * s;
    }
    all.retain(|c| c.n > 1);
    all.push(Config::new(2));
    while let Some(mut c) = all.pop() {
        c.k += 1.0;
        s *= c.k * x + y;
        if let Some(last) = all.last_mut() {
            last.k *= c.k;
        }
    }
    s
}

fn configs() -> Vec<Config> {
    vec![Config::new(0), Config::new(1), Config::new(4)]
}

/// Each item of a list that only rustc knows, lent to callees that look at it or change it.
#[grad(second)]
fn items(x: f64, y: f64) -> f64 {
    let mut all = configs();
    let mut s = 1.0;
    for k in 0..2 {
        for c in all.iter_mut() {
            c.grow();
            s += shared(c, x) * k as f64;
        }
        for c in &mut all {
            s += exclusive(c, y * s) * c.k;
        }
    }
    s * all[0].k
}

/// Not to be cloned, and with a method that is called as one of `Result`.
pub struct Limit(f64);

#[grad]
impl Limit {
    #[grad(wrt(x), second)]
    fn ok(&self, x: f64) -> Result<f64, String> {
        if x > self.0 {
            return Err(format!("{x} is more than {}", self.0));
        }
        Ok(x * x * self.0)
    }

    #[grad(wrt(x, y), second)]
    fn both(&self, x: f64, y: f64) -> Result<f64, String> {
        let a = self.ok(x)?;
        if a > 50.0 {
            return Err(format!("{a} is too much"));
        }
        Ok(a * self.ok(y)? * self.0)
    }
}

#[grad(wrt(x, y), second)]
fn limited(limit: &Limit, x: f64, y: f64) -> f64 {
    let a = limit.both(x, y).unwrap();
    a * limit.both(y, a).unwrap_or(x)
}

/// One of two constants is chosen to be changed.
#[grad(wrt(x), second)]
fn changed(p: &mut Config, q: &mut Config, x: f64) -> f64 {
    let c = if x > 0.5 { &mut *p } else { &mut *q };
    let a = exclusive(c, x);
    let d = if a > 1.0 { p } else { q };
    d.k += 1.0;
    a * exclusive(d, a)
}

#[grad(wrt(v), second)]
fn chosen_to_be_changed(v: &[f64]) -> f64 {
    let (mut p, mut q) = (Config::new(1), Config::new(2));
    let mut s = 0.0;
    for (i, z) in v.iter().enumerate() {
        let a = p.k;
        let c = if *z > 0.45 { &mut p } else { &mut q };
        let b = c.k;
        c.grow();
        s += c.k * z * z * a + b * z;
        s += shared(c, *z) * exclusive(c, s * 0.1);
        let d = match i {
            0 => &mut p,
            1 => &mut q,
            _ => {
                if s > 1e9 {
                    break;
                }
                &mut p
            }
        };
        d.k *= 0.5;
        s += exclusive(d, *z) * p.k - q.k;
    }
    s * p.k + changed(&mut q, &mut p, v[0]) * changed(&mut p, &mut q, v[1])
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Idle,
    Run(u8),
    Hold { k: f64 },
}

#[derive(Clone, Debug)]
pub struct Control {
    gain: f64,
    history: Vec<f64>,
    state: State,
}

/// A machine whose states hold numbers, all of them constants.
#[grad(wrt(v), second)]
fn machine(v: &[f64]) -> f64 {
    let mut c = Control { gain: 0.5, history: vec![], state: State::Idle };
    let mut s = 0.0;
    for &z in v {
        c.state = match c.state {
            State::Idle if z > 0.0 => State::Run(1),
            State::Run(n) if n > 1 => State::Hold { k: f64::from(n) * c.gain },
            State::Run(n) => State::Run(n + 1),
            State::Hold { k } if k > 3.0 => State::Idle,
            State::Hold { k } => State::Hold { k: k * 2.0 },
            other => other,
        };
        if let State::Hold { k } = c.state {
            s += k * z * z;
            c.history.push(k);
        } else {
            s += z * c.gain;
        }
        c.gain *= 1.1;
        if c.history.len() > 2 {
            c = Control { gain: 2.0 * c.gain, history: vec![1.0], ..c };
        }
        s *= 1.0 + c.history.iter().sum::<f64>() * 0.1;
    }
    s
}

/// What is looked up in tables, by closures that take items apart behind a reference.
#[grad(wrt(v), second)]
fn tables(v: &[f64], t: &[(String, f64)], m: &BTreeMap<String, f64>, ks: &[Option<f64>]) -> f64 {
    let mut s = 0.0;
    for (i, z) in v.iter().enumerate() {
        let name = ["a", "b", "c"][i % 3];
        if let Some((_, k)) = t.iter().find(|(label, _)| label == name) {
            s += k * z * z;
        }
        s += m.iter().find(|(label, _)| label.as_str() == name).map_or(0.5, |(_, k)| *k) * z;
        if let Some(i) = t.iter().position(|(label, k)| label == name && *k > 1.0) {
            s -= (i + 1) as f64 * z;
        }
        let (least, _) = t.iter().min_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap();
        s += least.len() as f64 * z;
        for k in ks.iter().flatten() {
            s += k * z * s;
        }
    }
    s + v.iter().zip(ks.iter().flatten()).map(|(z, k)| z * k).sum::<f64>() * ks.iter().flatten().sum::<f64>()
}

/// The same of what is followed: tuples, pieces, an item that is changed.
#[grad(second)]
fn found(v: &[f64]) -> f64 {
    let mut u = v.to_vec();
    let mut s = 0.0;
    if let Some(z) = u.iter_mut().find(|z| **z < 0.0) {
        *z = z.exp();
    }
    let pairs: Vec<(usize, f64)> = u.iter().copied().enumerate().collect();
    if let Some((i, z)) = pairs.iter().find(|(_, z)| *z > 1.0) {
        s += z * z * *i as f64;
    }
    if let Some(&(i, z)) = pairs.iter().rev().find(|&&(i, z)| i % 2 == 0 && z < 1.0) {
        s += z * i as f64;
    }
    if let Some(piece) = v.chunks(2).find(|piece| piece[0] > 0.5) {
        s += piece[0] * piece.len() as f64;
    }
    s + u.iter().find(|z| **z > 0.6).copied().unwrap_or(v[0])
}

/// What there is by default is a list, or a tuple.
#[grad(second)]
fn default_lists(v: &[f64]) -> f64 {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut pairs: Vec<(f64, f64)> = vec![];
    for (i, &z) in v.iter().enumerate() {
        let mut row = rows.last().cloned().unwrap_or_default();
        row.push(z * row.iter().sum::<f64>() + 1.0);
        if i % 3 == 2 {
            row.remove(0);
        }
        rows.push(row);
        let (a, b) = pairs.get(i / 2).copied().unwrap_or_default();
        pairs.push((a + z, b * z + 1.0));
    }
    let mut s = pairs.iter().map(|(a, b)| a * b).sum::<f64>();
    for (row, z) in rows.iter().zip(v) {
        s += row.iter().zip(row.iter().skip(1)).map(|(a, b)| a * b).sum::<f64>() * z;
    }
    s
}

const V: [f64; 9] = [0.71, -0.33, 1.21, 0.52, 2.14, -0.61, 0.83, 0.27, 1.07];
const V6: [f64; 6] = [0.71, -0.33, 1.21, 0.52, 2.14, -0.61];

#[test]
fn constants_are_lent_on_by_their_names() {
    check!(by_whoever(0.3, 0.2));
}

#[test]
fn arms_that_leave_choose_no_constant() {
    let (a, b, all) = (Config::new(1), Config::new(5), [Config::new(0), Config::new(1)]);
    check!(leaving(&V, =&a, =&b, =&all));
    check!(leaving(&[0.4, 0.2, -0.3, -0.9], =&a, =&b, =&all));
    check!(chosen(&V6));
    check!(chosen_to_be_changed(&V6));
}

#[test]
fn whole_numbers_are_computed_before_what_takes_them() {
    check!(wholes(&[0.5, -0.5, 1.5, 0.45, 2.55, -0.55]));
}

#[test]
fn constants_of_own_types_hold_no_derivative_in_lists_and_states() {
    check!(listed(0.7, 0.3));
    check!(items(0.7, 0.3));
    check!(machine(&V));
    check!(limited(=&Limit(2.0), 0.7, 0.3));
}

/// Lists that nobody follows, in tuples, are changed.
#[grad(second, wrt(x))]
fn in_tuples(x: f64, k: f64) -> f64 {
    let mut table = (vec![1.0; 3], (vec![k], 2_usize));
    let mut other = (ones(3), (ones(1), 2_usize));
    let mut s = x;
    for i in 0..3 {
        other.0[i] *= k;
        other.1.0.push(other.0[i] * 2.0);
        other.0.rotate_left(1);
        other.1.1 += 1;
        table.0[i] += k;
        table.1.0.push(k);
        s = s * other.0[i] + (s * other.1.0[i + 1] * table.0[i]).sin();
    }
    other.0.fill(k);
    s * other.0[1] * other.1.1 as f64 * table.1.0.len() as f64
}

fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

#[test]
fn lists_in_tuples_are_changed() {
    check!(in_tuples(0.7, =1.4));
}

#[test]
fn items_are_found_where_they_are() {
    let t = [("a".to_string(), 0.4), ("b".to_string(), 1.7)];
    let m: BTreeMap<String, f64> = t.iter().cloned().collect();
    let ks = [Some(0.4), None, Some(2.0)];
    check!(tables(&V6, =&t, =&m, =&ks));
    check!(found(&V));
    check!(found(&[-0.5, -0.62]));
    check!(default_lists(&V6));
}
