//! The language between the passes.
//!
//! A function is a tree of [`Block`]s of [`Stmt`]s over numbered variables. Two kinds of variable:
//!
//! * **values**: scalars (floats, integers, booleans), in static single assignment form. A mutable
//!   scalar of the user becomes one value per assignment; where control flow joins, [`Branch`],
//!   [`For`] and [`While`] have explicit results.
//! * **memory**: arrays, slices, `Vec`s and tuples, changed in place through [`Place`]s. A memory
//!   variable is a *root* (a parameter, an [`Stmt::Alloc`], the result of a call or branch) or a
//!   *view* ([`Stmt::View`]): another name for a part of a root.
//!
//! What is not differentiated through (integer arithmetic, conditions, messages) stays the user's
//! tokens: [`Code`], with the variables it reads. Control flow is structured; early exits are
//! lowered into results and conditions.
//!
//! This module knows no other pass, and no calculus: a [`Prim`] is a name that `rules` explains.

use proc_macro2::{Ident, Span, TokenStream};
use std::collections::BTreeMap;

mod call;
mod code;
mod of_array;
mod operand;
mod parts;
pub mod print;
pub mod verify;
pub mod visit;

pub use call::{
    Arg, ArgKind, Call, CallTangents, Callee, Cotangent, ForwardCall, Passed, ReverseCall, ReverseTangents,
    TangentCall,
};
pub(crate) use code::may_change;
pub use code::{RESERVED, counted_back, placeholder, placeholder_index, replace};
pub use of_array::OfArray;
pub use operand::{Lit, Operand};

/// A variable: index into [`Func::vars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

impl Var {
    /// Index into a table with one entry per variable.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known of a variable.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what is known of a variable, each by itself")]
pub struct VarInfo {
    /// The user's name, or a hint (`sin_x`); the namer makes it unique. Never empty.
    pub name: String,
    pub ty: Ty,
    /// Where the user wrote it, for messages and for the generated code.
    pub span: Span,
    /// The user declared it `mut` (matters for opaque variables and owned memory only).
    pub mutable: bool,
    /// A constant that is a `&mut` reference, or holds some: whoever gets it may change what it refers to.
    pub exclusive: bool,
    /// The tangent or the cotangent of something, which it is called by. Derivative code only.
    pub derivative: bool,
    /// Memory that says how this other one moves, which is no cotangent nor the tangent of one: what is constant there, is.
    /// Derivative code only.
    pub direction_of: Option<Var>,
    /// Memory into which nothing comes that depends on an independent variable: its type need not have tangents.
    pub plain: bool,
    /// A reciprocal to multiply by, which nothing else is done with. Derivative code only.
    pub reciprocal: bool,
    /// What a method or an operator of an array of ndarray gives, in a call of it.
    pub of_array: Option<OfArray>,
}

impl VarInfo {
    /// Of a variable of which nothing else is known.
    pub fn new(name: impl Into<String>, ty: Ty, span: Span) -> VarInfo {
        VarInfo {
            name: name.into(),
            ty,
            span,
            mutable: false,
            exclusive: false,
            derivative: false,
            direction_of: None,
            plain: false,
            reciprocal: false,
            of_array: None,
        }
    }
}

/// A type, as far as the compiler needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Float(Float),
    /// Several tangents of a float, side by side. Derivative code only.
    Lanes(Float),
    /// Any integer type.
    Int,
    Bool,
    Unit,
    /// `[T; N]`: the element type, and the tokens of `N`.
    Array(Box<Ty>, String),
    Slice(Box<Ty>),
    Vec(Box<Ty>),
    Tuple(Vec<Ty>),
    Ref {
        mutable: bool,
        to: Box<Ty>,
    },
    /// What a call to an annotated function left for its reverse sweep. Derivative code only.
    Pullback,
    /// A last-in-first-out store of recorded values of the given type. Derivative code only.
    Tape(Box<Ty>),
    /// A type that holds nothing to differentiate, or is a constant: the compiler does not look inside.
    Opaque,
    /// A type that rustc knows and the compiler does not (the result of a call that is only passed on).
    /// Treated as memory that may hold floats.
    Unknown,
}

/// Which float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    F32,
    F64,
    /// A type parameter of the function that stands for either: its place in [`Func::scalars`].
    Param(u32),
    /// One of these: rustc knows.
    Inferred,
}

