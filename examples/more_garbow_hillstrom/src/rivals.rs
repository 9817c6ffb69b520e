//! The methods of other libraries on the same problems, through the adapters.
//!
//! The same protocol for all: the gradient tolerance (of the 2-norm where a library has no other), tests on the value off,
//! the same limits. Whoever asks for more evaluations than are allowed is stopped, and judged by the best point it saw.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use argmin::core::{
    CostFunction, Executor, Gradient, IterState, Solver as ArgminSolver, State, TerminationReason,
    TerminationStatus,
};
use argmin::solver::conjugategradient::{NonlinearConjugateGradient, beta::PolakRibiere};
use argmin::solver::gradientdescent::SteepestDescent;
use argmin::solver::linesearch::{HagerZhangLineSearch, MoreThuenteLineSearch};
use argmin::solver::quasinewton::{BFGS, LBFGS};
use basin::FirstOrderState;
use grad::Objective;
use grad_runtime::adapters::{ArgminProblem, BasinBounded, BasinProblem};

use crate::bounded::{Bounded, Run as BoundedRun};
use crate::problems::Problem;
use crate::runs::{Counted, GRADIENT_TOLERANCE, MAX_EVALUATIONS, Run, Solver, max_iterations};

/// Of every L-BFGS; liblbfgs has no setting for it, and remembers 6 steps.
const MEMORY: usize = 10;

pub fn solvers() -> Vec<Solver> {
    vec![
        Solver { name: "argmin L-BFGS, More-Thuente", keeps_a_matrix: false, run: argmin_lbfgs },
        Solver { name: "argmin L-BFGS, Hager-Zhang", keeps_a_matrix: false, run: argmin_lbfgs_hager_zhang },
        Solver { name: "argmin BFGS, More-Thuente", keeps_a_matrix: true, run: argmin_bfgs },
        Solver { name: "argmin conjugate gradient", keeps_a_matrix: false, run: argmin_conjugate_gradient },
        Solver { name: "argmin steepest descent", keeps_a_matrix: false, run: argmin_steepest_descent },
        Solver { name: "basin L-BFGS", keeps_a_matrix: false, run: basin_lbfgs },
        Solver { name: "basin L-BFGS, Hager-Zhang", keeps_a_matrix: false, run: basin_lbfgs_hager_zhang },
        Solver { name: "basin BFGS", keeps_a_matrix: true, run: basin_bfgs },
        Solver { name: "basin conjugate gradient", keeps_a_matrix: false, run: basin_conjugate_gradient },
        Solver { name: "liblbfgs (Rust)", keeps_a_matrix: false, run: liblbfgs },
    ]
}

type ArgminStateOf<H> = IterState<Vec<f64>, Vec<f64>, (), H, (), f64>;
type ArgminState = ArgminStateOf<()>;
type BfgsState = ArgminStateOf<Vec<Vec<f64>>>;

fn argmin_lbfgs(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
        .with_tolerance_grad(GRADIENT_TOLERANCE)
        .and_then(|solver| solver.with_tolerance_cost(0.0));
    argmin(problem, &start, solver.expect("the tolerances are in order"), |s: ArgminState| s)
}

fn argmin_lbfgs_hager_zhang(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = LBFGS::new(HagerZhangLineSearch::new(), MEMORY)
        .with_tolerance_grad(GRADIENT_TOLERANCE)
        .and_then(|solver| solver.with_tolerance_cost(0.0));
    argmin(problem, &start, solver.expect("the tolerances are in order"), |s: ArgminState| s)
}

fn argmin_bfgs(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = BFGS::new(MoreThuenteLineSearch::new())
        .with_tolerance_grad(GRADIENT_TOLERANCE)
        .and_then(|solver| solver.with_tolerance_cost(0.0));
    let n = start.len();
    let identity = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let solver = solver.expect("the tolerances are in order");
    argmin(problem, &start, solver, |s: BfgsState| s.inv_hessian(identity))
}

fn argmin_conjugate_gradient(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = NonlinearConjugateGradient::new(MoreThuenteLineSearch::new(), PolakRibiere::new())
        .restart_iters(10)
        .restart_orthogonality(0.1);
    argmin(problem, &start, solver, |s: ArgminState| s)
}

