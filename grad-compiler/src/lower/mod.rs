//! From the user's function to the language between the passes.
//!
//! Needs: a function that `syn` has read. Guarantees: a [`Func`] in which every float is followed, or errors
//! at the expressions that cannot be. All errors of a function are found at once: what is rejected stands
//! for a value of no meaning, and lowering goes on.
//!
//! What a call or an inactive expression gives is often told only by a later use. So a function is lowered
//! again with what the run before has learnt, until nothing new is learnt.

mod annotated_parts;
mod annotation;
mod argument;
mod array;
mod array_changed;
mod array_joined;
mod array_made;
mod borrowed;
mod boxed;
mod build;
mod call;
mod called;
mod callee;
mod changes;
mod closure;
mod code;
mod constant;
mod contents;
mod effects;
mod ended;
mod env;
mod exchange;
mod exits;
mod expr;
mod flow;
mod generic;
mod glam;
mod handled;
mod hook;
mod imports;
mod inner_items;
mod iter;
mod known;
mod leaving;
mod location;
mod macros;
mod map;
mod matching;
mod matrix;
mod matrix_changed;
mod matrix_geometry;
mod matrix_made;
mod matrix_parts;
mod method;
mod moves;
mod nothing;
mod of_integers;
mod ops;
mod option;
mod origin;
mod outcome;
mod own_index;
mod own_method;
mod own_operator;
mod own_type;
mod passed;
mod pattern;
mod place;
mod rearrange;
mod resolve;
mod ring;
mod selection;
mod signature;
pub mod size;
mod stmt;
mod taken;
mod types;
mod unasked;
mod undecided;
mod unknown;
mod unseen;
mod value;
mod walk;
mod whole;
mod window;
mod zip;

pub(crate) use self::passed::free::variables;
use crate::args::Args;
use crate::diag::Errors;
use crate::ir::{Func, Operand, StandsFor, Stmt, Var, VarInfo};
use crate::shape::{Failing, Failure, Shape, Typed};
use crate::sibling::Sibling;
pub(crate) use env::Name;
use env::{Frame, Local, LocalId, Log, Scope};
use exits::{Dead, Target};
use known::Known;
use location::Located;
use own_operator::Learning;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use types::{Origin, Type, Types};
use value::Val;

pub(crate) use crate::diag::Code as Kind;
pub(crate) use own_method::is_of_vectors;

/// Functions are lowered this often at most. Each run but the last has learnt something.
const RUNS: usize = 6;

/// How deep the lowering of one construct inside another may go.
const DEPTH: usize = 200;

/// Lowers a function. Where there are errors, the result is of no use.
pub fn lower(errors: &mut Errors, item: &syn::ItemFn, args: &Args) -> Func {
    lowered(errors, item, args).0
}

/// Whether a function returns something that is followed in a type of the user's, beside floats.
pub(crate) fn follows_results(item: &syn::ItemFn, args: &Args) -> bool {
    let syn::ReturnType::Type(_, ty) = &item.sig.output else { return false };
    let ty = Failing::of(ty).map_or(&**ty, |failing| failing.of);
    let plain = Typed::plain(ty, args);
    let is_named = |part: Typed<'_>| matches!(part.shape(), Shape::Named(_));
    plain.holds_floats()
        && plain.parts().into_iter().any(is_named)
        && lowered(&mut Errors::new(), item, args).1
}

