//! What methods and operators of arrays of ndarray give, as far as passes ask.

/// What a method or an operator of an array gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfArray {
    /// A view of a row.
    Row,
    /// A view of a column.
    Column,
    /// The sum of all elements.
    Sum,
    /// A copy of its own, which has no gaps between its elements: `to_owned`.
    Copy,
    /// Something else.
    Other,
}

impl OfArray {
    /// What the method of that name gives.
    pub fn by(method: &str) -> OfArray {
        let named =
            [OfArray::Row, OfArray::Column, OfArray::Sum].into_iter().find(|of| of.method() == Some(method));
        named.unwrap_or(OfArray::Other)
    }

    /// The name of the method.
    pub fn method(self) -> Option<&'static str> {
        match self {
            OfArray::Row => Some("row"),
            OfArray::Column => Some("column"),
            OfArray::Sum => Some("sum"),
            OfArray::Copy | OfArray::Other => None,
        }
    }
}
