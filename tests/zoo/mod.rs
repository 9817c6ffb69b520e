//! Small functions by feature, each next to its test.

mod arrays;
mod branches;
mod bug_classes;
mod calls;
mod carried;
mod chains;
mod closures;
mod constant_patterns;
mod custom;
mod effects;
mod exits;
mod f32;
mod functions;
mod integers;
mod iterators;
mod kinks;
mod loops;
mod macros;
mod methods;
mod orders;
mod outputs;
mod overwrites;
mod second_through_outputs;
mod straight;
mod unused;
