//! Which variable does a name mean, and what does it hold now?
//!
//! A mutable scalar is one variable of the IR per assignment. Where control flow joins, the versions are
//! joined: a branch by comparing what its arms assigned, a loop by parameters that are made when a
//! variable is first touched inside it, and dropped if it did not change.

use super::types::{Origin, Type};
use super::value::{LocalPath, Val};
use super::walk::{self, Walk};
use super::{Kind, Lower, iter};
use crate::ir::{Carried, Init, Operand, Stmt, Var};
use proc_macro2::{Ident, Span};
use quote::quote;
use std::collections::BTreeMap;

/// A local variable of the user's, or one that lowering made for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LocalId(pub(crate) usize);

/// A name: text and hygiene. Two identifiers of the same text from different macros are different names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    text: String,
    hygiene: String,
}

impl Name {
    pub(crate) fn of(ident: &Ident) -> Name {
        // The debug form of a span of the compiler's is `#4 bytes(10..12)`: the syntax context and the place.
        let debug = format!("{:?}", ident.span());
        let hygiene = debug.strip_prefix('#').and_then(|rest| rest.split_whitespace().next()).unwrap_or("");
        Name { text: ident.to_string(), hygiene: hygiene.to_string() }
    }
}

pub(crate) type Scope = BTreeMap<Name, LocalId>;

#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) val: Val,
    /// May be assigned after its declaration.
    pub(crate) mutable: bool,
    /// Says that an exit was taken, or holds the value of one: known to be false (or unset) at the start of every pass.
    pub(crate) flow: bool,
    /// Loops around the declaration.
    depth: usize,
    /// Loops, counted from the outermost, in which it has an entry.
    touched: usize,
    /// The type the user wrote, for literals that are assigned later.
    pub(crate) annotation: Option<syn::Type>,
    /// The declaration, for what later runs should know.
    pub(crate) node: Option<usize>,
}

/// A loop being lowered.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    entries: BTreeMap<LocalId, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Before the loop.
    before: Val,
    /// At the start of a pass.
    start: Val,
}

/// What was assigned since a branch or loop began: the old values.
#[derive(Debug)]
pub(crate) struct Log {
    old: BTreeMap<LocalId, Val>,
    /// Locals that existed when it began.
    locals: usize,
}

