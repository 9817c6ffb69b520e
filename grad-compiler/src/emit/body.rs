//! Statements.

use super::facts::Facts;
use super::namer::Namer;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{
    Arg, ArgKind, Block, Branch, Call, Carried, Cotangent, Elem, For, ForwardCall, Func, Op, Operand, Place, Prim, Proj,
    ReverseCall, Selector, Stmt, Ty, Value, Var, ViewKind, While, placeholder_index,
};
use crate::rules;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use std::collections::{BTreeMap, HashSet};

/// Prints the statements of one function.
pub struct Emitter<'a> {
    pub func: &'a Func,
    /// Path to the facade crate.
    pub krate: &'a TokenStream,
    pub facts: Facts<'a>,
    pub namer: Namer,
    pub names: Vec<Option<Ident>>,
    /// Mutable variables that have been declared.
    declared: HashSet<Var>,
    /// The cotangent buffers of parameters, each with the marker type that says whether it is there.
    pub slots: BTreeMap<Var, Option<Ident>>,
    /// For each parameter: the variable that holds its marker.
    pub markers: BTreeMap<Var, Ident>,
    /// Parameters that are `&mut` to something the IR does not look into.
    pub exclusive_constants: HashSet<Var>,
}

impl<'a> Emitter<'a> {
    pub fn new(func: &'a Func, krate: &'a TokenStream, facts: Facts<'a>, namer: Namer) -> Emitter<'a> {
        Emitter {
            func,
            krate,
            names: vec![None; func.vars.len()],
            facts,
            namer,
            declared: HashSet::new(),
            slots: BTreeMap::new(),
            markers: BTreeMap::new(),
            exclusive_constants: HashSet::new(),
        }
    }

    fn class(&self, var: Var) -> Var {
        self.facts.class[var.index()]
    }

    /// The name of a variable in scope.
    pub fn name(&self, var: Var) -> &Ident {
        self.names[self.class(var).index()].as_ref().expect("a variable is defined before it is used")
    }

    /// Names a variable that is defined here.
    pub fn define(&mut self, var: Var) -> Ident {
        let class = self.class(var);
        let name = self.namer.define(&self.func.vars[class.index()]);
        self.names[class.index()] = Some(name.clone());
        name
    }

    /// Names a variable that a pattern binds: `_` if nothing reads it.
    fn define_or_ignore(&mut self, var: Var) -> Tokens {
        let name = self.define(var);
        if self.facts.read[var.index()] {
            let mutability = self.mutability(var);
            quote_spanned!(site()=> #mutability #name)
        } else {
            quote_spanned!(site()=> _)
        }
    }

    /// `mut`, where the variable or what it owns is changed.
    pub fn mutability(&self, var: Var) -> Option<Tokens> {
        let class = self.class(var);
        let info = &self.func.vars[class.index()];
        let behind_reference = matches!(info.ty, Ty::Ref { .. }) || self.facts.views[class.index()].is_some();
        let changed = self.facts.mutable[class.index()] && !behind_reference;
        let is_mutable = if info.ty == Ty::Opaque { info.mutable || changed } else { changed };
        is_mutable.then(|| quote_spanned!(site()=> mut))
    }

    /// `let name = value;`, or `name = value;` for a later value of a mutable variable.
    fn bind(&mut self, var: Var, value: &Tokens) -> Tokens {
        let s = self.span(var);
        let class = self.class(var);
        if self.declared.contains(&class) {
            let name = self.name(var);
            return quote_spanned!(s=> #name = #value;);
        }
        let name = self.define(var);
        let mutability = self.mutability(var);
        if mutability.is_some() {
            self.declared.insert(class);
        }
        quote_spanned!(s=> let #mutability #name = #value;)
    }

    fn span(&self, var: Var) -> proc_macro2::Span {
        self.func.vars[var.index()].span.resolved_at(site())
    }

    // --- slots ---

    /// The marker type that says whether the memory of a slot is there.
    pub fn marker_of(&self, var: Var) -> Option<&Ident> {
        let mut var = var;
        loop {
            if let Some(marker) = self.slots.get(&var) {
                return marker.as_ref();
            }
            var = self.facts.views[var.index()]?.0.root;
        }
    }

    /// The marker that guards a statement: that of the slots it touches.
    fn guard(&self, stmt: &Stmt) -> Vec<&Ident> {
        let mut markers: Vec<&Ident> = Vec::new();
        let mut touch = |place: &Place| {
            if let Some(marker) = self.marker_of(place.root)
                && !markers.contains(&marker)
            {
                markers.push(marker);
            }
        };
        match stmt {
            Stmt::Store { place, .. }
            | Stmt::Fill { place, .. }
            | Stmt::Assign { place, .. }
            | Stmt::Accumulate { place, .. }
            | Stmt::Clear { place }
            | Stmt::Push { vec: place, .. } => touch(place),
            Stmt::Swap { a: to, b: from } | Stmt::CopyFrom { to, from } | Stmt::AccumulateAll { to, from } => {
                touch(to);
                touch(from);
            }
            Stmt::Truncate { tape, .. } => touch(&Place::from(*tape)),
            _ => {}
        }
        markers
    }

    // --- blocks ---

    /// The statements of a block with a scope of its own, and what stands behind them.
    pub fn scoped(&mut self, block: &Block, tail: impl FnOnce(&mut Self) -> Tokens) -> Tokens {
        self.namer.enter();
        let mut out = self.block(block);
        out.extend(tail(self));
        self.namer.leave();
        out
    }

    pub fn block(&mut self, block: &Block) -> Tokens {
        let s = site();
        let mut out = Tokens::new();
        let mut guarded = Tokens::new();
        let mut guard: Vec<Ident> = Vec::new();
        let flush = |out: &mut Tokens, guard: &[Ident], guarded: &mut Tokens| {
            if !guarded.is_empty() {
                let guarded = std::mem::take(guarded);
                out.extend(quote_spanned!(s=> if #(#guard::ACTIVE)&&* { #guarded }));
            }
        };
        for stmt in &block.stmts {
            let next: Vec<Ident> = self.guard(stmt).into_iter().cloned().collect();
            if next != guard {
                flush(&mut out, &guard, &mut guarded);
                guard = next;
            }
            let tokens = self.stmt(stmt);
            if guard.is_empty() { out.extend(tokens) } else { guarded.extend(tokens) }
        }
        flush(&mut out, &guard, &mut guarded);
        out
    }

    fn stmt(&mut self, stmt: &Stmt) -> Tokens {
        let s = site();
        match stmt {
            Stmt::Let { var, op } => self.let_(*var, op),
            Stmt::Alloc { var, init } => {
                let value = self.init(self.func.ty(*var), init);
                let value = self.or_absent(init_place(init), value, |_| quote_spanned!(s=> ::core::default::Default::default()));
                self.bind(*var, &value)
            }
            Stmt::View { var, place, kind } => self.view(*var, place, *kind),
            Stmt::Store { place, value } => {
                let (place, value) = (self.place(place), self.operand(value));
                quote_spanned!(s=> #place = #value;)
            }
            Stmt::Assign { place, init } => {
                let value = self.init(&self.place_ty(place), init);
                let place = self.content(place);
                quote_spanned!(s=> #place = #value;)
            }
            Stmt::Push { vec, value } => {
                let (vec, value) = (self.place(vec), self.elem(value));
                quote_spanned!(s=> #vec.push(#value);)
            }
            Stmt::Swap { a, b } => self.swap(a, b),
            Stmt::Fill { place, value } => {
                let (place, value) = (self.place(place), self.operand(value));
                quote_spanned!(s=> #place.fill(#value);)
            }
            Stmt::CopyFrom { to, from } => self.copy_from(to, from),
            Stmt::Branch(branch) => self.branch(branch),
            Stmt::For(stmt) => self.for_(stmt),
            Stmt::While(stmt) => self.while_(stmt),
            Stmt::Call(call) => self.call(call),
            Stmt::Effect { code, writes } => {
                let code = self.tokens(code.tokens.clone(), writes);
                let end = match code.clone().into_iter().last() {
                    Some(TokenTree::Punct(punct)) if punct.as_char() == ';' => None,
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => None,
                    _ => Some(quote_spanned!(s=> ;)),
                };
                quote_spanned!(s=> #code #end)
            }
            Stmt::Accumulate { place, value } => {
                let (place, value) = (self.place(place), self.operand(value));
                quote_spanned!(s=> #place += #value;)
            }
            Stmt::AccumulateAll { to, from } => {
                let krate = self.krate;
                let (to, from) = (self.reborrow(to), self.reference(from, Access::Shared));
                quote_spanned!(s=> #krate::__private::accumulate(#to, #from);)
            }
            Stmt::Clear { place } => self.clear(place),
            Stmt::Grow { tape, by } => {
                let zero = match self.func.ty(*tape) {
                    Ty::Tape(of) | Ty::Vec(of) => super::expr::zeros(of),
                    _ => quote_spanned!(s=> ::core::default::Default::default()),
                };
                let (tape, by) = (self.name(*tape), self.operand(by));
                quote_spanned!(s=> #tape.resize(#tape.len() + #by, #zero);)
            }
            Stmt::Truncate { tape, len } => {
                let (tape, len) = (self.name(*tape), self.inner(len));
                quote_spanned!(s=> #tape.truncate(#len);)
            }
            Stmt::ForwardCall(forward) => self.forward_call(forward),
            Stmt::ReverseCall(reverse) => self.reverse_call(reverse),
        }
    }

    fn let_(&mut self, var: Var, op: &Op) -> Tokens {
        if self.facts.dead[var.index()] {
            return Tokens::new();
        }
        let s = self.span(var);
        let class = self.class(var);
        if !self.facts.read[var.index()] && !self.declared.contains(&class) {
            // It may panic or do something, so it stays.
            let value = self.op(var, op);
            return match op {
                Op::Pop(_) => quote_spanned!(s=> #value;),
                _ => quote_spanned!(s=> let _ = #value;),
            };
        }
        if let Some(update) = self.update(var, op) {
            return update;
        }
        let value = self.op(var, op);
        let place = match op {
            Op::Load(place) => Some(place),
            _ => None,
        };
        let value = self.or_absent(place, value, |_| super::expr::zeros(self.func.ty(var)));
        self.bind(var, &value)
    }

    /// `s = s + x` is `s += x`.
    fn update(&self, var: Var, op: &Op) -> Option<Tokens> {
        let Op::Prim(prim, args) = op else { return None };
        let class = self.class(var);
        let [Operand::Var(first), second] = &args[..] else { return None };
        if !self.declared.contains(&class) || self.class(*first) != class || rules::form(*prim) != rules::Form::Infix {
            return None;
        }
        Some(self.updated(var, *prim, second))
    }

    fn updated(&self, var: Var, prim: Prim, by: &Operand) -> Tokens {
        let mut operator = proc_macro2::Punct::new(
            rules::spelling(prim).chars().next().expect("an operator has a character"),
            proc_macro2::Spacing::Joint,
        );
        operator.set_span(site());
        let (name, by) = (self.name(var), self.operand(by));
        quote_spanned!(self.span(var)=> #name #operator= #by;)
    }

    /// What is read from a slot that may be absent.
    fn or_absent(&self, place: Option<&Place>, value: Tokens, absent: impl FnOnce(&Place) -> Tokens) -> Tokens {
        let Some((place, marker)) = place.and_then(|place| Some((place, self.marker_of(place.root)?))) else { return value };
        let absent = absent(place);
        quote_spanned!(site()=> if #marker::ACTIVE { #value } else { #absent })
    }

    fn view(&mut self, var: Var, place: &Place, kind: ViewKind) -> Tokens {
        let s = self.span(var);
        let checked = place.path.iter().any(|proj| matches!(proj, Proj::Index(_) | Proj::Slice { .. }));
        let spelt_out = self.is_spelt_out(var);
        let unused = kind == ViewKind::Shared && !self.facts.read[var.index()];
        if spelt_out || unused {
            // The bounds are checked where the user's code checks them.
            if kind == ViewKind::Materialized || !checked {
                return Tokens::new();
            }
            let place = self.place(place);
            return quote_spanned!(s=> let _ = &#place;);
        }
        let marker = self.marker_of(place.root).cloned();
        let value = match kind {
            ViewKind::Shared => self.reference(place, Access::Shared),
            ViewKind::Exclusive | ViewKind::Materialized => self.reborrow(place),
        };
        let value = match marker {
            Some(marker) => {
                let root = self.name(place.root);
                quote_spanned!(s=> if #marker::ACTIVE { #value } else { &mut #root[..0] })
            }
            None => value,
        };
        let name = self.define(var);
        quote_spanned!(s=> let #name = #value;)
    }

    fn swap(&self, a: &Place, b: &Place) -> Tokens {
        let s = site();
        let (a, b) = (self.resolve(a), self.resolve(b));
        if let (Some((Proj::Index(i), parent)), Some((Proj::Index(j), other))) = (a.path.split_last(), b.path.split_last())
            && a.root == b.root
            && parent == other
        {
            let parent = self.place(&Place { root: a.root, path: parent.to_vec() });
            let (i, j) = (self.inner(i), self.inner(j));
            return quote_spanned!(s=> #parent.swap(#i, #j););
        }
        let (a, b) = (self.reference(&a, Access::Exclusive), self.reference(&b, Access::Exclusive));
        quote_spanned!(s=> ::core::mem::swap(#a, #b);)
    }

    fn copy_from(&self, to: &Place, from: &Place) -> Tokens {
        let s = site();
        let same_root = self.resolve(to).root == self.resolve(from).root;
        let to = self.place(to);
        if same_root {
            let from = self.place(from);
            return quote_spanned!(s=> {
                let copy = #from.to_vec();
                #to.copy_from_slice(&copy);
            });
        }
        let from = self.reference(from, Access::Shared);
        quote_spanned!(s=> #to.copy_from_slice(#from);)
    }

    fn clear(&self, place: &Place) -> Tokens {
        let s = site();
        match self.place_ty(place).peeled() {
            Ty::Float(_) => {
                let place = self.content(place);
                quote_spanned!(s=> #place = 0.0;)
            }
            Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) if of.is_float() => {
                let place = self.place(place);
                quote_spanned!(s=> #place.fill(0.0);)
            }
            _ => {
                let krate = self.krate;
                let place = self.reborrow(place);
                quote_spanned!(s=> #krate::__private::clear(#place);)
            }
        }
    }

    // --- control flow ---

    fn branch(&mut self, branch: &Branch) -> Tokens {
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
        let on = self.selector(&branch.on);
        let arms: Vec<(Tokens, Tokens)> = branch
            .arms
            .iter()
            .map(|arm| {
                self.namer.enter();
                let pattern = arm.pattern.as_ref().map(|pattern| {
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
                let mut block = self.block(&arm.block);
                for (k, var) in &assigned {
                    block.extend(self.assign_elem(*var, &arm.yields[*k]));
                }
                let values: Vec<Tokens> = yielded.iter().map(|(k, var)| self.yielded(*var, &arm.yields[*k])).collect();
                match &values[..] {
                    [] => {}
                    [value] => block.extend(value.clone()),
                    values => block.extend(quote_spanned!(s=> (#(#values),*))),
                }
                self.namer.leave();
                (pattern.unwrap_or_default(), block)
            })
            .collect();
        let is_value = !yielded.is_empty();
        let expression = match &branch.on {
            Selector::If(_) => if_else(&on, &arms[0].1, arms.get(1).map(|arm| &arm.1), is_value),
            Selector::Match(_) => {
                let arms = arms.iter().map(|(pattern, block)| quote_spanned!(s=> #pattern => { #block }));
                quote_spanned!(s=> match #on { #(#arms)* })
            }
            Selector::Tag(_) => {
                let last = arms.len() - 1;
                let arms = arms.iter().enumerate().map(|(k, (_, block))| {
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
        match &yielded[..] {
            [] => expression,
            [(_, var)] => self.bind(*var, &expression),
            _ => {
                let names: Vec<Tokens> = yielded
                    .iter()
                    .map(|(_, var)| {
                        let pattern = self.define_or_ignore(*var);
                        self.declare(*var);
                        pattern
                    })
                    .collect();
                quote_spanned!(s=> let (#(#names),*) = #expression;)
            }
        }
    }

    /// A mutable variable has been declared: later values are assigned.
    fn declare(&mut self, var: Var) {
        if self.mutability(var).is_some() {
            let class = self.class(var);
            self.declared.insert(class);
        }
    }

    fn yielded(&self, var: Var, elem: &Elem) -> Tokens {
        match elem {
            Elem::Scalar(operand) => self.typed(operand, self.func.ty(var)),
            Elem::Memory(place) => self.place(place),
        }
    }

    fn assign_elem(&self, var: Var, elem: &Elem) -> Tokens {
        if let Elem::Scalar(Operand::Var(from)) = elem
            && self.class(*from) == self.class(var)
        {
            return Tokens::new();
        }
        let (name, value) = (self.name(var), self.elem(elem));
        quote_spanned!(self.span(var)=> #name = #value;)
    }

    fn selector(&self, selector: &Selector) -> Tokens {
        match selector {
            Selector::If(test) => self.operand(test),
            Selector::Match(code) => in_head(self.code(code)),
            Selector::Tag(tag) => self.operand(tag),
        }
    }

    /// Declares the carried variables of a loop with their values before the first pass.
    fn declare_carried(&mut self, carried: &[Carried]) -> Tokens {
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
            let value = self.typed(&c.init, self.func.ty(c.param));
            out.extend(self.bind(c.param, &value));
        }
        out
    }

    /// The assignments at the end of a pass, and the way out.
    fn end_of_pass(&mut self, carried: &[Carried], until: Option<&Operand>) -> Tokens {
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

    fn for_(&mut self, stmt: &For) -> Tokens {
        let s = self.span(stmt.index);
        let mut out = self.declare_carried(&stmt.carried);
        let (lo, hi) = (self.operand(&stmt.lo), self.operand(&stmt.hi));
        let range = if stmt.inclusive { quote_spanned!(s=> #lo..=#hi) } else { quote_spanned!(s=> #lo..#hi) };
        let range = if stmt.reversed { quote_spanned!(s=> ::core::iter::Iterator::rev(#range)) } else { range };
        self.namer.enter();
        let index = self.define_or_ignore(stmt.index);
        let body = self.scoped(&stmt.body, |cx| cx.end_of_pass(&stmt.carried, stmt.until.as_ref()));
        self.namer.leave();
        out.extend(quote_spanned!(s=> for #index in #range { #body }));
        out
    }

    fn while_(&mut self, stmt: &While) -> Tokens {
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
            out.extend(if is_endless { quote_spanned!(s=> loop { #body }) } else { quote_spanned!(s=> while #head { #body }) });
        } else {
            let condition = self.block(&stmt.condition);
            let test = self.operand(&stmt.test);
            let mut body = self.block(&stmt.body);
            body.extend(self.end_of_pass(&stmt.carried, stmt.until.as_ref()));
            out.extend(quote_spanned!(s=> loop { #condition if !#test { break; } #body }));
        }
        self.namer.leave();
        out
    }

    // --- calls ---

    fn args(&mut self, args: &[Arg], before: &mut Tokens) -> Vec<Tokens> {
        args.iter()
            .map(|arg| {
                let s = arg.span.resolved_at(site());
                match &arg.kind {
                    ArgKind::Scalar(operand) => self.operand(operand),
                    ArgKind::ScalarRef(operand) => {
                        let operand = self.operand(operand);
                        quote_spanned!(s=> &#operand)
                    }
                    ArgKind::ScalarMut { before: value, after } => {
                        let value = self.typed(value, self.func.ty(*after));
                        let name = self.define(*after);
                        before.extend(quote_spanned!(s=> let mut #name = #value;));
                        quote_spanned!(s=> &mut #name)
                    }
                    ArgKind::Shared(place) => self.reference(place, Access::Shared),
                    ArgKind::Exclusive(place) => self.reference(place, Access::Exclusive),
                    ArgKind::Moved(place) => self.place(place),
                    ArgKind::Code(code) => self.code(code),
                }
            })
            .collect()
    }

    fn call(&mut self, call: &Call) -> Tokens {
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let args = self.args(&call.args, &mut out);
        let callee = self.tokens(call.callee.clone(), &[]);
        let value = quote_spanned!(s=> #callee(#(#args),*));
        match call.result {
            Some(var) if self.facts.read[var.index()] => out.extend(self.bind(var, &value)),
            Some(_) => out.extend(quote_spanned!(s=> let _ = #value;)),
            None => out.extend(quote_spanned!(s=> #value;)),
        }
        out
    }

    fn forward_call(&mut self, forward: &ForwardCall) -> Tokens {
        let ForwardCall { call, active, pullback } = forward;
        let s = call.span.resolved_at(site());
        let krate = self.krate;
        let mut out = Tokens::new();
        let args = self.args(&call.args, &mut out);
        let markers = call.args.iter().zip(active).map(|(arg, active)| {
            let s = arg.span.resolved_at(site());
            let own = match &arg.kind {
                ArgKind::Shared(place) | ArgKind::Exclusive(place) | ArgKind::Moved(place) => {
                    self.markers.get(&self.resolve_root(place.root))
                }
                ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::ScalarMut { .. } | ArgKind::Code(_) => None,
            };
            match (active, own) {
                (true, Some(marker)) => {
                    let mut marker = marker.clone();
                    marker.set_span(s);
                    marker.to_token_stream()
                }
                (true, None) => quote_spanned!(s=> #krate::__private::Active),
                (false, _) => quote_spanned!(s=> #krate::__private::Constant),
            }
        });
        let forward = sibling(&self.tokens(call.callee.clone(), &[]), "__grad_forward", call.args.len(), s);
        let value = quote_spanned!(s=> #forward(#(#args,)* #(#markers),*));
        let result = match call.result {
            Some(var) => self.define_or_ignore(var),
            None => quote_spanned!(s=> _),
        };
        let pullback = self.define_or_ignore(*pullback);
        out.extend(quote_spanned!(s=> let (#result, #pullback) = #value;));
        out
    }

    /// The root of a chain of views.
    fn resolve_root(&self, var: Var) -> Var {
        let mut var = var;
        while let Some((place, _)) = self.facts.views[var.index()] {
            var = place.root;
        }
        var
    }

    fn reverse_call(&mut self, reverse: &ReverseCall) -> Tokens {
        let s = reverse.span.resolved_at(site());
        let mut out = Tokens::new();
        let again: Vec<Arg> = reverse.args.iter().filter(|arg| self.is_passed_again(arg)).cloned().collect();
        let mut args = self.args(&again, &mut out);
        args.extend(reverse.seed.as_ref().map(|seed| self.seed(seed)));
        let mut returned = Vec::new();
        for cotangent in &reverse.cotangents {
            args.push(match cotangent {
                Cotangent::None | Cotangent::Value(_) => quote_spanned!(s=> ::core::option::Option::None),
                Cotangent::Slot(place) => {
                    let slot = self.reborrow(place);
                    let some = quote_spanned!(s=> ::core::option::Option::Some(#slot));
                    self.or_absent(Some(place), some, |_| quote_spanned!(s=> ::core::option::Option::None))
                }
                Cotangent::InOut { after, before } => {
                    let after = self.typed(after, self.func.ty(*before));
                    let name = self.define(*before);
                    out.extend(quote_spanned!(s=> let mut #name = #after;));
                    quote_spanned!(s=> ::core::option::Option::Some(&mut #name))
                }
            });
        }
        for cotangent in &reverse.cotangents {
            returned.push(match cotangent {
                Cotangent::Value(var) if self.facts.read[var.index()] => {
                    let name = self.define_or_ignore(*var);
                    name.to_token_stream()
                }
                _ => quote_spanned!(s=> _),
            });
        }
        let pullback = self.name(reverse.pullback);
        let value = quote_spanned!(s=> #pullback(#(#args),*));
        if returned.iter().all(|pattern| pattern.to_string() == "_") {
            out.extend(quote_spanned!(s=> #value;));
        } else {
            out.extend(quote_spanned!(s=> let (#(#returned,)*) = #value;));
        }
        out
    }

    /// Whether a pullback takes the argument again: not what was moved away or lent exclusively.
    fn is_passed_again(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Shared(_) => true,
            ArgKind::ScalarMut { .. } | ArgKind::Exclusive(_) | ArgKind::Moved(_) => false,
            ArgKind::Code(code) => {
                let mut trees = code.tokens.clone().into_iter();
                match (trees.next(), trees.next()) {
                    (Some(TokenTree::Punct(and)), Some(TokenTree::Ident(mutable))) => {
                        !(and.as_char() == '&' && mutable == "mut")
                    }
                    (Some(TokenTree::Ident(ident)), None) => {
                        placeholder_index(&ident).is_none_or(|var| !self.exclusive_constants.contains(&var))
                    }
                    _ => true,
                }
            }
        }
    }

    /// The pattern that takes a seed apart.
    pub fn seed_pattern(&mut self, seed: &Value) -> Tokens {
        let s = site();
        match seed {
            Value::Scalar(Operand::Var(var)) => self.define_or_ignore(*var),
            Value::Memory(place) => self.define_or_ignore(place.root),
            Value::Tuple(values) => {
                let values: Vec<Tokens> = values.iter().map(|value| self.seed_pattern(value)).collect();
                quote_spanned!(s=> (#(#values,)*))
            }
            Value::Unit | Value::Scalar(Operand::Lit(_)) => quote_spanned!(s=> _),
        }
    }
}

/// The place whose content new memory is made of.
fn init_place(init: &crate::ir::Init) -> Option<&Place> {
    use crate::ir::Init;
    match init {
        Init::Move(place) | Init::Clone(place) | Init::ToVec(place) => Some(place),
        _ => None,
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

/// `if`, with its `else` only where there is something in it.
fn if_else(test: &Tokens, then: &Tokens, other: Option<&Tokens>, is_value: bool) -> Tokens {
    let s = site();
    match other {
        Some(other) if is_value || !(then.is_empty() || other.is_empty()) => {
            quote_spanned!(s=> if #test { #then } else { #other })
        }
        Some(other) if then.is_empty() && !other.is_empty() => quote_spanned!(s=> if !#test { #other }),
        _ if then.is_empty() => Tokens::new(),
        _ => quote_spanned!(s=> if #test { #then }),
    }
}

/// The path of a function beside the callee: `m::helper::<3>` becomes `m::helper::__grad_forward::<3, _>`, with
/// one `_` for each of its markers.
fn sibling(callee: &Tokens, name: &str, markers: usize, span: proc_macro2::Span) -> Tokens {
    let name = Ident::new(name, span);
    let mut path: Vec<TokenTree> = callee.clone().into_iter().collect();
    let is = |tree: Option<&TokenTree>, c: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    if is(path.last(), '>') {
        let mut depth = 0;
        let open = path.iter().rposition(|tree| {
            depth += i32::from(is(Some(tree), '>')) - i32::from(is(Some(tree), '<'));
            depth == 0
        });
        if let Some(open) = open.filter(|open| *open >= 2) {
            let mut generics: Tokens = path[open + 1..path.len() - 1].iter().cloned().collect();
            if !is(path[..path.len() - 1].last(), ',') && path.len() - 1 > open + 1 {
                generics.extend(quote_spanned!(span=> ,));
            }
            path.truncate(open - 2);
            let path: Tokens = path.into_iter().collect();
            let markers = (0..markers).map(|_| quote_spanned!(span=> _));
            return quote_spanned!(span=> #path::#name::<#generics #(#markers),*>);
        }
    }
    quote_spanned!(span=> #callee::#name)
}
