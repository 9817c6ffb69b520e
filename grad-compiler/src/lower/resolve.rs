//! What lowering left open: types, loop parameters that did not change, values that nobody reads.

use super::Lower;
use crate::ir::visit::{Item, ItemMut};
use crate::ir::{ArgKind, Block, Code, Elem, Func, Init, Operand, Passed, Place, Stmt, Ty, Value, Var};
use quote::ToTokens;
use std::collections::BTreeMap;

impl Lower<'_> {
    pub(crate) fn resolve(&mut self, mut func: Func) -> Func {
        for (at, var) in func.vars.iter_mut().enumerate() {
            var.ty = self.types.to_ir(&self.var_types[at]);
        }
        let substitutions = std::mem::take(&mut self.substitutions);
        let resolve = |var: Var| {
            let mut operand = Operand::Var(var);
            while let Operand::Var(var) = operand
                && let Some(by) = substitutions.get(&var)
            {
                operand = by.clone();
            }
            operand
        };
        let types: Vec<Ty> = func.vars.iter().map(|var| var.ty.clone()).collect();
        // Among tokens, a literal has the type that only the variable tells.
        let in_code = |var: Var| match (resolve(var), &types[var.index()]) {
            (Operand::Lit(lit), Ty::Float(float)) => Operand::Lit(lit.typed(*float)),
            (operand, _) => operand,
        };
        for stmt in &mut func.body.stmts {
            substitute(stmt, &resolve, &in_code);
        }
        func.result.walk_mut(&mut |item| substitute_item(item, &resolve, &in_code));
        // What a view looks at stays where it is, whatever it is.
        let mut types = types;
        func.for_each_stmt(&mut |stmt| {
            if let Stmt::View { var, .. } = stmt {
                types[var.index()] = Ty::Unknown;
            }
        });
        for stmt in &mut func.body.stmts {
            settle_forms(stmt, &types);
        }
        if let Value::Memory(place) = &func.result
            && let Some(operand) = scalar(place, &types)
        {
            func.result = Value::Scalar(operand);
        }
        super::moves::move_copies(&mut func);
        prune(&mut func);
        func
    }
}

type Resolve<'a> = &'a dyn Fn(Var) -> Operand;

fn substitute(stmt: &mut Stmt, resolve: Resolve<'_>, in_code: Resolve<'_>) {
    stmt.walk_mut(&mut |item| substitute_item(item, resolve, in_code));
}

fn substitute_item(item: ItemMut<'_>, resolve: Resolve<'_>, in_code: Resolve<'_>) {
    match item {
        ItemMut::Operand(operand) => {
            if let Operand::Var(var) = operand {
                *operand = resolve(*var);
            }
        }
        ItemMut::Place(place, _) => {
            if let Operand::Var(root) = resolve(place.root) {
                place.root = root;
            }
            place.for_each_operand_mut(&mut |operand| {
                if let Operand::Var(var) = operand {
                    *operand = resolve(*var);
                }
            });
        }
        ItemMut::Code(code) => *code = code.with_operands(in_code),
        ItemMut::Var(var, _) => {
            if let Operand::Var(by) = resolve(*var) {
                *var = by;
            }
        }
        ItemMut::Pattern(pattern) => {
            if let Some(guard) = &mut pattern.guard {
                *guard = guard.with_operands(in_code);
            }
        }
        ItemMut::Block(block) => block.stmts.iter_mut().for_each(|stmt| substitute(stmt, resolve, in_code)),
        ItemMut::Enter | ItemMut::Bind(_) | ItemMut::Leave | ItemMut::Define(_) => {}
    }
}

/// The scalar that a place without a path is, if its variable is one.
fn scalar(place: &Place, types: &[Ty]) -> Option<Operand> {
    (place.path.is_empty() && types[place.root.index()].is_value()).then_some(Operand::Var(place.root))
}

