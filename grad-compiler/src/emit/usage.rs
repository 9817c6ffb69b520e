//! What happens to the variables of a derivative, in the order of the program.
//!
//! The emitter needs it to print no unused variable, no needless `mut`, and one mutable variable where the
//! IR has a chain of values.

use crate::ir::{
    Arg, ArgKind, Block, Call, CallTangents, Carried, Code, Cotangent, Elem, Init, Op, Operand, Passed,
    Place, Proj, Room, Selector, Stmt, Value, Var, ViewKind,
};
use std::collections::BTreeSet;

/// Something that happens to a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Define(Var),
    Read(Var),
    /// The memory it names is changed.
    Write(Var),
    /// It is moved, or copied where its type is `Copy`: as a whole.
    Move(Var),
    /// It is lent until here.
    Held(Var),
    LoopStart,
    LoopEnd,
    /// Of the arms of a branch, one is taken.
    ArmStart,
    ArmEnd,
    BranchEnd,
}

/// The table of a function's views.
pub(super) type Views<'a> = Vec<Option<(&'a Place, ViewKind)>>;

/// The views defined in a block.
pub(super) fn collect_views<'a>(block: &'a Block, views: &mut Views<'a>) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::View { var, place, kind } => views[var.index()] = Some((place, *kind)),
            Stmt::Branch(branch) => branch.arms.iter().for_each(|arm| collect_views(&arm.block, views)),
            Stmt::For(stmt) => collect_views(&stmt.body, views),
            Stmt::While(stmt) => {
                collect_views(&stmt.condition, views);
                collect_views(&stmt.body, views);
            }
            _ => {}
        }
    }
}

