//! Which type has this?
//!
//! Local inference over a small lattice. A literal, the result of a call, an inactive expression may have a
//! type that only a later use tells: it starts as a type variable. What no use tells stays unknown; rustc
//! knows it.

pub(crate) use super::annotation::{lower_followed, lower_type, lower_typed};
pub(crate) use super::origin::Origin;
use crate::ir::{Float, Ty};
use crate::matrix::{Form, geometry};
use crate::neighbours::Neighbours;
pub(crate) use crate::shape::is_int_name;
use quote::ToTokens;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

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
    /// `Option<T>` of something that is followed.
    Option(Box<Type>),
    /// A sequence: it was indexed or iterated over, and only rustc knows what it is.
    Seq(Box<Type>),
    Tuple(Vec<Type>),
    /// Something with at least these fields: `.1` was read from it.
    Fields(Vec<Type>),
    /// A type of the user's: its fields are in a table, and get more by use.
    Record(Record),
    /// A matrix of another library, of these floats.
    Matrix(Box<Type>, Form),
    Ref {
        mutable: bool,
        to: Box<Type>,
    },
    Opaque,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeVar(pub(super) u32);

/// A type of the user's, in this function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record(pub(super) u32);

/// What is known of a type of the user's.
#[derive(Clone, Debug)]
pub(super) enum Fields {
    /// At least these: `.name` was read from it.
    Of(Vec<(String, Type)>),
    /// It is another one.
    Same(Record),
    /// An alias: of an array, a slice, a `Vec`.
    Is(Type),
}

#[derive(Clone, Debug)]
pub(super) enum State {
    Free(Origin),
    Bound(Type),
}

/// The table of type variables.
#[derive(Debug, Default)]
pub(crate) struct Types {
    pub(super) vars: RefCell<Vec<State>>,
    pub(super) records: RefCell<Vec<Fields>>,
    /// Types of the user's, by their spelling: what is learnt of one is known wherever it is named.
    pub(super) named: RefCell<BTreeMap<String, Record>>,
    /// Those that are being written down.
    pub(super) within: RefCell<Vec<Record>>,
    /// What other functions of a block tell of them.
    pub(super) neighbours: Rc<Neighbours>,
    /// There are matrices.
    matrices: Cell<bool>,
    /// The path of the facade.
    pub(super) krate: proc_macro2::TokenStream,
    /// The type parameters that stand for floats.
    pub(super) scalars: Vec<proc_macro2::Ident>,
    /// The traits that say so, by the names that the function calls them.
    pub(super) bounds: Vec<String>,
    /// Those of them with the bound of grad, whose conversions give numbers, and no `Option`s.
    pub(super) scalars_of_grad: Vec<u32>,
}

impl Type {
    pub(crate) const F64: Type = Type::Float(Float::F64);

    pub(crate) fn slice(of: Type) -> Type {
        Type::Slice(Box::new(of))
    }

    pub(crate) fn vec(of: Type) -> Type {
        Type::Vec(Box::new(of))
    }

    pub(crate) fn option(of: Type) -> Type {
        Type::Option(Box::new(of))
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
        loop {
            let next = match ty {
                Type::Var(var) => match &self.vars.borrow()[var.0 as usize] {
                    State::Free(_) => None,
                    State::Bound(bound) => Some(bound.clone()),
                },
                Type::Record(record) => match &self.records.borrow()[self.fields_of(record).0.0 as usize] {
                    Fields::Is(ty) => Some(ty.clone()),
                    Fields::Of(_) | Fields::Same(_) => None,
                },
                _ => None,
            };
            match next {
                Some(next) => ty = next,
                None => return ty,
            }
        }
    }

    pub(super) fn origin(&self, var: TypeVar) -> Origin {
        match &self.vars.borrow()[var.0 as usize] {
            State::Free(origin) => *origin,
            State::Bound(_) => Origin::Constant,
        }
    }

    pub(super) fn bind(&self, var: TypeVar, ty: Type) {
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
            Type::Array(of, _)
            | Type::Slice(of)
            | Type::Vec(of)
            | Type::Seq(of)
            | Type::Option(of)
            | Type::Matrix(of, _) => self.occurs(var, &of),
            Type::Tuple(of) | Type::Fields(of) => of.iter().any(|ty| self.occurs(var, ty)),
            // A type of the user's may hold itself, in a `Vec` or a `Box`.
            Type::Record(_) => false,
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

    /// Whether a value of this type is copied by being read.
    pub(crate) fn is_copy(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Array(of, _) | Type::Option(of) => self.is_copy(&of),
            Type::Tuple(of) | Type::Fields(of) => of.iter().all(|ty| self.is_copy(ty)),
            Type::Vec(_)
            | Type::Slice(_)
            | Type::Seq(_)
            | Type::Record(_)
            | Type::Matrix(..)
            | Type::Opaque => false,
            Type::Ref { mutable, .. } => !mutable,
            Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Var(_) => true,
        }
    }

