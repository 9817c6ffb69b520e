//! Which type has this?
//!
//! Local inference over a small lattice. A literal, the result of a call, an inactive expression may have a
//! type that only a later use tells: it starts as a type variable. What no use tells stays unknown; rustc
//! knows it.

use crate::ir::{Float, Ty};
use quote::ToTokens;
use std::cell::RefCell;

/// A type during lowering.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Not known yet.
    Var(TypeVar),
    Float(Float),
    Int,
    Bool,
    Unit,
    Array(Box<Type>, String),
    Slice(Box<Type>),
    Vec(Box<Type>),
    /// A sequence: it was indexed or iterated over, and only rustc knows what it is.
    Seq(Box<Type>),
    Tuple(Vec<Type>),
    /// Something with at least these fields: `.1` was read from it.
    Fields(Vec<Type>),
    Ref {
        mutable: bool,
        to: Box<Type>,
    },
    Opaque,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeVar(u32);

/// What a type variable becomes if no use tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The result of a call: may hold floats.
    Call,
    /// An expression of constants.
    Constant,
    /// A constant that was lent to be changed, or is one of several values of a variable: may hold floats.
    Lent,
    /// A float literal, or an operand of float arithmetic.
    Float,
}

impl Origin {
    /// What is known of both, if two variables are one: the higher.
    fn rank(self) -> u8 {
        match self {
            Origin::Constant => 0,
            Origin::Call => 1,
            Origin::Lent => 2,
            Origin::Float => 3,
        }
    }
}

#[derive(Clone, Debug)]
enum State {
    Free(Origin),
    Bound(Type),
}

/// The table of type variables.
#[derive(Debug, Default)]
pub(crate) struct Types {
    vars: RefCell<Vec<State>>,
}

impl Type {
    pub(crate) const F64: Type = Type::Float(Float::F64);

    pub(crate) fn slice(of: Type) -> Type {
        Type::Slice(Box::new(of))
    }

    pub(crate) fn vec(of: Type) -> Type {
        Type::Vec(Box::new(of))
    }

    pub(crate) fn reference(mutable: bool, to: Type) -> Type {
        Type::Ref { mutable, to: Box::new(to) }
    }
}

impl Types {
    pub(crate) fn fresh(&self, origin: Origin) -> Type {
        let mut vars = self.vars.borrow_mut();
        vars.push(State::Free(origin));
        Type::Var(TypeVar(u32::try_from(vars.len() - 1).expect("fewer than 2³² type variables")))
    }

    /// A type with a type variable replaced by what is known of it, at the outermost level.
    pub(crate) fn resolve(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        while let Type::Var(var) = ty {
            match &self.vars.borrow()[var.0 as usize] {
                State::Free(_) => break,
                State::Bound(bound) => ty = bound.clone(),
            }
        }
        ty
    }

    fn origin(&self, var: TypeVar) -> Origin {
        match &self.vars.borrow()[var.0 as usize] {
            State::Free(origin) => *origin,
            State::Bound(_) => Origin::Constant,
        }
    }

    fn bind(&self, var: TypeVar, ty: Type) {
        // No type is a part of itself: `v = v[0];` is left for rustc to report.
        if self.occurs(var, &ty) {
            return;
        }
        self.vars.borrow_mut()[var.0 as usize] = State::Bound(ty);
    }

