//! Who walks, and where do they come?

use std::ops::ControlFlow;

use grad::descent::{DescentError, GradientDescent, Iteration, Report};

use crate::landscape::height;

/// Someone who feels the slope under their feet, and takes steps of a fixed multiple of it.
#[derive(Clone, Debug)]
pub struct Walker {
    pub name: String,
    pub step_size: f64,
    pub uphill: bool,
    pub start: [f64; 2],
    /// Of the track on the map.
    pub color: &'static str,
}

/// A point of a walk, and what can be felt there.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pub point: [f64; 2],
    pub height: f64,
    pub gradient: [f64; 2],
}

/// A walk from its start to its end.
pub struct Track {
    pub walker: Walker,
    pub footprints: Vec<Footprint>,
    pub report: Report<f64>,
}

impl Track {
    /// Steps that led the wrong way: the sign of overstepping.
    pub fn wrong_steps(&self) -> usize {
        let wrong = |pair: &&[Footprint]| (pair[1].height > pair[0].height) != self.walker.uphill;
        self.footprints.windows(2).filter(wrong).count()
    }
}

/// The slope at which a walker calls it flat, and stays.
pub const FLAT: f64 = 1e-3;

/// The walkers of the story.
pub fn cast(start: [f64; 2]) -> Vec<Walker> {
    let walker = |name: &str, step_size, color| Walker {
        name: name.to_owned(),
        step_size,
        uphill: false,
        start,
        color,
    };
    let climber = Walker { uphill: true, start: [-1.2, -1.1], ..walker("ascent", 0.3, "#7b3294") };
    vec![
        walker("too small", 0.01, "#e08a00"),
        walker("right", 0.3, "#1a6fdf"),
        walker("too large", 1.2, "#c2185b"),
        walker("far too large", 1.8, "#222222"),
        climber,
    ]
}

/// Walks until it is flat, the walk runs away, or the steps are used up; the runtime's loop says which.
pub fn walk(walker: &Walker, max_steps: usize) -> Result<Track, DescentError> {
    let mut footprints = Vec::new();
    let mut record = |iteration: &Iteration<'_, f64>| {
        let point = [iteration.x[0], iteration.x[1]];
        let (height, gradient) = height::value_and_grad(&point);
        footprints.push(Footprint { point, height, gradient });
        ControlFlow::Continue(())
    };
    let method = GradientDescent::new(walker.step_size).gradient_tolerance(FLAT).max_iterations(max_steps);
    let (mut objective, start) = (height::objective(), walker.start.to_vec());
    let report = if walker.uphill {
        method.maximize_with(&mut objective, start, &mut record)?
    } else {
        method.minimize_with(&mut objective, start, &mut record)?
    };
    Ok(Track { walker: walker.clone(), footprints, report })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{START, STEPS};
    use grad::descent::Termination;

    #[test]
    fn each_walker_ends_as_the_story_says() {
        let tracks: Vec<Track> =
            cast(START).iter().map(|walker| walk(walker, STEPS).expect("the start is finite")).collect();
        let [small, right, large, far, ascent] = &tracks[..] else { panic!("there are five") };

        assert_eq!(small.report.termination, Termination::MaxIterations);
        assert_eq!((small.wrong_steps(), small.footprints.len()), (0, 61));
        assert_eq!(right.report.termination, Termination::SmallGradient);
        assert_eq!(right.wrong_steps(), 0);
        assert_eq!(large.report.termination, Termination::MaxIterations);
        assert!(large.wrong_steps() > 20, "{} steps uphill", large.wrong_steps());
        assert_eq!(far.report.termination, Termination::Diverged);
        assert_eq!(ascent.report.termination, Termination::SmallGradient);
        assert!(ascent.report.value > 1.0 && ascent.wrong_steps() == 0);

        // The lowest of them has found the valley, and no other is lower.
        assert!(tracks.iter().all(|track| track.report.value >= right.report.value - 1e-6));
    }
}
