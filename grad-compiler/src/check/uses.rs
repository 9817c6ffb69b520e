//! Where can a float go? For every statement, what it reads of each variable, and what that gets into: one list of all
//! ways, for the primal as for derivatives.
//!
//! Indices, lengths, conditions and tests steer a computation and carry nothing. Neither do integers and booleans.

use crate::ir::{
    Arg, ArgKind, CallTangents, Carried, Code, Cotangent, Elem, Func, Init, Op, Operand, Place, ReverseCall,
    Selector, Stmt, Ty, Value, Var,
};
use crate::rules;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A variable that a statement reads, and all that it gets into.
pub(super) struct Use<'u, 'a> {
    pub from: Var,
    pub to: &'u [Var],
    pub way: Way<'a>,
    /// Read at the end of this arm, or of the loop's body (0), and not where the statement itself is.
    pub inside: Option<usize>,
    /// What is read is without floats, as far as the compiler sees, and only what it does not look into could carry one.
    pub unseen: bool,
    /// It may get into what the compiler does not look into.
    pub hides: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    /// As it is: a copy, an element, a carried value.
    Whole,
    /// An element of memory, as it is.
    Loaded,
    /// Through an operation, as the operand of this number.
    Partial(usize),
    /// As an argument of a call, by its number.
    Argument(usize, &'a Arg),
    /// By code that the compiler does not look into.
    Code(&'a Code),
}

/// Whether there may be a float in it. Types that are not known may hold one.
pub(super) fn carries(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Unknown | Ty::Opaque => true,
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => carries(of),
        Ty::Tuple(of) => of.iter().any(carries),
        Ty::Ref { to, .. } => carries(to),
        // What a pullback carries is recorded values.
        Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback => false,
    }
}

/// Whether an operand is added to the rest, so that its cotangent passes unchanged.
pub(super) fn is_unit(stmt: &Stmt, operand: usize) -> bool {
    match stmt {
        Stmt::Let { op: Op::Prim(prim, args), .. } => rules::adds_unchanged(*prim, args, operand),
        _ => false,
    }
}

/// Whose statements they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// The user's: what has no partial by the rules carries nothing.
    Primal,
    /// A derivative's, in which everything counts that is written.
    Derivative,
}

/// Calls `f` with all that the statement itself reads: for nested blocks, only with what they hand out.
pub(super) fn uses<'a>(of: Of, func: &Func, stmt: &'a Stmt, f: &mut dyn FnMut(Use<'_, 'a>)) {
    let mut cx = Uses { of, func, f, inside: None };
    match stmt {
        Stmt::Let { var, op } => cx.op(*var, op),
        Stmt::Alloc { var, init } => cx.init(*var, init),
        Stmt::Assign { place, init } => cx.init(place.root, init),
        Stmt::Store { place, value } | Stmt::Fill { place, value } | Stmt::Accumulate { place, value } => {
            cx.whole(value, &[place.root]);
        }
        Stmt::Push { vec, value } => cx.elem(value, vec.root),
        Stmt::Swap { a, b } => {
            cx.put_part(a, &[b.root], Way::Whole);
            cx.put_part(b, &[a.root], Way::Whole);
        }
        Stmt::CopyFrom { to, from } | Stmt::AccumulateAll { to, from } => {
            cx.put_part(from, &[to.root], Way::Whole);
        }
        Stmt::Extend { tape, from } => cx.put_part(from, &[*tape], Way::Whole),
        Stmt::Branch(branch) => {
            let binds: Vec<Var> = branch.binds().collect();
            if let Selector::Match(code) = &branch.on {
                cx.code(code, &binds);
            }
            for (k, arm) in branch.arms.iter().enumerate() {
                cx.inside = Some(k);
                for (result, elem) in branch.results.iter().zip(&arm.yields) {
                    cx.elem(elem, *result);
                }
            }
        }
        Stmt::For(stmt) => cx.carried(&stmt.carried),
        Stmt::While(stmt) => cx.carried(&stmt.carried),
        Stmt::Call(call) => cx.call(&call.args, call.result),
        Stmt::Effect { code, writes } => cx.code(code, writes),
        Stmt::ForwardCall(forward) => {
            cx.call(&forward.call.args, forward.call.result);
            for tangents in &forward.tangents {
                cx.tangents(&forward.call.args, tangents);
            }
        }
        Stmt::TangentCall(tangent) => {
            cx.call(&tangent.call.args, tangent.call.result);
            for tangents in &tangent.tangents {
                cx.tangents(&tangent.call.args, tangents);
            }
        }
        Stmt::ReverseCall(reverse) => cx.reverse_call(reverse),
        // Another name, for which its root stands.
        Stmt::View { .. } => {}
        Stmt::Clear { .. } | Stmt::Grow { .. } | Stmt::Truncate { .. } => {}
    }
}

