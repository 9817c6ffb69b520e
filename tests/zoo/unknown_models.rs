//! Constants of types of one's own as arguments: in loops, arms and closures, behind references, in trees.

use crate::support::check;
use grad::grad;

#[derive(Clone, Copy)]
pub enum Model {
    Square,
    Linear(f64),
}

/// Not `Clone`.
pub struct Layer {
    pub weight: f64,
    pub name: String,
    pub model: Model,
}

pub enum Tree {
    Leaf,
    Node(Box<Tree>),
    Fork(Box<Tree>, Box<Tree>),
}

#[grad(second, wrt(x))]
fn cost(model: &Model, x: f64) -> f64 {
    match model {
        Model::Square => x * x,
        Model::Linear(k) => k * x,
    }
}

#[grad(second, wrt(x))]
fn cost_by_value(model: Model, x: f64) -> f64 {
    match model {
        Model::Square => x * x,
        Model::Linear(k) => k * x,
    }
}

#[grad(second, wrt(x))]
fn apply(layer: &Layer, x: f64) -> f64 {
    layer.weight * x * x
}

#[grad(second, wrt(x))]
fn weighted(k: &[f64], x: f64) -> f64 {
    k[0] * x * x
}

#[grad(second, wrt(x))]
fn named(name: &str, x: f64) -> f64 {
    name.len() as f64 * x * x
}

#[grad(second, wrt(x))]
fn total(models: &[Model], x: f64) -> f64 {
    let mut s = 0.0;
    for m in models {
        s += cost(m, x);
    }
    s
}

#[grad(second, wrt(x))]
fn product(models: &[Model], x: f64) -> f64 {
    let mut s = 1.0;
    for m in models {
        s *= cost(m, x) + s;
    }
    s
}

#[grad(second, wrt(x))]
fn by_value(models: &[Model], x: f64) -> f64 {
    let mut s = 1.0;
    for &m in models {
        s *= cost_by_value(m, x);
    }
    for m in models.iter().copied() {
        s += cost_by_value(m, x * s);
    }
    for m in models {
        s += cost_by_value(*m, x * s);
    }
    s
}

#[grad(second, wrt(x))]
fn mapped(models: &[Model], x: f64) -> f64 {
    models.iter().map(|m| cost(m, x)).sum()
}

#[grad(second, wrt(x))]
fn zipped(models: &[Model], x: &[f64]) -> f64 {
    models.iter().zip(x).map(|(m, x)| cost(m, *x)).product()
}

#[grad(second, wrt(x))]
fn zipped_by_ref(models: &Vec<Model>, x: &[f64]) -> f64 {
    let mut s = 1.0;
    for (x, m) in x.iter().zip(models) {
        s *= cost(m, *x * s);
    }
    s
}

#[grad(second, wrt(x))]
fn folded(layers: &[Layer], x: f64) -> f64 {
    layers.iter().fold(x, |x, layer| apply(layer, x))
}

#[grad(second, wrt(x))]
fn fields(layers: &[Layer], x: f64) -> f64 {
    let mut y = x;
    for layer in layers {
        y = cost(&layer.model, y) * layer.weight + named(&layer.name, x);
    }
    y
}

#[grad(second, wrt(x))]
fn let_bound(net: &[Layer], x: f64) -> f64 {
    let layer = &net[0];
    let y = apply(layer, x);
    y * y
}

#[grad(second, wrt(x))]
fn let_bound_vec(net: &Vec<Layer>, x: f64) -> f64 {
    let layer = &net[1];
    let weight = &layer.weight;
    let model = &layer.model;
    let y = apply(layer, x) * weight + *weight;
    y * cost(model, y)
}

#[grad(second, wrt(x))]
fn let_bound_numbers(k: &[Vec<f64>], x: f64) -> f64 {
    let row = &k[1];
    let w = &row[0];
    weighted(row, x) * w + *w * x
}

#[grad(second, wrt(x))]
fn in_branch(net: &[Layer], x: f64) -> f64 {
    if x > 0.5 {
        let layer = &net[0];
        apply(layer, x)
    } else {
        let layer = &net[1];
        apply(layer, x * x)
    }
}

#[grad(second, wrt(x))]
fn chosen(net: &[Layer], x: f64) -> f64 {
    let layer = if x > 0.5 { &net[0] } else { &net[1] };
    let y = apply(layer, x);
    y * y
}

#[grad(second, wrt(x))]
fn indexed(models: &[Model], x: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..models.len() {
        let m = &models[i];
        s += cost(m, x * x);
    }
    s
}

