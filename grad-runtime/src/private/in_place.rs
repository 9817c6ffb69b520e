//! `grad::function!`: what a closure is asked for, whose derivatives are written where it stands.

use core::convert::Infallible;

/// What such a closure is asked for beside its value; what it has no derivative for, nobody can ask.
///
/// It is one closure, which captures once what all of this needs. Cotangents, tangents and products go where the request says.
#[derive(Debug)]
pub enum Asked<G, T = Infallible, N = Infallible, P = Infallible, L = Infallible> {
    /// Nothing.
    Nothing,
    /// Cotangents, for the seed that comes with them: added to buffers, and written to numbers.
    Gradient(G),
    /// The tangent of the result.
    Tangent(T),
    /// The same, several side by side.
    Tangents(N),
    /// The gradient, and its derivative along a direction.
    Product(P),
    /// The same, along several side by side.
    Products(L),
}