struct Uses<'c, 'f, 'a> {
    of: Of,
    func: &'c Func,
    f: &'f mut dyn FnMut(Use<'_, 'a>),
    inside: Option<usize>,
}

impl<'a> Uses<'_, '_, 'a> {
    fn put(&mut self, from: Var, to: &[Var], way: Way<'a>) {
        self.put_part(&from.into(), to, way);
    }

    fn put_part(&mut self, place: &Place, to: &[Var], way: Way<'a>) {
        let (from, ty) = (place.root, self.func.ty(place.root));
        if carries(ty) && to.iter().any(|var| carries(self.func.ty(*var))) {
            let part = ty.part(&place.path);
            let hides = match way {
                Way::Whole | Way::Loaded => part.hides(),
                Way::Partial(_) => false,
                Way::Argument(..) | Way::Code(_) => true,
            };
            (self.f)(Use { from, to, way, inside: self.inside, unseen: !part.holds_floats(), hides });
        }
    }

    fn whole(&mut self, operand: &Operand, to: &[Var]) {
        if let Operand::Var(from) = operand {
            self.put(*from, to, Way::Whole);
        }
    }

    fn elem(&mut self, elem: &Elem, to: Var) {
        match elem {
            Elem::Scalar(operand) => self.whole(operand, &[to]),
            Elem::Memory(place) => self.put_part(place, &[to], Way::Whole),
        }
    }

    fn code(&mut self, code: &'a Code, to: &[Var]) {
        if code.stops {
            return;
        }
        for from in &code.reads {
            self.put(*from, to, Way::Code(code));
        }
    }

    fn op(&mut self, var: Var, op: &'a Op) {
        match op {
            Op::Copy(operand) => self.whole(operand, &[var]),
            Op::Cast(operand, _) => {
                if let Operand::Var(from) = operand {
                    self.put(*from, &[var], Way::Partial(0));
                }
            }
            Op::Prim(prim, args) => {
                let partials = match self.of {
                    Of::Primal => rules::has_partial(*prim, args),
                    Of::Derivative => vec![true; args.len()],
                };
                for (k, (arg, partial)) in args.iter().zip(partials).enumerate() {
                    // One variable in two places has one term.
                    let first = !args[..k].contains(arg);
                    if let (Operand::Var(from), true) = (arg, partial && first) {
                        self.put(*from, &[var], Way::Partial(k));
                    }
                }
            }
            Op::Load(place) => self.put_part(place, &[var], Way::Loaded),
            Op::Pop(tape) => self.put(*tape, &[var], Way::Loaded),
            Op::Code(code) => {
                self.code(code, &[var]);
                self.code_changes(code, &[var]);
            }
            Op::Len(_) => {}
        }
    }

    /// What is made of `&mut c`, or by a method of a `mut` variable, may lead back to it; and the code may change it.
    fn code_changes(&mut self, code: &'a Code, made: &[Var]) {
        let written = written_by(self.func, code);
        if written.is_empty() || code.stops {
            return;
        }
        let leads_back = made.iter().filter(|var| matches!(self.func.ty(**var), Ty::Opaque));
        for from in code.reads.iter().chain(leads_back) {
            self.put(*from, &written, Way::Code(code));
        }
    }

