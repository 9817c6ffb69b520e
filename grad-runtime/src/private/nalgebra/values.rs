//! Values whose tangents are of another type: what generated code asks of each.

/// What generated code asks of a value that is no matrix, and whose tangent is one.
macro_rules! values {
    ($([$($of:tt)*] $value:ty => $tangent:ty, [$($bounds:tt)*], |$this:ident| $zeros:expr;)*) => {$(
        impl<$($of)*> $crate::__private::ZerosLike for $value
        where
            $($bounds)*
        {
            type Zeros = $tangent;
            #[inline]
            fn __grad_zeros_like(&self) -> $tangent {
                let $this = self;
                $zeros
            }
        }

        impl<$($of)*, const LANES: usize> $crate::__private::LanesLike<LANES> for $value
        where
            $($bounds)*
        {
            type Lanes = <$tangent as $crate::__private::matrix::Space>::Lanes<LANES>;
            #[inline]
            fn __grad_lanes_like(&self) -> Self::Lanes {
                $crate::__private::matrix::Value::lanes(self)
            }
        }

        impl<$($of)*> $crate::__private::matrix::Value for $value
        where
            $($bounds)*
        {
            type Tangent = $tangent;
            type Own = Self;
            #[inline]
            fn lanes<const LANES: usize>(&self) -> <$tangent as $crate::__private::matrix::Space>::Lanes<LANES> {
                $crate::__private::matrix::Value::lanes(&$crate::__private::ZerosLike::__grad_zeros_like(self))
            }
        }

        impl<$($of)*> $crate::__private::Again for $value
        where
            $($bounds)*
        {
            type Again = $crate::__private::Gone;
            #[inline]
            fn __grad_again(&self) -> $crate::__private::Gone {
                $crate::__private::Gone
            }
        }

        impl<$($of)*> $crate::__private::Keep<$value> for $value
        where
            $($bounds)*
        {
            #[inline]
            fn __grad_keep(x: &Self) -> Self {
                x.clone()
            }
        }

        impl<$($of)*> $crate::__private::Restore for $value
        where
            $($bounds)*
        {
            #[inline]
            fn restore(&mut self, old: &Self) {
                self.clone_from(old);
            }
        }

        impl<$($of)*> $crate::__private::Checked for $value
        where
            $($bounds)*
        {
            type It = Self;
            #[inline]
            fn checked(self) -> Self {
                self
            }
        }
    )*};
}