/// What was lowered as memory while its type was unknown, and is a scalar.
fn settle_forms(stmt: &mut Stmt, types: &[Ty]) {
    let elem = |elem: &mut Elem| {
        if let Elem::Memory(place) = elem
            && let Some(operand) = scalar(place, types)
        {
            *elem = Elem::Scalar(operand);
        }
    };
    match stmt {
        Stmt::Call(call) => {
            for arg in &mut call.args {
                match &arg.kind {
                    // Of a type that only rustc knows.
                    ArgKind::Scalar(Operand::Var(var)) if types[var.index()] == Ty::Opaque => {
                        let tokens = crate::ir::placeholder(*var, arg.span).to_token_stream();
                        arg.kind =
                            ArgKind::Code { code: Code::new(tokens, true), exclusive: false, checked: false };
                    }
                    ArgKind::Memory { place, passed: Passed::Moved } => {
                        if let Some(operand) = scalar(place, types) {
                            arg.kind = ArgKind::Scalar(operand);
                        }
                    }
                    ArgKind::Memory { place, passed: Passed::Shared } => {
                        if let Some(operand) = scalar(place, types) {
                            arg.kind = ArgKind::ScalarRef(operand);
                        }
                    }
                    _ => {}
                }
            }
        }
        Stmt::Alloc { var, init } => match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter_mut().for_each(elem)
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } => elem(value),
            Init::Move(place) => {
                if let Some(operand) = scalar(place, types) {
                    *stmt = Stmt::Let { var: *var, op: crate::ir::Op::Copy(operand) };
                }
            }
            _ => {}
        },
        Stmt::Push { value, .. } => elem(value),
        Stmt::Branch(branch) => {
            for arm in &mut branch.arms {
                arm.yields.iter_mut().for_each(elem);
            }
        }
        _ => {}
    }
    stmt.for_each_block_mut(&mut |block| block.stmts.iter_mut().for_each(|stmt| settle_forms(stmt, types)));
}

/// How often each variable is read.
type Uses = BTreeMap<Var, usize>;

/// Removes results of branches and loops that nobody reads: an exit's flag that is known where it matters, the value
/// of a variable that is assigned in an arm and not used again.
fn prune(func: &mut Func) {
    let mut uses = Uses::new();
    for stmt in &func.body.stmts {
        count(stmt, &mut uses);
    }
    func.result.walk(&mut |item| item.for_each_read(&mut |var| *uses.entry(var).or_default() += 1));
    prune_block(&mut func.body, &mut uses);
}

fn count(stmt: &Stmt, uses: &mut Uses) {
    stmt.walk(&mut |item| match item {
        Item::Block(block) => block.stmts.iter().for_each(|stmt| count(stmt, uses)),
        item => item.for_each_read(&mut |var| *uses.entry(var).or_default() += 1),
    });
}

fn prune_block(block: &mut Block, uses: &mut Uses) {
    let is_used = |uses: &Uses, var: Var| uses.get(&var).is_some_and(|uses| *uses > 0);
    let drop_use = |uses: &mut Uses, operand: &Operand| {
        if let Operand::Var(var) = operand
            && let Some(uses) = uses.get_mut(var)
        {
            *uses = uses.saturating_sub(1);
        }
    };
    for stmt in block.stmts.iter_mut().rev() {
        match stmt {
            Stmt::Branch(branch) => {
                let keep: Vec<bool> = branch.results.iter().map(|var| is_used(uses, *var)).collect();
                let mut at = 0..;
                branch.results.retain(|_| keep[at.next().unwrap_or(0)]);
                for arm in &mut branch.arms {
                    for (elem, keep) in arm.yields.iter().zip(&keep) {
                        if let (Elem::Scalar(operand), false) = (elem, keep) {
                            drop_use(uses, operand);
                        }
                    }
                    let mut at = 0..;
                    arm.yields.retain(|_| keep[at.next().unwrap_or(0)]);
                }
            }
            Stmt::For(repeat) => repeat.carried.retain(|carried| {
                let keep = is_used(uses, carried.result) || is_used(uses, carried.param);
                if !keep {
                    drop_use(uses, &carried.init);
                    drop_use(uses, &carried.next);
                }
                keep
            }),
            Stmt::While(repeat) => repeat.carried.retain(|carried| {
                let keep = is_used(uses, carried.result) || is_used(uses, carried.param);
                if !keep {
                    drop_use(uses, &carried.init);
                    drop_use(uses, &carried.next);
                }
                keep
            }),
            _ => {}
        }
        // What a removed result alone read is next.
        stmt.for_each_block_mut(&mut |block| prune_block(block, uses));
    }
}
