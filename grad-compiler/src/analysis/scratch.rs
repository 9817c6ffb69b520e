//! Scratch: memory from outside that each run of a region overwrites before it reads it, and that nobody reads behind it.
//!
//! What one run leaves there is nothing to the next one, so its cotangent is zero where a run begins and where it ends: the
//! region may be reversed at the end of each run, as if the memory were its own. It need not be all of the memory that is
//! overwritten, if each run overwrites the same elements, and writes no others: those keep what they had in front of the
//! region, and their cotangents add up.
//!
//! A callee may be the one that overwrites. Its caller does not see it; it [assumes](Overwrites) so, and the callee says
//! whether that holds, in a constant.

use super::layout::{Access, AccessKind, Def, Layout, Pos, RegionId, RegionKind, TOP};
use super::{Condition, Rewrites};
use crate::ir::visit::Item;
use crate::ir::{
    Arg, ArgKind, Block, Call, Callee, For, Func, Init, Op, Operand, Passed, Place, Proj, Stmt, Ty, Var,
};
use proc_macro2::{Span, TokenStream};

/// That a callee overwrites an argument before it reads it.
#[derive(Clone, Debug)]
pub struct Overwrites {
    pub callee: TokenStream,
    /// The number of the argument.
    pub argument: usize,
    /// How much of it is overwritten may depend on one of these arguments, which are as long, or as large, in each call.
    pub as_far_as: Vec<usize>,
    pub span: Span,
}

/// Who overwrites scratch.
#[derive(Clone, Debug)]
pub enum Scratch {
    /// The function itself.
    Here,
    /// A callee, on an assumption.
    If(Overwrites),
}

/// Whether the memory is scratch of the region, and by whom.
pub fn scratch(layout: &Layout, region: RegionId, root: Var, rewrites: Rewrites) -> Option<Scratch> {
    let around = *layout.region(region);
    let accesses = &layout.accesses[root.index()];
    let is_local = matches!(layout.def[root.index()], Def::Alloc(_));
    let behind = accesses.iter().any(|access| access.pos > around.end);
    if !is_local || !rewrites.holds(Condition::NotReadBehind, !behind) {
        return None;
    }
    let inside: Vec<&Access> =
        accesses.iter().filter(|access| around.start <= access.pos && access.pos <= around.end).collect();
    let at = inside.iter().position(|access| access.kind != AccessKind::Read)?;
    let first = Overwriting::of(layout, region, root, inside[at])?;
    let others = || inside.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, access)| *access);
    let is_behind = others().all(|access| first.is_followed_by(layout, access));
    if !rewrites.holds(Condition::OverwrittenFirst, is_behind)
        || !rewrites.holds(Condition::SteadyElements, first.is_steady(layout, region))
    {
        return None;
    }
    let writes = || others().filter(|access| access.kind != AccessKind::Read);
    let within = writes().all(|access| first.covers(layout, root, access));
    let Some((call, argument)) = first.call else {
        return rewrites.holds(Condition::OtherWritesWithin, within).then_some(Scratch::Here);
    };
    // Where all of it is overwritten, what else is written does not matter; a part must be the only thing that is.
    let is_alone = writes().next().is_none();
    let as_far_as: Vec<usize> = (0..call.args.len())
        .filter(|k| {
            let other = || is_alone && is_as_large(layout, region, &call.args[*k]);
            if *k == argument { within } else { other() }
        })
        .collect();
    let (callee, span) = (call.callee.tokens().clone(), call.span);
    (!as_far_as.is_empty()).then_some(Scratch::If(Overwrites { callee, argument, as_far_as, span }))
}

/// For each parameter: if the function overwrites it before it reads it, the parameter that says how much of it. It is its
/// own where all of it is overwritten.
pub fn overwritten(func: &Func, layout: &Layout) -> Vec<Option<usize>> {
    // It may leave before it has, with an error that its caller has an answer to.
    if may_leave(&func.body) {
        return vec![None; func.params.len()];
    }
    let overwritten = |root: Var| {
        let accesses = &layout.accesses[root.index()];
        let first = Overwriting::of(layout, TOP, root, accesses.first()?)?;
        let others = || accesses[1..].iter();
        let writes = || others().filter(|access| access.kind != AccessKind::Read);
        let is_first = first.call.is_none()
            && layout.region(first.always_in).kind == RegionKind::Top
            && others().all(|access| first.is_followed_by(layout, access));
        let by = match (&first.path[..], &first.nest[..]) {
            _ if !is_first => return None,
            // Filled, or copied into.
            ([], []) => root,
            ([Proj::Index(_)], [stmt]) if starts_at_zero(stmt) => as_far_as(layout, root, &stmt.hi)?,
            _ => return None,
        };
        (by == root || writes().all(|access| first.covers(layout, root, access))).then_some(by)
    };
    let number = |var: Var| func.params.iter().position(|param| param.var == var);
    let of = |var: Var| {
        let lent = matches!(func.ty(var), Ty::Ref { mutable: true, to } if matches!(**to, Ty::Slice(_) | Ty::Array(..)));
        let by = if lent { overwritten(var) } else { None }?;
        let by = number(by)?;
        Some(func.params[by].position)
    };
    let mut all = vec![None; func.params.len()];
    for param in &func.params {
        if let Some(place) = all.get_mut(param.position) {
            *place = of(param.var);
        }
    }
    all
}

