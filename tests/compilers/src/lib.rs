//! What rustc and clippy say about the crates of users: the tests of this package run them on `tests/ui` and
//! `tests/fixtures`, by themselves, with the library that cargo has built.

pub mod library;
pub mod messages;