impl Lower<'_> {
    pub(crate) fn push_scope(&mut self) {
        self.scopes.push(Scope::new());
    }

    pub(crate) fn pop_scope(&mut self) {
        self.scopes.pop();
    }

    /// Lowers inside a scope of its own.
    pub(crate) fn scoped<R>(&mut self, body: impl FnOnce(&mut Self) -> R) -> R {
        self.push_scope();
        let result = body(self);
        self.pop_scope();
        result
    }

    /// A variable of the user's.
    pub(crate) fn declare(&mut self, ident: &Ident, val: Val, mutable: bool) -> LocalId {
        let id = self.new_local(&ident.to_string(), ident.span(), val, mutable);
        self.scopes.last_mut().expect("a function has a scope").insert(Name::of(ident), id);
        id
    }

    /// A mutable variable that lowering makes for itself: a running sum, a flag. Read and written with
    /// [`read`](Self::read) and [`write`](Self::write), it goes through branches and loops like the user's own.
    pub(crate) fn pseudo(&mut self, name: &str, val: Val) -> LocalId {
        let val = self.settle(val);
        self.new_local(name, self.span, val, true)
    }

    pub(crate) fn new_local(&mut self, name: &str, span: Span, val: Val, mutable: bool) -> LocalId {
        let depth = self.frames.len();
        self.locals.push(Local {
            name: name.to_string(),
            span,
            val,
            mutable,
            flow: false,
            depth,
            touched: depth,
            annotation: None,
            node: None,
        });
        LocalId(self.locals.len() - 1)
    }

    pub(crate) fn lookup(&self, ident: &Ident) -> Option<LocalId> {
        let name = Name::of(ident);
        self.scopes.iter().rev().find_map(|scope| scope.get(&name)).copied()
    }

    pub(crate) fn local(&self, id: LocalId) -> &Local {
        &self.locals[id.0]
    }

    /// What a local holds now.
    pub(crate) fn read(&mut self, id: LocalId) -> Val {
        if !self.local(id).flow {
            self.touch(id);
        }
        self.local(id).val.clone()
    }

    /// Assigns to a local that is not in memory.
    pub(crate) fn write(&mut self, id: LocalId, val: Val) {
        let val = self.settle(val);
        self.touch(id);
        let old = self.local(id).val.clone();
        let val = self.shaped_like(&old, val);
        let val = self.overwrite(&old, val);
        if val.same(&old) {
            return;
        }
        if let Some(log) = self.logs.last_mut()
            && id.0 < log.locals
        {
            log.old.entry(id).or_insert(old);
        }
        self.name_val(&val, id);
        self.locals[id.0].val = val;
    }

    /// What a local holds after an assignment: memory stays where it is and is written.
    fn overwrite(&mut self, old: &Val, new: Val) -> Val {
        match (old, new) {
            (Val::Memory(old), Val::Memory(new)) if old.place != new.place => {
                self.types.unify(&old.ty, &new.ty);
                self.push(Stmt::Assign { place: old.place.clone(), init: Init::Move(new.place) });
                Val::Memory(old.clone())
            }
            (Val::Cell(var, ty), new) => {
                let to = self.operand_tokens(&Operand::Var(*var));
                let from = self.as_code(new).tokens;
                self.push_effect(quote!(#to = #from;), vec![*var]);
                Val::Cell(*var, ty.clone())
            }
            (Val::Tuple(old), Val::Tuple(new)) if old.len() == new.len() => {
                Val::Tuple(old.iter().zip(new).map(|(old, new)| self.overwrite(old, new)).collect())
            }
            (_, new) => new,
        }
    }

    /// Gives a temporary the name of the local it is assigned to.
    fn name_val(&mut self, val: &Val, id: LocalId) {
        let Local { name, span, flow, .. } = self.local(id);
        // What nobody declared, such as the result, stands where it is computed.
        let (name, span) = (name.clone(), (!flow).then_some(*span));
        self.give_name(val, &name, span);
    }

    /// Gives a temporary a name, unless it has one.
    pub(crate) fn rename(&mut self, val: &Val, name: &str, span: Span) {
        self.give_name(val, name, Some(span));
    }

    fn give_name(&mut self, val: &Val, name: &str, span: Option<Span>) {
        let var = match val {
            Val::Scalar(Operand::Var(var), _) => *var,
            Val::Memory(memory) if memory.fresh && memory.place.path.is_empty() => memory.place.root,
            _ => return,
        };
        if !self.named[var.index()] {
            self.named[var.index()] = true;
            self.vars[var.index()].name = name.to_string();
            if let Some(span) = span {
                self.vars[var.index()].span = span;
            }
        }
    }

    /// A component of a local, without touching it: for its type only.
    pub(crate) fn component(&self, path: &LocalPath) -> Val {
        let mut val = self.local(path.local).val.clone();
        for &field in &path.path {
            val = match val {
                Val::Tuple(mut of) if field < of.len() => of.swap_remove(field),
                _ => return Val::Uninit,
            };
        }
        val
    }

    pub(crate) fn read_component(&mut self, path: &LocalPath) -> Val {
        self.read(path.local);
        self.component(path)
    }

    pub(crate) fn write_component(&mut self, path: &LocalPath, val: Val) {
        let val = self.settle(val);
        let mut whole = self.read(path.local);
        let mut at = &mut whole;
        for &field in &path.path {
            match at {
                Val::Tuple(of) if field < of.len() => at = &mut of[field],
                _ => return,
            }
        }
        *at = val;
        self.write(path.local, whole);
    }

    /// Makes sure that a mutable local has an entry in every loop around the current point.
    fn touch(&mut self, id: LocalId) {
        let local = &self.locals[id.0];
        if !local.mutable {
            return;
        }
        let (touched, flow) = (local.touched, local.flow);
        for at in touched..self.frames.len() {
            let before = self.locals[id.0].val.clone();
            let start = if flow { before.clone() } else { self.parameters(&before, id) };
            self.locals[id.0].val = start.clone();
            self.frames[at].entries.insert(id, Entry { before, start });
        }
        self.locals[id.0].touched = self.frames.len();
    }

    /// New variables for every scalar in a value.
    fn parameters(&mut self, val: &Val, id: LocalId) -> Val {
        match val {
            Val::Scalar(operand, ty) => {
                let Local { name, span, .. } = self.local(id);
                let (name, span) = (name.clone(), *span);
                let var = self.new_named_var(&name, ty.clone(), span);
                self.loop_params.insert(var);
                // What a constant of a type of the user's is replaced by is one, too.
                let stays = operand.var().is_none_or(|of| self.is_inactive(of));
                if stays && self.types.to_ir(ty) == crate::ir::Ty::Opaque {
                    self.inactive.insert(var);
                }
                if self.is_usize(operand) {
                    self.lengths.insert(var);
                }
                Val::Scalar(Operand::Var(var), ty.clone())
            }
            Val::Tuple(of) => Val::Tuple(of.iter().map(|val| self.parameters(val, id)).collect()),
            // What it refers to does not change while it does: another number is another reference.
            Val::Ref { to, mutable: false } if matches!(**to, Val::Scalar(..)) => {
                Val::reference(false, self.parameters(to, id))
            }
            val => match (iter::as_pair(val), Walk::of(val)) {
                (Some(pair), _) => iter::of_pair(self.parameters(&pair, id)),
                (None, Some(walk)) => walk.parameters(self, id),
                (None, None) => val.clone(),
            },
        }
    }

    pub(crate) fn begin_log(&mut self) {
        self.logs.push(Log { old: BTreeMap::new(), locals: self.locals.len() });
    }

    /// Whether the current point is in a branch or a loop.
    pub(crate) fn is_in_branch(&self) -> bool {
        !self.logs.is_empty()
    }

    /// Takes back every assignment since the log began; returns what was assigned.
    pub(crate) fn roll_back(&mut self) -> BTreeMap<LocalId, Val> {
        let log = self.logs.pop().expect("a log was begun");
        let mut changed = BTreeMap::new();
        for (id, old) in log.old {
            let new = std::mem::replace(&mut self.locals[id.0].val, old);
            changed.insert(id, new);
        }
        changed
    }

    /// Assumes that flow variables are unset, at the start of guarded code. Returns what they were.
    pub(crate) fn assume(&mut self, flags: &[LocalId], val: &Val) -> Vec<(LocalId, Val)> {
        flags.iter().map(|&id| (id, std::mem::replace(&mut self.locals[id.0].val, val.clone()))).collect()
    }

    /// Takes an assumption back, where guarded code did not assign.
    pub(crate) fn unassume(&mut self, assumed: Vec<(LocalId, Val)>) {
        for (id, was) in assumed {
            match self.logs.last_mut().and_then(|log| log.old.get_mut(&id)) {
                Some(old) => *old = was,
                None => self.locals[id.0].val = was,
            }
        }
    }

    pub(crate) fn begin_frame(&mut self) {
        self.frames.push(Frame::default());
        self.begin_log();
    }

    /// Ends a loop: what it carries from pass to pass. Locals then hold their values after the loop.
    pub(crate) fn end_frame(&mut self) -> Vec<Carried> {
        let changed = self.roll_back();
        let frame = self.frames.pop().expect("a loop was begun");
        let mut carried = Vec::new();
        for (id, entry) in frame.entries {
            self.locals[id.0].touched = self.frames.len().max(self.locals[id.0].depth);
            let now = changed.get(&id).cloned().unwrap_or_else(|| entry.start.clone());
            let after = self.carry(id, &entry.before, &entry.start, &now, &mut carried);
            self.locals[id.0].val = entry.before.clone();
            if !after.same(&entry.before) {
                // Logged in the branch around the loop, if there is one.
                self.write_raw(id, after);
            }
        }
        carried
    }

    fn write_raw(&mut self, id: LocalId, val: Val) {
        let old = self.local(id).val.clone();
        self.touch(id);
        if let Some(log) = self.logs.last_mut()
            && id.0 < log.locals
        {
            log.old.entry(id).or_insert(old);
        }
        self.locals[id.0].val = val;
    }

    fn carry(
        &mut self,
        id: LocalId,
        before: &Val,
        start: &Val,
        now: &Val,
        carried: &mut Vec<Carried>,
    ) -> Val {
        match (before, start, now) {
            _ if now.same(start) => {
                self.substitute(start, before);
                before.clone()
            }
            (Val::Scalar(init, _), Val::Scalar(param, ty), Val::Scalar(next, now_ty)) => {
                self.types.unify(ty, now_ty);
                // A flow variable has no version at the start of a pass.
                let param = match param {
                    Operand::Var(param) if Operand::Var(*param) != *init => *param,
                    _ => self.version(id, ty),
                };
                let result = self.version(id, ty);
                if self.is_usize(init) || self.is_usize(next) {
                    self.lengths.insert(result);
                }
                carried.push(Carried { param, init: init.clone(), next: next.clone(), result });
                Val::Scalar(Operand::Var(result), ty.clone())
            }
            (Val::Uninit | Val::Never, _, Val::Scalar(next, ty)) => {
                let Some(init) = self.dummy(ty) else {
                    self.reject_join(id);
                    return now.clone();
                };
                let param = self.version(id, ty);
                let result = self.version(id, ty);
                carried.push(Carried { param, init, next: next.clone(), result });
                Val::Scalar(Operand::Var(result), ty.clone())
            }
            (Val::Tuple(before), Val::Tuple(start), Val::Tuple(now))
                if before.len() == now.len() && start.len() == now.len() =>
            {
                let parts = before.iter().zip(start).zip(now);
                Val::Tuple(
                    parts.map(|((before, start), now)| self.carry(id, before, start, now, carried)).collect(),
                )
            }
            // Memory must exist before the loop: it is made there in the next run.
            (Val::Uninit, _, now) if holds_memory(now) => {
                let ty = self.type_of(now);
                if !self.want_preallocated(id, &ty) {
                    self.reject_join(id);
                }
                now.clone()
            }
            (Val::Uninit, _, Val::Tuple(now)) => Val::Tuple(
                now.iter().map(|now| self.carry(id, &Val::Uninit, &Val::Uninit, now, carried)).collect(),
            ),
            (Val::Uninit, _, Val::Unit) => Val::Unit,
            // Of what is missing now, the item is never read.
            (Val::Scalar(..) | Val::Tuple(_) | Val::Ref { .. }, _, Val::Uninit) => {
                self.substitute(start, before);
                before.clone()
            }
            (Val::Uninit, _, Val::Ref { to, mutable: false }) if matches!(**to, Val::Scalar(..)) => {
                let to = self.carry(id, &Val::Uninit, &Val::Uninit, to, carried);
                Val::reference(false, to)
            }
            (
                Val::Ref { to: before, .. },
                Val::Ref { to: start, .. },
                Val::Ref { to: now, mutable: false },
            ) if matches!((&**before, &**now), (Val::Scalar(..), Val::Scalar(..))) => {
                let to = self.carry(id, before, start, now, carried);
                Val::reference(false, to)
            }
            _ => {
                if let Some(after) = Walk::carry(self, id, [before, start, now], carried) {
                    return after;
                }
                if let [Some(before), Some(start), Some(now)] = [before, start, now].map(iter::as_pair)
                    && iter::is_carried(&before, &now)
                {
                    return iter::of_pair(self.carry(id, &before, &start, &now, carried));
                }
                if !walk::may_walk(self, id, before, now) {
                    self.one_type(&[before.clone(), now.clone()]);
                    self.reject_join(id);
                }
                now.clone()
            }
        }
    }

    pub(crate) fn version(&mut self, id: LocalId, ty: &Type) -> Var {
        let Local { name, span, .. } = self.local(id);
        let (name, span) = (name.clone(), *span);
        self.new_named_var(&name, ty.clone(), span)
    }

    /// Replaces parameters of a loop that turned out not to change.
    pub(crate) fn substitute(&mut self, param: &Val, by: &Val) {
        if let (Some(param), Some(by)) = (Walk::of(param), Walk::of(by)) {
            param.substitute(self, &by);
            return;
        }
        if let (Some(param), Some(by)) = (iter::as_pair(param), iter::as_pair(by)) {
            self.substitute(&param, &by);
            return;
        }
        match (param, by) {
            (Val::Scalar(Operand::Var(param), _), Val::Scalar(by, _)) if Operand::Var(*param) != *by => {
                self.substitutions.insert(*param, by.clone());
            }
            (Val::Tuple(params), Val::Tuple(by)) => {
                for (param, by) in params.iter().zip(by) {
                    self.substitute(param, by);
                }
            }
            (Val::Ref { to: param, .. }, Val::Ref { to: by, .. }) => self.substitute(param, by),
            _ => {}
        }
    }

    /// A value that is never read.
    pub(crate) fn dummy(&self, ty: &Type) -> Option<Operand> {
        if self.types.is_float(ty) {
            return Some(Operand::float(0.0));
        }
        match self.types.resolve(ty) {
            Type::Int => Some(Operand::int(0)),
            Type::Bool => Some(Operand::bool(false)),
            // Known in the next run, if at all.
            Type::Var(_) => Some(Operand::float(0.0)),
            _ => None,
        }
    }

    pub(crate) fn reject_join(&mut self, id: LocalId) {
        // What was reported before may be the reason.
        if !self.errors.is_empty() {
            return;
        }
        let Local { name, span, .. } = self.local(id);
        let (name, span) = (name.clone(), *span);
        self.reject_at(
            Kind::Reference,
            span,
            &format!("what `{name}` refers to is decided at run time"),
            "let every branch and every pass of a loop use the same array through it, or copy the numbers",
        );
    }

    /// Joins what the arms of a branch left. `None`: the arm does not come to its end.
    pub(crate) fn join(
        &mut self,
        name: &str,
        span: Span,
        vals: &[Option<Val>],
        joins: &mut Vec<Join>,
    ) -> Result<Val, ()> {
        let live: Vec<&Val> =
            vals.iter().flatten().filter(|val| !matches!(val, Val::Never | Val::Uninit)).collect();
        let Some(&first) = live.first() else {
            return Ok(vals.iter().flatten().next().cloned().unwrap_or(Val::Never));
        };
        if live.iter().all(|val| val.same(first)) && live.len() == vals.iter().flatten().count() {
            return Ok(first.clone());
        }
        if live.iter().any(|val| matches!(val, Val::Memory(_)))
            && live.iter().any(|val| self.is_constant(val))
        {
            self.one_type(&live.iter().map(|val| (*val).clone()).collect::<Vec<_>>());
        }
        if live.iter().any(|val| iter::as_pair(val).is_some()) {
            let pairs = iter::pairs_of_arms(vals).ok_or(())?;
            let pair = self.join(name, span, &pairs, joins)?;
            return Ok(iter::of_pair(pair));
        }
        match first {
            Val::Scalar(_, ty) => {
                let ty = ty.clone();
                let mut yields = Vec::new();
                for val in vals {
                    match val {
                        Some(Val::Scalar(operand, other)) => {
                            self.types.unify(&ty, other);
                            yields.push(Yield::Scalar(operand.clone()));
                        }
                        Some(Val::Never | Val::Uninit) | None => yields.push(Yield::Dummy),
                        Some(Val::Memory(memory)) => {
                            // Of unknown type so far.
                            self.types.unify(&ty, &memory.ty);
                            yields.push(Yield::Memory(memory.place.clone()));
                        }
                        Some(_) => return Err(()),
                    }
                }
                let result = self.new_var(name, ty.clone());
                self.vars[result.index()].span = span;
                if yields.iter().any(|of| matches!(of, Yield::Scalar(operand) if self.is_usize(operand))) {
                    self.lengths.insert(result);
                }
                let is_exclusive = |of: &Yield| matches!(of, Yield::Scalar(Operand::Var(var)) if self.vars[var.index()].exclusive);
                self.vars[result.index()].exclusive = yields.iter().any(is_exclusive);
                joins.push(Join { result, yields, ty: ty.clone() });
                Ok(Val::Scalar(Operand::Var(result), ty))
            }
            Val::Memory(memory) => {
                let ty = memory.ty.clone();
                let mut yields = Vec::new();
                for val in vals {
                    match val {
                        Some(Val::Memory(memory)) => {
                            self.types.unify(&ty, &memory.ty);
                            yields.push(Yield::Memory(memory.place.clone()));
                        }
                        Some(Val::Scalar(operand, other)) => {
                            self.types.unify(&ty, other);
                            yields.push(Yield::Scalar(operand.clone()));
                        }
                        Some(Val::Never | Val::Uninit) | None => yields.push(Yield::Dummy),
                        Some(Val::Tuple(of)) => {
                            // The result of a call: in the next run it is known to be a tuple, and is taken apart.
                            self.types.tuple(&ty, of.len());
                            return Err(());
                        }
                        Some(_) => return Err(()),
                    }
                }
                let result = self.new_var(name, ty.clone());
                self.vars[result.index()].span = span;
                joins.push(Join { result, yields, ty: ty.clone() });
                Ok(Val::fresh(result, ty))
            }
            Val::Tuple(of) => {
                let arity = of.len();
                let mut parts = Vec::new();
                for at in 0..arity {
                    let mut column = Vec::new();
                    for val in vals {
                        column.push(match val {
                            Some(Val::Tuple(of)) if of.len() == arity => Some(of[at].clone()),
                            Some(Val::Never) => Some(Val::Never),
                            Some(Val::Uninit) => Some(Val::Uninit),
                            None => None,
                            Some(Val::Memory(memory)) => {
                                self.types.tuple(&memory.ty, arity);
                                return Err(());
                            }
                            Some(_) => return Err(()),
                        });
                    }
                    parts.push(self.join(name, span, &column, joins)?);
                }
                Ok(Val::Tuple(parts))
            }
            // A shared reference to a number is as good as the number.
            Val::Ref { mutable: false, to } if matches!(**to, Val::Scalar(..)) => {
                let mut column = Vec::new();
                for val in vals {
                    column.push(match val {
                        Some(Val::Ref { to, mutable: false }) => Some((**to).clone()),
                        Some(val @ (Val::Never | Val::Uninit)) => Some(val.clone()),
                        None => None,
                        Some(_) => return Err(()),
                    });
                }
                let to = self.join(name, span, &column, joins)?;
                Ok(Val::reference(false, to))
            }
            Val::Ref { mutable: false, .. } if walk::are_of_one_place(self, &live) => {
                walk::join(self, name, span, vals, joins).ok_or(())
            }
            Val::Unit => Ok(Val::Unit),
            _ if live.iter().all(|val| val.same(first)) => Ok(first.clone()),
            _ => Err(()),
        }
    }

    /// A type of which nothing is known yet, for a value that only constants make.
    pub(crate) fn unknown_constant(&self) -> Type {
        self.types.fresh(Origin::Constant)
    }
}

/// Whether a value is in memory, or a part of it.
fn holds_memory(val: &Val) -> bool {
    match val {
        Val::Memory(_) => true,
        Val::Tuple(of) => of.iter().any(holds_memory),
        _ => false,
    }
}

/// A new variable and what each arm of a branch gives it.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) result: Var,
    pub(crate) yields: Vec<Yield>,
    pub(crate) ty: Type,
}

#[derive(Debug)]
pub(crate) enum Yield {
    Scalar(Operand),
    Memory(crate::ir::Place),
    /// An end of the range that a reference refers to: the first, or the other.
    End(Val, usize),
    /// Never read.
    Dummy,
}