fn argmin_steepest_descent(problem: &Problem, start: Vec<f64>) -> Run {
    argmin(problem, &start, SteepestDescent::new(MoreThuenteLineSearch::new()), |s: ArgminState| s)
}

fn argmin<'p, S, H>(
    problem: &'p Problem,
    start: &[f64],
    solver: S,
    configure: impl FnOnce(ArgminStateOf<H>) -> ArgminStateOf<H>,
) -> Run
where
    S: ArgminSolver<Patient<'p>, ArgminStateOf<H>>,
    ArgminStateOf<H>: State<Param = Vec<f64>, Float = f64>,
{
    judge(problem, start, |limited| {
        let best = limited.best.clone();
        let result = Executor::new(Patient::new(limited), solver)
            .configure(|state| {
                configure(state).param(start.to_vec()).max_iters(max_iterations(problem) as u64)
            })
            .run();
        match result {
            Ok(result) => {
                let status = result.state.get_termination_status().clone();
                let claims = status == TerminationStatus::Terminated(TerminationReason::SolverConverged);
                let state = result.state;
                let x = if claims { state.get_param() } else { state.get_best_param() };
                let x = x.map_or_else(|| start.to_vec(), Clone::clone);
                (x, claims, format!("{status:?}"))
            }
            // The state is lost with the error; the best point is not.
            Err(error) => (best.borrow().1.clone(), false, error.to_string()),
        }
    })
}

fn basin_lbfgs(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = basin::Lbfgs::new()
        .unbounded()
        .with_m_capacity(MEMORY)
        .with_absolute_gradient_tolerance(GRADIENT_TOLERANCE);
    basin(problem, start, solver)
}

fn basin_lbfgs_hager_zhang(problem: &Problem, start: Vec<f64>) -> Run {
    let solver = basin::Lbfgs::with_line_search(basin::HagerZhang::new())
        .unbounded()
        .with_m_capacity(MEMORY)
        .with_absolute_gradient_tolerance(GRADIENT_TOLERANCE);
    basin(problem, start, solver)
}

fn basin_bfgs(problem: &Problem, start: Vec<f64>) -> Run {
    basin(problem, start, basin::Bfgs::new().with_absolute_gradient_tolerance(GRADIENT_TOLERANCE))
}

fn basin_conjugate_gradient(problem: &Problem, start: Vec<f64>) -> Run {
    basin(problem, start, basin::NonlinearCg::new().with_absolute_gradient_tolerance(GRADIENT_TOLERANCE))
}

fn basin<'p, S>(problem: &'p Problem, start: Vec<f64>, solver: S) -> Run
where
    S: basin::Solver<BasinProblem<Limited<'p>>, FirstOrderState<Vec<f64>>, Error = Infallible>,
{
    judge(problem, &start, |limited| {
        let state = FirstOrderState::new(start.clone());
        let result = basin::Executor::new(BasinProblem::new(limited), solver, state)
            .max_iter(max_iterations(problem) as u64)
            .run()
            .unwrap_or_else(|never| match never {});
        let claims = matches!(result.report.termination, basin::Termination::Converged(_));
        let x = if claims { result.param() } else { result.best_param() };
        (x.clone(), claims, format!("{:?}", result.report.termination))
    })
}

/// L-BFGS-B of basin, through its adapter.
pub fn basin_lbfgsb(bounded: &Bounded) -> BoundedRun {
    let counted = Rc::new(RefCell::new(Counted::new(&bounded.problem)));
    let best = Rc::new(RefCell::new((f64::INFINITY, bounded.start())));
    let limited = Limited { counted: counted.clone(), best: best.clone() };
    let (lower, upper) = bounded.bounds();
    let end = quietly(AssertUnwindSafe(|| {
        let solver = basin::Lbfgsb::new()
            .with_m_capacity(MEMORY)
            .with_absolute_projected_gradient_tolerance(GRADIENT_TOLERANCE);
        let problem = BasinBounded::new(limited, lower, upper);
        let state = FirstOrderState::new(bounded.start());
        let result = basin::Executor::new(problem, solver, state)
            .max_iter(MAX_EVALUATIONS as u64)
            .run()
            .expect("the bounds are in order");
        let claims = matches!(result.report.termination, basin::Termination::Converged(_));
        (if claims { result.param() } else { result.best_param() }.clone(), claims)
    }));
    let (x, claims) = end.unwrap_or_else(|_| (best.borrow().1.clone(), false));
    bounded.judge(&x, counted.borrow().evaluations(), claims)
}

