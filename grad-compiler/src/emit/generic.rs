//! Numbers of which only a trait is known: how their literals, methods and tangents are written.
//!
//! A literal is made by the runtime, `float::<T>(2.0)`, with the type that the IR knows of it, or that of
//! the number beside it. Methods are those of the same trait: which of their own the user's bounds have, nobody sees here.

use super::body::Emitter;
use super::items::Cx;
use super::{Tokens, site};
use crate::ir::{Float, Lit, Operand, Prim, Ty, Var};
use crate::rules::{self, Form};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

impl Emitter<'_> {
    /// The name of a float type.
    pub(super) fn float_ty(&self, float: Float) -> Tokens {
        let s = site();
        match float {
            Float::F32 => quote_spanned!(s=> ::core::primitive::f32),
            Float::F64 => quote_spanned!(s=> ::core::primitive::f64),
            Float::Param(at) => {
                let mut name = self.func.scalars[at as usize].clone();
                name.set_span(name.span().resolved_at(s));
                name.to_token_stream()
            }
            Float::Inferred => quote_spanned!(s=> _),
        }
    }

    /// A literal that is a number of a generic type.
    pub(super) fn generic_number(&self, lit: &Lit, float: Float) -> Tokens {
        let s = site();
        let (krate, ty, number) = (self.krate, self.float_ty(float), self.literal(lit, Some("f64")));
        quote_spanned!(s=> #krate::__private::float::<#ty>(#number))
    }

    /// `: T`, where a constant that the user's code makes may have any type: rustc asks for it at the first operator.
    pub(super) fn told_type(&self, var: Var) -> Tokens {
        match self.func.ty(var) {
            Ty::Float(float @ Float::Param(_)) => {
                let ty = self.float_ty(*float);
                quote_spanned!(site()=> : #ty)
            }
            _ => Tokens::new(),
        }
    }

    /// An argument of a primitive beside the others.
    pub(super) fn argument(&self, prim: Prim, args: &[Operand], at: usize, var: Var) -> Tokens {
        let s = site();
        let Operand::Lit(lit) = &args[at] else { return self.operand(&args[at]) };
        if !self.func.is_generic() || rules::takes_integer(prim, at) {
            return self.operand(&args[at]);
        }
        match self.func.ty(var) {
            // Lanes tell the type of what they are multiplied by.
            Ty::Float(float @ Float::Param(_)) | Ty::Lanes(float @ (Float::Param(_) | Float::Inferred)) => {
                self.generic_number(lit, *float)
            }
            Ty::Float(Float::Inferred) => {
                match args.iter().find_map(Operand::var).filter(|other| *self.func.ty(*other) != Ty::Int) {
                    Some(other) => {
                        let (krate, other, number) =
                            (self.krate, self.name(other), self.literal(lit, Some("f64")));
                        quote_spanned!(s=> #krate::__private::number_like(#other, #number))
                    }
                    None => self.operand(&args[at]),
                }
            }
            ty => self.typed(&args[at], &ty.clone()),
        }
    }

    /// A method of floats, or a function of the runtime; `None` where the type has it under its own name.
    pub(super) fn generic_method(&self, prim: Prim, args: &[Operand], var: Var) -> Option<Tokens> {
        let s = site();
        if !self.func.is_generic()
            || matches!(rules::form(prim), Form::Infix | Form::Prefix)
            || !matches!(self.func.ty(var), Ty::Float(Float::Param(_) | Float::Inferred))
        {
            return None;
        }
        let method = Ident::new(&format!("__grad_{}", rules::spelling(prim)), s);
        let args = (0..args.len()).map(|at| self.argument(prim, args, at, var));
        let krate = self.krate;
        Some(quote_spanned!(s=> #krate::__private::GenericFloat::#method(#(#args),*)))
    }

    /// Whether a product has lanes on its right only: no type parameter can be multiplied by lanes, but lanes by one.
    pub(super) fn is_turned(&self, prim: Prim, args: &[Operand]) -> bool {
        let has_lanes =
            |arg: &Operand| arg.var().is_some_and(|var| matches!(self.func.ty(var), Ty::Lanes(_)));
        self.func.is_generic() && prim.0 == "mul" && !has_lanes(&args[0]) && has_lanes(&args[1])
    }
}

impl Cx<'_> {
    /// A number as one of another type.
    pub(super) fn cast(&self, number: &Tokens, ty: &Tokens) -> Tokens {
        let s = site();
        if self.args.scalars.is_empty() {
            return quote_spanned!(s=> (#number as #ty));
        }
        let krate = self.krate();
        quote_spanned!(s=> #krate::__private::cast_generic::<_, #ty>(#number))
    }
}

/// Zero, whatever the type is.
pub(super) fn is_zero(lit: &Lit) -> bool {
    lit.value == 0.0 && lit.text.starts_with("0.") && lit.text.chars().all(|c| matches!(c, '0' | '.'))
}
