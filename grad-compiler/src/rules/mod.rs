//! The rule table: everything the compiler knows of calculus.
//!
//! One row of the table (`table.rs`) per primitive says how it is written, what it costs and what its partials
//! are. Other passes know a primitive only through the functions of this module:
//! lowering asks [`lookup`], the transformation asks [`reads`] and [`pullback`] (or [`partials`]),
//! the emitter asks [`form`].
//!
//! Guarantees: a partial that is zero everywhere is absent (`None`), never the number 0; rows
//! are closed under differentiation (every primitive that a partial uses has a row).

use crate::ir::{Func, Op, Operand, Prim, Stmt, Ty, Var};
use proc_macro2::Span;

mod formula;
mod power;
mod table;
mod zero;

pub use formula::{Expr, Formula};
use formula::{Id, Node};
pub use zero::{Without, negation, without};

/// How a primitive is written in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `x + y`: the operator is [`spelling`].
    Infix,
    /// `-x`
    Prefix,
    /// `x.max(y)`: a method of `f64` and `f32`.
    Method,
    /// A function of `Real` in the runtime: `Real::sign(x)`. Derivative code only.
    Runtime,
}

/// Whether a value is recorded or computed again when the reverse sweep needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A few cycles: computed again.
    Cheap,
    /// A division, a root, a call of the mathematical library: recorded.
    Costly,
}

/// What an argument of a primitive is. Only floats have a partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Float,
    /// The exponent of `powi`.
    Integer,
    /// A float that follows from the other arguments and is passed to save work.
    Hint,
}

/// A row of the table.
pub struct Row {
    pub name: &'static str,
    /// Names of the arguments in the formulas.
    pub params: &'static [&'static str],
    /// Name of the result in the formulas, where they read it.
    pub result: Option<&'static str>,
    /// What each argument is.
    pub kinds: &'static [Kind],
    pub form: Form,
    pub cost: Cost,
    /// The partials as they stand in the table.
    pub formulas: &'static [&'static str],
    /// What happens where the derivative does not exist.
    pub note: &'static str,
    /// Where the test compares the partials with differences.
    pub points: fn() -> Vec<Vec<f64>>,
    build: for<'f> fn(&'f Formula, &[Expr<'f>], Expr<'f>) -> Vec<Option<Expr<'f>>>,
}

/// Every row, in the order of the table.
pub fn rows() -> &'static [Row] {
    table::ROWS
}

/// The primitive of a float method or operator (`sin`, `add`) with this many arguments, the
/// receiver among them. Primitives of the runtime are not found: users cannot write them.
pub fn lookup(name: &str, arity: usize) -> Option<Prim> {
    let row = rows().iter().find(|row| row.name == name)?;
    (row.params.len() == arity && row.form != Form::Runtime).then_some(Prim(row.name))
}

/// The row of a primitive.
pub fn row(prim: Prim) -> &'static Row {
    rows().iter().find(|row| row.name == prim.0).expect("a primitive is the name of a row")
}

pub fn form(prim: Prim) -> Form {
    row(prim).form
}

pub fn arity(prim: Prim) -> usize {
    row(prim).params.len()
}

pub fn cost(prim: Prim) -> Cost {
    row(prim).cost
}

/// Whether the argument is an integer.
pub fn takes_integer(prim: Prim, argument: usize) -> bool {
    row(prim).kinds[argument] == Kind::Integer
}

/// The operator of a primitive written with one (`+`); else the name of the function.
pub fn spelling(prim: Prim) -> &'static str {
    match prim.0 {
        "add" => "+",
        "sub" | "neg" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        name => name,
    }
}

/// What the partials of a primitive read of the primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// One entry per argument.
    pub args: Vec<bool>,
    pub result: bool,
}

/// Which costly functions of the arguments the wanted partials have in them, with what these are of.
pub fn costly_parts(prim: Prim, args: &[Operand], wanted: &[bool]) -> Vec<(Prim, Vec<Operand>)> {
    let formula = Formula::default();
    let mut found = Vec::new();
    for partial in build(&formula, prim, args, wanted).into_iter().flatten() {
        formula.for_each_leaf(partial, &mut |node| {
            let Node::Prim(part, inputs) = node else { return };
            let of: Option<Vec<Operand>> = inputs
                .iter()
                .map(|id| match formula.node(*id) {
                    Node::Arg(k) => Some(args[k].clone()),
                    Node::Result | Node::Operand(_) | Node::Prim(..) => None,
                })
                .collect();
            found.extend(of.filter(|_| cost(*part) == Cost::Costly).map(|of| (*part, of)));
        });
    }
    found
}