impl Ty {
    /// Looks through references.
    pub fn peeled(&self) -> &Ty {
        match self {
            Ty::Ref { to, .. } => to.peeled(),
            ty => ty,
        }
    }

    pub fn is_float(&self) -> bool {
        matches!(self, Ty::Float(_))
    }

    /// The type of several tangents side by side: lanes in the place of every float.
    #[must_use]
    pub fn lanes(&self) -> Ty {
        let of = |ty: &Ty| Box::new(ty.lanes());
        match self {
            Ty::Float(float) => Ty::Lanes(*float),
            Ty::Array(ty, len) => Ty::Array(of(ty), len.clone()),
            Ty::Slice(ty) => Ty::Slice(of(ty)),
            Ty::Vec(ty) => Ty::Vec(of(ty)),
            Ty::Tape(ty) => Ty::Tape(of(ty)),
            Ty::Tuple(tys) => Ty::Tuple(tys.iter().map(Ty::lanes).collect()),
            Ty::Ref { mutable, to } => Ty::Ref { mutable: *mutable, to: of(to) },
            ty => ty.clone(),
        }
    }

    /// Held in static single assignment form: a float, an integer, a boolean, an opaque local.
    pub fn is_value(&self) -> bool {
        matches!(
            self,
            Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit | Ty::Opaque | Ty::Pullback
        )
    }

    /// Memory that may hold floats.
    pub fn is_memory(&self) -> bool {
        match self {
            Ty::Array(..) | Ty::Slice(_) | Ty::Vec(_) | Ty::Tuple(_) | Ty::Unknown | Ty::Tape(_) => true,
            Ty::Ref { .. } => true,
            Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit | Ty::Opaque | Ty::Pullback => false,
        }
    }

    /// Whether a float may be found anywhere in it: only such variables can be active.
    pub fn holds_floats(&self) -> bool {
        match self {
            Ty::Float(_) | Ty::Lanes(_) | Ty::Unknown => true,
            Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => of.holds_floats(),
            Ty::Tuple(of) => of.iter().any(Ty::holds_floats),
            Ty::Ref { to, .. } => to.holds_floats(),
            Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback | Ty::Opaque => false,
        }
    }
}

/// The user's function, or a derivative of it.
#[derive(Clone, Debug)]
pub struct Func {
    pub name: String,
    pub params: Vec<Param>,
    pub vars: Vec<VarInfo>,
    pub body: Block,
    /// What the function returns.
    pub result: Value,
    pub result_ty: Ty,
    /// The type parameters that stand for floats, as the user calls them.
    pub scalars: Vec<Ident>,
    /// Items that stand for closures which are passed to functions.
    pub items: Vec<TokenStream>,
    /// What stands for functions that are passed.
    pub functions: BTreeMap<Var, StandsFor>,
}

impl Func {
    /// One that does nothing yet.
    pub fn empty(name: &str, result_ty: Ty) -> Func {
        Func {
            name: name.to_owned(),
            params: Vec::new(),
            vars: Vec::new(),
            body: Block::default(),
            result: Value::Unit,
            result_ty,
            scalars: Vec::new(),
            items: Vec::new(),
            functions: BTreeMap::new(),
        }
    }

    /// There are numbers of which only a trait is known.
    pub fn is_generic(&self) -> bool {
        !self.scalars.is_empty()
    }

    pub fn ty(&self, var: Var) -> &Ty {
        &self.vars[var.index()].ty
    }

    /// Whether an operand may be a float: the type of a place that takes it may be known to rustc only.
    pub fn may_be_float(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(var) => self.ty(*var).holds_floats(),
            Operand::Lit(lit) => !lit.is_constant(),
        }
    }

    pub fn new_var(&mut self, name: impl Into<String>, ty: Ty, span: Span) -> Var {
        let var = Var(u32::try_from(self.vars.len()).expect("fewer than 2³² variables"));
        self.vars.push(VarInfo::new(name, ty, span));
        var
    }

    /// The variable of a tangent or a cotangent.
    pub fn new_derivative(&mut self, name: String, ty: Ty, span: Span) -> Var {
        let var = self.new_var(name, ty, span);
        self.vars[var.index()].derivative = true;
        var
    }
}