/// Writes down events.
pub(super) struct Recorder<'a> {
    views: &'a Views<'a>,
    /// Values that are not printed.
    dead: &'a [bool],
    pub(super) events: Vec<Event>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(views: &'a Views<'a>, dead: &'a [bool]) -> Recorder<'a> {
        Recorder { views, dead, events: Vec::new() }
    }

    pub(super) fn define(&mut self, var: Var) {
        self.events.push(Event::Define(var));
    }

    /// Reading an exclusive view is reading its place, which is spelt again at every access.
    fn read(&mut self, var: Var) {
        self.events.push(Event::Read(var));
        if let Some((place, ViewKind::Exclusive)) = self.views[var.index()] {
            self.place(place);
        }
    }

    fn write(&mut self, place: &Place) {
        self.place(place);
        self.events.push(Event::Write(place.root));
    }

    pub(super) fn operand(&mut self, operand: &Operand) {
        if let Operand::Var(var) = operand {
            self.read(*var);
        }
    }

    pub(super) fn place(&mut self, place: &Place) {
        self.read(place.root);
        for proj in &place.path {
            match proj {
                Proj::Index(index) => self.operand(index),
                Proj::Slice { from, to, .. } => from.iter().chain(to).for_each(|end| self.operand(end)),
                Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => {}
            }
        }
    }

    /// Memory that is taken from its place.
    fn moved(&mut self, place: &Place) {
        self.place(place);
        if place.path.is_empty() {
            self.events.push(Event::Move(place.root));
        }
    }

    fn code(&mut self, code: &Code) {
        for var in &code.reads {
            self.read(*var);
        }
    }

    fn elem(&mut self, elem: &Elem) {
        match elem {
            Elem::Scalar(operand) => self.operand(operand),
            Elem::Memory(place) => self.moved(place),
        }
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Unit => {}
            Value::Scalar(operand) => self.operand(operand),
            Value::Memory(place) => self.moved(place),
            Value::Tuple(values) => values.iter().for_each(|value| self.value(value)),
        }
    }

    pub(super) fn op(&mut self, op: &Op) {
        match op {
            Op::Copy(operand) | Op::Cast(operand, _) => self.operand(operand),
            Op::Prim(_, args) => args.iter().for_each(|arg| self.operand(arg)),
            Op::Load(place) | Op::Len(place) => self.place(place),
            Op::Code(code) => self.code(code),
            Op::Pop(tape) => self.write(&Place::from(*tape)),
        }
    }

    fn init(&mut self, init: &Init) {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                for elem in elems {
                    self.elem(elem);
                }
            }
            Init::ArrayRepeat { value, len } => {
                self.elem(value);
                self.code(len);
            }
            Init::VecRepeat { value, len } | Init::Buffer { value, len, on_stack: _ } => {
                self.elem(value);
                self.operand(len);
            }
            Init::Empty { capacity } => capacity.iter().for_each(|capacity| self.operand(capacity)),
            Init::Move(place) => self.moved(place),
            Init::Clone(place)
            | Init::ToVec(place)
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place)
            | Init::ZerosLike(place)
            | Init::LanesLike(place) => self.place(place),
            Init::Refill { of, spare } => {
                self.place(of);
                self.write(&Place::from(*spare));
            }
            Init::Code(code) | Init::Point(code) => self.code(code),
            Init::Pop(tape) => self.write(&Place::from(*tape)),
            Init::Tape(Room::For(passes)) => self.operand(passes),
            Init::Zeros(_) | Init::Tape(Room::Any | Room::One) => {}
        }
    }

    fn arg(&mut self, arg: &Arg) {
        match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => self.operand(operand),
            ArgKind::ScalarMut { before, after } => {
                self.operand(before);
                self.define(*after);
                self.events.push(Event::Write(*after));
            }
            ArgKind::Memory { place, passed } if passed.writes() => self.write(place),
            ArgKind::Memory { place, passed: Passed::Moved } => self.moved(place),
            ArgKind::Memory { place, .. } => self.place(place),
            ArgKind::Kept(var) => self.read(*var),
            ArgKind::Code { code, .. } => self.code(code),
        }
    }

    /// All of a call: while one is lent, another does not move it away.
    fn args<'b>(&mut self, args: impl Iterator<Item = &'b Arg> + Clone) {
        args.clone().for_each(|arg| self.arg(arg));
        for arg in args {
            if let ArgKind::Memory { place, passed: Passed::Shared } = &arg.kind {
                self.events.push(Event::Held(place.root));
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.args(call.args.iter());
        if let Some(suffix) = &call.suffix {
            self.code(suffix);
        }
        if let Some(var) = &call.result {
            self.define(*var);
        }
    }

    fn inits(&mut self, carried: &[Carried]) {
        for c in carried {
            self.operand(&c.init);
        }
        self.events.push(Event::LoopStart);
        for c in carried {
            self.define(c.param);
        }
    }

    fn nexts(&mut self, carried: &[Carried], until: Option<&Operand>) {
        for c in carried {
            self.operand(&c.next);
        }
        if let Some(until) = until {
            self.operand(until);
        }
        self.events.push(Event::LoopEnd);
        for c in carried {
            self.define(c.result);
        }
    }

    pub(super) fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op } => {
                if !self.dead[var.index()] {
                    self.op(op);
                    self.define(*var);
                }
            }
            Stmt::Alloc { var, init } => {
                self.init(init);
                self.define(*var);
            }
            Stmt::View { var, place, kind } => {
                self.place(place);
                if matches!(kind, ViewKind::Materialized | ViewKind::Row) {
                    self.events.push(Event::Write(place.root));
                }
                self.define(*var);
            }
            Stmt::Store { place, value }
            | Stmt::Accumulate { place, value }
            | Stmt::Fill { place, value } => {
                self.operand(value);
                self.write(place);
            }
            Stmt::Assign { place, init } => {
                self.init(init);
                self.write(place);
            }
            Stmt::Push { vec, value } => {
                self.elem(value);
                self.write(vec);
            }
            Stmt::Swap { a, b } => {
                self.write(a);
                self.write(b);
            }
            Stmt::CopyFrom { to, from } | Stmt::AccumulateAll { to, from } => {
                self.place(from);
                self.write(to);
            }
            Stmt::Clear { place } => self.write(place),
            Stmt::Extend { tape, from } => {
                self.place(from);
                self.write(&Place::from(*tape));
            }
            Stmt::Grow { tape, by: len } | Stmt::Truncate { tape, len } => {
                self.operand(len);
                self.write(&Place::from(*tape));
            }
            Stmt::Branch(branch) => {
                match &branch.on {
                    Selector::If(test) | Selector::Tag(test) => self.operand(test),
                    Selector::Match(code) => self.code(code),
                }
                for arm in &branch.arms {
                    self.events.push(Event::ArmStart);
                    if let Some(pattern) = &arm.pattern {
                        for var in &pattern.binds {
                            self.define(*var);
                        }
                        // A pattern may compare with constants that are variables to us.
                        self.code(&Code::new(pattern.tokens.clone(), true).without(&pattern.binds));
                        if let Some(guard) = &pattern.guard {
                            self.code(guard);
                        }
                    }
                    self.block(&arm.block);
                    for elem in &arm.yields {
                        self.elem(elem);
                    }
                    self.events.push(Event::ArmEnd);
                }
                self.events.push(Event::BranchEnd);
                for var in &branch.results {
                    self.define(*var);
                }
            }
            Stmt::For(stmt) => {
                self.operand(&stmt.lo);
                self.operand(&stmt.hi);
                self.inits(&stmt.carried);
                self.define(stmt.index);
                self.block(&stmt.body);
                self.nexts(&stmt.carried, stmt.until.as_ref());
            }
            Stmt::While(stmt) => {
                self.inits(&stmt.carried);
                self.block(&stmt.condition);
                self.operand(&stmt.test);
                self.block(&stmt.body);
                self.nexts(&stmt.carried, stmt.until.as_ref());
            }
            Stmt::Call(call) => self.call(call),
            Stmt::Effect { code, writes } => {
                self.code(code);
                for var in writes {
                    self.events.push(Event::Write(*var));
                }
            }
            Stmt::ForwardCall(forward) => {
                self.call_with(&forward.call, &forward.tangents);
                self.define(forward.pullback);
            }
            Stmt::TangentCall(tangent) => self.call_with(&tangent.call, &tangent.tangents),
            Stmt::ReverseCall(reverse) => {
                self.read(reverse.pullback);
                reverse.args.iter().for_each(|arg| self.arg_again(arg));
                if let Some(seed) = &reverse.seed {
                    self.value(seed);
                }
                for tangents in &reverse.tangents {
                    tangents.args.iter().flatten().for_each(|arg| self.arg_again(arg));
                    if let Some(seed) = &tangents.seed {
                        self.value(seed);
                    }
                }
                for cotangent in reverse.all_cotangents() {
                    match cotangent {
                        Cotangent::Slot(place) => self.write(place),
                        Cotangent::InOut { after, before } => {
                            self.operand(after);
                            self.define(*before);
                            self.events.push(Event::Write(*before));
                        }
                        Cotangent::None | Cotangent::Value(_) => {}
                    }
                }
                for cotangent in reverse.all_cotangents() {
                    if let Cotangent::Value(var) = cotangent {
                        self.define(*var);
                    }
                }
            }
        }
    }

    /// A call with the tangents that go with it.
    fn call_with(&mut self, call: &Call, tangents: &[CallTangents]) {
        self.args(tangents.iter().flat_map(|tangents| &tangents.args).flatten());
        self.call(call);
        for result in tangents.iter().filter_map(|tangents| tangents.result) {
            self.define(result);
        }
    }

    /// What a pullback is passed again.
    fn arg_again(&mut self, arg: &Arg) {
        match &arg.kind {
            ArgKind::Memory { place, passed } if passed.is_passed_again() => self.place(place),
            ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } => {}
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Kept(_) | ArgKind::Code { .. } => {
                self.arg(arg);
            }
        }
    }
}