    /// Whether a type variable is in a type.
    fn occurs(&self, var: TypeVar, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(other) => other == var,
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) => self.occurs(var, &of),
            Type::Tuple(of) | Type::Fields(of) => of.iter().any(|ty| self.occurs(var, ty)),
            Type::Ref { to, .. } => self.occurs(var, &to),
            Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Opaque => false,
        }
    }

    /// Looks through references.
    pub(crate) fn peel(&self, ty: &Type) -> Type {
        match self.resolve(ty) {
            Type::Ref { to, .. } => self.peel(&to),
            ty => ty,
        }
    }

    pub(crate) fn is_float(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Float(_) => true,
            Type::Var(var) => self.origin(var) == Origin::Float,
            _ => false,
        }
    }

    pub(crate) fn is_int(&self, ty: &Type) -> bool {
        self.resolve(ty) == Type::Int
    }

    pub(crate) fn is_bool(&self, ty: &Type) -> bool {
        self.resolve(ty) == Type::Bool
    }

    /// Known to be a float, integer or boolean.
    pub(crate) fn is_scalar(&self, ty: &Type) -> bool {
        self.is_float(ty) || matches!(self.resolve(ty), Type::Int | Type::Bool)
    }

    /// Nothing is known of it.
    pub(crate) fn is_unresolved(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(var) => self.origin(var) != Origin::Float,
            _ => false,
        }
    }

    /// Of a type that nothing has told yet, as the result of a call of a followed function is.
    pub(crate) fn is_result(&self, ty: &Type) -> bool {
        matches!(self.resolve(ty), Type::Var(var) if self.origin(var) == Origin::Call)
    }

    /// Whether a value of this type is copied by being read.
    pub(crate) fn is_copy(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Array(of, _) => self.is_copy(&of),
            Type::Tuple(of) | Type::Fields(of) => of.iter().all(|ty| self.is_copy(ty)),
            Type::Vec(_) | Type::Slice(_) | Type::Seq(_) | Type::Opaque => false,
            Type::Ref { mutable, .. } => !mutable,
            Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Var(_) => true,
        }
    }

    /// Whether nothing of it is left for rustc to find out.
    pub(crate) fn is_known(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(_) => self.is_float(ty),
            Type::Seq(_) | Type::Fields(_) => false,
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) => self.is_known(&of),
            Type::Tuple(of) => of.iter().all(|ty| self.is_known(ty)),
            Type::Ref { to, .. } => self.is_known(&to),
            Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Opaque => true,
        }
    }

    pub(crate) fn is_opaque(&self, ty: &Type) -> bool {
        self.resolve(ty) == Type::Opaque
    }

    /// Makes two types equal where that is possible. Mismatches are left for rustc to report.
    pub(crate) fn unify(&self, a: &Type, b: &Type) {
        let holders = [self.last_var(a), self.last_var(b)];
        let anchors = [self.anchor(a), self.anchor(b)];
        let (a, b) = (self.resolve(a), self.resolve(b));
        match (&a, &b) {
            (Type::Var(x), Type::Var(y)) if x == y => {}
            (Type::Var(x), Type::Var(y)) => {
                // The more informative origin survives.
                if self.origin(*x).rank() >= self.origin(*y).rank() {
                    self.bind(*y, a);
                } else {
                    self.bind(*x, b);
                }
            }
            (Type::Var(x), other) | (other, Type::Var(x)) => {
                if self.origin(*x) == Origin::Float && !matches!(other, Type::Float(_)) {
                    return;
                }
                // To the other's own variable, if it has one: its fields may get more.
                let is_first = matches!(&a, Type::Var(var) if var == x);
                let anchor = if is_first { &anchors[1] } else { &anchors[0] };
                self.bind(*x, anchor.clone());
            }
            (Type::Array(x, _) | Type::Slice(x) | Type::Vec(x) | Type::Seq(x), _) => {
                if let Type::Array(y, _) | Type::Slice(y) | Type::Vec(y) | Type::Seq(y) = &b {
                    self.unify(x, y);
                }
            }
            (Type::Tuple(x) | Type::Fields(x), Type::Tuple(y) | Type::Fields(y)) => {
                for (x, y) in x.iter().zip(y) {
                    self.unify(x, y);
                }
                // Of a tuple all fields are known.
                for (ty, holder, other) in [(&a, &holders[0], &b), (&b, &holders[1], &a)] {
                    if let (Type::Fields(_), Type::Var(var), Type::Tuple(_)) = (ty, holder, other) {
                        self.bind(*var, other.clone());
                    }
                }
            }
            (Type::Ref { to: x, .. }, Type::Ref { to: y, .. }) => self.unify(x, y),
            (Type::Ref { to: x, .. }, _) => self.unify(x, &b),
            (_, Type::Ref { to: y, .. }) => self.unify(&a, y),
            (
                Type::Float(_)
                | Type::Int
                | Type::Bool
                | Type::Unit
                | Type::Opaque
                | Type::Tuple(_)
                | Type::Fields(_),
                _,
            ) => {}
        }
    }

    /// What is of this type is in memory, a constant as well.
    pub(crate) fn is_memory(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(var) => self.origin(var) == Origin::Lent,
            Type::Array(..) | Type::Vec(_) | Type::Seq(_) | Type::Tuple(_) | Type::Fields(_) => true,
            Type::Float(_)
            | Type::Int
            | Type::Bool
            | Type::Unit
            | Type::Slice(_)
            | Type::Ref { .. }
            | Type::Opaque => false,
        }
    }

    /// Says that floats may come into what is not known of `ty`: a function may write them, or a followed value take its
    /// place.
    pub(crate) fn lend(&self, ty: &Type) {
        match self.resolve(ty) {
            Type::Var(var) if matches!(self.origin(var), Origin::Constant | Origin::Call) => {
                self.vars.borrow_mut()[var.0 as usize] = State::Free(Origin::Lent);
            }
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) => self.lend(&of),
            Type::Tuple(of) | Type::Fields(of) => of.iter().for_each(|ty| self.lend(ty)),
            Type::Ref { to, .. } => self.lend(&to),
            Type::Var(_) | Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Opaque => {}
        }
    }

    /// Uses `ty` as a float: the float type it is.
    pub(crate) fn want_float(&self, ty: &Type) -> Type {
        match self.peel(ty) {
            Type::Var(var) => {
                if self.origin(var) == Origin::Float {
                    Type::Var(var)
                } else {
                    let float = self.fresh(Origin::Float);
                    self.bind(var, float.clone());
                    float
                }
            }
            Type::Float(float) => Type::Float(float),
            _ => self.fresh(Origin::Float),
        }
    }

    /// The type of an element, if `ty` is (used as) a sequence.
    pub(crate) fn element(&self, ty: &Type) -> Option<Type> {
        match self.peel(ty) {
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) => Some(*of),
            Type::Var(var) => {
                let of = self.fresh(self.origin(var));
                self.bind(var, Type::Seq(Box::new(of.clone())));
                Some(of)
            }
            _ => None,
        }
    }

    /// The type of field `index`, if `ty` is (used as) a tuple.
    pub(crate) fn field(&self, ty: &Type, index: usize) -> Option<Type> {
        let mut at = ty.clone();
        // The last variable before the type itself: that is what grows.
        let mut holder = None;
        loop {
            match at {
                Type::Ref { to, .. } => at = *to,
                Type::Var(var) => {
                    let bound = match &self.vars.borrow()[var.0 as usize] {
                        State::Free(_) => None,
                        State::Bound(bound) => Some(bound.clone()),
                    };
                    holder = Some(var);
                    let Some(bound) = bound else {
                        let origin = self.origin(var);
                        let of: Vec<Type> = (0..=index).map(|_| self.fresh(origin)).collect();
                        self.bind(var, Type::Fields(of.clone()));
                        return of.last().cloned();
                    };
                    at = bound;
                }
                Type::Tuple(of) => return of.get(index).cloned(),
                Type::Fields(mut of) => {
                    while of.len() <= index {
                        of.push(self.fresh(Origin::Call));
                    }
                    if let Some(var) = holder {
                        self.bind(var, Type::Fields(of.clone()));
                    }
                    return of.get(index).cloned();
                }
                _ => return None,
            }
        }
    }

    /// Uses `ty` as a tuple of `arity` elements.
    pub(crate) fn tuple(&self, ty: &Type, arity: usize) -> Option<Vec<Type>> {
        match self.peel(ty) {
            Type::Tuple(of) => (of.len() == arity).then_some(of),
            Type::Var(_) | Type::Fields(_) => {
                if arity == 0 {
                    return Some(Vec::new());
                }
                self.field(ty, arity - 1);
                let of: Vec<Type> = (0..arity).filter_map(|index| self.field(ty, index)).collect();
                if let Type::Var(var) = self.last_var(ty) {
                    self.bind(var, Type::Tuple(of.clone()));
                }
                Some(of)
            }
            _ => None,
        }
    }

    /// The last of the variables that stand for a type, or the type.
    fn anchor(&self, ty: &Type) -> Type {
        let mut at = ty.clone();
        while let Type::Var(var) = &at {
            match &self.vars.borrow()[var.0 as usize] {
                State::Bound(Type::Var(next)) => at = Type::Var(*next),
                State::Bound(_) | State::Free(_) => break,
            }
        }
        at
    }

    fn last_var(&self, ty: &Type) -> Type {
        let mut at = ty.clone();
        loop {
            let next = match &at {
                Type::Ref { to, .. } => (**to).clone(),
                Type::Var(var) => match &self.vars.borrow()[var.0 as usize] {
                    State::Bound(bound @ (Type::Var(_) | Type::Ref { .. })) => bound.clone(),
                    State::Bound(_) | State::Free(_) => return at,
                },
                _ => return at,
            };
            at = next;
        }
    }

    /// Everything that is known of `ty`; `None` inside for what is not.
    pub(crate) fn snapshot(&self, ty: &Type) -> Option<Known> {
        let all = |of: &[Type]| of.iter().map(|ty| self.snapshot(ty)).collect();
        let boxed = |of: &Type| Box::new(self.snapshot(of));
        Some(match self.resolve(ty) {
            Type::Var(var) => match self.origin(var) {
                Origin::Call | Origin::Constant => return None,
                Origin::Lent => Known::Lent,
                Origin::Float => Known::Float,
            },
            Type::Float(float) => Known::Exact(Type::Float(float)),
            ty @ (Type::Int | Type::Bool | Type::Unit | Type::Opaque) => Known::Exact(ty),
            Type::Array(of, len) => Known::Array(boxed(&of), len),
            Type::Slice(of) => Known::Slice(boxed(&of)),
            Type::Vec(of) => Known::Vec(boxed(&of)),
            Type::Seq(of) => Known::Seq(boxed(&of)),
            Type::Tuple(of) => Known::Tuple(all(&of)),
            Type::Fields(of) => Known::Fields(all(&of)),
            Type::Ref { mutable, to } => Known::Ref(mutable, boxed(&to)),
        })
    }

    /// A type from what an earlier run knew of it.
    pub(crate) fn recall(&self, known: Option<&Known>, origin: Origin) -> Type {
        let all = |of: &[Option<Known>]| of.iter().map(|known| self.recall(known.as_ref(), origin)).collect();
        let boxed = |of: &Option<Known>| Box::new(self.recall(of.as_ref(), origin));
        match known {
            None => self.fresh(origin),
            Some(Known::Float) => self.fresh(Origin::Float),
            Some(Known::Lent) => self.fresh(Origin::Lent),
            Some(Known::Exact(ty)) => ty.clone(),
            Some(Known::Array(of, len)) => Type::Array(boxed(of), len.clone()),
            Some(Known::Slice(of)) => Type::Slice(boxed(of)),
            Some(Known::Vec(of)) => Type::Vec(boxed(of)),
            // Still to be unified with something better.
            Some(Known::Seq(of)) => {
                let var = self.fresh(origin);
                self.unify(&var, &Type::Seq(boxed(of)));
                var
            }
            Some(Known::Fields(of)) => {
                let var = self.fresh(origin);
                self.unify(&var, &Type::Fields(all(of)));
                var
            }
            Some(Known::Tuple(of)) => Type::Tuple(all(of)),
            Some(Known::Ref(mutable, to)) => Type::Ref { mutable: *mutable, to: boxed(to) },
        }
    }

    /// The type in the IR.
    pub(crate) fn to_ir(&self, ty: &Type) -> Ty {
        let boxed = |of: &Type| Box::new(self.to_ir(of));
        match self.resolve(ty) {
            Type::Var(var) => match self.origin(var) {
                Origin::Float => Ty::Float(Float::Inferred),
                Origin::Call | Origin::Lent => Ty::Unknown,
                Origin::Constant => Ty::Opaque,
            },
            Type::Float(float) => Ty::Float(float),
            Type::Int => Ty::Int,
            Type::Bool => Ty::Bool,
            Type::Unit => Ty::Unit,
            Type::Opaque => Ty::Opaque,
            Type::Array(of, len) => Ty::Array(boxed(&of), len),
            Type::Slice(of) => Ty::Slice(boxed(&of)),
            Type::Vec(of) => Ty::Vec(boxed(&of)),
            Type::Seq(_) | Type::Fields(_) => Ty::Unknown,
            Type::Tuple(of) => Ty::Tuple(of.iter().map(|ty| self.to_ir(ty)).collect()),
            // A reference to a constant is one.
            Type::Ref { mutable, to } => match self.to_ir(&to) {
                Ty::Opaque => Ty::Opaque,
                to => Ty::Ref { mutable, to: Box::new(to) },
            },
        }
    }
}

