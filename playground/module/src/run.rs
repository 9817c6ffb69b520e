//! The functions of a file, ready for the interpreter.

use crate::file::File;
use grad_compiler::expand::Passes;
use grad_compiler::interp::{Datum, Derivative, Program, Run, Target, eval};
use grad_compiler::transform::Reversed;

/// Every function of the file that can be differentiated, to be called by the others.
pub(crate) fn program(file: &File) -> Program {
    let mut program = Program::new(grad_runtime::__private::primitive);
    program.constants.clone_from(&file.constants);
    for function in &file.functions {
        if let Ok((_, args, mut passes)) = function.derived(false)
            && !args.has_rule()
        {
            let name = function.called();
            // A pullback finds its function by the name.
            passes.split.func.name.clone_from(&name);
            program.derivatives.insert(name.clone(), derivative(&passes.split));
            program.tangents.insert(name.clone(), passes.tangents);
            program.primals.insert(name, passes.primal);
        }
    }
    program
}

pub(crate) fn derivative(reversed: &Reversed) -> Derivative {
    Derivative {
        func: reversed.func.clone(),
        reverse: reversed.reverse.clone(),
        seed: reversed.seed.clone(),
        cotangents: reversed.cotangents.iter().map(Target::of).collect(),
    }
}

/// What the reverse sweep starts with, and where it adds the cotangents of memory: ones in the shape of the result, and
/// zeros in that of the arguments.
pub(crate) fn start(program: &Program, passes: &Passes, args: &[Datum]) -> Run<(Datum, Vec<Datum>)> {
    let (mut seed, _) = eval(program, &passes.primal, args.to_vec())?;
    seed.for_each_float(&mut |value| *value = 1.0);
    Ok((seed, args.iter().map(Datum::zeros).collect()))
}
