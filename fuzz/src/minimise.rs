//! Smaller programs that fail in the same way: statements, items, arms and parts of expressions are taken out, many
//! candidates at a time in one crate.

use crate::batch::{Outcome, Workshop};
use crate::program::Program;
use std::io::Error;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, File, Item, Stmt, parse_quote};

/// Candidates that are compiled together.
const AT_ONCE: usize = 24;

/// The smallest program found that fails in this way, and how it does.
pub fn minimise(
    workshop: &Workshop,
    program: &Program,
    failure: &Outcome,
) -> Result<(Program, Outcome), Error> {
    let mut last = failure.clone();
    let run = !matches!(failure, Outcome::Broken(_) | Outcome::Noise(_) | Outcome::Warns(_));
    let kind = failure.kind();
    let smallest = minimise_by(program, &mut |candidates| {
        let outcomes = workshop.outcomes_if(candidates, run)?;
        if let Some(outcome) = outcomes.iter().find(|outcome| outcome.kind() == kind) {
            last = outcome.clone();
        }
        Ok(outcomes.iter().map(|outcome| outcome.kind() == kind).collect())
    })?;
    Ok((smallest, last))
}

/// Says of each of some programs whether it still fails.
pub type Judge<'a> = dyn FnMut(&[Program]) -> Result<Vec<bool>, Error> + 'a;

/// Takes things out as long as something can be taken out.
pub fn minimise_by(program: &Program, fails: &mut Judge<'_>) -> Result<Program, Error> {
    let mut best = program.clone();
    if let Ok(file) = syn::parse_str::<File>(&best.source) {
        best.source = prettyplease::unparse(&file);
    }
    loop {
        let before = best.source.len();
        let mut first = 0;
        loop {
            let cuts: Vec<(usize, Program)> =
                (first..).map_while(|at| Some((at, cut(&best, &[at])?))).take(AT_ONCE).collect();
            if cuts.is_empty() {
                break;
            }
            // What is not smaller would be tried for ever.
            let smaller: Vec<(usize, Program)> =
                cuts.iter().filter(|(_, cut)| is_smaller(cut, &best)).cloned().collect();
            let candidates: Vec<Program> = smaller.iter().map(|(_, cut)| cut.clone()).collect();
            let verdicts = fails(&candidates)?;
            let good: Vec<usize> =
                smaller.iter().zip(&verdicts).filter(|(_, fails)| **fails).map(|((at, _), _)| *at).collect();
            first = cuts.last().map_or(first, |(at, _)| at + 1);
            let Some(smaller) = several(&best, &good, fails)? else { continue };
            // What comes next has another number now.
            first = first.saturating_sub(places(&best).saturating_sub(places(&smaller)));
            best = smaller;
        }
        if best.source.len() >= before {
            return Ok(best);
        }
    }
}

/// The program without as many of these things as it can be without at the same time.
fn several(best: &Program, good: &[usize], fails: &mut Judge<'_>) -> Result<Option<Program>, Error> {
    // All of them, or half of them, or half of these.
    let halves = std::iter::successors(Some(good.len()), |n| (*n > 1).then(|| n.div_ceil(2)));
    let without = |some: &[usize]| cut(best, some).filter(|smaller| is_smaller(smaller, best));
    let (lengths, together): (Vec<usize>, Vec<Program>) =
        halves.filter_map(|n| Some((n, without(&good[..n])?))).unzip();
    let verdicts = fails(&together)?;
    let Some(at) = verdicts.iter().position(|fails| *fails) else { return Ok(None) };
    let (mut gone, mut smallest) = (good[..lengths[at]].to_vec(), together[at].clone());
    for another in &good[lengths[at]..] {
        gone.push(*another);
        match without(&gone).filter(|program| is_smaller(program, &smallest)) {
            Some(program) if fails(std::slice::from_ref(&program))? == [true] => smallest = program,
            _ => gone.truncate(gone.len() - 1),
        }
    }
    Ok(Some(smallest))
}

/// How many things can be taken out.
fn places(program: &Program) -> usize {
    let mut count = 0;
    while cut(program, &[count]).is_some() {
        count += 1;
    }
    count
}

fn is_smaller(program: &Program, than: &Program) -> bool {
    program.source.len() < than.source.len() && syn::parse_str::<File>(&program.source).is_ok()
}

/// The program without the things of these numbers, of which there are fewer than that if it is nothing.
fn cut(program: &Program, numbers: &[usize]) -> Option<Program> {
    let mut file = syn::parse_str::<File>(&program.source).ok()?;
    // The last first: the numbers of those before stay the same.
    for number in numbers.iter().rev() {
        let mut cut = Cut { left: *number, done: false, root: program.root.clone() };
        cut.visit_file_mut(&mut file);
        if !cut.done {
            return None;
        }
    }
    Some(Program { source: prettyplease::unparse(&file), ..program.clone() })
}

/// Makes the change of a number, counted over everything that can be changed.
struct Cut {
    left: usize,
    done: bool,
    root: String,
}

impl Cut {
    /// Whether it is the turn of this change.
    fn now(&mut self) -> bool {
        if self.done {
            return false;
        }
        self.done = self.left == 0;
        self.left = self.left.wrapping_sub(1);
        self.done
    }

    /// Takes one element out, or two neighbours.
    fn shorten<T>(&mut self, list: &mut Vec<T>, may_go: impl Fn(&T) -> bool) {
        for at in 0..list.len() {
            if may_go(&list[at]) && self.now() {
                list.remove(at);
                return;
            }
        }
    }

