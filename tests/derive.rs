//! `#[derive(Differentiable)]` on types of every form: tangents that are built by name, and steps along them.

#![deny(warnings, missing_docs, clippy::pedantic)]
#![allow(clippy::float_cmp, reason = "the numbers are exact")]

use grad::Differentiable;

/// A spring, with data beside its parameters.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Spring {
    /// Stiffness.
    pub k: f64,
    /// Lengths at rest.
    pub rest: Vec<f64>,
    name: String,
    #[grad(constant)]
    scale: f64,
}

fn spring() -> Spring {
    Spring { k: 2.0, rest: vec![1.0, 3.0], name: "a".into(), scale: 10.0 }
}

#[test]
fn tangents_are_structs_of_the_same_fields() {
    let mut x = spring();
    let step = SpringTangent { k: 1.0, rest: vec![0.0, 4.0], name: (), scale: () };
    assert_eq!(x.zero_tangent(), SpringTangent { k: 0.0, rest: vec![0.0; 2], ..SpringTangent::default() });
    x.add_scaled(0.5, &step);
    assert_eq!(x, Spring { k: 2.5, rest: vec![1.0, 5.0], ..spring() });
    assert_eq!((Spring::inner(&step, &step), x.dim()), (17.0, 3));
    assert_eq!(step.clone(), step);
    assert_eq!(format!("{step:?}"), "SpringTangent { k: 1.0, rest: [0.0, 4.0], name: (), scale: () }");
}

#[test]
fn the_flat_form_goes_there_and_back() {
    let x = spring();
    assert_eq!(x.flatten::<f64>(), [2.0, 1.0, 3.0]);
    let mut y = x.clone();
    assert_eq!(y.unflatten_from(&[4.0, 5.0, 6.0]), 3);
    assert_eq!(y, Spring { k: 4.0, rest: vec![5.0, 6.0], ..x });
}

/// A pair of numbers of two precisions.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Pair(pub f64, f32);

/// Nothing.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Nothing;

/// What holds no floats that are followed.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Settings<'a> {
    steps: usize,
    #[grad(constant)]
    data: &'a [f64],
}

#[test]
fn tuple_structs_unit_structs_and_types_without_floats() {
    let mut pair = Pair(1.0, 2.0);
    pair.add_scaled(2.0, &PairTangent(1.0, 0.5));
    assert_eq!(pair, Pair(3.0, 3.0));
    assert_eq!(format!("{:?}", PairTangent::default()), "PairTangent(0.0, 0.0)");
    assert_eq!((Nothing.dim(), Nothing.zero_tangent()), (0, NothingTangent));
    assert_eq!(format!("{NothingTangent:?}"), "NothingTangent");
    let mut settings = Settings { steps: 3, data: &[1.0] };
    settings.add_scaled(1.0, &SettingsTangent { steps: (), data: () });
    assert_eq!(settings, Settings { steps: 3, data: &[1.0] });
    assert_eq!(settings.unflatten_from::<f64>(&[]), 0);
}

/// Variants of every form, one in a box.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub enum Shape {
    /// One.
    Circle {
        /// Radius.
        radius: f64,
    },
    /// Two.
    Box(f64, [f64; 2], usize),
    /// None.
    Empty,
    /// As large as both.
    Both(Box<Shape>, Box<Shape>),
}

#[test]
fn enums_have_tangents_of_the_same_variants() {
    let circle = || Shape::Circle { radius: 2.0 };
    let mut x = Shape::Both(Box::new(circle()), Box::new(Shape::Box(1.0, [2.0, 3.0], 7)));
    let step = ShapeTangent::Both(
        Box::new(ShapeTangent::Circle { radius: 1.0 }),
        Box::new(ShapeTangent::Box(0.0, [0.0, 2.0], ())),
    );
    assert_eq!(x.flatten::<f64>(), [2.0, 1.0, 2.0, 3.0]);
    x.add_scaled(3.0, &step);
    assert_eq!(x.flatten::<f64>(), [5.0, 1.0, 2.0, 9.0]);
    assert_eq!(Shape::inner(&step, &step), 5.0);
    assert_ne!(step, x.zero_tangent());
    assert_eq!(Shape::Empty.zero_tangent(), ShapeTangent::Empty);
    assert_eq!(format!("{:?}", circle().zero_tangent()), "Circle { radius: 0.0 }");
}

#[test]
#[should_panic(expected = "a tangent of one variant does not fit a value of another")]
fn a_tangent_of_another_variant_panics() {
    Shape::Empty.add_scaled(1.0, &ShapeTangent::Circle { radius: 1.0 });
}

/// Generic, with data that tangents do not know of.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Layer<'a, T: Copy, const N: usize, M>
where
    M: Copy,
{
    /// By rows.
    pub weights: Vec<[T; N]>,
    /// Each neuron's.
    pub bias: Option<Vec<T>>,
    #[grad(constant)]
    label: &'a M,
    /// In a box.
    inner: Box<T>,
}

/// Of types of one's own, to any depth.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Network<'a> {
    /// In order.
    pub layers: Vec<Layer<'a, f64, 2, u8>>,
    /// Two of them.
    pub springs: [Spring; 2],
    pair: (Pair, Nothing),
    /// More than `Default` goes.
    table: [f64; 40],
}

#[test]
fn generic_and_nested_types() {
    let layer =
        Layer { weights: vec![[1.0, 2.0]], bias: Some(vec![3.0]), label: &1_u8, inner: Box::new(4.0) };
    let mut x = Network {
        layers: vec![layer.clone(), Layer { bias: None, ..layer }],
        springs: [spring(), spring()],
        pair: (Pair(0.5, 0.25), Nothing),
        table: [1.0; 40],
    };
    assert_eq!(x.dim(), 4 + 3 + 6 + 2 + 40);
    let mut step: NetworkTangent = x.zero_tangent();
    step.layers[1] = LayerTangent { weights: vec![[1.0, 0.0]], bias: None, label: (), inner: Box::new(2.0) };
    step.springs[0].rest[1] = 5.0;
    step.pair.0.1 = 1.0;
    x.add_scaled(2.0, &step);
    assert_eq!(x.layers[1].weights, [[3.0, 2.0]]);
    assert_eq!((*x.layers[1].inner, x.springs[0].rest[1], x.pair.0), (8.0, 13.0, Pair(0.5, 2.25)));
    assert_eq!(NetworkTangent::default().table, [0.0; 40]);
    let flat = x.flatten::<f64>();
    let mut y = x.clone();
    y.unflatten_from(&flat.iter().map(|x| x + 1.0).collect::<Vec<_>>());
    assert_eq!(y.layers[0].bias, Some(vec![4.0]));
}

mod hidden {
    use grad as gradients;

    #[derive(gradients::Differentiable, Clone, Copy)]
    #[grad(crate = gradients)]
    pub(super) struct Renamed {
        pub(super) x: f64,
    }
}

#[test]
fn the_crate_may_have_another_name() {
    let mut x = hidden::Renamed { x: 1.0 };
    grad::Differentiable::add_scaled(&mut x, 1.0, &hidden::RenamedTangent { x: 2.0 });
    assert_eq!(x.x, 3.0);
}
