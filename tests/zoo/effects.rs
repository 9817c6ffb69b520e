//! Closures of chains that check something, or have a state of their own.

use crate::support::check;
use grad::grad;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

#[grad(second)]
fn asserted(v: &[f64], n: usize) -> f64 {
    v.iter()
        .map(|z| {
            assert!(n > 0);
            z * z
        })
        .zip(v)
        .map(|(a, b)| a * b)
        .sum()
}
#[grad(wrt(y), second)]
fn scanned(y: &[f64], c: f64) -> f64 {
    y.iter()
        .zip(y.iter().scan(0.5, |st, z| {
            *st += z * c;
            Some(*st)
        }))
        .map(|(a, b)| a * b)
        .sum()
}
#[grad(second)]
fn scanned_first(y: &[f64], c: f64) -> f64 {
    y.iter()
        .scan((1.0, c), |(p, q), z| {
            *p *= z;
            *q += *p;
            if *q > 4.0 { None } else { Some(*q) }
        })
        .zip(y.iter().rev())
        .enumerate()
        .map(|(i, (a, b))| a * b * (i + 1) as f64)
        .sum()
}
#[grad(second)]
fn checks(v: &[f64], k: usize) -> f64 {
    let mut s = 0.0;
    for (a, b) in v
        .iter()
        .map(|z| {
            debug_assert!(*z > -1.0, "no {z}");
            z * z
        })
        .zip(v.windows(2))
    {
        s += a * b[0] * b[1];
    }
    s += v.iter().filter(|z| matches!(k, 0 | 1) && **z > 0.0).zip(v).map(|(a, b)| a * b).sum::<f64>();
    s += v
        .iter()
        .zip(v.iter().map(|z| {
            let name = format!("{k}");
            assert_eq!(name.len(), 1);
            z.sin()
        }))
        .map(|(a, b)| a * b)
        .sum::<f64>();
    s += v
        .iter()
        .rev()
        .map(|z| if k > 9 { panic!("no") } else { z * s })
        .zip(v.iter().skip(1))
        .map(|(a, b)| a * b)
        .sum::<f64>();
    s
}
#[grad(second)]
fn scan_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for (a, b) in v.iter().zip(v.iter().scan(1.0, |p, z| {
        *p *= z;
        Some(*p)
    })) {
        if *a > 1.0 {
            continue;
        }
        s += a * b;
        if s > 5.0 {
            break;
        }
    }
    for (a, b) in v
        .iter()
        .scan(vec![1.0, 0.0], |p, z| {
            p[0] += z;
            p[1] *= p[0];
            p[1] += *z;
            Some(p[1])
        })
        .zip(v)
    {
        s += a * b;
    }
    s
}

#[test]
fn checks_and_scans_beside_other_iterators() {
    check!(asserted(&[0.5, 0.7], =1));
    for y in [[0.5, 0.7, 0.3], [1.3, 2.5, 0.4]] {
        check!(scanned(&y, =2.0));
        check!(scanned_first(&y, 0.7));
        check!(checks(&y, =1));
        check!(checks(&y, =2));
        check!(scan_loop(&y));
    }
}

/// What a closure changes by calls of methods and of closures is changed as often as it runs, also for items that are left out.
#[grad]
fn changed_by_methods(x: f64) -> f64 {
    let mut queue = VecDeque::from([x, 2.0 * x, x * x, 3.0]);
    let mut once = Some(x);
    let mut state = 7_u64;
    let mut draw = || {
        state = state * 5 % 13;
        state as f64
    };
    let mut text = String::new();
    let popped: f64 = (1..4).map(|i| queue.pop_front().unwrap() * f64::from(i)).skip(1).sum();
    let taken: f64 = (1..4).map(|i| once.take().unwrap_or(2.0) * f64::from(i)).skip(1).sum();
    let drawn: f64 = (1..4).map(|i| draw() * f64::from(i) * x).step_by(2).sum();
    let written: f64 = (1..4)
        .map(|_| {
            text.push('a');
            text.len() as f64 * x
        })
        .skip(2)
        .sum();
    popped * queue[0] + taken * x + drawn * draw() + written
}

#[derive(Clone, Copy, grad::Differentiable)]
struct Counter {
    level: f64,
    step: f64,
}

#[grad(wrt(self, k))]
impl Counter {
    fn raise(&mut self, k: f64) -> f64 {
        self.level += self.step * k;
        self.level
    }
}

#[grad]
fn changed_by_own_methods(x: f64) -> f64 {
    let mut one = Counter { level: x, step: 0.5 };
    let mut all = [Counter { level: x, step: x }, Counter { level: 1.0, step: 2.0 }];
    let raised: f64 = (0..3).map(|i| one.raise(x) * f64::from(i)).skip(2).sum();
    let others: f64 = all.iter_mut().map(|counter| counter.raise(x)).skip(1).sum();
    raised * one.level + others * all[0].level
}

