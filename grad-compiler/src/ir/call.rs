//! A call of an annotated function: as it is, and what becomes of it in derivatives.

use super::{Code, Operand, Place, Proj, Value, Var};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// A call of an annotated function.
#[derive(Clone, Debug)]
pub struct Call {
    pub callee: Callee,
    pub args: Vec<Arg>,
    /// What is done with what the callee returns, a `Result` or an `Option`, until there is a result: `?`, `.unwrap()`,
    /// `.ok_or(e)?`. The same with a pullback or a tangent beside the result.
    pub suffix: Option<Code>,
    /// The arm that it is the first to do something in was chosen because this call does not fail: it is made where the
    /// branch selects.
    pub selects: bool,
    /// Scalar, memory or unknown type; `None` where the result is `()` or not used.
    pub result: Option<Var>,
    pub span: Span,
}

impl Call {
    /// Whether it changes something that it is given.
    pub fn changes(&self) -> bool {
        self.args.iter().any(|arg| arg.kind.is_changed())
    }
}

impl Place {
    /// Where the paths of two places part, if the one is in what is in front of an index of a sequence and the other in what is
    /// behind it, as `split_at_mut` gives them: so many steps lead to the sequence.
    pub fn parting(&self, other: &Place) -> Option<usize> {
        let at = self.path.iter().zip(&other.path).position(|(one, other)| one != other)?;
        let half = |proj: &Proj| match proj {
            Proj::Slice { from: None, to: Some(at), inclusive: false } => Some((Half::Front, at.clone())),
            Proj::Slice { from: Some(at), to: None, inclusive: false } => Some((Half::Back, at.clone())),
            _ => None,
        };
        let ((one, middle), (other, of_other)) = (half(&self.path[at])?, half(&other.path[at])?);
        (one != other && middle == of_other).then_some(at)
    }

    /// Whether both have one root, and are [apart](Self::parting) there.
    pub fn is_beside(&self, other: &Place) -> bool {
        self.root == other.root && self.parting(other).is_some()
    }
}

/// Half of a sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Front,
    Back,
}

impl Call {
    /// A call of a function that cannot fail.
    pub fn of(callee: Callee, args: Vec<Arg>, result: Option<Var>, span: Span) -> Call {
        Call { callee, args, suffix: None, selects: false, result, span }
    }

    /// The statement is such a call, in whatever form.
    pub fn selecting(stmt: &super::Stmt) -> Option<&Call> {
        use super::Stmt;
        let call = match stmt {
            Stmt::Call(call) => call,
            Stmt::ForwardCall(forward) => &forward.call,
            Stmt::TangentCall(tangent) => &tangent.call,
            _ => return None,
        };
        call.selects.then_some(call)
    }

    /// A method that gives a view of an array, or of what a view looks at, if it is one of an array.
    pub fn lends_part(&self) -> bool {
        let name = self.callee.name();
        matches!(name.as_str(), "column" | "diag" | "insert_axis" | "row" | "slice" | "t")
            && matches!(self.callee, Callee::Method(_))
    }

    /// May leave the function that calls.
    pub fn leaves(&self) -> bool {
        self.suffix.as_ref().is_some_and(|suffix| suffix.leaves)
    }
}

/// What is called: it says where the derivatives are.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A function by the user's path, `m::helper`: the type of this path bears its derivatives.
    Function(TokenStream),
    /// A function of a type, `V::dot`: the type has a constant that leads to them.
    Associated(TokenStream),
    /// A method of the first argument, by its name, with its generic arguments: that has a method that leads to them.
    Method(TokenStream),
    /// A parameter that is a function, the first argument, by the method that calls it: its bound leads to them.
    Parameter(TokenStream),
    /// An operator, by the name of its trait and by its function, or what a library makes of values, by the name that the runtime has
    /// for it: the types of the arguments lead to them.
    Operator { of_trait: &'static str, written: TokenStream },
}

impl Callee {
    /// As it is written.
    pub fn tokens(&self) -> &TokenStream {
        match self {
            Callee::Function(written)
            | Callee::Associated(written)
            | Callee::Method(written)
            | Callee::Parameter(written)
            | Callee::Operator { written, .. } => written,
        }
    }

