//! The steps, as a table.

use std::io::{self, Write};

use crate::map::{short, shows};
use crate::walks::{Footprint, Track};

/// How many steps from the beginning and from the end stand in a table that is not of all.
const BEGINNING: usize = 6;
const END: usize = 2;

pub fn print(out: &mut impl Write, track: &Track, all: bool) -> io::Result<()> {
    let Track { walker, footprints, report } = track;
    let (direction, sign) = if walker.uphill { ("uphill", '+') } else { ("downhill", '−') };
    writeln!(
        out,
        "\n{}: {direction} from ({}, {}), new point = point {sign} {} · gradient",
        walker.name, walker.start[0], walker.start[1], walker.step_size
    )?;
    writeln!(out, " step      east x     north y      height       ∂h/∂x       ∂h/∂y")?;
    for (step, print) in footprints.iter().enumerate() {
        if all || step < BEGINNING || step + END >= footprints.len() {
            row(out, step, print)?;
        } else if step == BEGINNING {
            writeln!(out, "    …")?;
        }
    }
    writeln!(out, "{}", report.termination)?;
    writeln!(
        out,
        "best point ({:.4}, {:.4}), height {}, after {} steps",
        report.x[0],
        report.x[1],
        short(report.value),
        report.iterations
    )?;
    let wrong = track.wrong_steps();
    if wrong > 0 {
        let way = if walker.uphill { "downhill" } else { "uphill" };
        writeln!(out, "{wrong} of the steps led {way}, past the goal: the step size is too large")?;
    }
    Ok(())
}

fn row(out: &mut impl Write, step: usize, print: &Footprint) -> io::Result<()> {
    let Footprint { point: [x, y], height, gradient: [dx, dy] } = *print;
    let away = if shows([x, y]) { "" } else { "  off the map" };
    write!(out, "{step:>5}")?;
    for number in [x, y, height, dx, dy] {
        if number.abs() < 1e5 { write!(out, "{number:>12.5}")? } else { write!(out, "{number:>12.3e}")? }
    }
    writeln!(out, "{away}")
}
