//! What surrounds a function in a user's crate and must not break its derivative: names, hygiene, lints, attributes.

#![deny(warnings)]
#![allow(unreachable_pub, clippy::needless_range_loop, clippy::pedantic)]

mod pass;
mod support;

mod shadowed_names {
    //! Everything that generated code would like to name is something else here.

    #![allow(non_camel_case_types, dead_code, unused_imports, unused_macros)]

    use grad::grad;

    pub struct f64;
    pub struct f32;
    pub struct usize;
    pub struct bool;
    pub struct Vec;
    pub struct Box;
    pub struct String;
    pub enum Option {
        Some,
        None,
        Ok,
        Err,
    }
    pub use Option::{Err, None, Ok, Some};
    pub struct Default;
    pub struct Copy;
    pub struct Clone;
    pub struct FnOnce;
    pub struct Iterator;
    pub struct Into;
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod grad_runtime {}
    pub fn drop() {}
    pub fn exp() {}
    pub fn sin() {}
    pub fn vec() {}

    macro_rules! vec {
        ($($tokens:tt)*) => {
            compile_error!("the user's `vec!`")
        };
    }
    macro_rules! assert {
        ($($tokens:tt)*) => {
            compile_error!("the user's `assert!`")
        };
    }
    macro_rules! unreachable {
        ($($tokens:tt)*) => {
            compile_error!("the user's `unreachable!`")
        };
    }
    macro_rules! debug_assert {
        ($($tokens:tt)*) => {
            compile_error!("the user's `debug_assert!`")
        };
    }

    /// Methods by the names of those of floats, on floats.
    pub trait Elementary {
        fn sin(self) -> i32;
        fn exp(&self) -> i32;
        fn powi(self, n: i32) -> i32;
        fn max(self, other: Self) -> i32;
        fn recip(self) -> i32;
        fn sign(self) -> i32;
        fn zeros_like(&self) -> i32;
        fn accumulate(&mut self, from: &Self);
        fn clear(&mut self);
        fn merge(&mut self, from: Self);
        fn to_owned(&self) -> i32;
    }

    impl<T> Elementary for T {
        fn sin(self) -> i32 {
            1
        }
        fn exp(&self) -> i32 {
            1
        }
        fn powi(self, _: i32) -> i32 {
            1
        }
        fn max(self, _: T) -> i32 {
            1
        }
        fn recip(self) -> i32 {
            1
        }
        fn sign(self) -> i32 {
            1
        }
        fn zeros_like(&self) -> i32 {
            1
        }
        fn accumulate(&mut self, _: &T) {}
        fn clear(&mut self) {}
        fn merge(&mut self, _: T) {}
        fn to_owned(&self) -> i32 {
            1
        }
    }

    #[grad(second)]
    pub fn straight(x: ::core::primitive::f64, y: ::core::primitive::f64) -> ::core::primitive::f64 {
        let a = x.sin() * y.exp();
        let b = a.max(x) + y.powi(3).recip();
        b * a.abs().sqrt() + x.hypot(y)
    }

    #[grad(second)]
    pub fn looped(v: &[::core::primitive::f64], n: ::core::primitive::usize) -> ::core::primitive::f64 {
        let mut s = 1.0;
        let mut w = v.to_vec();
        for i in 0..n {
            if w[i] > s {
                s = s * w[i] + v[0];
            } else {
                w[i] = s.sin();
            }
            let mut t = s;
            while t > 1.0 {
                t *= 0.5;
                w[i] += t;
            }
        }
        let mut total = s;
        for e in &w {
            total += e * e;
        }
        total
    }

    #[grad(second)]
    pub fn rows(m: &[[::core::primitive::f32; 2]]) -> [::core::primitive::f32; 2] {
        let mut out = [0.0; 2];
        for r in m {
            out[0] += r[0] * r[1];
            out[1] += r[1].exp();
        }
        out
    }

    #[grad(second)]
    pub fn calls(x: ::core::primitive::f64, flag: ::core::primitive::bool) -> ::core::primitive::f64 {
        if flag {
            return straight(x, 2.0);
        }
        looped(&[x, x * 0.5], 2)
    }
}