#[grad]
fn add_to(r: &mut f64, x: f64) -> f64 {
    *r += x;
    *r * x
}

#[grad]
fn scale(r: &mut f64, x: f64) -> f64 {
    *r *= x;
    *r + 1.0
}

#[grad]
fn first_up(r: &mut [f64]) -> f64 {
    r[0] += r[1];
    r[0] * 2.0
}

/// Functions that get a `&mut` change what is there, whether it is written as `&mut` or not.
#[grad]
fn changed_by_functions(x: f64) -> f64 {
    let mut v = [x, x * x, 2.0, 0.5];
    let mut w = [x, 3.0, x];
    let mut two = [Counter { level: x, step: x }, Counter { level: 1.0, step: 2.0 }];
    let mut s: f64 = v.iter_mut().map(|z| scale(z, x)).skip(1).sum();
    s += v.chunks_mut(2).map(first_up).skip(1).sum::<f64>();
    s += v.iter_mut().map(|z| std::mem::replace(z, x)).skip(2).sum::<f64>();
    s += v.iter_mut().zip(w.iter_mut()).map(|(a, b)| add_to(a, scale(b, x))).skip(2).sum::<f64>();
    s += v.iter_mut().map(|z| z).map(|z| scale(z, x)).step_by(2).sum::<f64>();
    s += w.iter_mut().map(|z| scale(z, x)).last().unwrap();
    s += two.iter_mut().map(move |p| p.raise(x)).skip(1).sum::<f64>();
    s += two.iter_mut().map(|p| Counter::raise(p, x)).skip(1).sum::<f64>();
    let r = &mut v;
    s += (0..4).map(|i| add_to(&mut r[i], x)).skip(1).sum::<f64>();
    let r = &mut v[..];
    s += (0..3).map(|_| first_up(r)).skip(1).sum::<f64>();
    let r = &mut w[0];
    s += (0..3).map(|_| add_to(r, x)).skip(1).sum::<f64>();
    s * v[0] * w[0] * w[1] * two[0].level
}

/// A name that is declared after the other one was changed.
#[grad]
fn changed_in_front_of_its_namesake(x: f64) -> f64 {
    let mut a = x;
    let mut queue = VecDeque::from([x, 2.0 * x, 3.0]);
    let s: f64 = (0..4)
        .map(|i| {
            a += x;
            let a = 2.0;
            a * x * f64::from(i)
        })
        .skip(2)
        .sum();
    let popped: f64 = (0..3).map(|i| vec![queue.pop_front().unwrap(), 1.0][0] * f64::from(i)).skip(1).sum();
    s * a * popped + x * queue.len() as f64
}

/// Patterns that lend what they are matched with.
#[grad]
fn changed_in_patterns(x: f64) -> f64 {
    let mut there = Some(x);
    let mut pair = (x, 2.0);
    let mut some = [Some(x), None, Some(2.0)];
    let s: f64 = (0..3)
        .map(|i| {
            if let Some(ref mut y) = there {
                *y *= x;
            }
            f64::from(i) * x
        })
        .skip(1)
        .sum();
    let t: f64 = (0..3)
        .map(|i| {
            let (ref mut a, _) = pair;
            *a *= x;
            f64::from(i) * x
        })
        .skip(1)
        .sum();
    let u: f64 = some
        .iter_mut()
        .map(|o| match o {
            Some(z) => {
                *z *= x;
                *z
            }
            None => x,
        })
        .skip(1)
        .sum();
    s * there.unwrap() + t * pair.0 + u * some[0].unwrap()
}

static COUNT: AtomicU32 = AtomicU32::new(0);

#[grad]
fn counted(x: f64) -> f64 {
    COUNT.store(0, Ordering::SeqCst);
    let s: f64 = (0..4).map(|i| f64::from(COUNT.fetch_add(i, Ordering::SeqCst)) * x).skip(2).sum();
    s + f64::from(COUNT.load(Ordering::SeqCst)) * x
}

fn draw(state: &Cell<u32>) -> f64 {
    state.set(state.get() * 5 % 13);
    f64::from(state.get())
}

struct Generator {
    state: Cell<u32>,
}

impl Generator {
    fn uniform(&self) -> f64 {
        draw(&self.state)
    }
}

thread_local! {
    static STATE: Cell<u32> = const { Cell::new(7) };
}

fn seed() -> f64 {
    STATE.set(7);
    0.0
}

fn of_the_thread() -> f64 {
    STATE.with(draw)
}

