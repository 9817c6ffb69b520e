//! Vector mode beside forward mode: the same direction in two lanes, and none in a third.

use super::flat::{Flat, Observed, observe};
use grad::__private::{EachLane, LanesLike, lanes_like};

/// No tangent in the first of three lanes, the same in the others.
pub(crate) fn widened<T: LanesLike<3>>(one: &T) -> T::Lanes
where
    T::Lanes: EachLane<One = T>,
{
    let mut lanes = lanes_like(one);
    lanes.set_lane(1, one);
    lanes.set_lane(2, one);
    lanes
}

/// Three tangents side by side: the same shape, with the numbers of another row in each lane.
pub(crate) fn refilled<T: LanesLike<3> + Flat>(
    shape: &T,
    from: &mut [impl Iterator<Item = f64>; 3],
) -> T::Lanes
where
    T::Lanes: EachLane<One = T>,
{
    let mut lanes = lanes_like(shape);
    for (lane, from) in from.iter_mut().enumerate() {
        lanes.set_lane(lane, &shape.refill(from));
    }
    lanes
}

/// Adds what is in the three lanes.
pub(crate) fn observe_lanes<T: EachLane>(lanes: &T, observed: &mut [Observed; 3])
where
    T::One: Flat,
{
    for (lane, observed) in observed.iter_mut().enumerate() {
        lanes.lane(lane).observe(observed);
    }
}

/// Value and tangents are those of forward mode; where no tangent comes in, none goes out.
#[track_caller]
pub(crate) fn check_lanes(
    name: &str,
    value: &Observed,
    lanes: &[Observed; 3],
    wanted: &(Observed, Observed),
) {
    assert_eq!(value.bits, wanted.0.bits, "{name}: value of jvp_n");
    let [none, one, again] = lanes.each_ref().map(|lane| &lane.floats);
    // At a pole, 0 times an infinite partial is NaN in every lane, as it is in forward mode.
    let is_none = |(dot, one): (&f64, &f64)| *dot == 0.0 || (dot.is_nan() && !one.is_finite());
    let nothing = none.iter().zip(&wanted.1.floats).all(is_none);
    assert!(nothing, "{name}: a lane without a tangent has {none:?}");
    let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
    let equal = |lane: &[f64]| {
        let pairs = lane.iter().zip(&wanted.1.floats);
        lane.len() == wanted.1.floats.len() && pairs.into_iter().all(|(a, b)| same(*a, *b))
    };
    assert!(equal(one), "{name}: jvp_n has {one:?}, jvp {:?}", wanted.1.floats);
    assert!(equal(again), "{name}: the last lane has {again:?}, jvp {:?}", wanted.1.floats);
}

/// The three lanes of a result.
pub(crate) fn observed_lanes<T: EachLane>(lanes: &T) -> [Observed; 3]
where
    T::One: Flat,
{
    std::array::from_fn(|lane| observe(&lanes.lane(lane)))
}
