//! Functions over a float that is a type parameter: each for `f64` and for `f32`.

use crate::support::{check, check_into, check_outputs, check_vjp, exactly};
use grad::grad;
use num_traits::{Float, FloatConst};

#[grad(second)]
fn rosenbrock<T: Float>(x: T, y: T) -> T {
    let hundred = T::from(100.0).unwrap();
    let a = T::one() - x;
    let b = y - x * x;
    a * a + hundred * b * b
}

#[test]
fn constants_of_the_type_parameter() {
    check!(rosenbrock(0.5_f64, 2.0_f64) => [-351.0, 350.0]);
    check!(rosenbrock(0.5_f32, 2.0_f32) => [-351.0, 350.0]);
    let g: (f32, f32) = rosenbrock::grad(0.5, 2.0);
    assert_eq!((g, rosenbrock::grad::<f32>(0.5, 2.0)), ((-351.0, 350.0), g));
    assert_eq!(rosenbrock::hessian::<f64>(0.5, 2.0), ((-498.0, -200.0), (-200.0, 200.0)));
}

/// Every spelling of a method.
#[grad(second)]
fn methods<T: Float + FloatConst>(x: T, y: T) -> T {
    let a = x.sin() * Float::cos(y) + T::exp(x) - num_traits::Float::ln(y + T::PI());
    let b = <T as Float>::sqrt(x * x + y * y) + x.powi(3) + y.abs().powf(x);
    let c = x.max(y) * Float::min(x, y) + x.tanh() + x.atan2(y) + x.hypot(y) + x.mul_add(y, a);
    let (s, co) = (x * y).sin_cos();
    b * c + s - co * x.recip() + (x + y).exp_m1() + y.abs().ln_1p() + y.abs().log(T::from(3).unwrap()) + -x
}

#[test]
fn methods_of_the_bound_and_by_its_path() {
    check!(methods(0.7_f64, 1.3_f64));
    check!(methods(0.7_f32, 1.3_f32));
    check!(methods(1.9_f64, 0.4_f64));
}

#[grad(second)]
fn norm<T>(x: &[T], w: &[T; 2]) -> T
where
    T: Float + std::iter::Sum,
{
    let squares: T = x.iter().map(|v| *v * *v).sum();
    let mean = squares / T::from(x.len()).unwrap();
    let mut s = T::zero();
    for (i, v) in x.iter().enumerate() {
        s = s + (*v - w[i % 2]).abs() * T::from(i + 1).unwrap();
    }
    (mean + s).sqrt() + x.iter().fold(T::zero(), |a, b| a + *b * w[0]) + x.iter().copied().sum::<T>()
}

#[test]
fn slices_sums_and_folds() {
    check_into!(norm(&[0.4_f64, -0.9, 1.3], &[0.2_f64, 0.7]));
    check_into!(norm(&[0.4_f32, -0.9, 1.3], &[0.2_f32, 0.7]));
}

/// A loop that carries its state, arms, an early return, scratch, a closure.
#[grad(second)]
fn flow<T: Float>(v: &[T], k: T) -> T {
    if v.is_empty() {
        return k;
    }
    let half = T::from(0.5).unwrap();
    let mut s = half;
    let mut w = vec![T::zero(); v.len()];
    let smooth = |x: T| x * x / (x * x + k);
    for i in 0..v.len() {
        s = s * v[i] + k.sin();
        w[i] = if s > half { s * s } else { smooth(s) };
    }
    let mut t = T::zero();
    for x in &w {
        if *x < T::epsilon() {
            continue;
        }
        t = t + x.sqrt();
    }
    let mut n = 0;
    while t < T::from(3.0).unwrap() && n < 4 {
        t = t * T::from(1.5).unwrap() + k;
        n += 1;
    }
    t * (half + half)
}

#[test]
fn control_flow() {
    check_into!(flow(&[0.4_f64, 0.9, 1.3], 0.7_f64));
    check_into!(flow(&[0.4_f32, 0.9, 1.3], 0.7_f32));
    check_into!(flow(&[2.4_f64, -0.9, 1.3, 0.1], 0.7_f64));
}

#[grad(second)]
fn helper<T: Float>(x: T, y: &[T]) -> T {
    x.exp() * y[0] + y[1] * y[1]
}

#[grad(second)]
fn twice<F: Float>(v: [F; 2]) -> (F, [F; 2]) {
    (v[0] * v[1], [v[0].sin(), v[1] * v[1] * v[1]])
}

#[grad(second)]
fn calls<T: Float>(x: T, v: &[T]) -> T {
    let a = helper(x, v);
    let (p, [q, r]) = twice([a, x]);
    let mut s = helper::<T>(p, &[q, r]);
    for k in 0..2 {
        s = s + helper(s / T::from(40 + k).unwrap(), v);
    }
    s * a
}

