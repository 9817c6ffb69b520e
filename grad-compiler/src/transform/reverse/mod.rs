//! Reverse mode: x̄ += ȳ · ∂y/∂x, last operation first.
//!
//! One walk over the primal, backwards. Every statement gives its place in the forward sweep (itself, plus what
//! records values) and its mirror image in the reverse sweep. What the mirror images read of the primal is
//! *demanded* through [`Cx::need`]; when a region of the primal is done, `record` decides for each demand
//! between reading the value where it is, computing it again, and recording it.

mod ahead;
mod along;
mod at_once;
mod call;
mod checkpoint;
mod constants;
mod counters;
mod exports;
mod fuse;
mod memory;
mod mirror;
mod moves;
mod own_element;
mod partials;
mod record;
mod replace;
mod winner;

use super::plan::{Because, Decision, How, Means};
use super::{Mode, ParamCotangent, Plan, Reversed, Site, Term, Trace, code, text};
use crate::analysis::{
    AccessKind, Activity, Additions, Def, Facts, Layout, Overwrites, Pos, RegionId, RegionKind, Rewrite,
    Rewrites, Scratch,
};
use crate::fault::planted;
use crate::ir::{
    Block, Carried, Code, Elem, Float, For, Func, Op, Operand, Place, Proj, Stmt, Ty, Value, Var, ViewKind,
};
use crate::rules;
use proc_macro2::{Span, TokenStream};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn reverse(primal: &Func, facts: &Facts, mode: Mode) -> Reversed {
    let mut cx = Cx {
        primal,
        layout: &facts.layout,
        activity: &facts.activity,
        checkpoints: &facts.checkpoints,
        rewrites: facts.rewrites,
        trusts_callees: facts.trusts_callees,
        additions: facts.additions,
        divisors: &facts.divisors,
        assumes: Vec::new(),
        mode,
        out: Func { body: Block::default(), ..primal.clone() },
        tapes: Vec::new(),
        frames: Vec::new(),
        bar_roots: BTreeMap::new(),
        kept: BTreeMap::new(),
        zeros: BTreeMap::new(),
        stays: BTreeSet::new(),
        chosen: BTreeMap::new(),
        entered: BTreeMap::new(),
        current: 0,
        homes: BTreeMap::new(),
        site: Site::default(),
        span: Span::call_site(),
        plan: Plan::default(),
        trace: Trace::default(),
        in_front: BTreeMap::new(),
        costly: partials::costly(primal),
        alone: Vec::new(),
    };
    cx.function()
}

pub(super) struct Cx<'a> {
    primal: &'a Func,
    layout: &'a Layout<'a>,
    activity: &'a Activity,
    checkpoints: &'a BTreeSet<Pos>,
    rewrites: Rewrites,
    trusts_callees: bool,
    additions: Additions,
    /// What cotangents are multiplied by the reciprocals of.
    divisors: &'a BTreeSet<Var>,
    /// What is assumed of callees.
    assumes: Vec<Overwrites>,
    mode: Mode,
    out: Func,
    /// Declarations of the tapes, in front of the forward sweep.
    tapes: Vec<Stmt>,
    /// The regions around the statement at hand, outermost first.
    frames: Vec<Frame<'a>>,
    /// Cotangent memory of the memory roots that have one.
    bar_roots: BTreeMap<Var, Var>,
    /// Arrays that are kept whole for the reverse sweep, with their names there.
    kept: BTreeMap<Var, Var>,
    /// Which cotangents may be exactly 0.
    zeros: BTreeMap<Var, Zero>,
    /// What was loaded only to be incremented in place: its cotangent is in place, too.
    stays: BTreeSet<Var>,
    /// Cotangents of what `max` and its kin choose from, with that of the choice: they are 0 where it was not chosen.
    chosen: BTreeMap<Var, Operand>,
    /// Cotangents at the end of a pass of a mirror loop, with that after the loop, of values that each pass chooses anew.
    entered: BTreeMap<Var, Operand>,
    /// The position of the statement at hand.
    current: Pos,
    /// Home region of the new values that forward sweeps define.
    homes: BTreeMap<Var, RegionId>,
    /// The statement at hand.
    site: Site,
    /// Where the value that it defines was written: its mirror image stands there, too.
    span: Span,
    plan: Plan,
    trace: Trace,
    /// What the forward sweep does in front of a statement of an open region, found out later in the walk.
    in_front: BTreeMap<Pos, Vec<Stmt>>,
    /// The costly primitives of the primal, by what they are of.
    costly: partials::Costly,
    /// Conditions that loops of one pass, as a rule, ask for.
    alone: Vec<Var>,
}

