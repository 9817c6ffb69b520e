//! What happens after a `return`, `break` or `continue`?
//!
//! Each target of exits has a flag: a variable that says that the exit was taken. What follows in the
//! code is lowered under the condition that it was not; a loop ends when it was. The flags are
//! variables like any other, so branches and loops join them.

use super::env::LocalId;
use super::types::{Origin, Type};
use super::value::Val;
use super::{Kind, Lower, constant, iter, pattern};
use crate::ir::{Code, Op, Operand, Selector};
use proc_macro2::Span;
use quote::quote;
use syn::visit::{self, Visit};

/// Why control does not come to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dead {
    /// It never comes back.
    Panic,
    Return,
    /// It goes on somewhere else in this function, after the loop or at its next pass: what was assigned still matters.
    Loop,
}

/// What an exit leaves.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    kind: TargetKind,
    /// In how many closures it is.
    inlined: usize,
    label: Option<syn::Lifetime>,
    /// Set by `return` or `break`.
    flag: LocalId,
    /// Set by `continue`.
    again: Option<LocalId>,
    /// The value of `return` or `break`.
    pub(crate) value: LocalId,
    /// A `return` or `break` to here was lowered.
    pub(crate) left: bool,
    /// Exits lowered before it.
    pub(crate) exits: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TargetKind {
    Function,
    Loop,
    Block,
}

impl Target {
    pub(crate) fn for_loop(cx: &mut Lower<'_>, label: Option<&syn::Lifetime>, value: LocalId) -> Target {
        let flag = cx.flow_local("left", Val::bool(false));
        let again = cx.flow_local("skipped", Val::bool(false));
        Target {
            kind: TargetKind::Loop,
            inlined: cx.inlined,
            label: label.cloned(),
            flag,
            again: Some(again),
            value,
            left: false,
            exits: cx.exits,
        }
    }
}

