//! What does a choice of constants give in an arm that leaves?
//!
//! Nothing, and nobody asks for it: what follows is for the other arms. Of a type that only rustc knows there is no value to write
//! there. So the arms give `Some`, that arm gives `None`, and what follows takes out what there is.

use crate::ir::{Arm, Block, Branch, Code, Elem, Func, Op, Stmt, Ty, Var, placeholder};
use quote::quote;
use std::collections::BTreeSet;

/// `unread`: the variables that stand for what an arm does not give.
pub(super) fn hold(func: &mut Func, unread: &BTreeSet<Var>) {
    if unread.is_empty() {
        return;
    }
    let mut reads = vec![0; func.vars.len()];
    func.body.for_each_read(&mut |var| reads[var.index()] += 1);
    func.result.for_each_read(&mut |var| reads[var.index()] += 1);
    let mut body = std::mem::take(&mut func.body);
    Hold { func, unread, reads: &reads }.block(&mut body);
    func.body = body;
}

struct Hold<'a> {
    func: &'a mut Func,
    unread: &'a BTreeSet<Var>,
    /// How often each variable is read.
    reads: &'a [usize],
}

impl Hold<'_> {
    fn block(&mut self, block: &mut Block) {
        for at in 0..block.stmts.len() {
            let (made, rest) = block.stmts.split_at_mut(at + 1);
            let Stmt::Branch(branch) = &mut made[at] else { continue };
            for result in 0..branch.results.len() {
                if self.is_left_out(branch, result)
                    && let Some(reader) = self.reader(rest, branch.results[result])
                {
                    self.give_some(branch, result, reader);
                }
            }
        }
        for stmt in &mut block.stmts {
            stmt.for_each_block_mut(&mut |inner| self.block(inner));
        }
    }

    /// Whether some arms give a constant, and some none.
    fn is_left_out(&self, branch: &Branch, result: usize) -> bool {
        let is_unread = |arm: &Arm| given(arm, result).is_some_and(|var| self.unread.contains(&var));
        self.func.vars[branch.results[result].index()].ty == Ty::Opaque
            && branch.arms.iter().any(|arm| is_unread(arm) || self.inner(arm, result).is_some())
            && !branch.arms.iter().all(is_unread)
    }

    /// The choice in an arm that has such arms itself, and whose result the arm hands on.
    fn inner(&self, arm: &Arm, result: usize) -> Option<(usize, usize)> {
        let var = given(arm, result).filter(|var| self.reads.get(var.index()) == Some(&1))?;
        arm.block.stmts.iter().enumerate().find_map(|(at, stmt)| {
            let Stmt::Branch(branch) = stmt else { return None };
            let result = branch.results.iter().position(|result| *result == var)?;
            self.is_left_out(branch, result).then_some((at, result))
        })
    }

    /// The arm that alone reads a variable.
    fn reader<'b>(&self, stmts: &'b mut [Stmt], var: Var) -> Option<&'b mut Block> {
        let arms = stmts.iter_mut().filter_map(|stmt| match stmt {
            Stmt::Branch(branch) => Some(&mut branch.arms),
            _ => None,
        });
        let mut blocks = arms.flatten().filter(|arm| {
            let mut reads = 0;
            let mut count = |read: Var| reads += usize::from(read == var);
            arm.block.for_each_read(&mut count);
            arm.yields.iter().for_each(|elem| elem.walk(&mut |item| item.for_each_read(&mut count)));
            reads > 0 && self.reads.get(var.index()) == Some(&reads)
        });
        blocks.next().map(|arm| &mut arm.block)
    }

    /// What an arm gives, or nothing, is taken out where it is read.
    fn give_some(&mut self, branch: &mut Branch, result: usize, reader: &mut Block) {
        let var = branch.results[result];
        let held = placeholder(self.hold(branch, result), self.func.vars[var.index()].span);
        let code = Code::new(quote!(__grad_runtime::Reached::__grad_reached(#held)), false);
        reader.stmts.insert(0, Stmt::Let { var, op: Op::Code(code) });
    }

    /// The variable that holds what an arm gives, or nothing.
    fn hold(&mut self, branch: &mut Branch, result: usize) -> Var {
        let var = branch.results[result];
        let (name, span) = (self.func.vars[var.index()].name.clone(), self.func.vars[var.index()].span);
        for arm in &mut branch.arms {
            let inner = self.inner(arm, result);
            let Some(given) = given(arm, result) else { continue };
            if let Some((at, inner)) = inner
                && let Stmt::Branch(branch) = &mut arm.block.stmts[at]
            {
                arm.yields[result] = Elem::Scalar(self.hold(branch, inner).into());
                continue;
            }
            let (name, tokens) = if self.unread.contains(&given) {
                arm.block.stmts.retain(|stmt| !matches!(stmt, Stmt::Let { var, .. } if *var == given));
                ("none", quote!(::core::option::Option::None))
            } else {
                let given = placeholder(given, span);
                ("some", quote!(::core::option::Option::Some(#given)))
            };
            let made = self.func.new_var(name, Ty::Opaque, span);
            arm.block.stmts.push(Stmt::Let { var: made, op: Op::Code(Code::new(tokens, false)) });
            arm.yields[result] = Elem::Scalar(made.into());
        }
        let held = self.func.new_var(format!("{name}_or_none"), Ty::Opaque, span);
        branch.results[result] = held;
        held
    }
}

/// The variable that an arm gives.
fn given(arm: &Arm, result: usize) -> Option<Var> {
    match &arm.yields[result] {
        Elem::Scalar(operand) => operand.var(),
        Elem::Memory(_) => None,
    }
}
