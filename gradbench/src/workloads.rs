//! Inputs of any size, as the suite sends them: from a fixed seed, the same on every machine. Its own files (of bundle
//! adjustment and of the hand) are not needed: what an evaluation costs depends on the sizes.

use grad_benches::data::Source;
use serde_json::{Value, json};

fn rows(source: &mut Source, n: usize, length: usize, low: f64, high: f64) -> Vec<Vec<f64>> {
    (0..n).map(|_| source.vec(length, low, high)).collect()
}

/// `m` coefficients, `n` points.
pub fn llsq(n: usize, m: usize) -> Value {
    json!({ "x": Source::new(1).vec(m, 0.0, 1.0), "n": n })
}

pub fn lse(n: usize) -> Value {
    json!({ "x": Source::new(2).vec(n, 0.0, 1.0) })
}

/// A matrix of `ell` rows.
pub fn det(ell: usize) -> Value {
    json!({ "A": Source::new(3).vec(ell * ell, 0.0, 1.0), "ell": ell })
}

/// `n` equations, `s` steps.
pub fn ode(n: usize, s: usize) -> Value {
    json!({ "x": Source::new(4).vec(n, 0.0, 1.0), "s": s })
}

/// `k` components of `d` dimensions, `n` points.
pub fn gmm(d: usize, k: usize, n: usize) -> Value {
    let mut source = Source::new(5);
    let mut matrix = |n, length| rows(&mut source, n, length, -1.0, 1.0);
    json!({
        "d": d, "k": k, "n": n, "gamma": 1.0, "m": 0,
        "alpha": matrix(1, k)[0], "mu": matrix(k, d), "q": matrix(k, d), "l": matrix(k, d * (d - 1) / 2),
        "x": matrix(n, d),
    })
}

/// `l` layers of `b` cells, a sequence of `c` characters of `b` bits.
pub fn lstm(l: usize, c: usize, b: usize) -> Value {
    let mut source = Source::new(6);
    let mut matrix = |n, length| rows(&mut source, n, length, -1.0, 1.0);
    let (main, extra, state) = (matrix(2 * l, 4 * b), matrix(3, b), matrix(2 * l, b));
    let mut bits = || if source.uniform(0.0, 1.0) < 0.5 { 0.0 } else { 1.0 };
    let sequence: Vec<Vec<f64>> = (0..c).map(|_| (0..b).map(|_| bits()).collect()).collect();
    json!({ "main_params": main, "extra_params": extra, "state": state, "sequence": sequence })
}

/// `n` cameras, `m` points, `p` observations.
pub fn ba(n: usize, m: usize, p: usize) -> Value {
    let mut source = Source::new(7);
    let mut camera = source.vec(11, -0.3, 0.3);
    camera[6] = source.uniform(300.0, 500.0);
    json!({
        "n": n, "m": m, "p": p,
        "cam": camera,
        "x": [source.uniform(-1.0, 1.0), source.uniform(-1.0, 1.0), source.uniform(4.0, 6.0)],
        "w": source.uniform(0.5, 1.5),
        "feat": source.vec(2, -100.0, 100.0),
    })
}

/// A hand of `vertices`, each of which hangs on up to four bones; `c` points, in triangles if `complicated`.
pub fn ht(vertices: usize, c: usize, complicated: bool) -> Value {
    const BONES: usize = 22;
    let mut source = Source::new(8);
    let parents: Vec<i64> = (0_i64..22)
        .map(|bone| match bone {
            0 => -1,
            1 => 0,
            _ if (bone - 2) % 4 == 0 => 1,
            _ => bone - 1,
        })
        .collect();
    let moved = |[x, y, z]: [f64; 3]| {
        [[1.0, 0.0, 0.0, x], [0.0, 1.0, 0.0, y], [0.0, 0.0, 1.0, z], [0.0, 0.0, 0.0, 1.0]]
    };
    let steps: Vec<[f64; 3]> = parents.iter().map(|_| source.array(-0.5, 0.5)).collect();
    let mut places: Vec<[f64; 3]> = Vec::new();
    for (step, parent) in steps.iter().zip(&parents) {
        let from = usize::try_from(*parent).map_or([0.0; 3], |parent| places[parent]);
        places.push(std::array::from_fn(|i| from[i] + step[i]));
    }
    let mut index =
        |n: usize| (0..n).position(|k| source.uniform(0.0, 1.0) * (n - k) as f64 <= 1.0).unwrap_or(0);
    let weights: Vec<Vec<f64>> = (0..vertices)
        .map(|_| {
            let mut weights = vec![0.0; BONES];
            (0..4).for_each(|_| weights[index(BONES)] += 0.25);
            weights
        })
        .collect();
    let triangles: Vec<[usize; 3]> =
        (0..2 * vertices).map(|k| [0, 1, 2].map(|corner| (7 * k + 11 * corner) % vertices)).collect();
    let known = if complicated { triangles.len() } else { vertices };
    let at_rest: Vec<[f64; 4]> = (0..vertices)
        .map(|_| [source.uniform(-1.0, 1.0), source.uniform(-1.0, 1.0), source.uniform(-1.0, 1.0), 1.0])
        .collect();
    let mut input = json!({
        "theta": source.vec(26, -0.8, 0.8),
        "data": {
            "model": {
                "bone_names": (0..BONES).map(|bone| format!("bone {bone}")).collect::<Vec<_>>(),
                "parents": parents,
                "base_relatives": steps.into_iter().map(moved).collect::<Vec<_>>(),
                "inverse_base_absolutes":
                    places.into_iter().map(|place| moved(place.map(|x| -x))).collect::<Vec<_>>(),
                "base_positions": at_rest,
                "weights": weights,
                "triangles": triangles,
                "is_mirrored": false,
            },
            "correspondences": (0..c).map(|k| (13 * k) % known).collect::<Vec<_>>(),
            "points": rows(&mut source, c, 3, -1.0, 1.0),
        },
    });
    if complicated {
        input["us"] = rows(&mut source, c, 2, 0.0, 0.5).into();
    }
    input
}

/// `k` centroids among `n` points of `d` numbers. No centroid is without points: each is one.
pub fn kmeans(k: usize, n: usize, d: usize) -> Value {
    let points = rows(&mut Source::new(9), n, d, 0.0, 1.0);
    json!({ "centroids": points[n - k..], "points": points })
}

pub fn particle() -> Value {
    json!({ "w": 0.0 })
}

pub fn saddle() -> Value {
    json!({ "start": [1.0, 1.0] })
}
