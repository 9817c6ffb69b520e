#[grad::grad]
pub fn tension(w: &[f64]) -> f64 {
    w[0] * w[1]
}

#[grad::grad]
pub fn refused(w: f64) -> f64 {
    let s = unsafe { w.sin() };
    s
}

pub struct Spring {
    k: f64,
}

#[grad::grad(wrt(self, x))]
impl Spring {
    pub fn stretched(&self, x: f64) -> f64 {
        self.k * self.bent(x)
    }

    fn bent(&self, x: f64) -> f64 {
        x * x
    }
}
