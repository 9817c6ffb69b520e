//! Whether a function is well formed: run after every pass in tests.
//!
//! Checked: every variable is defined once, before its uses and in scope of them; the placeholders
//! of tokens are the variables they are said to read; types fit (floats in primitives, booleans
//! in conditions, integers as indices, memory in places); arms yield what the branch results in, and a
//! carried value has one type all round. A type the compiler does not know fits everything.

use super::visit::Item;
use super::{
    ArgKind, Arm, Block, Branch, Call, Carried, Code, Elem, Float, Func, Init, Op, Operand, Pattern, Place,
    Proj, ReverseCall, Selector, Stmt, TangentCall, Ty, Var, print,
};
use std::cell::OnceCell;
use std::fmt::Display;

/// Checks a function of any stage.
pub fn verify(func: &Func) -> Result<(), Vec<String>> {
    verify_with(func, &[], &[])
}

/// Checks a function as lowering makes it: without instructions of derivative code.
pub fn verify_primal(func: &Func) -> Result<(), Vec<String>> {
    let mut errors = verify(func).err().unwrap_or_default();
    func.for_each_stmt(&mut |stmt| {
        if derivative_only(stmt) {
            errors.push(format!("only derivative code may have `{stmt:?}`"));
        }
    });
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Checks a function and blocks that run after its body, in its scope (its reverse sweep). `given` are variables that
/// come from outside, beside the parameters: the seed, buffers of cotangents.
pub fn verify_with(func: &Func, given: &[Var], after: &[&Block]) -> Result<(), Vec<String>> {
    let mut cx = Verifier {
        func,
        names: OnceCell::new(),
        defined: vec![false; func.vars.len()],
        in_scope: vec![false; func.vars.len()],
        scopes: vec![Vec::new()],
        errors: Vec::new(),
    };
    for var in func.params.iter().map(|param| param.var).chain(given.iter().copied()) {
        cx.define(var);
    }
    cx.block(&func.body);
    func.result.walk(&mut |item| cx.item(&item));
    for block in after {
        cx.block(block);
    }
    if cx.errors.is_empty() { Ok(()) } else { Err(cx.errors) }
}

fn derivative_only(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Accumulate { .. }
        | Stmt::AccumulateAll { .. }
        | Stmt::Clear { .. }
        | Stmt::Grow { .. }
        | Stmt::Extend { .. }
        | Stmt::Truncate { .. }
        | Stmt::ForwardCall(_)
        | Stmt::ReverseCall(_)
        | Stmt::TangentCall(_)
        | Stmt::Let { op: Op::Pop(_), .. }
        | Stmt::Alloc {
            init:
                Init::Refill { .. }
                | Init::ZerosLike(_)
                | Init::LanesLike(_)
                | Init::Zeros(_)
                | Init::Tape(_)
                | Init::Pop(_)
                | Init::Part(_),
            ..
        }
        | Stmt::Assign {
            init:
                Init::Refill { .. }
                | Init::ZerosLike(_)
                | Init::LanesLike(_)
                | Init::Zeros(_)
                | Init::Tape(_)
                | Init::Pop(_)
                | Init::Part(_),
            ..
        } => true,
        Stmt::Let { .. }
        | Stmt::Alloc { .. }
        | Stmt::Assign { .. }
        | Stmt::View { .. }
        | Stmt::Store { .. }
        | Stmt::Push { .. }
        | Stmt::Swap { .. }
        | Stmt::Fill { .. }
        | Stmt::CopyFrom { .. }
        | Stmt::Branch(_)
        | Stmt::For(_)
        | Stmt::While(_)
        | Stmt::Call(_)
        | Stmt::Effect { .. } => false,
    }
}

struct Verifier<'f> {
    func: &'f Func,
    /// Made for messages.
    names: OnceCell<Vec<String>>,
    /// Defined anywhere so far.
    defined: Vec<bool>,
    in_scope: Vec<bool>,
    /// The variables of each open scope.
    scopes: Vec<Vec<Var>>,
    errors: Vec<String>,
}

