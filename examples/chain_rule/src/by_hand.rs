//! The derivatives of the functions, as a book has them: every factor is computed from its own formula.

use crate::derivation::{Derivation, line, product, sum};

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// One path: from w through z to s.
pub fn neuron(&[w, b, x]: &[f64; 3]) -> Derivation {
    let z = w * x + b;
    let s = sigmoid(z);
    let (ds_dz, dz_dw, dz_db) = (s * (1.0 - s), x, 1.0);
    let s_bar = 1.0;
    let z_bar = product("z̄", "s̄ · ∂s/∂z", &[s_bar, ds_dz]);
    let w_bar = product("w̄", "z̄ · ∂z/∂w", &[z_bar.value, dz_dw]);
    let b_bar = product("b̄", "z̄ · ∂z/∂b", &[z_bar.value, dz_db]);
    Derivation {
        title: "The chain rule in one variable: s = sigmoid(wx + b)",
        inputs: vec![("w", w), ("b", b), ("x", x)],
        values: vec![line("z", "w·x + b", z), line("s", "1 / (1 + exp(−z))", s)],
        partials: vec![
            line("∂s/∂z", "s (1 − s)", ds_dz),
            line("∂z/∂w", "x", dz_dw),
            line("∂z/∂b", "1", dz_db),
        ],
        gradient: vec![("∂s/∂w", w_bar.value), ("∂s/∂b", b_bar.value)],
        products: vec![line("s̄", "1 (the seed)", s_bar), z_bar, w_bar, b_bar],
    }
}

/// Two paths from each input, and a sum over them.
pub fn paths(&[x, y]: &[f64; 2]) -> Derivation {
    let (u, v) = (x * y, x.sin() + y * y);
    let z = u * u + 3.0 * v;
    let (dz_du, dz_dv) = (2.0 * u, 3.0);
    let (du_dx, du_dy, dv_dx, dv_dy) = (y, x, x.cos(), 2.0 * y);
    let z_bar = 1.0;
    let u_bar = product("ū", "z̄ · ∂z/∂u", &[z_bar, dz_du]);
    let v_bar = product("v̄", "z̄ · ∂z/∂v", &[z_bar, dz_dv]);
    let x_by_u = product("via u", "ū · ∂u/∂x", &[u_bar.value, du_dx]);
    let x_by_v = product("via v", "v̄ · ∂v/∂x", &[v_bar.value, dv_dx]);
    let x_bar = sum("x̄", "sum over both paths", &[x_by_u.value, x_by_v.value]);
    let y_by_u = product("via u", "ū · ∂u/∂y", &[u_bar.value, du_dy]);
    let y_by_v = product("via v", "v̄ · ∂v/∂y", &[v_bar.value, dv_dy]);
    let y_bar = sum("ȳ", "sum over both paths", &[y_by_u.value, y_by_v.value]);
    Derivation {
        title: "The chain rule in several variables: z(u(x, y), v(x, y))",
        inputs: vec![("x", x), ("y", y)],
        values: vec![line("u", "x·y", u), line("v", "sin(x) + y²", v), line("z", "u² + 3v", z)],
        partials: vec![
            line("∂z/∂u", "2u", dz_du),
            line("∂z/∂v", "3", dz_dv),
            line("∂u/∂x", "y", du_dx),
            line("∂v/∂x", "cos(x)", dv_dx),
            line("∂u/∂y", "x", du_dy),
            line("∂v/∂y", "2y", dv_dy),
        ],
        gradient: vec![("∂z/∂x", x_bar.value), ("∂z/∂y", y_bar.value)],
        products: vec![
            line("z̄", "1 (the seed)", z_bar),
            u_bar,
            v_bar,
            x_by_u,
            x_by_v,
            x_bar,
            y_by_u,
            y_by_v,
            y_bar,
        ],
    }
}

/// Backpropagation: the error goes back through the second layer to the first.
pub fn network(&[w1, b1, w2, b2, x, wanted]: &[f64; 6]) -> Derivation {
    let z1 = w1 * x + b1;
    let a1 = sigmoid(z1);
    let z2 = w2 * a1 + b2;
    let a2 = sigmoid(z2);
    let error = a2 - wanted;
    let loss = 0.5 * error * error;
    let (dl_da2, da2_dz2, dz2_da1, da1_dz1) = (error, a2 * (1.0 - a2), w2, a1 * (1.0 - a1));
    let l_bar = 1.0;
    let a2_bar = product("ā₂", "L̄ · ∂L/∂a₂", &[l_bar, dl_da2]);
    let z2_bar = product("z̄₂", "ā₂ · ∂a₂/∂z₂", &[a2_bar.value, da2_dz2]);
    let w2_bar = product("w̄₂", "z̄₂ · ∂z₂/∂w₂", &[z2_bar.value, a1]);
    let b2_bar = product("b̄₂", "z̄₂ · ∂z₂/∂b₂", &[z2_bar.value, 1.0]);
    let a1_bar = product("ā₁", "z̄₂ · ∂z₂/∂a₁", &[z2_bar.value, dz2_da1]);
    let z1_bar = product("z̄₁", "ā₁ · ∂a₁/∂z₁", &[a1_bar.value, da1_dz1]);
    let w1_bar = product("w̄₁", "z̄₁ · ∂z₁/∂w₁", &[z1_bar.value, x]);
    let b1_bar = product("b̄₁", "z̄₁ · ∂z₁/∂b₁", &[z1_bar.value, 1.0]);
    Derivation {
        title: "Backpropagation: two layers of one neuron each",
        inputs: vec![("w₁", w1), ("b₁", b1), ("w₂", w2), ("b₂", b2), ("x", x), ("wanted t", wanted)],
        values: vec![
            line("z₁", "w₁·x + b₁", z1),
            line("a₁", "sigmoid(z₁)", a1),
            line("z₂", "w₂·a₁ + b₂", z2),
            line("a₂", "sigmoid(z₂)", a2),
            line("L", "(a₂ − t)² / 2", loss),
        ],
        partials: vec![
            line("∂L/∂a₂", "a₂ − t", dl_da2),
            line("∂a₂/∂z₂", "a₂ (1 − a₂)", da2_dz2),
            line("∂z₂/∂w₂", "a₁", a1),
            line("∂z₂/∂b₂", "1", 1.0),
            line("∂z₂/∂a₁", "w₂", dz2_da1),
            line("∂a₁/∂z₁", "a₁ (1 − a₁)", da1_dz1),
            line("∂z₁/∂w₁", "x", x),
            line("∂z₁/∂b₁", "1", 1.0),
        ],
        gradient: vec![
            ("∂L/∂w₁", w1_bar.value),
            ("∂L/∂b₁", b1_bar.value),
            ("∂L/∂w₂", w2_bar.value),
            ("∂L/∂b₂", b2_bar.value),
        ],
        products: vec![
            line("L̄", "1 (the seed)", l_bar),
            a2_bar,
            z2_bar,
            w2_bar,
            b2_bar,
            a1_bar,
            z1_bar,
            w1_bar,
            b1_bar,
        ],
    }
}
