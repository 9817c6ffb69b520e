//! The rewrites and shapes that the passes choose, and the conditions under which each is right.
//!
//! A derivative is right without any of them, and with any set of them. Tests hold that: they switch rewrites off, one by
//! one and all together, and compare; and they leave conditions out, one by one, and see that a comparison fails.

/// A rewrite of `simplify`, or a shape that `reverse` gives a part of the reverse sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// An element of a row of an array is one of the array.
    Lines,
    /// A computation that was done before is not done again.
    Share,
    /// A costly operation on values from outside of a loop leaves it.
    Hoist,
    /// A cotangent is assigned at its first contribution.
    Assign,
    /// Mirror images of neighbouring loops become one loop.
    Merge,
    /// A mirror loop runs forwards.
    Turn,
    /// A row of cotangents is looked up in front of a loop.
    Rows,
    /// The cotangents of neighbouring elements are passed on in a value.
    Carry,
    /// A loop over sums runs in strips, and what ties its passes together is put by until the end of a strip.
    Strips,
    /// The elements that a mirror loop runs over are borrowed in front of it.
    Parts,
    /// A loop is reversed while it runs.
    Fuse,
    /// A branch is reversed inside of its arms.
    InArms,
    /// A call is reversed at once, in the joint form of its callee.
    AtOnce,
    /// Memory that each pass overwrites is taken for its own, though it is from outside.
    Scratch,
    /// Of a running minimum or maximum, only the pass that decides is reversed.
    Winner,
    /// Where that is one pass alone, it does not compute again what it chose.
    Alone,
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
    /// A value that passes hand on is computed again along the mirror loop, which runs forwards.
    Along,
    /// An array is kept whole, in place of its elements one by one.
    KeepWhole,
    /// The pullback of a call whose result was not chosen is not run.
    Skip,
    /// An argument is passed again to a pullback, and not a copy of it.
    PassAgain,
    /// What is recorded once, or a known number of times, has a place of that size.
    Room,
    /// A copy is made in a `Vec` that a pass before has done with.
    Refill,
    /// A partial that the primal has computed is read there.
    Reuse,
    /// What a pass records goes on one tape, as one thing.
    Record,
    /// Copies of numbers lie on one tape, one behind the other.
    Copies,
    /// A cotangent is summed up in four sums side by side.
    Fours,
    /// Cotangents of one whole are lent side by side, and not copies of them.
    Split,
    /// Cotangents that are divided by one value more than once are multiplied by its reciprocal.
    Reciprocal,
}

