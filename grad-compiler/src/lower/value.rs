//! What does an expression denote?
//!
//! A [`Val`] is a value or a place while it is being lowered. Scalars are variables of the IR, aggregates
//! are places in memory, tuples and references exist only here.

use super::closure::Closure;
use super::env::LocalId;
use super::types::{Origin, Type};
use super::{Kind, Lower, constant, iter};
use crate::ir::{Init, Lit, Op, Operand, Place, Prim, Proj, Stmt, Var};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::rc::Rc;

/// A value or a place.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Unit,
    /// Control does not come here.
    Never,
    /// A local that was declared and not yet assigned.
    Uninit,
    /// A value in static single assignment form: float, integer, boolean, something opaque.
    Scalar(Operand, Type),
    /// Inactive and not evaluated yet.
    Code(CodeVal),
    /// A part of memory; as a value: moved or copied from there.
    Memory(Memory),
    /// A mutable variable that only the user's own tokens change.
    Cell(Var, Type),
    /// A local that is not in memory, or a component of it, as a place. Only behind a `&mut`, or from `lower_place`.
    Local(LocalPath),
    Ref {
        to: Box<Val>,
        mutable: bool,
    },
    Tuple(Vec<Val>),
    Range(Box<RangeVal>),
    Closure(Rc<Closure>),
    /// The path of a function, as a value.
    Function(syn::ExprPath),
}

/// Tokens with placeholders.
#[derive(Clone, Debug)]
pub(crate) struct CodeVal {
    pub(crate) tokens: TokenStream,
    pub(crate) ty: Type,
    pub(crate) cheap: bool,
    /// The operands say what type it is: an annotation may be left out.
    pub(crate) typed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) place: Place,
    pub(crate) ty: Type,
    /// A temporary that nothing else names: a `let` takes it over.
    pub(crate) fresh: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LocalPath {
    pub(crate) local: LocalId,
    /// Fields of nested tuples.
    pub(crate) path: Vec<usize>,
}

impl LocalPath {
    pub(crate) fn part(&self, at: usize) -> LocalPath {
        let mut path = self.path.clone();
        path.push(at);
        LocalPath { local: self.local, path }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct RangeVal {
    pub(crate) from: Option<Val>,
    pub(crate) to: Option<Val>,
    pub(crate) inclusive: bool,
}

impl Val {
    pub(crate) fn memory(place: impl Into<Place>, ty: Type) -> Val {
        Val::Memory(Memory { place: place.into(), ty, fresh: false })
    }

    pub(crate) fn fresh(root: Var, ty: Type) -> Val {
        Val::Memory(Memory { place: root.into(), ty, fresh: true })
    }

    pub(crate) fn reference(mutable: bool, to: Val) -> Val {
        Val::Ref { mutable, to: Box::new(to) }
    }

    pub(crate) fn bool(value: bool) -> Val {
        Val::Scalar(Operand::bool(value), Type::Bool)
    }

    pub(crate) fn int(value: usize) -> Val {
        Val::Scalar(Operand::int(value), Type::Int)
    }

    pub(crate) fn is_literal(&self, text: &str) -> bool {
        matches!(self, Val::Scalar(Operand::Lit(lit), _) if lit.text == text)
    }

    /// Looks through references.
    pub(crate) fn peeled(self) -> Val {
        match self {
            Val::Ref { to, .. } => to.peeled(),
            val => val,
        }
    }

    /// Whether two values are surely one and the same.
    pub(crate) fn same(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::Unit, Val::Unit) | (Val::Never, Val::Never) | (Val::Uninit, Val::Uninit) => true,
            (Val::Scalar(a, _), Val::Scalar(b, _)) => a == b,
            (Val::Memory(a), Val::Memory(b)) => a.place == b.place,
            (Val::Cell(a, _), Val::Cell(b, _)) => a == b,
            (Val::Local(a), Val::Local(b)) => a == b,
            (Val::Ref { to: a, mutable: x }, Val::Ref { to: b, mutable: y }) => x == y && a.same(b),
            (Val::Tuple(a), Val::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Val::Closure(a), Val::Closure(b)) if Rc::ptr_eq(a, b) => true,
            (Val::Closure(_), Val::Closure(_)) => match (iter::as_pair(self), iter::as_pair(other)) {
                (Some(a), Some(b)) => a.same(&b),
                _ => false,
            },
            (Val::Function(a), Val::Function(b)) => a == b,
            _ => false,
        }
    }
}

