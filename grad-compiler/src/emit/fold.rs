//! Which values are written where they are read, as parts of an expression?
//!
//! Those that have a name neither from the user nor from calculus (a tangent or a cotangent is a line of its own), that are
//! read once, by a statement behind them in the same block, and that are arithmetic of what does not change in between.
//! Arithmetic of floats has no effect and does not panic, so that it makes no difference when it is done; it is done in the
//! same order, so that not a bit differs. What is read from memory is read before the next statement that does something.

use super::Tokens;
use super::body::Emitter;
use super::site;
use crate::hash::{HashMap, HashSet};
use crate::ir::{Op, Operand, Place, Prim, Proj, Stmt, Ty, Var};
use crate::rules::{self, Form};
use proc_macro2::TokenTree;
use quote::quote_spanned;

/// More operations than that are more than one line says.
const LONGEST: usize = 5;

/// An expression for the place where it is read.
pub(super) struct Folded<'a> {
    op: &'a Op,
    tokens: Tokens,
    strength: Strength,
    /// Of what has a sign: what is behind it.
    unsigned: Option<Tokens>,
}

/// How strongly an expression holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Sum,
    Product,
    Sign,
    Call,
}

impl Strength {
    fn of(prim: Prim) -> Strength {
        match rules::form(prim) {
            Form::Infix if matches!(prim.0, "add" | "sub") => Strength::Sum,
            Form::Infix => Strength::Product,
            Form::Prefix => Strength::Sign,
            Form::Method | Form::Runtime => Strength::Call,
        }
    }
}

impl<'a> Folded<'a> {
    pub(super) fn new(tokens: Tokens, op: &'a Op, unsigned: Option<Tokens>) -> Folded<'a> {
        let strength = match op {
            Op::Prim(prim, _) => Strength::of(*prim),
            // `*x`
            _ if matches!(tokens.clone().into_iter().next(), Some(TokenTree::Punct(_))) => Strength::Sign,
            _ => Strength::Call,
        };
        Folded { op, tokens, strength, unsigned }
    }

    /// Where any expression may stand.
    pub(super) fn alone(&self) -> Tokens {
        self.tokens.clone()
    }

    /// Where an operator or a method follows that is not known.
    pub(super) fn closed(&self) -> Tokens {
        self.unless(self.strength == Strength::Call)
    }

    /// What is subtracted, where this is added: `x + -y` is `x - y` to the last bit.
    pub(super) fn subtracted(&self) -> Option<&Tokens> {
        self.unsigned.as_ref()
    }

    /// On the left or the right of an operator.
    pub(super) fn beside(&self, operator: Prim, is_left: bool) -> Tokens {
        let outer = Strength::of(operator);
        self.unless(match self.strength {
            Strength::Call => true,
            Strength::Sign => is_left,
            inner => {
                if is_left {
                    inner >= outer
                } else {
                    inner > outer
                }
            }
        })
    }

    fn unless(&self, is_clear: bool) -> Tokens {
        let tokens = &self.tokens;
        if is_clear { tokens.clone() } else { quote_spanned!(site()=> (#tokens)) }
    }
}

impl<'a> Emitter<'a> {
    /// The values among the statements of a block that are written where they are read.
    pub(super) fn foldable(&self, stmts: &[Stmt]) -> HashSet<Var> {
        let mut folded = HashSet::default();
        if !self.folds {
            return folded;
        }
        let mut read_at: HashMap<Var, usize> = HashMap::default();
        let mut added: HashSet<Var> = HashSet::default();
        let mut stored: HashMap<Var, &Place> = HashMap::default();
        // Behind each statement, the next one that does more than to give a value a name.
        let mut acts_at = vec![stmts.len(); stmts.len() + 1];
        for (at, stmt) in stmts.iter().enumerate().rev() {
            read_at.extend(self.direct(stmt).iter().filter_map(Operand::var).map(|var| (var, at)));
            if let Stmt::Store { place, value: Operand::Var(value) } = stmt {
                stored.insert(*value, place);
            }
            added.extend(self.added(stmt).and_then(Operand::var));
            acts_at[at] = if is_quiet(stmt) { acts_at[at + 1] } else { at };
        }
        // Of what is folded: how many operations, and whether memory is read.
        let mut known: HashMap<Var, (usize, bool)> = HashMap::default();
        for (at, stmt) in stmts.iter().enumerate() {
            let Stmt::Let { var, op } = stmt else { continue };
            let Some(read_at) = read_at.get(var) else { continue };
            let args: &[Operand] = if let Op::Prim(_, args) = op { args } else { &[] };
            let parts = args.iter().filter_map(Operand::var).filter_map(|arg| known.get(&arg));
            let (count, loads) = parts.fold((1, matches!(op, Op::Load(_))), |(count, loads), part| {
                (count + part.0, loads || part.1)
            });
            // What is too long is a line of its own, and one thing in the next. Memory is read before anything is written.
            let is_line = self.func.vars[var.index()].derivative && !added.contains(var);
            if count < LONGEST
                && !is_line
                && !self.is_added_to(*var, op, &stmts[*read_at], &stored)
                && (!loads || acts_at[at + 1] >= *read_at)
                && self.may_be_folded(*var, op)
            {
                known.insert(*var, (count, loads));
                folded.insert(*var);
            }
        }
        folded
    }

    /// A value that is written where it is read.
    pub(super) fn fold(&mut self, var: Var, op: &'a Op) {
        let unsigned = match op {
            // As the right side of a subtraction.
            Op::Prim(Prim("neg"), args) => Some(self.side(Prim("sub"), args, 0, var, false)),
            _ => None,
        };
        let folded = Folded::new(self.op(var, op), op, unsigned);
        self.folded.insert(var, folded);
    }

    /// One side of an operator.
    pub(super) fn side(
        &self,
        operator: Prim,
        args: &[Operand],
        at: usize,
        var: Var,
        is_left: bool,
    ) -> Tokens {
        match self.folded(&args[at]) {
            Some(folded) => folded.beside(operator, is_left),
            None => self.argument(operator, args, at, var),
        }
    }

    /// The operator between two operands, and the one on its right: `+ -y` is `- y`.
    pub(super) fn signed(&self, operator: Prim, by: &Operand) -> Option<Tokens> {
        if operator.0 != "add" {
            return None;
        }
        self.folded(by).and_then(Folded::subtracted).cloned()
    }

    /// `place = place + x` is `place += x`.
    pub(super) fn update_of(&self, place: &Place, value: &Operand) -> Option<Tokens> {
        let Op::Prim(prim, args) = self.folded(value)?.op else { return None };
        let [of, by] = &args[..] else { return None };
        let Op::Load(from) = self.folded(of)?.op else { return None };
        if rules::form(*prim) != Form::Infix || self.resolve(from) != self.resolve(place) {
            return None;
        }
        Some(self.updated(&self.place(place), site(), *prim, by))
    }

    /// `place = x + place`, which is not written so.
    fn is_added_to(&self, loaded: Var, load: &Op, reader: &Stmt, stored: &HashMap<Var, &Place>) -> bool {
        let (Op::Load(from), Stmt::Let { var, op: Op::Prim(Prim("add" | "mul"), args) }) = (load, reader)
        else {
            return false;
        };
        args[0].var() != Some(loaded)
            && stored.get(var).is_some_and(|place| self.resolve(place) == self.resolve(from))
    }

    /// What a statement reads where an expression may stand.
    fn direct<'s>(&self, stmt: &'s Stmt) -> &'s [Operand] {
        match stmt {
            Stmt::Let { var, op: Op::Prim(_, args) } if !self.facts.dead[var.index()] => args,
            Stmt::Store { value, .. } | Stmt::Accumulate { value, .. } => std::slice::from_ref(value),
            _ => &[],
        }
    }

    /// What a statement adds to memory or to a number that changes: the sum has the name.
    fn added<'s>(&self, stmt: &'s Stmt) -> Option<&'s Operand> {
        match stmt {
            Stmt::Store { value, .. } | Stmt::Accumulate { value, .. } => Some(value),
            Stmt::Let { var, op: Op::Prim(Prim("add"), args) } => {
                let [Operand::Var(sum), term] = &args[..] else { return None };
                let is_update = self.class(*sum) == self.class(*var) && self.class(*var) != *var;
                is_update.then_some(term)
            }
            _ => None,
        }
    }

