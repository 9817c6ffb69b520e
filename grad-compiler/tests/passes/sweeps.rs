//! Derivatives of functions of the IR, ready to be interpreted, and helpers to be called.

use super::interp::{Derivative, Program, Target, no_functions};
use grad_compiler::analysis::{self, Condition, Overwrites, Rewrites};
use grad_compiler::ir::verify::{verify_primal, verify_with};
use grad_compiler::ir::{
    Block, Carried, Elem, Float, For, Func, Op, Operand, Param, Place, Proj, Stmt, Ty, Value, Var,
};
use grad_compiler::transform::{self, HigherOrder, Lists, Mode, ParamCotangent, Reversed, Width};
use grad_compiler::{rules, simplify};
use proc_macro2::Span;

const FLOAT: Ty = Ty::Float(Float::F64);

/// Verifies a function with what runs after it, as text.
pub(super) fn check_verified(func: &Func, given: &[Var], after: &[&Block]) -> Result<(), String> {
    verify_with(func, given, after)
        .map_err(|errors| format!("not well formed: {errors:#?}\n{}", grad_compiler::ir::print::print(func)))
}

/// The derivative of a function, verified.
pub(super) fn derivative(func: &Func, mode: Mode) -> Result<Derivative, String> {
    verify_primal(func).map_err(|errors| format!("{errors:#?}"))?;
    let facts = analysis::analyse(func);
    if !facts.activity.problems.is_empty() {
        return Err("the program cannot be differentiated".to_owned());
    }
    derivative_of(func, &facts, mode)
}

/// The same with loops that run again, if there are any that can.
pub(super) fn checkpointed(func: &Func) -> Option<analysis::Facts<'_>> {
    let mut facts = analysis::analyse(func);
    facts.checkpoints = analysis::checkpoints(func, &facts.layout, &facts.activity).ok()?;
    Some(facts)
}

pub(super) fn derivative_of(
    func: &Func,
    facts: &analysis::Facts<'_>,
    mode: Mode,
) -> Result<Derivative, String> {
    ready(transform::reverse(func, facts, mode))
}

/// The derivative with some of the rewrites and shapes only: before reversal, in it, and after it.
pub(super) fn derivative_with(
    func: &Func,
    mode: Mode,
    rewrites: Rewrites,
    again: bool,
) -> Result<Derivative, String> {
    verify_primal(func)
        .map_err(|errors| format!("{errors:#?}\n{}", grad_compiler::ir::print::print(func)))?;
    let shared = simplify::primal(func, rewrites);
    let mut facts = analysis::analyse(&shared);
    facts.rewrites = rewrites;
    if rewrites.of_little() {
        facts.additions = analysis::Additions::Any;
    }
    if again {
        let loops = analysis::checkpoints(&shared, &facts.layout, &facts.activity);
        facts.checkpoints = loops.map_err(|_| "no loop can run again".to_owned())?;
    }
    facts.trusts_callees = true;
    let mut reversed = transform::reverse(&shared, &facts, mode);
    if !rewrites.ignores(Condition::CalleeOverwrites) && !reversed.assumes.iter().all(holds) {
        facts.trusts_callees = false;
        reversed = transform::reverse(&shared, &facts, mode);
    }
    let Reversed { func, reverse, bars, alone, .. } = &mut reversed;
    simplify::derivative(func, reverse, bars, shared.vars.len(), rewrites, facts.additions);
    simplify::fours(func, reverse, shared.vars.len(), rewrites, rewrites.of_little());
    simplify::alone(func, reverse, alone);
    simplify::records(func, reverse, rewrites);
    ready(reversed)
}

/// Whether a helper does what is assumed of it.
fn holds(assumed: &Overwrites) -> bool {
    let name = assumed.callee.to_string();
    all_helpers().iter().filter(|func| func.name == name).any(|func| {
        let overwritten = analysis::overwritten(func, &analysis::layout(func));
        let by = overwritten.get(assumed.argument).copied().flatten();
        by.is_some_and(|by| assumed.as_far_as.contains(&by))
    })
}

/// Forward mode over the joint form, with some of the rewrites and shapes only.
pub(super) fn second_with(func: &Func, rewrites: Rewrites) -> HigherOrder {
    let shared = simplify::primal(func, rewrites);
    let mut facts = analysis::analyse(&shared);
    facts.rewrites = rewrites;
    let mut reversed = transform::reverse(&shared, &facts, Mode::Joint);
    let Reversed { func, reverse, bars, .. } = &mut reversed;
    simplify::derivative(func, reverse, bars, shared.vars.len(), rewrites, facts.additions);
    next(reversed.lists())
}

/// The joint form of the next order.
pub(super) fn next(derivative: Lists<'_>) -> HigherOrder {
    let whole = transform::whole(derivative, Mode::Joint);
    let next = transform::next(derivative, &whole, &analysis::analyse(&whole), Width::One);
    assert!(next.missing.is_empty(), "there are tangents missing");
    next
}

