//! How the tests look at a gradient.
//!
//! Each of these macros takes a call of an annotated function and checks everything that `#[grad]` generated for it at
//! that point and at two points near by. Arguments are written as follows:
//!
//! | in the call | is |
//! | --- | --- |
//! | `0.5`, `[1.0, 2.0]`, `vec![1.0]`, `(1.0, 2.0)` | differentiated, passed by value |
//! | `&[1.0, 2.0]`, `&vec![1.0]`, `&0.5` | differentiated, passed by reference (arrays and `Vec`s where slices are expected, too) |
//! | `mut [0.0; 3]` | passed by mutable reference: an output |
//! | `=3`, `=&[1.0]` | constant |
//!
//! `=> [..]` after the call is the hand-written gradient, flat.
//!
//! A scalar function is one with `#[grad(second)]`, unless the last word is `, first_only`.

// Not every test binary uses every one of them.
#![allow(dead_code, unused_imports, unused_macros, clippy::type_complexity)]

pub(crate) mod case;
pub(crate) mod differences;
pub(crate) mod flat;
pub(crate) mod lanes;

/// One argument of the tested call after the other, until `$then` can be called with all of them.
///
/// Each entry is `(kind argument buffer expression)`, the two names being unique.
macro_rules! arguments {
    ($then:ident $config:tt [$($all:tt)*] [$($active:tt)*] = $e:expr $(, $($rest:tt)*)?) => {
        $crate::support::arguments!($then $config [$($all)* (fixed x y $e)] [$($active)*] $($($rest)*)?)
    };
    ($then:ident $config:tt [$($all:tt)*] [$($active:tt)*] & $e:expr $(, $($rest:tt)*)?) => {
        $crate::support::arguments!(
            $then $config [$($all)* (by_ref x y $e)] [$($active)* (by_ref x y $e)] $($($rest)*)?
        )
    };
    ($then:ident $config:tt [$($all:tt)*] [$($active:tt)*] mut $e:expr $(, $($rest:tt)*)?) => {
        $crate::support::arguments!($then $config [$($all)* (out x y $e)] [$($active)* (out x y $e)] $($($rest)*)?)
    };
    ($then:ident $config:tt [$($all:tt)*] [$($active:tt)*] $e:expr $(, $($rest:tt)*)?) => {
        $crate::support::arguments!(
            $then $config [$($all)* (by_value x y $e)] [$($active)* (by_value x y $e)] $($($rest)*)?
        )
    };
    ($then:ident $config:tt [$($all:tt)*] [$($active:tt)*]) => {
        $crate::support::$then!(@body $config [$($all)*] [$($active)*])
    };
}

/// An argument in the form in which the function wants it.
macro_rules! pass {
    (by_value $x:ident $e:expr) => {
        $x
    };
    (by_ref $x:ident $e:expr) => {
        &$x
    };
    (out $x:ident $e:expr) => {
        &mut $x
    };
    (fixed $x:ident $e:expr) => {
        $e
    };
}

/// The tangent of an argument: the same shape with other numbers.
macro_rules! direction {
    (out $y:ident $x:ident $from:ident) => {
        let mut $y = $crate::support::flat::Flat::refill(&$x, &mut $from);
    };
    ($kind:ident $y:ident $x:ident $from:ident) => {
        let $y = $crate::support::flat::Flat::refill(&$x, &mut $from);
    };
}

/// Outputs count among the results.
macro_rules! observe_output {
    (out $x:ident $observed:ident) => {
        $crate::support::flat::Flat::observe(&$x, &mut $observed)
    };
    ($kind:ident $x:ident $observed:ident) => {};
}

/// The same tangent in lanes.
macro_rules! widen {
    (out $y:ident) => {
        let mut $y = $crate::support::lanes::widened(&$y);
    };
    ($kind:ident $y:ident) => {
        let $y = $crate::support::lanes::widened(&$y);
    };
}

macro_rules! observe_output_lanes {
    (out $x:ident $observed:ident) => {
        $crate::support::lanes::observe_lanes(&$x, &mut $observed)
    };
    ($kind:ident $x:ident $observed:ident) => {};
}

