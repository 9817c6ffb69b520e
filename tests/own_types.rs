//! Functions of types of one's own: every derivative against differences of the function, and against each other.

#![deny(warnings)]
#![allow(
    clippy::assign_op_pattern,
    clippy::manual_swap,
    clippy::misrefactored_assign_op,
    clippy::needless_range_loop,
    clippy::needless_return,
    clippy::pedantic,
    clippy::type_complexity
)]

use grad::{Differentiable, grad};
use points::{Derivatives, direction, of_point};

#[path = "support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "support/points.rs"]
mod points;

#[path = "own_types/constants.rs"]
mod constants;
#[path = "own_types/enums.rs"]
mod enums;
#[path = "own_types/fields.rs"]
mod fields;
#[path = "own_types/handed_on.rs"]
mod handed_on;
#[path = "own_types/indexed.rs"]
mod indexed;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    k: f64,
    rest: Vec<f64>,
    name: String,
    count: usize,
}

fn spring() -> Spring {
    Spring { k: 1.5, rest: vec![0.7, 1.2, -0.4], name: "left".into(), count: 2 }
}

#[grad(wrt(p), second)]
fn field(p: &Spring) -> f64 {
    p.k * p.k.sin()
}

#[grad(wrt(p), second)]
fn elements(p: &Spring, x: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..p.rest.len() {
        let d = p.rest[i] - x;
        sum += p.k * d * d;
    }
    sum
}

#[grad(wrt(p), second)]
fn iterated(p: &Spring) -> f64 {
    p.rest.iter().map(|r| r * r * p.k).sum::<f64>()
        + p.rest[1..].iter().zip(&p.rest).map(|(a, b)| a * b).sum::<f64>()
}

#[grad(wrt(p), second)]
fn counted(p: &Spring) -> f64 {
    let mut sum = p.k;
    for i in 0..p.count {
        sum *= p.rest[i];
    }
    if p.name == "left" { sum } else { sum * sum }
}