/// Whether a function may end elsewhere than at its end.
fn may_leave(body: &Block) -> bool {
    let mut may = false;
    body.for_each_stmt(&mut |stmt| {
        may |= matches!(stmt, Stmt::Call(call) if call.leaves());
        stmt.walk(&mut |item| may |= matches!(item, Item::Code(code) if code.leaves));
    });
    may
}

/// The parameter that ends a loop over elements: an integer, or memory by its length; `root` where the loop is over all of
/// its elements.
fn as_far_as(layout: &Layout, root: Var, hi: &Operand) -> Option<Var> {
    match hi {
        Operand::Lit(_) => is_length(layout, root, hi).then_some(root),
        Operand::Var(var) => match layout.def[var.index()] {
            Def::Param => Some(*var),
            Def::Let(Op::Len(Place { root: of, path })) if path.is_empty() => {
                let steady = layout.accesses[of.index()].iter().all(|access| match access.kind {
                    AccessKind::Read | AccessKind::Write => true,
                    AccessKind::Reshape | AccessKind::Move => false,
                });
                (steady && matches!(layout.def[of.index()], Def::Param)).then_some(*of)
            }
            _ => None,
        },
    }
}

/// Whether the number is the length of memory, which does not change.
fn is_length(layout: &Layout, root: Var, number: &Operand) -> bool {
    let reshaped = layout.accesses[root.index()]
        .iter()
        .any(|access| matches!(access.kind, AccessKind::Reshape | AccessKind::Move));
    let is_len_of = |var: &Var| matches!(layout.def[var.index()], Def::Let(Op::Len(place)) if *place == Place::from(root));
    let made = match layout.def[root.index()] {
        Def::Alloc(Init::VecRepeat { len, .. }) => len == number,
        _ => false,
    };
    let of_array = match (&layout.tys[root.index()].peeled(), number) {
        (Ty::Array(_, len), Operand::Lit(lit)) => len.parse::<f64>().is_ok_and(|len| len == lit.value),
        _ => false,
    };
    !reshaped && (made || of_array || number.var().as_ref().is_some_and(is_len_of))
}

fn starts_at_zero(stmt: &For) -> bool {
    matches!(&stmt.lo, Operand::Lit(lit) if lit.value == 0.0) && !stmt.inclusive
}

/// A write of elements of memory, with the loops that lead it over all of them.
struct Overwriting<'a> {
    /// From the root; an index of a loop of the nest stands for all that it runs over.
    path: Vec<Proj>,
    /// Innermost first.
    nest: Vec<&'a For>,
    /// The write, and where the nest ends.
    pos: Pos,
    end: Pos,
    /// The region whose every run overwrites all of them.
    always_in: RegionId,
    /// The callee that is assumed to do it, and which of its arguments it is.
    call: Option<(&'a Call, usize)>,
}