/// The tested arguments with other numbers in them.
macro_rules! refill {
    (@one out $x:ident $from:ident) => {
        let mut $x = $crate::support::flat::Flat::refill(&$x, &mut $from);
    };
    (@one $kind:ident $x:ident $from:ident) => {
        let $x = $crate::support::flat::Flat::refill(&$x, &mut $from);
    };
    ($from:expr; $($kind:ident $x:ident)*) => {
        let mut from = $from.iter().copied();
        $($crate::support::refill!(@one $kind $x from);)*
        let _ = from;
    };
}

/// A scalar function: `grad`, `value_and_grad`, `vjp` and `vjp_add` against the function itself, central differences,
/// each other and, if there is one, the hand-written gradient; `hvp` and `hvp_n` against central differences of `grad`
/// and each other.
macro_rules! check {
    ($($f:ident)::+ ($($args:tt)*) $(=> [$($want:expr),* $(,)?])? $(, $second:ident)?) => {
        $crate::support::arguments!(
            check [[$($f)::+] [$([$($want),*])?] none [$($second)?]] [] [] $($args)*
        )
    };
    (@body $config:tt $all:tt $active:tt) => {
        $crate::support::scalar_case!(check $config $all $active)
    };
}

/// As `check`, and `grad_into` as well.
macro_rules! check_into {
    ($($f:ident)::+ ($($args:tt)*) $(=> [$($want:expr),* $(,)?])? $(, $second:ident)?) => {
        $crate::support::arguments!(
            check_into [[$($f)::+] [$([$($want),*])?] into [$($second)?]] [] [] $($args)*
        )
    };
    (@body $config:tt $all:tt $active:tt) => {
        $crate::support::scalar_case!(check $config $all $active)
    };
}

/// A scalar function at a kink: the gradient is exactly the given one (NaN being equal to NaN), by every way to get it.
/// No differences.
macro_rules! exactly {
    ($($f:ident)::+ ($($args:tt)*) => [$($want:expr),* $(,)?] $(, $second:ident)?) => {
        $crate::support::arguments!(
            exactly [[$($f)::+] [[$($want),*]] none [$($second)?]] [] [] $($args)*
        )
    };
    (@body $config:tt $all:tt $active:tt) => {
        $crate::support::scalar_case!(check_exactly $config $all $active)
    };
}

macro_rules! scalar_case {
    (
        $check:ident
        [[$($f:tt)*] [$([$($want:expr),*])?] $into:ident $second:tt]
        [$(($kind:ident $x:ident $y:ident $e:expr))*]
        [$(($a_kind:ident $a:ident $b:ident $a_e:expr))*]
    ) => {
        {
            use $crate::support::flat::{Flat, Observed};
            $(let $a = $a_e;)*
            let mut start = Observed::default();
            $(Flat::observe(&$a, &mut start);)*
            $crate::support::case::Scalar {
                name: stringify!($($f)*),
                start: start.floats,
                single: false $(|| Flat::single(&$a))*,
                wanted: None::<Vec<f64>> $(.or(Some(vec![$(f64::from($want)),*])))?,
                call: &|way, at, beside| {
                    use $crate::support::case::{Answer, Way};
                    $crate::support::refill!(at; $($a_kind $a)*);
                    // Tangents or buffers; where there are none, nobody looks.
                    let mut beside = beside.iter().copied().chain(std::iter::repeat(0.0));
                    $(let mut $b = Flat::refill(&$a, &mut beside);)*
                    match way {
                        Way::Primal => Answer::of(&$($f)*($($crate::support::pass!($kind $x $e)),*)),
                        Way::Grad => Answer::of(&$($f)*::grad($($crate::support::pass!($kind $x $e)),*)),
                        Way::ValueAndGrad => {
                            Answer::with(&$($f)*::value_and_grad($($crate::support::pass!($kind $x $e)),*))
                        }
                        Way::Vjp(seed) => {
                            let (value, pullback) = $($f)*::vjp($($crate::support::pass!($kind $x $e)),*);
                            Answer::with(&(value, pullback($crate::support::flat::number(seed))))
                        }
                        Way::VjpAdd(seed) => {
                            let mut answer = Answer::of(&$($f)*::vjp_add(
                                $($crate::support::pass!($kind $x $e),)*
                                $crate::support::flat::number(seed),
                                $(&mut $b),*
                            ));
                            $(Flat::observe(&$b, &mut answer.beside);)*
                            answer
                        }
                        Way::GradInto => $crate::support::grad_into!(
                            $into [$($f)*] [$(($kind $x $e))*] [$($b)*]
                        ),
                        Way::Jvp => Answer::with(&$($f)*::jvp(
                            $($crate::support::pass!($kind $x $e),)*
                            $($crate::support::pass!($a_kind $b $a_e)),*
                        )),
                        Way::JvpN => {
                            $($crate::support::widen!($a_kind $b);)*
                            Answer::in_lanes(&$($f)*::jvp_n(
                                $($crate::support::pass!($kind $x $e),)*
                                $($crate::support::pass!($a_kind $b $a_e)),*
                            ))
                        }
                        Way::Hvp => $crate::support::hvp!(
                            $second [$($f)*] [$(($kind $x $e))*] [$(($a_kind $b $a_e))*]
                        ),
                        Way::HvpN(directions) => $crate::support::hvp_n!(
                            $second directions [$($f)*] [$(($kind $x $e))*] [$(($a_kind $a $b $a_e))*]
                        ),
                    }
                },
                into: stringify!($into) == "into",
                second: $crate::support::second!($second),
            }
            .$check()
        }
    };
}

