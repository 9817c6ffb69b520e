//! What a gradient allocates.

use grad_compiler::expand::Passes;
use grad_compiler::ir::{Block, Func, Init, Stmt, Ty, Var};
use std::collections::HashSet;

/// The memory that a gradient asks for and its function does not, by name; and the functions that are called, which may
/// ask for more.
pub(crate) struct Allocations {
    pub(crate) names: Vec<String>,
    pub(crate) callees: Vec<String>,
}

pub(crate) fn of(passes: &Passes) -> Allocations {
    let own: HashSet<String> = allocated(&passes.primal, &passes.primal.body).into_iter().collect();
    let joint = passes.trusting.as_ref().unwrap_or(&passes.joint);
    let mut names = Vec::new();
    for name in [&joint.func.body, &joint.reverse].into_iter().flat_map(|block| allocated(&joint.func, block))
    {
        if !own.contains(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    let mut callees = Vec::new();
    joint.func.body.for_each_stmt(&mut |stmt| {
        let call = match stmt {
            Stmt::Call(call) => call,
            Stmt::ForwardCall(forward) => &forward.call,
            _ => return,
        };
        let callee = call.callee.tokens().to_string().replace(' ', "");
        if !callees.contains(&callee) {
            callees.push(callee);
        }
    });
    Allocations { names, callees }
}

/// The names of the memory of a block that is on the heap.
fn allocated(func: &Func, block: &Block) -> Vec<String> {
    let mut names = Vec::new();
    block.for_each_stmt(&mut |stmt| {
        if let Stmt::Alloc { var, init } = stmt
            && is_new(init)
            && is_on_the_heap(func.ty(*var))
        {
            names.push(name(func, *var));
        }
    });
    names
}

fn name(func: &Func, var: Var) -> String {
    func.vars[var.index()].name.clone()
}

/// Whether it is more than another name for what was there.
fn is_new(init: &Init) -> bool {
    match init {
        Init::Array(_)
        | Init::Tuple(_)
        | Init::Record { .. }
        | Init::Move(_)
        | Init::Pop(_)
        | Init::Again(_)
        | Init::Part(_) => false,
        Init::Vec(_)
        | Init::ArrayRepeat { .. }
        | Init::VecRepeat { .. }
        | Init::Buffer { .. }
        | Init::Empty { .. }
        // The first time there is nothing to refill.
        | Init::Refill { .. }
        | Init::Clone(_)
        | Init::ToVec(_)
        | Init::Keep(_)
        | Init::Code(_)
        | Init::Point(_)
        | Init::ZerosLike(_)
        | Init::LanesLike(_)
        | Init::Zeros(_)
        | Init::Tape(_) => true,
    }
}

fn is_on_the_heap(ty: &Ty) -> bool {
    match ty {
        Ty::Vec(_) | Ty::Tape(_) | Ty::Slice(_) => true,
        Ty::Array(of, _) => is_on_the_heap(of),
        Ty::Tuple(of) => of.iter().any(is_on_the_heap),
        Ty::Ref { .. } | Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => false,
        Ty::Pullback | Ty::Opaque | Ty::Unknown => false,
    }
}