    /// The last word of it.
    pub fn name(&self) -> String {
        let text = self.tokens().to_string();
        let path = text.split('<').next().unwrap_or_default().trim_end_matches([':', ' ']);
        path.rsplit("::").next().unwrap_or_default().trim().to_owned()
    }

    /// The function of a function that a path names: `grad` of `m::f::grad`.
    pub fn of_function(&self) -> Option<Ident> {
        let Callee::Function(path) = self else { return None };
        let path: Vec<TokenTree> = path.clone().into_iter().collect();
        match &path[..] {
            [.., TokenTree::Punct(before), TokenTree::Ident(last)] if before.as_char() == ':' => {
                Some(last.clone())
            }
            _ => None,
        }
    }

    /// It is the gradient of a function.
    pub fn is_gradient(&self) -> bool {
        self.of_function().is_some_and(|name| name == "grad")
    }
}

#[derive(Clone, Debug)]
pub struct Arg {
    pub kind: ArgKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ArgKind {
    /// A scalar by value.
    Scalar(Operand),
    /// `&x` of a scalar value.
    ScalarRef(Operand),
    /// `&mut x` of a scalar value: its value before and after.
    ScalarMut { before: Operand, after: Var },
    /// Memory or a part of it: by its own name, or behind a reference, a view, a parameter. How it is passed says what the
    /// callee may do with it; where its cotangent is, the place alone says.
    Memory { place: Place, passed: Passed },
    /// What was [kept](super::Init::Keep) of a [`Lent`](Passed::Lent) argument. In a [`ReverseCall`] only.
    Kept(Var),
    /// A constant the compiler does not look into. `exclusive`: `&mut` of one. `checked`: its type has to say that nothing
    /// can be put into it.
    Code { code: Code, exclusive: bool, checked: bool },
}

impl ArgKind {
    /// The callee may write it, as far as its form tells.
    pub fn is_changed(&self) -> bool {
        match self {
            ArgKind::ScalarMut { .. } => true,
            ArgKind::Memory { passed, .. } => passed.writes(),
            ArgKind::Code { exclusive, .. } => *exclusive,
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Kept(_) => false,
        }
    }

    /// The callee cannot write it, whatever its form.
    pub fn is_unchanged(&self) -> bool {
        match self {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) => true,
            ArgKind::Memory { passed, .. } => !passed.writes(),
            // Of what was kept, it is not known how it was lent.
            ArgKind::ScalarMut { .. } | ArgKind::Kept(_) | ArgKind::Code { .. } => false,
        }
    }

    /// A pullback takes it again; in place of what was lent exclusively or moved it takes nothing.
    pub fn is_passed_again(&self) -> bool {
        match self {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Kept(_) => true,
            ArgKind::Memory { passed, .. } => passed.is_passed_again(),
            ArgKind::ScalarMut { .. } => false,
            ArgKind::Code { exclusive, .. } => !exclusive,
        }
    }
}

/// How memory is passed to a callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// An aggregate by value: moved, or copied from wherever it is.
    Moved,
    /// `&x`, `&x[a..b]`, a reference parameter passed on. Where the place itself is a reference variable or a view, that
    /// reference.
    Shared,
    /// `&mut x`, `&mut x[a..b]`.
    Exclusive,
    /// A `&mut` reference passed on by its name: the callee's parameter may be `&mut` or `&`, rustc knows. In a
    /// [`ReverseCall`]: what it refers to, as it was left by the callee, for the case that that is what it found.
    Lent,
}

impl Passed {
    /// The callee may write it.
    pub fn writes(self) -> bool {
        match self {
            Passed::Exclusive | Passed::Lent => true,
            Passed::Moved | Passed::Shared => false,
        }
    }

    /// A pullback takes it again; in place of the others it takes nothing.
    pub fn is_passed_again(self) -> bool {
        match self {
            Passed::Shared | Passed::Lent => true,
            Passed::Moved | Passed::Exclusive => false,
        }
    }
}

