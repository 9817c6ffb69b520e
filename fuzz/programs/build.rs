//! Which file names the programs: the fuzzer says so, and without it there are none.

fn main() {
    println!("cargo::rerun-if-env-changed=GRAD_FUZZ_PROGRAMS");
    let none = concat!(env!("CARGO_MANIFEST_DIR"), "/src/none.rs");
    let file = std::env::var("GRAD_FUZZ_PROGRAMS").unwrap_or_else(|_| none.to_owned());
    println!("cargo::rustc-env=PROGRAMS={file}");
}