#[test]
fn other_things_by_the_names_of_the_language() {
    support::check!(shadowed_names::straight(0.7, 1.2));
    support::check_into!(shadowed_names::looped(&[0.4, 1.3, 1.8], =3));
    support::check_vjp!(shadowed_names::rows(&[[0.5_f32, 1.5], [0.25, -0.5]]));
    support::check!(shadowed_names::calls(0.7, =true));
    support::check!(shadowed_names::calls(0.7, =false));
}

#[no_implicit_prelude]
mod without_prelude {
    use ::core::primitive::{f64, usize};
    use ::grad::grad;

    #[grad(second)]
    pub fn looped(v: &[f64], w: &mut [f64], n: usize) -> f64 {
        let mut s = 0.5;
        for i in 0..n {
            w[i] = v[i] * s;
            s = if w[i] > 0.1 { w[i].sin() } else { s * s };
            if s > 10.0 {
                break;
            }
        }
        s
    }

    #[grad(second)]
    pub fn array(x: f64) -> [f64; 2] {
        let (s, c) = x.sin_cos();
        [s, c * s]
    }

    #[grad(second)]
    pub fn chained(x: f64) -> f64 {
        let v = array(x);
        v[0] * v[1]
    }
}

#[test]
fn a_module_without_the_prelude() {
    support::check_outputs_and_result!(without_prelude::looped(&[0.9, 1.4, 0.1], mut [0.0; 3], =3));
    support::check_vjp!(without_prelude::array(0.7));
    support::check!(without_prelude::chained(0.7));
}

mod hygiene {
    //! Functions made by `macro_rules!`.

    use crate::support::{check, check_into};
    use grad::grad;

    /// The expression and the type arrive in invisible groups: `(a + b) * x`, not `a + b * x`.
    macro_rules! scaled {
        ($name:ident, $k:expr, $t:ty) => {
            #[grad(second)]
            fn $name(x: $t) -> $t {
                let y: $t = $k * x;
                y * $k
            }
        };
    }

    scaled!(by_three, 1.0 + 2.0, f64);
    scaled!(by_three_single, 1.0 + 2.0, f32);

    macro_rules! over {
        ($name:ident, $element:ty, $body:expr, $condition:expr, $pattern:pat, $block:block) => {
            #[grad(second)]
            fn $name(v: &[$element], pairs: &[($element, $element)]) -> $element {
                let mut s = $body;
                for $pattern in pairs {
                    s += 1.5;
                }
                if $condition {
                    s += $block;
                }
                s * v[0]
            }
        };
    }

    over!(fragments, f64, 2.0 + 3.0, 1 < 2, _, { 0.5 });

    #[test]
    fn invisible_groups_keep_precedence() {
        assert_eq!((by_three(2.0), by_three_single(2.0)), (18.0, 18.0));
        check!(by_three(2.0) => [9.0]);
        check!(by_three_single(2.0_f32) => [9.0]);
        check_into!(fragments(&[2.0], &[(1.0, 2.0)]) => [7.0, 0.0, 0.0]);
    }

    /// Two variables of the same name: one of the caller, one of the macro.
    macro_rules! two_of_a_name {
        ($name:ident, $x:ident) => {
            #[grad(second)]
            fn $name($x: f64) -> f64 {
                let x = 2.0;
                $x * x
            }
        };
    }

    two_of_a_name!(same_text, x);

    macro_rules! interleaved {
        ($name:ident, $x:ident, $s:ident) => {
            #[grad(second)]
            fn $name($x: f64, x: f64) -> f64 {
                let mut $s = $x * x;
                let mut s = 1.0;
                for x in 0..3 {
                    s *= $x + x as f64;
                    $s += s * $x;
                }
                let f = |x: f64| x * $x + s;
                $s * s + f(x)
            }
        };
    }

    interleaved!(many_of_a_name, x, s);

    #[test]
    fn identifiers_of_the_same_text_may_be_different_variables() {
        assert_eq!(same_text(3.0), 6.0);
        check!(same_text(3.0) => [2.0]);
        check!(many_of_a_name(0.4, 0.7));
    }

