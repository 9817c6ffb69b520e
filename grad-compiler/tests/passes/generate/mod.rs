//! Random programs, from seeds.

mod calls;
mod extremes;
mod growth;
mod loops;
mod scratch;

pub(super) use growth::generate_growing;

use grad_compiler::interp::Datum;
use grad_compiler::ir::{
    Arm, Block, Branch, Carried, Code, Elem, Float, For, Func, Init, Op, Operand, Param, Pattern, Place,
    Prim, Proj, Selector, Stmt, Ty, Value, Var, ViewKind, While,
};
use grad_compiler::rules;
use proc_macro2::Span;

/// xorshift64*.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Rng {
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..4).for_each(|_| _ = rng.next());
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below `n`.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 33) as usize) % n
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * ((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// A function and a point.
pub(super) struct Generated {
    pub(super) func: Func,
    pub(super) args: Vec<Datum>,
}

const FLOAT: Ty = Ty::Float(Float::F64);

/// Memory that programs use.
#[derive(Clone, Debug)]
struct Memory {
    root: Var,
    shape: Shape,
    writable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// So many floats.
    Flat(usize),
    /// So many rows of so many floats.
    Rows(usize, usize),
    /// So many floats, in fields.
    Tuple(usize),
    /// One float behind a reference.
    Scalar,
}

struct Gen {
    rng: Rng,
    func: Func,
    floats: Vec<Var>,
    ints: Vec<Var>,
    memory: Vec<Memory>,
    /// Statements still to be made.
    budget: usize,
    depth: usize,
    calls: bool,
    /// Memory that grows and moves, if the program has any.
    grown: Vec<growth::Grown>,
    /// What was moved away.
    gone: Vec<Var>,
    /// How many loops there are around, and how much of `grown` is from outside of the innermost.
    loops: usize,
    grown_in_loop: usize,
    /// A number of passes that many loops have.
    trips: Option<Var>,
    /// Whether all loops have that many, or three.
    passes_are_trips: bool,
    short: bool,
}

/// A program of about `size` statements. It takes two scalars, a shared and a mutable slice, mutable rows, a mutable
/// scalar and a slice of indices, and returns a float.
pub(super) fn generate(seed: u64, size: usize, calls: bool) -> Generated {
    let mut cx = Gen::new(seed, size, calls);
    let args = cx.standard_params();
    let mut stmts = cx.first_stmts();
    while cx.budget > 0 {
        cx.stmt(&mut stmts);
    }
    let result = cx.mix(&mut stmts);
    cx.finish(stmts, result, args)
}

impl Gen {
    fn new(seed: u64, size: usize, calls: bool) -> Gen {
        let func = Func::empty("random", FLOAT);
        Gen {
            rng: Rng::new(seed),
            func,
            floats: Vec::new(),
            ints: Vec::new(),
            memory: Vec::new(),
            budget: size,
            depth: 0,
            calls,
            grown: Vec::new(),
            gone: Vec::new(),
            loops: 0,
            grown_in_loop: 0,
            trips: None,
            passes_are_trips: false,
            short: false,
        }
    }

    /// The parameters that every program has, and what they are given.
    fn standard_params(&mut self) -> Vec<Datum> {
        let reference = |mutable, to| Ty::Ref { mutable, to: Box::new(to) };
        let slice = || Ty::Slice(Box::new(FLOAT));
        let p = self.param("p", FLOAT, true);
        let q = self.param("q", FLOAT, true);
        let x = self.param("x", reference(false, slice()), true);
        let a = self.param("a", reference(true, slice()), true);
        let rows = self.param("rows", reference(true, Ty::Slice(Box::new(Ty::Vec(Box::new(FLOAT))))), true);
        let s = self.param("s", reference(true, FLOAT), true);
        self.param("idx", reference(false, Ty::Slice(Box::new(Ty::Int))), false);
        self.floats = vec![p, q];
        self.memory = vec![
            Memory { root: x, shape: Shape::Flat(4), writable: false },
            Memory { root: a, shape: Shape::Flat(4), writable: true },
            Memory { root: rows, shape: Shape::Rows(2, 3), writable: true },
            Memory { root: s, shape: Shape::Scalar, writable: true },
        ];
        vec![
            Datum::Float(self.rng.between(-1.5, 1.5)),
            Datum::Float(self.rng.between(-1.5, 1.5)),
            self.numbers(4),
            self.numbers(4),
            Datum::List(vec![self.numbers(3), self.numbers(3)]),
            Datum::Float(self.rng.between(-1.5, 1.5)),
            Datum::List(vec![Datum::Int(2), Datum::Int(self.rng.below(4) as i128)]),
        ]
    }

    /// An integer to begin with.
    fn first_stmts(&mut self) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        let idx = self.func.params[6].var;
        let place = Place { root: idx, path: vec![Proj::Index(Operand::int(1))] };
        let first = self.let_(&mut stmts, "j", Ty::Int, Op::Load(place));
        self.ints.push(first);
        stmts
    }

    fn finish(mut self, stmts: Vec<Stmt>, result: Var, args: Vec<Datum>) -> Generated {
        self.func.result = Value::Scalar(Operand::Var(result));
        self.func.body = Block { stmts };
        Generated { func: self.func, args }
    }
}

impl Gen {
    fn numbers(&mut self, n: usize) -> Datum {
        Datum::List((0..n).map(|_| Datum::Float(self.rng.between(-1.5, 1.5))).collect())
    }

    fn param(&mut self, name: &str, ty: Ty, wrt: bool) -> Var {
        let var = self.var(name, ty);
        self.func.params.push(Param { wrt, ..Param::independent(var, self.func.params.len()) });
        var
    }

    fn var(&mut self, name: &str, ty: Ty) -> Var {
        self.func.new_var(name, ty, Span::call_site())
    }

    fn let_(&mut self, stmts: &mut Vec<Stmt>, name: &str, ty: Ty, op: Op) -> Var {
        let var = self.var(name, ty);
        stmts.push(Stmt::Let { var, op });
        var
    }

    fn float(&mut self, stmts: &mut Vec<Stmt>, op: Op) -> Var {
        let var = self.let_(stmts, "t", FLOAT, op);
        self.floats.push(var);
        var
    }

    fn prim(&mut self, stmts: &mut Vec<Stmt>, name: &str, args: Vec<Operand>) -> Var {
        let prim: Prim = rules::lookup(name, args.len()).unwrap();
        self.float(stmts, Op::Prim(prim, args))
    }

    fn code(&mut self, stmts: &mut Vec<Stmt>, name: &str, ty: Ty, text: &str) -> Var {
        self.let_(stmts, name, ty, Op::Code(Code::new(text.parse().unwrap(), true)))
    }

    /// A float in scope, the newer the likelier; sometimes a literal.
    fn some_float(&mut self) -> Operand {
        if self.rng.chance(10) {
            return Operand::float([0.5, -0.25, 1.0, 2.0, -1.0][self.rng.below(5)]);
        }
        Operand::Var(self.some_float_var())
    }

    fn some_float_var(&mut self) -> Var {
        let n = self.floats.len();
        let at = if self.rng.chance(60) { n - 1 - self.rng.below(n.min(4)) } else { self.rng.below(n) };
        self.floats[at]
    }

    /// An integer below `n`.
    fn index(&mut self, stmts: &mut Vec<Stmt>, n: usize) -> Operand {
        if self.ints.is_empty() || self.rng.chance(40) {
            return Operand::int(self.rng.below(n));
        }
        let int = self.ints[self.rng.below(self.ints.len())].0;
        let text = match self.rng.below(3) {
            0 => format!("__grad_v{int} % {n}"),
            1 => format!("(__grad_v{int} * 2 + 1) % {n}"),
            _ => format!("(__grad_v{int} + 3) % {n}"),
        };
        Operand::Var(self.code(stmts, "i", Ty::Int, &text))
    }

    fn some_memory(&mut self, writable: bool) -> Memory {
        let choice: Vec<Memory> =
            self.memory.iter().filter(|memory| memory.writable || !writable).cloned().collect();
        choice[self.rng.below(choice.len())].clone()
    }

    /// A float in memory.
    fn element(&mut self, stmts: &mut Vec<Stmt>, memory: &Memory) -> Place {
        let path = match memory.shape {
            Shape::Flat(n) => vec![Proj::Index(self.index(stmts, n))],
            Shape::Rows(n, m) => vec![Proj::Index(self.index(stmts, n)), Proj::Index(self.index(stmts, m))],
            Shape::Tuple(n) => vec![Proj::Field(self.rng.below(n))],
            Shape::Scalar => vec![Proj::Deref],
        };
        Place { root: memory.root, path }
    }

    /// A row of floats in memory, and its length; a local array always is one.
    fn row(&mut self, stmts: &mut Vec<Stmt>, writable: bool) -> Option<(Place, usize)> {
        let memory = self.some_memory(writable);
        match memory.shape {
            Shape::Flat(n) => Some((Place::from(memory.root), n)),
            Shape::Rows(n, m) => {
                Some((Place { root: memory.root, path: vec![Proj::Index(self.index(stmts, n))] }, m))
            }
            Shape::Tuple(_) | Shape::Scalar => None,
        }
    }

    /// A bounded function of some floats in scope and memory.
    fn mix(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let x = self.some_float();
        let memory = self.some_memory(false);
        let place = self.element(stmts, &memory);
        let loaded = self.float(stmts, Op::Load(place));
        let sum = self.prim(stmts, "add", vec![x, loaded.into()]);
        let y = self.some_float();
        let product = self.prim(stmts, "mul", vec![sum.into(), y]);
        self.prim(stmts, "sin", vec![product.into()])
    }

    /// A float computed from floats, mostly of moderate size.
    fn compute(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let x = self.some_float();
        let y = self.some_float();
        let v = Operand::Var(self.some_float_var());
        match self.rng.below(18) {
            0 => self.prim(stmts, "add", vec![v, y]),
            1 => self.prim(stmts, "sub", vec![v, y]),
            2 | 3 => {
                let product = self.prim(stmts, "mul", vec![v, y]);
                self.prim(stmts, "sin", vec![product.into()])
            }
            4 => {
                let product = self.prim(stmts, "mul", vec![v.clone(), v]);
                self.prim(stmts, "tanh", vec![product.into()])
            }
            5 => self.prim(stmts, "cos", vec![v]),
            6 => {
                let squashed = self.prim(stmts, "tanh", vec![v]);
                self.prim(stmts, "exp", vec![squashed.into()])
            }
            7 => {
                let wave = self.prim(stmts, "cos", vec![v]);
                let shifted = self.prim(stmts, "add", vec![wave.into(), Operand::float(1.5)]);
                self.prim(stmts, "div", vec![x, shifted.into()])
            }
            8 => {
                let wave = self.prim(stmts, "sin", vec![v]);
                let shifted = self.prim(stmts, "add", vec![wave.into(), Operand::float(1.25)]);
                let name = ["sqrt", "ln", "recip"][self.rng.below(3)];
                self.prim(stmts, name, vec![shifted.into()])
            }
            9 => {
                let name = ["max", "min"][self.rng.below(2)];
                self.prim(stmts, name, vec![v, y])
            }
            10 => self.prim(stmts, "abs", vec![v]),
            11 => {
                let exponent = Operand::int(self.rng.below(4));
                let squashed = self.prim(stmts, "tanh", vec![v]);
                self.prim(stmts, "powi", vec![squashed.into(), exponent])
            }
            12 => self.prim(stmts, "neg", vec![v]),
            13 => self.float(stmts, Op::Copy(x)),
            14 => self.prim(stmts, "mul_add", vec![v, Operand::float(0.5), y]),
            15 => self.prim(stmts, "floor", vec![v]),
            _ => {
                let memory = self.some_memory(false);
                let place = self.element(stmts, &memory);
                self.float(stmts, Op::Load(place))
            }
        }
    }

    fn condition(&mut self, stmts: &mut Vec<Stmt>) -> Operand {
        let x = self.some_float_var().0;
        let text = match self.rng.below(4) {
            0 if !self.ints.is_empty() => {
                let int = self.ints[self.rng.below(self.ints.len())].0;
                format!("__grad_v{int} % 2 == 0")
            }
            1 => format!("__grad_v{x} > 0.1 && __grad_v{x} < 0.8"),
            _ => format!("__grad_v{x} > __grad_v{}", self.some_float_var().0),
        };
        Operand::Var(self.code(stmts, "c", Ty::Bool, &text))
    }

    /// Runs `make` in a nested scope.
    fn scope<T>(&mut self, make: impl FnOnce(&mut Gen, &mut Vec<Stmt>) -> T) -> (Block, T) {
        let (floats, ints, memory) = (self.floats.len(), self.ints.len(), self.memory.clone());
        let mut grown = self.grown.clone();
        self.depth += 1;
        let mut stmts = Vec::new();
        let made = make(self, &mut stmts);
        self.depth -= 1;
        self.floats.truncate(floats);
        self.ints.truncate(ints);
        self.memory = memory;
        grown.retain(|memory| !self.gone.contains(&memory.root()));
        self.grown = grown;
        (Block { stmts }, made)
    }

    fn some_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        for _ in 0..=self.rng.below(4) {
            self.stmt(stmts);
        }
    }

    fn stmt(&mut self, stmts: &mut Vec<Stmt>) {
        if !self.grown.is_empty() && self.depth > 0 && self.rng.chance(40) {
            return self.growth(stmts);
        }
        self.budget = self.budget.saturating_sub(1);
        let nested = self.depth < 3 && self.budget > 0;
        match self.rng.below(100) {
            0..35 => _ = self.compute(stmts),
            35..55 => {
                let memory = self.some_memory(true);
                let value = self.compute(stmts);
                let place = self.element(stmts, &memory);
                stmts.push(Stmt::Store { place, value: value.into() });
            }
            55..60 => self.bulk(stmts),
            60..65 => self.allocate(stmts),
            65..69 => self.view(stmts),
            69..79 if nested => self.branch(stmts),
            79..89 if nested => self.for_(stmts),
            89..95 if nested => self.while_(stmts),
            95..100 if self.calls => self.call(stmts),
            _ => _ = self.mix(stmts),
        }
    }

    fn bulk(&mut self, stmts: &mut Vec<Stmt>) {
        match self.rng.below(4) {
            0 => {
                let memory = self.some_memory(true);
                let (a, b) = (self.element(stmts, &memory), self.element(stmts, &memory));
                stmts.push(Stmt::Swap { a, b });
            }
            1 => {
                let value = self.some_float();
                if let Some((place, _)) = self.row(stmts, true) {
                    stmts.push(Stmt::Fill { place, value });
                }
            }
            2 => {
                let (to, from) = (self.row(stmts, true), self.row(stmts, false));
                if let (Some((to, n)), Some((from, m))) = (to, from)
                    && n == m
                    && to.root != from.root
                {
                    stmts.push(Stmt::CopyFrom { to, from });
                }
            }
            _ => {
                let memory = self.some_memory(true);
                if let Shape::Rows(n, m) = memory.shape {
                    let elems = (0..m).map(|_| Elem::Scalar(self.some_float())).collect();
                    let place = Place { root: memory.root, path: vec![Proj::Index(self.index(stmts, n))] };
                    stmts.push(Stmt::Assign { place, init: Init::Vec(elems) });
                }
            }
        }
    }

    fn allocate(&mut self, stmts: &mut Vec<Stmt>) {
        let (ty, shape, init) = match self.rng.below(6) {
            0 => {
                let elems = (0..3).map(|_| Elem::Scalar(self.some_float())).collect();
                (Ty::Array(Box::new(FLOAT), "3".to_owned()), Shape::Flat(3), Init::Array(elems))
            }
            1 => {
                let elems = (0..4).map(|_| Elem::Scalar(self.some_float())).collect();
                (Ty::Vec(Box::new(FLOAT)), Shape::Flat(4), Init::Vec(elems))
            }
            2 => {
                let elems = (0..2).map(|_| Elem::Scalar(self.some_float())).collect();
                (Ty::Tuple(vec![FLOAT, FLOAT]), Shape::Tuple(2), Init::Tuple(elems))
            }
            3 => {
                let value = Elem::Scalar(self.some_float());
                (Ty::Vec(Box::new(FLOAT)), Shape::Flat(3), Init::VecRepeat { value, len: Operand::int(3) })
            }
            4 => {
                let Some((place, n)) = self.row(stmts, false) else { return };
                (Ty::Vec(Box::new(FLOAT)), Shape::Flat(n), Init::ToVec(place))
            }
            _ => return self.collect(stmts),
        };
        let root = self.var("v", ty);
        stmts.push(Stmt::Alloc { var: root, init });
        self.memory.push(Memory { root, shape, writable: true });
    }

    /// `let mut v = vec![]; for i in 0..3 { v.push(..) }`
    fn collect(&mut self, stmts: &mut Vec<Stmt>) {
        let root = self.var("pushed", Ty::Vec(Box::new(FLOAT)));
        stmts.push(Stmt::Alloc { var: root, init: Init::Empty { capacity: None } });
        let index = self.var("i", Ty::Int);
        let (body, ()) = self.scope(|cx, stmts| {
            cx.ints.push(index);
            let value = cx.compute(stmts);
            stmts.push(Stmt::Push { vec: root.into(), value: Elem::Scalar(value.into()) });
        });
        stmts.push(Stmt::For(For {
            index,
            lo: Operand::int(0),
            hi: Operand::int(3),
            inclusive: false,
            reversed: false,
            carried: Vec::new(),
            body,
            until: None,
        }));
        self.memory.push(Memory { root, shape: Shape::Flat(3), writable: true });
    }

    /// A view of a part of a row, used for a few statements during which its root is not named.
    fn view(&mut self, stmts: &mut Vec<Stmt>) {
        let writable = self.rng.chance(60);
        let Some((mut place, n)) = self.row(stmts, writable) else { return };
        let from = self.rng.below(n - 1);
        place.path.push(Proj::Slice {
            from: Some(Operand::int(from)),
            to: Some(Operand::int(n)),
            inclusive: false,
        });
        let kind = if writable { ViewKind::Exclusive } else { ViewKind::Shared };
        let ty = Ty::Ref { mutable: writable, to: Box::new(Ty::Slice(Box::new(FLOAT))) };
        let root = place.root;
        let var = self.var("view", ty);
        stmts.push(Stmt::View { var, place, kind });
        let all = self.memory.clone();
        if writable {
            self.memory.retain(|memory| memory.root != root);
        } else {
            self.memory
                .iter_mut()
                .filter(|memory| memory.root == root)
                .for_each(|memory| memory.writable = false);
        }
        self.memory.push(Memory { root: var, shape: Shape::Flat(n - from), writable });
        if self.memory.iter().any(|memory| memory.writable) {
            self.some_stmts_flat(stmts);
        }
        self.memory = all;
    }

    fn some_stmts_flat(&mut self, stmts: &mut Vec<Stmt>) {
        for _ in 0..=self.rng.below(2) {
            let value = self.compute(stmts);
            let memory = self.memory.last().unwrap().clone();
            if memory.writable {
                let place = self.element(stmts, &memory);
                stmts.push(Stmt::Store { place, value: value.into() });
            } else {
                let place = self.element(stmts, &memory);
                self.float(stmts, Op::Load(place));
            }
        }
    }

    fn branch(&mut self, stmts: &mut Vec<Stmt>) {
        let (on, patterns): (Selector, Vec<Option<Pattern>>) = match self.rng.below(4) {
            0 if !self.ints.is_empty() => {
                let tag = self.index(stmts, 3);
                (Selector::Tag(tag), vec![None, None, None])
            }
            1 if !self.ints.is_empty() => {
                let int = self.ints[self.rng.below(self.ints.len())].0;
                let bound = self.var("n", Ty::Int);
                let guarded = Pattern {
                    tokens: format!("__grad_v{}", bound.0).parse().unwrap(),
                    guard: Some(Code::new(format!("__grad_v{} % 2 == 1", bound.0).parse().unwrap(), true)),
                    binds: vec![bound],
                };
                let plain =
                    |text: &str| Pattern { tokens: text.parse().unwrap(), guard: None, binds: Vec::new() };
                let scrutinee = Code::new(format!("__grad_v{int}").parse().unwrap(), true);
                (Selector::Match(scrutinee), vec![Some(plain("0")), Some(guarded), Some(plain("_"))])
            }
            _ => (Selector::If(self.condition(stmts)), vec![None, None]),
        };
        let results: Vec<Var> = (0..self.rng.below(3)).map(|_| self.var("r", FLOAT)).collect();
        let arms = patterns
            .into_iter()
            .map(|pattern| {
                let (block, yields) = self.scope(|cx, stmts| {
                    if cx.rng.chance(80) {
                        cx.some_stmts(stmts);
                    }
                    results.iter().map(|_| Elem::Scalar(cx.some_float())).collect()
                });
                Arm { pattern, block, yields }
            })
            .collect();
        self.floats.extend(&results);
        stmts.push(Stmt::Branch(Branch { on, arms, results }));
    }

    /// Carried floats: their inits, and what the body calls them.
    fn carry(&mut self) -> Vec<Carried> {
        (0..self.rng.below(3))
            .map(|_| Carried {
                param: self.var("acc", FLOAT),
                init: self.some_float(),
                next: Operand::float(0.0),
                result: self.var("acc", FLOAT),
            })
            .collect()
    }

    /// What the carried values go on as: a sum, something computed, or the old value.
    fn carry_on(&mut self, stmts: &mut Vec<Stmt>, carried: &mut [Carried]) {
        for carried in carried {
            carried.next = match self.rng.below(4) {
                0 => {
                    let term = self.compute(stmts);
                    self.prim(stmts, "add", vec![carried.param.into(), term.into()]).into()
                }
                1 => self.some_float(),
                _ => self.compute(stmts).into(),
            };
        }
    }

    fn for_(&mut self, stmts: &mut Vec<Stmt>) {
        let index = self.var("i", Ty::Int);
        let mut carried = self.carry();
        let lo = Operand::int(self.rng.below(2));
        let hi = if self.rng.chance(25) { self.index(stmts, 4) } else { Operand::int(self.rng.below(5)) };
        let leaves = self.rng.chance(20);
        let outside = self.enter_loop();
        let (body, until) = self.scope(|cx, stmts| {
            cx.ints.push(index);
            cx.floats.extend(carried.iter().map(|carried| carried.param));
            cx.some_stmts(stmts);
            cx.carry_on(stmts, &mut carried);
            leaves.then(|| cx.condition(stmts))
        });
        self.leave_loop(outside);
        self.floats.extend(carried.iter().map(|carried| carried.result));
        let (inclusive, reversed) = (self.rng.chance(20), self.rng.chance(30));
        stmts.push(Stmt::For(For { index, lo, hi, inclusive, reversed, carried, body, until }));
    }

    fn while_(&mut self, stmts: &mut Vec<Stmt>) {
        let mut carried = self.carry();
        let count = Carried {
            param: self.var("k", Ty::Int),
            init: Operand::int(0),
            next: Operand::int(0),
            result: self.var("k", Ty::Int),
        };
        let (param, result) = (count.param, count.result);
        carried.push(count);
        let last = carried.len() - 1;
        let leaves = self.rng.chance(20);
        let outside = self.enter_loop();
        // Condition and body are one scope.
        let (both, (split, test, until)) = self.scope(|cx, stmts| {
            cx.ints.push(param);
            cx.floats.extend(carried[..last].iter().map(|carried| carried.param));
            if cx.rng.chance(30) {
                cx.compute(stmts);
            }
            let x = cx.some_float_var().0;
            let text = match cx.rng.below(2) {
                0 => format!("__grad_v{} < 3", param.0),
                _ => format!("__grad_v{} < 4 && __grad_v{x} < 0.7", param.0),
            };
            let test = Operand::Var(cx.code(stmts, "go", Ty::Bool, &text));
            let split = stmts.len();
            cx.some_stmts(stmts);
            cx.carry_on(stmts, &mut carried[..last]);
            let next = cx.code(stmts, "k", Ty::Int, &format!("__grad_v{} + 1", param.0));
            carried[last].next = next.into();
            let until = leaves.then(|| cx.condition(stmts));
            (split, test, until)
        });
        self.leave_loop(outside);
        let mut condition = both;
        let body = Block { stmts: condition.stmts.split_off(split) };
        self.floats.extend(carried[..last].iter().map(|carried| carried.result));
        self.ints.push(result);
        stmts.push(Stmt::While(While { carried, condition, test, body, until }));
    }
}