/// A parameter. `&f64` and `&mut f64` are memory of type `Ref(Float)`, read and written through
/// a place with the one projection [`Proj::Deref`]; `f64` is a value; arrays, `Vec`s and tuples, owned
/// or behind references, are memory; everything else is opaque.
#[derive(Clone, Debug)]
pub struct Param {
    pub var: Var,
    /// Differentiated with respect to.
    pub wrt: bool,
    /// A shared reference: reading it leaves it there.
    pub shared: bool,
    /// What the compiler does not look into, a part of its type, may hold floats.
    pub hides: bool,
    /// Position in the user's signature (for the emitter, which has the signature's tokens).
    pub position: usize,
}

impl Param {
    /// Differentiated with respect to, of a type that is known.
    pub fn independent(var: Var, position: usize) -> Param {
        Param { var, wrt: true, shared: false, hides: false, position }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Block {
    pub stmts: Vec<Stmt>,
}

/// A primitive: the name of a row of the rule table (`add`, `sin`, `max`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prim(pub &'static str);

/// The user's tokens, with every local variable replaced by a placeholder identifier
/// ([`placeholder`]); the emitter puts the variable's generated name there.
#[expect(clippy::struct_excessive_bools, reason = "what is known of tokens, each by itself")]
#[derive(Clone, Debug)]
pub struct Code {
    pub tokens: TokenStream,
    /// Every variable that has a placeholder in `tokens`, each once, in order of appearance.
    pub reads: Vec<Var>,
    /// May be evaluated again instead of recorded: arithmetic, comparisons, casts of scalars, constants.
    /// No calls of unknown functions, no panics other than those of arithmetic.
    pub cheap: bool,
    /// May leave the function: there is a `return` or a `?` in it.
    pub leaves: bool,
    /// The user says that it is a constant, whatever it reads: `grad::constant(x)`.
    pub stops: bool,
    /// A call or an assignment of the user's for its effect: it may put what it reads where the compiler does not see
    /// it, in a `Cell`, a map, a field.
    pub acts: bool,
    /// What it gives is no reference into what it reads, and holds none.
    pub owned: bool,
    /// It gives the same again where it reads the same, as far as one can see.
    pub steady: bool,
    /// The constants that are others afterwards, as far as one can see: assigned to, lent to be changed, or with methods that
    /// may change them.
    pub changes: Vec<Var>,
    /// A question of derivative code, whether a derivative flows: what is not 0 then, cotangents and, in a derivative of that,
    /// their tangents.
    pub flows: Vec<Var>,
    /// The method of a sequence that it calls, which is followed for constants only.
    pub method: Option<Ident>,
}

/// A part of memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub root: Var,
    pub path: Vec<Proj>,
}

impl From<Var> for Place {
    fn from(root: Var) -> Place {
        Place { root, path: Vec::new() }
    }
}

/// One step from memory to a part of it. References are followed without a step, except for the last
/// step to a scalar behind a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Proj {
    /// `[i]`
    Index(Operand),
    /// `.0`
    Field(usize),
    /// `.name`, of a type of the user's
    Named(String),
    /// What is in an `Option`
    Some,
    /// A field of a variant of an enum of the user's, `Circle.radius`, `Square.0`: where the value is that variant
    Variant(String),
    /// What is in a `Box`, which has tangents of the same form: `*`
    Boxed,
    /// `[a..b]`, `[a..=b]`, either end open
    Slice { from: Option<Operand>, to: Option<Operand>, inclusive: bool },
    /// `*`: the scalar behind a reference
    Deref,
}

impl Proj {
    /// It is a field of a type of one's own, or the variant that has it.
    pub fn is_field(&self) -> bool {
        match self {
            Proj::Named(name) => name != ELEMENTS,
            proj => matches!(proj, Proj::Variant(_)),
        }
    }
}

/// The elements of an array of a library, one behind the other in its order: a step as to a [named](Proj::Named) field, that an index
/// follows.
pub const ELEMENTS: &str = "__grad_elements";

/// The name of a field, as it is written in code.
pub fn field_name(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None => Ident::new(name, span),
    }
}

/// The right-hand side of a [`Stmt::Let`].
#[derive(Clone, Debug)]
pub enum Op {
    /// The same value under another name.
    Copy(Operand),
    /// A primitive of floats (an exponent of `powi` is an integer).
    Prim(Prim, Vec<Operand>),
    /// `as f32`, `as f64`, of a float.
    Cast(Operand, Float),
    /// A scalar read from memory (float, integer, boolean).
    Load(Place),
    /// `.len()` of memory.
    Len(Place),
    /// Anything inactive.
    Code(Code),
    /// Takes the last element of a tape or `Vec`. Derivative code only.
    Pop(Var),
}

