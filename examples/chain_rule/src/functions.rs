//! The functions of this example. The program reads this file again when it runs, and shows what `#[grad]` makes of it.

use grad::grad;

/// A weighted input, squashed into the range from 0 to 1: sigmoid(wx + b).
#[grad(wrt(w, b))]
pub fn neuron(w: f64, b: f64, x: f64) -> f64 {
    let z = w * x + b;
    1.0 / (1.0 + (-z).exp())
}

/// z(u(x, y), v(x, y)): two paths lead from each input to the result.
#[grad]
pub fn paths(x: f64, y: f64) -> f64 {
    let u = x * y;
    let v = x.sin() + y * y;
    u * u + 3.0 * v
}

/// Two layers of one neuron each, and how wrong the answer is: half the square of the error.
#[grad(wrt(w1, b1, w2, b2))]
pub fn network(w1: f64, b1: f64, w2: f64, b2: f64, x: f64, wanted: f64) -> f64 {
    let z1 = w1 * x + b1;
    let a1 = 1.0 / (1.0 + (-z1).exp());
    let z2 = w2 * a1 + b2;
    let a2 = 1.0 / (1.0 + (-z2).exp());
    let error = a2 - wanted;
    0.5 * error * error
}
