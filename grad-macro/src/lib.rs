//! The `#[grad]` attribute.