macro_rules! grad_into {
    (none $($unused:tt)*) => {
        unreachable!("it is not asked for")
    };
    (into [$($f:tt)*] [$(($kind:ident $x:ident $e:expr))*] [$($b:ident)*]) => {{
        let mut answer = $crate::support::case::Answer::of(
            &$($f)*::grad_into($($crate::support::pass!($kind $x $e),)* $(&mut $b),*)
        );
        $(Flat::observe(&$b, &mut answer.beside);)*
        answer
    }};
}

/// Whether there are second derivatives.
macro_rules! second {
    ([first_only]) => {
        false
    };
    ([]) => {
        true
    };
}

macro_rules! hvp {
    ([first_only] $($unused:tt)*) => {
        unreachable!("there are no second derivatives")
    };
    ([] [$($f:tt)*] [$(($kind:ident $x:ident $e:expr))*] [$(($a_kind:ident $b:ident $a_e:expr))*]) => {
        $crate::support::case::Answer::with(&$($f)*::hvp(
            $($crate::support::pass!($kind $x $e),)*
            $($crate::support::pass!($a_kind $b $a_e)),*
        ))
    };
}

macro_rules! hvp_n {
    ([first_only] $directions:ident $($unused:tt)*) => {{
        let _ = $directions;
        unreachable!("there are no second derivatives")
    }};
    (
        [] $directions:ident [$($f:tt)*]
        [$(($kind:ident $x:ident $e:expr))*]
        [$(($a_kind:ident $a:ident $b:ident $a_e:expr))*]
    ) => {{
        let mut directions = $directions.each_ref().map(|direction| direction.iter().copied());
        $(let $b = $crate::support::lanes::refilled(&$a, &mut directions);)*
        $crate::support::case::Answer::in_lanes(&$($f)*::hvp_n(
            $($crate::support::pass!($kind $x $e),)*
            $($crate::support::pass!($a_kind $b $a_e)),*
        ))
    }};
}