/// Which arguments, and whether the result, the wanted partials read: found by building them.
pub fn reads(prim: Prim, args: &[Operand], wanted: &[bool]) -> Reads {
    let formula = Formula::default();
    let mut reads = Reads { args: vec![false; args.len()], result: false };
    for partial in build(&formula, prim, args, wanted).into_iter().flatten() {
        formula.for_each_leaf(partial, &mut |node| match node {
            Node::Arg(k) => {
                for (reads, arg) in reads.args.iter_mut().zip(args) {
                    *reads |= *arg == args[*k];
                }
            }
            Node::Result => reads.result = true,
            Node::Operand(_) | Node::Prim(..) => {}
        });
    }
    reads
}

/// Whether the partial with respect to each argument exists: false where it is structurally zero.
pub fn has_partial(prim: Prim, args: &[Operand]) -> Vec<bool> {
    let formula = Formula::default();
    build(&formula, prim, args, &vec![true; args.len()]).iter().map(Option::is_some).collect()
}

/// Whether the partial with respect to one argument is 1 everywhere: the result is that argument plus something.
pub fn adds_unchanged(prim: Prim, args: &[Operand], argument: usize) -> bool {
    let formula = Formula::default();
    let wanted: Vec<bool> = (0..args.len()).map(|k| k == argument).collect();
    build(&formula, prim, args, &wanted)[argument].is_some_and(|partial| partial.literal() == Some(1.0))
}

/// Whether the result is one of the arguments, whichever it may be: the partials with respect to the others are 0.
pub fn chooses(prim: Prim) -> bool {
    matches!(prim.0, "max" | "min" | "clamp")
}

/// Of what chooses between two: whether it is the lesser.
pub fn chooses_lesser(prim: Prim) -> bool {
    prim.0 == "min"
}

/// Whether the processor has it for vectors of numbers.
pub fn is_vector(prim: Prim, args: &[Operand]) -> bool {
    match prim.0 {
        "div" | "sqrt" => true,
        "powi" => matches!(args[1], Operand::Lit(_)),
        _ => cost(prim) == Cost::Cheap,
    }
}

/// Whether the result is the part that the first of two arguments has in what was chosen between them: 1 or 0, as a rule.
pub fn weighs(prim: Prim) -> bool {
    matches!(prim.0, "max_weight" | "min_weight")
}

/// Whether some arguments make it panic.
pub fn may_panic(prim: Prim) -> bool {
    prim.0 == "clamp"
}

/// Whether the result is the product of the arguments.
pub fn multiplies(prim: Prim) -> bool {
    prim.0 == "mul"
}

/// Whether the result is one argument twice: how `x + x` is written.
pub fn doubles(prim: Prim, args: &[Operand], argument: usize) -> bool {
    let is_two = |arg: &Operand| matches!(arg, Operand::Lit(lit) if lit.value == 2.0);
    prim.0 == "mul" && args.iter().enumerate().all(|(k, arg)| k == argument || is_two(arg))
}

/// The wanted partials of `y = prim(args)`. `None` where not wanted or structurally zero.
pub fn partials(
    prim: Prim,
    args: &[Operand],
    y: &Operand,
    wanted: &[bool],
    b: &mut Builder,
) -> Vec<Option<Operand>> {
    let formula = Formula::default();
    let mut done = Vec::new();
    build(&formula, prim, args, wanted)
        .into_iter()
        .map(|partial| partial.map(|partial| b.emit(&formula, partial, args, Some(y), &mut done)))
        .collect()
}

/// The cotangents that `y = prim(args)` sends to its arguments: `ȳ · ∂y/∂argᵢ`, with ȳ multiplied
/// into the formula where it saves work (`ȳ / x` for `ȳ · (1 / x)`). `None` where not wanted or
/// structurally zero. Where one variable stands in two places, the first gets the sum.
pub fn pullback(
    prim: Prim,
    args: &[Operand],
    y: &Operand,
    y_bar: &Operand,
    wanted: &[bool],
    b: &mut Builder,
) -> Vec<Option<Operand>> {
    let formula = Formula::default();
    let seed = formula.operand(y_bar);
    let partials = build(&formula, prim, args, wanted);
    let mut terms: Vec<Option<Expr>> =
        partials.iter().map(|partial| partial.map(|partial| partial.times_seed(seed))).collect();
    for first in 0..args.len() {
        for again in first + 1..args.len() {
            if args[first] == args[again]
                && let (Some(x), Some(y)) = (terms[first], terms[again])
            {
                // 2 ȳ · x, in place of 2 · (ȳ · x): many squares under one sum have the factor 2 ȳ in common.
                let twice = partials[first].filter(|_| x.id == y.id).map(|x| x.times_seed(seed + seed));
                terms[first] = Some(twice.unwrap_or(x + y));
                terms[again] = None;
            }
        }
    }
    let mut done = Vec::new();
    terms.into_iter().map(|term| term.map(|term| b.emit(&formula, term, args, Some(y), &mut done))).collect()
}