impl Code {
    /// The same code, as if it did not read these variables.
    fn without(mut self, bound: &[Var]) -> Code {
        self.reads.retain(|var| !bound.contains(var));
        self
    }
}

/// Variables that are there after they were moved: their type is `Copy`. That of their tangents and cotangents need not be.
pub(super) fn find_copied(events: &[Event], vars: usize) -> Vec<bool> {
    let mut copied = vec![false; vars];
    let mut depth_of = vec![0_usize; vars];
    let mut depth = 0_usize;
    let mut moved = BTreeSet::new();
    // What was moved before the arms of the branches around, and in those that are behind.
    let mut before: Vec<BTreeSet<Var>> = Vec::new();
    let mut behind: Vec<Vec<BTreeSet<Var>>> = vec![Vec::new()];
    for event in events {
        match event {
            Event::Define(var) => {
                moved.remove(var);
                depth_of[var.index()] = depth;
            }
            Event::Read(var) | Event::Write(var) | Event::Held(var) => {
                copied[var.index()] |= moved.contains(var)
            }
            Event::Move(var) => {
                copied[var.index()] |= depth > depth_of[var.index()];
                moved.insert(*var);
            }
            Event::LoopStart => depth += 1,
            Event::LoopEnd => depth = depth.saturating_sub(1),
            Event::ArmStart => {
                before.push(moved.clone());
                behind.push(Vec::new());
            }
            Event::ArmEnd => {
                behind.pop();
                let outer = before.pop().unwrap_or_default();
                if let Some(behind) = behind.last_mut() {
                    behind.push(std::mem::replace(&mut moved, outer));
                }
            }
            Event::BranchEnd => {
                for arm in behind.last_mut().map(std::mem::take).unwrap_or_default() {
                    moved.extend(arm);
                }
            }
        }
    }
    copied
}

