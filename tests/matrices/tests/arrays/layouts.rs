//! Arrays that are made of others lie in memory as the library lays them out: what goes over their elements in that order tells.

use super::matrix;
use grad::grad;
use ndarray::{Array2, Axis, ShapeBuilder, Slice, Zip};

macro_rules! made_of {
    ($($name:ident($a:ident, $c:ident) $body:expr;)*) => {
        $(
            #[grad(second)]
            fn $name($a: &Array2<f64>, $c: &Array2<f64>) -> f64 {
                let p = $body;
                p.fold(0.3, |y, &x| y * 0.5 + x) + p.sum()
            }
        )*

        /// The value, which every form computes in its own way, and the derivative along all ones.
        #[test]
        fn as_the_library_lays_them_out() {
            for (a, c) in layouts().into_iter().flat_map(|a| layouts().map(|c| (a.clone(), c))) {
                let ones = Array2::ones(a.raw_dim());
                $({
                    let (value, (a_bar, c_bar)) = $name::value_and_grad(&a, &c);
                    let (of_jvp, dot) = $name::jvp(&a, &c, &ones, &ones);
                    assert_eq!(value, $name(&a, &c), stringify!($name));
                    assert_eq!(of_jvp, value, stringify!($name));
                    assert!((a_bar.sum() + c_bar.sum() - dot).abs() < 1e-9, stringify!($name));
                    for at in [[0, 0], [2, 1], [1, 2]] {
                        let moved = |step: f64| {
                            let mut moved = a.clone();
                            moved[at] += step;
                            $name(&moved, &c)
                        };
                        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                        assert!((a_bar[at] - difference).abs() < 1e-6, stringify!($name));
                    }
                })*
            }
        }
    };
}

/// By rows, by columns, with gaps, backwards.
fn layouts() -> [Array2<f64>; 4] {
    let a = matrix(3, 4, 0.4);
    let by_columns = a.t().as_standard_layout().into_owned().reversed_axes();
    let mut gaps = Array2::zeros((6, 4).f());
    gaps.slice_axis_inplace(Axis(0), Slice::new(0, None, 2));
    gaps.assign(&a);
    let mut backwards = Array2::zeros((3, 5));
    backwards.slice_axis_inplace(Axis(1), Slice::new(1, None, 1));
    backwards.invert_axis(Axis(1));
    backwards.assign(&a);
    [a, by_columns, gaps, backwards]
}

made_of! {
    turned(a, _c) a.t();
    turned_and_owned(a, _c) a.t().to_owned();
    owned(a, _c) a.to_owned();
    copied(a, _c) a.clone();
    row(a, _c) a.row(1).to_owned();
    column(a, _c) a.column(1);
    given_away_sum(a, c) a.clone() + c;
    given_away_difference(a, c) a.clone() - c;
    given_away_product(a, c) a.clone() * c;
    given_away_quotient(a, c) a.clone() / (c + 3.0);
    given_away_scaled(a, _c) a.clone() * 0.7;
    compound_sum(a, c) { let mut p = a.clone(); p += c; p };
    compound_product(a, c) { let mut p = a.clone(); p *= c; p -= 0.3; p };
    both_lent(a, c) a + c;
    mapped(a, _c) a.mapv(|x| x * x);
    mapped_in_place(a, _c) a.clone().mapv_into(|x| x * x);
    reshaped(a, _c) {
        let p = a.column(0).to_owned();
        let n = p.len();
        p.into_shape_with_order((1, n)).unwrap()
    };
}

#[grad]
fn zipped(a: &Array2<f64>) -> f64 {
    let p = a.t();
    Zip::from(&p).fold(0.3, |y, x| y * 0.5 + x)
}

#[test]
fn zips_in_the_order_of_the_library() {
    for a in layouts() {
        assert_eq!(zipped::value_and_grad(&a).0, zipped(&a));
    }
}
