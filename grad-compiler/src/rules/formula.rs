//! Formulas: what the rows of the table are written in.
//!
//! An [`Expr`] is a small handle on a node of a [`Formula`], so that a row reads as on paper.
//! Building one emits nothing; equal nodes are one node, so a term that two partials share is
//! computed once, and a node no wanted partial needs is never emitted.
//!
//! Every rewrite made here is exact in IEEE arithmetic, for every argument including NaN and ±∞
//! (except that the sign of a NaN may differ); `x + 0`, `x * 0`, `x - x` stay as they are.

use crate::ir::{Lit, Operand, Prim};
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A node of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(usize);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// An argument of the primitive, a variable.
    Arg(usize),
    /// The result of the primitive.
    Result,
    /// A literal, or a variable that is neither (the cotangent).
    Operand(Operand),
    Prim(Prim, Vec<Id>),
}

/// The nodes that [`Expr`]s point to.
#[derive(Debug, Default)]
pub struct Formula {
    nodes: RefCell<Vec<Node>>,
}

impl Formula {
    pub(super) fn arg(&self, k: usize, operand: &Operand) -> Expr<'_> {
        match operand {
            Operand::Var(_) => self.add(Node::Arg(k)),
            Operand::Lit(_) => self.operand(operand),
        }
    }

    pub(super) fn result(&self) -> Expr<'_> {
        self.add(Node::Result)
    }

    pub(super) fn operand(&self, operand: &Operand) -> Expr<'_> {
        self.add(Node::Operand(operand.clone()))
    }

    /// The float literal.
    pub(super) fn float(&self, value: f64) -> Expr<'_> {
        self.operand(&Operand::float(value))
    }

    /// The integer literal.
    pub(super) fn int(&self, value: i64) -> Expr<'_> {
        self.operand(&Operand::Lit(Lit { text: value.to_string(), value: value as f64 }))
    }

    /// The primitive of that name, of these arguments.
    pub(super) fn prim(&self, name: &'static str, args: &[Expr<'_>]) -> Expr<'_> {
        self.add(Node::Prim(Prim(name), args.iter().map(|arg| arg.id).collect()))
    }

    pub(super) fn node(&self, id: Id) -> Node {
        self.nodes.borrow()[id.0].clone()
    }

    pub(super) fn expr(&self, id: Id) -> Expr<'_> {
        Expr { formula: self, id }
    }

    /// Calls `visit` for every node that `expr` is computed from.
    pub(super) fn for_each_leaf(&self, expr: Expr, visit: &mut impl FnMut(&Node)) {
        let node = self.node(expr.id);
        visit(&node);
        if let Node::Prim(_, inputs) = node {
            for input in inputs {
                self.for_each_leaf(self.expr(input), visit);
            }
        }
    }

    fn add(&self, node: Node) -> Expr<'_> {
        let mut nodes = self.nodes.borrow_mut();
        let known = nodes.iter().position(|other| *other == node);
        let id = known.unwrap_or_else(|| {
            nodes.push(node);
            nodes.len() - 1
        });
        Expr { formula: self, id: Id(id) }
    }
}

/// A term of a formula.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'f> {
    formula: &'f Formula,
    pub(super) id: Id,
}

impl<'f> Expr<'f> {
    /// The value, of a literal.
    pub(super) fn literal(self) -> Option<f64> {
        match self.formula.node(self.id) {
            Node::Operand(Operand::Lit(lit)) => Some(lit.value),
            Node::Operand(Operand::Var(_)) | Node::Arg(_) | Node::Result | Node::Prim(..) => None,
        }
    }

    pub(super) fn is_literal(self) -> bool {
        self.literal().is_some()
    }

    /// The literal 1, whose quotient is a reciprocal.
    pub(super) fn is_one(self) -> bool {
        self.literal() == Some(1.0)
    }

