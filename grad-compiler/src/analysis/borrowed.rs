//! Which constants of types that only rustc knows may be references into an argument? A pullback is given its arguments again,
//! and must not keep what borrows from them.
//!
//! What is not one for certain is one: whoever asks has another way for these, which costs more and is right for all.

use crate::ir::{Block, Code, Elem, Func, Init, Op, Operand, Selector, Stmt, Ty, Var};
use std::collections::BTreeSet;

/// Whether a closure that runs a reverse sweep keeps something that may be borrowed from an argument: a variable of the
/// function that the sweep, or what is made for it, reads.
pub fn keeps_what_is_borrowed(func: &Func, reverse: &Block) -> bool {
    let borrowed = borrowed(func);
    let mut defined = BTreeSet::new();
    reverse.for_each_stmt(&mut |stmt| {
        stmt.for_each_define(&mut |var| {
            defined.insert(var);
        });
    });
    let is_param = |var: Var| func.params.iter().any(|param| param.var == var);
    let mut keeps = false;
    reverse.for_each_read(&mut |var| {
        keeps |= borrowed.contains(&var) && !is_param(var) && !defined.contains(&var);
    });
    keeps
}

/// The variables that may borrow from an argument, the arguments themselves among them.
fn borrowed(func: &Func) -> BTreeSet<Var> {
    let is_source = |ty: &Ty| matches!(ty, Ty::Ref { .. } | Ty::Opaque | Ty::Unknown);
    let sources = func.params.iter().map(|param| param.var).filter(|var| is_source(func.ty(*var)));
    let mut found = Borrowed { func, borrowed: sources.collect() };
    found.block(&func.body);
    found.borrowed
}

struct Borrowed<'a> {
    func: &'a Func,
    borrowed: BTreeSet<Var>,
}

impl Borrowed<'_> {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { var, op: Op::Code(code) } | Stmt::Alloc { var, init: Init::Code(code) } => {
                if !matches!(self.func.ty(*var), Ty::Float(_) | Ty::Int | Ty::Bool) && self.is_borrowed(code)
                {
                    self.borrowed.insert(*var);
                }
            }
            Stmt::Let { var, op: Op::Copy(Operand::Var(of)) } if self.borrowed.contains(of) => {
                self.borrowed.insert(*var);
            }
            // A record of it, and what is made of that.
            Stmt::Push { vec, value } if self.holds(value) => {
                self.borrowed.insert(vec.root);
            }
            Stmt::Alloc { var, .. } => {
                let mut holds = false;
                stmt.for_each_own_read(&mut |of| holds |= self.is_kept(of));
                if holds {
                    self.borrowed.insert(*var);
                }
            }
            Stmt::Branch(branch) => {
                if let Selector::Match(scrutinee) = &branch.on
                    && self.is_borrowed(scrutinee)
                {
                    self.borrowed.extend(branch.binds());
                }
                for arm in &branch.arms {
                    self.block(&arm.block);
                    let yields = arm.yields.iter().zip(&branch.results);
                    let borrowed = yields.filter(|(elem, _)| match elem {
                        Elem::Scalar(operand) => {
                            operand.var().is_some_and(|var| self.borrowed.contains(&var))
                        }
                        Elem::Memory(place) => self.borrowed.contains(&place.root),
                    });
                    let borrowed: Vec<Var> = borrowed.map(|(_, result)| *result).collect();
                    self.borrowed.extend(borrowed);
                }
            }
            _ => stmt.for_each_block(&mut |block| self.block(block)),
        }
    }

    fn holds(&self, elem: &Elem) -> bool {
        match elem {
            Elem::Scalar(operand) => operand.var().is_some_and(|var| self.borrowed.contains(&var)),
            Elem::Memory(place) => self.borrowed.contains(&place.root),
        }
    }

    /// A variable of the function that may be a reference. What is made of an argument in another way is a copy.
    fn is_kept(&self, var: Var) -> bool {
        self.borrowed.contains(&var) && !self.func.params.iter().any(|param| param.var == var)
    }

    fn is_borrowed(&self, code: &Code) -> bool {
        !code.owned && code.reads.iter().any(|var| self.borrowed.contains(var))
    }
}
