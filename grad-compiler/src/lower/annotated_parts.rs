//! Constants inside of what is written with its type: `let names: Vec<String> = vec!["a".into()];`.
//!
//! The generated code makes parts one by one, and has no room for the type of the whole: each part gets its own.

use super::Lower;
use super::expr;
use super::value::{CodeVal, Val};
use crate::ir::{Elem, Init, Op, Operand, Stmt, Ty, Var};
use crate::shape::Shape;
use quote::quote;

/// A value with the types of its parts: `let names: Vec<String> = vec!["a".into()];`.
pub(super) fn with_types_inside(cx: &mut Lower<'_>, val: Val, annotation: &syn::Type) -> Val {
    match (val, Shape::of(annotation)) {
        (Val::Tuple(of), Shape::Tuple(tuple)) if of.len() == tuple.elems.len() => {
            let parts = of.into_iter().zip(&tuple.elems);
            Val::Tuple(parts.map(|(part, ty)| with_types_inside(cx, part, ty)).collect())
        }
        (Val::Code(code), _) if cx.is_for_rustc(&code) && !matches!(annotation, syn::Type::Infer(_)) => {
            let tokens = expr::without_parens(code.tokens);
            let tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
            Val::Code(CodeVal { tokens, typed: true, ..code })
        }
        (val @ Val::Scalar(Operand::Var(var), _), _) => {
            cx.annotate_part(var, annotation);
            val
        }
        (Val::Memory(memory), _) => {
            if memory.place.path.is_empty() {
                cx.annotate_part(memory.place.root, annotation);
            }
            Val::Memory(memory)
        }
        (val, _) => val,
    }
}

impl Lower<'_> {
    /// Whether rustc alone knows the type of a constant, which has not been written with it.
    fn is_for_rustc(&self, code: &CodeVal) -> bool {
        let ty = self.types.to_ir(&code.ty);
        !code.typed && !code.cheap && matches!(ty, Ty::Opaque | Ty::Unknown | Ty::Int)
    }

    /// Adds an annotation to the statement that made a part, if a constant of a type that only rustc knows is made there.
    fn annotate_part(&mut self, var: Var, annotation: &syn::Type) {
        if self.named[var.index()] || matches!(annotation, syn::Type::Infer(_)) {
            return;
        }
        let ty = self.types.to_ir(&self.var_types[var.index()]);
        let is_for_rustc = matches!(ty, Ty::Opaque | Ty::Unknown | Ty::Int);
        let made =
            self.blocks.last_mut().and_then(|block| block.iter_mut().rev().find(|stmt| makes(stmt, var)));
        let elems = match (made, Shape::of(annotation)) {
            (Some(Stmt::Let { op: Op::Code(code), .. } | Stmt::Alloc { init: Init::Code(code), .. }), _)
                if is_for_rustc && !code.cheap && !code.is_reference() =>
            {
                let tokens = std::mem::take(&mut code.tokens);
                code.tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
                return;
            }
            (Some(Stmt::Alloc { init: Init::Vec(elems), .. }), Shape::Vec(of))
            | (Some(Stmt::Alloc { init: Init::Array(elems), .. }), Shape::Array(of, _)) => {
                elems.iter().map(|elem| (elem.clone(), of)).collect()
            }
            (Some(Stmt::Alloc { init: Init::Tuple(elems), .. }), Shape::Tuple(tuple)) => {
                elems.iter().cloned().zip(&tuple.elems).collect()
            }
            _ => Vec::new(),
        };
        for (elem, of) in elems {
            match elem {
                Elem::Scalar(Operand::Var(part)) => self.annotate_part(part, of),
                Elem::Memory(place) if place.path.is_empty() => self.annotate_part(place.root, of),
                Elem::Scalar(_) | Elem::Memory(_) => {}
            }
        }
    }
}

fn makes(stmt: &Stmt, made: Var) -> bool {
    matches!(stmt, Stmt::Let { var, .. } | Stmt::Alloc { var, .. } if *var == made)
}