/// The tangent of `y = prim(args)`: the sum of `∂y/∂argᵢ · ẋᵢ` over the arguments that have a tangent. `None` where
/// it is structurally zero.
pub fn pushforward(
    prim: Prim,
    args: &[Operand],
    y: &Operand,
    dots: &[Option<Operand>],
    b: &mut Builder,
) -> Option<Operand> {
    let formula = Formula::default();
    let wanted: Vec<bool> = dots.iter().map(Option::is_some).collect();
    let mut partials = build(&formula, prim, args, &wanted);
    let mut sum: Option<Expr> = None;
    for first in 0..args.len() {
        let Some(mut partial) = partials[first] else { continue };
        // One variable in two places has one tangent.
        for again in first + 1..args.len() {
            if args[first] == args[again]
                && let Some(other) = partials[again].take()
            {
                partial = partial + other;
            }
        }
        let seed = formula.operand(dots[first].as_ref().expect("a wanted partial has a tangent"));
        let term = partial.times_seed(seed);
        sum = Some(match sum {
            Some(sum) => sum + term,
            None => term,
        });
    }
    sum.map(|sum| b.emit(&formula, sum, args, Some(y), &mut Vec::new()))
}

/// `1 / of`
pub fn reciprocal(of: &Operand) -> Op {
    Op::Prim(Prim("div"), vec![Operand::float(1.0), of.clone()])
}

/// What the wanted partials of `y = prim(args)` are divided by: arguments, and the result as `None`.
pub fn divisors(prim: Prim, args: &[Operand], wanted: &[bool]) -> Vec<Option<Operand>> {
    let formula = Formula::default();
    let mut found = Vec::new();
    for partial in build(&formula, prim, args, wanted).into_iter().flatten() {
        formula.for_each_leaf(partial, &mut |node| {
            if let Node::Prim(Prim("div"), inputs) = node {
                match formula.node(inputs[1]) {
                    Node::Arg(k) => found.push(Some(args[k].clone())),
                    Node::Result => found.push(None),
                    Node::Operand(_) | Node::Prim(..) => {}
                }
            }
        });
    }
    found
}

/// Whether a partial is infinite or NaN at points where the value is finite: a tangent that is absent there, though it is
/// the number 0, must not meet it.
pub fn is_steep(prim: Prim) -> bool {
    matches!(prim.0, "sqrt" | "cbrt" | "asin" | "acos" | "acosh" | "powf" | "powf_dx")
}

/// The wanted partials as formulas over the arguments and the result.
fn build<'f>(formula: &'f Formula, prim: Prim, args: &[Operand], wanted: &[bool]) -> Vec<Option<Expr<'f>>> {
    let row = row(prim);
    assert!(
        args.len() == row.params.len() && wanted.len() == args.len(),
        "`{}` takes {}",
        prim.0,
        row.params.len()
    );
    // One variable is one leaf, wherever it stands.
    let first = |arg: &Operand| {
        args.iter().position(|other| other == arg).expect("an argument is among the arguments")
    };
    let leaves: Vec<Expr> = args.iter().map(|arg| formula.arg(first(arg), arg)).collect();
    let mut partials = (row.build)(formula, &leaves, formula.result());
    for (k, partial) in partials.iter_mut().enumerate() {
        if !wanted[k] || row.kinds[k] != Kind::Float {
            *partial = None;
        }
    }
    partials
}

/// Appends the instructions of formulas to a list of statements.
pub struct Builder<'a> {
    pub func: &'a mut Func,
    pub stmts: &'a mut Vec<Stmt>,
    /// The type of the new variables, a float.
    pub ty: Ty,
    pub span: Span,
    /// What is there already: a primitive of these operands, and its value.
    pub known: Vec<Known>,
    /// What is not divided by: its reciprocal is multiplied by.
    pub reciprocals: Vec<Operand>,
}

