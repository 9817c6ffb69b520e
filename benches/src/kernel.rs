//! A kernel of a fixed size on fixed data, in its three forms.

use std::hint::black_box;
use std::rc::Rc;

/// One way to evaluate a kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The function alone.
    Function,
    /// The value, and the gradient written by hand.
    Hand,
    /// The value, and the gradient that `#[grad]` generates.
    Grad,
}

impl Form {
    /// All forms, in the order of their turns.
    pub const ALL: [Form; 3] = [Form::Function, Form::Hand, Form::Grad];

    /// As it appears on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Form::Function => "function",
            Form::Hand => "hand",
            Form::Grad => "grad",
        }
    }
}

/// A kernel with its parameters and data.
pub struct Kernel {
    /// With its size, as it appears in the reports.
    pub name: String,
    parameters: Vec<f64>,
    forms: [Box<dyn Evaluate>; 3],
}

/// What a form computes.
pub(crate) struct Evaluation {
    /// The value; several, if the kernel is evaluated for several observations or has several results.
    pub(crate) values: Vec<f64>,
    /// The gradient, or the rows of the Jacobian, in the order of the parameters.
    pub(crate) derivative: Vec<f64>,
}

impl Kernel {
    /// A kernel of `parameters` with one form of each kind, in the order of [`Form::ALL`].
    pub(crate) fn new(name: String, parameters: Vec<f64>, forms: [Box<dyn Evaluate>; 3]) -> Self {
        Kernel { name, parameters, forms }
    }

    /// A kernel with one value, whose gradient is as long as the parameters. `data` is what is constant.
    pub(crate) fn scalar<D: 'static>(
        name: String,
        parameters: Vec<f64>,
        data: D,
        function: impl Fn(&D, &[f64]) -> f64 + 'static,
        hand: impl Fn(&D, &[f64], &mut [f64]) -> f64 + 'static,
        grad: impl Fn(&D, &[f64], &mut [f64]) -> f64 + 'static,
    ) -> Self {
        let data = Rc::new(data);
        let buffers = || (0.0, vec![0.0; parameters.len()]);
        let flatten = |(value, gradient): &(f64, Vec<f64>)| Evaluation {
            values: vec![*value],
            derivative: gradient.clone(),
        };
        let forms = [
            form(&data, (0.0, Vec::new()), move |data, x, (value, _)| *value = function(data, x), flatten),
            form(&data, buffers(), move |data, x, (value, g)| *value = hand(data, x, g), flatten),
            form(&data, buffers(), move |data, x, (value, g)| *value = grad(data, x, g), flatten),
        ];
        Kernel::new(name, parameters, forms)
    }

    /// Evaluates one form `times` times.
    pub fn run(&mut self, form: Form, times: u64) {
        self.forms[form as usize].run(&self.parameters, times);
    }

    /// Sets some of the parameters.
    #[cfg(test)]
    pub(crate) fn set_parameters(&mut self, which: std::ops::Range<usize>, value: f64) {
        self.parameters[which].fill(value);
    }

    fn evaluate(&mut self, form: Form) -> Evaluation {
        self.forms[form as usize].evaluate(&self.parameters)
    }

    /// Compares the forms with each other.
    ///
    /// # Panics
    ///
    /// If `#[grad]` has another value than the function, in any bit; or if a value or derivative by hand is off by
    /// more than 1e-9 of the largest.
    pub fn check(&mut self) {
        let [function, hand, grad] = Form::ALL.map(|form| self.evaluate(form));
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&grad.values), bits(&function.values), "{}: the value of `#[grad]`", self.name);
        close(&hand.values, &function.values, 1e-9, &format!("{}: values by hand", self.name));
        close(&grad.derivative, &hand.derivative, 1e-9, &format!("{}: `#[grad]` and by hand", self.name));
    }

    /// Compares the gradient, or the Jacobian, with differences of the function.
    ///
    /// # Panics
    ///
    /// If a derivative is off by more than 1e-7 of the largest.
    pub fn check_differences(&mut self) {
        let derivative = self.evaluate(Form::Grad).derivative;
        let columns: Vec<Vec<f64>> = (0..self.parameters.len()).map(|i| self.difference(i)).collect();
        let rows = self.evaluate(Form::Function).values.len();
        let differences: Vec<f64> =
            (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        assert!(derivative.iter().any(|x| *x != 0.0), "{}: no derivative to compare", self.name);
        close(&derivative, &differences, 1e-7, &format!("{}: `#[grad]` and differences", self.name));
    }

    /// The derivative of the values by a parameter: (8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))) / 12h, whose
    /// error is of fourth order.
    fn difference(&mut self, i: usize) -> Vec<f64> {
        let h = 1e-3;
        let x = self.parameters[i];
        let [far_left, left, right, far_right] = [-2.0, -1.0, 1.0, 2.0].map(|steps| {
            self.parameters[i] = x + steps * h;
            self.evaluate(Form::Function).values
        });
        self.parameters[i] = x;
        let value = |k: usize| (8.0 * (right[k] - left[k]) - (far_right[k] - far_left[k])) / (12.0 * h);
        (0..left.len()).map(value).collect()
    }
}

fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: how many");
    let scale = expected.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    assert!(scale.is_finite(), "{what}: {scale}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        let off = (a - b).abs();
        assert!(off <= tolerance * scale, "{what}: number {i} is {a:e}, and {b:e}; off by {off:e}");
    }
}

/// A form as [`Kernel`] holds it.
pub(crate) trait Evaluate {
    fn run(&mut self, parameters: &[f64], times: u64);
    fn evaluate(&mut self, parameters: &[f64]) -> Evaluation;
}

/// A form that evaluates by `call`, which fills `buffers`; `flatten` reads them. Buffers live across calls.
pub(crate) fn form<D: 'static, B: 'static>(
    data: &Rc<D>,
    buffers: B,
    call: impl Fn(&D, &[f64], &mut B) + 'static,
    flatten: impl Fn(&B) -> Evaluation + 'static,
) -> Box<dyn Evaluate> {
    Box::new(Buffered { data: Rc::clone(data), buffers, call, flatten })
}

struct Buffered<D, B, C, F> {
    data: Rc<D>,
    buffers: B,
    call: C,
    flatten: F,
}

impl<D, B, C: Fn(&D, &[f64], &mut B), F: Fn(&B) -> Evaluation> Evaluate for Buffered<D, B, C, F> {
    fn run(&mut self, parameters: &[f64], times: u64) {
        for _ in 0..times {
            // No call can be left out or moved: what it reads may have changed, and what it writes may be read.
            (self.call)(black_box(&self.data), black_box(parameters), black_box(&mut self.buffers));
        }
        black_box(&mut self.buffers);
    }

    fn evaluate(&mut self, parameters: &[f64]) -> Evaluation {
        (self.call)(&self.data, parameters, &mut self.buffers);
        (self.flatten)(&self.buffers)
    }
}