#[test]
fn fields_are_read() {
    check!(field, ref spring());
    check!(elements, ref spring(), 0.3);
    check!(iterated, ref spring());
    check!(counted, ref spring());
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V3 {
    x: f64,
    y: f64,
    z: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pair(f64, f64);

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    position: V3,
    velocity: V3,
    mass: f64,
    spins: [Pair; 2],
    springs: Vec<Spring>,
    r#type: f64,
}

fn body() -> Body {
    Body {
        position: V3 { x: 0.3, y: -0.2, z: 1.1 },
        velocity: V3 { x: 1.3, y: 0.4, z: -0.7 },
        mass: 2.5,
        spins: [Pair(0.1, 0.2), Pair(-0.6, 0.9)],
        springs: vec![spring(), Spring { k: -0.3, ..spring() }],
        r#type: 0.8,
    }
}

#[grad(wrt(b), second)]
fn nested(b: &Body) -> f64 {
    let v = b.velocity;
    let kinetic = 0.5 * b.mass * (v.x * v.x + v.y * v.y + v.z * v.z);
    let p = &b.position;
    kinetic * b.r#type + p.x * p.y.exp() * p.z + b.spins[1].0 * b.spins[0].1
}

#[grad(wrt(b), second)]
fn inner_vecs(b: &Body) -> f64 {
    let mut sum = b.mass;
    for s in &b.springs {
        for r in &s.rest {
            sum += s.k * r * r;
        }
    }
    for (i, s) in b.springs.iter().enumerate() {
        sum *= s.rest[i] + b.springs[i].k;
    }
    for spin in b.spins.iter() {
        sum += spin.0 * spin.1;
    }
    sum
}

#[grad(wrt(v), second)]
fn length(v: &V3) -> f64 {
    (v.x * v.x + v.y * v.y + v.z * v.z).sqrt()
}

#[grad(wrt(v), second)]
fn length_by_value(v: V3) -> f64 {
    (v.x * v.x + v.y * v.y + v.z * v.z).sqrt()
}

#[grad(wrt(x), second)]
fn square(x: f64) -> f64 {
    x * x
}

#[grad(wrt(b), second)]
fn calls(b: &Body) -> f64 {
    length(&b.position) * length_by_value(b.velocity) + square(b.mass) * field(&b.springs[0])
}

#[grad(wrt(b), second)]
fn local_copies(b: &Body) -> f64 {
    let mut v = b.velocity;
    v.x = v.y * b.mass;
    v.z += v.x;
    v.y *= v.z;
    let mut w = v;
    if w.x > 0.0 {
        w.y = b.mass;
    } else {
        w.z = w.x;
    }
    for _ in 0..3 {
        w.x = w.y * w.z.sin();
        w.y -= 0.1 * w.x;
    }
    let mut c = b.clone();
    c.mass *= 3.0;
    c.springs[1].k = c.mass;
    c.springs[0].rest[1] *= w.x;
    c.spins[1].0 = c.spins[0].1 * b.mass;
    v.x * v.y + w.x * w.y * w.z + c.mass * c.springs[1].k + c.springs[0].rest[1] + c.spins[1].0
}

#[grad(wrt(points), second)]
fn slice_of(points: &[V3]) -> f64 {
    let mut sum = 0.0;
    for p in points {
        sum += p.x * p.y;
    }
    for i in 1..points.len() {
        let d = points[i].x - points[i - 1].z;
        sum += d * d;
    }
    sum + points.iter().map(|p| p.z.sin()).sum::<f64>()
}

#[grad(wrt(points), second)]
fn vec_of(points: Vec<V3>) -> f64 {
    points.iter().map(|p| p.x * p.y).sum::<f64>() + points[0].z
}

#[grad(wrt(both), second)]
fn tuple_of(both: &(V3, [Pair; 2])) -> f64 {
    both.0.x * both.1[0].1 + both.0.y * both.1[1].0
}

/// Elements of a `Copy` type come out of arrays, and go into them.
#[grad(wrt(a), second)]
fn shuffled(a: V3, times: usize) -> f64 {
    let mut points = [a, V3 { x: a.y, ..a }, V3 { x: a.z, y: 2.0, z: a.x }];
    for k in 0..times {
        let (i, j) = (k % 3, (k + 1) % 3);
        let old = points[i];
        points[i] = points[j];
        points[j] = old;
        if k == 2 {
            continue;
        }
        let next = points[(k + 2) % 3];
        points[i].y = next.x * old.y;
        points.swap(0, 2);
    }
    let largest = if points[0].x > points[1].x { points[0] } else { points[1] };
    largest.x * points[2].y + largest.y * points[1].z
}

/// The attraction of three bodies, as one writes it.
#[grad(wrt(points), second)]
fn potential(points: &[V3]) -> f64 {
    let mut sum = 0.0;
    for i in 0..points.len() {
        let a = points[i];
        for j in 0..i {
            let b = points[j];
            let d = V3 { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
            sum -= 1.0 / length(&d);
        }
    }
    sum
}

#[test]
fn copies_of_elements() {
    check!(shuffled, val body().position, 0);
    check!(shuffled, val body().position, 1);
    check!(shuffled, val body().position, 3);
    check!(shuffled, val body().position, 4);
    check!(potential, ref vec![body().position, body().velocity, V3 { x: 0.1, y: 2.0, z: -0.4 }]);
}

#[test]
fn nested_types() {
    check!(nested, ref body());
    check!(inner_vecs, ref body());
    check!(length, ref body().position);
    check!(length_by_value, val body().position);
}

#[test]
fn calls_in_both_directions() {
    check!(calls, ref body());
}

#[test]
fn locals_are_changed() {
    check!(local_copies, ref body());
}

#[test]
fn own_types_in_others() {
    let points = vec![body().position, body().velocity, body().position];
    check!(slice_of, ref points.clone());
    check!(vec_of, val points);
    check!(tuple_of, ref (body().position, body().spins));
}

#[grad(wrt(v), second)]
fn literals(v: &V3, t: f64) -> f64 {
    let a = V3 { x: v.y * t, y: v.x, z: v.x * v.z };
    let x = a.x * a.y;
    let b = V3 { x, ..a };
    let c = V3 { z: a.z.sin(), ..*v };
    let p = Pair(b.x * c.z, c.y);
    let q = Pair(2.0, p.0 * p.1);
    let mut r = V3 { x: 1.0, y: 2.0, z: 0.5 };
    r.y = q.1;
    r.x += c.x * r.z;
    b.x * c.y + a.z + p.0 * q.0 + r.y * r.x
}

#[grad(wrt(b), second)]
fn patterns(b: &Body) -> f64 {
    let Body { position: V3 { x, y: height, .. }, mass, spins, .. } = b;
    let V3 { x: u, z: w, .. } = b.velocity;
    let Pair(left, right) = spins[0];
    x * height * mass + u * w * left - right * right
}

#[grad(wrt(a, b))]
fn cross(a: &V3, b: &V3) -> V3 {
    V3 { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x }
}

#[grad(wrt(a))]
fn scaled(a: V3, by: f64) -> V3 {
    V3 { x: a.x * by, ..a }
}

#[grad(wrt(b))]
fn of_results(b: &Body) -> f64 {
    let n = cross(&b.position, &b.velocity);
    let m = scaled(n, 3.0);
    let mut sum = 0.0;
    for _ in 0..2 {
        sum += n.x * n.y * n.z + m.x;
    }
    sum * length(&m)
}

#[grad(wrt(b), second)]
fn branches(b: &Body) -> f64 {
    let v = if b.mass > 1.0 { V3 { x: b.mass, y: b.position.x, z: 1.0 } } else { b.velocity };
    let w = match b.springs.len() {
        0 => V3 { x: 0.0, y: b.mass, z: 0.0 },
        1 => v,
        _ => b.position,
    };
    let mut all = Vec::new();
    for k in 0..3 {
        if k == 1 && b.mass < 0.0 {
            continue;
        }
        all.push(V3 { x: w.x * k as f64, y: v.y, z: w.z });
    }
    let mut last = v;
    for (k, p) in all.iter().enumerate() {
        last = V3 { x: last.x * p.x + p.y, y: last.z, z: last.y + k as f64 };
    }
    all.iter().map(|p| p.x * p.y * p.z).sum::<f64>() + v.x * w.y + last.x * last.y + last.z
}

#[grad(wrt(state))]
fn step(state: &mut V3, h: f64) {
    let old = *state;
    state.x += h * old.y;
    state.y -= h * old.x * old.z;
    if state.z > 0.0 {
        state.z *= state.x;
    }
}

#[grad(wrt(b))]
fn of_steps(b: &Body) -> f64 {
    let mut state = b.position;
    for _ in 0..4 {
        step(&mut state, 0.1);
    }
    state.x * state.y + state.z
}

#[grad(wrt(b))]
fn fields_are_lent(b: Body) -> f64 {
    let mut b = b;
    step(&mut b.velocity, 0.2);
    triple(&mut b.mass);
    triple(&mut b.spins[1].0);
    b.velocity.x * b.mass * b.spins[1].0 + b.velocity.y
}

#[grad]
fn triple(x: &mut f64) {
    *x *= 3.0 * *x;
}

#[test]
fn literals_and_patterns() {
    check!(literals, ref body().position, 0.7);
    check!(patterns, ref body());
}

#[test]
fn results() {
    check!(of_results, ref body(); first_only);
}

#[test]
fn arms_and_loops() {
    check!(branches, ref body());
}

#[test]
fn changed_behind_references() {
    check!(of_steps, ref body(); first_only);
    check!(fields_are_lent, val body(); first_only);
}

type State = [f64; 3];

#[grad(wrt(state), second)]
fn alias(state: &State, by: f64) -> f64 {
    state.iter().map(|x| x * x * by).sum::<f64>() * state[1]
}

#[grad(wrt(state), second)]
fn alias_by_value(state: State) -> f64 {
    let mut sum = 0.0;
    for x in state {
        sum = sum * x + state[2];
    }
    sum
}

/// Data beside parameters.
#[derive(Clone, Differentiable)]
struct Fit {
    slope: f64,
    #[grad(constant)]
    points: Vec<[f64; 2]>,
    #[grad(constant)]
    scale: f64,
    weights: Vec<f64>,
}

#[grad(wrt(fit), second)]
fn loss(fit: &Fit) -> f64 {
    let mut sum = 0.0;
    for (p, w) in grad::constant(&fit.points).iter().zip(&fit.weights) {
        let r = fit.slope * p[0] - p[1];
        sum += w * r * r;
    }
    sum * grad::constant(fit.scale) + fit.weights.len() as f64
}

#[grad(wrt(fit), second)]
fn grown(fit: &Fit) -> f64 {
    let mut all = fit.clone();
    all.weights.push(fit.slope * fit.weights[0]);
    std::mem::swap(&mut all.slope, &mut all.weights[1]);
    let last = all.weights.len() - 1;
    all.weights[last] * all.slope.sin() + all.weights[1]
}

#[test]
fn aliases() {
    check!(alias, ref [1.0, 2.0, -0.5], 2.0);
    check!(alias_by_value, val [1.0, 2.0, -0.5]);
}

#[test]
fn constants_in_between() {
    let fit = Fit { slope: 0.7, points: vec![[1.0, 2.0], [0.5, -1.0]], scale: 3.0, weights: vec![1.5, 0.4] };
    check!(loss, ref fit.clone());
    check!(grown, ref fit);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub enum Activation {
    Tanh,
    Square,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub enum Outline {
    Ball(f64),
    Box { width: f64, heights: Vec<f64> },
    Point,
}

/// Enums in a struct: one without floats, one with.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Piece {
    pub weight: f64,
    pub activation: Activation,
    pub outline: Outline,
}

#[grad(wrt(piece, x), second)]
fn of_a_piece(piece: &Piece, x: f64) -> f64 {
    let z = piece.weight * x;
    match piece.activation {
        Activation::Tanh => z.tanh(),
        Activation::Square => z * z,
    }
}

#[grad(wrt(piece))]
fn several_of_a_piece(piece: &Piece, x: f64) -> [f64; 2] {
    [piece.weight * x, piece.weight * piece.weight]
}

#[grad(wrt(piece, x))]
fn moved_piece(piece: &Piece, x: f64) -> Piece {
    let mut moved = piece.clone();
    moved.weight *= x;
    moved
}

#[test]
fn enums_in_structs() {
    let outline = Outline::Box { width: 1.0, heights: vec![2.0, 3.0] };
    let piece = Piece { weight: 2.0, activation: Activation::Square, outline };
    let tangent = |weight| PieceTangent {
        weight,
        activation: ActivationTangent::Square,
        outline: OutlineTangent::Box { width: 0.0, heights: vec![0.0; 2] },
    };
    assert_eq!(of_a_piece::grad(&piece, 3.0), (tangent(36.0), 24.0));
    assert_eq!(of_a_piece::hvp(&piece, 3.0, &tangent(1.0), 0.0).1, (tangent(18.0), 24.0));
    let (_, by_columns) = several_of_a_piece::value_and_jacobian(&piece, 3.0);
    assert_eq!(by_columns, [tangent(3.0), tangent(4.0)]);
    let (moved, dot) = moved_piece::jvp(&piece, 3.0, &tangent(1.0), 0.5);
    assert_eq!((moved.weight, dot), (6.0, tangent(4.0)));

    for outline in [Outline::Ball(0.5), Outline::Point] {
        let piece = Piece { activation: Activation::Tanh, outline, ..piece.clone() };
        let (by_piece, by_x) = of_a_piece::grad(&piece, 0.25);
        let slope = 1.0 - 0.5_f64.tanh().powi(2);
        assert_eq!((by_piece.weight, by_x), (0.25 * slope, 2.0 * slope));
    }
}

/// Of a field only rustc knows that it is an integer.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Counted {
    n: usize,
    k: u32,
    single: f32,
    x: f64,
}

#[grad(wrt(c), second)]
fn integers_in_fields(c: &Counted, y: f64) -> f64 {
    let mut s = f64::from(c.k) * c.x;
    let single: f32 = c.single;
    s += f64::from(single) * c.x + single as f64;
    for i in 0..c.n {
        s += (i as f64).sqrt() * c.x.powi(c.k as i32) * (c.n - i) as f64;
    }
    let mut add = |z: f64| s += f64::atan(c.n as f64 + 0.1) * z * c.x;
    add(y);
    add(c.x);
    (0..c.n).map(|_| c.x / (1.0 + c.n as f64)).sum::<f64>() + s
}

#[test]
fn integers_of_a_type_of_ones_own() {
    let c = Counted { n: 3, k: 2, single: 0.5, x: 1.25 };
    check!(integers_in_fields, ref c.clone(), 0.7; first_only);
    let gradient = integers_in_fields::grad(&c, 0.7);
    assert_eq!(gradient.single, 1.25 + 1.0);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Particle {
    mass: f64,
    at: [f64; 2],
}

#[grad(wrt(p), second)]
fn repeated(p: &Particle) -> f64 {
    let mut several = [*p; 3];
    for k in 0..3 {
        several[k].mass *= several[(k + 1) % 3].at[0];
    }
    several[2].mass + of_two([*p; 2])
}

#[grad(wrt(two), second)]
fn of_two(two: [Particle; 2]) -> f64 {
    two[0].mass * two[1].at[1] * two[0].at[0]
}

/// What a branch has that leaves early.
#[grad(second)]
fn leaves_with_a_struct(x: f64) -> f64 {
    let p = made_early(x);
    p.mass * p.at[1]
}

#[grad(second)]
fn made_early(x: f64) -> Particle {
    if x > 0.5 {
        let y = x * x;
        if y > 0.7 {
            let Particle { mass, mut at } = Particle { mass: x * y, at: [x, x] };
            at[0] *= mass;
            return Particle { mass: at[0], at: [x, y] };
        }
    }
    Particle { mass: x, at: [x; 2] }
}

#[test]
fn arrays_of_one_struct_and_early_exits() {
    check!(repeated, ref Particle { mass: 1.5, at: [0.7, -0.4] });
    for (x, slope) in [(0.4, 0.8), (0.9, 6.0 * 0.9_f64.powi(5))] {
        assert!((leaves_with_a_struct::grad(x) - slope).abs() < 1e-13);
        assert!((leaves_with_a_struct::jvp(x, 1.0).1 - slope).abs() < 1e-13);
    }
}

/// What is converted and then not used says nothing of the field: it is a float, and differentiated.
#[grad(wrt(c), second)]
fn converted_and_dropped(c: &Counted, y: f64) -> f64 {
    let x = c.x;
    let _cell = x as usize;
    square(x) * y + square(c.x)
}

#[test]
fn conversions_that_are_dropped_lose_nothing() {
    let c = Counted { n: 3, k: 2, single: 0.5, x: 1.25 };
    check!(converted_and_dropped, ref c.clone(), 0.7);
    assert_eq!(converted_and_dropped::grad(&c, 1.0).x, 4.0 * 1.25);
}

/// What a reference leads to is copied into a variable, an element, and what is lent.
#[grad(wrt(s, other, all), second)]
fn copied_from(s: &mut Particle, other: &Particle, all: &[Particle]) {
    for (i, one) in all.iter().enumerate() {
        if i == 1 {
            continue;
        }
        let mass = s.mass;
        *s = *one;
        s.at[0] *= mass * other.mass;
        let mut local = *other;
        local.mass *= s.at[0];
        *s = local;
    }
    let mass = s.mass;
    *s = *other;
    s.mass *= mass * s.at[1];
}

#[grad(wrt(p), second)]
fn of_copies(p: &[Particle]) -> f64 {
    let mut s = p[0];
    copied_from(&mut s, &p[1], p);
    s.mass * s.at[0] * p[2].mass
}

#[test]
fn what_references_lead_to_is_copied() {
    let particle = |mass: f64| Particle { mass, at: [0.7 * mass, -0.4] };
    check!(of_copies, ref vec![particle(1.5), particle(0.8), particle(1.1)]);
}
