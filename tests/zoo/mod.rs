//! Small functions by feature, each next to its test.

mod arguments;
mod arrays;
mod branches;
mod bug_classes;
mod calls;
mod chains;
mod closures;
mod constants;
mod custom;
mod f32;
mod functions;
mod iterators;
mod kinks;
mod loops;
mod macros;
mod methods;
mod outputs;
mod overwrites;
mod second_through_outputs;
mod straight;