#[test]
fn generic_functions_that_call_each_other() {
    check_into!(calls(0.3_f64, &[0.4_f64, 0.9]));
    check_into!(calls(0.3_f32, &[0.4_f32, 0.9]));
}

/// From a plain function, and one from a generic.
#[grad(second)]
fn plain(x: f64, y: f32) -> f64 {
    helper(x, &[x, 2.0]) + f64::from(helper::<f32>(y, &[y, 1.0])) * x
}

#[grad(second)]
fn of_doubles(x: f64) -> f64 {
    x.sin() * 2.0
}

#[grad(second)]
fn with_doubles<T: Float>(x: T, h: f64, v: &[f64]) -> T {
    let rate = of_doubles(h) * 0.5 + v[0] * v[1];
    let mut sum = 0.0;
    for y in v {
        sum += y * h;
    }
    x * T::from(rate).unwrap() + x.sin() * T::from(sum.sqrt() + 2.0).unwrap()
}

#[test]
fn calls_between_plain_and_generic_functions() {
    check!(plain(0.3_f64, 0.5_f32), first_only);
    check_into!(with_doubles(0.3_f64, 0.8_f64, &[0.4_f64, 0.9]));
}

/// Whatever is between two floats.
#[grad(second)]
fn back<T: Float>(x: T, h: f64) -> f64 {
    let y = x.to_f64().unwrap() * h;
    y * y + (x * x).to_f64().unwrap().sin()
}

#[test]
fn conversions_of_differentiated_numbers() {
    check!(back(0.3_f64, 0.8_f64));
}

#[grad(second, wrt(m, pairs, rows))]
fn aggregates<T: Float>(m: &[[T; 2]; 2], pairs: Vec<(T, T)>, rows: &[Vec<T>], c: (T, usize)) -> T {
    let mut s = m[0][1] * m[1][0];
    for (a, b) in &pairs {
        s = s + *a * *b;
    }
    let [x, y] = m[1];
    for row in rows {
        let mut part = T::one();
        for v in row.iter() {
            part = part * *v;
        }
        s = s + part * x - y * c.0;
    }
    s * T::from(c.1).unwrap()
}

#[test]
fn arrays_tuples_and_vecs_of_it() {
    check_into!(aggregates(
        &[[1.0_f64, 2.0], [3.0, 4.0]],
        vec![(0.5_f64, 0.25), (2.0, 3.0)],
        &[vec![1.5_f64], vec![0.5, 2.5]],
        =(0.7_f64, 3_usize)
    ));
    check_into!(aggregates(
        &[[1.0_f32, 2.0], [3.0, 4.0]],
        vec![(0.5_f32, 0.25), (2.0, 3.0)],
        &[vec![1.5_f32], vec![0.5, 2.5]],
        =(0.7_f32, 3_usize)
    ));
}

#[grad]
fn outputs<T: Float>(x: &[T], out: &mut [T], sum: &mut T) {
    for i in 0..x.len() {
        out[i] = out[i] * x[i] + x[i].cos();
        *sum = *sum + out[i];
    }
}

#[test]
fn what_is_written_through_references() {
    check_outputs!(outputs(&[0.4_f64, 0.9], mut [0.3_f64, 0.5], mut 0.2_f64));
    check_outputs!(outputs(&[0.4_f32, 0.9], mut [0.3_f32, 0.5], mut 0.2_f32));
}

#[grad]
fn vector<T: Float>(x: &[T], k: T) -> Vec<T> {
    let mut v = Vec::with_capacity(x.len());
    for a in x {
        v.push(*a * k);
    }
    v.push(k.exp());
    v
}

#[grad]
fn field<T: Float>(p: [T; 3], s: T) -> [T; 3] {
    [p[0] * p[1], p[1].sin() * s, p[2] / p[0]]
}

