//! Which methods are those of what may have failed, a `Result` or an `Option`? A method of the user's may have such a name, with
//! other arguments.

use syn::ExprMethodCall;

/// Methods that say more of a failure, and leave a result as it is, with how many arguments they have.
const OF_FAILURES: [(&str, usize); 8] = [
    ("ok_or", 1),
    ("ok_or_else", 1),
    ("map_err", 1),
    ("ok", 0),
    ("inspect_err", 1),
    ("context", 1),
    ("with_context", 1),
    ("wrap_err", 1),
];

/// Methods that take a value out, or ask for one, whatever is in it.
const HANDLING: [(&str, usize); 9] = [
    ("unwrap_or", 1),
    ("unwrap_or_else", 1),
    ("unwrap_or_default", 0),
    ("map_or", 2),
    ("map_or_else", 2),
    ("is_some", 0),
    ("is_ok", 0),
    ("is_none", 0),
    ("is_err", 0),
];

fn is_one_of(table: &[(&str, usize)], call: &ExprMethodCall) -> bool {
    table.iter().any(|(name, args)| call.method == name && call.args.len() == *args)
}

pub(crate) fn is_of_failures(call: &ExprMethodCall) -> bool {
    is_one_of(&OF_FAILURES, call)
}

pub(crate) fn is_handling(call: &ExprMethodCall) -> bool {
    is_one_of(&HANDLING, call)
}

/// How many of the methods behind one that may be of the user's handle its failure; `calls` are those, outermost first.
pub(crate) fn handling(calls: &[&ExprMethodCall]) -> Option<usize> {
    let inside_out = calls.iter().rev();
    let failures = inside_out.take_while(|call| is_of_failures(call)).count();
    let maps = calls.iter().rev().skip(failures).take_while(|call| call.method == "map").count();
    let last = calls.iter().rev().nth(failures + maps)?;
    is_handling(last).then_some(failures + maps + 1)
}

/// How many methods, from the last to the first of `calls`, take a result out of what is before them.
pub(crate) fn taking(calls: &[&ExprMethodCall]) -> Option<usize> {
    let inside_out = calls.iter().rev();
    let of_failures = inside_out.clone().take_while(|call| is_of_failures(call)).count();
    let taking = inside_out.clone().nth(of_failures)?;
    let takes = (taking.method == "unwrap" && taking.args.is_empty())
        || (taking.method == "expect" && taking.args.len() == 1);
    takes.then_some(of_failures + 1)
}
