//! How does the reverse sweep get at a constant of a type that only rustc knows?
//!
//! It may be a reference into an argument, which a pullback is given again and must not keep; and nothing stands for it
//! where it was not reached. So it is read again where the arguments lead to it: an element, a field, what a pattern bound.

use super::{Cx, Mode};
use crate::analysis::{BranchSite, Def, Pos, RegionKind, Rewrite};
use crate::ir::visit::Item;
use crate::ir::{ArgKind, Arm, Branch, Code, Elem, Op, Pattern, Selector, Stmt, Ty, Var};
use proc_macro2::TokenTree;

/// How many operations on lengths are done again for one number, at most, along one path.
const LENGTHS_DEPTH: usize = 2;

impl<'a> Cx<'a> {
    /// Whether code that makes `var` may run again in the reverse sweep.
    pub(super) fn is_repeatable(&self, code: &Code, var: Var, depth: usize) -> bool {
        let lenient = self.ty(var) == Ty::Opaque;
        code.cheap && code.reads.iter().all(|read| self.is_readable(*read, lenient, depth))
    }

    /// Whether code may read the variable again in the reverse sweep. A number can be recorded, so that nothing is kept
    /// for it; a constant of unknown type may be reached through others that are kept, and by numbers that are recorded
    /// (`lenient`).
    pub(super) fn is_readable(&self, var: Var, lenient: bool, depth: usize) -> bool {
        match (self.primal.ty(var), self.def(var)) {
            (Ty::Float(_) | Ty::Int | Ty::Bool, _) => lenient || self.is_free(&var.into(), depth),
            // A parameter that is a constant is passed again.
            (ty, Def::Param) => {
                let is_shared = self.primal.params.iter().any(|param| param.var == var && param.shared);
                let again = lenient && self.mode == Mode::Split && !self.out.vars[var.index()].mutable;
                let steady = is_shared || again || self.layout.is_steady(self.primal, var);
                !matches!(ty, Ty::Ref { mutable: true, .. }) && !self.activity.is_active(var) && steady
            }
            (Ty::Opaque, _) if self.primal.vars[var.index()].mutable => false,
            (Ty::Opaque, _) if !lenient => self.is_found_in_params(var, depth + 1),
            (Ty::Opaque, _) if self.is_recomputable(var, depth + 1) => true,
            (Ty::Opaque, Def::Let(_)) => {
                let frame = self.frames.iter().find(|frame| frame.region == self.home(var));
                frame.is_some_and(|frame| frame.direct) && self.layout.is_left(var)
            }
            _ => false,
        }
    }

    /// Whether the arguments alone lead to a constant.
    fn is_found_in_params(&self, var: Var, depth: usize) -> bool {
        let code = match self.def(var) {
            Def::Let(Op::Code(code)) => code,
            Def::Bound(Branch { on: Selector::Match(scrutinee), .. }, _) => scrutinee,
            _ => return false,
        };
        depth <= super::record::RECOMPUTE_DEPTH
            && code.cheap
            && code.reads.iter().all(|read| self.is_readable(*read, false, depth))
    }

    /// Whether a variable of a direct region can be named in the reverse sweep. A pullback cannot keep what borrows from
    /// the arguments: a shared view, a constant that may be a reference. It need not keep lengths, which its arguments say: one
    /// that keeps nothing costs nothing where many wait for the reverse sweep.
    pub(super) fn is_nameable(&self, var: Var) -> bool {
        if self.mode == Mode::Joint {
            return true;
        }
        let is_view = matches!(self.def(var), Def::View(_, crate::ir::ViewKind::Shared));
        let is_constant = self.ty(var) == Ty::Opaque && !self.out.vars[var.index()].mutable;
        !(is_view || is_constant && self.is_recomputable(var, 0) || self.is_of_lengths(var, 0))
    }

