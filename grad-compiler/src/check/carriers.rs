//! What may carry a derivative? An over-approximation of the check's own: definition and use from the independent
//! parameters on, memory as a whole, nothing killed, nothing excluded but what [`carries`] and the rules exclude.
//!
//! One thing is told apart: what the compiler does not look into, beside floats in one memory, `(String, f64)`. It carries
//! something only if something came into it that carries: from a parameter whose type may hide floats, from code, from a call.

use super::uses::{Of, Way, carries, leaves, uses};
use crate::ir::visit::Access;
use crate::ir::{Block, Func, Op, Operand, Place, Proj, Stmt, Ty, Value, Var};
use crate::transform::Site;
use std::collections::BTreeMap;

/// A function, with all that its statements read.
pub(super) struct Carriers<'a> {
    pub func: &'a Func,
    /// For a view, the memory it is a part of; else the variable itself.
    pub root: Vec<Var>,
    pub reads: Vec<Read<'a>>,
    /// Depends on an independent variable.
    pub varied: Vec<bool>,
    /// Gets into the result, or into what a `&mut` parameter refers to.
    pub needed: Vec<bool>,
    /// The region of each variable, and the parent of each region. They are numbered in the order in which they begin.
    pub home: Vec<u32>,
    pub parents: Vec<u32>,
    /// The statement that a region is a part of, and which of its parts: an arm, or the body of a loop (0).
    pub owner: Vec<(Site, usize)>,
    /// How many arms a branch has.
    pub arms: BTreeMap<Site, usize>,
    views: Vec<Option<&'a Place>>,
    open: Vec<bool>,
}

/// What one statement reads of one variable.
pub(super) struct Read<'a> {
    pub stmt: &'a Stmt,
    /// What comes behind it in its block.
    pub rest: &'a [Stmt],
    /// Where it is read.
    pub region: u32,
    pub inside: Option<usize>,
    pub from: Var,
    pub to: Vec<Var>,
    pub way: Way<'a>,
    /// It may get into what the compiler does not look into.
    hides: bool,
}

impl Read<'_> {
    pub(super) fn site(&self) -> Site {
        Site::of(self.stmt)
    }
}

/// `results`: the variables of the result that may carry a derivative out.
pub(super) fn carriers<'a>(func: &'a Func, results: &[Var]) -> Carriers<'a> {
    let mut open = vec![false; func.vars.len()];
    for param in func.params.iter().filter(|param| param.wrt) {
        open[param.var.index()] = param.hides;
    }
    // With each memory that is found to be open, more may carry.
    loop {
        let cx = with_open(func, results, open.clone());
        let into = cx.reads.iter().filter(|read| read.hides && cx.varied[read.from.index()]);
        let before = open.clone();
        into.flat_map(|read| &read.to).for_each(|to| open[to.index()] = true);
        if open == before {
            return cx;
        }
    }
}

/// `open`: memory in which what the compiler does not look into may carry.
fn with_open<'a>(func: &'a Func, results: &[Var], open: Vec<bool>) -> Carriers<'a> {
    let n = func.vars.len();
    let mut cx = Carriers {
        func,
        root: roots(func, &[&func.body]),
        reads: Vec::new(),
        varied: vec![false; n],
        needed: vec![false; n],
        home: vec![0; n],
        parents: vec![0],
        owner: vec![(Site::default(), 0)],
        arms: BTreeMap::new(),
        views: views(func),
        open,
    };
    cx.block(&func.body, 0);
    for param in &func.params {
        cx.varied[param.var.index()] = param.wrt && carries(func.ty(param.var));
        cx.needed[param.var.index()] = param.wrt && is_exclusive(func.ty(param.var));
    }
    for var in results {
        cx.needed[cx.root[var.index()].index()] = true;
    }
    let mut varied = std::mem::take(&mut cx.varied);
    spread(n, &mut varied, cx.reads.iter().flat_map(|read| read.to.iter().map(|to| (read.from, *to))));
    cx.varied = varied;
    let mut needed = std::mem::take(&mut cx.needed);
    let back = cx.reads.iter().filter(|read| cx.varied[read.from.index()]);
    spread(n, &mut needed, back.flat_map(|read| read.to.iter().map(|to| (*to, read.from))));
    cx.needed = needed;
    cx
}