    /// A whole function as tokens, twice over.
    macro_rules! family {
        ($($name:ident => |$x:ident| $body:expr;)*) => {
            $(
                #[grad(second)]
                fn $name($x: f64) -> f64 {
                    $body
                }
            )*

            #[grad(second)]
            fn all_of_them(x: f64) -> f64 {
                let mut total = 0.0;
                $(total += $name(x);)*
                total
            }
        };
    }

    family! {
        first => |y| y.sin() * 2.0;
        second => |x| { let y = x * x; y - 1.0 };
        third => |z| if z > 0.0 { z } else { -z };
    }

    #[test]
    fn a_family_of_functions() {
        check!(all_of_them(0.7) => [2.0 * 0.7_f64.cos() + 1.4 + 1.0]);
    }
}

mod identifiers {
    //! Raw, Unicode, upper case.

    #![allow(non_snake_case)]

    use crate::support::{check, check_into};
    use grad::grad;

    #[grad(second)]
    fn r#fn(r#type: f64, r#match: &[f64]) -> f64 {
        let mut r#loop = r#type;
        for r#struct in r#match {
            r#loop *= r#struct;
        }
        r#loop
    }

    #[grad(second)]
    fn größe(données: &[f64], λ: f64, Ω: f64) -> f64 {
        let mut Σ = 0.0;
        for é in données {
            Σ += é * λ;
        }
        r#fn(Σ, &[Ω, λ])
    }

    #[grad(second)]
    fn UPPER(X: f64, Y_Z: f64) -> f64 {
        let Q = X * Y_Z;
        Q * X
    }

    #[grad(name = r#dyn)]
    fn a(_x: f64, __y: f64) -> f64 {
        _x * __y
    }

    #[test]
    fn identifiers_of_all_kinds() {
        check_into!(r#fn(2.0, &[3.0, 5.0]) => [15.0, 10.0, 6.0]);
        check_into!(größe(&[1.0, 2.0], 3.0, 5.0) => [45.0, 45.0, 90.0, 27.0]);
        check!(UPPER(2.0, 3.0) => [12.0, 4.0]);
        assert_eq!(r#dyn::grad(2.0, 3.0), (3.0, 2.0));
    }
}

mod attributes {
    //! Attributes and qualifiers of the function stay with the function.

    use crate::support::check;
    use grad::grad;

    /// A doc comment.
    #[doc = "Another one."]
    #[inline(always)]
    #[must_use = "it is only computed"]
    #[doc(alias = "x cubed")]
    #[grad(second)]
    #[expect(clippy::let_and_return, reason = "an attribute below")]
    #[cold]
    const fn cube(x: f64) -> f64 {
        let y = x * x * x;
        y
    }

    const EIGHT: f64 = cube(2.0);

    #[deprecated = "its derivative is, too"]
    #[allow(dead_code)]
    #[grad(second)]
    fn old(x: f64) -> f64 {
        x
    }

    #[grad(second)]
    #[track_caller]
    fn tracked(x: f64) -> f64 {
        assert!(x > 0.0);
        x.ln()
    }

    #[cfg(any())]
    #[grad(second)]
    fn nowhere(x: Nothing) -> f64 {
        x.nonsense()
    }

    #[cfg(not(any()))]
    #[grad(second)]
    fn somewhere(x: f64) -> f64 {
        x + 1.0
    }

    #[test]
    fn attributes_stay() {
        assert_eq!(EIGHT, 8.0);
        check!(cube(2.0) => [12.0]);
        check!(tracked(2.0) => [0.5]);
        check!(somewhere(2.0) => [1.0]);
    }
}

mod visibility {
    //! The derivatives are as visible as the function.

    use grad::grad;

    #[grad(second)]
    fn private(x: f64) -> f64 {
        x * 2.0
    }

    pub mod deeper {
        use grad::grad;

        #[grad(second)]
        pub(in crate::visibility) fn limited(x: f64) -> f64 {
            super::private(x) * x
        }

        #[grad(second)]
        pub(super) fn above(x: f64) -> f64 {
            limited(x)
        }
    }

    #[grad(second)]
    pub(crate) fn in_crate(x: f64) -> f64 {
        deeper::above(x) + deeper::limited(x)
    }

    pub(crate) use self::in_crate as renamed;
}

#[test]
fn derivatives_are_as_visible_as_their_functions() {
    support::check!(visibility::in_crate(3.0) => [24.0]);
    assert_eq!(visibility::renamed::grad(3.0), 24.0);
}

mod strict {
    //! Lints that a user may forbid, so that no `allow` may be generated for them.

    #![forbid(
        unused_variables,
        unused_mut,
        unused_assignments,
        unused_parens,
        unused_braces,
        unused_must_use,
        unused_unsafe,
        dead_code,
        unreachable_code,
        unreachable_patterns,
        unsafe_code,
        path_statements,
        non_shorthand_field_patterns,
        redundant_semicolons,
        unused_imports,
        unused_labels,
        unused_qualifications,
        unused_results,
        let_underscore_drop,
        single_use_lifetimes,
        elided_lifetimes_in_paths,
        trivial_casts,
        trivial_numeric_casts,
        unit_bindings
    )]

    use crate::support::{check, check_into, check_outputs, check_vjp};
    use grad::grad;

    #[grad(second)]
    fn helper(x: f64, out: &mut [f64]) -> (f64, f64) {
        out[0] = x;
        (x * x, x)
    }

    #[grad(third)]
    fn levels(v: &[f64], k: f64, w: Vec<f64>, n: usize, _unused: f64) -> f64 {
        let mut s = k;
        for i in 0..n {
            if v[i] > 0.0 {
                s = (s * v[i]).sin() + w[i];
            }
        }
        s * s
    }

    #[grad(second)]
    fn of_levels(v: &[f64], k: f64) -> f64 {
        let (by_v, by_k, by_w, _) = levels::grad(v, k, vec![k, 1.0], 2, 1.0);
        let (value, dot) = levels::jvp(v, by_k, by_w, 2, 0.0, &by_v, 1.0, vec![k, k], k);
        let (again, _) = levels::value_and_grad(v, k, vec![k, 1.0], 2, 1.0);
        value * dot + again
    }

    #[grad(vjp = ruled_vjp, jvp = ruled_jvp, hvp = ruled_hvp)]
    fn ruled(x: f64, n: usize) -> f64 {
        if n == 0 { x } else { x * x }
    }

    fn ruled_vjp(x: f64, n: usize) -> (f64, impl FnOnce(f64) -> f64) {
        (ruled(x, n), move |bar| bar * ruled_hvp(x, n, 0.0).0)
    }

    fn ruled_jvp(x: f64, n: usize, x_dot: f64) -> (f64, f64) {
        (ruled(x, n), x_dot * ruled_hvp(x, n, 0.0).0)
    }

    fn ruled_hvp(x: f64, n: usize, x_dot: f64) -> (f64, f64) {
        if n == 0 { (1.0, 0.0) } else { (2.0 * x, 2.0 * x_dot) }
    }

    #[grad(second)]
    fn of_ruled(v: &[f64]) -> f64 {
        let mut s = 0.0;
        for (n, &x) in v.iter().enumerate() {
            s += ruled(x, n) * of_levels(v, x);
        }
        s
    }

    #[test]
    fn nothing_that_is_forbidden_is_generated_for_second_derivatives() {
        let v = [0.3, 0.8];
        let ((_, product), lanes) = (of_ruled::hvp(&v, &[1.0, 0.0]), of_ruled::hessian(&v));
        let h = 1e-6;
        let (above, below) = (of_ruled::grad(&[0.3 + h, 0.8]), of_ruled::grad(&[0.3 - h, 0.8]));
        for k in 0..2 {
            let difference = (above[k] - below[k]) / (2.0 * h);
            assert!(
                (product[k] - difference).abs() < 1e-6 * difference.abs().max(1.0),
                "{product:?} {difference}"
            );
            assert!((product[k] - lanes[0][k]).abs() < 1e-12 * difference.abs().max(1.0));
        }
    }

    #[grad(second)]
    fn all_sorts(v: &[f64], n: usize, _unused: f64) -> f64 {
        let mut s = 0.0;
        let mut w = vec![0.0; 2];
        'outer: for i in 0..n {
            let (a, _) = helper(v[i], &mut w);
            s += a * w[0];
            let mut k = 0;
            loop {
                k += 1;
                if k > i {
                    break;
                }
                if s > 100.0 {
                    break 'outer;
                }
                s *= 1.01;
            }
            match i {
                0 => w[1] = s,
                1 if s > 1.0 => continue,
                2 => return s * w[1],
                _ => {}
            }
            w[1] *= v[0];
        }
        s + w[1]
    }

    #[grad(second)]
    fn nothing(_x: f64, out: &mut [f64]) {
        out[0] = 1.0;
    }

    #[grad(second)]
    fn constant(_v: &[f64]) -> f64 {
        1.0
    }

    #[grad(second)]
    fn parts<const N: usize>(v: &[f64; N], rows: &[Vec<f64>]) -> (f64, Vec<f64>) {
        let mut out = Vec::new();
        for row in rows {
            out.push(row[0] * v[0]);
        }
        (v[N - 1], out)
    }

    #[test]
    fn nothing_that_is_forbidden_is_generated() {
        check_into!(all_sorts(&[0.5, 1.5, 0.7, 0.2], =4, 1.0));
        check_into!(all_sorts(&[0.5, 1.5, 0.7, 0.2], =2, 1.0));
        check_outputs!(nothing(1.0, mut [2.0]));
        check_into!(constant(&[1.0]) => [0.0]);
        check_vjp!(parts(&[1.0, 2.0], &[vec![3.0], vec![4.0]]));
        check!(with_everything_constant(1.0, =2) => [2.0]);
    }

    #[grad(second)]
    fn with_everything_constant(x: f64, k: usize) -> f64 {
        let table = [1, 2, 3];
        let mut n = 0;
        for i in 0..k {
            n = table[i];
        }
        x * f64::from(n)
    }
}

