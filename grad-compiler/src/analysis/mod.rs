//! Facts about a function, one table each, indexed by variable. Never stored in the IR.
//!
//! Needs: a verified `Func`. Guarantees: every table has one entry per variable of it.

mod activity;
mod again;
mod borrowed;
mod checkpoint;
mod divisors;
mod effects;
mod layout;
mod lost;
mod order;
mod rewrites;
mod scratch;
mod strides;
mod winner;

pub use activity::Activity;
pub use again::{happens_once, is_kept_for_again, may_run_again};
pub use borrowed::keeps_what_is_borrowed;
pub use checkpoint::{Obstacle, checkpoints};
pub use effects::{Touches, Views, may_run_in_turn};
pub use layout::{Access, AccessKind, BranchSite, Def, Layout, Pos, RegionId, RegionKind, TOP, may_overlap};
pub use lost::{Escape, Problem};
pub use order::{Additions, may_run_in_any_order};
pub use rewrites::{Condition, Rewrite, Rewrites};
pub use scratch::{Overwrites, Scratch, overwritten, scratch};
pub use winner::{Choice, winner};

use crate::ir::{Func, Var};
use std::collections::BTreeSet;

/// Where things are in a function.
pub fn layout(func: &Func) -> Layout<'_> {
    layout::analyse(func)
}

/// All that the transforms ask about a function.
pub struct Facts<'a> {
    pub layout: Layout<'a>,
    pub activity: Activity,
    /// The loops that run again in the reverse sweep, block by block, by their positions.
    pub checkpoints: BTreeSet<Pos>,
    /// What the transforms may choose.
    pub rewrites: Rewrites,
    /// Whether callees are taken to overwrite what they are lent, where that helps.
    pub trusts_callees: bool,
    /// Whether terms may be added in another order in loops that are in no other. Not where users call: there a gradient is the
    /// same to the last bit with `checkpoint` and without.
    pub additions: Additions,
    /// What cotangents are multiplied by the reciprocals of.
    pub divisors: BTreeSet<Var>,
}

/// Computes the facts. What cannot be differentiated is in `activity.problems`.
pub fn analyse(func: &Func) -> Facts<'_> {
    let layout = layout::analyse(func);
    let activity = activity::analyse(func, &layout);
    let divisors = divisors::divisors(func, &activity);
    Facts {
        layout,
        activity,
        checkpoints: BTreeSet::new(),
        rewrites: Rewrites::default(),
        trusts_callees: false,
        additions: Additions::InOrder,
        divisors,
    }
}
