//! Which variables get a cotangent: those that are *varied* (depend on an independent variable) and *useful*
//! (influence what the function returns or writes).
//!
//! Memory is one fact per root: coarse, and always on the safe side. What the compiler does not look into has one of its own: the
//! names in a list of names and numbers do not vary because the numbers do.
//!
//! Every way that a float can take through a function is an arm of one of the matches below, of which none has a `_`; the
//! page `docs/where-derivatives-go.md` lists them in the user's words, and its tests compile each:
//!
//! | way | in the IR | varied |
//! | --- | --- | --- |
//! | operator, method, `as` between floats | [`Op::Prim`], [`Op::Cast`] | the result, if an operand is that has a partial |
//! | name, assignment, capture | [`Op::Copy`], or nothing: closures are inlined, a local is the value it has | the same value |
//! | result of a block, branch, loop, exit | [`Branch::results`](crate::ir::Branch), [`Carried`] | the result, if what any arm or pass gives is |
//! | element, field, view, pattern | [`Op::Load`], [`Stmt::Store`], [`Stmt::View`] | the root; what is read from it |
//! | aggregate made, moved, copied, cloned | [`Init`] | the new root, if any part is |
//! | length, order of elements | [`Stmt::Push`], [`Op::Pop`], [`Stmt::Swap`], [`Stmt::Fill`], [`Stmt::CopyFrom`] | the root written to |
//! | argument, result of a call | [`Stmt::Call`], [`ArgKind`] | the result and what is lent to be written, if an argument is |
//! | constant, `as` to an integer, comparison | [`Op::Code`], [`Op::Len`] | nothing, in a type that holds no float; what floats it gives, by name |
//! | opaque code | [`Stmt::Effect`], [`Selector::Match`], [`ArgKind::Code`] | whatever it changes or binds; and it is a problem: see `lost` |

use super::layout::{Def, Layout, Pos};
use super::lost::{Escape, Problem};
use crate::fault::planted;
use crate::ir::{
    Arg, ArgKind, Block, Call, CallTangents, Carried, Code, Cotangent, Elem, Func, Init, Op, Operand, Place,
    ReverseCall, Selector, Stmt, Ty, Value, Var,
};
use crate::rules;
use std::collections::BTreeMap;

pub struct Activity {
    varied: Vec<bool>,
    hidden: Vec<bool>,
    useful: Vec<bool>,
    escapes: BTreeMap<Pos, Escape>,
    /// Where an active value gets lost in code the compiler does not look into.
    pub problems: Vec<Problem>,
}

impl Activity {
    pub fn varied(&self, var: Var) -> bool {
        self.varied[var.index()]
    }

    pub fn is_active(&self, var: Var) -> bool {
        self.varied[var.index()] && self.useful[var.index()]
    }

    /// Whether something varied may be in a part of this memory that the compiler does not look into.
    pub fn hides_varied(&self, root: Var) -> bool {
        self.hidden[root.index()]
    }

    /// How a varied value may get out of the call at `pos` to where nobody follows it.
    pub fn escape(&self, pos: Pos) -> Option<Escape> {
        self.escapes.get(&pos).copied()
    }

    pub fn operand_is_active(&self, operand: &Operand) -> bool {
        operand.var().is_some_and(|var| self.is_active(var))
    }
}

pub(super) fn analyse(func: &Func, layout: &Layout) -> Activity {
    let n = func.vars.len();
    let mut cx = Cx {
        func,
        layout,
        varied: vec![false; n],
        hidden: vec![false; n],
        useful: vec![false; n],
        changed: true,
        problems: Vec::new(),
        escapes: BTreeMap::new(),
        read: reads(func),
        reported: Vec::new(),
    };
    for param in &func.params {
        cx.varied[param.var.index()] = param.wrt;
        cx.hidden[param.var.index()] = param.wrt && param.hides;
    }
    while cx.changed {
        cx.changed = false;
        cx.varied_block(&func.body);
    }
    cx.report_block(&func.body);
    cx.useful_value(&func.result);
    for param in &func.params {
        if param.wrt && matches!(func.ty(param.var), Ty::Ref { mutable: true, .. }) {
            cx.useful[param.var.index()] = !planted("useful: output");
        }
    }
    cx.changed = true;
    while cx.changed {
        cx.changed = false;
        cx.useful_block(&func.body);
    }
    // A view is as active as its root, or as what is hidden there.
    for k in 0..n {
        let root = layout.root[k].index();
        let unseen = *func.vars[k].ty.peeled() == Ty::Opaque;
        cx.varied[k] = if let (Def::View(place, _), true) = (&layout.def[k], unseen) {
            cx.place_varied(place)
        } else {
            cx.varied[root]
        };
        cx.useful[k] = cx.useful[root];
    }
    Activity {
        varied: cx.varied,
        hidden: cx.hidden,
        useful: cx.useful,
        escapes: cx.escapes,
        problems: cx.problems,
    }
}