#[grad(second, wrt(x))]
fn nested(grid: &[Vec<Model>], x: f64) -> f64 {
    let mut s = 1.0;
    for row in grid {
        for m in row {
            s *= cost(m, x + s);
        }
    }
    s
}

#[grad(second, wrt(x))]
fn option(rows: &[Vec<f64>], i: usize, x: f64) -> f64 {
    match rows.get(i) {
        Some(row) => weighted(row, x),
        None => x,
    }
}

#[grad(second, wrt(x))]
fn if_let(rows: &[Vec<f64>], i: usize, x: f64) -> f64 {
    if let Some(row) = rows.get(i) { weighted(row, x) * x } else { x }
}

#[grad(second, wrt(x))]
fn let_else(rows: &[Vec<f64>], i: usize, x: f64) -> f64 {
    let Some(row) = rows.get(i) else { return x };
    weighted(row, x) * x
}

#[grad(second, wrt(x))]
fn optional(model: Option<&Model>, x: f64) -> f64 {
    match model {
        Some(m) => cost(m, x),
        None => x.sin(),
    }
}

#[grad(second, wrt(x))]
fn matched(layer: &Layer, x: f64) -> f64 {
    match layer {
        Layer { model: Model::Square, name, .. } => named(name, x),
        Layer { model, weight, .. } => cost(model, x) * weight,
    }
}

#[grad(second, wrt(x))]
fn guarded(tree: &Tree, x: f64) -> f64 {
    match tree {
        Tree::Node(child) if x > 0.5 => power(child, x),
        Tree::Node(other) => power(other, x.sin()),
        rest => power(rest, x * x),
    }
}

#[grad(second, wrt(x))]
fn power(tree: &Tree, x: f64) -> f64 {
    match tree {
        Tree::Leaf => x,
        Tree::Node(child) => power(child, x) * x,
        Tree::Fork(a, b) => power(a, x) * power(b, x) + x,
    }
}

#[grad(second, wrt(x))]
fn in_loop_and_arm(models: &[Option<Model>], x: f64) -> f64 {
    let mut s = 1.0;
    for m in models {
        if let Some(m) = m {
            s *= cost(m, x + s);
        }
    }
    s
}

#[grad(second, wrt(x))]
fn local(x: f64) -> f64 {
    let models = vec![Model::Square, Model::Linear(2.0)];
    let mut s = 1.0;
    for m in &models {
        s *= cost(m, x + s);
    }
    let first = &models[0];
    s * cost(first, x)
}

#[grad(second, wrt(x))]
fn all_names(names: &[&str], x: f64) -> f64 {
    let mut s = 1.0;
    for name in names {
        s *= named(name, x + s);
    }
    s
}

#[grad(second, wrt(x))]
fn enumerated(models: &[Model], x: &[f64]) -> f64 {
    let mut s = 1.0;
    for (i, m) in models.iter().enumerate() {
        s *= cost(m, x[i] + s);
    }
    s
}

#[grad(second, wrt(x))]
fn reversed(models: &[Model], x: f64) -> f64 {
    let mut s = 1.0;
    for m in models.iter().rev().skip(1) {
        s *= cost(m, x + s);
    }
    s
}

#[grad(second, wrt(x))]
fn while_loop(models: &[Model], x: f64) -> f64 {
    let mut s = 1.0;
    let mut k = 0;
    while k < models.len() && s < 1e9 {
        let m = &models[k];
        s *= cost(m, x + s);
        k += 1;
    }
    s
}

#[grad(second, wrt(x))]
fn in_closure(models: &[Model], x: f64) -> f64 {
    let run = |y: f64| {
        let mut s = 1.0;
        for m in models {
            s *= cost(m, y);
        }
        s
    };
    run(x) * run(2.0)
}

#[grad(second, wrt(x))]
fn map_values(costs: &std::collections::BTreeMap<u8, Model>, x: f64) -> f64 {
    let mut s = 1.0;
    for m in costs.values() {
        s *= cost(m, x + s);
    }
    for (k, m) in costs {
        s *= cost(m, x + f64::from(*k));
    }
    s
}

#[grad(second, wrt(x))]
fn weighted_loss(x: &[f64], weights: Option<&[f64]>) -> f64 {
    match weights {
        Some(w) => x.iter().zip(w).map(|(x, w)| w * x * x).sum(),
        None => x.iter().map(|x| x * x).sum(),
    }
}

#[grad(second)]
fn calls_loss(x: &[f64]) -> f64 {
    let w = [3.0, 0.5];
    weighted_loss(x, None) * weighted_loss(x, None) + x[0] * w[0]
}