#[test]
fn results_with_jacobians() {
    check_vjp!(vector(&[0.4_f64, 0.9], 0.3_f64));
    check_vjp!(vector(&[0.4_f32, 0.9], 0.3_f32));
    check_vjp!(field([0.4_f64, 0.9, 1.2], 0.3_f64));
    let (by_p, by_s) = field::jacobian([2.0_f64, 0.5, 3.0], 2.0);
    assert_eq!(by_p[0], [0.5, 2.0, 0.0]);
    assert_eq!(by_s, [0.0, 0.5_f64.sin(), 0.0]);
    let (by_x, by_k) = vector::jacobian(&[0.5_f32, 2.0], 0.0);
    assert_eq!((by_x, by_k), (vec![vec![0.0, 0.0]; 3], vec![0.5, 2.0, 1.0]));
    assert_eq!(vector::jacobian::<f64>(&[0.5], 0.0).1, [0.5, 1.0]);
    let columns = field::jacobian_columns([2.0_f64, 0.5, 3.0], 2.0, &[([1.0, 0.0, 0.0], 0.0)]);
    assert_eq!(columns.1, [[0.5, 0.0, -0.75]]);
    let rows = field::jacobian_rows([2.0_f64, 0.5, 3.0], 2.0, &[[1.0, 0.0, 0.0]]);
    assert_eq!(rows.1, [([0.5, 2.0, 0.0], 0.0)]);
}

/// A trait of one's own over a trait of floats.
trait Number: Float + std::fmt::Debug {
    const HALF: f64;
    fn half() -> Self {
        Self::from(Self::HALF).unwrap()
    }
}

impl Number for f64 {
    const HALF: f64 = 0.5;
}

impl Number for f32 {
    const HALF: f64 = 0.5;
}

#[grad(second, scalar(T))]
fn own_trait<T: Number>(x: T, y: T) -> T {
    let c = T::from(T::HALF).unwrap();
    (x * T::half() + y.sin()) * c
}

#[test]
fn a_trait_of_ones_own() {
    check!(own_trait(0.4_f64, 0.9_f64));
    check!(own_trait(0.4_f32, 0.9_f32));
}

#[grad(second)]
fn two_floats<S: Float, T: Float>(x: S, y: T) -> S {
    x * x.sin() * S::from(y * y).unwrap()
}

#[test]
fn two_type_parameters() {
    check!(two_floats(0.4_f64, 0.9_f64));
    let (dx, dy): (f64, f32) = two_floats::grad(1.0_f64, 2.0_f32);
    assert_eq!((dx, dy), (4.0 * (1.0_f64.sin() + 1.0_f64.cos()), 4.0 * 1.0_f32.sin()));
}

#[grad(second)]
fn fallible<T: Float>(x: T, v: &[T]) -> Option<T> {
    let first = *v.first()?;
    if x < T::zero() {
        return None;
    }
    Some(x.sqrt() * first)
}

#[test]
fn failures() {
    assert_eq!(fallible::grad(4.0_f64, &[2.0]), Some((0.5, vec![2.0])));
    assert_eq!(fallible::grad(4.0_f32, &[]), None);
    assert_eq!(fallible::grad(-4.0_f32, &[1.0]), None);
}

#[grad]
fn recursive<T: Float>(x: T, n: usize) -> T {
    if n == 0 { x } else { (recursive(x, n - 1) * x).sin() }
}

#[test]
fn a_generic_function_that_calls_itself() {
    check!(recursive(0.7_f64, =3), first_only);
    check!(recursive(0.7_f32, =3), first_only);
}

/// Partials that are more than a formula.
#[grad(second)]
fn kinks<T: Float>(x: T, y: T) -> T {
    x.max(y) + x.abs() + x.sqrt() * T::zero() + y.powf(x)
}

#[test]
fn kinks_are_those_of_the_floats() {
    exactly!(kinks(1.0_f64, 1.0_f64) => [1.5, 1.5]);
    exactly!(kinks(1.0_f32, 1.0_f32) => [1.5, 1.5]);
}

#[test]
fn descent_over_a_generic_function() {
    let report =
        grad::descent::Lbfgs::default().minimize(&mut bowl::objective::<f64>(0.5), vec![1.0, -2.0]).unwrap();
    assert!(report.x.iter().all(|x| (x - 0.5).abs() < 1e-6), "{report}");
    let report =
        grad::descent::Lbfgs::default().minimize(&mut bowl::objective(0.5_f32), vec![1.0, -2.0]).unwrap();
    assert!(report.x.iter().all(|x| (x - 0.5).abs() < 1e-3), "{report}");
}

#[grad(wrt(x), second)]
fn bowl<T: Float>(x: &[T], centre: T) -> T {
    x.iter().map(|x| (*x - centre).powi(2)).fold(T::zero(), |sum, x| sum + x)
}

/// The bound of this crate.
#[grad(second)]
fn gauss<T: grad::Real>(x: T, sigma: T, v: &[T]) -> T {
    let z = (x - v[0]) / sigma;
    let mut s = T::zero();
    for (k, y) in v.iter().enumerate() {
        s += *y * T::from_usize(k) + (*y * x).to_radians();
    }
    (T::from_f64(-0.5) * z * z).exp() / (sigma * T::TAU.sqrt()) + s.atan() * T::LN_2 + v.iter().sum::<T>()
        - Real::tanh(s) * T::EPSILON
}

