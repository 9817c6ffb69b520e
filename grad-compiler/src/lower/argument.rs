//! How is a value passed to a callee?
//!
//! Numbers by value or by reference, memory with its place and the way it is passed, everything else as the user's tokens.

use super::expr;
use super::types::Type;
use super::value::{CodeVal, LocalPath, Memory, Val};
use super::{Kind, Lower, constant, option};
use crate::ir::{Arg, ArgKind, Elem, Init, Operand, Passed, Place, Proj, Stmt, Var};
use quote::quote;

/// Parts of one variable that the user took apart are one variable again here, which cannot be lent twice, unless one is in front
/// of an index and the other behind it: a copy is lent in place of the second part, and copied back after the call.
pub(super) fn apart(
    cx: &mut Lower<'_>,
    kind: ArgKind,
    ty: Option<Type>,
    before: &[Arg],
    finish: &mut Vec<Stmt>,
) -> ArgKind {
    let (place, exclusive) = match &kind {
        ArgKind::Memory { place, passed } if *passed != Passed::Moved => (place, passed.writes()),
        _ => return kind,
    };
    let whole = cx.viewed(place);
    let meets = before.iter().any(|arg| match &arg.kind {
        ArgKind::Memory { place: other, passed } if *passed != Passed::Moved => {
            (exclusive || passed.writes()) && overlap(&whole, &cx.viewed(other))
        }
        _ => false,
    });
    let (true, Some(ty)) = (meets, ty) else { return kind };
    let place = place.clone();
    let is_slice = matches!(cx.types.resolve(&ty), Type::Slice(_));
    let owned = match (cx.types.element(&ty), is_slice) {
        (Some(of), true) => Type::vec(of),
        _ => ty,
    };
    let init = if is_slice { Init::ToVec(place.clone()) } else { Init::Clone(place.clone()) };
    let Val::Memory(copy) = cx.push_alloc("part", owned, init) else { return kind };
    if !exclusive {
        return ArgKind::Memory { place: copy.place, passed: Passed::Shared };
    }
    cx.vars[copy.place.root.index()].mutable = true;
    finish.push(if is_slice {
        Stmt::CopyFrom { to: place, from: copy.place.clone() }
    } else {
        Stmt::Assign { place, init: Init::Move(copy.place.clone()) }
    });
    match kind {
        ArgKind::Memory { passed, .. } => ArgKind::Memory { place: copy.place, passed },
        kind => kind,
    }
}

/// `&mut` of a part of a constant.
fn lent_part(code: CodeVal) -> ArgKind {
    let code = crate::ir::Code::new(expr::without_parens(code.tokens), false).acting();
    ArgKind::Code { code, exclusive: true, checked: false }
}

/// A constant as an argument; `exclusive`: it is `&mut` of one.
fn code_argument(code: CodeVal, exclusive: bool) -> ArgKind {
    let code = crate::ir::Code::new(expr::without_parens(code.tokens), code.cheap);
    ArgKind::Code { code, exclusive, checked: false }
}

/// The type of the memory that an argument is or refers to.
pub(super) fn memory_type(val: &Val) -> Option<Type> {
    match val {
        Val::Memory(memory) => Some(memory.ty.clone()),
        Val::Ref { to, .. } => memory_type(to),
        _ => None,
    }
}

/// Whether rustc sees one variable in both places: different fields are different variables to it, and what is in front of an
/// index is split from what is behind it again.
fn overlap(a: &Place, b: &Place) -> bool {
    let differ = a.path.iter().zip(&b.path).find(|(a, b)| a != b);
    a.root == b.root
        && a.parting(b).is_none()
        && !matches!(differ, Some((Proj::Field(_), Proj::Field(_)) | (Proj::Named(_), Proj::Named(_))))
}