/// The function, and whether something that is followed is returned in types of the user's.
fn lowered(errors: &mut Errors, item: &syn::ItemFn, args: &Args) -> (Func, bool) {
    let parsed = Parsed::default();
    let mut hints = Hints::default();
    let mut learning = Learning::All;
    let mut run = 0;
    loop {
        run += 1;
        let mut found = Errors::new();
        let mut cx = Lower::new(&mut found, &hints, &parsed);
        cx.learning = learning;
        if let Some(method) = &args.method {
            cx.siblings = Rc::clone(&method.siblings);
            cx.types.neighbours = Rc::clone(&method.neighbours);
        }
        cx.types.scalars.clone_from(&args.scalars);
        cx.types.krate.clone_from(&args.krate);
        cx.types.bounds = crate::generic::method_traits(&item.sig.generics, &args.scalars);
        cx.types.scalars_of_grad = crate::generic::of_grad(&item.sig.generics, &args.scalars);
        cx.types.remember(&hints.records);
        let mut func = cx.function(item, args);
        let (learnt, lost, follows_results) =
            (cx.learnt(&func), cx.lost.or_else(|| ended::not_made(&cx)), cx.follows_results);
        let (unread, unasked) = (std::mem::take(&mut cx.unread), std::mem::take(&mut cx.unasked));
        if cx.assumed {
            // What was assumed of operators is not known: all that counts are the types that uses told.
            let learnt = Hints { types: learnt.types, records: learnt.records, ..Hints::default() };
            if learnt == hints || run >= RUNS {
                (learning, run) = (learning.less(), 0);
            }
            hints = learnt;
            continue;
        }
        learning = Learning::Nothing;
        // Without these, the last would be wrong.
        let sound = learnt.copied == hints.copied && learnt.numbers == hints.numbers;
        if learnt == hints || run >= RUNS && sound {
            if let Some(lost) = lost.filter(|_| found.messages().is_empty()) {
                found.push(Kind::Incomplete, lost, LOST, "write it in another way, and report it, please");
            }
            errors.append(found);
            leaving::hold(&mut func, &unread);
            unasked::drop(&mut func, &unasked);
            changes::mark(&mut func, &item.sig);
            borrowed::mark(&mut func, &item.sig);
            return (func, follows_results);
        }
        hints = learnt;
    }
}

const LOST: &str = "the derivative leaves out what this does";

/// What one run tells the next, by the address of the syntax tree's node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hints {
    /// Types of call results and the like.
    types: BTreeMap<usize, Option<Known>>,
    /// Calls of functions that give a `Result` or an `Option`, which is used as a value.
    failing: BTreeSet<usize>,
    /// Arrays of which nothing told the length.
    lengthless: BTreeSet<usize>,
    /// Declarations of variables that only the user's own tokens may change.
    cells: BTreeSet<usize>,
    /// Declarations of variables that constants make, of types that only rustc knows, and that something else is put into.
    memories: BTreeSet<usize>,
    /// Those of types of the user's: a field with a name is written.
    points: BTreeSet<usize>,
    /// Those that are used as arrays, slices or `Vec`s.
    sequences: BTreeSet<usize>,
    /// Declarations of `VecDeque`s into which something differentiated comes.
    rings: BTreeSet<usize>,
    /// Declarations of variables whose memory must exist before a loop.
    preallocated: BTreeMap<usize, Option<Known>>,
    /// Declarations of variables that refer to one part of an array after the other, and which of the indices and ends loops change.
    walking: BTreeMap<usize, BTreeSet<usize>>,
    /// Declarations of variables that have references or not, and the types of these.
    optionals: BTreeMap<usize, Option<Known>>,
    /// Declarations of ranges whose numbers are taken one by one.
    ranges: BTreeSet<usize>,
    /// Types of the user's, by their spelling.
    records: BTreeMap<String, Option<Known>>,
    /// Where memory is taken by value that is written before it is used.
    copied: BTreeSet<usize>,
    /// Constants of unknown type that a method reads as numbers: their declarations, or the calls.
    numbers: BTreeSet<usize>,
    /// What makes sequences of constants of types that only rustc knows: it is left as it is.
    left: BTreeSet<usize>,
}

/// The arguments of macros, read once: their nodes must keep their addresses.
#[derive(Default)]
pub(crate) struct Parsed {
    exprs: RefCell<BTreeMap<usize, Rc<Vec<syn::Expr>>>>,
    rows: RefCell<BTreeMap<usize, Rc<Vec<Vec<syn::Expr>>>>>,
}

