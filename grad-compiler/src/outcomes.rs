//! Which methods are those of what may have failed, a `Result` or an `Option`?

/// Methods that say more of a failure, and leave a result as it is.
pub(crate) const OF_FAILURES: [&str; 8] =
    ["ok_or", "ok_or_else", "map_err", "ok", "inspect_err", "context", "with_context", "wrap_err"];

/// Methods that take a value out, or ask for one, whatever is in it.
pub(crate) const HANDLING: [&str; 9] = [
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "is_some",
    "is_ok",
    "is_none",
    "is_err",
];

/// Whether a method of that name takes one apart, or hands on what there is in it.
pub(crate) fn is_taking(name: &str) -> bool {
    OF_FAILURES.contains(&name)
        || HANDLING.contains(&name)
        || matches!(name, "unwrap" | "expect" | "and_then")
}
