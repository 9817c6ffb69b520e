//! Prey and predators after Lotka and Volterra, by 1000 explicit Euler steps: the squared distance of the final state
//! to a target, with respect to the four rates.

use std::rc::Rc;

use grad::grad;

use super::tapes::{self, Number};
use super::{Formula, Kind, Problem, Variant};

const STEPS: usize = 1000;

#[grad(wrt(alpha, beta, gamma, delta))]
#[allow(clippy::too_many_arguments)]
fn misfit(
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
    start: [f64; 2],
    target: [f64; 2],
    dt: f64,
    steps: usize,
) -> f64 {
    let (mut prey, mut predators) = (start[0], start[1]);
    for _ in 0..steps {
        let growth = alpha * prey - beta * prey * predators;
        let decline = delta * prey * predators - gamma * predators;
        prey += dt * growth;
        predators += dt * decline;
    }
    let (x, y) = (prey - target[0], predators - target[1]);
    x * x + y * y
}

#[expect(clippy::too_many_arguments, reason = "those of the primal")]
fn by_hand(
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
    start: [f64; 2],
    target: [f64; 2],
    dt: f64,
    steps: usize,
) -> (f64, (f64, f64, f64, f64)) {
    let [mut prey, mut predators] = start;
    let mut states = vec![[0.0; 2]; steps];
    for state in &mut states {
        *state = [prey, predators];
        let growth = alpha * prey - beta * prey * predators;
        let decline = delta * prey * predators - gamma * predators;
        prey += dt * growth;
        predators += dt * decline;
    }
    let (x, y) = (prey - target[0], predators - target[1]);

    let (mut prey_bar, mut predators_bar) = (2.0 * x, 2.0 * y);
    let (mut alpha_bar, mut beta_bar, mut gamma_bar, mut delta_bar) = (0.0, 0.0, 0.0, 0.0);
    for &[prey, predators] in states.iter().rev() {
        let growth_bar = dt * prey_bar;
        let decline_bar = dt * predators_bar;
        let met = prey * predators;
        alpha_bar += growth_bar * prey;
        beta_bar -= growth_bar * met;
        gamma_bar -= decline_bar * predators;
        delta_bar += decline_bar * met;
        let met_bar = delta * decline_bar - beta * growth_bar;
        prey_bar += alpha * growth_bar + predators * met_bar;
        predators_bar += prey * met_bar - gamma * decline_bar;
    }
    (x * x + y * y, (alpha_bar, beta_bar, gamma_bar, delta_bar))
}

struct Setting {
    rates: [f64; 4],
    start: [f64; 2],
    target: [f64; 2],
    dt: f64,
    steps: usize,
}

impl Formula for Setting {
    fn value<T: Number>(&self, rates: &[T]) -> T {
        let [alpha, beta, gamma, delta] = *rates else { unreachable!("there are four rates") };
        // The first step is from plain numbers.
        let [prey, predators] = self.start;
        let met = prey * predators;
        let mut prey_then = (alpha * prey - beta * met) * self.dt + prey;
        let mut predators_then = (delta * met - gamma * predators) * self.dt + predators;
        for _ in 1..self.steps {
            let (prey, predators) = (prey_then, predators_then);
            let growth = alpha * prey - beta * prey * predators;
            let decline = delta * prey * predators - gamma * predators;
            prey_then = prey + growth * self.dt;
            predators_then = predators + decline * self.dt;
        }
        let (x, y) = (prey_then - self.target[0], predators_then - self.target[1]);
        x * x + y * y
    }
}

pub(super) fn problem() -> Problem {
    let setting = Rc::new(Setting {
        rates: [1.1, 0.4, 0.4, 0.1],
        start: [10.0, 5.0],
        target: [7.0, 2.0],
        dt: 0.01,
        steps: STEPS,
    });
    let flatten = |&(alpha, beta, gamma, delta): &(f64, f64, f64, f64)| vec![alpha, beta, gamma, delta];
    let zero = (0.0, 0.0, 0.0, 0.0);
    let (for_primal, for_grad, for_hand) = (Rc::clone(&setting), Rc::clone(&setting), Rc::clone(&setting));
    let mut variants = vec![
        Variant::primal(move || {
            let &Setting { rates: [alpha, beta, gamma, delta], start, target, dt, steps } = &*for_primal;
            misfit(alpha, beta, gamma, delta, start, target, dt, steps)
        }),
        Variant::new(
            "grad",
            Kind::Generated,
            zero,
            move |gradient| {
                let &Setting { rates: [alpha, beta, gamma, delta], start, target, dt, steps } = &*for_grad;
                let value;
                (value, *gradient) =
                    misfit::value_and_grad(alpha, beta, gamma, delta, start, target, dt, steps);
                value
            },
            flatten,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            zero,
            move |gradient| {
                let &Setting { rates: [alpha, beta, gamma, delta], start, target, dt, steps } = &*for_hand;
                let value;
                (value, *gradient) = by_hand(alpha, beta, gamma, delta, start, target, dt, steps);
                value
            },
            flatten,
        ),
    ];
    variants.extend(tapes::reverse_variants(&setting, &setting.rates));
    variants.extend(tapes::forward_variants(&setting, setting.rates));
    Problem { name: "ode_1000", variants }
}
