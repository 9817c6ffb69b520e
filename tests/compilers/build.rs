//! There is one so that cargo looks at the build-dependencies: they say with which features the macro is built.

fn main() {}
