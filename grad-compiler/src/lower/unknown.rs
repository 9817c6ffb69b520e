//! What is done with a value whose type only rustc knows?
//!
//! The protocol is docs/unknown-types.md. Here is the side of `lower`: a value that may be a tuple is taken apart where
//! somebody wants its parts, whatever form it has.

use super::types::Type;
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, expr, method};
use crate::ir::{Code, Init, Op, Operand, Proj};
use crate::rules::{self, Form};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::{Expr, ExprMethodCall};

/// A value as the `arity` parts of a tuple, whether it was written as one or not: an element that was copied, the result
/// of a call, a constant.
pub(crate) fn parts(cx: &mut Lower<'_>, val: Val, arity: usize, at: &dyn ToTokens) -> Vec<Val> {
    match cx.settle(val) {
        Val::Tuple(of) if of.len() == arity => of,
        Val::Memory(memory) if cx.types.tuple(&memory.ty, arity).is_some() => cx.fields(&memory, arity),
        val @ (Val::Scalar(..) | Val::Cell(..)) if cx.is_constant(&val) => {
            (0..arity).map(|field| constant_part(cx, val.clone(), field)).collect()
        }
        // What was reported.
        Val::Never => vec![Val::Never; arity],
        _ => {
            cx.reject(
                Kind::UnknownType,
                &at.to_token_stream(),
                "these items are not known to be tuples",
                "write the tuple: `.map(|(a, b)| (a, b))`",
            );
            vec![Val::Never; arity]
        }
    }
}

