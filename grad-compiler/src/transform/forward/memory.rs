//! The tangents of new memory, and of what is put into it.

use super::Cx;
use crate::fault::planted;
use crate::ir::{Elem, Float, Init, Lit, Operand, Place, Proj, Stmt, Ty, Value, Var};
use crate::transform::Width;

impl Cx<'_> {
    /// The tangent of an element of an aggregate of which other elements may be active.
    pub(super) fn elem(&mut self, elem: &Elem, ty: Option<&Ty>) -> Elem {
        match elem {
            Elem::Scalar(operand) => {
                // A constant of a type that only rustc knows holds floats where the aggregate has them.
                let is_constant = match operand {
                    Operand::Var(var) if self.primal.ty(*var).holds_floats() => false,
                    Operand::Var(_) => !ty.is_some_and(Ty::holds_floats),
                    Operand::Lit(_) => ty.is_some_and(|ty| !ty.holds_floats()),
                };
                let dot = self.dot(operand).filter(|_| !is_constant && !planted("forward: element lost"));
                Elem::Scalar(match (dot, operand) {
                    (Some(dot), _) => dot,
                    (None, _) if is_constant => unit(),
                    // It may be a list, a number, or anything: rustc knows what zero is there.
                    (None, Operand::Var(var))
                        if *self.primal.ty(*var) == Ty::Unknown
                            || !self.primal.ty(*var).holds_floats() && !ty.is_some_and(Ty::is_float) =>
                    {
                        return Elem::Memory(self.zeros_like(&(*var).into()).into());
                    }
                    (None, _) => self.zero(ty),
                })
            }
            Elem::Memory(place) => {
                Elem::Memory(match self.dot_place(place).filter(|_| !planted("forward: moved memory lost")) {
                    Some(dot) => dot,
                    None => self.zeros_like(place).into(),
                })
            }
        }
    }

    /// Whether an element has no tangent, and what stands for it depends on a type that only rustc knows: lanes of a number, or
    /// whatever a constant is that is made elsewhere.
    pub(super) fn has_unknown_zero(&self, tuple: Var, elems: &[Elem]) -> bool {
        let Ty::Tuple(of) = self.primal.ty(tuple) else { return false };
        let is_unknown = |(elem, ty): (&Elem, &Ty)| {
            let Elem::Scalar(operand) = elem else { return false };
            let is_unknown = match ty {
                Ty::Float(Float::Inferred) => self.width == Width::Lanes,
                Ty::Opaque => operand.var().is_some(),
                _ => false,
            };
            is_unknown && self.dot(operand).is_none()
        };
        elems.iter().zip(of).any(is_unknown)
    }

    /// The tangents of a tuple, one after the other: what stands for the zeros among them cannot be written, and the tuple
    /// itself has the type.
    pub(super) fn tuple_like(&mut self, tuple: Var, elems: &[Elem], stmt: &Stmt) {
        let members: Vec<Proj> = (0..elems.len()).map(Proj::Field).collect();
        self.parts_like(tuple, &members, elems, stmt);
    }

    /// The tangents of the parts of new memory, one after the other, into zeros of its shape: the memory has a type that
    /// its tangent is not written in.
    pub(super) fn parts_like(&mut self, whole: Var, members: &[Proj], elems: &[Elem], stmt: &Stmt) {
        // What is moved into it is not there afterwards; its tangent is.
        self.push(stmt.clone());
        let init = self.zeros(whole.into());
        let root = self.new_dot(whole, self.primal.ty(whole).clone());
        self.set_root(whole, root);
        self.push(Stmt::Alloc { var: root, init });
        for (member, elem) in members.iter().zip(elems) {
            let place = Place { root, path: vec![member.clone()] };
            match elem {
                Elem::Scalar(operand) => {
                    if let Some(value) = self.dot(operand) {
                        self.push(Stmt::Store { place, value });
                    }
                }
                Elem::Memory(of) => {
                    if let Some(dot) = self.dot_place(of) {
                        self.push(Stmt::Assign { place, init: Init::Move(dot) });
                    }
                }
            }
        }
    }

    /// New memory of zeros in the shape of a place.
    pub(super) fn zeros_like(&mut self, place: &Place) -> Var {
        let is_whole = place.path.is_empty();
        let ty = if is_whole { self.primal.ty(place.root).peeled().clone() } else { Ty::Unknown };
        let zeros = self.new_dot(place.root, ty);
        let init = self.zeros(place.clone());
        self.push(Stmt::Alloc { var: zeros, init });
        zeros
    }

    /// The tangent of a value of any shape.
    pub(super) fn value(&mut self, value: &Value, ty: &Ty) -> Value {
        match value {
            Value::Unit => Value::Unit,
            Value::Scalar(operand) => match self.elem(&Elem::Scalar(operand.clone()), Some(ty)) {
                Elem::Scalar(dot) => Value::Scalar(dot),
                Elem::Memory(place) => Value::Memory(place),
            },
            Value::Memory(place) => match self.elem(&Elem::Memory(place.clone()), Some(ty)) {
                Elem::Scalar(dot) => Value::Scalar(dot),
                Elem::Memory(place) => Value::Memory(place),
            },
            Value::Tuple(values) => {
                let of = |k| match ty {
                    Ty::Tuple(of) => of.get(k).unwrap_or(&Ty::Unknown),
                    _ => &Ty::Unknown,
                };
                Value::Tuple(values.iter().enumerate().map(|(k, value)| self.value(value, of(k))).collect())
            }
        }
    }

    /// The tangent of new memory; `None` where it is zero in the shape of that memory.
    pub(super) fn init(&mut self, init: &Init, ty: &Ty) -> Option<Init> {
        let of = element(ty);
        let of = of.as_ref();
        Some(match init {
            Init::Array(elems) => Init::Array(self.elems(elems, |_| of)),
            Init::Vec(elems) => Init::Vec(self.elems(elems, |_| of)),
            Init::Tuple(elems) => Init::Tuple(self.elems(elems, |k| match ty.peeled() {
                Ty::Tuple(of) => of.get(k),
                _ => None,
            })),
            Init::Record { .. } => unreachable!("a literal of a type of the user's is memory of its own"),
            Init::ArrayRepeat { value, len } => {
                Init::ArrayRepeat { value: self.elem(value, of), len: len.clone() }
            }
            Init::VecRepeat { value, len } => {
                Init::VecRepeat { value: self.elem(value, of), len: len.clone() }
            }
            Init::Buffer { value, len, on_stack } => {
                Init::Buffer { value: self.elem(value, of), len: len.clone(), on_stack: *on_stack }
            }
            Init::Empty { capacity } => Init::Empty { capacity: capacity.clone() },
            Init::Move(place) => Init::Move(self.dot_place(place)?),
            Init::Clone(place) => Init::Clone(self.dot_place(place)?),
            Init::ToVec(place) => Init::ToVec(self.dot_place(place)?),
            Init::Refill { of, spare } => {
                let of = self.dot_place(of)?;
                match self.roots.get(spare) {
                    Some(spare) => Init::Refill { of, spare: *spare },
                    None => Init::Clone(of),
                }
            }
            Init::Keep(place) => Init::Keep(self.dot_place(place)?),
            Init::Again(place) => Init::Again(self.dot_place(place)?),
            Init::ZerosLike(place) | Init::LanesLike(place) => self.zeros(place.clone()),
            Init::Zeros(ty) if self.width == Width::Lanes => Init::Zeros(ty.lanes()),
            Init::Zeros(ty) => Init::Zeros(ty.clone()),
            Init::Tape(room) => Init::Tape(room.clone()),
            Init::Part(_) => unreachable!("records are made when all tangents are"),
            Init::Code(_) | Init::Point(_) | Init::Pop(_) => return None,
        })
    }

    pub(super) fn elems<'t>(&mut self, elems: &[Elem], ty: impl Fn(usize) -> Option<&'t Ty>) -> Vec<Elem> {
        elems.iter().enumerate().map(|(k, elem)| self.elem(elem, ty(k))).collect()
    }

    /// The tangent of a part of memory: one without floats, as far as the compiler sees, has none because others have.
    pub(super) fn dot_part(&self, place: &Place) -> Option<Place> {
        let root = self.layout.root[place.root.index()];
        let holds_floats = self.place_ty(place).holds_floats() || !self.primal.ty(root).holds_floats();
        if holds_floats || self.activity.hides_varied(root) { self.dot_place(place) } else { None }
    }

    /// The type of a place, as far as it is known.
    pub(super) fn place_ty(&self, place: &Place) -> Ty {
        let (root, path) = self.layout.resolve(place);
        self.primal.ty(root).part(&path)
    }
}

/// The tangent of what has none, where something must stand.
pub(super) fn unit() -> Operand {
    Operand::Lit(Lit { text: "()".to_owned(), value: 0.0 })
}

/// The type of the elements of memory, where it is known.
pub(super) fn element(ty: &Ty) -> Option<Ty> {
    match ty.peeled() {
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) => Some((**of).clone()),
        _ => None,
    }
}