/// The state of a region while it is reversed.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    region: RegionId,
    /// The region's values can be read by name in its reverse sweep: both sweeps are in one scope.
    direct: bool,
    /// The cotangents known so far, of values of this region and of those around it that it uses.
    bars: BTreeMap<Var, Operand>,
    /// Cotangents of single elements of outer memory, kept in a value while the loop runs.
    promoted: Vec<Promoted>,
    /// Values of the region that have a name in the reverse sweep already.
    known: BTreeMap<Var, Operand>,
    /// Values of the region that the reverse sweep reads, with the names it reads them by.
    demands: BTreeMap<(Pos, Var), Var>,
    reverse: Vec<Stmt>,
    /// In front of the reverse sweep: cotangent memory.
    prologue: Vec<Stmt>,
    /// Counters that the mirror loop runs backwards.
    counters: Vec<Carried>,
    /// At the end of the region in the forward sweep: recording.
    tail: Vec<Stmt>,
    kind: FrameKind<'a>,
}

/// Whether a cotangent may be exactly 0 because no derivative flows: it must stay 0 then, even where a partial is infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zero {
    Never,
    /// Read from cotangent memory, or summed up in a loop: there may have been no contribution.
    Memory,
    /// The value was used in an arm that was not taken.
    Branch,
}

#[derive(Clone)]
pub(super) enum FrameKind<'a> {
    /// The function's top level, or a loop reversed while it runs.
    Plain,
    /// Additional results of the branch that carry this arm's values out, with what the arm yields.
    Arm {
        yields: Vec<(Var, Operand)>,
    },
    For(Counted<'a>),
    While,
}

/// What recording needs to know of a counted loop.
#[derive(Clone)]
pub(super) struct Counted<'a> {
    stmt: &'a For,
    /// The index of the mirror loop.
    index: Var,
    /// Number of this pass, counted from 0: in the forward and in the reverse sweep.
    pass: Option<(Operand, Operand)>,
    /// How many passes run at a time, of a loop that runs block by block.
    block: Option<Operand>,
    /// How many passes the loop can make, if somebody has asked.
    passes: Option<Var>,
    /// In front of the loop in the forward sweep; in front of and behind its mirror image.
    before: Vec<Stmt>,
    before_mirror: Vec<Stmt>,
    after_mirror: Vec<Stmt>,
    /// In front of everything else in the body of the mirror loop.
    opening: Vec<Stmt>,
}

/// An element whose cotangent is kept in a value: the place from its root, and the value so far.
#[derive(Clone)]
pub(super) struct Promoted {
    root: Var,
    path: Vec<Proj>,
    sum: Operand,
    /// Whether the element was read at all: its index may be out of bounds otherwise.
    reached: Operand,
}

