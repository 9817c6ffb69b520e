//! What loops and arms hand out to the regions around them: cotangents of values and elements from outside; of a loop, the
//! sums over its passes.

use super::{Cx, Frame, Zero, code, scalar, text};
use crate::analysis::{Condition, RegionId};
use crate::fault::planted;
use crate::ir::{Carried, Elem, For, Op, Operand, Proj, Stmt, Ty, Var};
use proc_macro2::Span;

/// A cotangent that a region hands out to the regions around it.
pub(super) struct Export {
    pub(super) of: Var,
    pub(super) carried: Carried,
}

/// The cotangent of one element of outer memory, handed out by a loop.
pub(super) struct ElementExport {
    root: Var,
    path: Vec<Proj>,
    pub(super) sum: Carried,
    pub(super) reached: Option<Carried>,
}

/// The cotangents that the arms of a branch hand out.
pub(super) struct HandedOut {
    /// Of which values, and the results of the branch with their cotangents.
    of: Vec<Var>,
    pub(super) results: Vec<Var>,
    /// The cotangents in each arm, where it has some.
    bars: Vec<Vec<Option<Operand>>>,
    /// What is the same in all arms, and from outside of them, goes on without a branch.
    shared: Vec<(Var, Operand)>,
}

impl HandedOut {
    /// What an arm yields for the results.
    pub(super) fn yields(&self, arm: usize) -> Vec<Elem> {
        let handed_out = |bar: &Option<Operand>| {
            let bar = bar.clone().filter(|_| !planted("reverse: arm hands out nothing"));
            scalar(bar.unwrap_or_else(|| Operand::float(0.0)))
        };
        self.bars[arm].iter().map(handed_out).collect()
    }
}