pub(super) struct Cx<'a> {
    pub(super) func: &'a Func,
    pub(super) layout: &'a Layout<'a>,
    pub(super) varied: Vec<bool>,
    /// Of memory: something varied may be in a part that the compiler does not look into.
    hidden: Vec<bool>,
    useful: Vec<bool>,
    changed: bool,
    pub(super) problems: Vec<Problem>,
    pub(super) escapes: BTreeMap<Pos, Escape>,
    /// The variables that something reads.
    pub(super) read: Vec<bool>,
    /// Variables of problems that are known, by their roots.
    pub(super) reported: Vec<usize>,
}

/// Integers and booleans hold no derivative, nor does what is made of them; opaque values may hide one.
fn may_hold_derivative(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Pullback | Ty::Opaque | Ty::Unknown => true,
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => may_hold_derivative(of),
        Ty::Tuple(of) => of.iter().any(may_hold_derivative),
        Ty::Ref { to, .. } => may_hold_derivative(to),
        Ty::Int | Ty::Bool | Ty::Unit => false,
    }
}

fn reads(func: &Func) -> Vec<bool> {
    let mut read = vec![false; func.vars.len()];
    func.body.for_each_read(&mut |var| read[var.index()] = true);
    func.result.for_each_read(&mut |var| read[var.index()] = true);
    read
}

