//! How is the IR put together? Variables, statements, branches and loops, and the joins between them.

use super::env::{Join, LocalId, Yield};
use super::exits::{Dead, Target};
use super::types::Type;
use super::value::{CodeVal, Memory, Val};
use super::{Lower, iter, matrix, option, walk};
use crate::ir::{
    Arm, Block, Branch, Code, Elem, For, Op, Operand, Pattern, Place, Proj, Selector, Stmt, Var, VarInfo,
    While,
};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// The range of a counted loop.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) lo: Operand,
    pub(crate) hi: Operand,
    pub(crate) inclusive: bool,
    pub(crate) reversed: bool,
    /// Name of the index.
    pub(crate) name: String,
}

impl Counted {
    /// `0..hi`
    pub(crate) fn up_to(hi: Operand, name: &str) -> Counted {
        Counted { lo: Operand::int(0), hi, inclusive: false, reversed: false, name: name.to_string() }
    }
}

/// The arms of a branch that are finished.
#[derive(Debug, Default)]
pub(crate) struct Arms {
    arms: Vec<Finished>,
    /// Variables that existed before the branch.
    vars: usize,
}

#[derive(Debug)]
struct Finished {
    pattern: Option<Pattern>,
    block: Block,
    changed: BTreeMap<LocalId, Val>,
    val: Val,
    /// Its value was written as `None`.
    is_none: bool,
    dead: Option<Dead>,
}

/// A loop being built.
pub(crate) struct OpenLoop {
    /// Whether control was dead before (it is not, unless lowering went wrong).
    dead: Option<Dead>,
}

