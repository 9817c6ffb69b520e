//! Looking at cotangents.

/// Its first argument; inside an annotated function its cotangent goes through the hook on the way back.
///
/// The hook takes the cotangent of x as it comes from the result, and returns the one that goes on to what x was computed
/// from: to print it, to store it in a `Cell`, to clip it.
///
/// ```text
/// #[grad]
/// fn f(x: f64) -> f64 {
///     let y = grad::with_cotangent(x * x, |y_bar| y_bar.clamp(-1.0, 1.0));
///     y.exp()
/// }
/// ```
///
/// The hook may read constants and whatever is not differentiated. It does not run where there is no cotangent: outside of
/// annotated functions, in forward mode, and where x is a constant or the result does not depend on it.
#[inline]
pub fn with_cotangent<S: crate::Scalar, Hook: Fn(S) -> S>(x: S, _hook: Hook) -> S {
    x
}

/// What a call of the function is compiled to: found beside the function only, so that a function of the user's that
/// happens to have its name is never taken for it.
#[doc(hidden)]
#[allow(missing_docs, non_camel_case_types)]
pub mod with_cotangent {
    use crate::__private::{
        Activity, Constant, ConstantArgument, Derivative, FirstDerivative, HookDerivative,
    };
    use crate::{Lanes, Scalar};

    #[inline]
    pub fn __grad_hooked<S: Scalar>(x: S, _: &dyn Fn(S) -> S) -> S {
        x
    }

    pub enum __grad_hooked {}

    pub struct Forms;

    #[diagnostic::do_not_recommend]
    impl FirstDerivative for __grad_hooked {
        type Forms = Forms;
        const FORMS: Forms = Forms;
    }

    /// How a hook changes a cotangent is not differentiated.
    impl<const ORDER: usize> Derivative<ORDER> for __grad_hooked
    where
        for<'never> &'never __grad_hooked: HookDerivative,
    {
        type Forms = <&'static __grad_hooked as HookDerivative>::Forms;
        const FORMS: Self::Forms = <&'static __grad_hooked as HookDerivative>::FORMS;
    }

    impl Forms {
        pub fn takes<A0: Activity, A1: ConstantArgument>(self, _: A0, _: A1) {}

        #[inline]
        #[allow(clippy::type_complexity, reason = "`impl FnOnce` has no name")]
        pub fn forward<S: Scalar, A0: Activity, A1: ConstantArgument>(
            self,
            x: S,
            _: &dyn Fn(S) -> S,
            _: A0,
            _: A1,
        ) -> (
            S,
            impl FnOnce(S, &dyn Fn(S) -> S, S, Option<&mut S>, Option<&mut Constant>) -> (S, ())
            + Clone
            + use<S, A0, A1>,
        ) {
            (x, |_: S, hook: &dyn Fn(S) -> S, seed: S, _: Option<&mut S>, _: Option<&mut Constant>| {
                (hook(seed), ())
            })
        }

        /// Both at once, where the cotangent is known in front of the call.
        #[inline]
        #[allow(clippy::too_many_arguments, reason = "a call and its pullback together")]
        pub fn at_once<S: Scalar, A0: Activity, A1: ConstantArgument>(
            self,
            x: S,
            hook: &dyn Fn(S) -> S,
            _: A0,
            _: A1,
            seed: S,
            _: Option<&mut S>,
            _: Option<&mut Constant>,
        ) -> (S, (S, ())) {
            (x, (hook(seed), ()))
        }

        #[inline]
        pub fn tangent<S: Scalar>(
            self,
            x: S,
            _: &dyn Fn(S) -> S,
            x_dot: Option<S>,
            _: Option<Constant>,
        ) -> (S, S) {
            (x, x_dot.unwrap_or_default())
        }

        #[inline]
        pub fn tangent_n<S: Scalar, const N: usize>(
            self,
            x: S,
            _: &dyn Fn(S) -> S,
            x_dot: Option<Lanes<S, N>>,
            _: Option<Constant>,
        ) -> (S, Lanes<S, N>) {
            (x, x_dot.unwrap_or_default())
        }
    }
}
