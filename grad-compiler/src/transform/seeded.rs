//! The reverse sweep for each of a few unit seeds: what a Jacobian of few rows runs behind one forward sweep.
//!
//! Where a seed is 0, nothing flows: its terms are left out, not multiplied by zero. Each row has variables of its own, so
//! that all rows are one block; what a sweep uses up is copied for all rows but the last.

use super::{ParamCotangent, Reversed};
use crate::fault::planted;
use crate::ir::visit::Access;
use crate::ir::{
    Block, Branch, Code, Cotangent, Elem, Func, Init, Lit, Op, Operand, Place, Prim, Proj, ReverseCall,
    Selector, Stmt, Ty, Value, Var, placeholder,
};
use crate::rules::{self, Without};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// More rows than this are a loop: the code would become too long.
const MOST_ROWS: usize = 4;
/// And so would that of many rows of a long sweep.
const MOST_STATEMENTS: usize = 1200;

/// A function in reverse mode with one reverse sweep for each entry of its result.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// As of the split form, with the variables of all rows.
    pub func: Func,
    /// The sweeps of all rows, one after the other.
    pub reverse: Block,
    /// For each row, one per parameter.
    pub rows: Vec<Vec<ParamCotangent>>,
    /// For each row, the names of the variables that it has for itself.
    pub names: Vec<BTreeMap<Var, Var>>,
}

/// `None` where the entries of the result are not a few numbers that the type tells.
pub fn seeded(split: &Reversed) -> Option<Seeded> {
    let (seed, count) = match split.seed.as_ref()? {
        Value::Memory(place) if place.path.is_empty() => match split.func.ty(place.root) {
            Ty::Array(of, len) if of.is_float() => (Some(place.root), len.trim().parse().ok()?),
            _ => return None,
        },
        Value::Tuple(values)
            if values.iter().all(|value| matches!(value, Value::Scalar(Operand::Var(_)))) =>
        {
            (None, values.len())
        }
        _ => return None,
    };
    let mut statements = 0;
    split.reverse.for_each_stmt(&mut |_| statements += 1);
    if !(1..=MOST_ROWS).contains(&count) || statements * count > MOST_STATEMENTS {
        return None;
    }
    let Ty::Tuple(tys) = &split.func.result_ty else {
        return seed.map(|seed| all_rows(split, Some(seed), count));
    };
    tys.iter().all(Ty::is_float).then(|| all_rows(split, seed, count))
}

fn all_rows(split: &Reversed, seed: Option<Var>, count: usize) -> Seeded {
    let mut func = split.func.clone();
    let mut stmts = Vec::new();
    let mut rows = Vec::new();
    let mut names = Vec::new();
    let used_up = used_up(split);
    for row in 0..count {
        let mut block = Vec::new();
        let mut cx = Row { values: BTreeMap::new(), roots: BTreeMap::new(), present: BTreeSet::new() };
        let entries: Vec<f64> = (0..count).map(|k| if k == row { 1.0 } else { 0.0 }).collect();
        match (&split.seed, seed) {
            (_, Some(seed)) => {
                let elems = entries.iter().map(|entry| Elem::Scalar(Operand::float(*entry))).collect();
                block.push(Stmt::Alloc { var: seed, init: Init::Array(elems) });
                if !is_changed(&split.reverse, seed) {
                    cx.roots.insert(seed, entries);
                }
            }
            (Some(Value::Tuple(values)), None) => {
                for (value, entry) in values.iter().zip(entries) {
                    if let Value::Scalar(Operand::Var(var)) = value {
                        cx.define(&mut block, *var, entry);
                    }
                }
            }
            _ => unreachable!("a seed is memory or a tuple"),
        }
        cx.block(&split.reverse, &split.reverse, &mut block);
        drop_unread(&mut block, &cx.roots);
        let mut block = assigned(block, &split.cotangents);
        if row + 1 < count {
            let mut copies = used_up.iter().map(|var| copy(&split.func, *var)).collect::<Vec<_>>();
            copies.append(&mut block);
            block = copies;
        }

        // Variables of its own.
        let mut own = BTreeMap::new();
        let mut rename = |func: &mut Func, var: Var| {
            own.entry(var).or_insert_with(|| {
                let info = func.vars[var.index()].clone();
                let new = func.new_var(info.name, info.ty, info.span);
                let own = &mut func.vars[new.index()];
                (own.mutable, own.reciprocal) = (info.mutable, info.reciprocal);
                new
            });
        };
        for stmt in &block {
            stmt.for_each_define_within(&mut |var| rename(&mut func, var));
        }
        for cotangent in &split.cotangents {
            if let ParamCotangent::Slot(var) = cotangent {
                rename(&mut func, *var);
            }
        }
        // A copy is of what it replaces.
        let copies = if row + 1 < count { used_up.len() } else { 0 };
        let to = |var: Var| own.get(&var).copied().unwrap_or(var);
        for (k, stmt) in block.iter_mut().enumerate() {
            if k < copies {
                define_renamed(stmt, &to);
            } else {
                stmt.map_vars(&mut |var| to(var));
            }
        }
        stmts.append(&mut block);
        rows.push(
            split
                .cotangents
                .iter()
                .map(|cotangent| match cotangent {
                    ParamCotangent::Constant => ParamCotangent::Constant,
                    ParamCotangent::Value(Operand::Var(var)) => ParamCotangent::Value(to(*var).into()),
                    ParamCotangent::Value(literal) => ParamCotangent::Value(literal.clone()),
                    ParamCotangent::Slot(var) => ParamCotangent::Slot(to(*var)),
                })
                .collect(),
        );
        names.push(own);
    }
    Seeded { func, reverse: Block { stmts }, rows, names }
}

