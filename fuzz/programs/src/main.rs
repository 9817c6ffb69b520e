//! Programs compiled and run together, each a module of a file that `grad_fuzz::batch` writes.

#![allow(warnings)]

include!(env!("PROGRAMS"));
