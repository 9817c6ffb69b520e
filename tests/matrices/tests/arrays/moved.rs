//! Arrays that are moved into an operation, which makes its result of them: beside copies, in loops, out of fields, lists and
//! options.

use super::points::{Derivatives, direction, of_point};
use super::vector;
use grad::{Differentiable, grad};
use ndarray::{Array1, array};

/// Two vectors of one length.
#[derive(Clone, Debug, Differentiable)]
pub struct Two {
    w: Array1<f64>,
    b: Array1<f64>,
}

#[grad(second)]
fn plus(a: Array1<f64>, b: &Array1<f64>) -> Array1<f64> {
    a + b
}

#[grad(second)]
fn squares(a: Array1<f64>) -> Array1<f64> {
    a.mapv_into(|x| x * x + 0.5)
}

macro_rules! of_two {
    ($($(#[$doc:meta])* $name:ident($w:ident, $b:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            #[grad(second, wrt(p))]
            fn $name(p: &Two) -> f64 {
                let ($w, $b): (&Array1<f64>, &Array1<f64>) = (&p.w, &p.b);
                $body
            }
        )*

        #[test]
        fn into_operations() {
            let two = Two { w: vector(3, 0.4), b: vector(3, 2.2) };
            $(check!($name, ref two.clone());)*
        }
    };
}

of_two! {
    beside_copies(w, b) {
        let sum = w.clone() + b;
        let difference = w.clone() - b;
        let again = sum.clone() - &difference;
        let negative = -difference.clone();
        let shifted = (again + 1.0) - 0.5;
        (sum * &difference).sum() + (shifted * negative).sum() + (w.clone() * w).sum()
    }
    in_loops(w, b) {
        let mut a = w.clone();
        for k in 0..3 {
            a = a + b;
            if k == 1 {
                continue;
            }
            a = a * (k as f64 + 0.5);
            a = a - w;
        }
        let mut passes = 0;
        while a.sum() < 8.0 && passes < 4 {
            let old = a;
            a = old.clone() + &old;
            passes += 1;
        }
        a.dot(&a) + b.sum() * a.sum()
    }
    out_of_fields(w, b) {
        let mut two = Two { w: w.clone(), b: b.clone() };
        two.w = two.w + &two.b;
        two.b = two.b - &two.w;
        two.w = two.w * 2.0 + b;
        let old = std::mem::replace(&mut two.b, w.clone()) - b;
        let Two { w: left, b: right } = two;
        let left: Array1<f64> = left;
        let sum = left + right;
        (sum * w).sum() + (old * b).sum()
    }
    out_of_lists(w, b) {
        let mut list = vec![w.clone(), b.clone(), w * b];
        let last = list.pop().unwrap() + w;
        list.push(last.clone() + b);
        let first = list.swap_remove(0) - &list[0];
        let scaled: Vec<Array1<f64>> = (0..3).map(|k| w.clone() * (k as f64 + 1.0) + b).collect();
        let mut total = first.dot(&last);
        for of in scaled {
            let moved = of + w;
            total += (moved * b).sum();
        }
        total + list.iter().map(|of| (of * of).sum()).sum::<f64>()
    }
    through_calls(w, b) {
        let scaled = |of: Array1<f64>, by: f64| of.mapv_into(|x| x * by + x * x);
        let a = plus(w.clone(), b);
        let twice = plus(a.clone(), &a);
        let c = scaled(twice.clone(), b[0]);
        let d = squares(c.clone());
        let e = if b[1] > 0.0 { d.mapv_into(|x| x.ln()) } else { d };
        plus(e, &twice).dot(&c) + scaled(a, w[1]).sum()
    }
    mapped(w, b) {
        let a = w + b;
        let exp = a.clone().mapv_into(|x| x.exp());
        let ramp = a.mapv_into(|x| x.max(0.2)).mapv_into(|x| x / 3.0);
        let list = [w.clone(), b.clone()];
        let bent: Vec<Array1<f64>> = list.iter().cloned().map(|of| of.mapv_into(|x| x * x - 0.3)).collect();
        let turned: Vec<Array1<f64>> = list.into_iter().map(|of| of.mapv_into(f64::cos)).collect();
        let option = (b[0] > 0.0).then(|| w.clone());
        let tanh = option.unwrap().mapv_into(f64::tanh);
        bent[0].dot(&turned[1]) + bent[1].dot(&turned[0]) + (exp * &ramp).sum() + (tanh * ramp).sum()
    }
    mapped_in_loops(w, b) {
        let mut a = w.clone();
        for k in 0..3 {
            a = a.mapv_into(|x| x * x - 0.1 * k as f64) + b;
        }
        let mut rings = [w.clone(), b.clone()];
        let mut total = 0.0;
        for k in 0..4 {
            let of = rings[k % 2].clone();
            let of = of.mapv_into(|x| x.sin());
            total += (&of * w).sum();
            rings[(k + 1) % 2] = of;
        }
        total + rings[0].sum() + a.sum()
    }
    /// What a constant gave becomes differentiated.
    of_constants(w, b) {
        let k = array![1.0, 2.0, 3.0];
        let x = w[0];
        let a = k.clone().mapv_into(|v| v * x + b[1]);
        let b = k.clone() + w;
        let c = k.mapv_into(|v| v + x * v * v);
        (a * &c).sum() * c.sum() + (b * c).sum()
    }
}

#[grad]
fn given_away(w: Array1<f64>, b: &Array1<f64>) -> f64 {
    let sum = w + b;
    (&sum * &sum).sum()
}

/// A buffer that has something in it gets more.
#[test]
fn a_moved_parameter_adds_to_its_buffer() {
    let (w, b) = (vector(3, 0.4), vector(3, 2.2));
    let (of_w, of_b) = given_away::grad(w.clone(), &b);
    let (mut w_bar, mut b_bar) = (vector(3, 5.0), vector(3, 6.0));
    let (wanted_w, wanted_b) = (&w_bar + &(&of_w * 0.5), &b_bar + &(&of_b * 0.5));
    given_away::vjp_add(w, &b, 0.5, &mut w_bar, &mut b_bar);
    for (found, wanted) in w_bar.iter().chain(&b_bar).zip(wanted_w.iter().chain(&wanted_b)) {
        assert!((found - wanted).abs() < 1e-12, "{found} instead of {wanted}");
    }
}
