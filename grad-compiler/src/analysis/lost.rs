//! Where does a varied value get lost? In code that the compiler does not look into, and through it.
//!
//! What is lost surely is a problem, and becomes an error. Where only a callee's types can tell, the call is an [`Escape`]:
//! the transforms write it in such a way that rustc asks them.

use super::activity::Cx;
use super::layout::Pos;
use crate::ir::{ArgKind, Block, Call, Code, Init, Op, Selector, Stmt, Ty, Var};

/// A way by which a varied argument may leave a call that is not differentiated, or not for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Another argument is `&mut` of a constant: the types of the callee's parameters say whether it takes floats there.
    Borrow,
    /// Another argument is a constant of some type: the type says whether something can be put into it.
    Argument,
}

/// An active value meets something that has no derivative rule.
pub struct Problem {
    pub code: proc_macro2::TokenStream,
    /// The active variable it reads.
    pub name: String,
    /// It is evaluated for what it changes.
    pub changes: bool,
    /// The method of a sequence that has no derivative.
    pub method: Option<proc_macro2::Ident>,
}

impl Cx<'_> {
    /// `writes`: what the code changes, if it is there for that.
    fn report(&mut self, code: &Code, writes: Option<&[Var]>) {
        let Some(first) = self.code_varied(code) else { return };
        let written: Vec<usize> = writes.unwrap_or_default().iter().map(|var| self.slot(*var)).collect();
        let is_cause = |var: &Var| self.var_varied(*var) && !written.contains(&self.slot(*var));
        let var = code.reads.iter().copied().find(is_cause).unwrap_or(first);
        // A variable of a type that is not followed is one mistake, however often it is read.
        let slot = self.slot(var);
        // Each method that is not followed is one of its own.
        let is_another = code
            .method
            .as_ref()
            .is_some_and(|method| self.problems.iter().all(|known| known.method.as_ref() != Some(method)));
        if is_another || !self.reported.contains(&slot) {
            let name = self.func.vars[var.index()].name.clone();
            let (tokens, method) = (code.tokens.clone(), code.method.clone());
            self.problems.push(Problem { code: tokens, name, changes: writes.is_some(), method });
        }
        self.reported.extend(written);
        if matches!(self.func.vars[slot].ty, Ty::Opaque) {
            self.reported.push(slot);
        }
    }

    /// A part of a constant that a callee may write a varied argument to.
    fn report_lent(&mut self, code: &Code, call: &Call) {
        if !code.acts {
            return;
        }
        let varied = |var: Var| self.var_varied(var).then_some(var);
        let lost = call.args.iter().find_map(|arg| match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => operand.var().and_then(varied),
            ArgKind::ScalarMut { before, .. } => before.var().and_then(varied),
            ArgKind::Memory { place, .. } => self.place_varied(place).then_some(place.root),
            ArgKind::Kept(var) => varied(*var),
            ArgKind::Code { .. } => None,
        });
        if let Some(var) = lost {
            let name = self.func.vars[var.index()].name.clone();
            self.problems.push(Problem { code: code.tokens.clone(), name, changes: true, method: None });
        }
    }

    fn escape(&mut self, call: &Call, pos: Pos) {
        if !call.args.iter().any(|arg| self.arg_varied(arg)) {
            return;
        }
        let constants = call.args.iter().filter_map(|arg| match &arg.kind {
            ArgKind::Code { code, exclusive, .. } if !code.reads.is_empty() => Some(*exclusive),
            ArgKind::Code { .. } | ArgKind::Scalar(_) | ArgKind::ScalarRef(_) => None,
            ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } | ArgKind::Kept(_) => None,
        });
        if let Some(is_borrow) = constants.max() {
            self.escapes.insert(pos, if is_borrow { Escape::Borrow } else { Escape::Argument });
        }
    }

    pub(super) fn report_block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                // A method of a matrix that has no row.
                Stmt::Let { var, op: Op::Code(code) } if code.method.is_some() => {
                    let known = self.problems.len();
                    self.report(code, None);
                    // What is made of it is the same mistake.
                    if self.problems.len() > known {
                        self.reported.push(self.slot(*var));
                    }
                }
                Stmt::Let { var, op: Op::Code(code) } if self.func.ty(*var).holds_floats() => {
                    self.report(code, None);
                }
                // A call whose result nobody wants was made for its effect.
                Stmt::Let { var, op: Op::Code(code) }
                    if !code.cheap
                        && matches!(self.func.ty(*var), Ty::Opaque | Ty::Unit)
                        && !self.read[var.index()]
                        && !code.receiver().is_some_and(|var| self.func.ty(var).holds_floats()) =>
                {
                    self.report(code, Some(&[]));
                }
                // A method of something that may be changed keeps what it gets, whatever it returns.
                Stmt::Let { var, op: Op::Code(code) }
                    if !code.cheap
                        && code.reads.iter().any(|var| {
                            let info = &self.func.vars[var.index()];
                            (info.mutable || info.exclusive) && info.ty == Ty::Opaque
                        }) =>
                {
                    self.report(code, Some(&[*var]));
                }
                // An order of indices.
                Stmt::Alloc { var, init: Init::Code(_) } if is_of_integers(self.func.ty(*var)) => {}
                Stmt::Alloc { init: Init::Code(code) | Init::Point(code), .. }
                | Stmt::Assign { init: Init::Code(code) | Init::Point(code), .. } => {
                    self.report(code, None);
                }
                Stmt::Effect { code, writes } if code.acts => self.report(code, Some(writes)),
                Stmt::Effect { code, writes } => {
                    if writes.iter().any(|var| self.func.ty(*var).is_memory() && self.varied[self.slot(*var)])
                    {
                        self.report(code, Some(writes));
                    }
                }
                Stmt::Branch(branch) => {
                    if let Selector::Match(code) = &branch.on
                        && branch.binds().any(|var| self.func.ty(var).holds_floats())
                    {
                        self.report(code, None);
                        // What was taken out of it is the same mistake.
                        let bound: Vec<usize> = branch.binds().map(|var| self.slot(var)).collect();
                        self.reported.extend(bound);
                    }
                    for arm in &branch.arms {
                        self.report_block(&arm.block);
                    }
                }
                Stmt::For(stmt) => self.report_block(&stmt.body),
                Stmt::While(stmt) => {
                    self.report_block(&stmt.condition);
                    self.report_block(&stmt.body);
                }
                Stmt::Call(call) => {
                    for arg in &call.args {
                        if let ArgKind::Code { code, .. } = &arg.kind {
                            self.report(code, None);
                            self.report_lent(code, call);
                        }
                    }
                    self.escape(call, self.layout.position(stmt));
                }
                Stmt::Let { .. }
                | Stmt::Alloc { .. }
                | Stmt::View { .. }
                | Stmt::Store { .. }
                | Stmt::Assign { .. }
                | Stmt::Push { .. }
                | Stmt::Swap { .. }
                | Stmt::Fill { .. }
                | Stmt::CopyFrom { .. }
                | Stmt::Accumulate { .. }
                | Stmt::AccumulateAll { .. }
                | Stmt::Clear { .. }
                | Stmt::Grow { .. }
                | Stmt::Extend { .. }
                | Stmt::Truncate { .. }
                | Stmt::ForwardCall(_)
                | Stmt::ReverseCall(_)
                | Stmt::TangentCall(_) => {}
            }
        }
    }
}

/// Surely made of integers, which carry no derivative.
fn is_of_integers(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Bool | Ty::Unit => true,
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) => is_of_integers(of),
        Ty::Tuple(of) => of.iter().all(is_of_integers),
        Ty::Float(_)
        | Ty::Lanes(_)
        | Ty::Ref { .. }
        | Ty::Pullback
        | Ty::Tape(_)
        | Ty::Opaque
        | Ty::Unknown => false,
    }
}