/// Verified, and for the interpreter.
fn ready(reversed: Reversed) -> Result<Derivative, String> {
    let Reversed { func, reverse, seed, cotangents, .. } = reversed;
    let mut given = Vec::new();
    if let Some(seed) = &seed {
        seed.for_each_read(&mut |var| given.push(var));
    }
    given.extend(cotangents.iter().filter_map(|cotangent| match cotangent {
        ParamCotangent::Slot(var) => Some(*var),
        ParamCotangent::Constant | ParamCotangent::Value(_) => None,
    }));
    check_verified(&func, &given, &[&reverse]).map_err(|error| {
        format!("{error}\n-- reverse --\n{}", grad_compiler::ir::print::print_block(&func, &reverse))
    })?;
    let cotangents = cotangents.iter().map(Target::of).collect();
    Ok(Derivative { func, reverse, seed, cotangents })
}

/// The functions that random programs call, with their derivatives.
pub(super) fn helpers() -> Program {
    let mut program = no_functions();
    for func in all_helpers() {
        let split = derivative(&func, Mode::Split).unwrap_or_else(|error| panic!("{}: {error}", func.name));
        let facts = analysis::analyse(&func);
        program.tangents.insert(func.name.clone(), transform::forward(&func, &facts, Width::One));
        program.derivatives.insert(func.name.clone(), split);
        program.primals.insert(func.name.clone(), func);
    }
    program
}

fn all_helpers() -> [Func; 8] {
    [blend(), weigh(), scale(), bump(), eat(), feed(), pour(), mingle()]
}

/// A function under construction.
struct Make {
    func: Func,
    stmts: Vec<Stmt>,
}

impl Make {
    fn new(name: &str) -> Make {
        let func = Func::empty(name, FLOAT);
        Make { func, stmts: Vec::new() }
    }

    fn param(&mut self, name: &str, ty: Ty) -> Var {
        let var = self.func.new_var(name, ty, Span::call_site());
        self.func.params.push(Param::independent(var, self.func.params.len()));
        var
    }

    fn slice(&mut self, name: &str, mutable: bool) -> Var {
        self.param(name, Ty::Ref { mutable, to: Box::new(Ty::Slice(Box::new(FLOAT))) })
    }

    fn let_(&mut self, ty: Ty, op: Op) -> Var {
        let var = self.func.new_var("t", ty, Span::call_site());
        self.stmts.push(Stmt::Let { var, op });
        var
    }

    fn prim(&mut self, name: &str, args: &[Operand]) -> Var {
        self.let_(FLOAT, Op::Prim(rules::lookup(name, args.len()).unwrap(), args.to_vec()))
    }

    fn returns(mut self, operand: impl Into<Operand>) -> Func {
        self.func.result = Value::Scalar(operand.into());
        self.func.body = Block { stmts: self.stmts };
        self.func
    }

    /// `for i in 0..a.len()`, with one carried float that starts as 0.
    fn over(&mut self, a: Var, body: impl FnOnce(&mut Make, Place, Var) -> Operand) -> Var {
        let len = self.let_(Ty::Int, Op::Len(a.into()));
        let mut new = |name: &str, ty| self.func.new_var(name, ty, Span::call_site());
        let (index, param, result) = (new("i", Ty::Int), new("sum", FLOAT), new("sum", FLOAT));
        let outside = std::mem::take(&mut self.stmts);
        let next = body(self, Place { root: a, path: vec![Proj::Index(index.into())] }, param);
        let stmts = std::mem::replace(&mut self.stmts, outside);
        self.stmts.push(Stmt::For(For {
            index,
            lo: Operand::int(0),
            hi: len.into(),
            inclusive: false,
            reversed: false,
            carried: vec![Carried { param, init: Operand::float(0.0), next, result }],
            body: Block { stmts },
            until: None,
        }));
        result
    }
}

/// `fn blend(x, y) { (x * y).sin() + x }`
fn blend() -> Func {
    let mut make = Make::new("blend");
    let (x, y) = (make.param("x", FLOAT), make.param("y", FLOAT));
    let product = make.prim("mul", &[x.into(), y.into()]);
    let wave = make.prim("sin", &[product.into()]);
    let sum = make.prim("add", &[wave.into(), x.into()]);
    make.returns(sum)
}

/// `fn weigh(a: &[f64], w) { let mut sum = 0.0; for i in 0..a.len() { sum += (a[i] * w).tanh() } sum }`
fn weigh() -> Func {
    let mut make = Make::new("weigh");
    let a = make.slice("a", false);
    let w = make.param("w", FLOAT);
    let sum = make.over(a, |make, place, sum| {
        let item = make.let_(FLOAT, Op::Load(place));
        let product = make.prim("mul", &[item.into(), w.into()]);
        let squashed = make.prim("tanh", &[product.into()]);
        make.prim("add", &[sum.into(), squashed.into()]).into()
    });
    make.returns(sum)
}

