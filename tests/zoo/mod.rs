//! Small functions by feature, each next to its test.

mod arrays;
mod branches;
mod bug_classes;
mod calls;
mod chains;
mod closures;
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
mod unknown_carried;
mod unknown_largest;
mod unknown_max;
mod unknown_repeat;
mod unknown_status;
mod unknown_tuples;
mod unknown_unzip;
mod unknown_vecs;
