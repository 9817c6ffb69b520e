//! Partials that the primal has computed: of `sin(x)` the partial is `cos(x)`, which a function that uses both has. And what
//! is not divided by, but multiplied by the reciprocal of.

use super::{Cx, rules};
use crate::analysis::{Condition, Rewrite};
use crate::hash::HashMap;
use crate::ir::{Func, Op, Operand, Prim, Stmt, Var};
use rules::{Cost, Known};

/// The costly primitives in a function: what each is of, and its value.
pub(super) type Costly = HashMap<Prim, Vec<(Vec<Operand>, Var)>>;

pub(super) fn costly(primal: &Func) -> Costly {
    let mut found = Costly::default();
    primal.for_each_stmt(&mut |stmt| {
        if let Stmt::Let { var, op: Op::Prim(prim, args) } = stmt
            && rules::cost(*prim) == Cost::Costly
        {
            found.entry(*prim).or_default().push((args.clone(), *var));
        }
    });
    found
}

impl Cx<'_> {
    /// Of the costly functions in the wanted partials, those that the primal has computed, by their names in the reverse sweep.
    pub(super) fn known_parts(&mut self, prim: Prim, args: &[Operand], wanted: &[bool]) -> Vec<Known> {
        if !self.rewrites.may(Rewrite::Reuse) {
            return Vec::new();
        }
        let mut known = Vec::new();
        for (part, of) in rules::costly_parts(prim, args, wanted) {
            let there = self.costly.get(&part).into_iter().flatten().find(|(args, var)| {
                *args == of
                    && self.rewrites.holds(Condition::ComputedOnTheWay, self.is_there_at_the_end(*var))
            });
            if let Some((_, var)) = there.cloned() {
                let of = of.iter().map(|operand| self.need_operand(operand)).collect();
                let value = self.need(var);
                known.push((part, of, value));
            }
        }
        known
    }

    /// What is not divided by in the mirror image of an operation, of arguments and a result by their `names` there.
    pub(super) fn reciprocals(
        &self,
        args: &[Operand],
        names: &[Operand],
        result: Var,
        named: &Operand,
    ) -> Vec<Operand> {
        if !self.rewrites.may(Rewrite::Reciprocal) {
            return Vec::new();
        }
        let result = Operand::Var(result);
        let all = args.iter().zip(names).chain([(&result, named)]);
        let is_divisor = |of: &Operand| of.var().is_some_and(|var| self.divisors.contains(&var));
        all.filter(|(of, _)| is_divisor(of)).map(|(_, name)| name.clone()).collect()
    }

    /// Whether the mirror image of the statement at hand can only run when the value was computed: in the same region, whose
    /// mirror image runs when all of it did; or in one around it, in front.
    fn is_there_at_the_end(&self, var: Var) -> bool {
        let (region, home) = (self.region(), self.home(var));
        home == region || (self.layout.within(region, home) && self.pos(var) < self.current)
    }
}