impl<'a> Cx<'a> {
    fn function(&mut self) -> Reversed {
        let slots = self.open_slots();
        self.open(crate::analysis::TOP, true, FrameKind::Plain);
        let seed = self.seed();
        let primal = self.primal;
        let forward = self.mirror_block(&primal.body);
        // A parameter that the function owns and changes has cotangent memory of its own.
        for (param, slot) in &slots {
            if let Some(bar) = self
                .bar_roots
                .get(param)
                .copied()
                .filter(|bar| bar != slot && !planted("reverse: parameter not handed out"))
            {
                self.push(Stmt::AccumulateAll { to: Place::from(*slot), from: Place::from(bar) });
            }
        }
        let cotangents = primal
            .params
            .iter()
            .map(|param| match slots.get(&param.var) {
                _ if !param.wrt => ParamCotangent::Constant,
                Some(slot) => ParamCotangent::Slot(*slot),
                None => {
                    let bar = self.take_bar(param.var);
                    ParamCotangent::Value(bar.unwrap_or_else(|| Operand::float(0.0)))
                }
            })
            .collect();
        let bars = slots.values().chain(self.bar_roots.values()).copied().collect();
        let done = self.close();
        let mut stmts = std::mem::take(&mut self.tapes);
        stmts.extend(forward);
        stmts.extend(done.tail);
        let mut out = self.out.clone();
        out.body = Block { stmts };
        let mut trace = std::mem::take(&mut self.trace);
        trace.memory = self.bar_roots.iter().map(|(root, bar)| (*root, *bar)).collect();
        let mut plan = std::mem::take(&mut self.plan);
        plan.decisions.sort_by_key(|decision| (decision.at, decision.depth));
        let (reverse, assumes) = (Block { stmts: done.reverse }, std::mem::take(&mut self.assumes));
        let alone = std::mem::take(&mut self.alone);
        Reversed { func: out, reverse, seed, cotangents, bars, alone, plan, trace, assumes }
    }

    /// The buffers for the cotangents of memory parameters.
    fn open_slots(&mut self) -> BTreeMap<Var, Var> {
        let mut slots = BTreeMap::new();
        for param in &self.primal.params {
            let ty = self.primal.ty(param.var).clone();
            let shared_scalar = matches!(&ty, Ty::Ref { mutable: false, to } if to.is_float());
            if param.wrt && ty.is_memory() && !shared_scalar {
                let slot =
                    self.new_bar(param.var, Ty::Ref { mutable: true, to: Box::new(ty.peeled().clone()) });
                let changed = self.layout.accesses[param.var.index()]
                    .iter()
                    .any(|access| access.kind != AccessKind::Read);
                if matches!(ty, Ty::Ref { .. }) || !changed {
                    self.bar_roots.insert(param.var, slot);
                }
                slots.insert(param.var, slot);
            }
        }
        slots
    }

    /// Makes the seed's variables the cotangents of what the function returns.
    fn seed(&mut self) -> Option<Value> {
        let result = self.primal.result.clone();
        self.seed_value(&result)
    }

    fn seed_value(&mut self, result: &Value) -> Option<Value> {
        match result {
            Value::Unit => None,
            Value::Scalar(operand) => {
                let ty = self.operand_ty(operand);
                let seed = self.out.new_var("seed", ty, Span::call_site());
                if !planted("reverse: seed lost") {
                    self.accumulate_operand(operand, Operand::Var(seed));
                }
                Some(Value::Scalar(seed.into()))
            }
            Value::Memory(place) => {
                let ty = self.primal.ty(place.root).peeled().clone();
                let seed = self.out.new_var("seed", ty, Span::call_site());
                if self.activity.is_active(place.root) && !planted("reverse: seed of memory lost") {
                    self.give(place, &Place::from(seed), true);
                }
                Some(Value::Memory(seed.into()))
            }
            Value::Tuple(values) => Some(Value::Tuple(
                values.iter().map(|value| self.seed_value(value).unwrap_or(Value::Unit)).collect(),
            )),
        }
    }

    // --- frames ---

