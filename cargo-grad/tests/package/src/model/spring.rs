#[grad::grad]
pub fn tension(w: &[f64]) -> f64 {
    w[0] * w[1]
}

#[grad::grad]
pub fn refused(w: f64) -> f64 {
    let s = unsafe { w.sin() };
    s
}