/// What one run of lowering learnt of a type, for the next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    Float,
    Lent,
    Exact(Type),
    Array(Box<Option<Known>>, String),
    Slice(Box<Option<Known>>),
    Vec(Box<Option<Known>>),
    Seq(Box<Option<Known>>),
    Tuple(Vec<Option<Known>>),
    Fields(Vec<Option<Known>>),
    Ref(bool, Box<Option<Known>>),
}

/// Reads a type of the user's. Everything that holds nothing the compiler follows is opaque.
pub(crate) fn lower_type(types: &Types, ty: &syn::Type) -> Type {
    let lowered = lower_inner(types, ty);
    if follows(types, &lowered) { lowered } else { Type::Opaque }
}

/// Whether anything in `ty` is a number, boolean or not known yet.
fn follows(types: &Types, ty: &Type) -> bool {
    match types.resolve(ty) {
        Type::Float(_) | Type::Int | Type::Bool | Type::Var(_) | Type::Unit => true,
        Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) => follows(types, &of),
        Type::Tuple(of) | Type::Fields(of) => of.iter().any(|ty| follows(types, ty)),
        Type::Ref { to, .. } => follows(types, &to),
        Type::Opaque => false,
    }
}

fn lower_inner(types: &Types, ty: &syn::Type) -> Type {
    match ty {
        syn::Type::Group(group) => lower_inner(types, &group.elem),
        syn::Type::Paren(paren) => lower_inner(types, &paren.elem),
        syn::Type::Reference(reference) => {
            Type::reference(reference.mutability.is_some(), lower_inner(types, &reference.elem))
        }
        syn::Type::Array(array) => {
            Type::Array(Box::new(lower_inner(types, &array.elem)), array.len.to_token_stream().to_string())
        }
        syn::Type::Slice(slice) => Type::slice(lower_inner(types, &slice.elem)),
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Type::Unit,
        syn::Type::Tuple(tuple) => Type::Tuple(tuple.elems.iter().map(|ty| lower_inner(types, ty)).collect()),
        syn::Type::Infer(_) => types.fresh(Origin::Constant),
        syn::Type::Path(path) => lower_path_type(types, path),
        _ => Type::Opaque,
    }
}