impl Cx<'_> {
    pub(super) fn slot(&self, var: Var) -> usize {
        self.layout.root[var.index()].index()
    }

    // --- varied: forward ---

    fn is_varied(&self, operand: &Operand) -> bool {
        operand.var().is_some_and(|var| self.var_varied(var))
    }

    pub(super) fn var_varied(&self, var: Var) -> bool {
        self.place_varied(&var.into())
    }

    pub(super) fn place_varied(&self, place: &Place) -> bool {
        let slot = self.slot(place.root);
        if self.is_unseen_part(place) { self.hidden[slot] } else { self.varied[slot] }
    }

    /// A part of memory, without floats, as far as the compiler sees.
    fn is_unseen_part(&self, place: &Place) -> bool {
        let (root, path) = self.layout.resolve(place);
        let ty = self.func.ty(root);
        ty.holds_floats() && !ty.part(&path).holds_floats()
    }

    /// Whether something varied may be in those parts of it that the compiler does not look into.
    fn hides_varied(&self, place: &Place) -> bool {
        let (root, path) = self.layout.resolve(place);
        let ty = self.func.ty(root).part(&path);
        let is_open = ty == Ty::Opaque || ty.is_partly_unknown();
        if is_open { self.place_varied(place) } else { self.hidden[root.index()] }
    }

    fn elem_hides(&self, elem: &Elem) -> bool {
        match elem {
            Elem::Scalar(Operand::Var(var)) => self.func.ty(*var).hides() && self.var_varied(*var),
            Elem::Scalar(Operand::Lit(_)) => false,
            Elem::Memory(place) => self.hides_varied(place),
        }
    }

    /// The same of what memory begins with.
    fn init_hides(&self, init: &Init) -> bool {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter().any(|elem| self.elem_hides(elem))
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.elem_hides(value)
            }
            Init::Move(place)
            | Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.hides_varied(place),
            Init::Code(_) | Init::Point(_) | Init::Pop(_) => self.varied_init(init),
            Init::Empty { .. } | Init::ZerosLike(_) | Init::LanesLike(_) | Init::Zeros(_) | Init::Tape(_) => {
                false
            }
        }
    }

    /// What is written to a place varies; what is in it where the compiler does not look, too.
    fn vary_place(&mut self, place: &Place, varied: bool, hides: bool) {
        self.vary(place.root, varied);
        let slot = self.slot(place.root);
        let hides = hides || (varied && self.is_unseen_part(place));
        if hides && !self.hidden[slot] {
            self.hidden[slot] = true;
            self.changed = true;
        }
    }

    fn elem_varied(&self, elem: &Elem) -> bool {
        match elem {
            Elem::Scalar(operand) => self.is_varied(operand) && !planted("varied: number as element"),
            Elem::Memory(place) => self.place_varied(place) && !planted("varied: memory as element"),
        }
    }

    fn vary(&mut self, var: Var, varied: bool) {
        let slot = self.slot(var);
        if varied && !self.varied[slot] && may_hold_derivative(self.func.ty(var)) {
            self.varied[slot] = true;
            self.changed = true;
        }
    }

    fn varied_init(&self, init: &Init) -> bool {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter().any(|elem| self.elem_varied(elem))
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.elem_varied(value) && !planted("varied: repeated element")
            }
            Init::Move(place)
            | Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.place_varied(place) && !planted("varied: memory moved"),
            Init::Code(code) | Init::Point(code) => self.code_varied(code).is_some(),
            Init::Pop(tape) => self.varied[self.slot(*tape)],
            Init::Empty { .. } | Init::ZerosLike(_) | Init::LanesLike(_) | Init::Zeros(_) | Init::Tape(_) => {
                false
            }
        }
    }

    /// A varied variable that the code reads.
    pub(super) fn code_varied(&self, code: &Code) -> Option<Var> {
        if code.stops {
            return None;
        }
        code.reads.iter().copied().find(|var| self.var_varied(*var))
    }

    pub(super) fn arg_varied(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => {
                self.is_varied(operand) && !planted("varied: number as argument")
            }
            ArgKind::ScalarMut { before, .. } => self.is_varied(before) && !planted("varied: number lent"),
            ArgKind::Memory { place, .. } => self.place_varied(place) && !planted("varied: memory passed"),
            ArgKind::Kept(var) => self.var_varied(*var),
            ArgKind::Code { code, .. } => self.code_varied(code).is_some(),
        }
    }

    fn varied_carried(&mut self, carried: &[Carried]) {
        for c in carried {
            let varied = (self.is_varied(&c.init) && !planted("varied: before a loop"))
                || (self.is_varied(&c.next) && !planted("varied: after a pass"));
            self.vary(c.param, varied);
            self.vary(c.result, varied);
        }
    }

    fn varied_block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.varied_stmt(stmt);
        }
    }

    fn varied_stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op } => {
                let varied = match op {
                    Op::Copy(operand) => self.is_varied(operand) && !planted("varied: copy"),
                    Op::Cast(operand, _) => self.is_varied(operand) && !planted("varied: cast"),
                    Op::Prim(prim, args) => {
                        let partials = rules::has_partial(*prim, args);
                        args.iter().zip(partials).any(|(arg, partial)| partial && self.is_varied(arg))
                            && !planted("varied: primitive")
                    }
                    Op::Load(place) => self.place_varied(place) && !planted("varied: load"),
                    Op::Pop(tape) => self.varied[self.slot(*tape)],
                    Op::Len(_) => false,
                    Op::Code(code) => self.code_varied(code).is_some() && !planted("varied: code"),
                };
                self.vary(*var, varied);
            }
            Stmt::Alloc { var, init } => {
                let varied = self.varied_init(init) && !planted("varied: new memory");
                let hides = self.init_hides(init);
                self.vary_place(&(*var).into(), varied, hides);
            }
            Stmt::Store { place, value }
            | Stmt::Fill { place, value }
            | Stmt::Accumulate { place, value } => {
                let varied = self.is_varied(value) && !planted("varied: store");
                let hides = self.elem_hides(&Elem::Scalar(value.clone()));
                self.vary_place(place, varied, hides);
            }
            Stmt::Assign { place, init } => {
                let varied = self.varied_init(init) && !planted("varied: assignment");
                let hides = self.init_hides(init);
                self.vary_place(place, varied, hides);
            }
            Stmt::Push { vec, value } => {
                let varied = self.elem_varied(value) && !planted("varied: push");
                let hides = self.elem_hides(value);
                self.vary_place(vec, varied, hides);
            }
            Stmt::Swap { a, b } => {
                let varied = (self.place_varied(a) || self.place_varied(b)) && !planted("varied: swap");
                let hides = self.hides_varied(a) || self.hides_varied(b);
                self.vary_place(a, varied, hides);
                self.vary_place(b, varied, hides);
            }
            Stmt::CopyFrom { to, from } | Stmt::AccumulateAll { to, from } => {
                let varied = self.place_varied(from) && !planted("varied: copy of memory");
                let hides = self.hides_varied(from);
                self.vary_place(to, varied, hides);
            }
            Stmt::Extend { tape, from } => {
                let varied = self.place_varied(from);
                let hides = self.hides_varied(from);
                self.vary_place(&(*tape).into(), varied, hides);
            }
            Stmt::Branch(branch) => {
                // What a pattern takes out of a varied value varies.
                if matches!(&branch.on, Selector::Match(code) if self.code_varied(code).is_some()) {
                    for var in branch.binds() {
                        if !matches!(self.func.ty(var), Ty::Int | Ty::Bool) {
                            self.vary(var, true);
                        }
                    }
                }
                for arm in &branch.arms {
                    self.varied_block(&arm.block);
                }
                for (k, var) in branch.results.iter().enumerate() {
                    let varied = branch.arms.iter().any(|arm| self.elem_varied(&arm.yields[k]))
                        && !planted("varied: branch");
                    let hides = branch.arms.iter().any(|arm| self.elem_hides(&arm.yields[k]));
                    self.vary_place(&(*var).into(), varied, hides);
                }
            }
            Stmt::For(stmt) => {
                self.varied_carried(&stmt.carried);
                self.varied_block(&stmt.body);
                self.varied_carried(&stmt.carried);
            }
            Stmt::While(stmt) => {
                self.varied_carried(&stmt.carried);
                self.varied_block(&stmt.condition);
                self.varied_block(&stmt.body);
                self.varied_carried(&stmt.carried);
            }
            Stmt::ForwardCall(forward) => {
                if self.varied_call(&forward.call, &forward.tangents) {
                    self.vary(forward.pullback, true);
                }
            }
            Stmt::TangentCall(tangent) => {
                self.varied_call(&tangent.call, &tangent.tangents);
            }
            Stmt::ReverseCall(reverse) => self.varied_reverse_call(reverse),
            Stmt::Call(call) => {
                self.varied_call(call, &[]);
            }
            Stmt::Effect { code, writes } => {
                if self.code_varied(code).is_some() {
                    for var in writes {
                        self.vary_place(&(*var).into(), true, true);
                    }
                }
            }
            Stmt::View { .. } | Stmt::Clear { .. } | Stmt::Grow { .. } | Stmt::Truncate { .. } => {}
        }
    }

    /// Whether anything about the call varies.
    fn varied_call(&mut self, call: &Call, tangents: &[CallTangents]) -> bool {
        let args = || call.args.iter().chain(tangents.iter().flat_map(|list| list.args.iter().flatten()));
        let varied = args().any(|arg| self.arg_varied(arg));
        if varied && !planted("varied: call") {
            let results = tangents.iter().map(|list| list.result);
            let results = std::iter::once(call.result).chain(results).flatten();
            for result in results.filter(|_| !planted("varied: result of a call")) {
                self.vary_place(&result.into(), true, true);
            }
            for arg in args() {
                match &arg.kind {
                    ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } if planted("varied: by a call") => {}
                    ArgKind::ScalarMut { after, .. } => self.vary(*after, true),
                    ArgKind::Memory { place, passed } if passed.writes() => {
                        self.vary_place(place, true, true)
                    }
                    ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Memory { .. } => {}
                    ArgKind::Kept(_) | ArgKind::Code { .. } => {}
                }
            }
        }
        varied
    }

    fn varied_reverse_call(&mut self, reverse: &ReverseCall) {
        let varied = self.varied[self.slot(reverse.pullback)]
            || reverse.all_args().any(|arg| self.arg_varied(arg))
            || reverse.all_seeds().any(|seed| self.value_varied(seed))
            || reverse.all_cotangents().any(|cotangent| match cotangent {
                Cotangent::Slot(place) => self.place_varied(place),
                Cotangent::InOut { after, .. } => self.is_varied(after),
                Cotangent::None | Cotangent::Value(_) => false,
            });
        for cotangent in reverse.all_cotangents() {
            match cotangent {
                Cotangent::Value(var) | Cotangent::InOut { before: var, .. } => self.vary(*var, varied),
                Cotangent::Slot(place) => self.vary_place(place, varied, varied),
                Cotangent::None => {}
            }
        }
    }

    fn value_varied(&self, value: &Value) -> bool {
        match value {
            Value::Unit => false,
            Value::Scalar(operand) => self.is_varied(operand),
            Value::Memory(place) => self.place_varied(place),
            Value::Tuple(values) => values.iter().any(|value| self.value_varied(value)),
        }
    }

    // --- useful: backward ---

    fn is_useful(&self, var: Var) -> bool {
        self.useful[self.slot(var)]
    }

    fn need(&mut self, var: Var) {
        let slot = self.slot(var);
        if !self.useful[slot] {
            self.useful[slot] = true;
            self.changed = true;
        }
    }

    fn need_operand(&mut self, operand: &Operand) {
        if let Some(var) = operand.var() {
            self.need(var);
        }
    }

    fn need_elem(&mut self, elem: &Elem) {
        match elem {
            Elem::Scalar(_) | Elem::Memory(_) if planted("useful: element") => {}
            Elem::Scalar(operand) => self.need_operand(operand),
            Elem::Memory(place) => self.need(place.root),
        }
    }

    fn useful_value(&mut self, value: &Value) {
        match value {
            Value::Unit => {}
            Value::Scalar(_) | Value::Memory(_) if planted("useful: result") => {}
            Value::Scalar(operand) => self.need_operand(operand),
            Value::Memory(place) => self.need(place.root),
            Value::Tuple(values) => values.iter().for_each(|value| self.useful_value(value)),
        }
    }

    fn useful_init(&mut self, init: &Init) {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter().for_each(|elem| self.need_elem(elem));
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.need_elem(value)
            }
            Init::Move(_) | Init::Clone(_) | Init::ToVec(_) if planted("useful: memory moved") => {}
            Init::Move(place)
            | Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.need(place.root),
            Init::Empty { .. }
            | Init::Code(_)
            | Init::Point(_)
            | Init::ZerosLike(_)
            | Init::LanesLike(_)
            | Init::Zeros(_)
            | Init::Tape(_) => {}
            Init::Pop(tape) => self.need(*tape),
        }
    }

    fn useful_carried(&mut self, carried: &[Carried]) {
        for c in carried {
            if self.is_useful(c.result) || self.is_useful(c.param) {
                if !planted("useful: after a pass") {
                    self.need_operand(&c.next);
                }
                if !planted("useful: before a loop") {
                    self.need_operand(&c.init);
                }
            }
        }
    }

    fn useful_block(&mut self, block: &Block) {
        for stmt in block.stmts.iter().rev() {
            self.useful_stmt(stmt);
        }
    }

    fn useful_stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op } => {
                if self.is_useful(*var) {
                    match op {
                        Op::Copy(_) | Op::Cast(..) if planted("useful: copy") => {}
                        Op::Prim(..) | Op::Load(_) if planted("useful: computed") => {}
                        Op::Copy(operand) | Op::Cast(operand, _) => self.need_operand(operand),
                        Op::Prim(_, args) => args.iter().for_each(|arg| self.need_operand(arg)),
                        Op::Load(place) => self.need(place.root),
                        Op::Pop(tape) => self.need(*tape),
                        Op::Len(_) | Op::Code(_) => {}
                    }
                }
            }
            Stmt::Alloc { var, init } => {
                if self.is_useful(*var) && !planted("useful: new memory") {
                    self.useful_init(init);
                }
            }
            Stmt::Store { place, value }
            | Stmt::Fill { place, value }
            | Stmt::Accumulate { place, value } => {
                if self.is_useful(place.root) && !planted("useful: store") {
                    self.need_operand(value);
                }
            }
            Stmt::Assign { place, init } => {
                if self.is_useful(place.root) && !planted("useful: assignment") {
                    self.useful_init(init);
                }
            }
            Stmt::Push { vec, value } => {
                if self.is_useful(vec.root) && !planted("useful: push") {
                    self.need_elem(value);
                }
            }
            Stmt::Swap { a, b } => {
                if (self.is_useful(a.root) || self.is_useful(b.root)) && !planted("useful: swap") {
                    self.need(a.root);
                    self.need(b.root);
                }
            }
            Stmt::CopyFrom { to, from } | Stmt::AccumulateAll { to, from } => {
                if self.is_useful(to.root) && !planted("useful: copy of memory") {
                    self.need(from.root);
                }
            }
            Stmt::Extend { tape, from } => {
                if self.is_useful(*tape) {
                    self.need(from.root);
                }
            }
            Stmt::Branch(branch) => {
                for (k, var) in branch.results.iter().enumerate() {
                    if self.is_useful(*var) && !planted("useful: branch") {
                        branch.arms.iter().for_each(|arm| self.need_elem(&arm.yields[k]));
                    }
                }
                for arm in &branch.arms {
                    self.useful_block(&arm.block);
                }
            }
            Stmt::For(stmt) => {
                self.useful_carried(&stmt.carried);
                self.useful_block(&stmt.body);
                self.useful_carried(&stmt.carried);
            }
            Stmt::While(stmt) => {
                self.useful_carried(&stmt.carried);
                self.useful_block(&stmt.body);
                self.useful_block(&stmt.condition);
                self.useful_carried(&stmt.carried);
            }
            Stmt::ForwardCall(forward) => {
                let pullback = self.is_useful(forward.pullback);
                self.useful_call(&forward.call, &forward.tangents, pullback);
            }
            Stmt::TangentCall(tangent) => self.useful_call(&tangent.call, &tangent.tangents, false),
            Stmt::ReverseCall(reverse) => self.useful_reverse_call(reverse),
            Stmt::Call(call) => self.useful_call(call, &[], false),
            Stmt::View { .. }
            | Stmt::Effect { .. }
            | Stmt::Clear { .. }
            | Stmt::Grow { .. }
            | Stmt::Truncate { .. } => {}
        }
    }

    fn useful_call(&mut self, call: &Call, tangents: &[CallTangents], pullback: bool) {
        let args = || call.args.iter().chain(tangents.iter().flat_map(|list| list.args.iter().flatten()));
        let results = std::iter::once(call.result).chain(tangents.iter().map(|list| list.result));
        let useful = pullback
            || results.flatten().any(|result| self.is_useful(result) && !planted("useful: returned"))
            || args().any(|arg| match &arg.kind {
                ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } if planted("useful: by a call") => false,
                ArgKind::ScalarMut { after, .. } => self.is_useful(*after),
                ArgKind::Memory { place, passed } if passed.writes() => self.is_useful(place.root),
                ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Memory { .. } => false,
                ArgKind::Kept(_) | ArgKind::Code { .. } => false,
            });
        if useful && !planted("useful: call") {
            args().for_each(|arg| self.need_arg(arg));
        }
    }

    fn useful_reverse_call(&mut self, reverse: &ReverseCall) {
        let useful = reverse.all_cotangents().any(|cotangent| match cotangent {
            Cotangent::Value(var) | Cotangent::InOut { before: var, .. } => self.is_useful(*var),
            Cotangent::Slot(place) => self.is_useful(place.root),
            Cotangent::None => false,
        });
        if !useful {
            return;
        }
        self.need(reverse.pullback);
        reverse.all_args().for_each(|arg| self.need_arg(arg));
        reverse.all_seeds().for_each(|seed| self.useful_value(seed));
        for cotangent in reverse.all_cotangents() {
            match cotangent {
                Cotangent::Slot(place) => self.need(place.root),
                Cotangent::InOut { after, .. } => self.need_operand(after),
                Cotangent::None | Cotangent::Value(_) => {}
            }
        }
    }

    fn need_arg(&mut self, arg: &Arg) {
        match &arg.kind {
            ArgKind::Scalar(_) | ArgKind::ScalarMut { .. } if planted("useful: number passed") => {}
            ArgKind::Memory { .. } if planted("useful: memory as argument") => {}
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => self.need_operand(operand),
            ArgKind::ScalarMut { before, .. } => self.need_operand(before),
            ArgKind::Memory { place, .. } => self.need(place.root),
            ArgKind::Kept(var) => self.need(*var),
            ArgKind::Code { .. } => {}
        }
    }
}
