//! The split form for callers to whom an argument is a constant, where that is worth a form of its own: all that is recorded
//! for that argument's cotangent need not be, and mirror loops may run forwards that could not otherwise.

use crate::analysis::{self, Additions, Facts};
use crate::check::Check;
use crate::diag::Errors;
use crate::ir::{Func, Ty};
use crate::simplify;
use crate::transform::{self, Given, Mode, Reversed};

/// Of the parameters that a caller may have as constants, the one without which least is recorded: at most a third of
/// what is recorded with all. `split` is the form with all.
pub(super) fn given(errors: &mut Errors, primal: &Func, split: &Reversed) -> Option<Given> {
    let most = split.plan.records() / 3;
    let wrt = primal.params.iter().filter(|param| param.wrt).count();
    if split.plan.records() == 0 || wrt < 2 {
        return None;
    }
    let without = |k: usize| {
        let mut primal = primal.clone();
        primal.params[k].wrt = false;
        primal
    };
    let is_given = |k: &usize| {
        let param = &primal.params[*k];
        param.wrt && !matches!(primal.ty(param.var), Ty::Ref { mutable: true, .. })
    };
    let records = |k: usize| {
        let primal = without(k);
        let facts = facts(&primal);
        let is_right = facts.activity.problems.is_empty();
        is_right.then(|| (transform::reverse(&primal, &facts, Mode::Split).plan.records(), k))
    };
    let (_, param) =
        (0..primal.params.len()).filter(is_given).filter_map(records).filter(|(n, _)| *n <= most).min()?;
    let primal = without(param);
    let facts = facts(&primal);
    let mut check = Check::new(&primal);
    let split = rewritten(&primal, &facts, Mode::Split, &mut check);
    check.report(errors);
    Some(Given { param, split })
}

/// Only other derivatives call it, in loops as a rule.
fn facts(primal: &Func) -> Facts<'_> {
    Facts { additions: Additions::Any, ..analysis::analyse(primal) }
}

/// A form of a derivative, complete before and after the rewrites.
pub(super) fn rewritten(primal: &Func, facts: &Facts, mode: Mode, check: &mut Check) -> Reversed {
    let mut reversed = transform::reverse(primal, facts, mode);
    check.reverse(&reversed);
    let Reversed { func, reverse, bars, .. } = &mut reversed;
    simplify::derivative(func, reverse, bars, primal.vars.len(), facts.rewrites, facts.additions);
    check.rewritten(&reversed);
    reversed
}