    /// Whether nothing of it is left for rustc to find out.
    pub(crate) fn is_known(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(_) => self.is_float(ty),
            Type::Seq(_) | Type::Option(_) | Type::Fields(_) | Type::Record(_) | Type::Matrix(..) => false,
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
            (Type::Record(x), Type::Record(y)) => self.merge(*x, *y),
            // A tuple struct.
            (Type::Fields(of), Type::Record(_)) => self.is_tuple_struct(&holders[0], of, &b),
            (Type::Record(_), Type::Fields(of)) => self.is_tuple_struct(&holders[1], of, &a),
            (Type::Option(x), Type::Option(y)) => self.unify(x, y),
            (Type::Matrix(x, one), Type::Matrix(y, other)) => {
                self.unify(x, y);
                // What is known of one is known of both.
                for (holder, known) in holders.iter().zip([one, other]) {
                    if let Type::Var(var) = holder
                        && *known != known.and(*if known == one { other } else { one })
                    {
                        self.bind(*var, Type::Matrix(x.clone(), one.and(*other)));
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
                | Type::Record(_)
                | Type::Option(_)
                | Type::Matrix(..)
                | Type::Fields(_),
                _,
            ) => {}
        }
    }

    /// What is of this type is in memory, a constant as well.
    pub(crate) fn is_memory(&self, ty: &Type) -> bool {
        match self.resolve(ty) {
            Type::Var(var) => self.origin(var) == Origin::Lent,
            Type::Array(..)
            | Type::Vec(_)
            | Type::Seq(_)
            | Type::Option(_)
            | Type::Tuple(_)
            | Type::Fields(_)
            | Type::Matrix(..)
            | Type::Record(_) => true,
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
            Type::Var(var) if matches!(self.origin(var), Origin::Constant | Origin::Field | Origin::Call) => {
                self.vars.borrow_mut()[var.0 as usize] = State::Free(Origin::Lent);
            }
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) | Type::Option(of) => {
                self.lend(&of);
            }
            Type::Tuple(of) | Type::Fields(of) => of.iter().for_each(|ty| self.lend(ty)),
            Type::Record(_) | Type::Matrix(..) => {}
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
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) | Type::Matrix(of, _) => {
                Some(*of)
            }
            // What has elements, and no fields, is another name for something.
            Type::Record(record) if self.fields_of(record).1.is_empty() => {
                let of = self.fresh(Origin::Call);
                let record = self.fields_of(record).0;
                self.records.borrow_mut()[record.0 as usize] = Fields::Is(Type::Seq(Box::new(of.clone())));
                Some(of)
            }
            Type::Var(var) => {
                let of = self.fresh(self.origin(var));
                self.bind(var, Type::Seq(Box::new(of.clone())));
                Some(of)
            }
            _ => None,
        }
    }

    /// The type of what is in `ty`, if that is (used as) an `Option`.
    pub(crate) fn inside(&self, ty: &Type) -> Option<Type> {
        match self.peel(ty) {
            Type::Option(of) => Some(*of),
            Type::Var(var) if self.origin(var) != Origin::Float => {
                let of = self.fresh(self.origin(var));
                self.bind(var, Type::option(of.clone()));
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
                // A tuple struct.
                Type::Record(_) => return self.named_field(&at, &index.to_string()),
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

    /// What seemed to be a tuple is a type of the user's.
    fn is_tuple_struct(&self, holder: &Type, of: &[Type], record: &Type) {
        for (at, of) in of.iter().enumerate() {
            if let Some(field) = self.named_field(record, &at.to_string()) {
                self.unify(&field, of);
            }
        }
        if let Type::Var(var) = holder {
            self.bind(*var, record.clone());
        }
    }

    /// A type of the user's: what is known of it so far.
    pub(crate) fn record(&self, path: &impl ToTokens) -> Type {
        let name = path.to_token_stream().to_string();
        let known = self.named.borrow().get(&name).copied();
        Type::Record(known.unwrap_or_else(|| {
            let parts = self.neighbours.parts(&name).map(|part| (part.clone(), self.point())).collect();
            let record = self.new_record(parts);
            self.named.borrow_mut().insert(name, record);
            record
        }))
    }

    /// Whether it is a type of the user's that the function names.
    pub(crate) fn is_named(&self, ty: &Type) -> bool {
        let Type::Record(record) = self.resolve(ty) else { return false };
        let of = |record| self.fields_of(record).0;
        self.named.borrow().values().any(|named| of(*named) == of(record))
    }

    /// A matrix of these floats.
    pub(crate) fn matrix(&self, of: Type, form: Form) -> Type {
        self.matrices.set(true);
        Type::Matrix(Box::new(of), form)
    }

    /// Whether the function has to do with matrices.
    pub(crate) fn has_matrices(&self) -> bool {
        self.matrices.get()
    }

    /// What has elements, and is computed with as a whole, is a matrix: arrays and `Vec`s are not.
    pub(crate) fn computed_with(&self, ty: &Type) {
        let mut at = ty.clone();
        let mut holder = None;
        loop {
            match at {
                Type::Ref { to, .. } => at = *to,
                Type::Var(var) => match &self.vars.borrow()[var.0 as usize] {
                    State::Free(_) => return,
                    State::Bound(bound) => {
                        holder = Some(Type::Var(var));
                        at = bound.clone();
                    }
                },
                Type::Record(record) => {
                    let (record, _) = self.fields_of(record);
                    let Fields::Is(of) = self.records.borrow()[record.0 as usize].clone() else { return };
                    holder = Some(Type::Record(record));
                    at = of;
                }
                Type::Seq(of) => {
                    let matrix = self.matrix(*of, Form::Unknown);
                    match holder {
                        Some(Type::Var(var)) => self.bind(var, matrix),
                        Some(Type::Record(record)) => {
                            self.records.borrow_mut()[record.0 as usize] = Fields::Is(matrix);
                        }
                        _ => {}
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// A type of the user's that is not spelt in the function.
    pub(crate) fn point(&self) -> Type {
        Type::Record(self.new_record(Vec::new()))
    }

    /// Whether the function has to do with types of the user's at all, or with matrices.
    pub(crate) fn has_records(&self) -> bool {
        !self.records.borrow().is_empty() || self.matrices.get()
    }

    pub(super) fn new_record(&self, fields: Vec<(String, Type)>) -> Record {
        let mut records = self.records.borrow_mut();
        records.push(Fields::Of(fields));
        Record(u32::try_from(records.len() - 1).expect("fewer than 2³² types"))
    }

    /// The record that stands for it, and its fields.
    pub(super) fn fields_of(&self, mut record: Record) -> (Record, Vec<(String, Type)>) {
        loop {
            match &self.records.borrow()[record.0 as usize] {
                Fields::Same(other) => record = *other,
                Fields::Of(fields) => return (record, fields.clone()),
                Fields::Is(_) => return (record, Vec::new()),
            }
        }
    }

    /// Of two types that are one, both get the fields of both.
    fn merge(&self, x: Record, y: Record) {
        let ((x, mut all), (y, more)) = (self.fields_of(x), self.fields_of(y));
        if x == y {
            return;
        }
        let mut common = Vec::new();
        for (name, ty) in more {
            match all.iter().find(|(other, _)| *other == name) {
                Some((_, known)) => common.push((known.clone(), ty)),
                None => all.push((name, ty)),
            }
        }
        {
            let mut records = self.records.borrow_mut();
            records[x.0 as usize] = Fields::Of(all);
            records[y.0 as usize] = Fields::Same(x);
        }
        for (one, other) in common {
            self.unify(&one, &other);
        }
    }

    /// Whether it is known to be a type of the user's, not another name for an array or a `Vec`.
    pub(crate) fn has_fields(&self, ty: &Type) -> bool {
        matches!(self.peel(ty), Type::Record(record) if !self.fields_of(record).1.is_empty())
    }

    /// The type of the field of that name, if `ty` is (used as) a type of the user's.
    pub(crate) fn named_field(&self, ty: &Type, name: &str) -> Option<Type> {
        self.has_an_index(ty);
        let record = match self.peel(ty) {
            Type::Record(record) => record,
            // `.x`, `.m12`: an element, where it is not the rotation of an isometry.
            Type::Matrix(of, form) => {
                if form == Form::Glam {
                    return Some(if crate::matrix::glam::is_number(name) {
                        *of
                    } else {
                        Type::Matrix(of, form)
                    });
                }
                return Some(match geometry::field(name) {
                    Some(geometry::Field::Part) => Type::Matrix(of, form),
                    Some(geometry::Field::Read(_) | geometry::Field::Coordinate(_)) | None => *of,
                });
            }
            Type::Var(var) if self.origin(var) != Origin::Float => {
                let record = self.new_record(Vec::new());
                self.bind(var, Type::Record(record));
                record
            }
            _ => return None,
        };
        let (record, mut fields) = self.fields_of(record);
        if let Some((_, ty)) = fields.iter().find(|(other, _)| other == name) {
            return Some(ty.clone());
        }
        let new = self.fresh(Origin::Field);
        fields.push((name.to_string(), new.clone()));
        self.records.borrow_mut()[record.0 as usize] = Fields::Of(fields);
        Some(new)
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

    /// The type in the IR.
    pub(crate) fn to_ir(&self, ty: &Type) -> Ty {
        let boxed = |of: &Type| Box::new(self.to_ir(of));
        match self.resolve(ty) {
            Type::Var(var) => match self.origin(var) {
                Origin::Float => Ty::Float(Float::Inferred),
                Origin::Field | Origin::Call | Origin::Lent => Ty::Unknown,
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
            Type::Seq(_) | Type::Option(_) | Type::Fields(_) | Type::Record(_) | Type::Matrix(..) => {
                Ty::Unknown
            }
            Type::Tuple(of) => Ty::Tuple(of.iter().map(|ty| self.to_ir(ty)).collect()),
            // A reference to a constant is one.
            Type::Ref { mutable, to } => match self.to_ir(&to) {
                Ty::Opaque => Ty::Opaque,
                to => Ty::Ref { mutable, to: Box::new(to) },
            },
        }
    }
}