/// The function being lowered.
pub(crate) struct Lower<'e> {
    pub(crate) errors: &'e mut Errors,
    pub(crate) types: Types,
    pub(crate) vars: Vec<VarInfo>,
    pub(crate) var_types: Vec<Type>,
    /// Variables that have a name of the user's.
    named: Vec<bool>,
    /// The blocks being built, outermost first.
    blocks: Vec<Vec<Stmt>>,
    pub(crate) scopes: Vec<Scope>,
    locals: Vec<Local>,
    frames: Vec<Frame>,
    logs: Vec<Log>,
    targets: Vec<Target>,
    /// Control does not come to the current point.
    pub(crate) dead: Option<Dead>,
    /// How many exits (`return`, `break`, `continue`) have been lowered.
    exits: usize,
    substitutions: BTreeMap<Var, Operand>,
    /// Where the expression being lowered is.
    pub(crate) span: Span,
    hints: &'e Hints,
    parsed: &'e Parsed,
    /// Calls whose results are used as they are.
    whole_calls: BTreeSet<usize>,
    /// Nodes with types of which the next run should know.
    nodes: BTreeMap<usize, Type>,
    cells: BTreeSet<usize>,
    memories: BTreeSet<usize>,
    points: BTreeSet<usize>,
    sequences: BTreeSet<usize>,
    /// Declarations of `VecDeque`s, and those of which the next run should know that they are followed.
    deques: BTreeSet<usize>,
    followed_rings: BTreeSet<usize>,
    /// The variables that hold such ones.
    rings: BTreeSet<Var>,
    /// Declarations of variables of types of the user's.
    own_types: BTreeSet<usize>,
    /// Locals of unknown type that are assigned.
    opaque: Vec<(usize, Type)>,
    preallocated: BTreeMap<usize, Type>,
    walking: BTreeMap<usize, BTreeSet<usize>>,
    optionals: BTreeMap<usize, Type>,
    ranges: BTreeSet<usize>,
    /// What has been taken by value at the current point.
    taken: Vec<taken::Taken>,
    copied: BTreeSet<usize>,
    numbers: BTreeSet<usize>,
    /// What makes sequences of constants, with the type of their elements, and the memory.
    sequences_of_constants: Vec<(usize, Type, Var)>,
    /// Iterators over constants that are collected, with the type of their items.
    collected_constants: Vec<(usize, Type)>,
    depth: usize,
    /// Too deep: reported once.
    too_deep: bool,
    pub(crate) result_ty: Type,
    /// The variable that takes the function's result.
    result_local: Option<LocalId>,
    /// What the function returns where it has no result.
    failure: Option<Failure>,
    /// Its type, with `_` for the result.
    failing: Option<String>,
    /// What a `?` means in the closures that give what is taken out here.
    closures_fail: outcome::Closures,
    /// How many closures are being called around one in which a `?` leaves the function.
    failing_at: Option<usize>,
    /// Variables that take what is in a `Result` or an `Option`.
    outcomes: BTreeMap<LocalId, outcome::Leaving>,
    /// Variables that take an `Option`, as a condition and an item.
    options: BTreeSet<LocalId>,
    /// What is written behind a call, by the address of the call.
    suffix: Option<(usize, TokenStream)>,
    /// Types are still being learnt, so that an operator of what is not known may be one of the user's.
    learning: Learning,
    /// One was taken to be so.
    assumed: bool,
    /// How many closures around the current point are being called.
    pub(crate) inlined: usize,
    /// Variables that surely depend on constants only.
    inactive: BTreeSet<Var>,
    /// What mutable locals hold at the start of a pass of a loop.
    loop_params: BTreeSet<Var>,
    /// Integers that are surely of the type `usize`.
    lengths: BTreeSet<Var>,
    /// Where fields of points and rotations are read as copies, which cannot be written.
    copied_fields: BTreeSet<usize>,
    /// Parameters that look at the numbers of an array of the caller's, and change them.
    lent_views: BTreeSet<Var>,
    /// Names for `&mut` of a part of a constant.
    lent_parts: BTreeSet<Var>,
    /// Values that stand for what an arm that leaves does not give.
    unread: BTreeSet<Var>,
    /// The same of memory.
    unasked: BTreeSet<Var>,
    /// What calls of followed functions return. An `Option` of these is no value but how the function ended.
    call_results: BTreeSet<Var>,
    /// Calls that are made where their results are taken apart, by the variables that stand for these.
    held: BTreeMap<env::LocalId, ended::Held>,
    /// Variables that are a `Box`.
    boxes: BTreeSet<Var>,
    /// Parameters that are shared references.
    pub(crate) shared: BTreeSet<Var>,
    /// The method call whose value is dropped.
    dropped: Option<usize>,
    /// Where there was no value, and no reason for it.
    lost: Option<Span>,
    /// What a view is a view of, seen through other views.
    pub(crate) views: BTreeMap<Var, crate::ir::Place>,
    /// Items of the body.
    items: Vec<TokenStream>,
    /// The functions among them that have no derivatives.
    plain_functions: BTreeSet<String>,
    /// What imports in the body bring, by name, with the path that it has elsewhere.
    imports: BTreeMap<String, syn::Path>,
    /// The functions of the same block, if it is one of an `impl`.
    siblings: Rc<BTreeMap<String, Sibling>>,
    /// Constants of the body.
    constants: BTreeMap<env::Name, Type>,
    /// Parameters that are functions, with the types of what they return.
    functions: BTreeMap<Var, Type>,
    /// The types of parameters, as they are written.
    declared: BTreeMap<LocalId, syn::Type>,
    /// What items are made with that stand for closures which are passed.
    surroundings: Option<Rc<passed::Surroundings>>,
    /// Such items.
    made_items: Vec<TokenStream>,
    /// Something that is followed is returned in a type of the user's, beside floats.
    follows_results: bool,
    /// Arrays of which nothing tells the length.
    lengthless: BTreeSet<usize>,
    /// What stands for functions.
    function_objects: BTreeMap<Var, StandsFor>,
}