mod parameters_named_like_tangents {
    //! The names that generated signatures would choose, taken by the user's own parameters.

    use grad::grad;

    #[grad(second)]
    fn momentum(x: f64, x_dot: f64, x_product: f64) -> f64 {
        x * x_dot * x_dot + x_product
    }

    #[grad(third)]
    fn levels(moves_0: f64, seed_0: &[f64], value_bar: f64, lane: usize) -> f64 {
        moves_0 * moves_0 * moves_0 * seed_0[lane] * value_bar
    }

    #[grad(second)]
    fn of_levels(gradient_0: f64, product_0: f64, lane: usize) -> f64 {
        let (slope, _, _) = levels::grad(gradient_0, &[product_0], product_0, lane);
        let (value, dot) = levels::jvp(gradient_0, &[1.0], 1.0, lane, product_0, &[0.0], 0.0);
        slope + value + dot
    }

    #[test]
    fn three_levels_keep_theirs() {
        // 3 a² b² + a³ + 3 a² b
        assert_eq!(of_levels(2.0, 3.0, 0), 108.0 + 8.0 + 36.0);
        assert_eq!(of_levels::grad(2.0, 3.0, 0), (108.0 + 12.0 + 36.0, 72.0 + 12.0));
        assert_eq!(of_levels::hessian(2.0, 3.0, 0), ((54.0 + 12.0 + 18.0, 72.0 + 12.0), (84.0, 24.0)));
    }

    #[grad(second)]
    fn work(x: &[f64], x_dot: &[f64]) -> f64 {
        x.iter().zip(x_dot).map(|(a, b)| a * b).sum()
    }

    #[grad]
    fn caller(x: f64, x_dot: f64) -> f64 {
        momentum::grad(x, x_dot, 1.0).1 + work(&[x], &[x_dot])
    }

    #[test]
    fn they_keep_their_meaning() {
        // d = x·x_dot², by hand: d/dx = x_dot², d/dx_dot = 2·x·x_dot.
        assert_eq!(momentum::grad(3.0, 2.0, 1.0), (4.0, 12.0, 1.0));
        assert_eq!(momentum::jvp(3.0, 2.0, 1.0, 1.0, 10.0, 100.0), (13.0, 224.0));
        assert_eq!(work::jvp(&[3.0], &[2.0], &[1.0], &[10.0]), (6.0, 32.0));
        // 2·x·x_dot + x·x_dot
        assert_eq!(caller(3.0, 2.0), 18.0);
        assert_eq!(caller::grad(3.0, 2.0), (6.0, 9.0));
    }
}