fn lower_path_type(types: &Types, path: &syn::TypePath) -> Type {
    if path.qself.is_some() {
        return Type::Opaque;
    }
    let Some(last) = path.path.segments.last() else { return Type::Opaque };
    // `core::primitive::f64`, `std::vec::Vec<f64>`: a path to the same thing.
    let prefix: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let standard = prefix.len() == 1 || matches!(prefix[0].as_str(), "std" | "core" | "alloc");
    if !standard {
        return Type::Opaque;
    }
    let name = last.ident.to_string();
    match (name.as_str(), &last.arguments) {
        ("f64", syn::PathArguments::None) => Type::F64,
        ("f32", syn::PathArguments::None) => Type::Float(Float::F32),
        ("bool", syn::PathArguments::None) => Type::Bool,
        (name, syn::PathArguments::None) if is_int_name(name) => Type::Int,
        ("Vec", syn::PathArguments::AngleBracketed(arguments)) => match arguments.args.first() {
            Some(syn::GenericArgument::Type(of)) => Type::vec(lower_inner(types, of)),
            _ => Type::Opaque,
        },
        _ => Type::Opaque,
    }
}

/// Whether `name` is that of a primitive integer type.
pub(crate) fn is_int_name(name: &str) -> bool {
    matches!(
        name,
        "usize" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128"
    )
}
