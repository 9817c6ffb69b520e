//! Forward mode: ẏ = Σ ∂y/∂xᵢ · ẋᵢ, in the order of the primal.
//!
//! Every active value gets a tangent beside it, every active memory root a second one of the same shape that is changed in
//! the same way. What is not active has no tangent at all: a structural zero is absent, and written as a number only where
//! control flow joins and where memory wants one.

mod call;
mod memory;
mod order;

use super::{TangentTrace, Tangents, Width};
use crate::analysis::{Activity, Facts, Layout};
use crate::fault::planted;
use crate::ir::{
    Arm, Block, Branch, Carried, Elem, Float, For, Func, Init, Op, Operand, Param, Place, Prim, Proj,
    Selector, Stmt, Ty, Var, VarInfo, While,
};
use crate::rules;
pub(super) use order::{next, whole};
use proc_macro2::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn forward(primal: &Func, facts: &Facts, width: Width) -> Tangents {
    let mut cx = Cx {
        primal,
        width,
        layout: &facts.layout,
        activity: &facts.activity,
        out: Func { body: Block::default(), ..primal.clone() },
        dots: BTreeMap::new(),
        roots: BTreeMap::new(),
        absent: BTreeSet::new(),
        trace: TangentTrace::default(),
        missing: RefCell::default(),
        stmts: Vec::new(),
    };
    cx.function()
}

struct Cx<'a> {
    primal: &'a Func,
    width: Width,
    layout: &'a Layout<'a>,
    activity: &'a Activity,
    out: Func,
    /// The tangents of values. One that is not here is structurally zero.
    dots: BTreeMap<Var, Operand>,
    /// The tangent memory of roots and views.
    roots: BTreeMap<Var, Var>,
    /// Tangents that may be the number 0 because there is none: arguments that do not move, arms without a derivative.
    absent: BTreeSet<Var>,
    trace: TangentTrace,
    missing: RefCell<Vec<Var>>,
    /// The block being built.
    stmts: Vec<Stmt>,
}

