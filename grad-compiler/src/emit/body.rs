//! Statements.

use super::facts::Facts;
use super::fold::Folded;
use super::lent::Lender;
use super::lints::Written;
use super::namer::Namer;
use super::place::Access;
use super::{Tokens, site};
use crate::hash::{HashMap, HashSet};
use crate::ir::{
    Block, Elem, Func, Init, Op, Operand, Place, Prim, Proj, Room, Selector, Stmt, Ty, Value, Var, ViewKind,
    placeholder_index,
};
use crate::rules;
use proc_macro2::{Delimiter, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Prints the statements of one function.
pub(super) struct Emitter<'a> {
    pub(super) func: &'a Func,
    /// Path to the facade crate.
    pub(super) krate: &'a TokenStream,
    pub(super) facts: Facts<'a>,
    pub(super) written: Rc<Written>,
    pub(super) namer: Namer,
    /// In vector mode: the number of lanes.
    pub(super) lanes: Option<Ident>,
    pub(super) names: Vec<Option<Ident>>,
    /// Values that are written where they are used.
    pub(super) inlined: HashMap<Var, &'a Op>,
    /// Values that are parts of expressions.
    pub(super) folded: HashMap<Var, Folded<'a>>,
    pub(super) folds: bool,
    /// Mutable variables that have been declared.
    pub(super) declared: HashSet<Var>,
    /// The cotangent buffers of parameters, each with the marker type that says whether it is there.
    pub(super) slots: BTreeMap<Var, Option<Ident>>,
    /// For each parameter: the variable that holds its marker.
    pub(super) markers: BTreeMap<Var, Ident>,
    /// Those that a call has passed on.
    pub(super) used_markers: RefCell<HashSet<String>>,
    /// What lends memory to what is called, or to the tapes here, if anything does.
    pub(super) lender: Option<Lender>,
    /// Memory that the function has done with, and the cotangents that lie there.
    pub(super) reused: BTreeMap<Var, Var>,
    /// The tapes that are as long as it takes.
    pub(super) grows: HashSet<Var>,
    /// The loops around, with what they run, and how often; `None` for an arm, and for a loop whose passes nobody counts.
    pub(super) around: Vec<Option<(Tokens, &'a Block)>>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        func: &'a Func,
        krate: &'a TokenStream,
        written: Rc<Written>,
        facts: Facts<'a>,
        namer: Namer,
    ) -> Emitter<'a> {
        func.vars.iter().for_each(|var| written.variable(&var.ty));
        Emitter {
            func,
            krate,
            lanes: None,
            names: vec![None; func.vars.len()],
            facts,
            written,
            namer,
            inlined: HashMap::default(),
            folded: HashMap::default(),
            folds: true,
            declared: HashSet::default(),
            slots: BTreeMap::new(),
            markers: BTreeMap::new(),
            used_markers: RefCell::default(),
            lender: None,
            reused: BTreeMap::new(),
            grows: HashSet::default(),
            around: Vec::new(),
        }
    }

    pub(super) fn class(&self, var: Var) -> Var {
        self.facts.class[var.index()]
    }

    /// The name of a variable in scope.
    pub(super) fn name(&self, var: Var) -> &Ident {
        self.names[self.class(var).index()].as_ref().expect("a variable is defined before it is used")
    }

    /// Names a variable that is defined here.
    pub(super) fn define(&mut self, var: Var) -> Ident {
        let class = self.class(var);
        let name = self.namer.define(&self.func.vars[class.index()]);
        self.names[class.index()] = Some(name.clone());
        name
    }

    /// Names a variable that a pattern binds: `_` if nothing reads it.
    pub(super) fn define_or_ignore(&mut self, var: Var) -> Tokens {
        let name = self.define(var);
        if self.facts.read[var.index()] {
            let mutability = self.mutability(var);
            quote_spanned!(site()=> #mutability #name)
        } else {
            quote_spanned!(site()=> _)
        }
    }

    /// `mut`, where the variable or what it owns is changed.
    pub(super) fn mutability(&self, var: Var) -> Option<Tokens> {
        let class = self.class(var);
        let info = &self.func.vars[class.index()];
        let behind_reference = matches!(info.ty, Ty::Ref { .. }) || self.facts.views[class.index()].is_some();
        let changed = self.facts.mutable[class.index()] && !behind_reference;
        changed.then(|| quote_spanned!(site()=> mut))
    }

    /// `let name = value;`, or `name = value;` for a later value of a mutable variable.
    pub(super) fn bind(&mut self, var: Var, value: &Tokens) -> Tokens {
        self.bind_typed(var, &Tokens::new(), value)
    }

    /// The same, with `: ty` behind a new name.
    pub(super) fn bind_typed(&mut self, var: Var, ty: &Tokens, value: &Tokens) -> Tokens {
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
        quote_spanned!(s=> let #mutability #name #ty = #value;)
    }

    pub(super) fn span(&self, var: Var) -> proc_macro2::Span {
        self.func.vars[var.index()].span.resolved_at(site())
    }

    // --- slots ---

    /// The marker type that says whether the memory of a slot is there.
    pub(super) fn marker_of(&self, var: Var) -> Option<&Ident> {
        let mut var = var;
        loop {
            if let Some(marker) = self.slots.get(&var) {
                return marker.as_ref();
            }
            var = self.facts.views[var.index()]?.0.root;
        }
    }

    /// The marker that guards a statement: that of the slots it touches.
    pub(super) fn guard(&self, stmt: &Stmt) -> Vec<&Ident> {
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
            Stmt::Swap { a: to, b: from }
            | Stmt::CopyFrom { to, from }
            | Stmt::AccumulateAll { to, from } => {
                touch(to);
                touch(from);
            }
            Stmt::Truncate { tape, .. } => touch(&Place::from(*tape)),
            Stmt::Extend { tape, from } => {
                touch(&Place::from(*tape));
                touch(from);
            }
            _ => {}
        }
        markers
    }

    // --- blocks ---

    /// The statements of a block with a scope of its own, and what stands behind them.
    pub(super) fn scoped(&mut self, block: &'a Block, tail: impl FnOnce(&mut Self) -> Tokens) -> Tokens {
        self.namer.enter();
        let mut out = self.block(block);
        out.extend(tail(self));
        self.namer.leave();
        out
    }

    pub(super) fn block(&mut self, block: &'a Block) -> Tokens {
        self.stmts(&block.stmts, None)
    }

    /// Statements, and the one that stands behind them if it is printed apart.
    pub(super) fn stmts(&mut self, stmts: &'a [Stmt], behind: Option<&'a Stmt>) -> Tokens {
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
        let mut both_done = false;
        let foldable = self.foldable(stmts);
        let taken_once = self.taken_once(stmts);
        for (k, stmt) in stmts.iter().enumerate() {
            if std::mem::take(&mut both_done) {
                continue;
            }
            if matches!(stmt, Stmt::Alloc { var, .. } if taken_once.contains(var)) {
                continue;
            }
            // Both sweeps of a call, one behind the other, are one call.
            if let (Stmt::ForwardCall(forward), Some(Stmt::ReverseCall(reverse))) = (stmt, stmts.get(k + 1))
                && self.is_at_once(forward, reverse)
            {
                flush(&mut out, &std::mem::take(&mut guard), &mut guarded);
                out.extend(self.call_at_once(forward, reverse));
                both_done = true;
                continue;
            }
            // A value that only decides the branch behind it is written there.
            if let Stmt::Let { var, op: op @ (Op::Code(_) | Op::Load(_) | Op::Copy(_)) } = stmt
                && let Some(Stmt::Branch(branch)) = stmts.get(k + 1).or(behind)
                && let Selector::If(Operand::Var(test)) | Selector::Tag(Operand::Var(test)) = &branch.on
                && test == var
                && self.is_used_once(*var)
            {
                self.inlined.insert(*var, op);
                continue;
            }
            if let Stmt::Let { var, op } = stmt
                && foldable.contains(var)
            {
                self.fold(*var, op);
                continue;
            }
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

    pub(super) fn stmt(&mut self, stmt: &'a Stmt) -> Tokens {
        let s = site();
        match stmt {
            Stmt::Let { var, op } => self.let_(*var, op),
            Stmt::Alloc { var, .. } if self.is_unasked(*var) => {
                self.define(*var);
                Tokens::new()
            }
            Stmt::Alloc { var, init: Init::Buffer { value, len, on_stack: true } } => {
                self.buffer(*var, value, len)
            }
            Stmt::Alloc { var, init } => {
                if let Some(tape) = self.lent_tape(*var, init) {
                    return tape;
                }
                if let Some(reused) = self.reused_for(*var, init) {
                    return reused;
                }
                if let Init::Tape(Room::Any) = init {
                    self.grows.insert(*var);
                }
                let value = self.init_of(*var, self.func.ty(*var), init);
                let ty = self.func.ty(*var);
                let value = self.or_absent(init_place(init), value, |_| {
                    if has_shape(ty) {
                        self.zeros(ty)
                    } else {
                        quote_spanned!(s=> ::core::default::Default::default())
                    }
                });
                // What is empty because its source does not exist is not looked into.
                let marker = init_place(init).and_then(|place| self.marker_of(place.root)).cloned();
                if marker.is_some() && !has_shape(ty) && !self.facts.mutable[var.index()] {
                    self.slots.insert(*var, marker);
                }
                self.bind(*var, &value)
            }
            Stmt::View { var, place, kind } => self.view(*var, place, *kind),
            Stmt::Store { place, value } => {
                if let Some(update) = self.update_of(place, value) {
                    return update;
                }
                let (place, value) = (self.place(place), self.inner(value));
                quote_spanned!(s=> #place = #value;)
            }
            Stmt::Assign { place, init } => {
                let ty = self.place_ty(place);
                // What it refers to is assigned.
                let value = self.init_of(place.root, ty.peeled(), init);
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
            Stmt::Effect { code, .. } if code.tokens.is_empty() => Tokens::new(),
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
                let place = self.part(place, Access::Exclusive);
                if let Some(value) = self.signed(Prim("add"), value) {
                    return quote_spanned!(s=> #place -= #value;);
                }
                let value = self.inner(value);
                quote_spanned!(s=> #place += #value;)
            }
            Stmt::AccumulateAll { to, from } => {
                if let Some(sum) = self.accumulate_part(to, from) {
                    return sum;
                }
                let krate = self.krate;
                let (to, from) = (self.reborrow(to), self.reference(from, Access::Shared));
                quote_spanned!(s=> #krate::__private::accumulate(#to, #from);)
            }
            Stmt::Clear { place } => self.clear(place),
            Stmt::Grow { tape, by } => {
                let zero = match self.func.ty(*tape) {
                    Ty::Tape(of) | Ty::Vec(of) => self.unread(of),
                    _ => quote_spanned!(s=> ::core::default::Default::default()),
                };
                let by = self.operand(by);
                let (room, tape) = (self.room_on(*tape, &by), self.name(*tape));
                quote_spanned!(s=> #room #tape.resize(#tape.len() + #by, #zero);)
            }
            Stmt::Extend { tape, from } => {
                let len = self.spell(&self.resolve(from));
                let room = self.room_on(*tape, &quote_spanned!(s=> #len.len()));
                let (tape, from) = (self.name(*tape), self.reference(from, Access::Shared));
                quote_spanned!(s=> #room #tape.extend_from_slice(#from);)
            }
            Stmt::Truncate { tape, len } => {
                let (tape, len) = (self.name(*tape), self.inner(len));
                quote_spanned!(s=> #tape.truncate(#len);)
            }
            Stmt::ForwardCall(forward) => self.forward_call(forward),
            Stmt::ReverseCall(reverse) => self.reverse_call(reverse),
            Stmt::TangentCall(call) => self.tangent_call(call),
        }
    }

    /// A value of its own that is read in one place.
    pub(super) fn is_used_once(&self, var: Var) -> bool {
        self.facts.uses[var.index()] == 1 && self.class(var) == var && !self.facts.mutable[var.index()]
    }

    pub(super) fn let_(&mut self, var: Var, op: &Op) -> Tokens {
        if self.facts.dead[var.index()] {
            return Tokens::new();
        }
        let s = self.span(var);
        let class = self.class(var);
        if !self.facts.read[var.index()] && !self.declared.contains(&class) {
            // It may panic or do something, so it stays.
            let value = self.op(var, op);
            return if matches!(op, Op::Pop(_)) {
                quote_spanned!(s=> #value;)
            } else {
                quote_spanned!(s=> let _ = #value;)
            };
        }
        if let Some(update) = self.update(var, op) {
            return update;
        }
        let value = self.op(var, op);
        let place = match op {
            Op::Load(place) | Op::Len(place) => Some(place),
            _ => None,
        };
        let value = self.or_absent(place, value, |_| self.unread(self.func.ty(var)));
        let ty = if matches!(op, Op::Code(_)) { self.told_type(var) } else { Tokens::new() };
        self.bind_typed(var, &ty, &value)
    }

    /// `s = s + x` is `s += x`.
    pub(super) fn update(&self, var: Var, op: &Op) -> Option<Tokens> {
        let class = self.class(var);
        if let Op::Code(code) = op
            && self.declared.contains(&class)
            && let [TokenTree::Ident(first), TokenTree::Punct(operator), by] =
                &code.tokens.clone().into_iter().collect::<Vec<_>>()[..]
            && matches!(operator.as_char(), '+' | '-' | '*')
            && placeholder_index(first).is_some_and(|first| self.class(first) == class)
        {
            let (name, by) = (self.name(var), self.tokens(by.to_token_stream(), &[]));
            let operator = with_equals(operator.as_char());
            return Some(quote_spanned!(self.span(var)=> #name #operator #by;));
        }
        let Op::Prim(prim, args) = op else { return None };
        let [Operand::Var(first), second] = &args[..] else { return None };
        if !self.declared.contains(&class)
            || self.class(*first) != class
            || rules::form(*prim) != rules::Form::Infix
        {
            return None;
        }
        Some(self.updated(&self.name(var).to_token_stream(), self.span(var), *prim, second))
    }

    /// `sum += by`
    pub(super) fn updated(&self, sum: &Tokens, span: Span, prim: Prim, by: &Operand) -> Tokens {
        if let Some(by) = self.signed(prim, by) {
            return quote_spanned!(span=> #sum -= #by;);
        }
        let operator =
            with_equals(rules::spelling(prim).chars().next().expect("an operator has a character"));
        let by = self.inner(by);
        quote_spanned!(span=> #sum #operator #by;)
    }

    /// What is read from a slot that may be absent.
    pub(super) fn or_absent(
        &self,
        place: Option<&Place>,
        value: Tokens,
        absent: impl FnOnce(&Place) -> Tokens,
    ) -> Tokens {
        let Some((place, marker)) = place.and_then(|place| Some((place, self.marker_of(place.root)?))) else {
            return value;
        };
        let absent = absent(place);
        quote_spanned!(site()=> if #marker::ACTIVE { #value } else { #absent })
    }

    /// Few numbers have room in an array.
    fn buffer(&mut self, var: Var, value: &Elem, len: &Operand) -> Tokens {
        let (s, span, krate) = (site(), self.span(var), self.krate);
        let of = match self.func.ty(var).peeled() {
            Ty::Vec(of) => Some(&**of),
            _ => None,
        };
        let (value, len) = (self.typed_elem(value, of), self.inner(len));
        let [few, many] = ["few", "many"].map(|name| self.namer.fresh(name, span));
        let name = self.define(var);
        quote_spanned! {s=>
            let mut #few = [#value; 32];
            let mut #many = #krate::__private::vec::Vec::new();
            let #name = #krate::__private::few_or_many(&mut #few, &mut #many, #len);
        }
    }

    pub(super) fn view(&mut self, var: Var, place: &Place, kind: ViewKind) -> Tokens {
        let s = self.span(var);
        let checked = place.path.iter().any(|proj| matches!(proj, Proj::Index(_) | Proj::Slice { .. }));
        let spelt_out = self.is_spelt_out(var);
        let unused = kind == ViewKind::Shared && !self.facts.read[var.index()];
        if spelt_out || unused {
            // The bounds are checked where the user's code checks them.
            if kind == ViewKind::Materialized || !checked || self.marker_of(place.root).is_some() {
                return Tokens::new();
            }
            let place = self.part(place, Access::Shared);
            return quote_spanned!(s=> let _ = &#place;);
        }
        let marker = self.marker_of(place.root).cloned();
        let value = match (kind, marker) {
            (ViewKind::Shared, Some(marker)) if matches!(place.path[..], [Proj::Slice { .. }]) => {
                let (value, root) = (self.reference(place, Access::Shared), self.name(place.root));
                quote_spanned!(s=> if #marker::ACTIVE { #value } else { &#root[..0] })
            }
            (ViewKind::Shared, _) => self.part_reference(place, Access::Shared),
            (ViewKind::Exclusive | ViewKind::Materialized, None) => {
                self.part_reference(place, Access::Exclusive)
            }
            (ViewKind::Exclusive | ViewKind::Materialized, Some(marker)) => {
                let (value, root) = (self.reborrow(place), self.name(place.root));
                quote_spanned!(s=> if #marker::ACTIVE { #value } else { &mut #root[..0] })
            }
            (ViewKind::Row, marker) => self.row(place, marker.as_ref()),
        };
        let name = self.define(var);
        quote_spanned!(s=> let #name = #value;)
    }

    /// A row, or an empty slice.
    pub(super) fn row(&self, place: &Place, marker: Option<&Ident>) -> Tokens {
        let s = site();
        let resolved = self.resolve(place);
        let mut parent = resolved.clone();
        let step = parent.path.pop();
        let of = self.part(&parent, Access::Exclusive);
        let row = match step {
            Some(Proj::Slice { from, to, inclusive }) => {
                let from = from.as_ref().map(|from| self.operand(from));
                let to = to.as_ref().map(|to| self.operand(to));
                let range =
                    if inclusive { quote_spanned!(s=> #from..=#to) } else { quote_spanned!(s=> #from..#to) };
                quote_spanned!(s=> #of.get_mut(#range).unwrap_or_default())
            }
            Some(Proj::Index(index)) => {
                let index = self.operand(&index);
                quote_spanned!(s=> #of.get_mut(#index).map(|row| &mut row[..]).unwrap_or_default())
            }
            Some(
                Proj::Field(_) | Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Deref,
            )
            | None => self.reborrow(place),
        };
        match marker {
            // What leads to the row may not exist either.
            Some(marker) if !parent.path.is_empty() => {
                quote_spanned!(s=> if #marker::ACTIVE { #row } else { ::core::default::Default::default() })
            }
            _ => row,
        }
    }

    pub(super) fn swap(&self, a: &Place, b: &Place) -> Tokens {
        let s = site();
        let (a, b) = (self.resolve(a), self.resolve(b));
        if let (Some((Proj::Index(i), parent)), Some((Proj::Index(j), other))) =
            (a.path.split_last(), b.path.split_last())
            && a.root == b.root
            && parent == other
        {
            let parent = self.place(&Place { root: a.root, path: parent.to_vec() });
            let (i, j) = (self.inner(i), self.inner(j));
            return quote_spanned!(s=> #parent.swap(#i, #j););
        }
        if a.root == b.root {
            // Two borrows of one root would be in each other's way.
            let is_copy = super::expr::is_copy(&self.place_ty(&a));
            let (a, b) = (self.content(&a), self.content(&b));
            return if is_copy {
                quote_spanned!(s=> (#a, #b) = (#b, #a);)
            } else {
                quote_spanned! {s=> {
                    let taken = ::core::mem::take(&mut #a);
                    #a = ::core::mem::replace(&mut #b, taken);
                }}
            };
        }
        let (a, b) = (self.reference(&a, Access::Exclusive), self.reference(&b, Access::Exclusive));
        quote_spanned!(s=> ::core::mem::swap(#a, #b);)
    }

    pub(super) fn copy_from(&self, to: &Place, from: &Place) -> Tokens {
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

    pub(super) fn clear(&self, place: &Place) -> Tokens {
        let s = site();
        match self.place_ty(place).peeled() {
            Ty::Float(_) => {
                let place = self.content(place);
                let zero = self.inner(&Operand::float(0.0));
                quote_spanned!(s=> #place = #zero;)
            }
            Ty::Lanes(_) => {
                let place = self.content(place);
                quote_spanned!(s=> #place = ::core::default::Default::default();)
            }
            Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) if of.is_float() => {
                let place = self.place(place);
                let zero = self.inner(&Operand::float(0.0));
                quote_spanned!(s=> #place.fill(#zero);)
            }
            _ => {
                let krate = self.krate;
                // Of a field as a whole, nothing is as good as anything else.
                let place = match place.path.last() {
                    Some(last) if !last.is_field() => self.part_reference(place, Access::Exclusive),
                    _ => self.reborrow(place),
                };
                quote_spanned!(s=> #krate::__private::clear(#place);)
            }
        }
    }

    /// The pattern that takes a seed apart.
    pub(super) fn seed_pattern(&mut self, seed: &Value) -> Tokens {
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

/// `+=`
fn with_equals(operator: char) -> Tokens {
    [(operator, Spacing::Joint), ('=', Spacing::Alone)]
        .into_iter()
        .map(|(c, spacing)| {
            let mut punct = Punct::new(c, spacing);
            punct.set_span(site());
            TokenTree::Punct(punct)
        })
        .collect()
}

/// The shape is in the type.
fn has_shape(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => true,
        Ty::Array(of, _) => has_shape(of),
        Ty::Tuple(of) => of.iter().all(has_shape),
        _ => false,
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
