//! Branches and loops.

use super::arms;
use super::body::Emitter;
use super::{Tokens, site};
use crate::ir::{
    Arm, Branch, Call, Carried, Elem, For, Lit, Op, Operand, Place, Proj, Selector, Stmt, Ty, Var, While,
};
use proc_macro2::{Delimiter, TokenTree};
use quote::{ToTokens, quote_spanned};

impl<'a> Emitter<'a> {
    pub(super) fn branch(&mut self, branch: &'a Branch) -> Tokens {
        let mut before = Tokens::new();
        let (expression, yielded) = self.branch_expression(branch, &mut before);
        before.extend(match &yielded[..] {
            [] => expression,
            [var] => {
                let ty = self.told_type(*var);
                self.bind_typed(*var, &ty, &expression)
            }
            yielded => {
                let names: Vec<Tokens> = yielded.iter().map(|var| self.define_or_ignore(*var)).collect();
                for var in yielded {
                    self.declare(*var);
                }
                quote_spanned!(site()=> let (#(#names),*) = #expression;)
            }
        });
        before
    }

    /// The branch, and the variables whose values it yields. `before`: what has to be done in front of it.
    fn branch_expression(&mut self, branch: &'a Branch, before: &mut Tokens) -> (Tokens, Vec<Var>) {
        let s = site();
        // A later value of a mutable variable is assigned in the arms; the others are what the arms yield.
        let mut assigned = Vec::new();
        let mut yielded = Vec::new();
        for (k, var) in branch.results.iter().enumerate() {
            if self.declared.contains(&self.class(*var)) {
                assigned.push((k, *var));
            } else if self.facts.read[var.index()] {
                yielded.push((k, *var));
            }
        }
        let selecting = branch
            .arms
            .first()
            .and_then(|arm| arm.block.stmts.iter().position(|stmt| Call::selecting(stmt).is_some()));
        let on = match selecting {
            Some(at) => {
                let stmts = &branch.arms[0].block.stmts;
                before.extend(self.stmts(&stmts[..at], None));
                in_head(self.selecting_call(&stmts[at], before))
            }
            None => self.selector(&branch.on),
        };
        let arms: Vec<ArmTokens> = branch
            .arms
            .iter()
            .enumerate()
            .map(|(k, arm)| {
                self.inside(None, |cx| cx.arm(arm, selecting.filter(|_| k == 0), &assigned, &yielded))
            })
            .collect();
        let expression = match &branch.on {
            Selector::If(_) => if_else(&on, &arms[0], arms.get(1), !yielded.is_empty()),
            Selector::Match(_) => {
                let arms = arms
                    .iter()
                    .map(|ArmTokens { pattern, block, .. }| quote_spanned!(s=> #pattern => { #block }));
                let unreached = arms::unreached(&branch.arms);
                quote_spanned!(s=> match #on { #(#arms)* #unreached })
            }
            Selector::Tag(_) => {
                let last = arms.len() - 1;
                let arms = arms.iter().enumerate().map(|(k, ArmTokens { block, .. })| {
                    if k == last {
                        quote_spanned!(s=> _ => { #block })
                    } else {
                        let k = proc_macro2::Literal::usize_unsuffixed(k);
                        quote_spanned!(s=> #k => { #block })
                    }
                });
                quote_spanned!(s=> match #on { #(#arms)* })
            }
        };
        (expression, yielded.into_iter().map(|(_, var)| var).collect())
    }

    /// The pattern and the block of an arm.
    fn arm(
        &mut self,
        arm: &'a Arm,
        selecting: Option<usize>,
        assigned: &[(usize, Var)],
        yielded: &[(usize, Var)],
    ) -> ArmTokens {
        let s = site();
        self.namer.enter();
        let pattern = arm.pattern.as_ref().map(|pattern| {
            if let Some(at) = selecting {
                let path = pattern.tokens.clone().into_iter();
                let path = path.take_while(|tree| !matches!(tree, TokenTree::Group(_)));
                let given = self.selecting_pattern(&arm.block.stmts[at]);
                return quote_spanned!(s=> #(#path)* (#given));
            }
            for var in &pattern.binds {
                self.define(*var);
            }
            let tokens = self.tokens(pattern.tokens.clone(), &[]);
            let guard = pattern.guard.as_ref().map(|guard| {
                let guard = self.code(guard);
                quote_spanned!(s=> if #guard)
            });
            quote_spanned!(s=> #tokens #guard)
        });
        // Nothing comes behind a panic or a loop without an end.
        let panics = arm.block.stmts.iter().position(Stmt::diverges);
        let from = selecting.map_or(0, |at| at + 1);
        let mut stmts = &arm.block.stmts[from..panics.map_or(arm.block.stmts.len(), |at| at + 1)];
        // The last value of the arm is what it yields: no name for it.
        let mut last = None;
        if let Some((Stmt::Let { var, op }, before)) = stmts.split_last()
            && self.is_used_once(*var)
            && arm.yields.iter().any(|elem| matches!(elem, Elem::Scalar(Operand::Var(from)) if from == var))
            && (assigned.is_empty() || yielded.is_empty())
        {
            (last, stmts) = (Some((*var, op)), before);
        }
        if let Some((last @ Stmt::Branch(branch), before)) = stmts.split_last()
            && assigned.is_empty()
            && self.yields_all_of(branch, arm, yielded)
        {
            let mut block = self.stmts(before, Some(last));
            let (expression, _) = self.branch_expression(branch, &mut block);
            self.namer.leave();
            let is_if = block.is_empty() && matches!(branch.on, Selector::If(_));
            block.extend(expression);
            return ArmTokens { pattern: pattern.unwrap_or_default(), block, is_if };
        }
        let mut block = self.stmts(stmts, None);
        if panics.is_none() {
            for (k, var) in assigned {
                match last {
                    Some((_, op)) => block.extend(self.let_(*var, op)),
                    None => block.extend(self.assign_elem(*var, &arm.yields[*k])),
                }
            }
            let values = yielded.iter().map(|(k, var)| match (&arm.yields[*k], last) {
                (Elem::Scalar(Operand::Var(from)), Some((last, op))) if *from == last => self.op(*var, op),
                (elem, _) => self.yielded(*var, elem),
            });
            let values: Vec<Tokens> = values.collect();
            match &values[..] {
                [] => {}
                [value] => block.extend(value.clone()),
                values => block.extend(quote_spanned!(s=> (#(#values),*))),
            }
        }
        self.namer.leave();
        ArmTokens { pattern: pattern.unwrap_or_default(), block, is_if: false }
    }

    /// Whether the arm yields what the branch at its end yields, and nothing else.
    fn yields_all_of(&self, branch: &Branch, arm: &Arm, yielded: &[(usize, Var)]) -> bool {
        let inner: Vec<Var> =
            branch.results.iter().copied().filter(|var| self.facts.read[var.index()]).collect();
        let outer: Vec<Option<Var>> = yielded
            .iter()
            .map(|(k, _)| match &arm.yields[*k] {
                Elem::Scalar(operand) => operand.var(),
                Elem::Memory(place) => place.path.is_empty().then_some(place.root),
            })
            .collect();
        inner.len() == outer.len()
            && inner
                .iter()
                .zip(outer)
                .all(|(inner, outer)| Some(*inner) == outer && self.is_used_once(*inner))
    }

    /// A mutable variable has been declared: later values are assigned.
    pub(super) fn declare(&mut self, var: Var) {
        if self.mutability(var).is_some() {
            let class = self.class(var);
            self.declared.insert(class);
        }
    }

    pub(super) fn yielded(&self, var: Var, elem: &Elem) -> Tokens {
        match elem {
            Elem::Scalar(operand) => self.typed_for(operand, var),
            Elem::Memory(place) if self.is_reference(var) => self.place(place),
            // What is copied out of a reference, or is a part of something of the user's: its tangent need not be `Copy`.
            Elem::Memory(place) if self.is_copied(place) => self.owned(place),
            Elem::Memory(place) => self.content(place),
        }
    }

    fn is_copied(&self, place: &Place) -> bool {
        let place = self.resolve(place);
        let is_behind = matches!(self.func.ty(place.root), Ty::Ref { .. });
        let is_element = place.path.iter().any(|proj| matches!(proj, Proj::Index(_)));
        place
            .path
            .iter()
            .any(|proj| matches!(proj, Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed))
            || (is_behind || is_element) && super::expr::holds_unknown(self.place_ty(&place).peeled())
    }

    fn is_reference(&self, var: Var) -> bool {
        matches!(self.func.ty(var), Ty::Ref { .. })
    }

    pub(super) fn assign_elem(&self, var: Var, elem: &Elem) -> Tokens {
        if let Elem::Scalar(Operand::Var(from)) = elem
            && self.class(*from) == self.class(var)
        {
            return Tokens::new();
        }
        let value = match elem {
            Elem::Memory(place) if self.is_reference(var) => self.moved(place),
            elem => self.elem(elem),
        };
        let name = self.name(var);
        quote_spanned!(self.span(var)=> #name = #value;)
    }

    pub(super) fn selector(&self, selector: &Selector) -> Tokens {
        match selector {
            Selector::If(test) | Selector::Tag(test) => self.test(test),
            Selector::Match(code) => in_head(self.code(code)),
        }
    }

    /// An operand that decides: the expression itself, where that is its only use.
    fn test(&self, test: &Operand) -> Tokens {
        match test.var().and_then(|var| Some((var, *self.inlined.get(&var)?))) {
            Some((var, op)) => in_head(self.op(var, op)),
            None => self.operand(test),
        }
    }

    /// Declares the carried variables of a loop with their values before the first pass.
    pub(super) fn declare_carried(&mut self, carried: &[Carried]) -> Tokens {
        let mut out = Tokens::new();
        for c in carried {
            let class = self.class(c.param);
            let is_init = c.init.var().is_some_and(|init| self.class(init) == class);
            if is_init {
                continue;
            }
            if self.names[class.index()].is_some() && self.declared.contains(&class) {
                let (name, value) = (self.name(c.param).clone(), self.operand(&c.init));
                out.extend(quote_spanned!(self.span(c.param)=> #name = #value;));
                continue;
            }
            let value = self.typed_for(&c.init, c.param);
            out.extend(self.bind(c.param, &value));
        }
        out
    }

    /// The assignments at the end of a pass, and the way out.
    pub(super) fn end_of_pass(&mut self, carried: &[Carried], until: Option<&Operand>) -> Tokens {
        let s = site();
        let changes: Vec<&Carried> = carried
            .iter()
            .filter(|c| c.next.var().is_none_or(|next| self.class(next) != self.class(c.param)))
            .collect();
        let mut out = Tokens::new();
        // What the assignments would overwrite is read before them.
        let until = until.map(|until| match until {
            Operand::Var(var) if changes.iter().any(|c| self.class(c.param) == self.class(*var)) => {
                let name = self.namer.fresh("done", self.func.vars[var.index()].span);
                let value = self.operand(until);
                out.extend(quote_spanned!(s=> let #name = #value;));
                name.to_token_stream()
            }
            until => self.operand(until),
        });
        let overwritten_before_read = changes.iter().enumerate().any(|(k, c)| {
            let next = c.next.var().map(|next| self.class(next));
            changes[..k].iter().any(|before| next == Some(self.class(before.param)))
        });
        if overwritten_before_read {
            let names = changes.iter().map(|c| self.name(c.param));
            let values = changes.iter().map(|c| self.operand(&c.next));
            out.extend(quote_spanned!(s=> (#(#names),*) = (#(#values),*);));
        } else {
            for c in changes {
                let (name, value) = (self.name(c.param), self.operand(&c.next));
                out.extend(quote_spanned!(self.span(c.param)=> #name = #value;));
            }
        }
        if let Some(until) = until {
            out.extend(quote_spanned!(s=> if #until { break; }));
        }
        out
    }

    pub(super) fn for_(&mut self, stmt: &'a For) -> Tokens {
        let s = self.span(stmt.index);
        let mut out = self.declare_carried(&stmt.carried);
        let (lo, hi) = (self.operand(&stmt.lo), self.bound(stmt));
        let range = if stmt.inclusive { quote_spanned!(s=> #lo..=#hi) } else { quote_spanned!(s=> #lo..#hi) };
        let range =
            if stmt.reversed { quote_spanned!(s=> ::core::iter::Iterator::rev(#range)) } else { range };
        self.namer.enter();
        let index = self.define_or_ignore(stmt.index);
        let passes = self.passes_of(stmt);
        out.extend(self.room_for(stmt, &passes));
        let body = self.inside(Some((passes, &stmt.body)), |cx| {
            cx.scoped(&stmt.body, |cx| cx.end_of_pass(&stmt.carried, stmt.until.as_ref()))
        });
        self.namer.leave();
        out.extend(quote_spanned!(s=> for #index in #range { #body }));
        out
    }

    /// The end of a range. A length says its type only where the index has no other.
    fn bound(&self, stmt: &For) -> Tokens {
        match &stmt.hi {
            Operand::Lit(lit) if !self.facts.needs_type[stmt.index.index()] => {
                let text = lit.text.trim_end_matches("_usize").to_string();
                self.operand(&Operand::Lit(Lit { text, ..lit.clone() }))
            }
            hi => self.operand(hi),
        }
    }

    pub(super) fn while_(&mut self, stmt: &'a While) -> Tokens {
        self.inside(None, |cx| cx.while_in(stmt))
    }

    fn while_in(&mut self, stmt: &'a While) -> Tokens {
        let s = site();
        let mut out = self.declare_carried(&stmt.carried);
        self.namer.enter();
        // A condition of one expression is the head of the loop.
        let head = match &stmt.condition.stmts[..] {
            [] => Some(self.operand(&stmt.test)),
            [Stmt::Let { var, op: op @ (Op::Code(_) | Op::Copy(_)) }] if stmt.test == Operand::Var(*var) => {
                Some(in_head(self.op(*var, op)))
            }
            _ => None,
        };
        if let Some(head) = head {
            let body = self.scoped(&stmt.body, |cx| cx.end_of_pass(&stmt.carried, stmt.until.as_ref()));
            let is_endless = head.to_string() == "true";
            out.extend(if is_endless {
                quote_spanned!(s=> loop { #body })
            } else {
                quote_spanned!(s=> while #head { #body })
            });
        } else {
            let condition = match stmt.condition.stmts.split_last() {
                Some((Stmt::Let { var, op }, before))
                    if stmt.test == Operand::Var(*var) && self.is_used_once(*var) =>
                {
                    self.inlined.insert(*var, op);
                    self.stmts(before, None)
                }
                _ => self.block(&stmt.condition),
            };
            let test = not(&self.test(&stmt.test));
            let mut body = self.block(&stmt.body);
            body.extend(self.end_of_pass(&stmt.carried, stmt.until.as_ref()));
            out.extend(quote_spanned!(s=> loop { #condition if #test { break; } #body }));
        }
        self.namer.leave();
        out
    }
}

/// An expression between a keyword and a block: a struct literal needs parentheses there.
fn in_head(expression: Tokens) -> Tokens {
    let has_brace = expression
        .clone()
        .into_iter()
        .any(|tree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace));
    if has_brace { quote_spanned!(site()=> (#expression)) } else { expression }
}

/// The other way round.
fn not(test: &Tokens) -> Tokens {
    if test.clone().into_iter().count() > 1 {
        quote_spanned!(site()=> !(#test))
    } else {
        quote_spanned!(site()=> !#test)
    }
}

/// An arm in tokens.
struct ArmTokens {
    pattern: Tokens,
    block: Tokens,
    /// The block is an `if` and nothing else.
    is_if: bool,
}

/// `if`, with its `else` only where there is something in it.
fn if_else(test: &Tokens, then: &ArmTokens, other: Option<&ArmTokens>, is_value: bool) -> Tokens {
    let s = site();
    let then = &then.block;
    match other {
        Some(ArmTokens { block: other, is_if, .. }) if is_value || !(then.is_empty() || other.is_empty()) => {
            if *is_if {
                quote_spanned!(s=> if #test { #then } else #other)
            } else {
                quote_spanned!(s=> if #test { #then } else { #other })
            }
        }
        Some(ArmTokens { block: other, .. }) if then.is_empty() && !other.is_empty() => {
            let test = not(test);
            quote_spanned!(s=> if #test { #other })
        }
        _ if then.is_empty() => Tokens::new(),
        _ => quote_spanned!(s=> if #test { #then }),
    }
}
