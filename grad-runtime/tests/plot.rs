//! Pictures are written, and what cannot be one is an error.
#![cfg(feature = "plotters")]

use std::path::PathBuf;

use grad_runtime::descent::plot::{PlotError, curves, paths, values};
use grad_runtime::descent::{Adam, GradientDescent, History};
use grad_runtime::from_fn;

fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn objective() -> impl grad_runtime::Objective<Scalar = f64> {
    from_fn(|p: &[f64]| {
        let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
        (rosenbrock(p[0], p[1]), [-2.0 * a - 400.0 * p[0] * b, 200.0 * b])
    })
}

/// The content of the picture that was drawn to a file of this name.
fn drawn(name: &str, draw: impl FnOnce(&PathBuf) -> Result<(), PlotError>) -> Vec<u8> {
    // `GRAD_PICTURES=folder cargo test … --test plot` keeps the pictures, to be looked at.
    let kept = std::env::var_os("GRAD_PICTURES").map(PathBuf::from);
    let folder = kept.clone().unwrap_or_else(std::env::temp_dir);
    let path = folder.join(format!("grad-{}-{name}", if kept.is_some() { 0 } else { std::process::id() }));
    draw(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    if kept.is_none() {
        std::fs::remove_file(path).unwrap();
    }
    bytes
}

fn is_picture(name: &str, bytes: &[u8]) -> bool {
    if name.ends_with("png") {
        bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes[16..24] == [0, 0, 3, 132, 0, 0, 2, 48]
    } else {
        let text = str::from_utf8(bytes).unwrap();
        text.starts_with("<svg width=\"900\" height=\"560\"") && text.trim_end().ends_with("</svg>")
    }
}

#[test]
fn curves_and_paths_are_drawn_as_svg_and_png() {
    let record = |descent: GradientDescent| {
        let mut history = History::new().with_points();
        descent.minimize_with(&mut objective(), vec![-1.2, 1.0], &mut history).unwrap();
        history
    };
    let plain = record(GradientDescent::new(1e-3).max_iterations(400));
    let heavy = record(GradientDescent::new(1e-3).momentum(0.9).max_iterations(400));
    let runaway = record(GradientDescent::new(1e-2));
    let mut adam = History::new().with_points();
    Adam::new(0.05).max_iterations(400).minimize_with(&mut objective(), vec![-1.2, 1.0], &mut adam).unwrap();
    let histories = [("plain", &plain), ("momentum", &heavy), ("Adam", &adam), ("too large", &runaway)];
    for name in ["values.svg", "values.png"] {
        assert!(is_picture(name, &drawn(name, |path| values(path, "Rosenbrock", &histories))));
    }
    for name in ["paths.svg", "paths.png"] {
        assert!(is_picture(name, &drawn(name, |path| paths(path, "Rosenbrock", rosenbrock, &histories))));
    }
    let svg = String::from_utf8(drawn("legend.svg", |path| values(path, "a title", &histories))).unwrap();
    for text in ["a title", "plain", "momentum", "Adam", "too large"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn odd_numbers_are_drawn_or_left_out() {
    let constant = [(0.0, 2.0), (1.0, 2.0)];
    let single = [(3.0, 0.0)];
    let holes = [(0.0, f64::NAN), (1.0, 1e-300), (2.0, 1e300), (3.0, f64::INFINITY)];
    let signs = [(0.0, -1e-9), (1.0, 1e9)];
    for points in [&constant[..], &single, &holes, &signs] {
        assert!(is_picture("svg", &drawn("odd.svg", |path| curves(path, "odd", "y", &[("y", points)]))));
    }
    let mut history = History::new().with_points();
    GradientDescent::new(1e-3)
        .max_iterations(3)
        .minimize_with(&mut objective(), vec![1.0, 1.0], &mut history)
        .unwrap();
    let flat = |_: f64, _: f64| f64::NAN;
    assert!(is_picture("svg", &drawn("flat.svg", |path| paths(path, "flat", flat, &[("one", &history)]))));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let history = {
        let mut history = History::new();
        let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
        GradientDescent::new(0.1).minimize_with(&mut bowl, vec![1.0], &mut history).unwrap();
        history
    };
    let gif = values("picture.gif", "", &[("", &history)]).unwrap_err();
    assert_eq!(gif, PlotError::UnknownFormat { path: "picture.gif".into() });
    assert_eq!(values("picture.svg", "", &[]), Err(PlotError::Empty));
    assert_eq!(paths("picture.svg", "", rosenbrock, &[]), Err(PlotError::Empty));
    let line = paths("picture.svg", "", rosenbrock, &[("", &history)]).unwrap_err();
    assert_eq!(line, PlotError::NotTwoVariables { found: 0 });
    for name in ["not/there/picture.svg", "not/there/picture.png"] {
        let missing = values(name, "", &[("", &history)]).unwrap_err();
        assert!(matches!(missing, PlotError::Draw { .. }) && missing.to_string().contains(name), "{missing}");
    }
}