/// Values that nothing reads and that cost nothing to leave out.
pub(super) fn find_dead(blocks: &[&Block], extra: &[Event], views: &Views<'_>, vars: usize) -> Vec<bool> {
    let none = vec![false; vars];
    let mut reads = vec![0_u32; vars];
    let count = |events: &[Event], reads: &mut Vec<u32>| {
        for event in events {
            if let Event::Read(var) | Event::Write(var) = event {
                reads[var.index()] += 1;
            }
        }
    };
    let mut recorder = Recorder::new(views, &none);
    for block in blocks {
        recorder.block(block);
    }
    count(&recorder.events, &mut reads);
    count(extra, &mut reads);

    let mut lets = Vec::new();
    for block in blocks {
        pure_lets(block, &mut lets);
    }
    let mut dead = vec![false; vars];
    // Definitions come before their uses, so one pass from the end finds all.
    for (var, op) in lets.into_iter().rev() {
        if reads[var.index()] == 0 {
            dead[var.index()] = true;
            let mut recorder = Recorder::new(views, &none);
            recorder.op(op);
            for event in recorder.events {
                if let Event::Read(var) = event {
                    reads[var.index()] -= 1;
                }
            }
        }
    }
    dead
}

fn pure_lets<'a>(block: &'a Block, lets: &mut Vec<(Var, &'a Op)>) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let { var, op } => match op {
                Op::Copy(_) | Op::Prim(..) | Op::Cast(..) | Op::Len(_) => lets.push((*var, op)),
                Op::Code(code) if code.cheap => lets.push((*var, op)),
                // A load may panic, other code may do anything, and a tape must stay in step.
                Op::Load(_) | Op::Code(_) | Op::Pop(_) => {}
            },
            Stmt::Branch(branch) => branch.arms.iter().for_each(|arm| pure_lets(&arm.block, lets)),
            Stmt::For(stmt) => pure_lets(&stmt.body, lets),
            Stmt::While(stmt) => {
                pure_lets(&stmt.condition, lets);
                pure_lets(&stmt.body, lets);
            }
            _ => {}
        }
    }
}
