//! What stands where nothing is given: in an arm that leaves, in a variable that is set later, for what is missing?

use super::types::Type;
use super::value::{Memory, Val};
use super::{Lower, expr};
use crate::ir::{Init, Op, Operand};
use quote::quote;

impl Lower<'_> {
    /// Memory of a type, with a content that is overwritten before it is read. Numbers are not in memory: they are
    /// unset.
    pub(crate) fn default_memory(&mut self, ty: &Type) -> Val {
        match self.types.resolve(ty) {
            Type::Tuple(of) => Val::Tuple(of.iter().map(|ty| self.default_memory(ty)).collect()),
            ty if matches!(ty, Type::Vec(_) | Type::Array(..))
                || self.types.to_ir(&ty) == crate::ir::Ty::Unknown =>
            {
                match self.unread(&ty) {
                    Some(Val::Memory(memory)) => {
                        let root = &mut self.vars[memory.place.root.index()];
                        root.mutable = true;
                        root.name = "result".to_string();
                        Val::Memory(Memory { fresh: false, ..memory })
                    }
                    _ => Val::Uninit,
                }
            }
            _ => Val::Uninit,
        }
    }

    /// What `Default` gives of a type.
    pub(crate) fn default_value(&mut self, ty: Type) -> Val {
        match self.types.resolve(&ty) {
            Type::Vec(_) => self.push_alloc("default", ty, Init::Empty { capacity: None }),
            Type::Array(of, _) if self.types.is_scalar(&of) => self.unread(&ty).unwrap_or(Val::Never),
            Type::Tuple(of) => Val::Tuple(of.into_iter().map(|ty| self.default_value(ty)).collect()),
            Type::Record(_) => {
                let default = crate::ir::Code::new(quote!(::core::default::Default::default()), false);
                self.push_alloc("default", ty, Init::Point(default))
            }
            _ => Val::Scalar(self.dummy(&ty).unwrap_or_else(|| Operand::float(0.0)), ty),
        }
    }

    /// A value of a type that nobody reads, for the arms of a branch that give none; `None` if there is none of it.
    pub(crate) fn unread(&mut self, ty: &Type) -> Option<Val> {
        if !self.types.is_known(ty) || self.types.is_opaque(ty) {
            // Only rustc knows what it is.
            let code = crate::ir::Code::new(quote!(__grad_runtime::unread()), true);
            return Some(if self.types.to_ir(ty).is_value() {
                let unread = self.push_let("unread", ty.clone(), Op::Code(code));
                self.unread.extend(unread.var());
                Val::Scalar(unread, ty.clone())
            } else {
                let unread = self.push_alloc("unread", ty.clone(), Init::Code(code));
                if let Val::Memory(memory) = &unread {
                    self.unasked.insert(memory.place.root);
                }
                unread
            });
        }
        match self.types.resolve(ty) {
            Type::Vec(_) => Some(self.push_alloc("unread", ty.clone(), Init::Empty { capacity: None })),
            Type::Array(of, len) => {
                let init = match len.parse::<usize>() {
                    // What cannot be copied is made once for each element.
                    Ok(len) if !self.types.is_copy(&of) => {
                        let elems = (0..len).map(|_| self.unread_elem(&of)).collect::<Option<_>>()?;
                        Init::Array(elems)
                    }
                    _ if !self.types.is_copy(&of) => return None,
                    _ => Init::ArrayRepeat {
                        value: self.unread_elem(&of)?,
                        len: crate::ir::Code::new(len.parse().ok()?, true),
                    },
                };
                Some(self.push_alloc("unread", ty.clone(), init))
            }
            Type::Tuple(of) => Some(Val::Tuple(of.iter().map(|ty| self.unread(ty)).collect::<Option<_>>()?)),
            ty => Some(Val::Scalar(self.dummy(&ty)?, ty)),
        }
    }

    fn unread_elem(&mut self, ty: &Type) -> Option<crate::ir::Elem> {
        let val = self.unread(ty)?;
        Some(expr::elem(self, val))
    }
}