    /// Whether the lengths of what is passed to the pullback again say a whole number.
    fn is_of_lengths(&self, var: Var, depth: usize) -> bool {
        if depth > LENGTHS_DEPTH || self.ty(var) != Ty::Int || !self.rewrites.may(Rewrite::Recompute) {
            return false;
        }
        match self.def(var) {
            Def::Let(Op::Len(place)) => {
                let (root, path) = self.layout.resolve(place);
                path.is_empty()
                    && matches!(self.def(root), Def::Param)
                    && matches!(self.primal.ty(root), Ty::Ref { mutable: false, .. })
                    && self.is_recomputable(var, 0)
            }
            Def::Let(Op::Code(code)) => {
                code.cheap
                    && !code.reads.is_empty()
                    && code.reads.iter().all(|read| self.is_of_lengths(*read, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether what a pattern bound can be had by matching again.
    pub(super) fn is_matched_again(&self, var: Var, branch: &Branch, depth: usize) -> bool {
        let Selector::Match(scrutinee) = &branch.on else { return false };
        *self.primal.ty(var) == Ty::Opaque && self.is_repeatable(scrutinee, var, depth)
    }

    /// Whether a constant is passed by reference, as far as is seen here: `&x`, or a `&mut` one by its name.
    pub(super) fn is_lent(&self, code: &Code) -> bool {
        let is_exclusive = |var: Var| self.primal.vars[var.index()].exclusive;
        code.is_reference() || code.variable().is_some_and(is_exclusive)
    }

    /// Whether code reads a `&mut` reference into another constant, through which that may change as well.
    pub(super) fn is_reborrowed(&self, code: &Code) -> bool {
        let is_exclusive = |var: Var| self.primal.vars[var.index()].exclusive;
        code.reads.iter().any(|var| is_exclusive(*var) && !matches!(self.def(*var), Def::Param))
    }

    /// Whether a constant that code reads may be another one when the pullback of the call at hand is passed it again: it is
    /// changed behind the call, or in a loop around it.
    pub(super) fn changes_later(&self, code: &Code) -> bool {
        // A variable of a pass is another one in the next.
        let is_later = |pos: Pos, var: Var| {
            pos > self.current
                || self.frames.iter().any(|frame| {
                    let region = self.layout.region(frame.region);
                    matches!(region.kind, RegionKind::For | RegionKind::While)
                        && (region.start..=region.end).contains(&pos)
                        && !self.layout.within(self.home(var), frame.region)
                })
        };
        let info = |var: Var| &self.primal.vars[var.index()];
        let is_constant = |var: &&Var| *self.primal.ty(**var) == Ty::Opaque;
        code.reads.iter().filter(is_constant).any(|read| {
            let is_changed = |stmt: &Stmt| {
                let is_mutable = info(*read).mutable || info(*read).exclusive;
                is_mutable && changes(stmt, *read) || is_renamed(stmt, *read)
            };
            // What a `&mut` argument refers to is not there for a pullback that runs later.
            let is_gone = self.mode == Mode::Split && info(*read).exclusive;
            is_gone || self.layout.stmts.iter().any(|(pos, stmt)| is_later(*pos, *read) && is_changed(stmt))
        })
    }

    /// The branch that a constant is a result of, and what its arms yield for it.
    fn branch_of(&self, result: Var) -> Option<(&'a Branch, Vec<Var>)> {
        let found = |site: &BranchSite<'a>| {
            let at = site.branch.results.iter().position(|var| *var == result)?;
            let of = |arm: &'a Arm| match &arm.yields[at] {
                Elem::Scalar(operand) => operand.var(),
                Elem::Memory(_) => None,
            };
            Some((site.branch, site.branch.arms.iter().map(of).collect::<Option<Vec<Var>>>()?))
        };
        self.layout.branches.iter().find_map(found)
    }

    /// Whether a constant that a branch chose can be chosen again: by a pattern with one arm, or from what is outside of
    /// the arms of an `if`.
    pub(super) fn is_chosen_again(&self, var: Var, depth: usize) -> bool {
        if *self.primal.ty(var) != Ty::Opaque {
            return false;
        }
        let Some((branch, yields)) = self.branch_of(var) else { return false };
        match (&branch.on, &yields[..]) {
            (Selector::Match(_), [bound]) => {
                matches!(self.def(*bound), Def::Bound(..)) && self.is_recomputable(*bound, depth + 1)
            }
            (Selector::If(_), yields) => yields.iter().all(|yielded| match self.def(*yielded) {
                Def::Let(Op::Code(code)) => {
                    let outside = |read: &Var| {
                        matches!(self.def(*read), Def::Param)
                            || self.layout.within(self.home(var), self.home(*read))
                    };
                    code.reads.iter().all(outside) && self.is_repeatable(code, *yielded, depth + 1)
                }
                _ => false,
            }),
            _ => false,
        }
    }

    /// The code that chooses a constant again.
    pub(super) fn choose_again(&mut self, var: Var) -> Code {
        let Some((branch, yields)) = self.branch_of(var) else { unreachable!("the result of a branch") };
        if let (Selector::Match(_), Def::Bound(branch, arm)) = (&branch.on, self.def(yields[0])) {
            return self.match_again(yields[0], branch, arm);
        }
        let Selector::If(cond) = &branch.on else { unreachable!("only an `if` is evaluated again") };
        let cond = self.need_operand(cond);
        let [then, otherwise] = [0, 1].map(|arm| match self.def(yields[arm]) {
            Def::Let(Op::Code(made)) => self.need_code(made),
            _ => unreachable!("a constant made by code"),
        });
        Code::choose(&cond, &then, &otherwise)
    }

    /// The user's pattern again, in an arm that was taken.
    pub(super) fn match_again(&mut self, var: Var, branch: &'a Branch, arm: usize) -> Code {
        let (Selector::Match(scrutinee), Some(pattern)) = (&branch.on, &branch.arms[arm].pattern) else {
            unreachable!("only patterns bind names")
        };
        let scrutinee = self.need_code(scrutinee);
        // The last pattern may match all that is left.
        let all = branch.arms.len() == 1 || is_name(pattern);
        Code::match_again(&scrutinee, pattern, var, all)
    }
}

/// Whether a constant gets another name, by which it changes: it may be moved there.
fn is_renamed(stmt: &Stmt, var: Var) -> bool {
    matches!(stmt, Stmt::Let { op: Op::Code(code), .. } if !code.cheap && code.variable() == Some(var))
}

/// Whether a statement may change a constant: by itself, not by what is in its blocks.
fn changes(stmt: &Stmt, var: Var) -> bool {
    let mut changes = match stmt {
        Stmt::Effect { code, writes } => writes.contains(&var) || code.acts && code.reads.contains(&var),
        Stmt::Call(call) => call.args.iter().any(
            |arg| matches!(&arg.kind, ArgKind::Code { code, exclusive: true, .. } if code.reads.contains(&var)),
        ),
        _ => false,
    };
    let mut look = |code: &Code| changes |= !code.cheap && code.may_change(var);
    stmt.walk(&mut |item| match item {
        Item::Code(code) => look(code),
        Item::Pattern(pattern) => pattern.guard.iter().for_each(&mut look),
        _ => {}
    });
    changes
}

/// A pattern that is a name, which matches everything.
fn is_name(pattern: &Pattern) -> bool {
    let mut trees = pattern.tokens.clone().into_iter();
    matches!((trees.next(), trees.next()), (Some(TokenTree::Ident(_)), None)) && !pattern.binds.is_empty()
}