    fn may_be_folded(&self, var: Var, op: &Op) -> bool {
        let is_stable = |arg: &Operand| match arg {
            Operand::Var(arg) => !self.facts.mutable[self.class(*arg).index()],
            Operand::Lit(_) => true,
        };
        let is_simple = match op {
            Op::Prim(prim, args) => {
                !rules::may_panic(*prim)
                    && args.iter().any(|arg| arg.var().is_some())
                    && args.iter().all(is_stable)
            }
            Op::Load(place) => {
                self.marker_of(place.root).is_none()
                    && self.resolve(place).path.iter().all(|step| match step {
                        Proj::Index(index) => is_stable(index),
                        Proj::Slice { from, to, .. } => from.iter().chain(to).all(is_stable),
                        // Only where it is known to be there.
                        Proj::Some | Proj::Variant(_) => false,
                        Proj::Field(_) | Proj::Named(_) | Proj::Boxed | Proj::Deref => true,
                    })
            }
            Op::Copy(_) | Op::Cast(..) | Op::Len(_) | Op::Code(_) | Op::Pop(_) => false,
        };
        is_simple
            && matches!(self.func.ty(var), Ty::Float(_) | Ty::Lanes(_))
            && !self.facts.dead[var.index()]
            && self.is_used_once(var)
            && !self.namer.is_users(&self.func.vars[var.index()].name)
    }
}

/// A statement that gives a value a name, which nobody sees.
fn is_quiet(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Let { op, .. } => match op {
            Op::Prim(prim, _) => !rules::may_panic(*prim),
            Op::Copy(_) | Op::Cast(..) | Op::Load(_) | Op::Len(_) => true,
            Op::Code(code) => code.cheap,
            Op::Pop(_) => false,
        },
        _ => false,
    }
}