/// A function that returns an array, a tuple or a `Vec`: `vjp` and `vjp_add` for random seeds.
macro_rules! check_vjp {
    ($($f:ident)::+ ($($args:tt)*)) => {
        $crate::support::arguments!(check_vjp [$($f)::+] [] [] $($args)*)
    };
    (@body
        [$($f:tt)*]
        [$(($kind:ident $x:ident $y:ident $e:expr))*]
        [$(($a_kind:ident $a:ident $b:ident $a_e:expr))*]
    ) => {
        {
            use $crate::support::flat::{Flat, Observed, observe};
            $(let $a = $a_e;)*
            let mut start = Observed::default();
            $(Flat::observe(&$a, &mut start);)*
            $crate::support::case::Products {
                name: stringify!($($f)*),
                is_output: vec![false; start.floats.len()],
                start: start.floats,
                single: false $(|| Flat::single(&$a))*,
                primal: &|at| {
                    $crate::support::refill!(at; $($a_kind $a)*);
                    observe(&$($f)*($($crate::support::pass!($kind $x $e)),*))
                },
                vjp: Some(&|at: &[f64], seed: &[f64]| {
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let (value, pullback) = $($f)*::vjp($($crate::support::pass!($kind $x $e)),*);
                    let seed = Flat::refill(&value, &mut seed.iter().copied());
                    (observe(&value), observe(&pullback(seed)))
                }),
                vjp_add: &|at, seed, buffers| {
                    let seed = {
                        $crate::support::refill!(at; $($a_kind $a)*);
                        let value = $($f)*($($crate::support::pass!($kind $x $e)),*);
                        Flat::refill(&value, &mut seed.iter().copied())
                    };
                    let mut buffers = buffers.iter().copied();
                    $(let mut $b = Flat::refill(&$a, &mut buffers);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let value = $($f)*::vjp_add($($crate::support::pass!($kind $x $e),)* seed, $(&mut $b),*);
                    let mut after = Observed::default();
                    $(Flat::observe(&$b, &mut after);)*
                    (observe(&value), after)
                },
                jvp: &|at, from| {
                    let one = {
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!($a_kind $b $a tangents);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let (value, tangent) = $($f)*::jvp(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    (observe(&value), observe(&tangent))
                    };
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!(lanes $b $a tangents);)*
                    $($crate::support::widen!($a_kind $b);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let (value, lanes) = $($f)*::jvp_n(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    let lanes = $crate::support::lanes::observed_lanes(&lanes);
                    $crate::support::lanes::check_lanes(stringify!($($f)*), &observe(&value), &lanes, &one);
                    one
                },
            }
            .check()
        }
    };
}

/// A function with outputs (`mut` arguments) that returns nothing: `vjp_add`, the outputs' cotangents being in-out.
macro_rules! check_outputs {
    ($($f:ident)::+ ($($args:tt)*)) => {
        $crate::support::arguments!(check_outputs [$($f)::+] [] [] $($args)*)
    };
    (@body
        [$($f:tt)*]
        [$(($kind:ident $x:ident $y:ident $e:expr))*]
        [$(($a_kind:ident $a:ident $b:ident $a_e:expr))*]
    ) => {
        {
            use $crate::support::flat::{Flat, Observed};
            $(let $a = $a_e;)*
            let mut start = Observed::default();
            let mut is_output = Vec::new();
            $(
                Flat::observe(&$a, &mut start);
                is_output.resize(start.floats.len(), stringify!($a_kind) == "out");
            )*
            $crate::support::case::Products {
                name: stringify!($($f)*),
                is_output,
                start: start.floats,
                single: false $(|| Flat::single(&$a))*,
                primal: &|at| {
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let () = $($f)*($($crate::support::pass!($kind $x $e)),*);
                    let mut observed = Observed::default();
                    $($crate::support::observe_output!($a_kind $a observed);)*
                    observed
                },
                vjp: None,
                vjp_add: &|at, _, buffers| {
                    let mut buffers = buffers.iter().copied();
                    $(let mut $b = Flat::refill(&$a, &mut buffers);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let () = $($f)*::vjp_add($($crate::support::pass!($kind $x $e),)* $(&mut $b),*);
                    let mut observed = Observed::default();
                    $($crate::support::observe_output!($a_kind $a observed);)*
                    let mut after = Observed::default();
                    $(Flat::observe(&$b, &mut after);)*
                    (observed, after)
                },
                jvp: &|at, from| {
                    let one = {
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!($a_kind $b $a tangents);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let () = $($f)*::jvp(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    let (mut values, mut tangents) = (Observed::default(), Observed::default());
                    $($crate::support::observe_output!($a_kind $a values);)*
                    $($crate::support::observe_output!($a_kind $b tangents);)*
                    (values, tangents)
                    };
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!(lanes $b $a tangents);)*
                    $($crate::support::widen!($a_kind $b);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let () = $($f)*::jvp_n(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    let (mut values, mut lanes) = (Observed::default(), <[Observed; 3]>::default());
                    $($crate::support::observe_output!($a_kind $a values);)*
                    $($crate::support::observe_output_lanes!($a_kind $b lanes);)*
                    $crate::support::lanes::check_lanes(stringify!($($f)*), &values, &lanes, &one);
                    one
                },
            }
            .check()
        }
    };
}

/// As `check_outputs`, of a function that also returns something.
macro_rules! check_outputs_and_result {
    ($($f:ident)::+ ($($args:tt)*)) => {
        $crate::support::arguments!(check_outputs_and_result [$($f)::+] [] [] $($args)*)
    };
    (@body
        [$($f:tt)*]
        [$(($kind:ident $x:ident $y:ident $e:expr))*]
        [$(($a_kind:ident $a:ident $b:ident $a_e:expr))*]
    ) => {
        {
            use $crate::support::flat::{Flat, Observed};
            $(let $a = $a_e;)*
            let mut start = Observed::default();
            let mut is_output = Vec::new();
            $(
                Flat::observe(&$a, &mut start);
                is_output.resize(start.floats.len(), stringify!($a_kind) == "out");
            )*
            $crate::support::case::Products {
                name: stringify!($($f)*),
                is_output,
                start: start.floats,
                single: false $(|| Flat::single(&$a))*,
                primal: &|at| {
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let value = $($f)*($($crate::support::pass!($kind $x $e)),*);
                    let mut observed = Observed::default();
                    Flat::observe(&value, &mut observed);
                    $($crate::support::observe_output!($a_kind $a observed);)*
                    observed
                },
                vjp: None,
                vjp_add: &|at, seed, buffers| {
                    let seed = {
                        $crate::support::refill!(at; $($a_kind $a)*);
                        let value = $($f)*($($crate::support::pass!($kind $x $e)),*);
                        Flat::refill(&value, &mut seed.iter().copied())
                    };
                    let mut buffers = buffers.iter().copied();
                    $(let mut $b = Flat::refill(&$a, &mut buffers);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let value = $($f)*::vjp_add($($crate::support::pass!($kind $x $e),)* seed, $(&mut $b),*);
                    let mut observed = Observed::default();
                    Flat::observe(&value, &mut observed);
                    $($crate::support::observe_output!($a_kind $a observed);)*
                    let mut after = Observed::default();
                    $(Flat::observe(&$b, &mut after);)*
                    (observed, after)
                },
                jvp: &|at, from| {
                    let one = {
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!($a_kind $b $a tangents);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let (value, tangent) = $($f)*::jvp(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    let (mut values, mut tangents) = (Observed::default(), Observed::default());
                    Flat::observe(&value, &mut values);
                    Flat::observe(&tangent, &mut tangents);
                    $($crate::support::observe_output!($a_kind $a values);)*
                    $($crate::support::observe_output!($a_kind $b tangents);)*
                    (values, tangents)
                    };
                    let mut tangents = from.iter().copied();
                    $($crate::support::direction!(lanes $b $a tangents);)*
                    $($crate::support::widen!($a_kind $b);)*
                    $crate::support::refill!(at; $($a_kind $a)*);
                    let (value, dots) = $($f)*::jvp_n(
                        $($crate::support::pass!($kind $x $e),)*
                        $($crate::support::pass!($a_kind $b $a_e)),*
                    );
                    let (mut values, mut lanes) = (Observed::default(), <[Observed; 3]>::default());
                    Flat::observe(&value, &mut values);
                    $crate::support::lanes::observe_lanes(&dots, &mut lanes);
                    $($crate::support::observe_output!($a_kind $a values);)*
                    $($crate::support::observe_output_lanes!($a_kind $b lanes);)*
                    $crate::support::lanes::check_lanes(stringify!($($f)*), &values, &lanes, &one);
                    one
                },
            }
            .check()
        }
    };
}

pub(crate) use {
    arguments, check, check_into, check_outputs, check_outputs_and_result, check_vjp, direction, exactly,
    grad_into, hvp, hvp_n, observe_output, observe_output_lanes, pass, refill, scalar_case, second, widen,
};
