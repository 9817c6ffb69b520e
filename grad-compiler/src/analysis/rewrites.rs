//! The rewrites and shapes that the passes choose, and the conditions under which each is right.
//!
//! A derivative is right without any of them, and with any set of them. Tests hold that: they switch rewrites off, one by
//! one and all together, and compare; and they leave conditions out, one by one, and see that a comparison fails.

/// A rewrite of `simplify`, or a shape that `reverse` gives a part of the reverse sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// A computation that was done before is not done again.
    Share,
    /// A cotangent is assigned at its first contribution.
    Assign,
    /// Mirror images of neighbouring loops become one loop.
    Merge,
    /// A row of cotangents is looked up in front of a loop.
    Rows,
    /// The cotangents of neighbouring elements are passed on in a value.
    Carry,
    /// A loop is reversed while it runs.
    Fuse,
    /// The cotangent of one element is summed up in a value while a loop runs.
    Promote,
    /// The cotangent of `x += e` stays where it is.
    Stay,
    /// The cotangent of what nobody reads is not cleared.
    LeaveDirty,
    /// A value is computed again in the reverse sweep.
    Recompute,
    /// A value is read back from where the primal stored it.
    ReadBack,
    /// A counter runs backwards.
    CountBack,
    /// An array is kept whole, in place of its elements one by one.
    KeepWhole,
    /// An argument is passed again to a pullback, and not a copy of it.
    PassAgain,
}

/// What has to hold for a rewrite. Where the compiler tests it, there is the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    // Share
    NothingChangedSince,
    NothingChangesInLoop,
    // Assign
    NothingBetween,
    // Merge
    SameRange,
    NoResultsRead,
    OwnElements,
    SamePart,
    OwnInFirst,
    OwnInSecond,
    LengthsAreEffects,
    // Rows
    OneRow,
    RowIsOutside,
    // Carry
    NextIsPlusOne,
    OnlyNeighbours,
    // Fuse
    OnlyReadsOuterMemory,
    OnlyAdds,
    LaterOnlyAdds,
    SumsUsedOnce,
    BarIsKnownAhead,
    // Promote
    ElementIsReadOnly,
    ElementWasReached,
    // Stay
    SameElement,
    SameBlock,
    UntouchedBetween,
    ElementUsedOnce,
    SumUsedOnce,
    AddsUnchanged,
    // LeaveDirty
    MadeOfConstants,
    EachElementOnce,
    UntouchedBefore,
    // Recompute, PassAgain
    UnchangedLater,
    UnchangedInLoop,
    LengthUnchanged,
    IsAccessible,
    // ReadBack
    StoredInOwnElement,
    StoredLast,
    IndexKnownBefore,
    // CountBack
    StepIsOutside,
    // KeepWhole
    ArrayIsUnchanged,
}

/// Which rewrites are made. All of them, outside of tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rewrites {
    off: u32,
    #[cfg(test)]
    ignored: Option<Condition>,
}

impl Rewrites {
    pub fn may(self, rewrite: Rewrite) -> bool {
        self.off & (1 << rewrite as u32) == 0
    }

    /// The condition, as the fact says it is.
    pub fn holds(self, condition: Condition, fact: bool) -> bool {
        fact || self.ignores(condition)
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self)]
    pub fn ignores(self, _: Condition) -> bool {
        false
    }
}

#[cfg(test)]
impl Rewrites {
    pub fn none() -> Rewrites {
        Rewrites { off: u32::MAX, ignored: None }
    }

    pub fn only(rewrite: Rewrite) -> Rewrites {
        Rewrites { off: !(1 << rewrite as u32), ignored: None }
    }

    pub fn without(condition: Condition) -> Rewrites {
        Rewrites { off: 0, ignored: Some(condition) }
    }

    pub fn ignores(self, condition: Condition) -> bool {
        self.ignored == Some(condition)
    }
}

#[cfg(test)]
impl Rewrite {
    pub const ALL: [Rewrite; 14] = [
        Rewrite::Share,
        Rewrite::Assign,
        Rewrite::Merge,
        Rewrite::Rows,
        Rewrite::Carry,
        Rewrite::Fuse,
        Rewrite::Promote,
        Rewrite::Stay,
        Rewrite::LeaveDirty,
        Rewrite::Recompute,
        Rewrite::ReadBack,
        Rewrite::CountBack,
        Rewrite::KeepWhole,
        Rewrite::PassAgain,
    ];
}

#[cfg(test)]
impl Condition {
    pub const ALL: [Condition; 39] = [
        Condition::NothingChangedSince,
        Condition::NothingChangesInLoop,
        Condition::NothingBetween,
        Condition::SameRange,
        Condition::NoResultsRead,
        Condition::OwnElements,
        Condition::SamePart,
        Condition::OwnInFirst,
        Condition::OwnInSecond,
        Condition::LengthsAreEffects,
        Condition::OneRow,
        Condition::RowIsOutside,
        Condition::NextIsPlusOne,
        Condition::OnlyNeighbours,
        Condition::OnlyReadsOuterMemory,
        Condition::OnlyAdds,
        Condition::LaterOnlyAdds,
        Condition::SumsUsedOnce,
        Condition::BarIsKnownAhead,
        Condition::ElementIsReadOnly,
        Condition::ElementWasReached,
        Condition::SameElement,
        Condition::SameBlock,
        Condition::UntouchedBetween,
        Condition::ElementUsedOnce,
        Condition::SumUsedOnce,
        Condition::AddsUnchanged,
        Condition::MadeOfConstants,
        Condition::EachElementOnce,
        Condition::UntouchedBefore,
        Condition::UnchangedLater,
        Condition::UnchangedInLoop,
        Condition::LengthUnchanged,
        Condition::IsAccessible,
        Condition::StoredInOwnElement,
        Condition::StoredLast,
        Condition::IndexKnownBefore,
        Condition::StepIsOutside,
        Condition::ArrayIsUnchanged,
    ];
}