/// The results of a function, whatever their types.
pub(super) fn results(func: &Func) -> Vec<Var> {
    let mut vars = Vec::new();
    leaves(&func.result, &mut |var| vars.push(var));
    vars.retain(|var| !matches!(func.ty(*var), Ty::Opaque) && carries(func.ty(*var)));
    vars
}

pub(super) fn is_exclusive(ty: &Ty) -> bool {
    matches!(ty, Ty::Ref { mutable: true, .. })
}

/// The root of every variable: of a view, the memory that it looks into.
pub(super) fn roots(func: &Func, blocks: &[&Block]) -> Vec<Var> {
    let mut root: Vec<Var> = (0..func.vars.len()).map(number).collect();
    for block in blocks {
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::View { var, place, .. } = stmt {
                root[var.index()] = root[place.root.index()];
            }
        });
    }
    root
}

pub(super) fn number(index: usize) -> Var {
    Var(u32::try_from(index).expect("fewer than 2³² variables"))
}

/// Marks what is reached from the marked.
fn spread(n: usize, marked: &mut [bool], edges: impl Iterator<Item = (Var, Var)>) {
    let mut next: Vec<Vec<Var>> = vec![Vec::new(); n];
    for (from, to) in edges {
        next[from.index()].push(to);
    }
    let mut left: Vec<usize> = (0..n).filter(|k| marked[*k]).collect();
    while let Some(k) = left.pop() {
        for to in &next[k] {
            if !std::mem::replace(&mut marked[to.index()], true) {
                left.push(to.index());
            }
        }
    }
}

impl<'a> Carriers<'a> {
    /// Whether a derivative may go through here.
    pub(super) fn is_active(&self, read: &Read) -> bool {
        self.varied[read.from.index()] && read.to.iter().any(|to| self.needed[to.index()])
    }