fn liblbfgs(problem: &Problem, start: Vec<f64>) -> Run {
    judge(problem, &start, |mut limited| {
        let mut x = start.clone();
        let mut norm = f64::NAN;
        let result =
            liblbfgs::lbfgs().with_epsilon(1e-15).with_max_iterations(max_iterations(problem)).minimize(
                &mut x,
                |x, gradient| Ok(limited.value_and_grad_into(x, gradient)),
                // The library's own test is relative to ‖x‖, and as good as off.
                |progress| {
                    norm = progress.gx.iter().fold(0.0, |norm: f64, g| norm.max(g.abs()));
                    norm <= GRADIENT_TOLERANCE
                },
            );
        let claims = result.is_ok() && norm <= GRADIENT_TOLERANCE;
        let ended = result.map_or_else(|error| error.to_string(), |_| String::from("finished"));
        (x, claims, ended)
    })
}

/// What a solver that panics has to say goes into the table, not in front of it.
fn quietly<T>(solve: impl FnOnce() -> T + panic::UnwindSafe) -> std::thread::Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let end = panic::catch_unwind(solve);
    panic::set_hook(hook);
    end
}

/// A counted problem that unwinds once the evaluations are used up, and can be looked at while a solver owns it.
struct Limited<'p> {
    counted: Rc<RefCell<Counted<'p>>>,
    /// The best point so far.
    best: Rc<RefCell<(f64, Vec<f64>)>>,
}

/// What a solver comes to: its point, whether it claims convergence, its words.
type End = (Vec<f64>, bool, String);

/// Runs a solver to its end or to the end of the evaluations.
fn judge<'p>(problem: &'p Problem, start: &[f64], solve: impl FnOnce(Limited<'p>) -> End) -> Run {
    let counted = Rc::new(RefCell::new(Counted::new(problem)));
    let best = Rc::new(RefCell::new((f64::INFINITY, start.to_vec())));
    let limited = Limited { counted: counted.clone(), best: best.clone() };
    let end = quietly(AssertUnwindSafe(|| solve(limited)));
    let (x, claims, ended) = end.unwrap_or_else(|payload| {
        let ended = if payload.is::<Exhausted>() { "all evaluations are used up" } else { "it panics" };
        (best.borrow().1.clone(), false, ended.to_owned())
    });
    let counted = counted.borrow();
    counted.judge(&x, claims, ended)
}

struct Exhausted;

/// argmin's line search may ask for one and the same point for ever, which costs no evaluation.
struct Patient<'p> {
    problem: ArgminProblem<Limited<'p>>,
    asked: Cell<usize>,
}

impl<'p> Patient<'p> {
    fn new(limited: Limited<'p>) -> Self {
        Patient { problem: ArgminProblem::new(limited), asked: Cell::new(0) }
    }

    fn ask(&self) -> &ArgminProblem<Limited<'p>> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > 10 * MAX_EVALUATIONS {
            panic::resume_unwind(Box::new(Exhausted));
        }
        &self.problem
    }
}

impl CostFunction for Patient<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        self.ask().cost(x)
    }
}

impl Gradient for Patient<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        self.ask().gradient(x)
    }
}

impl Objective for Limited<'_> {
    type Scalar = f64;

    fn dim(&self) -> Option<usize> {
        Objective::dim(&*self.counted.borrow())
    }

    fn value(&mut self, x: &[f64]) -> f64 {
        self.counted.borrow_mut().value(x)
    }

    fn value_and_grad_into(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut counted = self.counted.borrow_mut();
        if counted.evaluations() >= MAX_EVALUATIONS {
            drop(counted);
            panic::resume_unwind(Box::new(Exhausted));
        }
        let value = counted.value_and_grad_into(x, gradient);
        let mut best = self.best.borrow_mut();
        if value < best.0 {
            *best = (value, x.to_vec());
        }
        value
    }
}
