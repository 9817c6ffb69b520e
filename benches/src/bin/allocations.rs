//! `cargo run --release -p grad-benches -- [FILTER] [--growth]`: the allocations of a call, a line for each kernel and form:
//! name, form, how many, and how many bytes at the most at one time, with tabs between them.
//!
//! A buffer that grows counts as a new one, and with the old one, from which it is copied.

use grad_benches::kernel::Form;
use grad_benches::measured;

fn main() {
    let mut filter = String::new();
    let mut growth = false;
    for argument in std::env::args().skip(1) {
        if argument == "--growth" {
            growth = true;
        } else {
            filter = argument;
        }
    }
    let kernels = if growth { measured::growing() } else { measured::all() };
    for mut kernel in kernels {
        if !kernel.name.contains(&filter) {
            continue;
        }
        for form in Form::ALL {
            let info = allocation_counter::measure(|| kernel.run(form, 1));
            println!("{}\t{}\t{}\t{}", kernel.name, form.name(), info.count_total, info.bytes_max);
        }
    }
}