impl<'e> Lower<'e> {
    fn new(errors: &'e mut Errors, hints: &'e Hints, parsed: &'e Parsed) -> Lower<'e> {
        Lower {
            errors,
            types: Types::default(),
            vars: Vec::new(),
            var_types: Vec::new(),
            named: Vec::new(),
            blocks: vec![Vec::new()],
            scopes: vec![Scope::new()],
            locals: Vec::new(),
            frames: Vec::new(),
            logs: Vec::new(),
            targets: Vec::new(),
            dead: None,
            exits: 0,
            substitutions: BTreeMap::new(),
            span: Span::call_site(),
            hints,
            parsed,
            whole_calls: BTreeSet::new(),
            nodes: BTreeMap::new(),
            cells: BTreeSet::new(),
            memories: BTreeSet::new(),
            points: BTreeSet::new(),
            own_types: BTreeSet::new(),
            sequences: BTreeSet::new(),
            deques: BTreeSet::new(),
            followed_rings: BTreeSet::new(),
            rings: BTreeSet::new(),
            opaque: Vec::new(),
            preallocated: BTreeMap::new(),
            walking: BTreeMap::new(),
            optionals: BTreeMap::new(),
            ranges: BTreeSet::new(),
            taken: Vec::new(),
            copied: BTreeSet::new(),
            numbers: BTreeSet::new(),
            sequences_of_constants: Vec::new(),
            collected_constants: Vec::new(),
            depth: 0,
            too_deep: false,
            result_ty: Type::Unit,
            result_local: None,
            failure: None,
            failing: None,
            closures_fail: outcome::Closures::Apart,
            failing_at: None,
            outcomes: BTreeMap::new(),
            options: BTreeSet::new(),
            suffix: None,
            learning: Learning::Nothing,
            assumed: false,
            inlined: 0,
            inactive: BTreeSet::new(),
            loop_params: BTreeSet::new(),
            lengths: BTreeSet::new(),
            copied_fields: BTreeSet::new(),
            lent_views: BTreeSet::new(),
            lent_parts: BTreeSet::new(),
            unread: BTreeSet::new(),
            unasked: BTreeSet::new(),
            call_results: BTreeSet::new(),
            held: BTreeMap::new(),
            boxes: BTreeSet::new(),
            shared: BTreeSet::new(),
            dropped: None,
            lost: None,
            views: BTreeMap::new(),
            items: Vec::new(),
            plain_functions: BTreeSet::new(),
            imports: BTreeMap::new(),
            siblings: Rc::default(),
            constants: BTreeMap::new(),
            functions: BTreeMap::new(),
            declared: BTreeMap::new(),
            surroundings: None,
            made_items: Vec::new(),
            follows_results: false,
            lengthless: BTreeSet::new(),
            function_objects: BTreeMap::new(),
        }
    }

    /// Records an error. The value stands for what could not be lowered; using it gives no further error.
    pub(crate) fn reject(&mut self, kind: Kind, at: &dyn ToTokens, what: &str, help: &str) -> Val {
        self.errors.push_at(kind, at.to_token_stream(), what, help);
        Val::Never
    }

    /// The same for what rustc does not take, either.
    pub(crate) fn reject_after_rustc(
        &mut self,
        kind: Kind,
        at: &dyn ToTokens,
        what: &str,
        help: &str,
    ) -> Val {
        self.errors.push_after_rustc(kind, at.to_token_stream(), what, help);
        Val::Never
    }

    pub(crate) fn reject_at(&mut self, kind: Kind, span: Span, what: &str, help: &str) {
        self.errors.push(kind, span, what, help);
    }

    /// The type of what `node` gives: what an earlier run has learnt of it, or a type variable.
    pub(crate) fn type_at<T>(&mut self, node: &T, origin: Origin) -> Type {
        let key = std::ptr::from_ref(node).addr();
        // The body of a closure that is lowered once more has the types that it had.
        if let Some(ty) = self.nodes.get(&key) {
            return ty.clone();
        }
        let known = self.hints.types.get(&key).cloned().flatten();
        let ty = self.types.recall(known.as_ref(), origin);
        self.nodes.insert(key, ty.clone());
        ty
    }

    /// Whether an earlier run had no length for an array either: what comes behind may tell it, for the next run.
    pub(crate) fn stays_unknown<T>(&mut self, array: &T) -> bool {
        let key = std::ptr::from_ref(array).addr();
        self.lengthless.insert(key);
        self.hints.lengthless.contains(&key)
    }

    /// Asks that the next run keep this local as it is, for the user's own tokens to change.
    pub(crate) fn want_cell(&mut self, id: LocalId) -> bool {
        let Some(node) = self.local(id).node else { return false };
        self.cells.insert(node);
        true
    }

    /// The same as [`want_cell`](Self::want_cell) for a local that is assigned a value of type `ty`, if nothing tells that this is a number.
    pub(crate) fn want_cell_if_opaque(&mut self, id: LocalId, ty: &Type) {
        if let Some(node) = self.local(id).node {
            self.opaque.push((node, ty.clone()));
        }
    }

    /// Asks that the next run make this local's memory at its declaration.
    fn want_preallocated(&mut self, id: LocalId, ty: &Type) -> bool {
        let Some(node) = self.local(id).node else { return false };
        self.preallocated.insert(node, ty.clone());
        !self.hints.preallocated.contains_key(&node)
    }

    /// Whether what a call gives is used as an `Option`, as an earlier run has learnt.
    pub(crate) fn gives_option<T>(&mut self, call: &T) -> bool {
        let key = std::ptr::from_ref(call).addr();
        self.whole_calls.insert(key);
        self.hints.failing.contains(&key)
    }

    fn learnt(&self, func: &Func) -> Hints {
        let mut learnt = self.hints.clone();
        for (node, ty) in &self.nodes {
            if self.whole_calls.contains(node)
                && !self.hints.failing.contains(node)
                && matches!(self.types.resolve(ty), Type::Option(_))
            {
                learnt.failing.insert(*node);
                learnt.types.remove(node);
                continue;
            }
            let known = self.types.snapshot(ty);
            if known.is_some() || !learnt.types.contains_key(node) {
                learnt.types.insert(*node, known);
            }
        }
        learnt.types.retain(|_, known| known.is_some());
        learnt.lengthless.extend(&self.lengthless);
        learnt.records = self.types.records();
        learnt.cells.extend(&self.cells);
        learnt.memories.extend(&self.memories);
        learnt.points.extend(&self.points);
        learnt.sequences.extend(&self.sequences);
        learnt.rings.extend(&self.followed_rings);
        learnt.walking.extend(self.walking.clone());
        learnt.ranges.extend(&self.ranges);
        for (node, ty) in &self.optionals {
            learnt.optionals.insert(*node, self.types.snapshot(ty));
        }
        learnt.copied.extend(&self.copied);
        learnt.numbers.extend(&self.numbers);
        learnt.left.extend(constant::left(self, func));
        let opaque =
            self.opaque.iter().filter(|(_, ty)| !self.types.is_scalar(ty) && !self.types.is_memory(ty));
        learnt.cells.extend(opaque.map(|(node, _)| *node));
        for (node, ty) in &self.preallocated {
            learnt.preallocated.insert(*node, self.types.snapshot(ty));
        }
        learnt
    }

    /// Lowers at the span of `node`, and says so in messages and new variables.
    pub(crate) fn at<R>(&mut self, node: &impl Located, body: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.span, node.location());
        let result = body(self);
        self.span = outer;
        result
    }
}