impl Verifier<'_> {
    fn error(&mut self, text: String) {
        self.errors.push(text);
    }

    fn name(&self, var: Var) -> String {
        let names = self.names.get_or_init(|| print::names(self.func));
        names.get(var.index()).cloned().unwrap_or_else(|| format!("{var:?}"))
    }

    fn define(&mut self, var: Var) {
        match self.defined.get_mut(var.index()) {
            None => self.error(format!("{} is no variable of the function", self.name(var))),
            Some(true) => self.error(format!("{} is defined twice", self.name(var))),
            Some(defined) => {
                *defined = true;
                self.in_scope[var.index()] = true;
                self.scopes.last_mut().expect("the outermost scope is never left").push(var);
            }
        }
    }

    fn read(&mut self, var: Var) {
        if !self.in_scope.get(var.index()).copied().unwrap_or(false) {
            let name = self.name(var);
            self.error(format!("{name} is used where it is not in scope"));
        }
    }

    fn leave(&mut self) {
        for var in self.scopes.pop().expect("every scope left was entered") {
            self.in_scope[var.index()] = false;
        }
    }

    /// The type of a variable, and that of a variable that does not exist.
    fn ty(&self, var: Var) -> Ty {
        self.func.vars.get(var.index()).map_or(Ty::Unknown, |info| info.ty.clone())
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.types(stmt);
            stmt.walk(&mut |item| self.item(&item));
        }
    }

    /// Scopes: one part of a statement.
    fn item(&mut self, item: &Item) {
        item.for_each_read(&mut |var| self.read(var));
        match item {
            Item::Define(var) | Item::Bind(var) => self.define(**var),
            Item::Enter => self.scopes.push(Vec::new()),
            Item::Leave => self.leave(),
            Item::Block(block) => self.block(block),
            Item::Code(code) => self.code(code),
            Item::Pattern(pattern) => {
                for var in &pattern.binds {
                    self.define(*var);
                }
                self.pattern(pattern);
            }
            Item::Place(place, _) => {
                if let Err(error) = self.place(place) {
                    self.error(error);
                }
            }
            Item::Operand(_) | Item::Var(..) => {}
        }
    }

    fn code(&mut self, code: &Code) {
        let fresh = Code::new(code.tokens.clone(), code.cheap);
        if fresh.reads != code.reads {
            self.error(format!("`{}` does not read what it says: {:?}", code.tokens, code.reads));
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let named = Code::new(pattern.tokens.clone(), true).reads;
        for var in &pattern.binds {
            if !named.contains(var) {
                let name = self.name(*var);
                self.error(format!("the pattern `{}` does not bind {name}", pattern.tokens));
            }
        }
        if let Some(guard) = &pattern.guard {
            self.code(guard);
        }
    }

    /// The type of a part of memory, `Unknown` where it cannot be told.
    fn place(&mut self, place: &Place) -> Result<Ty, String> {
        let root = self.ty(place.root);
        if !root.is_memory() && !matches!(root, Ty::Opaque | Ty::Pullback) {
            return Err(format!("{} is a place, but no memory", self.name(place.root)));
        }
        let mut ty = root;
        for proj in &place.path {
            let within = ty.peeled().clone();
            ty = match proj {
                Proj::Deref => match ty {
                    Ty::Ref { to, .. } => *to,
                    Ty::Unknown => Ty::Unknown,
                    other => return Err(format!("dereference of {}", print::ty(&other))),
                },
                Proj::Field(field) => match within {
                    Ty::Tuple(of) if *field < of.len() => of[*field].clone(),
                    Ty::Unknown | Ty::Opaque => Ty::Unknown,
                    other => return Err(format!("field {field} of {}", print::ty(&other))),
                },
                Proj::Named(field) => match within {
                    Ty::Unknown | Ty::Opaque => Ty::Unknown,
                    other => return Err(format!("field {field} of {}", print::ty(&other))),
                },
                Proj::Some | Proj::Variant(_) | Proj::Boxed => match within {
                    Ty::Unknown | Ty::Opaque => Ty::Unknown,
                    other => return Err(format!("what is in {}", print::ty(&other))),
                },
                Proj::Index(index) => {
                    self.expect("an index", index, &Ty::Int);
                    match within {
                        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => *of,
                        Ty::Unknown | Ty::Opaque => Ty::Unknown,
                        other => return Err(format!("index into {}", print::ty(&other))),
                    }
                }
                Proj::Slice { from, to, inclusive: _ } => {
                    for end in from.iter().chain(to) {
                        self.expect("the end of a range", end, &Ty::Int);
                    }
                    match within {
                        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => Ty::Slice(of),
                        Ty::Unknown | Ty::Opaque => Ty::Unknown,
                        other => return Err(format!("slice of {}", print::ty(&other))),
                    }
                }
            };
        }
        Ok(ty)
    }

    /// A literal fits every scalar.
    fn expect(&mut self, what: impl Display, operand: &Operand, ty: &Ty) {
        if let Operand::Var(var) = operand {
            let found = self.ty(*var);
            if !fits(&found, ty) {
                let name = self.name(*var);
                self.error(format!("{what}, {name}, is {}, not {}", print::ty(&found), print::ty(ty)));
            }
        }
    }

    /// Types: a whole statement, without nested blocks.
    fn types(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op } => self.op(*var, op),
            Stmt::Alloc { var, init } => {
                let ty = self.ty(*var);
                if !ty.is_memory() && !matches!(ty, Ty::Pullback | Ty::Opaque) {
                    let name = self.name(*var);
                    self.error(format!("{name}: {} is allocated, but no memory", print::ty(&ty)));
                }
                self.init(init);
            }
            Stmt::View { var, place, kind: _ } => {
                let ty = self.ty(*var);
                let viewed = self.place(place).unwrap_or(Ty::Unknown);
                if !ty.is_memory()
                    || !(viewed.is_memory() || ty.peeled().is_float() || fits(ty.peeled(), &viewed))
                {
                    let name = self.name(*var);
                    self.error(format!("{name}: {} is a view of {}", print::ty(&ty), print::ty(&viewed)));
                }
            }
            Stmt::Store { place, value } | Stmt::Accumulate { place, value } => {
                if let Ok(ty) = self.place(place) {
                    self.expect("the stored value", value, &ty);
                }
            }
            Stmt::Assign { place: _, init } => self.init(init),
            Stmt::Fill { place, value } => {
                if let Ok(Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) =
                    self.place(place).map(|ty| ty.peeled().clone())
                {
                    self.expect("the filled value", value, &of);
                }
            }
            Stmt::Push { vec, value } => match self.place(vec).map(|ty| ty.peeled().clone()) {
                Ok(Ty::Vec(of) | Ty::Tape(of)) => {
                    if let Elem::Scalar(operand) = value {
                        self.expect("the pushed value", operand, &of);
                    }
                }
                Ok(Ty::Unknown) | Err(_) => {}
                Ok(other) => self.error(format!("push to {}", print::ty(&other))),
            },
            Stmt::Branch(branch) => self.branch(branch),
            Stmt::For(for_) => {
                self.expect("the start of a loop", &for_.lo, &Ty::Int);
                self.expect("the end of a loop", &for_.hi, &Ty::Int);
                self.expect("the index of a loop", &Operand::Var(for_.index), &Ty::Int);
                if let Some(until) = &for_.until {
                    self.expect("the condition to leave a loop", until, &Ty::Bool);
                }
                self.carried(&for_.carried);
            }
            Stmt::While(while_) => {
                self.expect("the condition of a loop", &while_.test, &Ty::Bool);
                if let Some(until) = &while_.until {
                    self.expect("the condition to leave a loop", until, &Ty::Bool);
                }
                self.carried(&while_.carried);
            }
            Stmt::Extend { tape, from } => {
                let from = self.place(from).map(|ty| ty.peeled().clone());
                let holds = |of: &Ty| match &from {
                    Ok(Ty::Vec(from) | Ty::Slice(from)) => from.is_float() && of.is_float(),
                    Ok(_) => false,
                    Err(_) => true,
                };
                if !matches!(self.ty(*tape), Ty::Tape(of) if holds(&of)) {
                    let name = self.name(*tape);
                    self.error(format!("{name} is no tape for what is copied there"));
                }
            }
            Stmt::Grow { tape, by: operand } | Stmt::Truncate { tape, len: operand } => {
                self.expect("a length", operand, &Ty::Int);
                if !matches!(self.ty(*tape).peeled(), Ty::Tape(_) | Ty::Vec(_) | Ty::Unknown) {
                    let name = self.name(*tape);
                    self.error(format!("{name} is no tape"));
                }
            }
            Stmt::ForwardCall(forward) => {
                if forward.active.len() != forward.call.args.len() {
                    self.error(format!("a forward call says `active` of {} arguments", forward.active.len()));
                }
                if self.ty(forward.pullback) != Ty::Pullback {
                    let name = self.name(forward.pullback);
                    self.error(format!("{name} is no pullback"));
                }
                self.call(&forward.call);
            }
            Stmt::Call(call) => self.call(call),
            Stmt::TangentCall(TangentCall { call, tangents }) => {
                for tangents in tangents {
                    if tangents.args.len() != call.args.len() {
                        self.error(format!(
                            "a call of {} arguments has {} tangents",
                            call.args.len(),
                            tangents.args.len()
                        ));
                    }
                }
                self.call(call);
            }
            Stmt::ReverseCall(ReverseCall { pullback, args, cotangents, .. }) => {
                if args.len() != cotangents.len() {
                    self.error(format!(
                        "a pullback of {} arguments has {} cotangents",
                        args.len(),
                        cotangents.len()
                    ));
                }
                if self.ty(*pullback) != Ty::Pullback {
                    let name = self.name(*pullback);
                    self.error(format!("{name} is no pullback"));
                }
            }
            Stmt::Swap { .. }
            | Stmt::CopyFrom { .. }
            | Stmt::AccumulateAll { .. }
            | Stmt::Clear { .. }
            | Stmt::Effect { .. } => {}
        }
    }

    fn op(&mut self, var: Var, op: &Op) {
        let ty = self.ty(var);
        let result = Operand::Var(var);
        match op {
            Op::Copy(Operand::Lit(_)) if matches!(ty, Ty::Lanes(_)) => {}
            Op::Copy(operand) => self.expect("a copy", operand, &ty),
            Op::Prim(prim, operands) => {
                if !matches!(ty, Ty::Lanes(_)) {
                    self.expect("the result of a primitive", &result, &Ty::Float(Float::Inferred));
                }
                for operand in operands {
                    // An exponent is an integer.
                    let found = operand.var().map_or(Ty::Int, |var| self.ty(var));
                    // Lanes are multiplied by numbers.
                    let is_factor = matches!((&ty, &found), (Ty::Lanes(_), Ty::Float(_)));
                    if found != Ty::Int && !is_factor {
                        self.expect(format_args!("an argument of {}", prim.0), operand, &ty);
                    }
                }
            }
            Op::Cast(operand, to) if matches!(ty, Ty::Lanes(_)) => {
                self.expect("the operand of a cast", operand, &Ty::Lanes(Float::Inferred));
                self.expect("the result of a cast", &result, &Ty::Lanes(*to));
            }
            Op::Cast(operand, to) => {
                self.expect("the operand of a cast", operand, &Ty::Float(Float::Inferred));
                self.expect("the result of a cast", &result, &Ty::Float(*to));
            }
            Op::Load(place) => {
                if let Ok(found) = self.place(place)
                    && !fits(&found, &ty)
                {
                    let name = self.name(var);
                    self.error(format!("{name}: {} is loaded from {}", print::ty(&ty), print::ty(&found)));
                }
            }
            Op::Len(place) => {
                self.expect("a length", &result, &Ty::Int);
                let found = self.place(place).unwrap_or(Ty::Unknown);
                if !matches!(
                    found.peeled(),
                    Ty::Array(..) | Ty::Slice(_) | Ty::Vec(_) | Ty::Tape(_) | Ty::Unknown | Ty::Opaque
                ) {
                    self.error(format!("the length of {}", print::ty(&found)));
                }
            }
            Op::Code(_) => {}
            Op::Pop(tape) => match self.ty(*tape).peeled() {
                Ty::Tape(of) | Ty::Vec(of) => {
                    let of = (**of).clone();
                    self.expect("what is popped", &result, &of);
                }
                Ty::Unknown => {}
                other => self.error(format!("pop from {}", print::ty(other))),
            },
        }
    }

    fn init(&mut self, init: &Init) {
        match init {
            Init::VecRepeat { len, .. } | Init::Buffer { len, .. } => self.expect("a length", len, &Ty::Int),
            Init::Empty { capacity: Some(capacity) } => self.expect("a capacity", capacity, &Ty::Int),
            Init::Pop(tape) | Init::Refill { of: _, spare: tape } => {
                if !matches!(self.ty(*tape).peeled(), Ty::Tape(_) | Ty::Vec(_) | Ty::Unknown) {
                    let name = self.name(*tape);
                    self.error(format!("{name} is no tape"));
                }
            }
            Init::Array(_)
            | Init::Vec(_)
            | Init::Tuple(_)
            | Init::Record { .. }
            | Init::ArrayRepeat { .. }
            | Init::Empty { capacity: None }
            | Init::Move(_)
            | Init::Clone(_)
            | Init::ToVec(_)
            | Init::Keep(_)
            | Init::Again(_)
            | Init::Part(_)
            | Init::Code(_)
            | Init::Point(_)
            | Init::ZerosLike(_)
            | Init::LanesLike(_)
            | Init::Zeros(_)
            | Init::Tape(_) => {}
        }
    }

    fn branch(&mut self, branch: &Branch) {
        let (patterns, arms) = match &branch.on {
            Selector::If(operand) => {
                self.expect("a condition", operand, &Ty::Bool);
                (false, branch.arms.len() == 2)
            }
            Selector::Match(_) => (true, true),
            Selector::Tag(operand) => {
                self.expect("the number of an arm", operand, &Ty::Int);
                (false, !branch.arms.is_empty())
            }
        };
        if !arms {
            self.error(format!("a branch has {} arms", branch.arms.len()));
        }
        for Arm { pattern, block: _, yields } in &branch.arms {
            if pattern.is_some() != patterns {
                self.error("a `match`, and nothing else, has patterns".to_owned());
            }
            if yields.len() != branch.results.len() {
                self.error(format!("an arm yields {} of {} results", yields.len(), branch.results.len()));
            }
            for (result, elem) in branch.results.iter().zip(yields) {
                let ty = self.ty(*result);
                match elem {
                    Elem::Scalar(operand) => self.expect("what an arm yields", operand, &ty),
                    Elem::Memory(_) => {
                        if !ty.is_memory() {
                            let name = self.name(*result);
                            self.error(format!(
                                "an arm yields memory for {name}, which is {}",
                                print::ty(&ty)
                            ));
                        }
                    }
                }
            }
        }
    }

    fn carried(&mut self, carried: &[Carried]) {
        for Carried { param, init, next, result } in carried {
            let ty = self.ty(*param);
            if !ty.is_value() {
                let name = self.name(*param);
                self.error(format!("{name} is carried, but no value"));
            }
            self.expect("what a loop starts with", init, &ty);
            self.expect("what goes on to the next pass", next, &ty);
            self.expect("what a loop leaves", &Operand::Var(*result), &ty);
        }
    }

    fn call(&mut self, call: &Call) {
        for arg in &call.args {
            match &arg.kind {
                ArgKind::ScalarMut { before, after } => {
                    let ty = self.ty(*after);
                    self.expect("a `&mut` argument", before, &ty);
                }
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::Memory { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => {}
            }
        }
    }
}

/// Whether a scalar of the one type may stand where the other is expected.
fn fits(found: &Ty, expected: &Ty) -> bool {
    match (found, expected) {
        (Ty::Unknown | Ty::Opaque, _) | (_, Ty::Unknown | Ty::Opaque) => true,
        (Ty::Float(a), Ty::Float(b)) | (Ty::Lanes(a), Ty::Lanes(b)) => {
            a == b || *a == Float::Inferred || *b == Float::Inferred
        }
        (found, expected) => found.is_value() && found == expected,
    }
}