impl<'a> Cx<'a> {
    /// What the arms of a branch hand out, given the statements that define it.
    pub(super) fn handed_out(&mut self, frames: &[Frame<'a>], blocks: &[Vec<Stmt>]) -> HandedOut {
        let mut of: Vec<Var> = Vec::new();
        for frame in frames {
            for (var, bar) in &frame.bars {
                if self.home(*var) == frame.region {
                    continue;
                }
                self.trace.partial.push((frame.region.0, *var, bar.clone()));
                if !of.contains(var) {
                    of.push(*var);
                }
            }
        }
        of.sort_unstable();
        let mut shared = Vec::new();
        of.retain(|var| {
            let common = frames[0].bars.get(var).filter(|first| {
                let outer = first.var().is_some_and(|bar| !defines(&blocks[0], bar));
                outer && frames.iter().all(|frame| frame.bars.get(var) == Some(first))
            });
            shared.extend(common.map(|bar| (*var, bar.clone())));
            common.is_none()
        });
        let results = of.iter().map(|var| self.new_bar(*var, self.ty(*var))).collect();
        let in_arm = |frame: &Frame<'a>| of.iter().map(|var| frame.bars.get(var).cloned()).collect();
        let bars = frames.iter().map(in_arm).collect();
        HandedOut { of, results, bars, shared }
    }

    /// Adds what the arms of a branch handed out to the cotangents of the region around it.
    pub(super) fn take_in(&mut self, out: HandedOut) {
        for (k, (var, result)) in out.of.iter().zip(&out.results).enumerate() {
            let everywhere = out.bars.iter().all(|arm| arm[k].is_some());
            let arms = out.bars.iter().filter_map(|arm| arm[k].as_ref()).map(|bar| self.zero_of(bar));
            let zero = if everywhere { arms.max().unwrap_or(Zero::Never) } else { Zero::Branch };
            self.set_zero(&(*result).into(), zero);
            if !planted("reverse: sum of arms lost") {
                self.add_up(*var, (*result).into());
            }
        }
        for (var, bar) in out.shared {
            if !planted("reverse: what all arms hand out lost") {
                self.add_up(var, bar);
            }
        }
    }

    /// Sums over the passes of the cotangents of outer values.
    pub(super) fn exports(&mut self, region: RegionId) -> Vec<Export> {
        let bars = std::mem::take(&mut self.frame().bars);
        let mut exports = Vec::new();
        for (of, bar) in bars {
            if self.home(of) == region {
                continue;
            }
            self.trace.partial.push((region.0, of, bar.clone()));
            let [param, result] = [0; 2].map(|_| self.new_bar(of, self.ty(of)));
            let next = match () {
                () if planted("reverse: sum over passes forgets the pass") => param.into(),
                () if planted("reverse: sum over passes forgets the others") => bar.clone(),
                () => self.sum(&param.into(), &bar),
            };
            let zero = self.zero_of(&bar).max(Zero::Memory);
            self.set_zero(&result.into(), zero);
            exports.push(Export { of, carried: Carried { param, init: Operand::float(0.0), next, result } });
        }
        exports
    }

    /// The sums start from what is known already.
    pub(super) fn start_exports(&mut self, exports: &[Export], carried: &mut [Carried]) {
        for export in exports {
            let known = self.frame().bars.remove(&export.of);
            let slot = carried.iter_mut().find(|c| c.param == export.carried.param);
            if let (Some(known), Some(slot), false) =
                (known, slot, planted("reverse: sum over passes starts anew"))
            {
                slot.init = known;
            }
        }
    }

    pub(super) fn finish_exports(&mut self, exports: Vec<Export>, replaced: bool) {
        for export in exports {
            if planted("reverse: sum over passes lost") {
                continue;
            }
            if replaced {
                self.frame().bars.insert(export.of, export.carried.result.into());
            } else {
                self.add_up(export.of, export.carried.result.into());
            }
        }
    }

    /// The same for elements of outer memory.
    pub(super) fn element_exports(&mut self) -> Vec<ElementExport> {
        let promoted = std::mem::take(&mut self.frame().promoted);
        let mut exports = Vec::new();
        for element in promoted {
            let ty = self.operand_ty(&element.sum);
            let [param, result] = [0; 2].map(|_| self.new_bar(element.root, ty.clone()));
            let next = if planted("reverse: element of a pass lost") {
                param.into()
            } else {
                self.sum(&param.into(), &element.sum)
            };
            let sum = Carried { param, init: Operand::float(0.0), next, result };
            let reached = (element.reached != Operand::bool(true)).then(|| {
                let [param, next, result] =
                    [0; 3].map(|_| self.out.new_var("reached", Ty::Bool, Span::call_site()));
                let either = format!("{} || {}", text(&param.into()), text(&element.reached));
                self.push(Stmt::Let { var: next, op: Op::Code(code(&either)) });
                Carried { param, init: Operand::bool(false), next: next.into(), result }
            });
            exports.push(ElementExport { root: element.root, path: element.path, sum, reached });
        }
        exports
    }

    pub(super) fn finish_elements(&mut self, stmt: &'a For, elements: Vec<ElementExport>) {
        for element in elements {
            let reached = match element.reached {
                Some(reached) => reached.result.into(),
                None if self.rewrites.ignores(Condition::ElementWasReached) => Operand::bool(true),
                None => match super::record::literal_passes(stmt) {
                    Some(n) => Operand::bool(n > 0.0),
                    None => {
                        let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
                        let sign = if stmt.inclusive { "<=" } else { "<" };
                        let var = self.out.new_var("reached", Ty::Bool, Span::call_site());
                        let op = Op::Code(code(&format!("{} {sign} {}", text(&lo), text(&hi))));
                        self.push(Stmt::Let { var, op });
                        var.into()
                    }
                },
            };
            if !planted("reverse: element of all passes lost") {
                self.add_to_element(element.root, element.path, element.sum.result.into(), reached);
            }
        }
    }
}

impl ElementExport {
    pub(super) fn carried(&self) -> impl Iterator<Item = Carried> {
        [Some(self.sum.clone()), self.reached.clone()].into_iter().flatten()
    }
}

/// Whether a variable is defined directly in a block.
fn defines(stmts: &[Stmt], var: Var) -> bool {
    stmts.iter().any(|stmt| match stmt {
        Stmt::Let { var: defined, .. } | Stmt::Alloc { var: defined, .. } => *defined == var,
        Stmt::Branch(branch) => branch.results.contains(&var),
        Stmt::For(stmt) => stmt.carried.iter().any(|c| c.result == var),
        Stmt::ReverseCall(call) => call.cotangents.iter().any(|cotangent| match cotangent {
            crate::ir::Cotangent::Value(defined) => *defined == var,
            crate::ir::Cotangent::InOut { before, .. } => *before == var,
            crate::ir::Cotangent::None | crate::ir::Cotangent::Slot(_) => false,
        }),
        _ => false,
    })
}