/// What the forward sweep leaves and a reverse sweep uses up or changes.
fn used_up(split: &Reversed) -> Vec<Var> {
    let mut left = BTreeSet::new();
    for stmt in &split.func.body.stmts {
        stmt.for_each_define(&mut |var| {
            left.insert(var);
        });
    }
    left.extend(split.func.params.iter().map(|param| param.var));
    let mut read = BTreeSet::new();
    split.reverse.for_each_read(&mut |var| {
        read.insert(var);
    });
    let views: BTreeSet<Var> = split
        .func
        .body
        .stmts
        .iter()
        .filter_map(|stmt| if let Stmt::View { var, .. } = stmt { Some(*var) } else { None })
        .collect();
    left.into_iter()
        .filter(|var| read.contains(var) && !views.contains(var))
        .filter(|var| {
            let ty = split.func.ty(*var);
            matches!(ty, Ty::Pullback | Ty::Tape(_) | Ty::Vec(_) | Ty::Unknown | Ty::Array(..) | Ty::Tuple(_))
        })
        .filter(|var| {
            !split.func.ty(*var).is_memory() || is_changed(&split.reverse, *var) || is_taken(split, *var)
        })
        .collect()
}

/// Whether the block does anything to the memory but read it.
fn is_changed(block: &Block, root: Var) -> bool {
    let mut changed = false;
    block.for_each_stmt(&mut |stmt| {
        stmt.for_each_place(&mut |place, access| changed |= place.root == root && access != Access::Read);
        match stmt {
            Stmt::Let { op: Op::Pop(tape), .. }
            | Stmt::Alloc { init: Init::Pop(tape), .. }
            | Stmt::Grow { tape, .. }
            | Stmt::Extend { tape, .. }
            | Stmt::Truncate { tape, .. } => changed |= *tape == root,
            _ => {}
        }
    });
    changed
}

/// Whether the reverse sweep moves it, or a part of it.
fn is_taken(split: &Reversed, root: Var) -> bool {
    let mut taken = false;
    split.reverse.for_each_stmt(&mut |stmt| match stmt {
        Stmt::Alloc { init: Init::Move(place), .. } | Stmt::Assign { init: Init::Move(place), .. } => {
            taken |= place.root == root;
        }
        Stmt::ReverseCall(_) | Stmt::Branch(_) => {
            stmt.for_each_place(&mut |place, _| taken |= place.root == root);
        }
        _ => {}
    });
    taken
}

/// `let tape = tape.clone();`
fn copy(func: &Func, var: Var) -> Stmt {
    if func.ty(var).is_memory() && !matches!(func.ty(var), Ty::Tape(_)) {
        return Stmt::Alloc { var, init: Init::Clone(var.into()) };
    }
    let path: TokenStream = "::core::clone::Clone::clone".parse().expect("a path");
    let of: TokenStream = "&".parse().expect("an operator");
    let name = TokenTree::Ident(placeholder(var, Span::call_site()));
    let argument = of.into_iter().chain([name]).collect();
    let group = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, argument);
    let tokens = path.into_iter().chain([TokenTree::Group(group)]).collect();
    Stmt::Let { var, op: Op::Code(Code::new(tokens, false)) }
}

fn define_renamed(stmt: &mut Stmt, to: &impl Fn(Var) -> Var) {
    if let Stmt::Alloc { var, .. } | Stmt::Let { var, .. } = stmt {
        *var = to(*var);
    }
}

