//! Loops that run again in the reverse sweep: the same values and derivatives as those that are recorded, bit for bit, in
//! memory that grows with the square root of the number of passes.

#![deny(warnings)]
#![allow(clippy::pedantic, clippy::needless_range_loop, clippy::type_complexity, clippy::useless_vec)]

mod support;

use grad::grad;
use support::differences::derivative;

/// The same function twice, with and without `checkpoint`: two modules of it.
macro_rules! twins {
    ($($(#[$doc:meta])* fn $name:ident $args:tt $(-> $result:ty)? $body:block)*) => {
        mod plain {
            use super::*;
            $($(#[$doc])* #[grad] pub(crate) fn $name $args $(-> $result)? $body)*
        }
        mod again {
            use super::*;
            $($(#[$doc])* #[grad(checkpoint)] pub(crate) fn $name $args $(-> $result)? $body)*
        }
    };
}

#[grad]
fn damped(x: f64, v: f64, damping: f64) -> f64 {
    v - 0.01 * (x.sin() + damping * v)
}

#[grad]
fn rotate(state: &mut [f64], angle: f64) {
    let (x, y) = (state[0], state[1]);
    state[0] = x * angle.cos() - y * angle.sin();
    state[1] = x * angle.sin() + y * angle.cos() + 0.01 * x * y;
}

#[grad]
fn step(u: &[f64], w: f64) -> Vec<f64> {
    let mut next = u.to_vec();
    for j in 1..u.len() {
        next[j] = (u[j] * w + u[j - 1]).sin();
    }
    next
}

#[grad]
fn weigh(u: &[f64], w: f64) -> f64 {
    let mut sum = 0.0;
    for j in 0..u.len() {
        sum += (u[j] * w).tanh();
    }
    sum
}

#[grad]
fn bump(x: &mut f64, w: f64) {
    *x = (*x * w).sin() + 0.2;
}

twins! {
    fn logistic(r: f64, start: f64, passes: usize) -> f64 {
        let mut x = start;
        for _ in 0..passes {
            x = r * x * (1.0 - x);
        }
        x
    }

    fn pendulum(start: &[f64], force: &[f64], h: f64) -> f64 {
        let mut y = [start[0], start[1]];
        for k in 0..force.len() {
            let v = y[1];
            let a = force[k] - y[0].sin();
            y[0] += h * v;
            y[1] += h * a;
        }
        y[0] * y[0] + y[1]
    }

    fn inner_loop(x: &[f64], passes: usize) -> f64 {
        let mut total = 0.5;
        for k in 0..passes {
            let mut inner = total;
            for j in 0..x.len() {
                inner = (inner * x[j] + 0.1 * k as f64).sin();
            }
            total = 0.9 * total + inner * inner;
        }
        total
    }

    fn heat(start: &[f64], conductivity: f64, passes: usize) -> f64 {
        let mut u = start.to_vec();
        for _ in 0..passes {
            let mut next = u.clone();
            for j in 1..u.len() - 1 {
                next[j] = u[j] + conductivity * (u[j - 1] - 2.0 * u[j] + u[j + 1]) + 0.01 * u[j] * u[j];
            }
            u = next;
        }
        let mut sum = 0.0;
        for j in 0..u.len() {
            sum += u[j] * u[j];
        }
        sum
    }

    fn branches(a: f64, b: f64, passes: usize) -> f64 {
        let mut x = a;
        let mut flips = 0;
        for k in 0..passes {
            if x > b {
                x = (x - b) * 0.5;
                flips += 1;
            } else if k % 3 == 0 {
                x += a * b * 0.1;
            } else {
                x = x * 1.5 + 0.01;
            }
        }
        x + flips as f64 * a
    }

    fn backwards(x: &[f64], w: f64) -> f64 {
        let mut y = w;
        for k in (0..x.len()).rev() {
            y = (y * x[k]).tanh() + w;
        }
        y
    }

    fn inclusive(x: f64, first: i32, last: i32) -> f64 {
        let mut y = x;
        for k in first..=last {
            y = (y + x * f64::from(k)).sin();
        }
        y
    }

    fn backwards_inclusive(x: f64, first: u8, last: u8) -> f64 {
        let mut y = x;
        for k in (first..=last).rev() {
            y = (y + x * f64::from(k)).sin();
        }
        y
    }

    fn literal(x: f64) -> f64 {
        let mut y = x;
        for k in 0..10 {
            y = (y + x * k as f64).sin();
        }
        y
    }

    fn calls(x: f64, v: f64, damping: f64, passes: usize) -> f64 {
        let (mut x, mut v) = (x, v);
        for _ in 0..passes {
            v = damped(x, v, damping);
            x += 0.01 * v;
        }
        x
    }

    fn calls_that_write(start: [f64; 2], angle: f64, passes: usize) -> f64 {
        let mut state = start;
        for _ in 0..passes {
            rotate(&mut state, angle);
        }
        state[0] * state[1]
    }

    fn in_place(state: &mut [f64], angle: f64, passes: usize) {
        for _ in 0..passes {
            let (x, y) = (state[0], state[1]);
            state[0] = x * angle.cos() - y * angle.sin();
            state[1] = x * angle.sin() + y * angle.cos() + 0.01 * x * y;
        }
    }

    fn in_place_of_an_array(state: &mut [f64; 2], angle: f64, passes: usize) -> f64 {
        for _ in 0..passes {
            rotate(state, angle);
            state[0] *= 0.99;
        }
        state[0]
    }

    fn through_views(table: &[f64], passes: usize) -> f64 {
        let (low, high) = table.split_at(2);
        let row = &table[1..3];
        let mut y = 0.3;
        for k in 0..passes {
            y = (y * low[k % 2] + high[0] * row[1]).sin();
        }
        y
    }

    fn weights_that_change_later(x: f64, passes: usize) -> f64 {
        let mut w = [x, x * x, 0.5];
        let mut y = x;
        for k in 0..passes {
            y = (y * w[k % 3]).cos();
        }
        w[0] = y * y;
        w[1] = 3.0;
        y * w[0] + w[1] * w[2]
    }

    fn trajectory(x: f64, passes: usize) -> f64 {
        let mut path = vec![x; passes + 1];
        for k in 0..passes {
            path[k + 1] = (path[k] * x).sin() + 0.1;
        }
        path[passes] * path[passes / 2]
    }

    fn growing(x: f64, passes: usize) -> f64 {
        let mut path = Vec::new();
        path.push(x);
        for k in 0..passes {
            let last = path[k];
            path.push((last * x).sin() + 0.1);
        }
        let mut sum = 0.0;
        for y in &path {
            sum += y * y;
        }
        sum
    }

    fn swapped(x: f64, passes: usize) -> f64 {
        let mut old = vec![x, 1.0];
        let mut new = vec![0.0, 0.0];
        for _ in 0..passes {
            new[0] = (old[0] * old[1]).sin();
            new[1] = old[1] + 0.1 * old[0];
            std::mem::swap(&mut old, &mut new);
        }
        old[0] + new[1]
    }

    fn two_loops(x: f64, y: f64, passes: usize) -> f64 {
        let mut a = x;
        for _ in 0..passes {
            a = (a * y).sin() + x;
        }
        let mut b = a;
        for k in 0..passes {
            b = (b + a * k as f64).cos() * y;
        }
        a * b
    }

    fn iterators(x: &[f64], w: f64) -> f64 {
        let mut y = w;
        for (k, a) in x.iter().enumerate() {
            y = (y * a + k as f64).sin();
        }
        y * x.iter().map(|a| a * w).sum::<f64>()
    }

    fn single_precision(r: f32, start: f32, passes: u32) -> f32 {
        let mut x = start;
        for _ in 0..passes {
            x = r * x * (1.0 - x);
        }
        x
    }

    fn tuples(x: (f64, f64), passes: usize) -> (f64, f64) {
        let mut state = x;
        for _ in 0..passes {
            state = (state.1.sin(), state.0 * 0.9 + state.1 * x.0);
        }
        state
    }

    fn rejected_values(x: f64, passes: usize) -> f64 {
        let mut y = x;
        for k in 0..passes {
            let step = match k % 3 {
                0 => y * x,
                1 => y.sin(),
                2 => 0.5,
                _ => unreachable!("a remainder"),
            };
            assert!(step.is_finite(), "pass {k}");
            y = 0.3 * y + step;
        }
        y
    }

    fn matrix(a: &[[f64; 2]], passes: usize) -> f64 {
        let mut m = vec![[1.0, 0.0], [0.0, 1.0]];
        for _ in 0..passes {
            for i in 0..2 {
                let row = m[i];
                for j in 0..2 {
                    m[i][j] = (row[0] * a[0][j] + row[1] * a[1][j]).tanh() + 0.1;
                }
            }
        }
        m[0][0] * m[1][1] - m[0][1] * m[1][0]
    }

    fn memory_behind_a_reference(x: f64, total: &mut [f64; 1], passes: usize) -> f64 {
        let mut y = x;
        for _ in 0..passes {
            y = (y + total[0]).sin();
            total[0] += y * x;
        }
        y
    }

    fn calls_that_return_vecs(x: f64, w: f64, passes: usize) -> f64 {
        let mut u = vec![x, 0.3, 0.9];
        for _ in 0..passes {
            u = step(&u, w);
        }
        u[0] * u[1] + u[2]
    }

    fn calls_that_read_what_changes(x: f64, w: f64, passes: usize) -> f64 {
        let mut u = vec![x, 0.3, 0.9];
        for k in 0..passes {
            let sum = weigh(&u, w);
            u[k % 3] = sum.sin();
        }
        u[0] * u[1] + u[2]
    }

    fn calls_that_change_numbers(x: f64, w: f64, passes: usize) -> f64 {
        let mut y = x;
        for _ in 0..passes {
            bump(&mut y, w);
            y *= 1.1;
        }
        y
    }

    fn inner_exits(x: f64, passes: usize) -> f64 {
        let mut y = x;
        for k in 0..passes {
            if k % 4 == 3 {
                continue;
            }
            let mut z = 1.0;
            let mut rounds = 0;
            while (z * z - y * y - 1.0).abs() > 1e-3 {
                z = 0.5 * (z + (y * y + 1.0) / z);
                rounds += 1;
                if rounds > 20 {
                    break;
                }
            }
            for j in 0..5 {
                z *= 0.9;
                if z < y {
                    break;
                }
                z += 0.01 * j as f64;
            }
            y = 0.8 * z.sin();
        }
        y
    }

    fn counts(x: f64, kinds: &[usize], passes: usize) -> f64 {
        let mut seen = vec![0_usize; 4];
        let mut y = x;
        for k in 0..passes {
            let kind = kinds[k % kinds.len()];
            seen[kind] += 1;
            y = (y * seen[kind] as f64).sin() + 0.1 * x;
        }
        y * seen[1] as f64
    }

    fn owned(mut u: Vec<f64>, w: [f64; 2], passes: usize) -> Vec<f64> {
        for k in 0..passes {
            let at = k % u.len();
            u[at] = (u[at] * w[k % 2]).sin() + w[0];
        }
        u
    }

    fn array_result(x: [f64; 2], passes: usize) -> [f64; 2] {
        let mut y = x;
        for _ in 0..passes {
            y = [(y[0] * x[1]).sin(), y[1] * 0.9 + y[0]];
        }
        y
    }
}

/// Numbers of passes: none, one, squares, and one more and one less.
const PASSES: [usize; 12] = [0, 1, 2, 3, 4, 5, 8, 9, 10, 99, 100, 101];

trait Bits {
    fn bits(&self, to: &mut Vec<u64>);
}
impl Bits for f64 {
    fn bits(&self, to: &mut Vec<u64>) {
        to.push(self.to_bits());
    }
}
impl Bits for f32 {
    fn bits(&self, to: &mut Vec<u64>) {
        to.push(self.to_bits().into());
    }
}
impl Bits for () {
    fn bits(&self, _: &mut Vec<u64>) {}
}
impl<T: Bits> Bits for Vec<T> {
    fn bits(&self, to: &mut Vec<u64>) {
        self.iter().for_each(|x| x.bits(to));
    }
}
impl<T: Bits, const N: usize> Bits for [T; N] {
    fn bits(&self, to: &mut Vec<u64>) {
        self.iter().for_each(|x| x.bits(to));
    }
}
impl<A: Bits, B: Bits> Bits for (A, B) {
    fn bits(&self, to: &mut Vec<u64>) {
        self.0.bits(to);
        self.1.bits(to);
    }
}
impl<A: Bits, B: Bits, C: Bits> Bits for (A, B, C) {
    fn bits(&self, to: &mut Vec<u64>) {
        self.0.bits(to);
        self.1.bits(to);
        self.2.bits(to);
    }
}

fn bits(x: impl Bits) -> Vec<u64> {
    let mut to = Vec::new();
    x.bits(&mut to);
    to
}

/// Value, gradient and pullback of both twins are equal bit for bit, and the value is the function's.
macro_rules! same {
    ($name:ident($($arg:expr),*)) => {{
        let value = bits(plain::$name($($arg),*));
        let expected = plain::$name::value_and_grad($($arg),*);
        let expected = bits(expected);
        assert_eq!(bits(again::$name($($arg),*)), value, "{}: the function", stringify!($name));
        assert_eq!(bits(again::$name::value_and_grad($($arg),*)), expected, "{}: joint", stringify!($name));
        assert_eq!(expected[..value.len()], value, "{}: the value", stringify!($name));
        let (plain_value, plain_pullback) = plain::$name::vjp($($arg),*);
        let (again_value, again_pullback) = again::$name::vjp($($arg),*);
        assert_eq!(bits(again_value), value);
        assert_eq!(bits(plain_value), value);
        assert_eq!(bits(again_pullback(0.75)), bits(plain_pullback(0.75)), "{}: split", stringify!($name));
    }};
}

#[test]
fn gradients_are_the_same_bit_for_bit() {
    let numbers: Vec<f64> = (0..101).map(|k| 0.8 + 0.3 * (k as f64).sin()).collect();
    for passes in PASSES {
        same!(logistic(3.7, 0.3, passes));
        same!(pendulum(&[0.3, -0.1], &numbers[..passes], 0.05));
        same!(inner_loop(&[0.3, 0.9, -0.4], passes));
        same!(heat(&[0.1, 0.9, 0.4, 0.2], 0.2, passes));
        same!(branches(0.4, 1.1, passes));
        same!(backwards(&numbers[..passes], 0.4));
        same!(inclusive(0.4, -3, passes as i32 - 4));
        same!(backwards_inclusive(0.4, 0, passes as u8));
        same!(calls(0.4, 0.1, 0.2, passes));
        same!(calls_that_write([0.4, 0.2], 0.3, passes));
        same!(calls_that_return_vecs(0.4, 0.7, passes));
        same!(calls_that_read_what_changes(0.4, 0.7, passes));
        same!(calls_that_change_numbers(0.4, 0.7, passes));
        same!(inner_exits(0.4, passes));
        same!(counts(0.4, &[0, 1, 1, 3, 2], passes));
        same!(through_views(&[0.4, 0.9, -0.3, 0.2], passes));
        same!(weights_that_change_later(0.4, passes));
        same!(trajectory(0.4, passes));
        same!(growing(0.4, passes));
        same!(swapped(0.4, passes));
        same!(two_loops(0.4, 0.7, passes));
        same!(iterators(&numbers[..passes], 0.7));
        same!(rejected_values(0.4, passes));
        same!(matrix(&[[0.4, 0.2], [-0.3, 0.8]], passes));
        let passes = passes as u32;
        let [expected, found] =
            [plain::single_precision::value_and_grad, again::single_precision::value_and_grad]
                .map(|gradient| bits(gradient(3.7, 0.3, passes)));
        assert_eq!(found, expected);
    }
    same!(inclusive(0.4, i32::MAX - 6, i32::MAX));
    same!(backwards_inclusive(0.4, 0, 255));
    same!(literal(0.4));
}

#[test]
fn what_is_written_through_references_is_the_same_bit_for_bit() {
    for passes in PASSES {
        let [expected, found] = [plain::in_place::vjp_add, again::in_place::vjp_add].map(|vjp_add| {
            let (mut state, mut state_bar, mut angle_bar) = ([0.3, 0.7], [1.0, -0.5], 0.0);
            vjp_add(&mut state, 0.2, passes, &mut state_bar, &mut angle_bar);
            bits((state, state_bar, angle_bar))
        });
        assert_eq!(found, expected);
        let [expected, found] = [plain::in_place_of_an_array::vjp_add, again::in_place_of_an_array::vjp_add]
            .map(|vjp_add| {
                let (mut state, mut state_bar, mut angle_bar) = ([0.3, 0.7], [1.0, -0.5], 0.0);
                let value = vjp_add(&mut state, 0.2, passes, 1.5, &mut state_bar, &mut angle_bar);
                bits(((value, state), state_bar, angle_bar))
            });
        assert_eq!(found, expected);
        let [expected, found] =
            [plain::memory_behind_a_reference::vjp_add, again::memory_behind_a_reference::vjp_add].map(
                |vjp_add| {
                    let (mut total, mut x_bar, mut total_bar) = ([0.2], 0.0, [0.5]);
                    let value = vjp_add(0.4, &mut total, passes, 1.5, &mut x_bar, &mut total_bar);
                    bits(((value, total), x_bar, total_bar))
                },
            );
        assert_eq!(found, expected);
    }
}

#[test]
fn pullbacks_and_jacobians_of_several_results_are_the_same_bit_for_bit() {
    for passes in PASSES {
        let expected = plain::tuples::vjp((0.4, 0.7), passes).1((0.3, -0.8));
        assert_eq!(bits(again::tuples::vjp((0.4, 0.7), passes).1((0.3, -0.8))), bits(expected));
        let u = || vec![0.1, 0.4, 0.8];
        let expected = plain::owned::vjp(u(), [0.9, 0.5], passes).1(vec![1.0, 0.5, -1.0]);
        let found = again::owned::vjp(u(), [0.9, 0.5], passes).1(vec![1.0, 0.5, -1.0]);
        assert_eq!(bits(found), bits(expected));
        let x = [0.4, 0.7];
        let expected = plain::array_result::jacobian(x, passes);
        assert_eq!(bits(again::array_result::jacobian(x, passes)), bits(expected));
        let seeds = [[1.0, 0.5], [0.0, -1.0]];
        let expected = plain::array_result::jacobian_rows(x, passes, &seeds);
        assert_eq!(bits(again::array_result::jacobian_rows(x, passes, &seeds)), bits(expected));
    }
}

#[test]
fn forward_mode_does_not_know_of_it() {
    assert_eq!(
        bits(again::logistic::jvp(3.7, 0.3, 50, 1.0, 0.5)),
        bits(plain::logistic::jvp(3.7, 0.3, 50, 1.0, 0.5))
    );
}

#[test]
fn gradients_agree_with_differences() {
    let gradient = again::heat::grad(&[0.1, 0.9, 0.4, 0.2], 0.2, 10);
    let by_conductivity = derivative(|c| again::heat(&[0.1, 0.9, 0.4, 0.2], c, 10), 0.2, f64::EPSILON);
    assert!((gradient.1 - by_conductivity.value).abs() < 1e-8, "{gradient:?} {by_conductivity:?}");
    for k in 0..4 {
        let along = |x: f64| {
            let mut start = [0.1, 0.9, 0.4, 0.2];
            start[k] = x;
            again::heat(&start, 0.2, 10)
        };
        let estimate = derivative(along, [0.1, 0.9, 0.4, 0.2][k], f64::EPSILON);
        assert!((gradient.0[k] - estimate.value).abs() < 1e-8, "{k}: {gradient:?} {estimate:?}");
    }
}

#[grad]
fn calls_one_that_runs_again(x: f64, passes: usize) -> f64 {
    let mut y = 0.0;
    for k in 0..3 {
        y += again::logistic(3.0 + 0.2 * x, 0.3 + 0.1 * k as f64, passes);
    }
    y * x
}

#[grad]
fn calls_one_that_is_recorded(x: f64, passes: usize) -> f64 {
    let mut y = 0.0;
    for k in 0..3 {
        y += plain::logistic(3.0 + 0.2 * x, 0.3 + 0.1 * k as f64, passes);
    }
    y * x
}

#[test]
fn a_function_that_runs_again_can_be_called_by_others() {
    for passes in PASSES {
        assert_eq!(
            bits(calls_one_that_runs_again::value_and_grad(0.9, passes)),
            bits(calls_one_that_is_recorded::value_and_grad(0.9, passes))
        );
    }
}

thread_local! {
    static PRINTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

struct Printed(f64);

impl std::fmt::Display for Printed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        PRINTED.set(PRINTED.get() + 1);
        self.0.fmt(f)
    }
}

#[grad(checkpoint)]
fn talks(x: f64, passes: usize) -> f64 {
    let mut y = x;
    for _ in 0..passes {
        println!("{}", Printed(y));
        y = (y * x).sin();
    }
    y
}

#[test]
fn a_message_is_printed_once() {
    let alone = talks(0.4, 10);
    assert_eq!(PRINTED.take(), 10);
    assert_eq!(talks::value_and_grad(0.4, 10).0, alone);
    assert_eq!(PRINTED.take(), 10);
    let (_, pullback) = talks::vjp(0.4, 10);
    pullback(1.0);
    assert_eq!(PRINTED.take(), 10);
}

mod second {
    pub(super) mod plain {
        use grad::grad;
        #[grad(second)]
        pub(crate) fn driven(x: &[f64], r: f64, passes: usize) -> f64 {
            let mut y = [x[0], x[1]];
            let mut z = r;
            for k in 0..passes {
                let a = y[1] * r + y[0].sin() * x[k % 2];
                y[0] += 0.1 * y[1];
                y[1] += x[1] * a;
                z = (z * y[0]).sin();
            }
            y[0] * y[1] + z
        }
    }
    pub(super) mod again {
        use grad::grad;
        #[grad(second, checkpoint)]
        pub(crate) fn driven(x: &[f64], r: f64, passes: usize) -> f64 {
            let mut y = [x[0], x[1]];
            let mut z = r;
            for k in 0..passes {
                let a = y[1] * r + y[0].sin() * x[k % 2];
                y[0] += 0.1 * y[1];
                y[1] += x[1] * a;
                z = (z * y[0]).sin();
            }
            y[0] * y[1] + z
        }
    }
}

#[test]
fn second_derivatives_are_the_same_bit_for_bit() {
    for passes in PASSES {
        let x = [0.4, 0.7];
        assert_eq!(
            bits(second::again::driven::hvp(&x, 0.3, passes, &[0.5, -1.0], 0.25)),
            bits(second::plain::driven::hvp(&x, 0.3, passes, &[0.5, -1.0], 0.25))
        );
        assert_eq!(
            bits(second::again::driven::value_and_grad(&x, 0.3, passes)),
            bits(second::plain::driven::value_and_grad(&x, 0.3, passes))
        );
    }
}

/// The most bytes that were allocated at a time.
fn peak(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_max
}

#[test]
fn a_million_passes_need_little_memory() {
    const PASSES: usize = 1_000_000;
    let plain = peak(|| _ = plain::logistic::grad(3.7, 0.3, PASSES));
    let joint = peak(|| _ = again::logistic::grad(3.7, 0.3, PASSES));
    let split = peak(|| {
        let (_, pullback) = again::logistic::vjp(3.7, 0.3, PASSES);
        pullback(1.0);
    });
    println!("logistic: {plain} bytes recorded, {joint} (joint) and {split} (split) with checkpoints");
    assert!(plain >= 8_000_000, "{plain}");
    assert!(joint < 100_000 && split < 100_000, "{joint} {split}");

    let force = vec![0.1; PASSES];
    let mut force_bar = vec![0.0; PASSES];
    let mut measure = |vjp_add: fn(&[f64], &[f64], f64, f64, &mut [f64], &mut [f64], &mut f64) -> f64| {
        let (mut start_bar, mut h_bar) = ([0.0; 2], 0.0);
        let bytes = peak(|| {
            vjp_add(&[0.3, 0.1], &force, 1e-4, 1.0, &mut start_bar, &mut force_bar, &mut h_bar);
        });
        (bytes, bits((start_bar, h_bar)))
    };
    let (plain, expected) = measure(plain::pendulum::vjp_add);
    let (again, found) = measure(again::pendulum::vjp_add);
    println!("pendulum: {plain} bytes recorded, {again} with checkpoints");
    assert_eq!(found, expected);
    assert!(plain >= 8_000_000, "{plain}");
    assert!(again < 100_000, "{again}");
}