impl Lower<'_> {
    pub(crate) fn flow_local(&mut self, name: &str, val: Val) -> LocalId {
        let id = self.new_local(name, self.span, val, true);
        self.locals[id.0].flow = true;
        id
    }

    /// The variable that takes the value of the exits of `node`: a function's body, a loop, a block with a label. `written`:
    /// where its type is written.
    pub(crate) fn exit_value(&mut self, node: usize, written: Option<&Type>) -> LocalId {
        let value = self.flow_local("result", Val::Uninit);
        self.locals[value.0].node = Some(node);
        if let Some(known) = self.hints.preallocated.get(&node) {
            let ty = self.types.recall(known.as_ref(), Origin::Call);
            if let Some(written) = written {
                self.types.unify(&ty, written);
            }
            let memory = self.default_memory(&ty);
            self.locals[value.0].val = memory;
        }
        value
    }

    /// Lowers the body of a function or of a closure that is called: `return` inside leaves it. `body` gets the
    /// variable that takes the result: it may write it itself, at the ends of its branches, and give `None`.
    pub(crate) fn returning(
        &mut self,
        node: usize,
        written: Option<&Type>,
        body: impl FnOnce(&mut Self, LocalId) -> Option<Val>,
    ) -> Val {
        // Nobody wrote them: an editor would show them wherever the name of the function stands.
        let span = std::mem::replace(&mut self.span, Span::call_site());
        let value = self.exit_value(node, written);
        let flag = self.flow_local("returned", Val::bool(false));
        self.span = span;
        self.targets.push(Target {
            kind: TargetKind::Function,
            inlined: self.inlined,
            label: None,
            flag,
            again: None,
            value,
            left: false,
            exits: self.exits,
        });
        let result = self.unknown_constant();
        let outer = std::mem::replace(&mut self.result_ty, result);
        let val = body(self, value);
        self.result_ty = outer;
        if let Some(val) = val
            && self.dead.is_none()
        {
            self.rest(|cx| {
                cx.write(value, val);
                Val::Unit
            });
        }
        let target = self.targets.pop().expect("the target that was pushed");
        if target.left && self.dead != Some(Dead::Panic) {
            self.dead = None;
        }
        if self.dead.is_some() { Val::Never } else { self.local(value).val.clone() }
    }

    /// `'label: { … }`; `body` assigns the value at the end of the block to the variable that it gets.
    /// `node` is where it stands.
    pub(crate) fn labelled_block(
        &mut self,
        node: usize,
        label: &syn::Lifetime,
        body: impl FnOnce(&mut Self, LocalId),
    ) -> Val {
        let value = self.exit_value(node, None);
        let flag = self.flow_local("left", Val::bool(false));
        self.targets.push(Target {
            kind: TargetKind::Block,
            inlined: self.inlined,
            label: Some(label.clone()),
            flag,
            again: None,
            value,
            left: false,
            exits: self.exits,
        });
        body(self, value);
        let target = self.targets.pop().expect("the target that was pushed");
        if target.left && self.dead == Some(Dead::Loop) {
            self.dead = None;
        }
        if self.dead.is_some() { Val::Never } else { self.local(value).val.clone() }
    }

    /// `return val`
    pub(crate) fn exit_return(&mut self, val: Val) -> Val {
        let Some(at) = self.targets.iter().rposition(|target| target.kind == TargetKind::Function) else {
            return Val::Never;
        };
        self.exit(at, val, Dead::Return)
    }

    /// The variable that takes what is returned here.
    pub(crate) fn returned(&self) -> Option<LocalId> {
        let of = self.targets.iter().rev().find(|target| target.kind == TargetKind::Function)?;
        (of.inlined == self.inlined).then_some(of.value)
    }

    /// `break 'label val`
    pub(crate) fn exit_break(&mut self, label: Option<&syn::Lifetime>, val: Val) -> Val {
        match self.target(label) {
            Some(at) => self.exit(at, val, Dead::Loop),
            // Left for rustc to report.
            None => Val::Never,
        }
    }

    /// `continue 'label`
    pub(crate) fn exit_continue(&mut self, label: Option<&syn::Lifetime>) -> Val {
        let again = self.target(label).and_then(|at| self.targets[at].again);
        if let Some(again) = again {
            self.write(again, Val::bool(true));
            self.exits += 1;
            self.dead = Some(Dead::Loop);
        }
        Val::Never
    }

    fn exit(&mut self, at: usize, val: Val, dead: Dead) -> Val {
        if self.dead.is_some() {
            return Val::Never;
        }
        let Target { value, flag, .. } = self.targets[at];
        let val = self.settle_shape(val);
        self.write(value, val);
        self.write(flag, Val::bool(true));
        self.targets[at].left = true;
        self.exits += 1;
        self.dead = Some(dead);
        Val::Never
    }

    /// The target of a `break` or `continue`: the innermost loop, or what the label names.
    fn target(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        for (at, target) in self.targets.iter().enumerate().rev() {
            match (target.kind, label) {
                (TargetKind::Function, _) => return None,
                (TargetKind::Loop, None) => return Some(at),
                (_, Some(label)) if target.label.as_ref().is_some_and(|own| own.ident == label.ident) => {
                    return Some(at);
                }
                _ => {}
            }
        }
        None
    }

    /// What kind of exit leaves an endless loop without a `break` of its own.
    pub(crate) fn outer_exit(&self) -> Dead {
        let by_loop = self.targets.iter().rev().take_while(|target| target.kind != TargetKind::Function).any(
            |target| {
                !self.local(target.flag).val.is_literal("false")
                    || target.again.is_some_and(|again| !self.local(again).val.is_literal("false"))
            },
        );
        if by_loop { Dead::Loop } else { Dead::Return }
    }

    /// Flags of exits that may have been taken at this point.
    fn pending(&self) -> Vec<LocalId> {
        let mut pending: Vec<LocalId> = Vec::new();
        for flag in self.targets.iter().flat_map(|target| [Some(target.flag), target.again]).flatten() {
            // Two targets may share a flag.
            if !self.local(flag).val.is_literal("false") && !pending.contains(&flag) {
                pending.push(flag);
            }
        }
        pending
    }

    /// Flags that end the innermost loop after this pass: all but that of its own `continue`.
    pub(crate) fn pending_after_pass(&self) -> Vec<LocalId> {
        let own = self.targets.last().and_then(|target| target.again);
        self.pending().into_iter().filter(|&flag| Some(flag) != own).collect()
    }

    /// Whether any of the flags is set.
    pub(crate) fn any_of(&mut self, flags: &[LocalId]) -> Operand {
        let mut set = Vec::new();
        for &flag in flags {
            if let Val::Scalar(operand, _) = self.local(flag).val.clone() {
                if operand == Operand::bool(true) {
                    return operand;
                }
                set.push(operand);
            }
        }
        match set.as_slice() {
            [] => Operand::bool(false),
            [one] => one.clone(),
            _ => {
                let set = set.iter().map(|operand| self.operand_tokens(operand));
                let tokens = quote!(#(#set)||*);
                self.push_let("left", Type::Bool, Op::Code(Code::new(tokens, true)))
            }
        }
    }

    /// Lowers what follows in the code: under the condition that no exit was taken before.
    pub(crate) fn rest(&mut self, body: impl FnOnce(&mut Self) -> Val) -> Val {
        if self.dead.is_some() {
            return Val::Never;
        }
        let pending = self.pending();
        if pending.is_empty() {
            return body(self);
        }
        let returns = pending.iter().all(|&flag| {
            self.targets.iter().any(|target| target.flag == flag && target.kind == TargetKind::Function)
        });
        let left = self.any_of(&pending);
        let mut arms = self.arms();
        self.begin_arm();
        self.dead = Some(if returns { Dead::Return } else { Dead::Loop });
        self.end_arm(&mut arms, None, Val::Never);
        self.begin_arm();
        let assumed = self.assume(&pending, &Val::bool(false));
        let val = body(self);
        let val = if self.dead.is_some() { Val::Never } else { self.settle(val) };
        self.unassume(assumed);
        self.end_arm(&mut arms, None, val);
        self.end_branch(Selector::If(left), arms)
    }

    /// Whether an exit may have been taken at this point, and something goes on nevertheless.
    pub(crate) fn is_left(&self) -> bool {
        self.dead.is_none() && !self.pending().is_empty()
    }

    /// Goes on with an operand. Where an exit inside of it was taken, nothing of the expression around it is done.
    pub(crate) fn then(
        &mut self,
        val: Val,
        at: &dyn quote::ToTokens,
        next: impl FnOnce(&mut Self, Val) -> Val,
    ) -> Val {
        if self.dead.is_some() {
            return Val::Never;
        }
        if !self.is_left() {
            return next(self, val);
        }
        if !self.enter(at) {
            return Val::Never;
        }
        let val = self.settle(val);
        let val = self.rest(|cx| next(cx, val));
        self.leave();
        match val {
            // It names what exists behind the exit only.
            Val::Closure(_) | Val::Range(_) => self.reject_exit(at),
            val => val,
        }
    }

    /// Operands from left to right, and what is made of them.
    pub(crate) fn operands<'a>(
        &mut self,
        operands: &[&'a syn::Expr],
        lower: &dyn Fn(&mut Self, &'a syn::Expr) -> Val,
        next: impl FnOnce(&mut Self, Vec<Val>) -> Val,
    ) -> Val {
        let taken = self.taken();
        let val = self.more_operands(Vec::with_capacity(operands.len()), operands, lower, Box::new(next));
        self.end_taken(taken);
        val
    }

    fn more_operands<'a>(
        &mut self,
        mut done: Vec<Val>,
        operands: &[&'a syn::Expr],
        lower: &dyn Fn(&mut Self, &'a syn::Expr) -> Val,
        next: Continuation<'_, Self>,
    ) -> Val {
        for (at, operand) in operands.iter().enumerate() {
            let val = lower(self, operand);
            if self.dead.is_some() {
                return Val::Never;
            }
            if self.is_left() {
                return self.then(val, operand, |cx, val| {
                    done.push(cx.take(val, *operand));
                    cx.more_operands(done, &operands[at + 1..], lower, next)
                });
            }
            let rest = &operands[at + 1..];
            let val = match val {
                // What changes is what it was when it was evaluated.
                val @ (Val::Cell(..) | Val::Scalar(..) | Val::Tuple(_))
                    if rest.iter().any(|operand| constant::may_change(self, operand)) =>
                {
                    pattern::taken(self, val, "operand", self.span, false)
                }
                val @ Val::Closure(_) if rest.iter().any(|operand| constant::may_change(self, operand)) => {
                    iter::kept(self, val)
                }
                val => val,
            };
            done.push(self.take(val, *operand));
        }
        next(self, done)
    }

    /// Reports exits that leave one of these expressions, where nothing can be made to depend on them.
    pub(crate) fn refuse_exits<'a>(&mut self, exprs: impl IntoIterator<Item = &'a syn::Expr>) -> bool {
        let mut refused = false;
        for expr in exprs {
            if leaves(expr) {
                self.reject_exit(expr);
                refused = true;
            }
        }
        refused
    }

    fn reject_exit(&mut self, at: &dyn quote::ToTokens) -> Val {
        self.reject(
            Kind::ControlFlow,
            &at.to_token_stream(),
            "an exit in the middle of an expression",
            "bind this part with a `let` of its own first",
        )
    }
}

/// What is made of operands.
type Continuation<'a, Cx> = Box<dyn FnOnce(&mut Cx, Vec<Val>) -> Val + 'a>;

/// Whether a `return`, `break` or `continue` inside leaves this very expression.
fn leaves(expr: &syn::Expr) -> bool {
    let mut find = Find { found: false, of_loop: false, loops: 0, labels: Vec::new() };
    find.visit_expr(expr);
    find.found
}

/// Whether something in the body of a loop may end the loop before its iterator does.
pub(crate) fn leaves_loop(body: &syn::Block) -> bool {
    let mut find = Find { found: false, of_loop: true, loops: 0, labels: Vec::new() };
    find.visit_block(body);
    find.found
}

struct Find<'a> {
    found: bool,
    /// What is searched is the body of a loop: `continue` stays in it, `?` leaves it.
    of_loop: bool,
    loops: usize,
    labels: Vec<&'a syn::Ident>,
}
impl<'a> Find<'a> {
    fn inside(&mut self, label: Option<&'a syn::Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        self.loops += usize::from(is_loop);
        self.labels.extend(label.map(|label| &label.name.ident));
        visit(self);
        self.labels.truncate(self.labels.len() - usize::from(label.is_some()));
        self.loops -= usize::from(is_loop);
    }