/// Seeds that nothing reads any more.
fn drop_unread(block: &mut Vec<Stmt>, roots: &BTreeMap<Var, Vec<f64>>) {
    let mut read = BTreeSet::new();
    for stmt in block.iter().rev() {
        let is_unread =
            matches!(stmt, Stmt::Alloc { var, .. } if roots.contains_key(var) && !read.contains(var));
        if !is_unread {
            stmt.for_each_read(&mut |var| {
                read.insert(var);
            });
        }
    }
    block.retain(
        |stmt| !matches!(stmt, Stmt::Alloc { var, .. } if roots.contains_key(var) && !read.contains(var)),
    );
}

/// A row starts as zeros, so that the first contribution to an element may be assigned to it.
fn assigned(mut block: Vec<Stmt>, cotangents: &[ParamCotangent]) -> Vec<Stmt> {
    let slots: Vec<Var> = cotangents
        .iter()
        .filter_map(|cotangent| if let ParamCotangent::Slot(var) = cotangent { Some(*var) } else { None })
        .collect();
    for k in 0..block.len() {
        let (before, rest) = block.split_at_mut(k);
        let Stmt::Accumulate { place, value } = &rest[0] else { continue };
        let is_fixed = !place.path.is_empty()
            && place
                .path
                .iter()
                .all(|proj| matches!(proj, Proj::Index(Operand::Lit(_)) | Proj::Field(_) | Proj::Named(_)));
        if slots.contains(&place.root) && is_fixed && !before.iter().any(|stmt| touches(stmt, place)) {
            rest[0] = Stmt::Store { place: place.clone(), value: value.clone() };
        }
    }
    block
}

fn touches(stmt: &Stmt, place: &Place) -> bool {
    let mut touches = false;
    stmt.for_each_place(&mut |other, access| {
        touches |= other.root == place.root
            && (access == Access::Borrow || crate::analysis::may_overlap(&other.path, &place.path));
    });
    stmt.for_each_block(&mut |block| touches |= block.stmts.iter().any(|inner| self::touches(inner, place)));
    touches
}

/// What is known while the sweep of one row is copied.
#[derive(Clone)]
struct Row {
    /// Values that are literals now; those that are 0 are absent.
    values: BTreeMap<Var, f64>,
    /// The same of memory that is not changed.
    roots: BTreeMap<Var, Vec<f64>>,
    /// Cotangents that are there whatever their value: not 0 because nothing flows.
    present: BTreeSet<Var>,
}

impl Row {
    fn define(&mut self, out: &mut Vec<Stmt>, var: Var, value: f64) {
        self.values.insert(var, value);
        if value != 0.0 {
            self.present.insert(var);
        }
        out.push(Stmt::Let { var, op: Op::Copy(Operand::float(value)) });
    }

    fn is_zero(&self, operand: &Operand) -> bool {
        operand.var().is_some_and(|var| self.values.get(&var) == Some(&0.0))
    }

    /// The same of a number.
    fn is_absent(&self, operand: &Operand) -> bool {
        self.is_zero(operand) || planted("seeded: taken for absent")
    }

    fn is_present(&self, operand: &Operand) -> bool {
        operand.var().is_some_and(|var| self.present.contains(&var))
    }

    fn known(&self, place: &Place) -> Option<f64> {
        let [Proj::Index(Operand::Lit(Lit { value, .. }))] = &place.path[..] else { return None };
        let entries = self.roots.get(&place.root)?;
        entries.iter().enumerate().find(|(k, _)| *k as f64 == *value).map(|(_, entry)| *entry)
    }

