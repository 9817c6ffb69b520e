//! Functions in places where one does not look for them.

use grad::grad;

struct Model {
    data: Vec<f64>,
}

impl Model {
    fn slope(&self, w: f64) -> f64 {
        #[grad(wrt(w))]
        fn loss(w: f64, data: &[f64]) -> f64 {
            let mut total = 0.0;
            for x in data {
                total += (w * x - 1.0).powi(2);
            }
            total
        }
        loss::grad(w, &self.data)
    }
}

const _: () = {
    #[grad]
    #[allow(dead_code)]
    fn in_a_constant(x: f64) -> f64 {
        x
    }
};

macro_rules! in_a_macro {
    ($x:expr) => {{
        #[grad]
        fn local(x: f64) -> f64 {
            x.exp()
        }
        local::grad($x)
    }};
}

pub(super) fn main() {
    let model = Model { data: vec![1.0, 2.0] };
    assert_eq!(model.slope(1.0), 4.0);
    assert_eq!(in_a_macro!(0.0), 1.0);
    let closure = || {
        #[grad]
        fn inner(x: f64) -> f64 {
            x * 3.0
        }
        inner::grad(1.0)
    };
    assert_eq!(closure(), 3.0);
    if true {
        #[grad]
        fn conditional(x: f64) -> f64 {
            -x
        }
        assert_eq!(conditional::grad(1.0), -1.0);
    }
}