/// `fn scale(a: &mut [f64], w) { for i in 0..a.len() { a[i] = (a[i] * w).sin(); } a[0] }`
fn scale() -> Func {
    let mut make = Make::new("scale");
    let a = make.slice("a", true);
    let w = make.param("w", FLOAT);
    make.over(a, |make, place, sum| {
        let item = make.let_(FLOAT, Op::Load(place.clone()));
        let product = make.prim("mul", &[item.into(), w.into()]);
        let wave = make.prim("sin", &[product.into()]);
        make.stmts.push(Stmt::Store { place, value: wave.into() });
        sum.into()
    });
    let first = make.let_(FLOAT, Op::Load(Place { root: a, path: vec![Proj::Index(Operand::int(0))] }));
    make.returns(first)
}

/// `fn pour(a: &[f64], out: &mut [f64], w) { for i in 0..a.len() { out[i] = (a[i] * w).sin(); } w }`
fn pour() -> Func {
    let mut make = Make::new("pour");
    let a = make.slice("a", false);
    let out = make.slice("out", true);
    let w = make.param("w", FLOAT);
    make.over(a, |make, place, sum| {
        let item = make.let_(FLOAT, Op::Load(place.clone()));
        let product = make.prim("mul", &[item.into(), w.into()]);
        let wave = make.prim("sin", &[product.into()]);
        make.stmts.push(Stmt::Store { place: Place { root: out, ..place }, value: wave.into() });
        sum.into()
    });
    make.returns(w)
}

/// `fn mingle(a: &[f64], b: &[f64], w) { let mut sum = 0.0; for i in 0..a.len() { sum += (a[i] * w).sin() } sum * b[0] }`
fn mingle() -> Func {
    let mut make = Make::new("mingle");
    let (a, b) = (make.slice("a", false), make.slice("b", false));
    let w = make.param("w", FLOAT);
    let sum = make.over(a, |make, place, sum| {
        let item = make.let_(FLOAT, Op::Load(place));
        let product = make.prim("mul", &[item.into(), w.into()]);
        let wave = make.prim("sin", &[product.into()]);
        make.prim("add", &[sum.into(), wave.into()]).into()
    });
    let first = make.let_(FLOAT, Op::Load(Place { root: b, path: vec![Proj::Index(Operand::int(0))] }));
    let product = make.prim("mul", &[sum.into(), first.into()]);
    make.returns(product)
}

/// `fn eat(v: Vec<f64>, w) { let mut sum = 0.0; for i in 0..v.len() { sum += (v[i] * w).sin() } sum }`
fn eat() -> Func {
    let mut make = Make::new("eat");
    let v = make.param("v", Ty::Vec(Box::new(FLOAT)));
    let w = make.param("w", FLOAT);
    let sum = make.over(v, |make, place, sum| {
        let item = make.let_(FLOAT, Op::Load(place));
        let product = make.prim("mul", &[item.into(), w.into()]);
        let wave = make.prim("sin", &[product.into()]);
        make.prim("add", &[sum.into(), wave.into()]).into()
    });
    make.returns(sum)
}

/// `fn feed(v: &mut Vec<f64>, w) { v.push(w * w); let old = v[0]; v[0] = (old * w).sin(); old }`
fn feed() -> Func {
    let mut make = Make::new("feed");
    let v = make.param("v", Ty::Ref { mutable: true, to: Box::new(Ty::Vec(Box::new(FLOAT))) });
    let w = make.param("w", FLOAT);
    let square = make.prim("mul", &[w.into(), w.into()]);
    make.stmts.push(Stmt::Push { vec: v.into(), value: Elem::Scalar(square.into()) });
    let first = Place { root: v, path: vec![Proj::Index(Operand::int(0))] };
    let old = make.let_(FLOAT, Op::Load(first.clone()));
    let product = make.prim("mul", &[old.into(), w.into()]);
    let wave = make.prim("sin", &[product.into()]);
    make.stmts.push(Stmt::Store { place: first, value: wave.into() });
    make.returns(old)
}

/// `fn bump(x: &mut f64) { let old = *x; *x = old * old; old.cos() }`
fn bump() -> Func {
    let mut make = Make::new("bump");
    let x = make.param("x", Ty::Ref { mutable: true, to: Box::new(FLOAT) });
    let place = Place { root: x, path: vec![Proj::Deref] };
    let old = make.let_(FLOAT, Op::Load(place.clone()));
    let square = make.prim("mul", &[old.into(), old.into()]);
    let squashed = make.prim("tanh", &[square.into()]);
    make.stmts.push(Stmt::Store { place, value: squashed.into() });
    let wave = make.prim("cos", &[old.into()]);
    make.returns(wave)
}
