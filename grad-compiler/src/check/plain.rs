//! Into which memory does nothing come that depends on an independent variable?
//!
//! Its type need not have tangents. Everything else of a type of the user's is asked for them, and rustc answers: so where it is
//! not known what a callee does with it, it is not plain.

use super::carriers::{Carriers, carriers, number};
use super::uses::read_by;
use crate::ir::visit::Item;
use crate::ir::{ArgKind, Call, Callee, Func, Passed, Stmt, Var};

/// The variables of such memory.
pub fn plain(func: &Func) -> Vec<Var> {
    let carriers = carriers(func, &[]);
    let mut is_plain: Vec<bool> = carriers.varied.iter().map(|varied| !varied).collect();
    let mut meets = |var: Var| is_plain[carriers.root[var.index()].index()] = false;
    func.for_each_stmt(&mut |stmt| {
        if let Stmt::Call(call) = stmt
            && call.args.iter().any(|arg| is_varied(&carriers, &arg.kind))
        {
            given(call).into_iter().for_each(&mut meets);
        }
        // Code that nobody looks into may put what it reads into whatever it names.
        stmt.walk(&mut |item| {
            if let Item::Code(code) = item
                && code.reads.iter().any(|var| carriers.varied[carriers.root[var.index()].index()])
            {
                code.reads.iter().copied().for_each(&mut meets);
            }
        });
    });
    let vars = (0..func.vars.len()).map(number);
    vars.filter(|var| is_plain[carriers.root[var.index()].index()]).collect()
}

fn is_varied(carriers: &Carriers<'_>, arg: &ArgKind) -> bool {
    read_by(arg).is_some_and(|var| carriers.varied[carriers.root[var.index()].index()])
}

/// The memory into which a callee may put something: of a method, the receiver, too, which may be `&mut self`.
fn given(call: &Call) -> Vec<Var> {
    let is_function = match call.callee {
        Callee::Function(_) => true,
        Callee::Associated(_) | Callee::Method(_) | Callee::Parameter(_) | Callee::Operator { .. } => false,
    };
    let roots = call.args.iter().filter_map(|arg| match &arg.kind {
        ArgKind::Memory { place, passed } => {
            (!is_function || *passed != Passed::Shared).then_some(place.root)
        }
        ArgKind::Scalar(_)
        | ArgKind::ScalarRef(_)
        | ArgKind::ScalarMut { .. }
        | ArgKind::Kept(_)
        | ArgKind::Code { .. } => None,
    });
    roots.collect()
}
