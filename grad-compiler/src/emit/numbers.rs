//! Which numbers need their type told?
//!
//! rustc gives `2.0` a type when it sees what is done with it, but not in time for a method: in
//! `let a = 2.0; let b = a * 3.0; b.sin()` it asks for one.

use crate::ir::visit::Item;
use crate::ir::{Block, Carried, Code, Elem, Func, Op, Operand, Stmt, Var};
use crate::rules::{self, Form};

/// For each variable: whether a method is called on it or on a number of its type.
pub(super) fn with_methods(func: &Func, blocks: &[&Block]) -> Vec<bool> {
    let vars = func.vars.len();
    let mut same = Same { parent: (0..vars).collect(), receivers: Vec::new() };
    for block in blocks {
        same.block(block);
    }
    let mut has_method = vec![false; vars];
    for receiver in std::mem::take(&mut same.receivers) {
        has_method[same.find(receiver)] = true;
    }
    (0..vars).map(|var| has_method[same.find(var)]).collect()
}

/// Variables of one type, by union-find.
struct Same {
    parent: Vec<usize>,
    receivers: Vec<usize>,
}

impl Same {
    fn find(&mut self, var: usize) -> usize {
        let mut root = var;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut at = var;
        while at != root {
            at = std::mem::replace(&mut self.parent[at], root);
        }
        root
    }

    fn unite(&mut self, var: Var, operand: &Operand) {
        if let Operand::Var(other) = operand {
            let (a, b) = (self.find(var.index()), self.find(other.index()));
            self.parent[b] = a;
        }
    }

    fn read_by(&mut self, code: &Code) {
        self.receivers.extend(code.reads.iter().map(|var| var.index()));
    }

    fn carried(&mut self, carried: &[Carried]) {
        for c in carried {
            self.unite(c.param, &c.init);
            self.unite(c.param, &c.next);
            self.unite(c.param, &Operand::Var(c.result));
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            // What code does is not known.
            stmt.walk(&mut |item| match item {
                Item::Code(code) => self.read_by(code),
                Item::Pattern(pattern) => pattern.guard.iter().for_each(|guard| self.read_by(guard)),
                _ => {}
            });
            match stmt {
                Stmt::Let { var, op: Op::Copy(operand) } => self.unite(*var, operand),
                Stmt::Let { var, op: Op::Prim(prim, args) } => match rules::form(*prim) {
                    Form::Infix | Form::Prefix => args.iter().for_each(|arg| self.unite(*var, arg)),
                    Form::Method => {
                        self.receivers.extend(args.first().and_then(Operand::var).map(Var::index));
                    }
                    Form::Runtime => {}
                },
                Stmt::Branch(branch) => {
                    for arm in &branch.arms {
                        self.block(&arm.block);
                        for (var, elem) in branch.results.iter().zip(&arm.yields) {
                            if let Elem::Scalar(operand) = elem {
                                self.unite(*var, operand);
                            }
                        }
                    }
                }
                Stmt::For(stmt) => {
                    self.carried(&stmt.carried);
                    self.block(&stmt.body);
                }
                Stmt::While(stmt) => {
                    self.carried(&stmt.carried);
                    self.block(&stmt.condition);
                    self.block(&stmt.body);
                }
                _ => {}
            }
        }
    }
}
