//! See `../Cargo.toml`.

extern crate blas_src as _;
extern crate openblas_src as _;

#[path = "../../benches/arrays.rs"]
mod arrays;

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    arrays::main();
}