    fn block(&mut self, block: &Block, whole: &Block, out: &mut Vec<Stmt>) {
        for stmt in &block.stmts {
            self.stmt(stmt, whole, out);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, whole: &Block, out: &mut Vec<Stmt>) {
        match stmt {
            // A length is copied, too.
            Stmt::Let { var, op: Op::Copy(from) } if self.is_zero(from) => self.define(out, *var, 0.0),
            Stmt::Let { var, op: Op::Copy(from) } if self.is_present(from) => {
                self.present.insert(*var);
                out.push(stmt.clone());
            }
            Stmt::Let { var, op: Op::Load(place) } => match self.known(place) {
                Some(value) => self.define(out, *var, value),
                None => out.push(stmt.clone()),
            },
            Stmt::Let { var, op: Op::Prim(prim, args) } => self.prim(*var, *prim, args, stmt, out),
            Stmt::Alloc { var, init: Init::Move(from) }
                if from.path.is_empty() && self.roots.contains_key(&from.root) =>
            {
                if !is_changed(whole, *var) {
                    let entries = self.roots[&from.root].clone();
                    self.roots.insert(*var, entries);
                }
                out.push(stmt.clone());
            }
            Stmt::Accumulate { value, .. }
                if self.is_absent(value) || planted("seeded: accumulation lost") => {}
            Stmt::ReverseCall(call) if self.is_absent_call(call) => {
                for cotangent in &call.cotangents {
                    if let Cotangent::Value(var) = cotangent {
                        self.define(out, *var, 0.0);
                    }
                }
            }
            Stmt::Branch(branch) => self.branch(branch, whole, out),
            stmt => out.push(stmt.clone()),
        }
    }

    fn prim(&mut self, var: Var, prim: Prim, args: &[Operand], stmt: &Stmt, out: &mut Vec<Stmt>) {
        let absent: Vec<bool> = args.iter().map(|arg| self.is_absent(arg)).collect();
        if args.iter().any(|arg| self.is_present(arg)) {
            self.present.insert(var);
        }
        match rules::without(prim, &absent) {
            Without::Unknown if planted("seeded: term lost") => self.define(out, var, 0.0),
            Without::Zero => {
                self.present.remove(&var);
                self.define(out, var, 0.0);
            }
            Without::Argument(_) if planted("seeded: sum lost") => self.define(out, var, 0.0),
            Without::Argument(k) => out.push(Stmt::Let { var, op: Op::Copy(args[k].clone()) }),
            Without::Negated(k) => {
                out.push(Stmt::Let { var, op: Op::Prim(rules::negation(), vec![args[k].clone()]) });
            }
            Without::Unknown => out.push(stmt.clone()),
        }
    }

    /// The call of a pullback with nothing but zeros: it adds nothing.
    fn is_absent_call(&self, call: &ReverseCall) -> bool {
        let returns_only = call
            .cotangents
            .iter()
            .all(|cotangent| matches!(cotangent, Cotangent::None | Cotangent::Value(_) | Cotangent::Slot(_)));
        let fixed = call.args.iter().all(|arg| {
            matches!(
                arg.kind,
                crate::ir::ArgKind::Scalar(_)
                    | crate::ir::ArgKind::ScalarRef(_)
                    | crate::ir::ArgKind::Memory { passed: crate::ir::Passed::Shared, .. }
            )
        });
        returns_only && fixed && call.seed.as_ref().is_some_and(|seed| self.is_absent_value(seed))
    }

    fn is_absent_value(&self, value: &Value) -> bool {
        match value {
            Value::Unit => false,
            Value::Scalar(operand) => self.is_absent(operand),
            Value::Memory(place) => {
                place.path.is_empty()
                    && self.roots.get(&place.root).is_some_and(|entries| entries.iter().all(|x| *x == 0.0))
            }
            Value::Tuple(values) => values.iter().all(|value| self.is_absent_value(value)),
        }
    }

    fn branch(&mut self, branch: &Branch, whole: &Block, out: &mut Vec<Stmt>) {
        if let Some(arm) = self.decided(branch, out) {
            let arm = &branch.arms[arm];
            self.block(&arm.block, whole, out);
            for (var, elem) in branch.results.iter().zip(&arm.yields) {
                if let Elem::Scalar(operand) = elem {
                    self.stmt(&Stmt::Let { var: *var, op: Op::Copy(operand.clone()) }, whole, out);
                    if *operand == Operand::float(0.0) {
                        self.values.insert(*var, 0.0);
                    }
                }
            }
            return;
        }
        let mut branch = branch.clone();
        let mut absent = vec![true; branch.results.len()];
        for arm in &mut branch.arms {
            let mut inner = self.clone();
            let mut stmts = Vec::new();
            inner.block(&arm.block, whole, &mut stmts);
            arm.block = Block { stmts };
            for (absent, elem) in absent.iter_mut().zip(&arm.yields) {
                *absent &= matches!(elem, Elem::Scalar(operand)
                    if inner.is_absent(operand) || *operand == Operand::float(0.0));
            }
        }
        let results = branch.results.clone();
        out.push(Stmt::Branch(branch));
        // A structural zero on all ways.
        for (var, absent) in results.into_iter().zip(absent) {
            if absent {
                self.values.insert(var, 0.0);
            }
        }
    }

    /// The arm of `if x_bar != 0.0`, where it is known whether anything flows.
    fn decided(&self, branch: &Branch, out: &[Stmt]) -> Option<usize> {
        let Selector::If(Operand::Var(test)) = &branch.on else { return None };
        if !branch.arms.iter().all(|arm| arm.yields.iter().all(|elem| matches!(elem, Elem::Scalar(_)))) {
            return None;
        }
        let Some(Stmt::Let { op: Op::Code(code), .. }) =
            out.iter().rev().find(|stmt| matches!(stmt, Stmt::Let { var, .. } if var == test))
        else {
            return None;
        };
        // Nothing else decides.
        let ([of], [_]) = (&code.flows[..], &code.reads[..]) else { return None };
        let of = *of;
        match (self.values.get(&of), self.present.contains(&of)) {
            (Some(0.0), _) => Some(1),
            (_, true) => Some(0),
            _ => None,
        }
    }
}