    fn exit(&mut self, label: Option<&syn::Lifetime>) {
        self.found |= match label {
            Some(label) => !self.labels.contains(&&label.ident),
            None => self.loops == 0,
        };
    }
}
impl<'a> Visit<'a> for Find<'a> {
    fn visit_expr(&mut self, expr: &'a syn::Expr) {
        use syn::Expr;
        match expr {
            Expr::Closure(_) => {}
            Expr::Return(_) => self.found = true,
            Expr::Break(exit) => {
                self.exit(exit.label.as_ref());
                visit::visit_expr_break(self, exit);
            }
            Expr::Continue(exit) if exit.label.is_none() && self.of_loop => {}
            Expr::Continue(exit) => self.exit(exit.label.as_ref()),
            Expr::Try(_) if self.of_loop => self.found = true,
            Expr::Loop(of) => {
                self.inside(of.label.as_ref(), true, |find| visit::visit_block(find, &of.body));
            }
            Expr::While(of) => self.inside(of.label.as_ref(), true, |find| {
                find.visit_expr(&of.cond);
                visit::visit_block(find, &of.body);
            }),
            Expr::ForLoop(of) => {
                self.visit_expr(&of.expr);
                self.inside(of.label.as_ref(), true, |find| visit::visit_block(find, &of.body));
            }
            Expr::Block(of) => {
                self.inside(of.label.as_ref(), false, |find| visit::visit_block(find, &of.block));
            }
            expr => visit::visit_expr(self, expr),
        }
    }

    fn visit_item(&mut self, _: &'a syn::Item) {}
}

