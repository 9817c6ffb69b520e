//! What `SciPy` 1.17.1 does with the same functions (evaluated by this package, asked by a pipe), recorded in November 2026.
//!
//! `minimize(fun, x0, jac=True, method=…)` with `gtol=1e-6`, `ftol=0` and `maxcor=10` of `L-BFGS-B`, and
//! `least_squares(fun, x0, jac=…, method=…, xtol=1e-15, ftol=1e-15, gtol=1e-15)` (`gtol=1e-8`: the cosine, of `lm`); points
//! that are asked for again cost nothing. Judged as all others are, by ‖∇f‖∞ ≤ 10⁻⁶ of the sum of squares.

/// At a known minimum; says converged, and is; says so, and is not; evaluations.
pub type Counts = (usize, usize, usize, usize);

/// Of the problems of many variables: says converged, and is; says so, and is not; evaluations.
pub const LARGE: [(&str, [usize; 3]); 2] =
    [("SciPy, L-BFGS-B", [29, 3, 25_399]), ("SciPy, CG", [25, 0, 79_408])];

/// Of the 35 problems, with starts 1, 10 and 100 times as far.
pub const ORIGINAL: [(&str, [Counts; 3]); 5] = [
    ("SciPy, BFGS", [(35, 33, 0, 2681), (29, 29, 0, 3708), (24, 27, 0, 6701)]),
    ("SciPy, L-BFGS-B", [(32, 33, 2, 2123), (31, 30, 4, 1916), (23, 29, 5, 2309)]),
    ("SciPy, CG", [(30, 31, 0, 10_880), (23, 26, 0, 5904), (20, 24, 0, 5367)]),
    ("SciPy, lm (MINPACK)", [(34, 30, 5, 1350), (29, 29, 3, 8747), (26, 28, 5, 7268)]),
    ("SciPy, trf", [(35, 31, 4, 1146), (29, 30, 3, 5490), (28, 28, 4, 8019)]),
];