/// A field of a constant, as the user would write it.
pub(crate) fn constant_part(cx: &mut Lower<'_>, val: Val, field: usize) -> Val {
    let whole = cx.as_code(val);
    let (tokens, field) = (&whole.tokens, syn::Index::from(field));
    let ty = cx.unknown_constant();
    Val::Code(CodeVal { tokens: quote!(#tokens.#field), ty, cheap: whole.cheap, typed: true })
}

/// More fields are asked for than are known: rather an error than nothing in their place.
pub(crate) fn too_short(cx: &mut Lower<'_>, at: &dyn ToTokens) -> Val {
    cx.reject(
        Kind::UnknownType,
        &at.to_token_stream(),
        "how many parts this tuple has is not known",
        "bind it with its type before its parts are used: `let pair: (f64, f64) = …`",
    )
}

/// A float that is a constant, or what is behind a reference: only rustc knows which. `None` for other types.
pub(crate) fn number_behind(cx: &Lower<'_>, ty: &Type, constant: &TokenStream) -> Option<TokenStream> {
    cx.types.is_float(ty).then(|| quote_spanned!(cx.span=> __grad_runtime::number(&#constant)))
}

/// What is taken out of an `Option` that a collection of constants gives: of `self.xs.last()` a float or a reference to one.
pub(crate) fn item_of_constants(cx: &Lower<'_>, option: &Expr, val: Val) -> Val {
    match val {
        Val::Code(code) if gives_item(option) => {
            let read = number_behind(cx, &code.ty, &code.tokens);
            Val::Code(CodeVal { tokens: read.unwrap_or(code.tokens), ..code })
        }
        val => val,
    }
}

/// Whether a method takes out what is in an `Option`.
pub(crate) fn takes_out(call: &ExprMethodCall) -> bool {
    ["expect", "unwrap", "unwrap_or", "unwrap_or_else", "unwrap_or_default"]
        .iter()
        .any(|name| call.method == name)
}

/// Whether an expression asks a collection or an iterator for one of its items, as far as names tell.
fn gives_item(option: &Expr) -> bool {
    const GIVING: [&str; 15] = [
        "back",
        "find",
        "first",
        "front",
        "get",
        "last",
        "max",
        "max_by",
        "max_by_key",
        "min",
        "min_by",
        "min_by_key",
        "next",
        "nth",
        "peek",
    ];
    let Expr::MethodCall(call) = super::flow::bare(option) else { return false };
    let is_one_of = |names: &[&str]| names.iter().any(|name| call.method == name);
    is_one_of(&GIVING) || crate::outcomes::is_of_failures(call) && gives_item(&call.receiver)
}

/// A method that floats have, of a value of unknown type: `helper(x).max(0.5)`. Floats are the likely reading, unless an
/// argument is an integer; [rustc checks it](read_as_number). `None` where nothing is differentiated, or the method is none
/// of floats.
pub(crate) fn number_method(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: &Val) -> Option<Val> {
    let name = call.method.to_string();
    let ty = cx.type_of(receiver);
    let ty = cx.types.peel(&ty);
    // What an operator does is a method of many types.
    let prim = method::row(&name, call.args.len() + 1)
        .filter(|prim| !matches!(rules::form(*prim), Form::Infix | Form::Prefix))?;
    // A method whose value nobody wants is called for what it does, which methods of floats do not.
    if !cx.types.is_unresolved(&ty) || cx.dropped == Some(std::ptr::from_ref(call).addr()) {
        return None;
    }
    let is_constant = cx.is_constant(receiver);
    let receiver = if is_constant {
        if call.args.iter().all(|arg| reads_constants(cx, arg)) {
            return None;
        }
        cx.settle(receiver.clone())
    } else {
        receiver.clone()
    };
    let args: Vec<Val> = call.args.iter().map(|arg| expr::lower(cx, arg)).collect();
    let is_int = args.iter().enumerate().any(|(at, arg)| {
        let ty = cx.type_of(arg);
        !rules::takes_integer(prim, at + 1) && cx.types.is_int(&cx.types.peel(&ty))
    });
    if is_int {
        cx.types.unify(&ty, &Type::Int);
        let receiver = cx.as_code(receiver).tokens;
        let args = args.into_iter().map(|arg| expr::without_parens(cx.as_code(arg).tokens));
        let args: Vec<_> = args.collect();
        let method = &call.method;
        let tokens = quote!(#receiver.#method(#(#args),*));
        return Some(Val::Code(CodeVal { tokens, ty: Type::Int, cheap: false, typed: true }));
    }
    // What a function with a gradient returns is made of numbers.
    if is_constant || !cx.types.is_result(&ty) {
        read_as_number(cx, call, &receiver);
    }
    cx.types.want_float(&ty);
    let receiver = cx.rvalue(receiver);
    method::float_method(cx, &name, [vec![receiver], args].concat(), call)
}

/// A type of the user's may have a method of that name, too, which changes it, or takes a differentiated value to where
/// nobody follows it. So the constant goes through a function that takes numbers only: where it is declared, or here.
fn read_as_number(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: &Val) {
    let declared = match super::flow::bare(&call.receiver) {
        Expr::Path(path) => path.path.get_ident().and_then(|name| cx.lookup(name)),
        _ => None,
    };
    let declared =
        declared.filter(|id| !matches!(cx.local(*id).val, Val::Ref { .. })).and_then(|id| cx.local(id).node);
    match declared {
        Some(node) => cx.numbers.insert(node),
        None => cx.numbers.insert(std::ptr::from_ref(call).addr()),
    };
    cx.at(call, |cx| check_number(cx, receiver));
}

/// Where an earlier run has read the receiver of a method as a number.
pub(crate) fn check_read(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: &Val) {
    if cx.hints.numbers.contains(&std::ptr::from_ref(call).addr()) {
        cx.at(call, |cx| check_number(cx, receiver));
    }
}

fn check_number(cx: &mut Lower<'_>, val: &Val) {
    let val = cx.settle(val.clone());
    let tokens = cx.as_code(val).tokens;
    let number = quote_spanned!(cx.span=> __grad_runtime::number(&#tokens));
    cx.push_effect(quote!(let _ = #number;), Vec::new());
}

/// What an earlier run has read as a number, where it is declared.
pub(super) fn as_number(cx: &mut Lower<'_>, val: Val, span: Span) -> Val {
    let val = cx.settle(val);
    let Val::Scalar(Operand::Var(var), ty) = &val else { return val };
    if !cx.is_inactive(*var) {
        check_number(cx, &val);
        return val;
    }
    let constant = crate::ir::placeholder(*var, span);
    let read = Code::new(quote_spanned!(span=> __grad_runtime::number(&#constant)), false);
    Val::Scalar(cx.push_let("number", ty.clone(), Op::Code(read)), ty.clone())
}

/// Whether an expression reads no variable that is followed.
fn reads_constants(cx: &Lower<'_>, expr: &Expr) -> bool {
    struct Find<'c, 'e> {
        cx: &'c Lower<'e>,
        constant: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_, '_> {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            if let Some(id) = path.path.get_ident().and_then(|name| self.cx.lookup(name)) {
                self.constant &= self.cx.is_constant(&self.cx.local(id).val);
            }
        }
        // What a macro reads is not seen here.
        fn visit_macro(&mut self, _: &'ast syn::Macro) {
            self.constant = false;
        }
    }
    let mut find = Find { cx, constant: true };
    find.visit_expr(expr);
    find.constant
}

impl Lower<'_> {
    /// The fields of a tuple in memory, each as a place.
    pub(crate) fn fields(&mut self, memory: &Memory, arity: usize) -> Vec<Val> {
        (0..arity)
            .map(|field| {
                let ty = self.types.field(&memory.ty, field).unwrap_or_else(|| self.unknown_constant());
                match self.part(self.project(&memory.place, Proj::Field(field)), ty) {
                    // A part of a temporary: nothing else names it.
                    Val::Memory(part) => Val::Memory(Memory { fresh: memory.fresh, ..part }),
                    part => part,
                }
            })
            .collect()
    }

    /// `let layer = &net[0];` of a constant: a reference, since only rustc knows whether it can be copied.
    pub(crate) fn constant_reference(&mut self, code: CodeVal) -> Val {
        let CodeVal { tokens, ty, cheap, .. } = code;
        let reference = Type::reference(false, ty.clone());
        let code = Code::new(quote!(&#tokens), cheap);
        if self.types.is_memory(&ty) {
            return match self.push_alloc("constant", reference, Init::Code(code)) {
                Val::Memory(memory) => Val::reference(false, Val::Memory(Memory { ty, ..memory })),
                val => val,
            };
        }
        let operand = self.push_let("constant", reference.clone(), Op::Code(code));
        Val::Scalar(operand, reference)
    }

    /// Evaluated, and a tuple in memory taken apart: so that arms agree in their form.
    pub(crate) fn settle_shape(&mut self, val: Val) -> Val {
        // One of several that may be chosen to be changed.
        if matches!(&val, Val::Ref { to, mutable: true } if self.is_changing_constant(to)) {
            let span = self.span;
            return super::constant::name_lent(self, val, true, "lent", span);
        }
        match self.settle(val) {
            Val::Memory(memory) => match self.types.resolve(&memory.ty) {
                Type::Tuple(of) => {
                    let parts = self.fields(&memory, of.len());
                    Val::Tuple(parts.into_iter().map(|part| self.settle_shape(part)).collect())
                }
                _ => Val::Memory(memory),
            },
            // What is referred to stays where it is.
            Val::Ref { to, mutable: false } if self.is_kept_constant(&to) => {
                let code = self.as_code(Val::reference(false, *to));
                let code =
                    Val::Code(super::value::CodeVal { ty: self.unknown_constant(), cheap: true, ..code });
                self.settle(code)
            }
            // A number that is only read is as good as a reference to it.
            Val::Ref { to, mutable: false } => {
                let to = match *to {
                    Val::Memory(memory) if self.types.is_scalar(&memory.ty) => {
                        self.rvalue(Val::Memory(memory))
                    }
                    to => to,
                };
                Val::reference(false, to)
            }
            val => val,
        }
    }

    /// A constant with a name that may be changed, which is no number.
    fn is_changing_constant(&self, val: &Val) -> bool {
        match val {
            Val::Cell(_, ty) => !self.types.is_scalar(ty),
            Val::Code(code) => !self.types.is_scalar(&code.ty),
            Val::Local(path) => self.is_changing_constant(&self.component(path)),
            val => self.is_kept_constant(val),
        }
    }

    /// A constant with a name, which is no number.
    fn is_kept_constant(&self, val: &Val) -> bool {
        let Val::Scalar(Operand::Var(var), ty) = val else { return false };
        let is_reference = self.vars[var.index()].exclusive;
        !is_reference && !self.types.is_scalar(ty) && super::constant::stays_constant(self, val)
    }

    /// A value in the form of the one whose place it takes: a tuple that was written part by part stays one.
    pub(crate) fn shaped_like(&mut self, old: &Val, new: Val) -> Val {
        let old = match old {
            Val::Tuple(old) => old,
            // Another arm may write its tuple part by part.
            Val::Uninit => return self.settle_shape(new),
            _ => return new,
        };
        let parts = match new {
            Val::Tuple(of) if of.len() == old.len() => of,
            // There may be more parts than those that were asked for.
            Val::Memory(memory)
                if old
                    .len()
                    .checked_sub(1)
                    .is_some_and(|last| self.types.field(&memory.ty, last).is_some()) =>
            {
                let parts = self.fields(&memory, old.len());
                for (old, part) in old.iter().zip(&parts) {
                    self.types.unify(&self.type_of(old), &self.type_of(part));
                }
                parts.into_iter().map(|part| self.settle(part)).collect()
            }
            new => return new,
        };
        Val::Tuple(old.iter().zip(parts).map(|(old, part)| self.shaped_like(old, part)).collect())
    }

    /// Values of one variable, or of one branch, have one type: what one of them tells, the next run knows of all. Where
    /// one is followed, a constant in its place is memory as well.
    pub(crate) fn one_type(&self, vals: &[Val]) {
        let live: Vec<&Val> = vals.iter().filter(|val| !matches!(val, Val::Never | Val::Uninit)).collect();
        let Some((first, others)) = live.split_first() else { return };
        let ty = self.variable_type(first);
        for other in others {
            self.types.unify(&ty, &self.variable_type(other));
        }
        if live.iter().any(|val| !self.is_constant(val)) {
            self.types.lend(&ty);
        }
    }

    /// The type of a value as it stands: more may become known of it.
    pub(crate) fn variable_type(&self, val: &Val) -> Type {
        match val {
            Val::Scalar(_, ty) | Val::Cell(_, ty) => ty.clone(),
            Val::Memory(memory) => memory.ty.clone(),
            Val::Code(code) => code.ty.clone(),
            Val::Tuple(of) => Type::Tuple(of.iter().map(|val| self.variable_type(val)).collect()),
            Val::Ref { to, mutable } => Type::reference(*mutable, self.variable_type(to)),
            Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Local(_)
            | Val::Range(_)
            | Val::Closure(_)
            | Val::Function(_) => self.type_of(val),
        }
    }

    /// Memory that a callee may write floats to, whatever is known of its type so far.
    pub(crate) fn lend(&self, val: &Val) {
        match val {
            Val::Memory(memory) => self.types.lend(&memory.ty),
            Val::Local(path) => self.lend(&self.component(path)),
            Val::Ref { to, .. } => self.lend(to),
            Val::Tuple(of) => of.iter().for_each(|val| self.lend(val)),
            // What is not in memory is the business of the argument's own kind.
            Val::Scalar(..)
            | Val::Code(_)
            | Val::Cell(..)
            | Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Range(_)
            | Val::Closure(_)
            | Val::Function(_) => {}
        }
    }
}
