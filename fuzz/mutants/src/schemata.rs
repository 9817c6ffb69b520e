//! Sources with all changes of a sample in them, each of which is on when its number is asked for.

use crate::sites::{ON, Site};
use std::cmp::Reverse;
use std::ops::Range;

/// A change of the sample.
pub(crate) struct Mutant {
    pub(crate) number: usize,
    pub(crate) site: Site,
}

/// The module of the compiler that knows which change is on.
pub(crate) const SWITCH: &str = "\
//! Which change is on.

static NUMBER: std::sync::LazyLock<usize> =
    std::sync::LazyLock::new(|| std::env::var(\"GRAD_MUTANT\").map_or(0, |text| text.parse().unwrap()));

#[inline]
pub(crate) fn on(number: usize) -> bool {
    *NUMBER == number
}
";

/// Where each change is in a text, by its number.
pub(crate) type Places = Vec<(usize, Range<usize>)>;

/// The text of a file with changes.
pub(crate) fn write(text: &str, mutants: &[&Mutant]) -> (String, Places) {
    let mut order: Vec<&Mutant> = mutants.to_vec();
    // What contains another begins first and ends last.
    order.sort_by_key(|it| (it.site.at.start, Reverse(it.site.at.end), it.number));
    let mut pieces = Vec::new();
    for (rank, mutant) in order.iter().enumerate() {
        let on = format!("crate::mutant::on({})", mutant.number);
        let Site { at, before, after, .. } = &mutant.site;
        let (first, last) = (order.len() + rank, order.len() - rank);
        // At one place, what ends comes before what begins, the inner one first; then the outer one begins first.
        pieces.push((at.start, first, mutant.number, true, before.replace(ON, &on)));
        let last = if at.is_empty() { first } else { last };
        pieces.push((at.end, last, mutant.number, false, after.replace(ON, &on)));
    }
    pieces.sort_by_key(|(at, rank, ..)| (*at, *rank));
    let mut written = String::new();
    let mut places = Places::new();
    let mut from = 0;
    for (at, _, number, begins, piece) in pieces {
        written.push_str(&text[from..at]);
        from = at;
        if begins {
            places.push((number, written.len()..0));
        }
        written.push_str(&piece);
        let place = places.iter_mut().find(|(other, _)| *other == number).expect("it began");
        place.1.end = written.len();
    }
    written.push_str(&text[from..]);
    (written, places)
}