/// A value of any shape, as a tree: what a function returns, what a branch yields.
#[derive(Clone, Debug)]
pub enum Value {
    Unit,
    Scalar(Operand),
    /// Memory, moved (or copied, where the type is `Copy`).
    Memory(Place),
    Tuple(Vec<Value>),
}

/// An element of an aggregate under construction.
#[derive(Clone, Debug)]
pub enum Elem {
    Scalar(Operand),
    /// Moved, or copied where the type is `Copy`.
    Memory(Place),
}

/// How new memory comes to be.
#[derive(Clone, Debug)]
pub enum Init {
    /// `[a, b, c]`
    Array(Vec<Elem>),
    /// `vec![a, b, c]`
    Vec(Vec<Elem>),
    /// `(a, b)`
    Tuple(Vec<Elem>),
    /// `Path { name: a, 0: b }`: a literal of a type of the user's, in memory of its own
    Record { path: TokenStream, members: Vec<Proj>, elems: Vec<Elem> },
    /// `[a; N]`: N as tokens of a constant
    ArrayRepeat { value: Elem, len: Code },
    /// `vec![a; n]`
    VecRepeat { value: Elem, len: Operand },
    /// `vec![a; n]` of numbers that are recorded: where both sweeps are in one scope, few of them have room on the stack.
    /// Derivative code only.
    Buffer { value: Elem, len: Operand, on_stack: bool },
    /// `Vec::new()`, `Vec::with_capacity(n)`
    Empty { capacity: Option<Operand> },
    /// `let b = a;`: a move, or a copy where the type is `Copy`.
    Move(Place),
    /// `a.clone()`
    Clone(Place),
    /// `a.to_vec()`
    ToVec(Place),
    /// A copy of what is in the place, `Vec` or slice, in a `Vec` that is not needed any more, if the tape `spare` has one.
    /// Derivative code only.
    Refill { of: Place, spare: Var },
    /// A copy of a [lent](Passed::Lent) argument if the callee's parameter is `&`, nothing otherwise. Derivative code
    /// only.
    Keep(Place),
    /// What the pullback takes for an argument that was passed by value, of a type that only rustc knows: the number, or
    /// nothing. Derivative code only.
    Again(Place),
    /// An inactive aggregate from an expression the compiler does not look into.
    Code(Code),
    /// The same, of a type of the user's, one with tangents: differentiated values will be put into it.
    Point(Code),
    /// Zeros in the shape of the place: the cotangent of it. Derivative code only.
    ZerosLike(Place),
    /// Lanes in the shape of the place, without a tangent in any. Derivative code only.
    LanesLike(Place),
    /// Zeros of a type whose shape is in the type. Derivative code only.
    Zeros(Ty),
    /// An empty tape. Derivative code only.
    Tape(Room),
    /// The last element of a tape or `Vec` of aggregates or pullbacks, taken out. Derivative code only.
    Pop(Var),
    /// What is in one place of a record, by value: nobody asks for it there afterwards. Derivative code only.
    Part(Place),
}

/// What memory that stands for a function stands for.
#[derive(Clone, Debug)]
pub enum StandsFor {
    /// A closure, or a parameter; of so many inputs.
    Function { inputs: usize },
    /// A function of this path.
    Path(TokenStream),
}

/// How much a tape is for.
#[derive(Clone, Debug)]
pub enum Room {
    /// As much as there will be.
    Any,
    /// One thing at most.
    One,
    /// One thing for each of so many passes, at most.
    For(Operand),
}

/// How a view may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    /// `&x[a..b]`: may be kept in a variable of the generated code.
    Shared,
    /// `&mut x[a..b]`: in the generated code every access is spelt from the root.
    Exclusive,
    /// `let row_bar = &mut x_bar[a..b];`, kept in a variable: nothing else of the root is used while it lives.
    /// Derivative code only.
    Materialized,
    /// The same, but an empty slice where the place does not exist. Derivative code only.
    Row,
}