impl Lower<'_> {
    /// Several loops that are left together, by a `break` to a label of lowering's own.
    pub(crate) fn region(&mut self, label: &syn::Lifetime, body: impl FnOnce(&mut Self)) {
        let value = self.flow_local("result", Val::Uninit);
        let flag = self.flow_local("left", Val::bool(false));
        self.targets.push(Target {
            kind: TargetKind::Block,
            inlined: self.inlined,
            label: Some(label.clone()),
            flag,
            again: None,
            value,
            left: false,
            exits: self.exits,
        });
        body(self);
        let target = self.targets.pop().expect("the target that was pushed");
        if target.left && self.dead == Some(Dead::Loop) {
            self.dead = None;
        }
    }

    /// The body of a loop of the user's that is several loops: `continue` ends this pass, `break` leaves the region.
    pub(crate) fn pass(
        &mut self,
        region: &syn::Lifetime,
        label: Option<&syn::Lifetime>,
        body: impl FnOnce(&mut Self),
    ) {
        let Some(at) = self.target(Some(region)) else { return };
        let again = self.flow_local("skipped", Val::bool(false));
        let Target { flag, value, .. } = self.targets[at];
        self.targets.push(Target {
            kind: TargetKind::Loop,
            inlined: self.inlined,
            label: label.cloned(),
            flag,
            again: Some(again),
            value,
            left: false,
            exits: self.exits,
        });
        body(self);
        let target = self.targets.pop().expect("the target that was pushed");
        self.targets[at].left |= target.left;
        let skipped = !self.local(again).val.is_literal("false");
        if self.dead == Some(Dead::Loop) && (target.left || skipped) {
            self.dead = None;
        }
    }
}