/// What is behind a shared reference may be another thing each time it is asked.
#[grad]
fn drawn(x: f64) -> f64 {
    let state = Cell::new(7);
    let generator = Generator { state: Cell::new(7) };
    let v = [x, 2.0, x * x];
    let mut s = seed();
    s += (0..4).map(|_| draw(&state) * x).skip(1).sum::<f64>() * draw(&state);
    s += (0..4).map(|_| generator.uniform() * x).step_by(2).sum::<f64>() * generator.uniform();
    s += (0..4).map(|_| of_the_thread() * x).skip(2).sum::<f64>() * of_the_thread();
    s += v
        .iter()
        .map(|z| z * draw(&state))
        .zip(v.iter().map(|z| z + draw(&state)))
        .map(|(a, b)| a * b)
        .sum::<f64>();
    s * draw(&state)
}

#[test]
fn closures_change_what_they_hand_on() {
    check!(changed_by_functions(0.7), first_only);
    check!(changed_in_front_of_its_namesake(0.7), first_only);
    check!(changed_in_patterns(0.7), first_only);
    check!(counted(0.7), first_only);
    check!(drawn(0.7), first_only);
}

#[test]
fn closures_change_what_they_call_methods_of() {
    check!(changed_by_methods(0.7), first_only);
    check!(changed_by_own_methods(0.7), first_only);
}

#[grad(second, wrt(x))]
fn counting(calls: &Cell<u32>, x: f64) -> Result<f64, String> {
    calls.set(calls.get() + 1);
    if x > 1.0 { Err(format!("{x}")) } else { Ok(x * f64::from(calls.get())) }
}

/// What a `Cell` says beside what changes it: from left to right.
#[grad(second)]
fn cells_beside_calls(x: f64) -> f64 {
    let calls = Cell::new(2);
    let (n, v, m) = (calls.get(), counting(&calls, x).unwrap_or(x), calls.get());
    let mut s = v * f64::from(n) + f64::from(m) * x;
    s += f64::from(calls.get()) * counting(&calls, x).unwrap_or(x) + f64::from(calls.get());
    let three = [f64::from(calls.get()), counting(&calls, x).unwrap_or(x), f64::from(calls.get())];
    s += three[0] * three[1] + three[2] * x;
    let bump = |y: f64| {
        calls.set(calls.get() + 1);
        y * f64::from(calls.get())
    };
    s += f64::from(calls.get()) * bump(x) + f64::from(calls.get()) * x;
    s + match (calls.get(), counting(&calls, x), calls.get()) {
        (n, Ok(v), m) => v * f64::from(n) + f64::from(m) * x,
        (n, Err(_), m) => f64::from(n) * x - f64::from(m),
    }
}

fn seek(calls: &Cell<u32>, k: usize) -> Option<usize> {
    calls.set(calls.get() + 1);
    k.checked_sub(2)
}

/// A method takes what it is called of before its arguments change it, and a call is made before them.
#[grad]
fn changed_by_arguments(x: f64) -> f64 {
    let w = [x, 2.0 * x, 0.5];
    let mut o = Some(x);
    let a = o.or({
        o = None;
        Some(2.0)
    });
    let mut s = a.unwrap_or(3.0) * o.unwrap_or(x);
    o = Some(2.0 * x);
    s += o.unwrap_or({
        o = Some(5.0 * x);
        1.0
    }) * o.unwrap_or(x);
    s += o
        .zip({
            o = None;
            Some(x)
        })
        .map_or(x, |(a, b)| a * b)
        * o.unwrap_or(0.5);
    o = Some(x * x);
    s += o
        .map(|v| v * x)
        .xor({
            o = Some(7.0 * x);
            None
        })
        .unwrap_or(x)
        * o.unwrap_or(x);
    let calls = Cell::new(0);
    s += counting(&calls, x).unwrap_or({
        calls.set(10);
        x
    }) * f64::from(calls.get());
    s += counting(&calls, x - 0.6).unwrap_or(f64::from(calls.get()) * x);
    s += counting(&calls, x).map_or(f64::from(calls.get()) * x, |v| v + f64::from(calls.get()));
    s += seek(&calls, 2).map_or(
        {
            calls.set(4);
            x
        },
        |i| w[i],
    ) * f64::from(calls.get());
    s += seek(&calls, 1).map_or(f64::from(calls.get()) * x, |i| w[i]);
    let mut i = Some(1);
    s + i.map_or(
        {
            i = None;
            x
        },
        |i: usize| w[i],
    ) * i.map_or(x * x, |i| w[i])
}

#[test]
fn what_is_beside_a_change_is_what_it_was() {
    for x in [0.7, 1.3, -0.6] {
        check!(changed_by_arguments(x), first_only);
    }
    check!(cells_beside_calls(0.7), first_only);
    check!(cells_beside_calls(1.3), first_only);
}
