//! What a method of an array of ndarray gives, as far as passes ask.

/// What a method of an array gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfArray {
    /// A view of a row.
    Row,
    /// A view of a column.
    Column,
    /// The sum of all elements.
    Sum,
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
            OfArray::Other => None,
        }
    }
}