// All of the builders are methods, whether they need the context or not.
#[allow(clippy::unused_self, clippy::self_only_used_in_recursion, clippy::needless_pass_by_value)]
impl Lower<'_> {
    // Variables.

    /// A temporary; `hint` names it unless it is bound to a name of the user's.
    pub(crate) fn new_var(&mut self, hint: &str, ty: Type) -> Var {
        let var = Var(u32::try_from(self.vars.len()).expect("fewer than 2³² variables"));
        let name = if hint.is_empty() { "value" } else { hint };
        // Types are filled in when lowering ends.
        self.vars.push(VarInfo::new(name, crate::ir::Ty::Unknown, self.span));
        self.var_types.push(ty);
        self.named.push(false);
        var
    }

    /// A variable with a name of the user's.
    pub(crate) fn new_named_var(&mut self, name: &str, ty: Type, span: Span) -> Var {
        let var = self.new_var(name, ty);
        self.vars[var.index()].span = span;
        self.named[var.index()] = true;
        var
    }

    /// Whether an operation reads constants only, as far as that is seen here.
    fn is_inactive_op(&self, op: &Op) -> bool {
        let inactive = |operand: &Operand| operand.var().is_none_or(|var| self.is_inactive(var));
        match op {
            Op::Copy(operand) | Op::Cast(operand, _) => inactive(operand),
            Op::Prim(_, args) => args.iter().all(inactive),
            Op::Code(code) => code.stops || code.reads.iter().all(|var| self.is_inactive(*var)),
            Op::Load(place) => self.inactive.contains(&place.root),
            Op::Len(_) => true,
            Op::Pop(_) => false,
        }
    }

    /// Whether a variable surely depends on constants only.
    pub(crate) fn is_inactive(&self, var: Var) -> bool {
        self.inactive.contains(&var)
            || matches!(self.types.resolve(&self.var_types[var.index()]), Type::Int | Type::Bool)
    }

    /// Whether a number is surely of the type of lengths.
    pub(crate) fn is_usize(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(var) => self.lengths.contains(var),
            Operand::Lit(lit) => lit.text.ends_with("usize"),
        }
    }

    pub(crate) fn mark_usize(&mut self, operand: &Operand) {
        if let Operand::Var(var) = operand {
            self.lengths.insert(*var);
        }
    }

    /// Sums, differences and products of lengths and literals, and what the user has made a `usize`.
    pub(crate) fn is_usize_code(&self, code: &Code) -> bool {
        fn is_arithmetic(tokens: TokenStream) -> bool {
            tokens.into_iter().all(|tree| match tree {
                TokenTree::Group(group) => {
                    group.delimiter() == Delimiter::Parenthesis && is_arithmetic(group.stream())
                }
                TokenTree::Ident(ident) => crate::ir::placeholder_index(&ident).is_some(),
                TokenTree::Punct(punct) => matches!(punct.as_char(), '+' | '-' | '*' | '/' | '%'),
                TokenTree::Literal(_) => true,
            })
        }
        let trees: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
        if let [.., TokenTree::Ident(cast), TokenTree::Ident(to)] = &trees[..] {
            return cast == "as" && to == "usize";
        }
        code.reads.iter().any(|var| self.lengths.contains(var)) && is_arithmetic(code.tokens.clone())
    }

    // Statements.

    pub(crate) fn push(&mut self, stmt: Stmt) {
        self.see_writes(&stmt);
        self.blocks.last_mut().expect("a block is open").push(stmt);
    }

    /// The statement that was pushed last to the block that is open.
    pub(crate) fn last_stmt(&mut self) -> Option<&mut Stmt> {
        self.blocks.last_mut().and_then(|block| block.last_mut())
    }

    pub(crate) fn push_let(&mut self, hint: &str, ty: Type, op: Op) -> Operand {
        let var = self.new_var(hint, ty);
        if self.is_inactive_op(&op) {
            self.inactive.insert(var);
        }
        let is_usize = match &op {
            Op::Len(_) => true,
            Op::Copy(operand) => self.is_usize(operand),
            Op::Code(code) => self.is_usize_code(code),
            Op::Prim(..) | Op::Cast(..) | Op::Load(_) | Op::Pop(_) => false,
        };
        if is_usize {
            self.lengths.insert(var);
        }
        self.push(Stmt::Let { var, op });
        Operand::Var(var)
    }

    /// A statement of the user's that is kept.
    pub(crate) fn push_effect(&mut self, tokens: TokenStream, writes: Vec<Var>) {
        self.push(Stmt::Effect { code: Code::new(tokens, false), writes });
    }

    /// A statement of the user's that is kept for the effect of `call` in it.
    pub(crate) fn push_act(&mut self, tokens: TokenStream, call: &TokenStream) {
        // A method of a number keeps nothing.
        let of_number = Code::new(call.clone(), false)
            .receiver()
            .is_some_and(|var| self.types.to_ir(&self.var_types[var.index()]).holds_floats());
        let code = Code::new(tokens, false);
        let code = if of_number { code } else { code.acting() };
        self.push(Stmt::Effect { code, writes: Vec::new() });
    }

    /// The statements that `body` pushes, apart.
    pub(crate) fn block<R>(&mut self, body: impl FnOnce(&mut Self) -> R) -> (Block, R) {
        self.blocks.push(Vec::new());
        let result = body(self);
        let stmts = self.blocks.pop().expect("the block that was opened");
        (Block { stmts }, result)
    }

    /// Puts the statements of a block in line.
    pub(crate) fn splice(&mut self, block: Block) {
        self.blocks.last_mut().expect("a block is open").extend(block.stmts);
    }

    /// Inactive tokens of integer type: an index, a bound. Placeholders in them come from
    /// [`operand_tokens`](Self::operand_tokens).
    pub(crate) fn int_code(&self, tokens: TokenStream) -> Val {
        super::expr::in_parens(Val::Code(CodeVal { tokens, ty: Type::Int, cheap: true, typed: true }))
    }

    pub(crate) fn bool_code(&self, tokens: TokenStream) -> Val {
        super::expr::in_parens(Val::Code(CodeVal { tokens, ty: Type::Bool, cheap: true, typed: true }))
    }

    /// The place one step further.
    pub(crate) fn project(&self, place: &Place, proj: Proj) -> Place {
        let mut place = place.clone();
        place.path.push(proj);
        place
    }

    /// Element `index` of a sequence in memory, as a place.
    pub(crate) fn element(&mut self, memory: &Memory, index: Operand) -> Val {
        let at = matrix::number(self, memory, index);
        self.element_at(memory, at)
    }

    /// The same, with what it is indexed with.
    pub(crate) fn element_at(&mut self, memory: &Memory, index: Operand) -> Val {
        let ty = self.types.element(&memory.ty).unwrap_or_else(|| self.unknown_constant());
        self.part(self.project(&memory.place, Proj::Index(index)), ty)
    }

    /// A part of memory as a value: what is behind a reference in memory is a reference.
    pub(crate) fn part(&self, place: Place, ty: Type) -> Val {
        match self.types.resolve(&ty) {
            Type::Ref { mutable, to } => {
                let to = self.types.resolve(&to);
                let place = if self.types.is_scalar(&to) { self.project(&place, Proj::Deref) } else { place };
                Val::reference(mutable, self.part(place, to))
            }
            // More may become known of it.
            Type::Seq(_) => Val::memory(place, ty),
            ty => Val::memory(place, ty),
        }
    }

    // Branches.

    pub(crate) fn arms(&self) -> Arms {
        Arms { arms: Vec::new(), vars: self.vars.len() }
    }

    pub(crate) fn begin_arm(&mut self) {
        self.blocks.push(Vec::new());
        self.begin_log();
    }

    pub(crate) fn end_arm(&mut self, arms: &mut Arms, pattern: Option<Pattern>, val: Val) {
        let is_none = self.dead.is_none() && iter::is_none(&val);
        let val = if self.dead.is_some() { Val::Never } else { self.settle_shape(val) };
        let val = option::stored(self, val);
        let stmts = self.blocks.pop().expect("the block of the arm");
        let changed = self.roll_back();
        let dead = self.dead.take();
        arms.arms.push(Finished { pattern, block: Block { stmts }, changed, val, is_none, dead });
    }

    /// Joins the arms; the value of the branch.
    pub(crate) fn end_branch(&mut self, on: Selector, arms: Arms) -> Val {
        let Arms { arms, vars } = arms;
        let mut joins: Vec<Join> = Vec::new();
        let ids: BTreeSet<LocalId> = arms.iter().flat_map(|arm| arm.changed.keys().copied()).collect();
        for id in ids {
            self.join_local(id, &arms, vars, &mut joins);
        }
        let is_paired = arms.iter().any(|arm| iter::as_pair(&arm.val).is_some());
        let vals = arms.iter().map(|arm| {
            if arm.is_none && is_paired { iter::of_pair(iter::absent()) } else { arm.val.clone() }
        });
        let vals: Vec<Option<Val>> = vals.map(Some).collect();
        let span = self.span;
        let value = self.join_out("value", span, &vals, vars, &mut joins);
        let value = value.unwrap_or_else(|()| {
            self.reject_at(
                super::Kind::Reference,
                span,
                "which value this refers to is decided at run time",
                "choose an index, or the numbers themselves: `if c { a[i] } else { b[i] }`",
            );
            Val::Never
        });
        self.dead = if arms.iter().all(|arm| arm.dead.is_some()) {
            arms.iter().filter_map(|arm| arm.dead).max()
        } else {
            None
        };
        self.push_branch(on, arms, &joins);
        value
    }

    /// Joins values so that nothing inside the arms is named outside of them.
    fn join_out(
        &mut self,
        name: &str,
        span: Span,
        vals: &[Option<Val>],
        vars: usize,
        joins: &mut Vec<Join>,
    ) -> Result<Val, ()> {
        let Ok(val) = self.join(name, span, vals, joins) else {
            self.one_type(&vals.iter().flatten().cloned().collect::<Vec<_>>());
            return Err(());
        };
        if !self.escapes(&val, vars, joins) {
            return Ok(val);
        }
        if vals.len() != 1 {
            return Err(());
        }
        // With one arm there is nothing to join: its numbers are handed out.
        let val = self.hand_out(name, span, val, joins);
        if self.escapes(&val, vars, joins) { Err(()) } else { Ok(val) }
    }

    fn hand_out(&mut self, name: &str, span: Span, val: Val, joins: &mut Vec<Join>) -> Val {
        match val {
            Val::Scalar(operand, ty) => {
                let result = self.new_var(name, ty.clone());
                self.vars[result.index()].span = span;
                joins.push(Join { result, yields: vec![Yield::Scalar(operand)], ty: ty.clone() });
                Val::Scalar(Operand::Var(result), ty)
            }
            Val::Tuple(of) => {
                Val::Tuple(of.into_iter().map(|val| self.hand_out(name, span, val, joins)).collect())
            }
            val => val,
        }
    }

    fn join_local(&mut self, id: LocalId, arms: &[Finished], vars: usize, joins: &mut Vec<Join>) {
        let old = self.local(id).val.clone();
        let flow = self.local(id).flow;
        let vals: Vec<Val> = arms
            .iter()
            .map(|arm| match arm.dead {
                // Nobody sees what such an arm left, other than its exit.
                Some(Dead::Panic) => Val::Never,
                Some(Dead::Return) if !flow => Val::Never,
                _ => arm.changed.get(&id).cloned().unwrap_or_else(|| old.clone()),
            })
            .collect();
        if vals.iter().all(|val| matches!(val, Val::Never) || val.same(&old)) {
            return;
        }
        let (name, span) = (self.local(id).name.clone(), self.local(id).span);
        let vals: Vec<Option<Val>> =
            vals.into_iter().map(|val| Some(walk::as_declared(self, id, val))).collect();
        match self.join_changed(&name, span, &old, &vals, vars, joins) {
            Ok(val) => {
                let val = self.owned_by(id, val);
                self.write(id, val);
            }
            _ => self.reject_join(id),
        }
    }

    /// What a local that held `old` holds after some arms: parts that no arm changes that comes to its end stay where they are.
    fn join_changed(
        &mut self,
        name: &str,
        span: Span,
        old: &Val,
        vals: &[Option<Val>],
        vars: usize,
        joins: &mut Vec<Join>,
    ) -> Result<Val, ()> {
        let is_as_before = |val: &Option<Val>| match val {
            Some(Val::Never) => true,
            Some(val) => val.same(old),
            None => false,
        };
        if vals.iter().all(is_as_before) {
            return Ok(old.clone());
        }
        let Val::Tuple(parts) = old else { return self.join_out(name, span, vals, vars, joins) };
        let mut columns: Vec<Vec<Option<Val>>> = vec![Vec::new(); parts.len()];
        for val in vals {
            match val {
                Some(Val::Tuple(of)) if of.len() == parts.len() => {
                    columns.iter_mut().zip(of).for_each(|(column, part)| column.push(Some(part.clone())));
                }
                Some(Val::Never) => columns.iter_mut().for_each(|column| column.push(Some(Val::Never))),
                _ => return self.join_out(name, span, vals, vars, joins),
            }
        }
        let parts = parts
            .iter()
            .zip(columns)
            .map(|(part, column)| self.join_changed(name, span, part, &column, vars, joins))
            .collect::<Result<_, _>>()?;
        Ok(Val::Tuple(parts))
    }

    /// The join of a local is the local's, not a temporary.
    fn owned_by(&mut self, id: LocalId, val: Val) -> Val {
        match val {
            Val::Memory(memory) if memory.fresh => {
                let (name, span, mutable) =
                    (self.local(id).name.clone(), self.local(id).span, self.local(id).mutable);
                self.rename(&Val::Memory(memory.clone()), &name, span);
                self.vars[memory.place.root.index()].mutable |= mutable;
                Val::Memory(Memory { fresh: false, ..memory })
            }
            Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| self.owned_by(id, val)).collect()),
            val => val,
        }
    }

    /// Whether a value names a variable that exists inside an arm only.
    fn escapes(&self, val: &Val, vars: usize, joins: &[Join]) -> bool {
        // What a loop around the branch carries was first touched inside, and is known in all of the loop's body.
        let inside = |var: Var| {
            var.index() >= vars
                && !self.loop_params.contains(&var)
                && joins.iter().all(|join| join.result != var)
        };
        match val {
            Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _) => inside(*var),
            Val::Memory(memory) => {
                inside(memory.place.root)
                    || memory.place.path.iter().any(|proj| match proj {
                        Proj::Index(index) => index.var().is_some_and(inside),
                        Proj::Slice { from, to, .. } => {
                            [from, to].into_iter().flatten().any(|end| end.var().is_some_and(inside))
                        }
                        Proj::Field(_)
                        | Proj::Named(_)
                        | Proj::Some
                        | Proj::Variant(..)
                        | Proj::Boxed
                        | Proj::Deref => false,
                    })
            }
            Val::Ref { to, .. } => self.escapes(to, vars, joins),
            Val::Tuple(of) => of.iter().any(|val| self.escapes(val, vars, joins)),
            Val::Closure(_) => iter::as_pair(val).is_some_and(|pair| self.escapes(&pair, vars, joins)),
            _ => false,
        }
    }

    fn push_branch(&mut self, on: Selector, arms: Vec<Finished>, joins: &[Join]) {
        let results = joins.iter().map(|join| join.result).collect();
        let arms = arms
            .into_iter()
            .enumerate()
            .map(|(at, Finished { pattern, mut block, .. })| {
                let yields = joins.iter().map(|join| match &join.yields[at] {
                    Yield::Scalar(operand) => Elem::Scalar(operand.clone()),
                    Yield::Memory(place) => Elem::Memory(place.clone()),
                    Yield::End(val, at) => {
                        let (made, end) = self.block(|cx| walk::end(cx, val.clone(), *at));
                        block.stmts.extend(made.stmts);
                        Elem::Scalar(end)
                    }
                    Yield::Dummy => self.unread_in(&mut block, join),
                });
                let yields = yields.collect();
                Arm { pattern, block, yields }
            })
            .collect();
        self.push(Stmt::Branch(Branch { on, arms, results }));
    }

    /// What an arm gives that has no value to give: nobody reads it.
    fn unread_in(&mut self, arm: &mut Block, join: &Join) -> Elem {
        if self.types.is_scalar(&join.ty)
            && let Some(scalar) = self.dummy(&join.ty)
        {
            return Elem::Scalar(scalar);
        }
        let (made, elem) = self.block(|cx| match cx.unread(&join.ty) {
            Some(val) => super::expr::elem(cx, val),
            None => {
                let name = cx.vars[join.result.index()].name.clone();
                let span = cx.vars[join.result.index()].span;
                cx.reject_at(
                    super::Kind::Reference,
                    span,
                    &format!("`{name}` has a value in some branches only, and no other of its type is known"),
                    "give it a value in every branch",
                );
                Elem::Scalar(Operand::float(0.0))
            }
        });
        arm.stmts.extend(made.stmts);
        elem
    }

    /// `if cond { then } else { otherwise }`, with the value of whichever runs.
    pub(crate) fn branch(
        &mut self,
        cond: Operand,
        then: impl FnOnce(&mut Self) -> Val,
        otherwise: impl FnOnce(&mut Self) -> Val,
    ) -> Val {
        let mut arms = self.arms();
        self.begin_arm();
        let val = then(self);
        self.end_arm(&mut arms, None, val);
        self.begin_arm();
        let val = otherwise(self);
        self.end_arm(&mut arms, None, val);
        self.end_branch(Selector::If(cond), arms)
    }

    // Loops.

    fn begin_loop(&mut self, label: Option<&syn::Lifetime>, node: Option<usize>) -> OpenLoop {
        // Where the value of a `break` goes outlives the loop.
        let value = match node {
            Some(node) => self.exit_value(node, None),
            None => self.flow_local("result", Val::Uninit),
        };
        self.begin_frame();
        let target = Target::for_loop(self, label, value);
        self.targets.push(target);
        OpenLoop { dead: self.dead.take() }
    }

    /// Ends the body of a loop: whether to leave it now.
    fn until(&mut self) -> Option<Operand> {
        let flags = self.pending_after_pass();
        if flags.is_empty() { None } else { Some(self.any_of(&flags)) }
    }

    /// `for index in lo..hi`. The body is lowered once; variables that it assigns are carried from pass to pass.
    pub(crate) fn counted_loop(
        &mut self,
        range: Counted,
        label: Option<&syn::Lifetime>,
        body: impl FnOnce(&mut Self, Val),
    ) {
        let Counted { lo, hi, inclusive, reversed, name } = range;
        let index = self.new_var(&name, Type::Int);
        if self.is_usize(&lo) || self.is_usize(&hi) {
            self.lengths.insert(index);
        }
        let open = self.begin_loop(label, None);
        let (block, until) = self.block(|cx| {
            body(cx, Val::Scalar(Operand::Var(index), Type::Int));
            cx.until()
        });
        self.targets.pop();
        let carried = self.end_frame();
        self.dead = open.dead;
        self.push(Stmt::For(For { index, lo, hi, inclusive, reversed, carried, body: block, until }));
    }

    /// `while condition { body }`; a `loop` has the condition `true`. Gives the value of its `break`s, if it has a `node`
    /// where it is written.
    pub(crate) fn while_loop(
        &mut self,
        label: Option<&syn::Lifetime>,
        node: Option<usize>,
        condition: impl FnOnce(&mut Self) -> Operand,
        body: impl FnOnce(&mut Self),
    ) -> Val {
        let open = self.begin_loop(label, node);
        let (condition, test) = self.block(condition);
        let endless = test == Operand::bool(true);
        let (block, until) = self.block(|cx| {
            body(cx);
            cx.until()
        });
        let target = self.targets.pop().expect("the loop's own target");
        let carried = self.end_frame();
        self.dead = open.dead;
        if endless && !target.left {
            // It is only left through an exit of something around it.
            self.dead = Some(if self.exits > target.exits { self.outer_exit() } else { Dead::Panic });
        }
        self.push(Stmt::While(While { carried, condition, test, body: block, until }));
        if endless { self.local(target.value).val.clone() } else { Val::Unit }
    }
}
