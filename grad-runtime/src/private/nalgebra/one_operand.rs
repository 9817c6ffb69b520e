//! What a rule of one operand says of the second, which is nothing.

/// One operand: nothing is asked with respect to the second.
macro_rules! no_second {
    ($m:ty) => {
        #[inline]
        fn push_right(
            m: &$m,
            (): &(),
            memo: &Self::Memo,
            (): &(),
        ) -> <Self::Y as $crate::__private::matrix::Value>::Tangent {
            Self::push_left(m, &(), memo, &m.__grad_zeros_like())
        }
        #[inline]
        fn pull_right(
            _: &$m,
            (): &(),
            _: &Self::Memo,
            _: &<Self::Y as $crate::__private::matrix::Value>::Tangent,
            (): &mut (),
        ) {
        }
        #[inline]
        fn turn_right(_: &Turn<'_, Self, $m, ()>, (): &mut ()) {}
    };
}