impl Call {
    /// Whether a place is that of an argument that the callee does not change.
    pub fn is_unchanged(&self, place: &Place) -> bool {
        self.args.iter().any(|arg| {
            matches!(&arg.kind, ArgKind::Memory { place: of, .. } if std::ptr::eq(of, place))
                && arg.kind.is_unchanged()
        })
    }
}

/// Calls the callee's forward sweep: value and pullback.
#[derive(Clone, Debug)]
pub struct ForwardCall {
    pub call: Call,
    /// One entry per argument: whether a cotangent is wanted.
    pub active: Vec<bool>,
    pub pullback: Var,
    /// In a higher derivative: the tangents that go with it, one of each list that the derivative has.
    pub tangents: Vec<CallTangents>,
}

/// The tangents of a call: of its arguments and of its result.
#[derive(Clone, Debug)]
pub struct CallTangents {
    /// One entry per argument, each in the form of its argument; `None` where it is a constant.
    pub args: Vec<Option<Arg>>,
    /// The tangent of the result, where it is used.
    pub result: Option<Var>,
}

/// Calls the callee in forward mode: its value and the tangents of it.
#[derive(Clone, Debug)]
pub struct TangentCall {
    pub call: Call,
    /// One; in a higher derivative, one of each list that the derivative has.
    pub tangents: Vec<CallTangents>,
}

/// Calls the pullback.
#[derive(Clone, Debug)]
pub struct ReverseCall {
    pub pullback: Var,
    /// The arguments again, in order. `Exclusive`, `ScalarMut` and `Moved` ones are gone.
    pub args: Vec<Arg>,
    /// The cotangent of the result; `None` where the callee returns nothing, or nothing that is used.
    pub seed: Option<Value>,
    /// Where the cotangent of each argument goes.
    pub cotangents: Vec<Cotangent>,
    pub span: Span,
    /// The pullback is that of a value and its gradient, of which the gradient alone is used: the seed is that of the gradient.
    pub of_gradient: bool,
    /// In a higher derivative: the tangents that go with it, one of each list that the derivative has.
    pub tangents: Vec<ReverseTangents>,
}

impl ReverseCall {
    /// The arguments, and their tangents.
    pub fn all_args(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().chain(self.tangents.iter().flat_map(|list| list.args.iter().flatten()))
    }

    /// Whether a place is that of the cotangent of an argument that the callee does not change.
    pub fn is_slot_of_unchanged(&self, place: &Place) -> bool {
        let lists =
            std::iter::once(&self.cotangents).chain(self.tangents.iter().map(|list| &list.cotangents));
        lists.flat_map(|list| list.iter().zip(&self.args)).any(|(slot, arg)| {
            matches!(slot, Cotangent::Slot(slot) if std::ptr::eq(slot, place)) && arg.kind.is_unchanged()
        })
    }

    /// The seed, and its tangents.
    pub fn all_seeds(&self) -> impl Iterator<Item = &Value> {
        self.seed.iter().chain(self.tangents.iter().filter_map(|list| list.seed.as_ref()))
    }

    /// The cotangents, and their tangents.
    pub fn all_cotangents(&self) -> impl Iterator<Item = &Cotangent> {
        self.cotangents.iter().chain(self.tangents.iter().flat_map(|list| &list.cotangents))
    }
}

/// The tangents of a [`ReverseCall`].
#[derive(Clone, Debug)]
pub struct ReverseTangents {
    /// Of the arguments that are passed again.
    pub args: Vec<Option<Arg>>,
    pub seed: Option<Value>,
    /// Where the tangent of the cotangent of each argument goes.
    pub cotangents: Vec<Cotangent>,
}

/// Where the cotangent of one argument of a [`ReverseCall`] goes.
#[derive(Clone, Debug)]
pub enum Cotangent {
    /// Not wanted.
    None,
    /// A scalar argument: its cotangent is a new value.
    Value(Var),
    /// An aggregate: added into the place. In-out for `&mut` arguments.
    Slot(Place),
    /// A `&mut` scalar: the cotangent after the call goes in, that before it comes out.
    InOut { after: Operand, before: Var },
}