    fn attributes(&mut self, attributes: &mut Vec<Attribute>) {
        self.shorten(attributes, |attribute| !attribute.path().is_ident("grad"));
    }
}

fn without_parentheses(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => without_parentheses(&inner.expr),
        other => other,
    }
}

fn block(block: &Block) -> Expr {
    Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: block.clone() })
}

/// Expressions that may stand in the place of this one.
fn parts(expr: &Expr) -> Vec<Expr> {
    let mut parts: Vec<Expr> = Vec::new();
    let of_block = |body: &Block, parts: &mut Vec<Expr>| {
        if let [Stmt::Expr(only, None)] = body.stmts.as_slice() {
            parts.push(only.clone());
        }
    };
    match expr {
        Expr::Binary(binary) => {
            parts.push((*binary.left).clone());
            parts.push((*binary.right).clone());
        }
        Expr::Unary(unary) => parts.push((*unary.expr).clone()),
        Expr::Paren(inner) => match without_parentheses(&inner.expr) {
            simple @ (Expr::Path(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Call(_)
            | Expr::Field(_)
            | Expr::Index(_)) => {
                parts.push(simple.clone());
            }
            _ => {}
        },
        Expr::MethodCall(call) => {
            parts.push((*call.receiver).clone());
            parts.extend(call.args.iter().cloned());
        }
        Expr::Call(call) => parts.extend(call.args.iter().cloned()),
        Expr::If(branch) => {
            of_block(&branch.then_branch, &mut parts);
            if let Some((_, other)) = &branch.else_branch {
                if let Expr::Block(inner) = &**other {
                    of_block(&inner.block, &mut parts);
                }
                parts.push((**other).clone());
            }
            parts.push(block(&branch.then_branch));
        }
        Expr::Match(item) => parts.extend(item.arms.iter().map(|arm| (*arm.body).clone())),
        Expr::Block(inner) => of_block(&inner.block, &mut parts),
        Expr::ForLoop(item) => parts.push(block(&item.body)),
        Expr::While(item) => parts.push(block(&item.body)),
        Expr::Reference(reference) => {
            if let Expr::Index(index) = &*reference.expr {
                let mut whole = reference.clone();
                whole.expr.clone_from(&index.expr);
                parts.push(Expr::Reference(whole));
            }
        }
        Expr::Cast(cast) => parts.push((*cast.expr).clone()),
        Expr::Closure(closure) => {
            let mut simpler = closure.clone();
            if let Expr::Block(inner) = &*closure.body
                && let [Stmt::Expr(only, None)] = inner.block.stmts.as_slice()
            {
                simpler.body = Box::new(only.clone());
                parts.push(Expr::Closure(simpler));
            }
        }
        _ => {}
    }
    if !matches!(expr, Expr::Path(_) | Expr::Lit(_)) {
        parts.push(parse_quote!(0.5));
    }
    parts
}

impl VisitMut for Cut {
    fn visit_file_mut(&mut self, file: &mut File) {
        let root = self.root.clone();
        self.shorten(&mut file.items, |item| !matches!(item, Item::Fn(item) if item.sig.ident == root));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        self.attributes(&mut item.attrs);
        visit_mut::visit_item_fn_mut(self, item);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.shorten(&mut block.stmts, |_| true);
        // A block as a statement: what is in it, in its place.
        for at in 0..block.stmts.len() {
            if let Stmt::Expr(Expr::Block(inner), _) = &block.stmts[at] {
                let inner = inner.block.stmts.clone();
                if inner.iter().all(|stmt| !matches!(stmt, Stmt::Expr(_, None))) && self.now() {
                    block.stmts.splice(at..=at, inner);
                    return;
                }
            }
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let syn::Pat::Type(typed) = &local.pat {
            let plain = (*typed.pat).clone();
            if self.now() {
                local.pat = plain;
                return;
            }
        }
        visit_mut::visit_local_mut(self, local);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        for part in parts(expr) {
            if self.now() {
                *expr = part;
                return;
            }
        }
        match expr {
            Expr::If(branch) if branch.else_branch.is_some() && self.now() => {
                branch.else_branch = None;
                return;
            }
            Expr::Match(item) => self.shorten(&mut item.arms, |_| true),
            Expr::ForLoop(item) if item.label.is_some() && self.now() => {
                item.label = None;
                return;
            }
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::minimise_by;
    use crate::generate::generate;

    #[test]
    fn a_program_shrinks_to_what_is_looked_for() {
        // A program that has the word in it, and much else.
        let program =
            (0..1000).map(|k| generate(3, k)).find(|program| program.source.contains(".tanh()")).unwrap();
        let mut tries = 0;
        let smaller = minimise_by(&program, &mut |candidates| {
            tries += candidates.len();
            Ok(candidates.iter().map(|candidate| candidate.source.contains(".tanh()")).collect())
        })
        .unwrap();
        assert!(smaller.source.contains(".tanh()"));
        // The root stays, with its parameters.
        assert!(smaller.source.len() < 400, "{}", smaller.source);
        assert!(tries < 20_000, "{tries} candidates");
    }

    #[test]
    fn what_cannot_shrink_stays() {
        let program = generate(3, 1);
        let same = minimise_by(&program, &mut |candidates| Ok(vec![false; candidates.len()])).unwrap();
        assert_eq!(same.source, program.source);
    }
}
