mod problems;
use grad::descent::*;
use grad::from_fn;
fn main() {
    let arg: usize = std::env::args().nth(1).map_or(0, |a| a.parse().unwrap());
    let scale: f64 = std::env::args().nth(2).map_or(1.0, |a| a.parse().unwrap());
    let mut totals = [0usize; 8];
    let mut good = [0usize; 8];
    for p in problems::all() {
        if arg != 0 && p.number != arg {
            continue;
        }
        print!("{:2} {:26}", p.number, p.name);
        let start: Vec<f64> = p.start.iter().map(|x| x * scale).collect();
        let mut f = grad::from_fn(|x: &[f64]| {
            let mut g = vec![0.0; x.len()];
            let v = p.value_and_grad_into(x, &mut g);
            (v, g)
        });
        let r = Lbfgs::default().max_iterations(2000).max_evaluations(20000).minimize(&mut f, start.clone());
        show(&p, r, &mut totals[0], &mut good[0]);
        let r = Bfgs::default().max_iterations(2000).max_evaluations(20000).minimize(&mut f, start.clone());
        show(&p, r, &mut totals[1], &mut good[1]);
        let mut res = grad::from_residuals(
            p.residuals,
            |x: &[f64], r: &mut [f64]| p.residuals_into(x, r),
            |x: &[f64], j: &mut [f64]| p.jacobian_into(x, j),
        );
        let r = LevenbergMarquardt::default()
            .max_iterations(2000)
            .max_evaluations(20000)
            .minimize(&mut res, start.clone())
            .map(|mut r| {
                r.value *= 2.0;
                r
            });
        show(&p, r, &mut totals[2], &mut good[2]);
        let r = GaussNewton::default()
            .max_iterations(2000)
            .max_evaluations(20000)
            .minimize(&mut res, start.clone())
            .map(|mut r| {
                r.value *= 2.0;
                r
            });
        show(&p, r, &mut totals[3], &mut good[3]);
        println!();
    }
    println!("{totals:?} {good:?}");
}
fn show(p: &problems::Problem, r: Result<Report<f64>, DescentError>, total: &mut usize, good: &mut usize) {
    match r {
        Ok(r) => {
            let kind = if p.is_global(r.value) {
                "G"
            } else if p.is_minimum(r.value) {
                "L"
            } else {
                "?"
            };
            *total += r.evaluations;
            *good += usize::from(kind != "?");
            print!(
                " | {kind} {:5} {:5} {:.3e} {:.1e} {:?}",
                r.iterations, r.evaluations, r.value, r.gradient_norm, r.termination
            );
        }
        Err(e) => print!(" | {e}"),
    }
}