/// A primitive of some operands, and its value.
pub type Known = (Prim, Vec<Operand>, Operand);

impl<'a> Builder<'a> {
    pub fn new(func: &'a mut Func, stmts: &'a mut Vec<Stmt>, ty: Ty, span: Span) -> Builder<'a> {
        Builder { func, stmts, ty, span, known: Vec::new(), reciprocals: Vec::new() }
    }

    pub fn add(&mut self, x: &Operand, y: &Operand) -> Operand {
        self.formula(&[x, y], |x| x[0] + x[1])
    }

    pub fn sub(&mut self, x: &Operand, y: &Operand) -> Operand {
        self.formula(&[x, y], |x| x[0] - x[1])
    }

    /// `x * y`, without the multiplication where one is 1, and with a negation where one is -1.
    pub fn mul(&mut self, x: &Operand, y: &Operand) -> Operand {
        self.formula(&[x, y], |x| x[0] * x[1])
    }

    pub fn neg(&mut self, x: &Operand) -> Operand {
        self.formula(&[x], |x| -x[0])
    }

    /// Emits a formula over operands.
    pub fn formula(&mut self, args: &[&Operand], build: impl for<'f> Fn(&[Expr<'f>]) -> Expr<'f>) -> Operand {
        let formula = Formula::default();
        let leaves: Vec<Expr> = args.iter().map(|arg| formula.operand(arg)).collect();
        self.emit(&formula, build(&leaves), &[], None, &mut Vec::new())
    }

    /// A new variable holding `op`.
    pub fn bind(&mut self, name: impl Into<String>, op: Op) -> Var {
        let has_lanes =
            |operand: &Operand| operand.var().is_some_and(|var| matches!(self.func.ty(var), Ty::Lanes(_)));
        let ty = match &op {
            Op::Prim(_, args) if args.iter().any(has_lanes) => self.ty.lanes(),
            _ => self.ty.clone(),
        };
        let var = self.func.new_var(name, ty, self.span);
        self.stmts.push(Stmt::Let { var, op });
        var
    }

    /// Emits the instructions of `expr`, each node once: `done` remembers them.
    fn emit(
        &mut self,
        formula: &Formula,
        expr: Expr,
        args: &[Operand],
        y: Option<&Operand>,
        done: &mut Vec<(Id, Operand)>,
    ) -> Operand {
        if let Some((_, operand)) = done.iter().find(|(id, _)| *id == expr.id) {
            return operand.clone();
        }
        let operand = match formula.node(expr.id) {
            Node::Arg(k) => args[k].clone(),
            Node::Result => y.expect("only rows read the result").clone(),
            Node::Operand(operand) => operand,
            Node::Prim(prim, inputs) => {
                let inputs: Vec<Operand> = inputs
                    .into_iter()
                    .map(|id| self.emit(formula, formula.expr(id), args, y, done))
                    .collect();
                match (prim, &inputs[..]) {
                    (Prim("div"), [x @ Operand::Var(_), y]) if self.reciprocals.contains(y) => {
                        let there = self.func.vars.len();
                        let reciprocal = self.operation(prim, vec![Operand::float(1.0), y.clone()]);
                        self.func.vars[there..].iter_mut().for_each(|made| made.reciprocal = true);
                        self.formula(&[x, &reciprocal], |x| x[0] * x[1])
                    }
                    _ => self.operation(prim, inputs),
                }
            }
        };
        done.push((expr.id, operand.clone()));
        operand
    }

    /// The value of a primitive, which may be there already.
    fn operation(&mut self, prim: Prim, inputs: Vec<Operand>) -> Operand {
        match self.known.iter().find(|(known, of, _)| *known == prim && *of == inputs) {
            Some((.., value)) => value.clone(),
            None => Operand::Var(self.bind(self.name_of(prim, &inputs), Op::Prim(prim, inputs))),
        }
    }

    /// `cos_x` for a function of a variable, if that is short; else `t`.
    fn name_of(&self, prim: Prim, inputs: &[Operand]) -> String {
        if let (Form::Method, [Operand::Var(x)]) = (form(prim), inputs) {
            let name = format!("{}_{}", prim.0, self.func.vars[x.index()].name);
            if name.len() <= 16 && !name.contains('#') {
                return name;
            }
        }
        "t".to_owned()
    }
}