impl Cx<'_> {
    fn function(&mut self) -> Tangents {
        let primal = self.primal;
        let params = self.params();
        let body = self.block(&primal.body);
        self.stmts = body.stmts;
        let result = self.value(&primal.result, &primal.result_ty);
        let mut func = self.out.clone();
        func.body = Block { stmts: std::mem::take(&mut self.stmts) };
        Tangents { func, params, result, trace: std::mem::take(&mut self.trace) }
    }

    /// The tangents of the parameters.
    fn params(&mut self) -> Vec<Option<Var>> {
        let primal = self.primal;
        let dot = |param: &Param| {
            let ty = primal.ty(param.var).clone();
            (param.wrt && ty.holds_floats()).then(|| {
                let dot = self.new_dot(param.var, ty.clone());
                if ty.is_memory() {
                    self.set_root(param.var, dot);
                } else if self.activity.is_active(param.var) {
                    self.set_dot(param.var, dot.into());
                    self.absent.insert(dot);
                }
                dot
            })
        };
        primal.params.iter().map(dot).collect()
    }

    fn new_dot(&mut self, of: Var, ty: Ty) -> Var {
        let info = &self.out.vars[of.index()];
        let (name, span) = (format!("{}_dot", info.name), info.span);
        let ty = if self.width == Width::Lanes { ty.lanes() } else { ty };
        let is_direction = !info.derivative || info.direction_of.is_some();
        let dot = self.out.new_derivative(name, ty, span);
        self.out.vars[dot.index()].direction_of = is_direction.then_some(of);
        dot
    }

    fn set_dot(&mut self, var: Var, dot: Operand) {
        self.trace.values.push((var, dot.clone()));
        self.dots.insert(var, dot);
    }

    fn set_root(&mut self, var: Var, dot: Var) {
        self.trace.memory.push((var, dot));
        self.roots.insert(var, dot);
    }

    /// The tangent of a value that is defined here.
    fn define_dot(&mut self, var: Var) -> Var {
        let dot = self.new_dot(var, self.primal.ty(var).clone());
        self.set_dot(var, dot.into());
        dot
    }

    fn push(&mut self, stmt: Stmt) {
        self.stmts.push(stmt);
    }

    fn is_active(&self, var: Var) -> bool {
        self.activity.is_active(var)
    }

    fn dot(&self, operand: &Operand) -> Option<Operand> {
        let var = operand.var()?;
        // What is a number or memory, who knows, is kept as memory.
        let unknown = || self.roots.get(&var).filter(|_| *self.primal.ty(var) == Ty::Unknown);
        let dot = self.dots.get(&var).cloned().or_else(|| unknown().map(|root| (*root).into()));
        self.note_missing(var, dot.is_some());
        dot
    }

    /// A tangent that should be there and is not would be taken for zero.
    fn note_missing(&self, var: Var, has_dot: bool) {
        if !has_dot && self.is_active(var) && self.primal.ty(var).holds_floats() {
            self.missing.borrow_mut().push(var);
        }
    }

    fn dot_or_zero(&mut self, operand: &Operand) -> Operand {
        let ty = operand.var().map(|var| self.primal.ty(var).clone());
        self.dot(operand).unwrap_or_else(|| self.zero(ty.as_ref()))
    }

    /// No tangent, as a number: of lanes, a variable.
    fn zero(&mut self, of: Option<&Ty>) -> Operand {
        let zero = Operand::float(0.0);
        if self.width == Width::One {
            return zero;
        }
        let ty = match of {
            Some(Ty::Float(float)) => Ty::Lanes(*float),
            _ => Ty::Lanes(Float::Inferred),
        };
        let lanes = self.out.new_var("zero", ty, Span::call_site());
        self.push(Stmt::Let { var: lanes, op: Op::Copy(zero) });
        lanes.into()
    }

    /// No tangent, in the shape of a place.
    fn zeros(&self, place: Place) -> Init {
        match self.width {
            Width::One => Init::ZerosLike(place),
            Width::Lanes => Init::LanesLike(place),
        }
    }

    /// The place of the tangent of `place`, if its root has one.
    fn dot_place(&self, place: &Place) -> Option<Place> {
        self.note_missing(place.root, self.roots.contains_key(&place.root));
        self.roots.get(&place.root).map(|root| Place { root: *root, path: place.path.clone() })
    }

    // --- statements ---

    fn block(&mut self, block: &Block) -> Block {
        let outer = std::mem::take(&mut self.stmts);
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        Block { stmts: std::mem::replace(&mut self.stmts, outer) }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op: Op::Pop(tape) } => {
                self.push(stmt.clone());
                // Both tapes get shorter together.
                if let Some(tape) = self.roots.get(tape).copied() {
                    let dot = self.new_dot(*var, self.primal.ty(*var).clone());
                    if self.is_active(*var) {
                        self.set_dot(*var, dot.into());
                        self.absent.insert(dot);
                    }
                    self.push(Stmt::Let { var: dot, op: Op::Pop(tape) });
                }
            }
            Stmt::Let { var, op: Op::Code(code) } if !code.flows.is_empty() => {
                let op = Op::Code(self.flows_or_its_tangent(code));
                self.push(Stmt::Let { var: *var, op });
            }
            Stmt::Alloc { var, init: Init::Pop(tape) } => {
                self.push(stmt.clone());
                let init = match self.roots.get(tape).copied() {
                    Some(tape) => Init::Pop(tape),
                    // Nothing that moves was pushed; but it may move from here on, as a buffer for a cotangent does.
                    None if self.is_active(*var) && self.primal.ty(*var).holds_floats() => {
                        self.zeros((*var).into())
                    }
                    None => return,
                };
                let dot = self.new_dot(*var, self.primal.ty(*var).clone());
                self.set_root(*var, dot);
                self.push(Stmt::Alloc { var: dot, init });
            }
            Stmt::Let { var, op } => {
                self.push(stmt.clone());
                if self.is_active(*var) && self.primal.ty(*var).is_float() {
                    self.let_(*var, op);
                }
            }
            Stmt::Alloc { var, init: Init::Tuple(elems) }
                if self.is_active(*var) && self.has_unknown_zero(*var, elems) =>
            {
                self.tuple_like(*var, elems, stmt);
            }
            Stmt::Alloc { var, init: Init::Record { members, elems, .. } } => {
                if self.is_active(*var) {
                    self.parts_like(*var, members, elems, stmt);
                } else {
                    self.push(stmt.clone());
                }
            }
            Stmt::Alloc { var, init } => {
                // Where the source is moved, its tangent still knows the shape.
                let ty = self.primal.ty(*var);
                let is_kept =
                    self.is_active(*var) && ty.holds_floats() && !planted("forward: new memory lost");
                let dot = is_kept.then(|| self.init(init, ty));
                self.push(stmt.clone());
                if let Some(init) = dot {
                    let init = init.unwrap_or_else(|| self.zeros((*var).into()));
                    let root = self.new_dot(*var, self.primal.ty(*var).clone());
                    self.set_root(*var, root);
                    self.push(Stmt::Alloc { var: root, init });
                }
            }
            Stmt::View { var, place, kind } => {
                self.push(stmt.clone());
                if let Some(place) = self.dot_place(place).filter(|_| !planted("forward: view lost")) {
                    let view = self.new_dot(*var, self.primal.ty(*var).clone());
                    self.set_root(*var, view);
                    self.push(Stmt::View { var: view, place, kind: *kind });
                }
            }
            Stmt::Store { place, value } => {
                self.push(stmt.clone());
                let holds_floats = self.place_ty(place).holds_floats() && self.primal.may_be_float(value);
                let is_kept = holds_floats && !planted("forward: store lost");
                if let Some(place) = self.dot_place(place).filter(|_| is_kept) {
                    // What is constant may be stored in a field that is a constant of its type.
                    if place.path.iter().any(Proj::is_field) && self.dot(value).is_none() {
                        self.push(Stmt::Clear { place });
                    } else {
                        let value = self.dot_or_zero(value);
                        self.push(Stmt::Store { place, value });
                    }
                }
            }
            Stmt::Assign { place, init } => {
                let ty = self.place_ty(place);
                let dot = self
                    .dot_place(place)
                    .filter(|_| !planted("forward: assignment lost"))
                    .map(|dot| (dot, self.init(init, &ty)));
                self.push(stmt.clone());
                if let Some((dot, init)) = dot {
                    let init = init.unwrap_or_else(|| self.zeros(place.clone()));
                    self.push(Stmt::Assign { place: dot, init });
                }
            }
            Stmt::Push { vec, value } => {
                let of = memory::element(&self.place_ty(vec));
                let dot = self.dot_place(vec).map(|vec| (vec, self.elem(value, of.as_ref())));
                self.push(stmt.clone());
                if let Some((vec, value)) = dot {
                    self.push(Stmt::Push { vec, value });
                }
            }
            Stmt::Swap { a, b } => {
                self.push(stmt.clone());
                match (self.dot_place(a), self.dot_place(b)) {
                    (Some(_), Some(_)) if planted("forward: swap lost") => {}
                    (Some(a), Some(b)) => self.push(Stmt::Swap { a, b }),
                    // What comes in is constant.
                    (Some(dot), None) => {
                        let init = self.zeros(a.clone());
                        self.push(Stmt::Assign { place: dot, init });
                    }
                    (None, Some(dot)) => {
                        let init = self.zeros(b.clone());
                        self.push(Stmt::Assign { place: dot, init });
                    }
                    (None, None) => {}
                }
            }
            Stmt::Fill { place, value } => {
                self.push(stmt.clone());
                let holds_floats = memory::element(&self.place_ty(place)).is_none_or(|of| of.holds_floats())
                    && self.primal.may_be_float(value);
                let is_kept = holds_floats && !planted("forward: fill lost");
                if let Some(place) = self.dot_place(place).filter(|_| is_kept) {
                    let value = self.dot_or_zero(value);
                    self.push(Stmt::Fill { place, value });
                }
            }
            Stmt::CopyFrom { to, from } => {
                self.push(stmt.clone());
                match (self.dot_place(to), self.dot_place(from)) {
                    (Some(_), Some(_)) if planted("forward: copy of memory lost") => {}
                    (Some(to), Some(from)) => self.push(Stmt::CopyFrom { to, from }),
                    (Some(place), None) => self.push(Stmt::Clear { place }),
                    (None, _) => {}
                }
            }
            Stmt::Branch(branch) => self.branch(branch),
            Stmt::For(stmt) => self.for_(stmt),
            Stmt::While(stmt) => self.while_(stmt),
            Stmt::Call(call) => self.call(call),
            Stmt::Effect { .. } => self.push(stmt.clone()),
            Stmt::Accumulate { place, value } => {
                self.push(stmt.clone());
                if let (Some(place), Some(value)) = (self.dot_place(place), self.dot(value)) {
                    self.push(Stmt::Accumulate { place, value });
                }
            }
            Stmt::AccumulateAll { to, from } => {
                // What is taken from is there no longer afterwards, if it was moved.
                let dots = (self.dot_place(to), self.dot_place(from));
                self.push(stmt.clone());
                if let (Some(to), Some(from)) = dots {
                    self.push(Stmt::AccumulateAll { to, from });
                }
            }
            Stmt::Clear { place } => {
                self.push(stmt.clone());
                if let Some(place) = self.dot_place(place) {
                    self.push(Stmt::Clear { place });
                }
            }
            Stmt::Grow { tape, by } => {
                self.push(stmt.clone());
                if let Some(tape) = self.roots.get(tape).copied() {
                    self.push(Stmt::Grow { tape, by: by.clone() });
                }
            }
            Stmt::Extend { tape, from } => {
                self.push(stmt.clone());
                match (self.roots.get(tape).copied(), self.dot_place(from)) {
                    (Some(tape), Some(from)) => self.push(Stmt::Extend { tape, from }),
                    (Some(tape), None) => {
                        let by = self.out.new_var("len", Ty::Int, Span::call_site());
                        self.push(Stmt::Let { var: by, op: Op::Len(from.clone()) });
                        self.push(Stmt::Grow { tape, by: by.into() });
                    }
                    (None, _) => {}
                }
            }
            Stmt::Truncate { tape, len } => {
                self.push(stmt.clone());
                if let Some(tape) = self.roots.get(tape).copied() {
                    self.push(Stmt::Truncate { tape, len: len.clone() });
                }
            }
            Stmt::ForwardCall(forward) => self.forward_call(forward),
            Stmt::ReverseCall(reverse) => self.reverse_call(reverse),
            Stmt::TangentCall(tangent) => self.tangent_call(tangent),
        }
    }

    fn let_(&mut self, var: Var, op: &Op) {
        match op {
            Op::Copy(operand) => {
                if let Some(dot) = self.dot(operand).filter(|_| !planted("forward: copy lost")) {
                    let var = self.define_dot(var);
                    self.inherit(&dot, var);
                    self.push(Stmt::Let { var, op: Op::Copy(dot) });
                }
            }
            Op::Cast(operand, to) => {
                if let Some(dot) = self.dot(operand).filter(|_| !planted("forward: cast lost")) {
                    let var = self.define_dot(var);
                    self.inherit(&dot, var);
                    self.push(Stmt::Let { var, op: Op::Cast(dot, *to) });
                }
            }
            Op::Load(place) => {
                if let Some(place) = self.dot_place(place).filter(|_| !planted("forward: load lost")) {
                    let var = self.define_dot(var);
                    self.absent.insert(var);
                    self.push(Stmt::Let { var, op: Op::Load(place) });
                }
            }
            Op::Prim(prim, args) => {
                let dots: Vec<Option<Operand>> = args
                    .iter()
                    .map(|arg| self.dot(arg).filter(|_| !planted("forward: operand forgotten")))
                    .collect();
                if let Some(dot) = self.pushforward(*prim, args, var, &dots) {
                    self.name_dot(&dot, var);
                    self.set_dot(var, dot);
                }
            }
            Op::Pop(_) | Op::Len(_) | Op::Code(_) => {}
        }
    }

    /// ẏ = Σ ∂y/∂xᵢ · ẋᵢ. A tangent that stands for an absent one stays 0 where the partial is infinite.
    fn pushforward(
        &mut self,
        prim: Prim,
        args: &[Operand],
        y: Var,
        dots: &[Option<Operand>],
    ) -> Option<Operand> {
        let ty = self.primal.ty(y).clone();
        let mut plain = dots.to_vec();
        let mut sum: Option<Operand> = None;
        for k in 0..args.len() {
            let guarded = rules::is_steep(prim)
                && dots[k].as_ref().and_then(Operand::var).is_some_and(|dot| self.absent.contains(&dot));
            if !guarded {
                continue;
            }
            let mut only = vec![None; args.len()];
            only[k] = plain[k].take();
            if let Some(term) = self.unless_absent(prim, args, y, &only, k) {
                sum = Some(match sum {
                    Some(sum) => self.formula(ty.clone(), |b| b.add(&sum, &term)),
                    None => term,
                });
            }
        }
        let rest = self.formula(ty.clone(), |b| rules::pushforward(prim, args, &y.into(), &plain, b));
        let dot = match (sum, rest) {
            (Some(x), Some(y)) => Some(self.formula(ty, |b| b.add(&x, &y))),
            (term, None) | (None, term) => term,
        };
        self.mark_absent(prim, args, dots, dot.as_ref());
        dot
    }

    /// `x̄ != 0.0 || x̄ has a tangent that is not 0`: a cotangent that is 0 here may be another a step further.
    fn flows_or_its_tangent(&self, code: &super::Code) -> super::Code {
        let mut flows = code.flows.clone();
        let mut text = code.tokens.to_string();
        for dot in code.flows.iter().filter_map(|var| self.dot(&(*var).into())) {
            let Some(var) = dot.var() else { continue };
            flows.push(var);
            text += &match self.width {
                Width::One => format!(" || {}", super::flows(&self.out, &dot)),
                Width::Lanes => format!(" || {}.flows()", super::text(&dot)),
            };
        }
        super::code(&text).asking(flows)
    }

    /// `if ẋ != 0 { ∂y/∂x · ẋ } else { 0 }`
    fn unless_absent(
        &mut self,
        prim: Prim,
        args: &[Operand],
        y: Var,
        only: &[Option<Operand>],
        k: usize,
    ) -> Option<Operand> {
        let ty = self.primal.ty(y).clone();
        let outer = std::mem::take(&mut self.stmts);
        let term = self.formula(ty.clone(), |b| rules::pushforward(prim, args, &y.into(), only, b));
        let stmts = std::mem::replace(&mut self.stmts, outer);
        let (term, dot) = (term?, only[k].as_ref()?);
        let condition = match self.width {
            Width::One => super::flows(&self.out, dot),
            Width::Lanes => format!("{}.flows()", super::text(dot)),
        };
        let condition = super::code(&condition).asking(dot.var().into_iter().collect());
        let flows = self.out.new_var("flows", Ty::Bool, Span::call_site());
        self.push(Stmt::Let { var: flows, op: Op::Code(condition) });
        let (mut stmts, mut term) = (stmts, term);
        let ty = if self.width == Width::Lanes { ty.lanes() } else { ty };
        if self.width == Width::Lanes {
            // Some lanes may flow, and others not.
            let flowing = self.out.new_var("t", ty.clone(), Span::call_site());
            let code = super::code(&format!("{}.where_flows({})", super::text(&term), super::text(dot)));
            stmts.push(Stmt::Let { var: flowing, op: Op::Code(code) });
            term = flowing.into();
        }
        let result = self.out.new_var("t", ty, Span::call_site());
        let outer = std::mem::take(&mut self.stmts);
        let zero = self.zero(Some(self.primal.ty(y)));
        let otherwise = std::mem::replace(&mut self.stmts, outer);
        let arm =
            |stmts, term| Arm { pattern: None, block: Block { stmts }, yields: vec![Elem::Scalar(term)] };
        self.push(Stmt::Branch(Branch {
            on: Selector::If(flows.into()),
            arms: vec![arm(stmts, term), arm(otherwise, zero)],
            results: vec![result],
        }));
        Some(result.into())
    }

    /// The same tangent under another name.
    fn inherit(&mut self, from: &Operand, to: Var) {
        if from.var().is_some_and(|from| self.absent.contains(&from)) {
            self.absent.insert(to);
        }
    }

    /// What a constant multiple of absent tangents is: absent.
    fn mark_absent(&mut self, prim: Prim, args: &[Operand], dots: &[Option<Operand>], dot: Option<&Operand>) {
        let wanted: Vec<bool> = dots.iter().map(Option::is_some).collect();
        let reads = rules::reads(prim, args, &wanted);
        let constant = !reads.result
            && args.iter().zip(&reads.args).all(|(arg, read)| !read || !self.activity.operand_is_active(arg));
        let absent = |dot: &Operand| dot.var().is_none_or(|dot| self.absent.contains(&dot));
        if constant
            && dots.iter().flatten().all(absent)
            && let Some(Operand::Var(dot)) = dot
        {
            self.absent.insert(*dot);
        }
    }

    fn formula<T>(&mut self, ty: Ty, build: impl FnOnce(&mut rules::Builder) -> T) -> T {
        let mut stmts = Vec::new();
        let result = build(&mut rules::Builder::new(&mut self.out, &mut stmts, ty, Span::call_site()));
        self.stmts.extend(stmts);
        result
    }

    /// A term that becomes a tangent is called by what it is.
    fn name_dot(&mut self, dot: &Operand, of: Var) {
        if let Operand::Var(dot) = dot
            && self.out.vars[dot.index()].name == "t"
        {
            let VarInfo { name, span, .. } = self.out.vars[of.index()].clone();
            let info = &mut self.out.vars[dot.index()];
            (info.name, info.span, info.derivative) = (format!("{name}_dot"), span, true);
        }
    }

    // --- control flow ---

    fn branch(&mut self, branch: &Branch) {
        let active: Vec<Var> = branch
            .results
            .iter()
            .copied()
            .filter(|var| self.is_active(*var) && !planted("forward: result of a branch lost"))
            .collect();
        let before = (self.dots.clone(), self.roots.clone());
        let mut results = branch.results.clone();
        let mut dots = Vec::new();
        for var in &active {
            let dot = self.new_dot(*var, self.primal.ty(*var).clone());
            dots.push(dot);
            results.push(dot);
        }
        let mut arms = Vec::new();
        for arm in &branch.arms {
            let mut block = self.block(&arm.block);
            let mut yields = arm.yields.clone();
            let is_left = arm.block.stmts.iter().any(Stmt::diverges);
            let outer = std::mem::take(&mut self.stmts);
            for (result, elem) in branch.results.iter().zip(&arm.yields) {
                if active.contains(result) {
                    let ty = self.primal.ty(*result).clone();
                    let nothing = Elem::Scalar(Operand::float(0.0));
                    let elem = if planted("forward: yield lost") { &nothing } else { elem };
                    // What is never yielded has no type.
                    yields.push(if is_left { nothing.clone() } else { self.elem(elem, Some(&ty)) });
                }
            }
            // A number needs nothing of the arm, which may end in a panic.
            let is_number = |stmt: &Stmt| matches!(stmt, Stmt::Let { op: Op::Copy(Operand::Lit(_)), .. });
            let (mut numbers, mut last): (Vec<_>, Vec<_>) =
                std::mem::replace(&mut self.stmts, outer).into_iter().partition(is_number);
            numbers.append(&mut block.stmts);
            numbers.append(&mut last);
            block.stmts = numbers;
            arms.push(Arm { pattern: arm.pattern.clone(), block, yields });
            (self.dots, self.roots) = before.clone();
        }
        self.push(Stmt::Branch(Branch { on: branch.on.clone(), arms, results }));
        for (var, dot) in active.into_iter().zip(dots) {
            if self.primal.ty(var).is_memory() {
                self.set_root(var, dot);
            } else {
                self.set_dot(var, dot.into());
                self.absent.insert(dot);
            }
        }
    }

    /// Opens the carried tangents of a loop: for each active carried value its place among the new ones.
    fn open(&mut self, carried: &[Carried]) -> Vec<(Carried, Carried)> {
        let active = |c: &&Carried| self.is_active(c.param) || self.is_active(c.result);
        let active: Vec<Carried> = carried.iter().filter(active).cloned().collect();
        active
            .into_iter()
            .map(|c| {
                let lost = planted("forward: tangent before a loop lost");
                let init = if lost { self.zero(None) } else { self.dot_or_zero(&c.init) };
                let ty = self.primal.ty(c.param).clone();
                let (param, result) = (self.new_dot(c.param, ty.clone()), self.new_dot(c.result, ty));
                self.set_dot(c.param, param.into());
                self.absent.extend([param, result]);
                (c, Carried { param, init, next: Operand::float(0.0), result })
            })
            .collect()
    }

    /// Closes them at the end of the body.
    fn close(&mut self, carried: &[Carried], opened: Vec<(Carried, Carried)>) -> Vec<Carried> {
        let mut all = carried.to_vec();
        for (primal, mut dot) in opened {
            let lost = planted("forward: carry lost");
            dot.next = if lost { self.zero(None) } else { self.dot_or_zero(&primal.next) };
            self.set_dot(primal.result, dot.result.into());
            all.push(dot);
        }
        all
    }

    fn for_(&mut self, stmt: &For) {
        let opened = self.open(&stmt.carried);
        let body = self.block(&stmt.body);
        let carried = self.close(&stmt.carried, opened);
        self.push(Stmt::For(For { carried, body, ..stmt.clone() }));
    }

    fn while_(&mut self, stmt: &While) {
        let opened = self.open(&stmt.carried);
        let condition = self.block(&stmt.condition);
        let body = self.block(&stmt.body);
        let carried = self.close(&stmt.carried, opened);
        self.push(Stmt::While(While { carried, condition, body, ..stmt.clone() }));
    }
}
