//! What generated code calls, and nothing else may: no stability is promised here.
//!
//! Three kinds of thing: the markers that tell a callee's derivative which cotangents are wanted
//! ([`Active`], [`Constant`]); operations on cotangents of any shape ([`zeros_like`], [`accumulate`],
//! [`clear`], [`sum`], [`merge`]); and the objectives behind `f::objective(..)`.

mod activity;
mod beside;
mod blocks;
mod boxed_slice;
mod buffer;
#[cfg(feature = "std")]
mod by_name;
mod by_path;
mod either;
mod forms;
mod function;
mod function_twice;
mod generic;
#[cfg(feature = "glam")]
mod glam;
mod held;
mod in_place;
mod jacobian;
mod lanes;
mod lent;
#[cfg(any(feature = "glam", feature = "nalgebra", feature = "ndarray"))]
pub mod matrix;
mod methods;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
pub mod ndarray;
#[cfg(feature = "nalgebra")]
pub use matrix::{made, read};
#[cfg(feature = "nalgebra")]
pub use nalgebra::{Float as FloatOfMatrices, IsometryTangent, zeros};
#[cfg(feature = "ndarray")]
pub use ndarray::{Float as FloatOfArrays, mapped};
#[cfg(any(feature = "nalgebra", feature = "ndarray"))]
pub use numbered::{Numbered, nth};
mod number;
#[cfg(any(feature = "nalgebra", feature = "ndarray"))]
mod numbered;
mod object_method;
mod objective;
mod operator;
mod own_types;
mod part;
mod part_argument;
mod passing;
mod rules;
mod same;
mod selection;
mod shapes;
mod slot;
mod strips;
mod trait_method;
mod trait_method_twice;
mod trips;
mod unit_part;
mod unread;
mod wrapped;

pub use crate::lanes::Lanes;
pub use crate::real::Real;
pub use activity::{
    Active, Activity, Callee, Compiles, Constant, ConstantArgument, FollowedArgument, Given, NotNamed,
    Unchanging, Unfollowed, given, not_read,
};
/// What generated code has of `alloc`, which the crate that it is in need not name.
pub use alloc::{borrow, boxed, vec};
pub use beside::{Beside, BesideN, ZerosBeside, ZerosOf, collection};
pub use blocks::{block_len, block_passes, block_start, blocks};
pub use buffer::{buffer, cleared, few_or_many, make_room};
#[cfg(feature = "std")]
pub use by_name::primitive;
pub use by_path::{
    Annotated, ByPath, NamedForms, PassAs, PassesByPath, annotated, by_path, passes_by_path,
    without_attribute,
};
pub use either::Either;
pub use forms::{
    Derivative, FirstDerivative, HasDerivative, Infallible, MethodOf, NestedDerivative, Repeatable,
    first_forms, forms, of_receiver, overwritten_by, receiver, same,
};
pub use function::{
    Called1, Called2, Called3, Called4, Function1, Function2, Function3, Function4, FunctionObject, Input,
    InputLanes, Itself, Known, KnownNumber, KnownShared, KnownSharedNumber, MarkerOf, Moved, MovedVec,
    Number as NumberInput, PassedFunction, Passes, Shared, SharedNumber, SharedSlice, SharedVec, passes,
};
pub use function_twice::{FunctionTwice1, FunctionTwice2, FunctionTwice3, FunctionTwice4};
#[cfg(not(feature = "ndarray"))]
pub use generic::GenericFloat as FloatOfArrays;
#[cfg(not(feature = "nalgebra"))]
pub use generic::GenericFloat as FloatOfMatrices;
pub use generic::{GenericFloat, cast_generic, float, flows, number_like};
pub use held::{CopyOfItem, ItemOf, Keeping, KeptAsItIs, KeptBehind, LentItem};
pub use in_place::Asked;
pub use jacobian::{Entries, is_cheaper_by_columns};
pub use lanes::{
    EachLane, LanesLike, Restore, accumulate_outer, lane_by_lane, lanes_like, present_n, restore,
    set_directions,
};
pub use lent::{
    Holder, KeepOnTape, KeptOnTape, KeptTape, Lender, Lending, Lent, Nobody, OnLent, Span, TapeAgain,
    keep_on, lend_kept_on,
};
pub use methods::{MatrixMethods, Method, OnOperands};
pub use number::{Number, TotalOrder, Whole, number, total_cmp, whole};
pub use object_method::{
    ObjectMethod1, ObjectMethod2, ObjectMethod3, ObjectMethod4, OfObject1, OfObject2, OfObject3, OfObject4,
};
pub use objective::{
    Ask, KeptFailure, KeptResiduals, KeptShape, KeptShapedResiduals, NoProducts, Wanted, objective,
    objective_of, residuals, residuals_of, write_residuals, write_rows,
};
pub use operator::{
    FreshOfAny, FreshOfKnown, OfOperands, Operator, element, of_operands, of_operator, of_sum, operators,
    set_element, sum_of_items, sum_of_references,
};
pub use own_types::{
    Blank, Checked, CheckedIn, FieldIn, FieldOf, Followed, Is, IsMap, IsResult, MadeOfFields, OfAMatrix,
    OfAnArray, OfGlam, Types, add_counts, checked, field, field_mut, has_field, has_tangents,
    has_tangents_of_a_matrix, has_tangents_of_an_array, has_tangents_of_glam, is_followed, is_there, map,
    must_have_tangents, no_entry, other_variant,
};
pub use part::{Anything, Part, part};
pub use part_argument::{LendMut, NoTangent, OfValue, PartActivity, PartArgument, activity_in, argument};
pub use passing::{
    Again, FromCopy, Gone, Keep, Kept, Left, Lend, NoSeed, Once, Reached, Retaken, again, keep, left, lend,
    lend_copy, lend_kept, look, no_seed, none_again, refill, retaken, seen,
};
pub use rules::{ForwardRule, HookDerivative, ReverseRule, SecondRule, owning};
pub use same::{has_it, is_same, same_again, stays};
pub use selection::{deduped, deduped_by, deduped_by_key, kept_by, sorted_by, sorted_by_key};
pub use shapes::{
    Accumulate, Clear, Inner, Merge, Scale, Sum, ZerosLike, accumulate, accumulate_scaled, clear,
    combination, fresh, inner, merge, present, scale, sum, zeros_like, zeros_like_each,
};
pub use slot::{PullbackSlot, Slot};
pub use strips::{bounded, fours, fours_by, in_strips, strip_len, strips};
pub use trait_method::{
    ActiveSelf, AndOthers, ConstantSelf, HasTangents, Methods, OfTrait0, OfTrait1, OfTrait2, OfTrait3,
    OfTrait4, Receiver, ReceiverLanes, TraitMethod0, TraitMethod1, TraitMethod2, TraitMethod3, TraitMethod4,
    has_the_body_of_its_trait, side_by_side,
};
pub use trait_method_twice::{
    Sided, TraitMethodTwice0, TraitMethodTwice1, TraitMethodTwice2, TraitMethodTwice3, TraitMethodTwice4,
};
pub use trips::{
    Trips, cycled, down, first_of, greatest, index, index_reversed, index_reversed_inclusive, times, trips,
    trips_inclusive, up,
};
pub use unit_part::{AddToPart, PartOf, PartOfMut, copy_part, copy_part_n, read as read_part};
pub use unread::{Unread, unread};
pub use wrapped::{InVariant, Inside, in_variant};