/// What has to hold for a rewrite. Where the compiler tests it, there is the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    // Share
    /// Nothing writes the memory between the two loads.
    NothingChangedSince,
    /// Nor later in a loop that is around the second load only.
    NothingChangesInLoop,
    // Hoist
    /// What the operation reads comes from outside of the loop.
    OperandsAreOutside,
    // Assign
    /// Nothing touches the element between its clearing and its first contribution.
    NothingBetween,
    // Merge
    /// Both loops make the same passes in the same order.
    SameRange,
    /// The second loop does not read what the first one results in.
    NoResultsRead,
    /// Of common memory, each pass of both touches what is its own, or nothing is changed, or both only add.
    OwnElements,
    /// The elements are those of the same part of the memory.
    SamePart,
    /// Pass k of the first loop touches element k only.
    OwnInFirst,
    /// And so does pass k of the second.
    OwnInSecond,
    /// What makes memory longer or shorter changes all of it.
    LengthsAreEffects,
    // Turn
    /// Each pass touches its own element of what is not only read, or only added to.
    OwnInAnyOrder,
    /// Its index is another one in each pass.
    AnotherInEachPass,
    /// The elements are those of the same part of the memory in every pass.
    PartIsOutside,
    /// What passes hand on are sums.
    CarriesOnlySums,
    // Rows
    /// The loop touches one row only.
    OneRow,
    /// Which one it is does not change while the loop runs.
    RowIsOutside,
    // Carry
    /// The one index is the other plus one.
    NextIsPlusOne,
    /// Nothing else in the loop looks at the memory.
    OnlyNeighbours,
    // Parts
    /// Each pass touches its element: all of them are there.
    InEachPass,
    // Fuse, InArms, AtOnce
    /// The loop, the branch or the call does not write active memory from outside, nor does anything behind it that it
    /// reads.
    OnlyReadsOuterMemory,
    /// Each pass only adds to the sum.
    OnlyAdds,
    /// And so does a later loop that goes on with it.
    LaterOnlyAdds,
    /// Nothing else in a pass reads the sum. (Of strips, too.)
    SumsUsedOnce,
    /// The cotangent of the sum does not depend on the sum.
    BarIsKnownAhead,
    // Scratch
    /// Each run of the region overwrites the elements before it does anything else with them.
    OverwrittenFirst,
    /// They are the same in each run.
    SteadyElements,
    /// The region writes no others, and does not make the memory longer or shorter.
    OtherWritesWithin,
    /// Nobody reads behind the region what its last run leaves.
    NotReadBehind,
    /// Where a callee overwrites them: it does.
    CalleeOverwrites,
    // Winner
    /// A pass uses what came from the passes before for nothing but its choice.
    UsedInChoiceOnly,
    /// What it reads from outside is the same when it runs again; it writes nothing there.
    ReadsTheSameAgain,
    // Promote
    /// The loop does not write the memory that the element is in.
    ElementIsReadOnly,
    /// The loop makes a pass: without one, the element may not exist.
    ElementWasReached,
    // Stay
    /// What is read and what is written is one element.
    SameElement,
    /// It is read, added to and written once each, in one pass.
    SameBlock,
    /// Nothing else writes the memory in between.
    UntouchedBetween,
    /// Nothing else reads the old element.
    ElementUsedOnce,
    /// Nor the new one.
    SumUsedOnce,
    /// The old element goes into the new one with the factor 1.
    AddsUnchanged,
    // LeaveDirty
    /// What is overwritten are constants.
    MadeOfConstants,
    /// Each element is written once.
    EachElementOnce,
    /// Nothing was written before.
    UntouchedBefore,
    // Recompute, PassAgain
    /// Nothing changes the memory between the reading and the reverse sweep.
    UnchangedLater,
    /// Nor a later pass of a loop around the reading.
    UnchangedInLoop,
    /// Nothing changes its length, where that is what is read.
    LengthUnchanged,
    /// The memory can be named in the reverse sweep.
    IsAccessible,
    // ReadBack
    /// Each pass stores to an element of its own.
    StoredInOwnElement,
    /// Nothing else writes the memory afterwards.
    StoredLast,
    /// The index is restored before the value.
    IndexKnownBefore,
    // CountBack
    /// What the counter is changed by is from outside of the loop.
    StepIsOutside,
    /// An inner loop that counts on starts from where the pass starts.
    OnlyInnerCounts,
    // KeepWhole
    /// Nothing changes the array after the element was read.
    ArrayIsUnchanged,
    // Record
    /// What is recorded as one thing is recorded in one place, and read again in one place.
    InStep,
    // Reuse
    /// Whenever the partial is asked for, the value was computed.
    ComputedOnTheWay,
    // Split
    /// One is in front of an index, and the other behind it.
    InHalves,
}

/// Which rewrites are made. All of them, outside of tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rewrites {
    off: u64,
    #[cfg(feature = "testing")]
    ignored: Option<Condition>,
    #[cfg(feature = "testing")]
    of_little: bool,
}

impl Rewrites {
    pub fn may(self, rewrite: Rewrite) -> bool {
        self.off & (1_u64 << rewrite as u32) == 0
    }

    /// Whether to make what is not worth it, too, to see that it is right.
    #[cfg(not(feature = "testing"))]
    #[allow(clippy::unused_self)]
    pub fn of_little(self) -> bool {
        false
    }