impl Lower<'_> {
    /// A value as an argument. `after`: locals that the call changes, with their new values.
    pub(super) fn argument(&mut self, val: Val, after: &mut Vec<(LocalPath, Val)>) -> ArgKind {
        let val = option::stored(self, val);
        match val {
            Val::Ref { to, mutable: true } => self.exclusive_argument(*to, after),
            Val::Ref { to, mutable: false } => self.shared_argument(*to),
            // What a loop over `iter_mut` of a constant gives: the callee's parameter says whether it holds numbers.
            val if constant::is_lent_item(self, &val) => {
                let code = self.as_code(val);
                let tokens = code.tokens;
                code_argument(CodeVal { tokens: quote!(&mut *#tokens), cheap: false, ..code }, true)
            }
            val => match self.settle_call(val) {
                Val::Scalar(operand, ty) if self.types.is_opaque(&ty) => {
                    let is = |of: &dyn Fn(Var) -> bool| operand.var().is_some_and(of);
                    let exclusive = is(&|var| self.vars[var.index()].exclusive);
                    let code = crate::ir::Code::new(self.operand_tokens(&operand), true);
                    let code = if is(&|var| self.lent_parts.contains(&var)) { code.acting() } else { code };
                    ArgKind::Code { code, exclusive, checked: false }
                }
                Val::Scalar(operand, _) => ArgKind::Scalar(operand),
                val @ Val::Memory(_) if self.is_constant(&val) => {
                    let code = self.as_code(val);
                    code_argument(CodeVal { cheap: true, ..code }, false)
                }
                Val::Memory(memory) => ArgKind::Memory { place: memory.place, passed: Passed::Moved },
                Val::Tuple(of) => match expr::elem(self, Val::Tuple(of)) {
                    Elem::Memory(place) => ArgKind::Memory { place, passed: Passed::Moved },
                    Elem::Scalar(operand) => ArgKind::Scalar(operand),
                },
                Val::Closure(_) => {
                    let span = self.span;
                    self.reject_at(
                        Kind::Closure,
                        span,
                        "an iterator is passed to a function",
                        "pass a slice or a `Vec`, or loop here",
                    );
                    ArgKind::Scalar(Operand::float(0.0))
                }
                val => {
                    let code = self.as_code(val);
                    code_argument(code, false)
                }
            },
        }
    }

    /// Numbers are evaluated, other constants stay the user's tokens.
    fn settle_call(&mut self, val: Val) -> Val {
        match val {
            Val::Code(code) if !self.types.is_scalar(&code.ty) && code.cheap => Val::Code(code),
            val => self.settle(val),
        }
    }

    fn shared_argument(&mut self, to: Val) -> ArgKind {
        match to {
            Val::Memory(memory) => ArgKind::Memory { place: memory.place, passed: Passed::Shared },
            Val::Local(path) => {
                let val = self.read_component(&path);
                self.shared_argument(val)
            }
            Val::Scalar(operand, ty) if self.types.is_float(&ty) => ArgKind::ScalarRef(operand),
            // A reference to a reference: the callee sees through it.
            Val::Tuple(of) if !of.is_empty() => match expr::elem(self, Val::Tuple(of)) {
                Elem::Memory(place) => ArgKind::Memory { place, passed: Passed::Shared },
                Elem::Scalar(operand) => ArgKind::ScalarRef(operand),
            },
            Val::Ref { to, .. } => match self.shared_argument(*to) {
                ArgKind::Code { code, .. } => {
                    let tokens = code.tokens;
                    ArgKind::Code {
                        code: crate::ir::Code::new(quote!(&#tokens), true),
                        exclusive: false,
                        checked: false,
                    }
                }
                kind => kind,
            },
            to => {
                let code = self.as_code(Val::reference(false, to));
                code_argument(code, false)
            }
        }
    }

    fn exclusive_argument(&mut self, to: Val, after: &mut Vec<(LocalPath, Val)>) -> ArgKind {
        match to {
            Val::Memory(memory) => ArgKind::Memory { place: memory.place, passed: Passed::Exclusive },
            Val::Local(path) => match self.read_component(&path) {
                // Of something else than a number the callee's parameter says whether it is a constant.
                Val::Scalar(_, ty) if !self.types.is_scalar(&ty) => {
                    let code = self.as_code(Val::reference(true, Val::Local(path)));
                    code_argument(CodeVal { cheap: false, ..code }, true)
                }
                Val::Scalar(before, ty) => {
                    let (name, span) = (self.local(path.local).name.clone(), self.local(path.local).span);
                    let var = self.new_named_var(&name, ty.clone(), span);
                    after.push((path, Val::Scalar(Operand::Var(var), ty)));
                    ArgKind::ScalarMut { before, after: var }
                }
                Val::Tuple(of) => {
                    // In memory for the call, and taken apart again after it.
                    let ty = Type::Tuple(of.iter().map(|val| self.type_of(val)).collect());
                    match expr::elem(self, Val::Tuple(of)) {
                        Elem::Memory(place) => {
                            self.vars[place.root.index()].mutable = true;
                            let memory = Memory { place: place.clone(), ty, fresh: false };
                            self.after_call(&path, Val::Memory(memory), after);
                            ArgKind::Memory { place, passed: Passed::Exclusive }
                        }
                        Elem::Scalar(operand) => ArgKind::Scalar(operand),
                    }
                }
                to => self.exclusive_argument(to, after),
            },
            Val::Ref { to, .. } => self.exclusive_argument(*to, after),
            to => {
                // Of a variable as a whole the callee's parameter says whether it holds numbers. A part of something
                // unknown is more likely a number that is about to change.
                let is_part = matches!(&to, Val::Code(code) if !constant::is_without_floats(self, &code.ty));
                let code = self.as_code(Val::reference(true, to));
                if is_part { lent_part(code) } else { code_argument(CodeVal { cheap: false, ..code }, true) }
            }
        }
    }

    fn after_call(&mut self, path: &LocalPath, memory: Val, after: &mut Vec<(LocalPath, Val)>) {
        let Val::Memory(Memory { place, ty, .. }) = memory else { return };
        let Type::Tuple(of) = self.types.resolve(&ty) else { return };
        for (at, ty) in of.into_iter().enumerate() {
            let mut path = path.clone();
            path.path.push(at);
            let place = self.project(&place, Proj::Field(at));
            after.push((path, Val::memory(place, ty)));
        }
    }
}