    pub(super) fn active(&self) -> impl Iterator<Item = &Read<'a>> {
        self.reads.iter().filter(|read| self.is_active(read))
    }

    fn block(&mut self, block: &'a Block, region: u32) {
        for (k, stmt) in block.stmts.iter().enumerate() {
            self.stmt(stmt, &block.stmts[k + 1..], region);
        }
    }

    fn child(&mut self, parent: u32, stmt: &Stmt, part: usize) -> u32 {
        self.parents.push(parent);
        self.owner.push((Site::of(stmt), part));
        u32::try_from(self.parents.len() - 1).expect("fewer than 2³² regions")
    }

    fn stmt(&mut self, whole: &'a Stmt, rest: &'a [Stmt], region: u32) {
        whole.for_each_define(&mut |var| self.home[var.index()] = region);
        let mut regions = Vec::new();
        match whole {
            Stmt::Branch(branch) => {
                self.arms.insert(Site::of(whole), branch.arms.len());
                for (k, arm) in branch.arms.iter().enumerate() {
                    let inner = self.child(region, whole, k);
                    for var in arm.pattern.iter().flat_map(|pattern| &pattern.binds) {
                        self.home[var.index()] = inner;
                    }
                    self.block(&arm.block, inner);
                    regions.push(inner);
                }
            }
            Stmt::For(stmt) => {
                let inner = self.child(region, whole, 0);
                self.home[stmt.index.index()] = inner;
                stmt.carried.iter().for_each(|c| self.home[c.param.index()] = inner);
                self.block(&stmt.body, inner);
                regions.push(inner);
            }
            Stmt::While(stmt) => {
                let inner = self.child(region, whole, 0);
                stmt.carried.iter().for_each(|c| self.home[c.param.index()] = inner);
                self.block(&stmt.condition, inner);
                self.block(&stmt.body, inner);
                regions.push(inner);
            }
            _ => {}
        }
        let (root, open) = (&self.root, &self.open);
        let resolved = |var: &Var| root[var.index()];
        let reads = &mut self.reads;
        uses(Of::Primal, self.func, whole, &mut |one| {
            let memory = resolved(&one.from);
            if one.unseen && is_closed(self.func, open, memory) {
                return;
            }
            let to = one.to.iter().filter(|to| carries(self.func.ty(**to))).map(resolved).collect();
            let region = one.inside.map_or(region, |k| regions[k]);
            // What is moved from memory that is not open brings nothing.
            let moved = matches!(one.way, Way::Whole | Way::Loaded) && !open[memory.index()];
            let ty = self.func.ty(memory);
            let hides = one.hides && !(moved && ty.holds_floats() && !ty.is_partly_unknown());
            let (from, inside, way) = (memory, one.inside, one.way);
            reads.push(Read { stmt: whole, rest, region, inside, from, to, way, hides });
        });
    }

    /// For `place += e`, written as `before = place; sum = before + e; place = sum`: whether the first is that of one. Its
    /// cotangent is that of the place, and stays there.
    pub(super) fn is_increment(&self, load: &Read) -> bool {
        self.increment(load).is_some()
    }

    /// The statement that stores the sum.
    pub(super) fn increment(&self, load: &Read<'a>) -> Option<&'a Stmt> {
        let Stmt::Let { var: before, op: Op::Load(of) } = load.stmt else { return None };
        let mut sum = None;
        for stmt in load.rest {
            match (stmt, sum) {
                (Stmt::Let { var, op: Op::Prim(prim, args) }, None) if args.contains(&(*before).into()) => {
                    let k = args.iter().position(|arg| *arg == (*before).into());
                    if !k.is_some_and(|k| crate::rules::adds_unchanged(*prim, args, k)) {
                        return None;
                    }
                    sum = Some(*var);
                }
                (Stmt::Store { place, value: Operand::Var(value) }, Some(sum)) if *value == sum => {
                    return (self.whole_path(place) == self.whole_path(of)).then_some(stmt);
                }
                _ => {
                    let goes_on =
                        self.goes_on(stmt, *before) || sum.is_some_and(|sum| self.goes_on(stmt, sum));
                    if goes_on || self.writes_to(stmt, load.from) {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Whether a statement, or one in it, reads this value for something that a derivative may go through: not to compare it.
    fn goes_on(&self, stmt: &Stmt, value: Var) -> bool {
        let mut is_read = false;
        stmt.for_each_read(&mut |var| is_read |= var == value);
        if !is_read {
            return false;
        }
        let mut sites = vec![Site::of(stmt)];
        stmt.for_each_block(&mut |block| block.for_each_stmt(&mut |stmt| sites.push(Site::of(stmt))));
        self.active().any(|read| read.from == value && sites.contains(&read.site()))
    }

    /// Whether a statement, or one in it, changes this memory.
    fn writes_to(&self, stmt: &Stmt, root: Var) -> bool {
        let mut writes = match stmt {
            Stmt::Effect { writes, .. } => writes.iter().any(|var| self.root[var.index()] == root),
            _ => false,
        };
        stmt.for_each_place(&mut |place, access| {
            let changes = matches!(access, Access::Write | Access::Update);
            writes |= changes && self.root[place.root.index()] == root;
        });
        stmt.for_each_block(&mut |block| writes |= block.stmts.iter().any(|stmt| self.writes_to(stmt, root)));
        writes
    }

    /// Whether a part is such that nothing that carries came into it.
    pub(super) fn is_closed(&self, root: Var, part: &Ty) -> bool {
        !part.holds_floats() && is_closed(self.func, &self.open, root)
    }

    /// A place from its root on.
    pub(super) fn whole_path(&self, place: &Place) -> (Var, Vec<Proj>) {
        let (mut root, mut path) = (place.root, place.path.clone());
        while let Some(of) = self.views[root.index()] {
            path.splice(0..0, of.path.iter().cloned());
            root = of.root;
        }
        (root, path)
    }
}

/// Whether nothing that carries came into what the compiler does not look into, beside floats in this memory.
fn is_closed(func: &Func, open: &[bool], memory: Var) -> bool {
    func.ty(memory).holds_floats() && !open[memory.index()]
}

/// What every view is another name for.
fn views(func: &Func) -> Vec<Option<&Place>> {
    let mut views = vec![None; func.vars.len()];
    func.for_each_stmt(&mut |stmt| {
        if let Stmt::View { var, place, .. } = stmt {
            views[var.index()] = Some(place);
        }
    });
    views
}

/// Pairs of a value and of what stands for it, leaf by leaf.
pub(super) fn pairs<'v>(value: &'v Value, other: &'v Value, f: &mut dyn FnMut(&'v Value, &'v Value)) {
    match (value, other) {
        (Value::Tuple(values), Value::Tuple(others)) => {
            values.iter().zip(others).for_each(|(value, other)| pairs(value, other, f));
        }
        _ => f(value, other),
    }
}
