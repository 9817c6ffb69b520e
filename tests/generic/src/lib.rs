//! Generic functions in the form in which they are found in other people's code: written for their own purposes, with
//! `#[grad]` put in front.

#![deny(warnings)]
// As they are found.
#![allow(clippy::pedantic, clippy::style, clippy::complexity)]

pub mod fields;
pub mod floats;
pub mod models;