use grad::Real;

#[test]
fn the_bound_of_this_crate() {
    check_into!(gauss(0.3_f64, 0.8_f64, &[0.4_f64, 0.9]));
    check_into!(gauss(0.3_f32, 0.8_f32, &[0.4_f32, 0.9]));
}

#[grad(second)]
fn there_and_back<T: Real>(x: T, h: f64) -> T {
    let y = x.to_f64() * h;
    T::from_f64(y.sin() * y) * x + T::from_f64(0.25 * h)
}

#[test]
fn conversions_that_give_numbers() {
    check!(there_and_back(0.3_f64, 0.8_f64));
}

#[grad(order = 3)]
fn cube<T: Real>(x: T, y: T) -> T {
    x.powi(3) * y + y.exp()
}

/// The derivatives of a generic function in one.
#[grad(second)]
fn slopes<T: Real>(x: T, y: T) -> T {
    let (dx, dy) = cube::grad(x, y);
    dx * dy
}

#[grad(second)]
fn waves<T: Real>(v: &[T]) -> T {
    v.iter().map(|x| x.sin() * *x).sum()
}

#[grad(wrt(v))]
fn step<T: Real>(v: &[T], rate: T) -> T {
    let g = waves::grad(v);
    let mut s = T::zero();
    for (x, d) in v.iter().zip(&g) {
        s += (*x - rate * *d).powi(2);
    }
    s
}

#[test]
fn derivatives_of_every_order() {
    let third = cube::derivative_along(0.7_f64, 0.3, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0);
    assert!((third - 6.0 * 0.7).abs() < 1e-12, "{third}");
    check!(slopes(0.7_f64, 0.3_f64));
    check!(slopes(0.7_f32, 0.3_f32));
    check!(step(&[0.3_f64, 0.8], =0.1), first_only);
    check!(step(&[0.3_f32, 0.8], =0.1), first_only);
}

/// A trait with methods that have the names of what generated code asks of shapes.
mod names_of_shapes {
    use grad::{Real, grad};

    pub trait Weighted: Real {
        fn sum(&self) -> f64;
        fn scale(&self, by: f64) -> f64;
        fn inner(&self, other: Self) -> f64;
        fn clear(&self) -> f64;
        fn merge(&self) -> f64;
        fn again(&self) -> f64;
        fn number(&self) -> f64;
        fn accumulate(&self) -> f64;
        fn zeros_like(&self) -> f64;
        fn lanes_like(&self) -> f64;
        fn norm(&self) -> f64;
        fn keep() -> f64;
        fn blank() -> f64;
        fn unread() -> f64;
    }
    macro_rules! w { ($($t:ty)*) => {$(
    impl Weighted for $t {
        fn sum(&self) -> f64 { self.to_f64() * 2.0 }
        fn scale(&self, by: f64) -> f64 { self.to_f64() * by }
        fn inner(&self, o: Self) -> f64 { self.to_f64() * o.to_f64() }
        fn clear(&self) -> f64 { 1.0 }
        fn merge(&self) -> f64 { 1.0 }
        fn again(&self) -> f64 { 1.0 }
        fn number(&self) -> f64 { 1.0 }
        fn accumulate(&self) -> f64 { 1.0 }
        fn zeros_like(&self) -> f64 { 1.0 }
        fn lanes_like(&self) -> f64 { 1.0 }
        fn norm(&self) -> f64 { 1.0 }
        fn keep() -> f64 { 1.0 }
        fn blank() -> f64 { 1.0 }
        fn unread() -> f64 { 1.0 }
    })*}}
    w! { f32 f64 }

    #[grad(wrt(x), second, scalar(T))]
    pub fn weighted<T: Weighted>(x: T, w: T) -> T {
        let c = w.sum()
            + w.scale(2.0)
            + w.inner(w)
            + w.clear()
            + w.merge()
            + w.again()
            + w.number()
            + w.accumulate()
            + w.zeros_like()
            + w.lanes_like()
            + w.norm()
            + T::keep()
            + T::blank()
            + T::unread();
        x * x * T::from_f64(c)
    }
}

#[test]
fn methods_of_the_users_under_any_name() {
    use names_of_shapes::weighted;
    // 6 + 6 + 9 and eleven times 1.
    check!(weighted(1.5_f64, =3.0) => [96.0]);
    assert_eq!(weighted::grad(1.5_f64, 3.0), 96.0);
    assert_eq!(weighted::jvp_n(1.5_f32, 3.0, grad::Lanes([1.0, 2.0])).1, grad::Lanes([96.0, 192.0]));
}
