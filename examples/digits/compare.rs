//! All methods on the same network, from the same start, with the batches in the same order; and L-BFGS, which sees
//! all images at each evaluation, with as many evaluations as the others have epochs.

use std::error::Error;
use std::io::Write;

use grad::descent::{History, Lbfgs, Progress, Random, Schedule, Training, full_batch, plot};

use crate::data::Digits;
use crate::method::METHODS;
use crate::options::Options;
use crate::{accuracy, network, objective};

/// The loss by epoch.
type Curve = (&'static str, Vec<(f64, f64)>);

pub fn run(
    options: &Options,
    training: &Digits,
    test: &Digits,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let start = || network::random_weights(&mut Random::new(options.seed));
    writeln!(out, "\n{} epochs of batches of {}\n", options.epochs, options.batch)?;
    writeln!(
        out,
        "{:<16} {:>9} {:>11} {:>14} {:>9} {:>9} {:>9}",
        "method", "step size", "loss", "loss < 0.1 in", "training", "test", "seconds"
    )?;
    let mut curves: Vec<Curve> = Vec::new();
    let mut add = |(name, curve): Curve, rate: &str, loss: f64, x: &[f64], seconds: f64| {
        let low = curve.iter().find(|(_, loss)| *loss < 0.1);
        let low = low.map_or("–".to_owned(), |(epoch, _)| format!("{epoch} epochs"));
        let (seen, unseen) = (accuracy(x, training), accuracy(x, test));
        curves.push((name, curve));
        writeln!(out, "{name:<16} {rate:>9} {loss:>11.2e} {low:>14} {seen:>9.4} {unseen:>9.4} {seconds:>9.2}")
    };

    let how = Training::new(options.epochs, options.batch).seed(options.seed);
    for method in &METHODS {
        let rate = options.rate.unwrap_or(method.rate);
        let mut rule = (method.rule)(Schedule::constant(rate))?;
        let (mut history, progress) = (History::new(), Progress::epochs(options.epochs));
        let report = how.run(&mut objective(training), &mut rule, start(), |epoch| {
            progress.epoch(epoch);
            history.push_epoch(epoch, &[]);
        })?;
        drop(progress);
        let curve = history.rows().iter().map(|row| (row.number as f64, row.value)).collect();
        let curve = (method.name, curve);
        add(curve, &rate.to_string(), report.value, &report.x, report.time.as_secs_f64())?;
    }

    let mut history = History::new();
    let lbfgs = Lbfgs::default().max_evaluations(options.epochs);
    let report = lbfgs.minimize_with(&mut full_batch(objective(training)), start(), &mut history)?;
    let curve = history.rows().iter().map(|row| (row.evaluations as f64, row.value)).collect();
    add(("L-BFGS", curve), "–", report.value, &report.x, report.time.as_secs_f64())?;

    let file = options.out.with_file_name("digits-compare.svg");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let curves: Vec<(&str, &[(f64, f64)])> = curves.iter().map(|(name, curve)| (*name, &curve[..])).collect();
    plot::curves(&file, "loss on the training images, by epoch", "loss", &curves)?;
    writeln!(out, "\npicture: {}", file.display())?;
    Ok(())
}
