//! GRAD0018

use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    #[cfg(unix)]
    let x = x + 1.0;
    #[cfg(windows)]
    let x = x + 2.0;
    #[cfg(target_endian = "big")]
    let x = x + 3.0;
    #[cfg(target_pointer_width = "16")]
    let x = x + 4.0;
    #[cfg(debug_assertions)]
    let x = x + 5.0;
    #[cfg(panic = "abort")]
    let x = x + 6.0;
    x
}

fn main() {}