    /// The condition, as the fact says it is.
    pub fn holds(self, condition: Condition, fact: bool) -> bool {
        fact || self.ignores(condition)
    }

    #[cfg(not(feature = "testing"))]
    #[allow(clippy::unused_self)]
    pub fn ignores(self, _: Condition) -> bool {
        false
    }
}

#[cfg(feature = "testing")]
impl Rewrites {
    pub fn none() -> Rewrites {
        Rewrites { off: u64::MAX, ..Rewrites::default() }
    }

    pub fn only(rewrite: Rewrite) -> Rewrites {
        Rewrites { off: !(1_u64 << rewrite as u32), ..Rewrites::default() }
    }

    pub fn both(one: Rewrite, other: Rewrite) -> Rewrites {
        Rewrites { off: !(1_u64 << one as u32 | 1_u64 << other as u32), ..Rewrites::default() }
    }

    pub fn with_little(self) -> Rewrites {
        Rewrites { of_little: true, ..self }
    }

    pub fn of_little(self) -> bool {
        self.of_little
    }

    pub fn without(condition: Condition) -> Rewrites {
        Rewrites { ignored: Some(condition), ..Rewrites::default() }
    }

    pub fn ignores(self, condition: Condition) -> bool {
        self.ignored == Some(condition)
    }
}

#[cfg(feature = "testing")]
impl Rewrite {
    pub const ALL: [Rewrite; 34] = [
        Rewrite::Lines,
        Rewrite::Share,
        Rewrite::Hoist,
        Rewrite::Assign,
        Rewrite::Merge,
        Rewrite::Turn,
        Rewrite::Rows,
        Rewrite::Carry,
        Rewrite::Strips,
        Rewrite::Parts,
        Rewrite::Fuse,
        Rewrite::InArms,
        Rewrite::AtOnce,
        Rewrite::Scratch,
        Rewrite::Winner,
        Rewrite::Alone,
        Rewrite::Promote,
        Rewrite::Stay,
        Rewrite::LeaveDirty,
        Rewrite::Recompute,
        Rewrite::ReadBack,
        Rewrite::CountBack,
        Rewrite::Along,
        Rewrite::KeepWhole,
        Rewrite::Skip,
        Rewrite::PassAgain,
        Rewrite::Room,
        Rewrite::Refill,
        Rewrite::Reuse,
        Rewrite::Record,
        Rewrite::Copies,
        Rewrite::Fours,
        Rewrite::Split,
        Rewrite::Reciprocal,
    ];
}

#[cfg(feature = "testing")]
impl Condition {
    pub const ALL: [Condition; 56] = [
        Condition::NothingChangedSince,
        Condition::NothingChangesInLoop,
        Condition::OperandsAreOutside,
        Condition::NothingBetween,
        Condition::SameRange,
        Condition::NoResultsRead,
        Condition::OwnElements,
        Condition::SamePart,
        Condition::OwnInFirst,
        Condition::OwnInSecond,
        Condition::LengthsAreEffects,
        Condition::OwnInAnyOrder,
        Condition::AnotherInEachPass,
        Condition::PartIsOutside,
        Condition::CarriesOnlySums,
        Condition::OneRow,
        Condition::RowIsOutside,
        Condition::NextIsPlusOne,
        Condition::OnlyNeighbours,
        Condition::InEachPass,
        Condition::OnlyReadsOuterMemory,
        Condition::OnlyAdds,
        Condition::LaterOnlyAdds,
        Condition::SumsUsedOnce,
        Condition::BarIsKnownAhead,
        Condition::OverwrittenFirst,
        Condition::SteadyElements,
        Condition::OtherWritesWithin,
        Condition::NotReadBehind,
        Condition::CalleeOverwrites,
        Condition::UsedInChoiceOnly,
        Condition::ReadsTheSameAgain,
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
        Condition::OnlyInnerCounts,
        Condition::ArrayIsUnchanged,
        Condition::InStep,
        Condition::ComputedOnTheWay,
        Condition::InHalves,
    ];
}