impl<'a> Overwriting<'a> {
    fn of(layout: &Layout<'a>, within: RegionId, root: Var, access: &Access) -> Option<Overwriting<'a>> {
        let (path, is_element, call) = match layout.stmts.get(&access.pos)? {
            Stmt::Store { place, .. } => (layout.resolve(place).1, true, None),
            Stmt::Fill { place, .. } | Stmt::CopyFrom { to: place, .. } => {
                (layout.resolve(place).1, false, None)
            }
            // A method is found where its receiver is, and cannot be asked in a constant.
            Stmt::Call(call) if call.suffix.is_none() && matches!(call.callee, Callee::Function(_)) => {
                let (argument, place) =
                    call.args.iter().enumerate().find_map(|(k, arg)| match &arg.kind {
                        ArgKind::Memory { place, passed: Passed::Exclusive } => {
                            let (of, path) = layout.resolve(place);
                            (of == root).then_some((k, path))
                        }
                        _ => None,
                    })?;
                (place, false, Some((call, argument)))
            }
            _ => return None,
        };
        let mut overwriting = Overwriting {
            path,
            nest: Vec::new(),
            pos: access.pos,
            end: access.pos,
            always_in: access.region,
            call,
        };
        while is_element && overwriting.always_in != within {
            let region = overwriting.always_in;
            let Some(stmt) = layout.index.get(&region).and_then(|index| layout.loop_over(*index)) else {
                break;
            };
            let leads = overwriting.path.contains(&Proj::Index(stmt.index.into())) && stmt.until.is_none();
            let Some(parent) = layout.region(region).parent.filter(|_| leads) else { break };
            overwriting.nest.push(stmt);
            overwriting.end = layout.region(region).end;
            overwriting.always_in = parent;
        }
        Some(overwriting)
    }

    fn is_index_of_nest(&self, operand: &Operand) -> bool {
        self.nest.iter().any(|stmt| *operand == Operand::Var(stmt.index))
    }

    /// Whether an access is one to elements that were overwritten before, in the same run of the region, or to such as never
    /// are.
    fn is_followed_by(&self, layout: &Layout, access: &Access) -> bool {
        let to_the_same = access.pos > self.pos && access.path.as_ref() == Some(&self.path);
        layout.within(access.region, self.always_in) && (access.pos > self.end || to_the_same)
    }

    /// Whether each run of the region overwrites the same elements.
    fn is_steady(&self, layout: &Layout, region: RegionId) -> bool {
        let outside = |operand: &Operand| is_outside(layout, region, operand);
        let along = self.path.iter().all(|proj| match proj {
            Proj::Index(index) => outside(index) || self.is_index_of_nest(index),
            Proj::Slice { from, to, .. } => [from, to].into_iter().flatten().all(outside),
            Proj::Field(_) | Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Deref => {
                true
            }
        });
        along && self.nest.iter().all(|stmt| outside(&stmt.lo) && outside(&stmt.hi))
    }

    /// Whether a write is to elements that were overwritten, all of it, and leaves the memory as long as it is.
    fn covers(&self, layout: &Layout, root: Var, access: &Access) -> bool {
        let Some(path) = access.path.as_ref().filter(|_| access.kind == AccessKind::Write) else {
            return false;
        };
        if let ([Proj::Index(_)], [stmt]) = (&self.path[..], &self.nest[..])
            && starts_at_zero(stmt)
            && is_length(layout, root, &stmt.hi)
        {
            return true;
        }
        let covers = |(all, one): (&Proj, &Proj)| match (all, one) {
            _ if all == one => true,
            (Proj::Index(all), Proj::Index(Operand::Var(one))) => {
                let over = self.nest.iter().find(|stmt| *all == Operand::Var(stmt.index));
                let other = layout.loop_over(*one).filter(|other| !other.inclusive);
                over.zip(other).is_some_and(|(over, other)| starts_at_zero(over) && over.hi == other.hi)
            }
            _ => false,
        };
        path.len() >= self.path.len() && self.path.iter().zip(path).all(covers)
    }
}

fn is_outside(layout: &Layout, region: RegionId, operand: &Operand) -> bool {
    operand.var().is_none_or(|var| !layout.within(layout.home[var.index()], region))
}

/// Whether an argument has the same length, or is the same number, in each run of the region.
fn is_as_large(layout: &Layout, region: RegionId, arg: &Arg) -> bool {
    match &arg.kind {
        ArgKind::Memory { place, .. } => {
            let (root, path) = layout.resolve(place);
            let around = layout.region(region);
            let reshaped = layout.accesses[root.index()].iter().any(|access| {
                let inside = around.start <= access.pos && access.pos <= around.end;
                inside && matches!(access.kind, AccessKind::Reshape | AccessKind::Move)
            });
            let steady = path.iter().all(|proj| match proj {
                Proj::Slice { from, to, .. } => {
                    [from, to].into_iter().flatten().all(|operand| is_outside(layout, region, operand))
                }
                Proj::Index(_)
                | Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => false,
            });
            !layout.within(layout.home[root.index()], region) && !reshaped && steady
        }
        ArgKind::Scalar(operand) => is_outside(layout, region, operand),
        ArgKind::Code { code, exclusive, .. } => {
            let steady = |var: &Var| {
                is_outside(layout, region, &Operand::Var(*var)) && matches!(layout.tys[var.index()], Ty::Int)
            };
            !exclusive && code.cheap && code.reads.iter().all(steady)
        }
        ArgKind::ScalarRef(_) | ArgKind::ScalarMut { .. } | ArgKind::Kept(_) => false,
    }
}
