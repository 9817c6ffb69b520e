//! All methods on the same network, from the same start, with the batches in the same order.

use std::error::Error;
use std::io::Write;

use grad::descent::{History, Progress, Random, Schedule, Training, plot};

use crate::data::Digits;
use crate::method::METHODS;
use crate::options::Options;
use crate::{accuracy, network, objective};

pub fn run(
    options: &Options,
    training: &Digits,
    test: &Digits,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let how = Training::new(options.epochs, options.batch).seed(options.seed);
    writeln!(out, "\n{} epochs of batches of {}\n", options.epochs, options.batch)?;
    writeln!(
        out,
        "{:<16} {:>9} {:>11} {:>14} {:>9} {:>9} {:>9}",
        "method", "step size", "loss", "loss < 0.1 in", "training", "test", "seconds"
    )?;
    let mut histories = Vec::new();
    for method in &METHODS {
        let rate = options.rate.unwrap_or(method.rate);
        let start = network::random_weights(&mut Random::new(options.seed));
        let mut history = History::new();
        let progress = Progress::epochs(options.epochs);
        let report = how.run(
            &mut objective(training),
            &mut (method.rule)(Schedule::constant(rate))?,
            start,
            |epoch| {
                progress.epoch(epoch);
                history.push_epoch(epoch, &[]);
            },
        )?;
        drop(progress);
        let low = history.rows().iter().find(|row| row.value < 0.1);
        let low = low.map_or("–".to_owned(), |row| format!("{} epochs", row.number));
        writeln!(
            out,
            "{:<16} {rate:>9} {:>11.2e} {low:>14} {:>9.4} {:>9.4} {:>9.2}",
            method.name,
            report.value,
            accuracy(&report.x, training),
            accuracy(&report.x, test),
            report.time.as_secs_f64()
        )?;
        histories.push((method.name, history));
    }
    let histories: Vec<(&str, &History)> = histories.iter().map(|(name, history)| (*name, history)).collect();
    let file = options.out.with_file_name("digits-compare.svg");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    plot::values(&file, "loss on the training images, by epoch", &histories)?;
    writeln!(out, "\npicture: {}", file.display())?;
    Ok(())
}