    fn frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("a function is a region")
    }

    fn region(&self) -> RegionId {
        self.frames.last().expect("a function is a region").region
    }

    fn open(&mut self, region: RegionId, direct: bool, kind: FrameKind<'a>) {
        self.frames.push(Frame {
            region,
            direct,
            bars: BTreeMap::new(),
            promoted: Vec::new(),
            known: BTreeMap::new(),
            demands: BTreeMap::new(),
            reverse: Vec::new(),
            prologue: Vec::new(),
            counters: Vec::new(),
            tail: Vec::new(),
            kind,
        });
    }

    /// Ends a region: every demand is met, and the reverse sweep is in order.
    fn close(&mut self) -> Frame<'a> {
        let restored = self.meet_demands();
        let behind = self.rest_in_front();
        let mut frame = self.frames.pop().expect("a function is a region");
        frame.tail.splice(0..0, behind);
        let mirror = std::mem::take(&mut frame.reverse);
        let prologue = std::mem::take(&mut frame.prologue);
        if let FrameKind::For(counted) = &mut frame.kind {
            frame.reverse.append(&mut counted.opening);
        }
        frame.reverse.extend(restored);
        frame.reverse.extend(prologue);
        frame.reverse.extend(mirror);
        frame
    }

    /// The innermost region whose values its reverse sweep reads by name.
    fn direct_region(&self) -> RegionId {
        self.frames.iter().rev().find(|frame| frame.direct).expect("the top level is direct").region
    }

    // --- the plan ---

    fn decide(&mut self, at: Pos, subject: String, how: How) {
        let depth = self.frames.len() - 1;
        self.plan.decisions.push(Decision { at, depth, subject, how });
    }

    /// That memory is scratch of a loop or an arm.
    fn decide_scratch(&mut self, at: Pos, found: Vec<(Var, Scratch)>) {
        let depth = self.frames.len();
        for (root, by) in found {
            let subject = self.name(root).to_owned();
            let callee = match by {
                Scratch::Here => None,
                Scratch::If(assumed) => {
                    let callee = spelt(&assumed.callee);
                    self.assumes.push(assumed);
                    Some(callee)
                }
            };
            self.plan.decisions.push(Decision { at, depth, subject, how: How::Overwritten(callee) });
        }
    }

    /// How a value of the innermost region is had again.
    fn decide_value(&mut self, var: Var, means: Means) {
        let is_primal = var.index() < self.layout.pos.len() || self.homes.contains_key(&var);
        let at = if is_primal { self.pos(var) } else { self.current };
        let name = self.name(var).to_owned();
        self.decide(at, name, How::Value(means));
    }

    /// Whether something may be reversed where it runs, as far as what is around it says.
    fn may_be_at_once(&mut self, rewrite: Rewrite) -> Result<(), Because> {
        match () {
            () if self.mode != Mode::Joint => Err(Because::Split),
            () if !self.frame().direct => Err(Because::Around),
            () if !self.rewrites.may(rewrite) => Err(Because::Off),
            () => Ok(()),
        }
    }

    // --- variables of the reverse sweep ---

    fn ty(&self, var: Var) -> Ty {
        self.out.ty(var).clone()
    }

    fn operand_ty(&self, operand: &Operand) -> Ty {
        match operand {
            Operand::Var(var) => self.ty(*var),
            Operand::Lit(_) => Ty::Float(Float::Inferred),
        }
    }

    fn name(&self, var: Var) -> &str {
        &self.out.vars[var.index()].name
    }

    fn new_bar(&mut self, of: Var, ty: Ty) -> Var {
        let name = format!("{}_bar", self.name(of));
        let span = self.out.vars[of.index()].span;
        // The cotangent of a number behind a reference is a number.
        let ty = match ty {
            Ty::Ref { mutable: false, to } if to.is_float() => *to,
            ty => ty,
        };
        self.out.new_derivative(name, ty, span)
    }

    fn new_like(&mut self, var: Var) -> Var {
        let info = &self.out.vars[var.index()];
        let (name, ty, span) = (info.name.clone(), info.ty.clone(), info.span);
        self.out.new_var(name, ty, span)
    }

    fn new_int(&mut self, name: &str) -> Var {
        self.out.new_var(name, Ty::Int, Span::call_site())
    }

    fn push(&mut self, stmt: Stmt) {
        self.frame().reverse.push(stmt);
    }

    /// `let name = text;`, for wherever it is needed.
    fn int(&mut self, name: &str, text: &str) -> (Var, Stmt) {
        let var = self.new_int(name);
        (var, Stmt::Let { var, op: Op::Code(code(text)) })
    }

    /// Emits a formula into the reverse sweep.
    fn formula<T>(&mut self, ty: Ty, build: impl FnOnce(&mut rules::Builder) -> T) -> T {
        let mut stmts = Vec::new();
        let result = build(&mut rules::Builder::new(&mut self.out, &mut stmts, ty, self.span));
        self.frame().reverse.extend(stmts);
        result
    }

    fn sum(&mut self, x: &Operand, y: &Operand) -> Operand {
        let ty = match x {
            Operand::Var(var) => self.ty(*var),
            Operand::Lit(_) => self.operand_ty(y),
        };
        let zero = self.zero_of(x).min(self.zero_of(y));
        let sum = self.formula(ty, |b| b.add(x, y));
        self.set_zero(&sum, zero);
        sum
    }

    fn zero_of(&self, bar: &Operand) -> Zero {
        bar.var().and_then(|var| self.zeros.get(&var).copied()).unwrap_or(Zero::Never)
    }

    fn set_zero(&mut self, bar: &Operand, zero: Zero) {
        if let (Operand::Var(var), true) = (bar, zero != Zero::Never) {
            self.zeros.entry(*var).or_insert(zero);
        }
    }

    /// `if bar != 0.0 { the terms } else { zeros }`
    fn terms_unless_zero(
        &mut self,
        ty: Ty,
        bar: &Operand,
        build: impl FnOnce(&mut rules::Builder) -> Vec<Option<Operand>>,
    ) -> Vec<Option<Operand>> {
        let mut stmts = Vec::new();
        let terms = build(&mut rules::Builder::new(&mut self.out, &mut stmts, ty.clone(), self.span));
        let flows = self.out.new_var("flows", Ty::Bool, Span::call_site());
        self.push(Stmt::Let {
            var: flows,
            op: Op::Code(code(&super::flows(&self.out, bar)).asking(bar.var().into_iter().collect())),
        });
        let mut results = Vec::new();
        let named = terms
            .iter()
            .map(|term| {
                term.as_ref().map(|_| {
                    let result = self.out.new_var("t", ty.clone(), self.span);
                    results.push(result);
                    Operand::Var(result)
                })
            })
            .collect();
        let yields = terms.iter().flatten().map(|term| scalar(term.clone())).collect();
        let zeros = results.iter().map(|_| scalar(Operand::float(0.0))).collect();
        let arms = vec![
            crate::ir::Arm { pattern: None, block: Block { stmts }, yields },
            crate::ir::Arm { pattern: None, block: Block::default(), yields: zeros },
        ];
        let on = crate::ir::Selector::If(flows.into());
        self.push(Stmt::Branch(crate::ir::Branch { on, arms, results }));
        named
    }

    // --- cotangents of values ---

    /// x̄ += term, for a term of the statement at hand.
    fn accumulate(&mut self, x: Var, term: Operand) {
        if !self.activity.is_active(x) {
            return;
        }
        if planted("reverse: term not made") {
            return;
        }
        let region = self.region().0;
        self.trace.terms.push(Term { site: self.site, region, of: x, term: term.clone() });
        if !planted("reverse: term dropped") {
            self.add_up(x, term);
        }
    }

    /// x̄ += term
    fn add_up(&mut self, x: Var, term: Operand) {
        let sum = match self.frame().bars.remove(&x) {
            None => term,
            Some(_) if planted("reverse: sum forgets what was") => term,
            Some(before) if planted("reverse: sum forgets the term") => before,
            Some(before) => self.sum(&before, &term),
        };
        // A term that becomes a cotangent is called by what it is.
        if let Operand::Var(bar) = &sum
            && self.name(*bar) == "t"
        {
            let name = format!("{}_bar", self.name(x));
            let info = &mut self.out.vars[bar.index()];
            (info.name, info.derivative) = (name, true);
        }
        self.frame().bars.insert(x, sum);
    }

    fn accumulate_operand(&mut self, x: &Operand, term: Operand) {
        if let Operand::Var(x) = x {
            self.accumulate(*x, term);
        }
    }

    /// Takes the cotangent of a value at its definition: no more contributions will come.
    fn take_bar(&mut self, var: Var) -> Option<Operand> {
        let bar = self.frame().bars.remove(&var).filter(|_| !planted("reverse: cotangent not taken"))?;
        self.trace.complete.push((var, bar.clone()));
        Some(bar)
    }

    fn take_bar_or_zero(&mut self, var: Var) -> Operand {
        self.take_bar(var).unwrap_or_else(|| Operand::float(0.0))
    }

    // --- demands ---

    pub(super) fn home(&self, var: Var) -> RegionId {
        match self.homes.get(&var) {
            Some(home) => *home,
            None => self.layout.home[var.index()],
        }
    }

    fn def(&self, var: Var) -> Def<'a> {
        if self.homes.contains_key(&var) { Def::CallResult } else { self.layout.def[var.index()] }
    }

    fn pos(&self, var: Var) -> Pos {
        if self.homes.contains_key(&var) {
            self.layout.region(self.home(var)).start
        } else {
            self.layout.pos[var.index()]
        }
    }

    /// The name of a primal value (or shared view) in the reverse sweep.
    fn need(&mut self, var: Var) -> Operand {
        if matches!(self.def(var), Def::Param) {
            return var.into();
        }
        let home = self.home(var);
        let depth = self.frames.iter().rposition(|frame| frame.region == home);
        let depth = depth.expect("a value is read within its region");
        let nameable = self.frames[depth].direct && self.is_nameable(var);
        if let Some(known) = self.frames[depth].known.get(&var) {
            return known.clone();
        }
        if nameable {
            return var.into();
        }
        let key = (self.pos(var), var);
        if let Some(name) = self.frames[depth].demands.get(&key) {
            return Operand::Var(*name);
        }
        let name = self.new_like(var);
        self.frames[depth].demands.insert(key, name);
        name.into()
    }

    fn need_operand(&mut self, operand: &Operand) -> Operand {
        match operand {
            Operand::Var(var) => self.need(*var),
            Operand::Lit(_) => operand.clone(),
        }
    }

    fn need_path(&mut self, path: &[Proj]) -> Vec<Proj> {
        path.iter()
            .map(|proj| match proj {
                Proj::Index(index) => Proj::Index(self.need_operand(index)),
                Proj::Slice { from, to, inclusive } => Proj::Slice {
                    from: from.as_ref().map(|from| self.need_operand(from)),
                    to: to.as_ref().map(|to| self.need_operand(to)),
                    inclusive: *inclusive,
                },
                Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => proj.clone(),
            })
            .collect()
    }

    /// A place of primal memory, for reading in the reverse sweep.
    fn need_place(&mut self, place: &Place) -> Place {
        match self.def(place.root) {
            // A name for a part cannot live while another part is written: the place is spelt from the root then.
            Def::View(_, ViewKind::Shared) if !self.is_written_after(place.root) => {
                let root = self.need(place.root).var().expect("a view is a variable");
                Place { root, path: self.need_path(&place.path) }
            }
            Def::View(..) => {
                let (root, path) = self.layout.resolve(place);
                Place { root, path: self.need_path(&path) }
            }
            _ => Place { root: place.root, path: self.need_path(&place.path) },
        }
    }

    /// Whether something is written into the root of a view, or moved away, behind the view's definition.
    fn is_written_after(&self, view: Var) -> bool {
        let root = self.layout.root[view.index()];
        let after = self.pos(view);
        self.layout.accesses[root.index()]
            .iter()
            .any(|access| access.kind != AccessKind::Read && access.pos > after)
    }

    /// The user's code again, over the names of the reverse sweep.
    fn need_code(&mut self, code: &Code) -> Code {
        let names: BTreeMap<Var, Operand> = code.reads.iter().map(|var| (*var, self.need(*var))).collect();
        code.with_operands(|var| names.get(&var).cloned().unwrap_or(Operand::Var(var)))
    }

    /// A new value of the forward sweep, defined in `region`.
    fn adopt(&mut self, var: Var, region: RegionId) {
        self.homes.insert(var, region);
    }

    fn is_usize(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Lit(_) => false,
            Operand::Var(var) => matches!(self.def(*var), Def::Let(Op::Len(_))),
        }
    }

    fn kind_of(&self, region: RegionId) -> RegionKind {
        self.layout.region(region).kind
    }
}

/// A stand-in for a value that is not there: what a branch yields for a value of another arm.
fn placeholder_value(ty: &Ty) -> Operand {
    match ty {
        Ty::Float(_) => Operand::float(0.0),
        Ty::Bool => Operand::bool(false),
        _ => Operand::int(0),
    }
}

/// A path as the user writes it.
fn spelt(callee: &TokenStream) -> String {
    callee.to_string().replace(' ', "")
}

fn scalar(operand: impl Into<Operand>) -> Elem {
    Elem::Scalar(operand.into())
}