    fn init(&mut self, to: Var, init: &'a Init) {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter().for_each(|elem| self.elem(elem, to));
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.elem(value, to)
            }
            Init::Move(place)
            | Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.put_part(place, &[to], Way::Whole),
            Init::Code(code) | Init::Point(code) => {
                self.code(code, &[to]);
                self.code_changes(code, &[to]);
            }
            Init::Pop(tape) => self.put(*tape, &[to], Way::Whole),
            Init::Empty { .. } | Init::ZerosLike(_) | Init::LanesLike(_) | Init::Zeros(_) | Init::Tape(_) => {
            }
        }
    }

    fn carried(&mut self, carried: &[Carried]) {
        for Carried { param, init, next, result } in carried {
            self.inside = None;
            self.whole(init, &[*param, *result]);
            self.inside = Some(0);
            self.whole(next, &[*param, *result]);
        }
    }

    /// Whatever goes into a call may come out of it wherever something can.
    fn call(&mut self, args: &'a [Arg], result: Option<Var>) {
        let mut to: Vec<Var> = result.into_iter().collect();
        for arg in args {
            match &arg.kind {
                ArgKind::ScalarMut { after, .. } => to.push(*after),
                ArgKind::Memory { place, passed } if passed.writes() => to.push(place.root),
                // What is behind the reference is a constant by the callee's types, or the call is refused.
                ArgKind::Code { .. } => {}
                ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Memory { .. } | ArgKind::Kept(_) => {}
            }
        }
        for (k, arg) in args.iter().enumerate() {
            if let ArgKind::Code { code, .. } = &arg.kind {
                for from in code.reads.iter().filter(|_| !code.stops) {
                    self.put(*from, &to, Way::Argument(k, arg));
                }
            } else if let ArgKind::Memory { place, .. } = &arg.kind {
                self.put_part(place, &to, Way::Argument(k, arg));
            } else if let Some(from) = read_by(&arg.kind) {
                self.put(from, &to, Way::Argument(k, arg));
            }
        }
    }

    fn tangents(&mut self, args: &[Arg], CallTangents { args: tangents, result }: &'a CallTangents) {
        let mut to: Vec<Var> = result.iter().copied().collect();
        for (arg, tangent) in args.iter().zip(tangents) {
            let Some(tangent) = tangent else { continue };
            match (&arg.kind, &tangent.kind) {
                (_, ArgKind::ScalarMut { after, .. }) => to.push(*after),
                (ArgKind::Memory { passed, .. }, ArgKind::Memory { place, .. }) if passed.writes() => {
                    to.push(place.root);
                }
                _ => {}
            }
        }
        for (k, tangent) in tangents.iter().enumerate() {
            if let Some(tangent) = tangent
                && let Some(from) = read_by(&tangent.kind)
            {
                self.put(from, &to, Way::Argument(k, tangent));
            }
        }
    }

    /// The cotangents of what the callee returned and wrote go to those of all its arguments.
    fn reverse_call(&mut self, reverse: &'a ReverseCall) {
        let (mut from, mut to) = (Vec::new(), Vec::new());
        if let Some(seed) = &reverse.seed {
            leaves(seed, &mut |var| from.push(var));
        }
        for (arg, cotangent) in reverse.args.iter().zip(&reverse.cotangents) {
            match cotangent {
                Cotangent::None => {}
                Cotangent::Value(var) => to.push(*var),
                Cotangent::Slot(place) => {
                    to.push(place.root);
                    if is_lent(&arg.kind) {
                        from.push(place.root);
                    }
                }
                Cotangent::InOut { after, before } => {
                    from.extend(after.var());
                    to.push(*before);
                }
            }
        }
        for from in from {
            self.put(from, &to, Way::Whole);
        }
    }
}

/// The variable that an argument reads.
pub(super) fn read_by(kind: &ArgKind) -> Option<Var> {
    match kind {
        ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => operand.var(),
        ArgKind::ScalarMut { before, .. } => before.var(),
        ArgKind::Memory { place, .. } => Some(place.root),
        ArgKind::Kept(var) => Some(*var),
        ArgKind::Code { .. } => None,
    }
}

/// Whether the callee may write it.
pub(super) fn is_lent(kind: &ArgKind) -> bool {
    match kind {
        ArgKind::ScalarMut { .. } | ArgKind::Kept(_) => true,
        ArgKind::Memory { passed, .. } => passed.writes(),
        ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Code { .. } => false,
    }
}

/// The variables in a value.
pub(super) fn leaves(value: &Value, f: &mut dyn FnMut(Var)) {
    match value {
        Value::Unit => {}
        Value::Scalar(operand) => operand.var().into_iter().for_each(f),
        Value::Memory(place) => f(place.root),
        Value::Tuple(values) => values.iter().for_each(|value| leaves(value, f)),
    }
}

/// The opaque variables that code may change: those it takes `&mut` of, those it calls a method of and that are `mut`, and
/// references through which it can.
fn written_by(func: &Func, code: &Code) -> Vec<Var> {
    let (exclusive, calls) = reaches(code.tokens.clone());
    let may_change = |var: &Var| match func.ty(*var) {
        Ty::Ref { mutable: true, to } => matches!(**to, Ty::Opaque),
        Ty::Opaque => exclusive || (calls && func.vars[var.index()].mutable),
        _ => false,
    };
    code.reads.iter().copied().filter(may_change).collect()
}

/// Whether there is a `&mut` in the tokens, and whether there is a call of a function or a method.
fn reaches(tokens: TokenStream) -> (bool, bool) {
    let (mut exclusive, mut calls) = (false, false);
    let mut before: Option<TokenTree> = None;
    for tree in tokens {
        match (&before, &tree) {
            (Some(TokenTree::Punct(and)), TokenTree::Ident(word)) if and.as_char() == '&' => {
                exclusive |= word == "mut";
            }
            (Some(TokenTree::Ident(_)), TokenTree::Group(group)) => {
                calls |= group.delimiter() == Delimiter::Parenthesis;
            }
            _ => {}
        }
        if let TokenTree::Group(group) = &tree {
            let inner = reaches(group.stream());
            (exclusive, calls) = (exclusive || inner.0, calls || inner.1);
        }
        before = Some(tree);
    }
    (exclusive, calls)
}