    /// The float literal.
    pub(super) fn float(self, value: f64) -> Expr<'f> {
        self.formula.float(value)
    }

    /// The integer literal.
    pub(super) fn int(self, value: i64) -> Expr<'f> {
        self.formula.int(value)
    }

    /// The primitive of that name, of this term and others.
    pub(super) fn prim(self, name: &'static str, others: &[Expr<'f>]) -> Expr<'f> {
        let mut args = vec![self];
        args.extend(others);
        self.formula.prim(name, &args)
    }

    /// The inputs, of a term made by the primitive.
    fn inputs<const N: usize>(self, name: &str) -> Option<[Expr<'f>; N]> {
        match self.formula.node(self.id) {
            Node::Prim(prim, inputs) if prim.0 == name => {
                let inputs: Vec<Expr> = inputs.into_iter().map(|id| self.formula.expr(id)).collect();
                inputs.try_into().ok()
            }
            Node::Prim(..) | Node::Operand(_) | Node::Arg(_) | Node::Result => None,
        }
    }

    fn negated(self) -> Option<Expr<'f>> {
        self.inputs("neg").map(|[x]| x)
    }

    /// The literal that an operation of literals gives, if it can be written down.
    fn folded(self, other: Expr<'f>, op: impl Fn(f64, f64) -> f64) -> Option<Expr<'f>> {
        let value = op(self.literal()?, other.literal()?);
        value.is_finite().then(|| self.float(value))
    }

    /// Whether there is a division in the product.
    fn has_quotient(self) -> bool {
        if let Some([x, y]) = self.inputs("mul") {
            return x.has_quotient() || y.has_quotient();
        }
        self.inputs::<2>("div").is_some()
    }

    /// `seed * self` for the product of a cotangent with a partial. A choice of formula, not a rewrite:
    /// the seed goes into the numerator of a quotient, which saves a multiplication and a rounding.
    pub(super) fn times_seed(self, seed: Expr<'f>) -> Expr<'f> {
        if let Some(x) = self.negated() {
            return -x.times_seed(seed);
        }
        if let Some([x, y]) = self.inputs("div") {
            return x.times_seed(seed) / y;
        }
        if let Some([x, y]) = self.inputs("mul") {
            if x.has_quotient() {
                return x.times_seed(seed) * y;
            }
            if y.has_quotient() {
                return x * y.times_seed(seed);
            }
        }
        seed * self
    }
}

impl<'f> Add for Expr<'f> {
    type Output = Expr<'f>;

    fn add(self, y: Expr<'f>) -> Expr<'f> {
        // Literals are added now.
        if let Some(sum) = self.folded(y, |x, y| x + y) {
            return sum;
        }
        // x + x == 2 * x
        if self.id == y.id {
            return self.float(2.0) * self;
        }
        // x + (-y) == x - y
        if let Some(y) = y.negated() {
            return self - y;
        }
        // (-x) + y == y - x
        if let Some(x) = self.negated() {
            return y - x;
        }
        self.prim("add", &[y])
    }
}

impl<'f> Sub for Expr<'f> {
    type Output = Expr<'f>;

    #[allow(clippy::suspicious_arithmetic_impl)]
    fn sub(self, y: Expr<'f>) -> Expr<'f> {
        if let Some(difference) = self.folded(y, |x, y| x - y) {
            return difference;
        }
        // x - (-y) == x + y
        if let Some(y) = y.negated() {
            return self + y;
        }
        self.prim("sub", &[y])
    }
}

impl<'f> Mul for Expr<'f> {
    type Output = Expr<'f>;

    fn mul(self, y: Expr<'f>) -> Expr<'f> {
        if let Some(product) = self.folded(y, |x, y| x * y) {
            return product;
        }
        // x * 1 == x, x * -1 == -x
        for (factor, other) in [(self, y), (y, self)] {
            match factor.literal() {
                Some(1.0) => return other,
                Some(-1.0) => return -other,
                Some(_) | None => {}
            }
        }
        // (-x) * y == x * (-y) == -(x * y)
        if let Some(x) = self.negated() {
            return -(x * y);
        }
        if let Some(y) = y.negated() {
            return -(self * y);
        }
        self.prim("mul", &[y])
    }
}

impl<'f> Div for Expr<'f> {
    type Output = Expr<'f>;

    fn div(self, y: Expr<'f>) -> Expr<'f> {
        if let Some(quotient) = self.folded(y, |x, y| x / y) {
            return quotient;
        }
        // x / 1 == x, x / -1 == -x
        match y.literal() {
            Some(1.0) => return self,
            Some(-1.0) => return -self,
            Some(_) | None => {}
        }
        // (-x) / y == x / (-y) == -(x / y)
        if let Some(x) = self.negated() {
            return -(x / y);
        }
        if let Some(y) = y.negated() {
            return -(self / y);
        }
        self.prim("div", &[y])
    }
}

impl<'f> Neg for Expr<'f> {
    type Output = Expr<'f>;

    fn neg(self) -> Expr<'f> {
        if let Some(value) = self.literal() {
            return self.float(-value);
        }
        // -(-x) == x
        if let Some(x) = self.negated() {
            return x;
        }
        self.prim("neg", &[])
    }
}

/// Numbers in formulas are literals.
macro_rules! numbers {
    ($($trait:ident $method:ident),*) => {$(
        impl<'f> $trait<Expr<'f>> for f64 {
            type Output = Expr<'f>;

            fn $method(self, y: Expr<'f>) -> Expr<'f> {
                y.float(self).$method(y)
            }
        }

        impl<'f> $trait<f64> for Expr<'f> {
            type Output = Expr<'f>;

            fn $method(self, y: f64) -> Expr<'f> {
                self.$method(self.float(y))
            }
        }
    )*};
}

numbers!(Add add, Sub sub, Mul mul, Div div);

/// Functions that formulas use, under the names of their rows.
macro_rules! functions {
    ($($name:ident($($arg:ident),*))*) => {
        impl<'f> Expr<'f> {
            $(pub(super) fn $name(self $(, $arg: Expr<'f>)*) -> Expr<'f> {
                self.prim(stringify!($name), &[$($arg),*])
            })*
        }
    };
}

functions! {
    cos() cosh() sin() sinh() sqrt() trunc() copysign(sign) div_euclid(y) powf(p) powi(n)
    above(bound) below(bound) clamp_x(lo, hi) clamp_lo(lo, hi) clamp_hi(lo, hi)
    div_or_zero(y) max_weight(y) min_weight(y) over_norm2(y)
    powf_dx(p, y) powf_ln(p, k, y) powi_nth(n, k) recip_positive() sign()
}

impl<'f> Expr<'f> {
    /// The natural logarithm, computed now for a literal.
    pub(super) fn ln(self) -> Expr<'f> {
        match self.literal().map(f64::ln) {
            Some(value) if value.is_finite() => self.float(value),
            Some(_) | None => self.prim("ln", &[]),
        }
    }
}

/// What may stand for a partial in a row.
pub(super) trait IntoPartial<'f> {
    fn partial(self, formula: &'f Formula) -> Option<Expr<'f>>;
}

impl<'f> IntoPartial<'f> for Expr<'f> {
    fn partial(self, _: &'f Formula) -> Option<Expr<'f>> {
        Some(self)
    }
}

impl<'f> IntoPartial<'f> for Option<Expr<'f>> {
    fn partial(self, _: &'f Formula) -> Option<Expr<'f>> {
        self
    }
}

/// The number 0 in a row is a structural zero.
impl<'f> IntoPartial<'f> for f64 {
    fn partial(self, formula: &'f Formula) -> Option<Expr<'f>> {
        (self != 0.0).then(|| formula.float(self))
    }
}