impl Lower<'_> {
    /// The type of a value, as far as it is known.
    pub(crate) fn type_of(&self, val: &Val) -> Type {
        match val {
            Val::Unit => Type::Unit,
            Val::Scalar(_, ty) | Val::Cell(_, ty) => self.types.resolve(ty),
            Val::Code(code) => self.types.resolve(&code.ty),
            Val::Memory(memory) => self.types.resolve(&memory.ty),
            Val::Local(path) => self.type_of(&self.component(path)),
            Val::Ref { to, mutable } => Type::reference(*mutable, self.type_of(to)),
            Val::Tuple(of) => Type::Tuple(of.iter().map(|val| self.type_of(val)).collect()),
            // The path of a function may be a constant whose name is in lower case.
            Val::Uninit | Val::Never | Val::Function(_) => self.types.fresh(Origin::Constant),
            Val::Range(_) | Val::Closure(_) => Type::Opaque,
        }
    }

    /// Whether a float may be in it.
    pub(crate) fn holds_floats(&self, val: &Val) -> bool {
        match val {
            Val::Code(_)
            | Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Function(_)
            | Val::Scalar(Operand::Lit(_), _) => false,
            Val::Ref { to, .. } => self.holds_floats(to),
            Val::Tuple(of) => of.iter().any(|val| self.holds_floats(val)),
            Val::Closure(_) => true,
            Val::Range(range) => {
                [&range.from, &range.to].into_iter().flatten().any(|end| self.holds_floats(end))
            }
            val => self.types.to_ir(&self.type_of(val)).holds_floats(),
        }
    }

    /// Whether it is neither a float nor in memory: a call with nothing else is left alone.
    pub(crate) fn is_constant(&self, val: &Val) -> bool {
        match val {
            Val::Scalar(Operand::Lit(_), _)
            | Val::Code(_)
            | Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Function(_)
            | Val::Cell(..) => true,
            Val::Scalar(_, ty) => !self.types.to_ir(ty).holds_floats(),
            Val::Local(path) => self.is_constant(&self.component(path)),
            Val::Memory(memory) => self.is_unseen_part(memory),
            Val::Closure(_) => false,
            Val::Ref { to, .. } => self.is_constant(to),
            Val::Tuple(of) => of.iter().all(|val| self.is_constant(val)),
            Val::Range(range) => {
                [&range.from, &range.to].into_iter().flatten().all(|end| self.is_constant(end))
            }
        }
    }

    /// A place, read: scalars are loaded; aggregates stay where they are until they are moved or copied.
    pub(crate) fn rvalue(&mut self, val: Val) -> Val {
        match val {
            Val::Local(path) => {
                let val = self.read_component(&path);
                self.rvalue(val)
            }
            Val::Memory(memory) if self.types.is_scalar(&memory.ty) => {
                let hint = self.place_hint(&memory.place);
                let operand = self.push_let(&hint, memory.ty.clone(), Op::Load(memory.place));
                Val::Scalar(operand, memory.ty)
            }
            Val::Cell(var, ty) if self.types.is_scalar(&ty) => {
                let name = self.vars[var.index()].name.clone();
                let code = self.operand_tokens(&Operand::Var(var));
                let operand = self.push_let(&name, ty.clone(), Op::Code(crate::ir::Code::new(code, false)));
                Val::Scalar(operand, ty)
            }
            val => val,
        }
    }

    /// Evaluates what is still to be evaluated. The result holds no [`Val::Code`].
    pub(crate) fn settle(&mut self, val: Val) -> Val {
        match self.rvalue(val) {
            Val::Code(code) => {
                let CodeVal { tokens, ty, cheap, .. } = code;
                let hint = self.code_hint(&tokens, &ty);
                let tokens = super::expr::without_parens(tokens);
                // What is memory in another run, or elsewhere, is memory here.
                if self.types.is_memory(&ty) {
                    let init = constant::of_type(self, crate::ir::Code::new(tokens, cheap), &ty);
                    return self.push_alloc(&hint, ty, init);
                }
                // What changes is not the same wherever it is read.
                let code = crate::ir::Code::new(tokens, cheap);
                let changes = |var: &Var| self.vars[var.index()].mutable && !self.types.is_scalar(&ty);
                let code = if code.reads.iter().any(changes) { code.once() } else { code };
                let operand = self.push_let(&hint, ty.clone(), Op::Code(code));
                Val::Scalar(operand, ty)
            }
            Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| self.settle(val)).collect()),
            Val::Ref { to, mutable } => match *to {
                Val::Code(code) if !mutable && !self.types.is_scalar(&code.ty) => {
                    self.constant_reference(code)
                }
                to @ (Val::Code(_) | Val::Tuple(_)) => {
                    let to = self.settle(to);
                    Val::reference(mutable, to)
                }
                to => Val::reference(mutable, to),
            },
            Val::Range(range) => {
                let RangeVal { from, to, inclusive } = *range;
                let from = from.map(|end| self.settle(end));
                let to = to.map(|end| self.settle(end));
                Val::Range(Box::new(RangeVal { from, to, inclusive }))
            }
            val => val,
        }
    }

    /// A scalar of any type, in a variable or literal. References are looked through.
    pub(crate) fn as_scalar(&mut self, val: Val) -> (Operand, Type) {
        match self.settle(val) {
            Val::Scalar(operand, ty) => (operand, ty),
            Val::Ref { to, .. } => self.as_scalar(*to),
            Val::Memory(memory) => {
                // The type is not known: it is used as a scalar, so it is loaded as one.
                let hint = self.place_hint(&memory.place);
                let operand = self.push_let(&hint, memory.ty.clone(), Op::Load(memory.place));
                (operand, memory.ty)
            }
            Val::Cell(var, ty) => (Operand::Var(var), ty),
            Val::Never | Val::Uninit => (Operand::float(0.0), self.types.fresh(Origin::Float)),
            val @ Val::Function(_) => {
                let code = self.as_code(val);
                self.as_scalar(Val::Code(code))
            }
            Val::Range(_) => {
                let span = self.span;
                self.reject_at(
                    Kind::Expression,
                    span,
                    "a range that a variable has is not followed here",
                    "write it where it is used: `&x[1..3]`, `for i in 0..n`",
                );
                (Operand::float(0.0), self.types.fresh(Origin::Float))
            }
            Val::Unit | Val::Tuple(_) | Val::Closure(_) | Val::Code(_) | Val::Local(_) => {
                let span = self.span;
                self.reject_at(
                    Kind::Expression,
                    span,
                    "this value is used as a number, and is none that `#[grad]` can follow",
                    "write the numbers themselves into variables, one by one",
                );
                (Operand::float(0.0), self.types.fresh(Origin::Float))
            }
        }
    }

    /// A float.
    pub(crate) fn as_float(&mut self, val: Val) -> (Operand, Type) {
        let val = self.want_float(val);
        let (operand, ty) = self.as_scalar(val);
        (operand, self.types.want_float(&ty))
    }

    /// Tells a value of unknown type that it is a float.
    pub(crate) fn want_float(&mut self, val: Val) -> Val {
        let ty = self.type_of(&val);
        if self.types.is_unresolved(&self.types.peel(&ty)) {
            self.types.want_float(&ty);
        }
        val
    }

    /// An integer, in a variable or literal.
    pub(crate) fn as_int(&mut self, val: Val) -> Operand {
        let ty = self.type_of(&val);
        self.types.unify(&ty, &Type::Int);
        self.as_scalar(val).0
    }

    /// A boolean, in a variable or literal.
    pub(crate) fn as_bool(&mut self, val: Val) -> Operand {
        let ty = self.type_of(&val);
        self.types.unify(&ty, &Type::Bool);
        self.as_scalar(val).0
    }

    /// The value as tokens with placeholders, for the user's own expressions. Scalars in memory are loaded first.
    pub(crate) fn as_code(&mut self, val: Val) -> CodeVal {
        match self.rvalue(val) {
            Val::Code(code) => code,
            Val::Scalar(operand, ty) => {
                let typed = matches!(operand, Operand::Var(_));
                CodeVal { tokens: self.operand_tokens(&operand), ty, cheap: true, typed }
            }
            Val::Cell(var, ty) => {
                CodeVal { tokens: self.operand_tokens(&Operand::Var(var)), ty, cheap: false, typed: true }
            }
            Val::Memory(memory) => {
                let memory = self.taken_by_code(memory);
                CodeVal { tokens: self.place_tokens(&memory.place), ty: memory.ty, cheap: false, typed: true }
            }
            Val::Ref { to, mutable } => {
                let ty = Type::reference(mutable, self.type_of(&to));
                let tokens = self.reference_tokens(*to, mutable);
                CodeVal { tokens, ty, cheap: false, typed: true }
            }
            Val::Tuple(of) => {
                let parts: Vec<CodeVal> = of.into_iter().map(|val| self.as_code(val)).collect();
                let tokens = parts.iter().map(|part| &part.tokens);
                CodeVal {
                    tokens: quote!((#(#tokens,)*)),
                    ty: Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect()),
                    cheap: parts.iter().all(|part| part.cheap),
                    typed: parts.iter().all(|part| part.typed),
                }
            }
            Val::Range(range) => {
                let RangeVal { from, to, inclusive } = *range;
                let from = from.map(|end| self.as_code(end).tokens);
                let to = to.map(|end| self.as_code(end).tokens);
                let tokens = if inclusive { quote!((#from..=#to)) } else { quote!((#from..#to)) };
                CodeVal { tokens, ty: Type::Opaque, cheap: false, typed: false }
            }
            Val::Function(path) => {
                let ty = self.types.fresh(Origin::Constant);
                CodeVal { tokens: path.to_token_stream(), ty, cheap: true, typed: true }
            }
            Val::Unit => CodeVal { tokens: quote!(()), ty: Type::Unit, cheap: true, typed: true },
            Val::Never | Val::Uninit => CodeVal {
                tokens: quote!(0),
                ty: self.types.fresh(Origin::Constant),
                cheap: true,
                typed: false,
            },
            Val::Closure(_) | Val::Local(_) => {
                let span = self.span;
                self.reject_at(
                    Kind::Expression,
                    span,
                    "a closure or iterator is used where `#[grad]` cannot follow it",
                    "write a loop, or call the closure here",
                );
                CodeVal { tokens: quote!(()), ty: Type::Opaque, cheap: true, typed: true }
            }
        }
    }

    fn reference_tokens(&mut self, to: Val, mutable: bool) -> TokenStream {
        if let (Val::Memory(memory), false) = (&to, mutable)
            && let Some(seen) = self.seen_by_code(memory)
        {
            return seen;
        }
        // A variable that is a reference itself stands for itself.
        if let Val::Memory(memory) = &to
            && memory.place.path.is_empty()
            && matches!(self.types.resolve(&self.var_types[memory.place.root.index()]), Type::Ref { .. })
        {
            return self.place_tokens(&memory.place);
        }
        if let Val::Memory(Memory { place, .. }) = &to
            && let [Proj::Deref] = place.path.as_slice()
        {
            return self.place_tokens(&place.root.into());
        }
        if mutable && let Val::Local(path) = &to {
            // Only the user's own tokens change it from now on.
            let known = path.path.is_empty() && self.want_cell(path.local);
            if !known {
                let span = self.span;
                self.reject_at(
                    Kind::Reference,
                    span,
                    "a part of a variable is changed in code that the compiler does not look into",
                    "give it a variable of its own",
                );
            }
        }
        let tokens = match &to {
            Val::Memory(memory) => self.place_tokens(&memory.place),
            Val::Cell(var, _) => self.operand_tokens(&Operand::Var(*var)),
            _ => self.as_code(to).tokens,
        };
        if mutable { quote!((&mut #tokens)) } else { quote!((&#tokens)) }
    }

    /// The operand in the user's tokens.
    pub(crate) fn operand_tokens(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Var(var) => crate::ir::placeholder(*var, self.span).into_token_stream(),
            Operand::Lit(lit) => literal_tokens(lit, self.span),
        }
    }

    /// The place in the user's tokens.
    pub(crate) fn place_tokens(&self, place: &Place) -> TokenStream {
        let mut tokens = self.operand_tokens(&Operand::Var(place.root));
        for proj in &place.path {
            tokens = match proj {
                Proj::Index(index) => {
                    let index = self.operand_tokens(index);
                    quote!(#tokens[#index])
                }
                Proj::Field(field) => {
                    let field = syn::Index::from(*field);
                    quote!(#tokens.#field)
                }
                Proj::Named(field) => {
                    let field = crate::ir::field_name(field, self.span);
                    quote!(#tokens.#field)
                }
                Proj::Some => quote!(#tokens[__grad_runtime::Inside]),
                Proj::Variant(name) => {
                    quote!(#tokens[__grad_runtime::InVariant::<{ __grad_runtime::in_variant(#name) }>])
                }
                Proj::Slice { from, to, inclusive } => {
                    let from = from.as_ref().map(|end| self.operand_tokens(end));
                    let to = to.as_ref().map(|end| self.operand_tokens(end));
                    if *inclusive { quote!(#tokens[#from..=#to]) } else { quote!(#tokens[#from..#to]) }
                }
                Proj::Deref | Proj::Boxed => quote!((*#tokens)),
            };
        }
        tokens
    }

    /// A name for what is read from a place.
    pub(super) fn place_hint(&self, place: &Place) -> String {
        let mut hint = self.vars[place.root.index()].name.clone();
        for proj in &place.path {
            if let Proj::Index(Operand::Var(index)) = proj {
                hint = format!("{hint}_{}", self.vars[index.index()].name);
            } else if let Proj::Index(Operand::Lit(lit)) = proj {
                hint = format!("{hint}_{}", lit.text);
            } else if let Proj::Field(field) = proj {
                hint = format!("{hint}_{field}");
            } else if let Proj::Named(field) = proj {
                hint = format!("{hint}_{field}");
            }
        }
        hint.retain(|c| c.is_alphanumeric() || c == '_');
        hint
    }

    /// A name for what tokens compute: that of the constant or field, or what it is.
    fn code_hint(&self, tokens: &TokenStream, ty: &Type) -> String {
        let mut last = None;
        let mut group = None;
        for tree in tokens.clone() {
            group = None;
            match tree {
                TokenTree::Ident(ident) => last = Some(ident),
                TokenTree::Group(inner) => group = Some(inner.delimiter()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        let name = last
            .filter(|_| matches!(group, None | Some(Delimiter::Parenthesis)))
            .map(|ident| ident.to_string());
        match (name, self.types.resolve(ty)) {
            (_, Type::Bool) => "cond".to_string(),
            (Some(name), _) if !name.starts_with("__grad") && !is_type_name(&name) => name.to_lowercase(),
            (_, Type::Int) => "index".to_string(),
            _ => "value".to_string(),
        }
    }

    /// A primitive applied to floats.
    pub(crate) fn push_prim(&mut self, prim: Prim, args: Vec<Operand>, ty: Type) -> Val {
        let hint = match args.first() {
            Some(Operand::Var(var)) => format!("{}_{}", prim.0, self.vars[var.index()].name),
            _ => prim.0.to_string(),
        };
        // Names of names of names help nobody.
        let hint = if hint.len() > 16 { prim.0.to_string() } else { hint };
        let operand = self.push_let(&hint, ty.clone(), Op::Prim(prim, args));
        Val::Scalar(operand, ty)
    }

    /// New memory that nothing names yet.
    pub(crate) fn push_alloc(&mut self, hint: &str, ty: Type, init: Init) -> Val {
        let var = self.new_var(hint, ty.clone());
        self.push(Stmt::Alloc { var, init });
        Val::fresh(var, ty)
    }
}

/// The tokens of a literal; in parentheses where it has a sign.
fn literal_tokens(lit: &Lit, span: Span) -> TokenStream {
    let tokens: TokenStream = lit.text.parse().unwrap_or_default();
    let tokens: TokenStream = tokens
        .into_iter()
        .map(|mut tree| {
            tree.set_span(span);
            tree
        })
        .collect();
    if lit.text.starts_with('-') { quote!((#tokens)) } else { tokens }
}

fn is_type_name(name: &str) -> bool {
    super::types::is_int_name(name) || matches!(name, "f32" | "f64" | "bool" | "as")
}