/// Made here, and kept by pullbacks, though it cannot be cloned.
pub struct Fitted {
    curve: Box<dyn Fn(f64) -> f64>,
    layer: Layer,
}

impl Fitted {
    fn new(k: f64, model: Model) -> Fitted {
        Fitted { curve: Box::new(move |x| k * x), layer: Layer { weight: k, name: "fitted".into(), model } }
    }

    fn rate(&self, k: usize) -> f64 {
        self.layer.weight * (k + 1) as f64
    }
}

#[grad(second, wrt(x))]
fn of_fitted(fitted: &Fitted, x: f64) -> f64 {
    match &fitted.layer.model {
        Model::Square => x * x * fitted.layer.weight,
        Model::Linear(k) => (k * x).sin(),
    }
}

#[grad(second)]
fn made_here(x: f64) -> f64 {
    let fitted = Fitted::new(0.7, Model::Linear(0.4));
    let other = Fitted::new(0.2, Model::Square);
    let mut s = of_fitted(&fitted, x) * (fitted.curve)(0.5) * fitted.rate(1);
    let by = |y: f64| of_fitted(&other, y) * x;
    for k in 0..2 {
        s = of_fitted(&other, s) * other.rate(k) + cost(&fitted.layer.model, s) * x;
    }
    let lent = &fitted;
    s * of_fitted(lent, s) + by(0.3) + fitted.layer.name.len() as f64 * by(x)
}

#[test]
fn constants_of_any_type_are_arguments() {
    let models = [Model::Square, Model::Linear(2.0)];
    let layers = || {
        [
            Layer { weight: 3.0, name: "a".into(), model: Model::Square },
            Layer { weight: 0.5, name: "bc".into(), model: Model::Linear(1.5) },
        ]
    };
    let layers = layers();
    let rows = [vec![3.0], vec![0.5, 2.0]];
    let tree =
        Tree::Node(Box::new(Tree::Fork(Box::new(Tree::Leaf), Box::new(Tree::Node(Box::new(Tree::Leaf))))));
    let net: Vec<Layer> = vec![
        Layer { weight: 3.0, name: "a".into(), model: Model::Square },
        Layer { weight: 0.5, name: "bc".into(), model: Model::Linear(1.5) },
    ];
    let x = [0.75, 1.25];
    check!(total(=&models, 3.0) => [8.0]);
    check!(product(=&models, 3.0));
    check!(by_value(=&models, 0.7));
    check!(mapped(=&models, 3.0) => [8.0]);
    check!(zipped(=&models, &x));
    let list = models.to_vec();
    check!(zipped_by_ref(=&list, &x));
    check!(folded(=&layers, 0.7));
    check!(fields(=&layers, 0.7));
    check!(let_bound(=&layers, 2.0));
    check!(let_bound_vec(=&net, 0.7));
    check!(let_bound_numbers(=&rows, 0.7));
    check!(in_branch(=&layers, 0.7));
    check!(in_branch(=&layers, 0.3));
    check!(chosen(=&layers, 0.7));
    check!(chosen(=&layers, 0.3));
    check!(indexed(=&models, 0.7));
    let grid = [models.to_vec(), models.to_vec()];
    check!(nested(=&grid, 0.7));
    check!(option(=&rows, =0, 2.0) => [12.0]);
    check!(option(=&rows, =7, 2.0) => [1.0]);
    check!(if_let(=&rows, =1, 2.0));
    check!(if_let(=&rows, =7, 2.0));
    check!(let_else(=&rows, =1, 2.0));
    check!(let_else(=&rows, =7, 2.0));
    check!(optional(=Some(&models[1]), 0.7));
    check!(optional(=None, 0.7));
    check!(matched(=&layers[0], 0.7));
    check!(matched(=&layers[1], 0.7));
    check!(guarded(=&tree, 0.7));
    check!(guarded(=&tree, 0.3));
    check!(guarded(=&Tree::Leaf, 0.3));
    check!(power(=&tree, 0.7));
    let some = [None, Some(models[0]), Some(models[1])];
    check!(in_loop_and_arm(=&some, 0.7));
    check!(local(0.7));
    check!(all_names(=&["ab", "c"], 0.7));
    check!(enumerated(=&models, &x));
    check!(reversed(=&models, 0.7));
    check!(while_loop(=&models, 0.7));
    check!(in_closure(=&models, 0.7));
    let map = std::collections::BTreeMap::from([(1, models[0]), (2, models[1])]);
    check!(map_values(=&map, 0.7));
    check!(weighted_loss(&x, =Some(&[3.0, 0.5])));
    check!(weighted_loss(&x, =None));
    check!(calls_loss(&x));
    check!(made_here(0.7));
}
