"use strict";
// Functions to start from. `args` is where the trace starts; `view` where the walk looks.
const GALLERY = [
  { title: "sigmoid(w·x + b)", args: "0.5, 2.0, -1.5", text: `// One neuron: a weight, a bias, an S-shaped curve.
#[grad]
fn neuron(w: f64, x: f64, b: f64) -> f64 {
    let z = w * x + b;
    1.0 / (1.0 + (-z).exp())
}
` },
  { title: "z(u(x, y), v(x, y))", args: "1.2, 0.7", text: `// The chain rule: x and y reach z by two ways each.
#[grad]
fn z(x: f64, y: f64) -> f64 {
    let u = x * y;
    let v = x + y.sin();
    u * u + v.exp() * u
}
` },
  { title: "a two-layer network", args: "0.5, -0.3, 0.8, 0.1, -0.2, 0.6, 0.4", text: `// Two hidden neurons on four points: the loss, by all seven weights.
#[grad]
fn loss(w: &[f64; 7]) -> f64 {
    let xs = [-1.0, -0.3, 0.4, 1.2];
    let ys = [0.8, 0.1, 0.2, 1.1];
    let mut sum = 0.0;
    for i in 0..4 {
        let a = (w[0] * xs[i] + w[1]).tanh();
        let b = (w[2] * xs[i] + w[3]).tanh();
        let out = w[4] * a + w[5] * b + w[6];
        sum += (out - ys[i]).powi(2);
    }
    sum / 4.0
}
` },
  { title: "Rosenbrock’s valley", args: "-1.2, 1.0", view: [-2, 2, -1, 3], rate: 0.001, text: `// A curved valley with a flat floor. The lowest point is (1, 1).
#[grad]
fn rosenbrock(x: f64, y: f64) -> f64 {
    let across = y - x * x;
    let along = 1.0 - x;
    100.0 * across * across + along * along
}
` },
  { title: "Himmelblau’s four hollows", args: "0.1, -0.4", view: [-5, 5, -5, 5], rate: 0.01, text: `// Four lowest points of the same height: which one is found depends on the start.
#[grad]
fn himmelblau(x: f64, y: f64) -> f64 {
    let a = x * x + y - 11.0;
    let b = x + y * y - 7.0;
    a * a + b * b
}
` },
  { title: "a mountain", args: "-0.4, 1.6", view: [-2.5, 2.5, -2.5, 2.5], rate: 0.2, text: `// Two hills and a hollow.
#[grad]
fn height(x: f64, y: f64) -> f64 {
    let hill = (-((x - 1.0).powi(2) + y * y)).exp();
    let other = 0.7 * (-((x + 1.0).powi(2) + (y - 1.0).powi(2))).exp();
    let hollow = 0.8 * (-(x * x + (y + 1.2).powi(2))).exp();
    hill + other - hollow + 0.05 * (x * x + y * y)
}
` },
  { title: "a loop", args: "1.5, 5", text: `// A sum of powers: the loop runs again, backwards.
#[grad(wrt(x))]
fn geometric(x: f64, n: usize) -> f64 {
    let mut sum = 1.0;
    let mut power = 1.0;
    for _ in 0..n {
        power = power * x;
        sum = sum + power / 2.0;
    }
    sum
}
` },
  { title: "a branch and its kink", args: "0.8", view: [-2, 2], rate: 0.2, text: `// Where both arms meet, at 0, the slope jumps.
#[grad]
fn kink(x: f64) -> f64 {
    if x < 0.0 {
        -0.5 * x
    } else {
        x * x + x
    }
}
` },
  { title: "waves in a bowl", args: "2.6", view: [-4, 4], rate: 0.05, text: `// Many hollows: a walker finds the one that is near.
#[grad]
fn waves(x: f64) -> f64 {
    0.1 * x * x + (3.0 * x).sin() * 0.6
}
` },
  { title: "logsumexp", args: "1.0, 2.0, 0.5", text: `// A smooth maximum, computed so that it does not overflow.
#[grad]
fn logsumexp(x: &[f64; 3]) -> f64 {
    let mut largest = x[0];
    for i in 1..3 {
        largest = largest.max(x[i]);
    }
    let mut sum = 0.0;
    for i in 0..3 {
        sum += (x[i] - largest).exp();
    }
    largest + sum.ln()
}
` },
  { title: "an ODE fitted to points", args: "0.3, 0.6", view: [0.05, 1.2, 0.1, 1.6], rate: 0.2, text: `// A pond in which algae grow, y' = a·y·(1 − y/b), stepped by Euler, beside what was measured.
#[grad]
fn misfit(a: f64, b: f64) -> f64 {
    let measured = [0.13, 0.22, 0.35, 0.5, 0.64];
    let mut y = 0.08;
    let mut sum = 0.0;
    for k in 0..5 {
        for _ in 0..4 {
            y = y + 0.25 * a * y * (1.0 - y / b);
        }
        sum += (y - measured[k]).powi(2);
    }
    sum
}
` },
  { title: "a helper function", args: "0.6, 1.1", text: `// A function that calls another one. Each has derivatives of its own.
#[grad]
fn norm(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

#[grad]
fn distance(a: f64, b: f64) -> f64 {
    norm(a - 1.0, b) + norm(a, b + 0.5)
}
` },
  { title: "a struct with a method", args: "[Spring { stiffness: 3.0, length: 0.5 }, Spring { stiffness: 1.5, length: 0.25 }], 0.8", text: `// A weight between two springs. Each spring knows its energy; the whole is differentiated by the
// springs and by the place of the weight.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    stiffness: f64,
    length: f64,
}

#[grad(wrt(self, x))]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        let stretch = x - self.length;
        0.5 * self.stiffness * stretch * stretch
    }
}

#[grad(wrt(springs, x))]
fn total(springs: &[Spring; 2], x: f64) -> f64 {
    springs[0].energy(x) + springs[1].energy(1.0 - x)
}
` },
  { title: "a function that is refused", args: "0.5", text: `// What cannot be differentiated surely is an error, at the very word.
#[grad]
fn refused(x: f64) -> f64 {
    let y = x.gamma();
    y * x.next_up()
}
` },
];