#[derive(Clone, Debug)]
pub enum Stmt {
    /// A new value.
    Let {
        var: Var,
        op: Op,
    },
    /// A new memory root, owned by the block.
    Alloc {
        var: Var,
        init: Init,
    },
    /// Another name for a place. Its bounds are checked here.
    View {
        var: Var,
        place: Place,
        kind: ViewKind,
    },
    /// Writes a scalar.
    Store {
        place: Place,
        value: Operand,
    },
    /// Writes a whole aggregate: `v = w;`, `rows[i] = [a, b];`
    Assign {
        place: Place,
        init: Init,
    },
    /// `v.push(x)`
    Push {
        vec: Place,
        value: Elem,
    },
    /// `a.swap(i, j)`, `mem::swap(&mut a, &mut b)` of scalars or aggregates in memory.
    Swap {
        a: Place,
        b: Place,
    },
    /// `a.fill(v)`
    Fill {
        place: Place,
        value: Operand,
    },
    /// `to.copy_from_slice(from)`
    CopyFrom {
        to: Place,
        from: Place,
    },
    Branch(Branch),
    For(For),
    While(While),
    Call(Call),
    /// A statement of the user's, kept as it is: `println!`, `assert!`, a change of an opaque variable.
    Effect {
        code: Code,
        writes: Vec<Var>,
    },

    // Derivative code only, from here on.
    /// `place += value`
    Accumulate {
        place: Place,
        value: Operand,
    },
    /// `to += from`, for aggregates of one shape.
    AccumulateAll {
        to: Place,
        from: Place,
    },
    /// Sets a scalar or every float of an aggregate to 0, keeping the shape.
    Clear {
        place: Place,
    },
    /// Copies memory of numbers behind what is on a tape of numbers.
    Extend {
        tape: Var,
        from: Place,
    },
    /// Makes a tape `by` elements longer; the new ones hold a placeholder value.
    Grow {
        tape: Var,
        by: Operand,
    },
    /// Makes a tape or `Vec` `len` elements long again.
    Truncate {
        tape: Var,
        len: Operand,
    },
    /// The forward sweep of a call.
    ForwardCall(ForwardCall),
    /// The reverse sweep of a call.
    ReverseCall(ReverseCall),
    /// A call in forward mode.
    TangentCall(TangentCall),
}

/// `if` and `match`.
#[derive(Clone, Debug)]
pub struct Branch {
    pub on: Selector,
    pub arms: Vec<Arm>,
    /// New variables, set by whichever arm runs: `arms[k].yields` are as many.
    pub results: Vec<Var>,
}

impl Branch {
    /// The variables that the patterns of all arms bind.
    pub fn binds(&self) -> impl Iterator<Item = Var> {
        self.arms
            .iter()
            .filter_map(|arm| arm.pattern.as_ref())
            .flat_map(|pattern| pattern.binds.iter().copied())
    }
}

#[derive(Clone, Debug)]
pub enum Selector {
    /// Two arms: true, false.
    If(Operand),
    /// One arm per pattern, with the user's scrutinee.
    Match(Code),
    /// An arm number: arm k runs for value k, the last for all others.
    Tag(Operand),
}

#[derive(Clone, Debug)]
pub struct Arm {
    /// For [`Selector::Match`]: the pattern and guard as tokens, placeholders in them for the
    /// variables they bind and read.
    pub pattern: Option<Pattern>,
    pub block: Block,
    pub yields: Vec<Elem>,
}

/// `pattern if guard`, with the variables it binds: values of the type `Int`, `Bool` or `Opaque`, or inactive
/// floats.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub tokens: TokenStream,
    pub guard: Option<Code>,
    pub binds: Vec<Var>,
}

/// A counted loop: `index` runs over `lo..hi`, or backwards.
#[derive(Clone, Debug)]
pub struct For {
    pub index: Var,
    pub lo: Operand,
    pub hi: Operand,
    pub inclusive: bool,
    pub reversed: bool,
    pub carried: Vec<Carried>,
    pub body: Block,
    /// Evaluated after the body: true leaves the loop (a `break`).
    pub until: Option<Operand>,
}

/// A value that goes from one pass of a loop to the next.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Its name inside the loop, at the start of a pass.
    pub param: Var,
    /// Its value before the first pass.
    pub init: Operand,
    /// Its value at the end of a pass.
    pub next: Operand,
    /// Its name after the loop.
    pub result: Var,
}

/// `loop { condition…; if !test { break } body…; if until { break } }`
#[derive(Clone, Debug)]
pub struct While {
    pub carried: Vec<Carried>,
    pub condition: Block,
    pub test: Operand,
    pub body: Block,
    pub until: Option<Operand>,
}
