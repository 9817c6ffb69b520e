//! What becomes of a loop that runs in strips.

use super::super::writing::{another, calculated, code, text};
use super::{Body, FEW, STRIP, Strips, Where};
use crate::ir::{
    Arm, Block, Branch, Carried, Elem, For, Func, Init, Op, Operand, Place, Proj, Selector, Stmt, Ty, Var,
    ViewKind,
};
use proc_macro2::Span;
use std::collections::BTreeMap;

impl Strips {
    /// The strips, and the loop for what is left. Returns the indices of the loops over one strip.
    pub(super) fn write(&self, func: &mut Func, mut stmt: For, out: &mut Vec<Stmt>) -> Vec<Var> {
        let body = Body::of(&stmt);
        let mut passes = stmt.hi.clone();
        for (root, ahead) in &self.ahead {
            let len = int(func, "len");
            out.push(Stmt::Let { var: len, op: Op::Len((*root).into()) });
            passes = calculated(
                func,
                out,
                "passes",
                &format!("__grad_runtime::bounded({}, {}, {ahead})", text(&passes), text(&len.into())),
            );
        }
        let whole = calculated(func, out, "whole", &format!("__grad_runtime::in_strips({})", text(&passes)));
        let strips = calculated(func, out, "count", &format!("__grad_runtime::strips({})", text(&whole)));
        let mut strip = Vec::new();
        let number = int(func, "strip");
        let start = calculated(func, &mut strip, "start", &format!("{} * {STRIP}", text(&number.into())));
        let len = calculated(
            func,
            &mut strip,
            "len",
            &format!("__grad_runtime::strip_len({}, {})", text(&whole), text(&start)),
        );
        let mut carried = Vec::new();
        let mut inits = Vec::new();
        for c in &stmt.carried {
            let [param, result] = [0; 2].map(|_| another(func, c.param));
            carried.push(Carried { param, init: c.init.clone(), next: param.into(), result });
            inits.push(param);
        }
        // Of loops of so many passes, rustc makes better vectors than of loops that may have fewer.
        let full = func.new_var("full", Ty::Bool, Span::call_site());
        strip.push(Stmt::Let { var: full, op: Op::Code(code(&format!("{} == {STRIP}", text(&len)))) });
        let mut loops = Vec::new();
        let arms = [Operand::int(STRIP), len].map(|len| {
            let mut writer = Writer {
                strips: self,
                body: &body,
                start: start.clone(),
                len,
                parts: BTreeMap::new(),
                names: BTreeMap::new(),
                loops: Vec::new(),
            };
            let mut stmts = Vec::new();
            let results = writer.strip(func, &stmt, &inits, &mut stmts);
            loops.append(&mut writer.loops);
            let yields = results.into_iter().map(|result| Elem::Scalar(result.into())).collect();
            Arm { pattern: None, block: Block { stmts }, yields }
        });
        let results: Vec<Var> = inits.iter().map(|param| another(func, *param)).collect();
        for (c, result) in carried.iter_mut().zip(&results) {
            c.next = (*result).into();
        }
        strip.push(Stmt::Branch(Branch { on: Selector::If(full.into()), arms: arms.into(), results }));
        for (left, c) in stmt.carried.iter_mut().zip(&carried) {
            left.init = c.result.into();
        }
        out.push(Stmt::For(For {
            index: number,
            lo: Operand::int(0),
            hi: strips,
            inclusive: false,
            reversed: false,
            carried,
            body: Block { stmts: strip },
            until: None,
        }));
        stmt.lo = whole;
        self.spell_out(func, &mut stmt);
        out.push(Stmt::For(stmt));
        loops
    }

    /// Names the elements of the passes that are left by their indices, and not by way of a slice: neighbours are found then.
    fn spell_out(&self, func: &mut Func, stmt: &mut For) {
        let mut stmts = Vec::with_capacity(stmt.body.stmts.len());
        for mut inner in std::mem::take(&mut stmt.body.stmts) {
            if let Stmt::Accumulate { place, .. } = &mut inner
                && let [Proj::Slice { from: Some(from), .. }, Proj::Index(Operand::Lit(at)), ..] =
                    &place.path[..]
                && let (Some(from), Ok(at)) = (self.offset(from), at.text.parse::<usize>())
            {
                let index = match from + at {
                    0 => stmt.index.into(),
                    offset => {
                        let at = format!("{} + {offset}", text(&stmt.index.into()));
                        calculated(func, &mut stmts, "at", &at)
                    }
                };
                place.path.splice(..2, [Proj::Index(index)]);
            }
            stmts.push(inner);
        }
        stmt.body.stmts = stmts;
    }
}

/// Writes the statements of one strip.
struct Writer<'a> {
    strips: &'a Strips,
    body: &'a Body<'a>,
    start: Operand,
    len: Operand,
    /// The elements of the strip, of memory that has one for each pass.
    parts: BTreeMap<Var, Var>,
    /// The variables of the passes, under names of their own.
    names: BTreeMap<Var, Var>,
    /// The indices of the loops over the strip.
    loops: Vec<Var>,
}

/// What waits for the end of the strip.
struct PutBy {
    values: Var,
    ty: Ty,
    /// The inner loops that it is in, outermost first: index and number of passes.
    inside: Vec<(Var, Operand)>,
    to: Where,
}

impl Writer<'_> {
    /// Returns what the sums are behind the strip.
    fn strip(&mut self, func: &mut Func, stmt: &For, sums: &[Var], out: &mut Vec<Stmt>) -> Vec<Var> {
        for var in &self.body.own {
            self.names.insert(*var, another(func, *var));
        }
        let pass = int(func, "q");
        let terms: Vec<Var> =
            sums.iter().map(|sum| zeros(func, out, "terms", func.ty(*sum).clone(), STRIP)).collect();
        let reads = self.strips.ahead.keys().filter(|root| !self.strips.at_once.contains_key(root));
        for root in reads.copied().collect::<Vec<_>>() {
            self.part(func, out, root, 0, self.strips.ahead[&root], ViewKind::Shared);
        }
        for (root, offset) in &self.strips.at_once {
            self.part(func, out, *root, *offset, *offset, ViewKind::Materialized);
        }
        let mut put_by = Vec::new();
        let mut stmts = Vec::new();
        let own = self.names[&stmt.index];
        let at = format!("{} + {}", text(&self.start), text(&pass.into()));
        stmts.push(Stmt::Let { var: own, op: Op::Code(code(&at)) });
        self.copy(func, &stmt.body, pass, &mut Vec::new(), &mut put_by, out, &mut stmts);
        // Sums go on behind the strip.
        stmts.retain(|inner| {
            let is_next = |var: &Var| stmt.carried.iter().any(|c| c.next.var() == Some(*var));
            !matches!(inner, Stmt::Let { var, .. } if self.names.iter().any(|(of, to)| to == var && is_next(of)))
        });
        for ((.., term), values) in self.strips.sums.iter().zip(&terms) {
            let place = Place { root: *values, path: vec![Proj::Index(pass.into())] };
            stmts.push(Stmt::Store { place, value: self.name(term) });
        }
        out.push(self.passes(pass, Vec::new(), stmts));
        for later in put_by.iter().filter(|later| matches!(later.to, Where::Own { .. })) {
            self.add(func, later, out);
        }
        let steady: Vec<&PutBy> =
            put_by.iter().filter(|later| matches!(later.to, Where::Steady(_))).collect();
        self.sum_up(func, sums, &terms, &steady, out)
    }

    /// The elements of a strip, from `offset` behind its start to `ahead` behind its end.
    fn part(
        &mut self,
        func: &mut Func,
        out: &mut Vec<Stmt>,
        root: Var,
        offset: usize,
        ahead: usize,
        kind: ViewKind,
    ) -> Var {
        let from = match offset {
            0 => self.start.clone(),
            _ => calculated(func, out, "from", &format!("{} + {offset}", text(&self.start))),
        };
        let end = match ahead {
            0 => format!("{} + {}", text(&self.start), text(&self.len)),
            _ => format!("{} + {} + {ahead}", text(&self.start), text(&self.len)),
        };
        let to = calculated(func, out, "to", &end);
        let (Ty::Slice(of) | Ty::Vec(of)) = func.ty(root).peeled().clone() else { unreachable!("looked at") };
        let name = format!("{}_part", func.vars[root.index()].name.trim_end_matches("_bar"));
        let part = func.new_var(name, Ty::Slice(of), Span::call_site());
        let slice = Proj::Slice { from: Some(from), to: Some(to), inclusive: false };
        out.push(Stmt::View { var: part, place: Place { root, path: vec![slice] }, kind });
        self.parts.insert(root, part);
        part
    }

    fn passes(&mut self, index: Var, carried: Vec<Carried>, stmts: Vec<Stmt>) -> Stmt {
        self.loops.push(index);
        Stmt::For(For {
            index,
            lo: Operand::int(0),
            hi: self.len.clone(),
            inclusive: false,
            reversed: false,
            carried,
            body: Block { stmts },
            until: None,
        })
    }

    fn name(&self, operand: &Operand) -> Operand {
        operand
            .var()
            .and_then(|var| self.names.get(&var))
            .map_or_else(|| operand.clone(), |var| (*var).into())
    }

    /// The place of an element of the pass, in the part of the strip. `behind` is from the start of the part.
    fn element(
        &self,
        func: &mut Func,
        stmts: &mut Vec<Stmt>,
        root: Var,
        behind: usize,
        pass: Var,
        rest: &[Proj],
    ) -> Place {
        let at = match behind {
            0 => pass.into(),
            _ => calculated(func, stmts, "at", &format!("{} + {behind}", text(&pass.into()))),
        };
        let mut place = Place { root: self.parts[&root], path: vec![Proj::Index(at)] };
        place.path.extend(rest.iter().cloned());
        place.for_each_operand_mut(&mut |operand| *operand = self.name(operand));
        place
    }

    /// The statements of a pass, with what is put by in place of what it is added to.
    #[expect(clippy::too_many_arguments, reason = "a recursion over one strip")]
    fn copy(
        &self,
        func: &mut Func,
        block: &Block,
        pass: Var,
        inside: &mut Vec<(Var, Operand)>,
        put_by: &mut Vec<PutBy>,
        before: &mut Vec<Stmt>,
        out: &mut Vec<Stmt>,
    ) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::View { .. } => {}
                Stmt::Let { var, op: Op::Load(place) } => match self.strips.find(self.body, place) {
                    Some(Where::Own { root, offset, rest }) => {
                        let place = self.element(func, out, root, offset, pass, &rest);
                        out.push(Stmt::Let { var: self.names[var], op: Op::Load(place) });
                    }
                    _ => out.push(self.renamed(stmt)),
                },
                Stmt::Accumulate { place, value } => {
                    let found = self.strips.find(self.body, place).expect("looked at");
                    if let (Where::Own { root, rest, .. }, true) = (&found, self.strips.is_at_once(&found)) {
                        let place = self.element(func, out, *root, 0, pass, rest);
                        out.push(Stmt::Accumulate { place, value: self.name(value) });
                        continue;
                    }
                    let ty = value.var().map_or(Ty::Unknown, |var| func.ty(var).clone());
                    let rooms = inside.iter().map(|(_, passes)| literal(passes)).product::<usize>();
                    let values = zeros(func, before, "put_by", ty.clone(), STRIP * rooms);
                    let place = self.room(func, out, values, pass, inside);
                    out.push(Stmt::Store { place, value: self.name(value) });
                    put_by.push(PutBy { values, ty, inside: inside.clone(), to: found });
                }
                Stmt::For(inner) => {
                    let mut copy = inner.clone();
                    let mut stmts = Vec::new();
                    inside.push((inner.index, inner.hi.clone()));
                    self.copy(func, &inner.body, pass, inside, put_by, before, &mut stmts);
                    inside.pop();
                    copy.body.stmts.clear();
                    let Stmt::For(mut copy) = self.renamed(&Stmt::For(copy)) else { unreachable!("a loop") };
                    copy.body.stmts = stmts;
                    out.push(Stmt::For(copy));
                }
                stmt => out.push(self.renamed(stmt)),
            }
        }
    }

    fn renamed(&self, stmt: &Stmt) -> Stmt {
        let mut block = Block { stmts: vec![stmt.clone()] };
        block.map_vars(&mut |var| self.names.get(&var).copied().unwrap_or(var));
        block.stmts.pop().expect("one statement")
    }

    /// Where a value of a pass is put by: one strip after the other for each pass of the loops that it is in.
    fn room(
        &self,
        func: &mut Func,
        out: &mut Vec<Stmt>,
        values: Var,
        pass: Var,
        inside: &[(Var, Operand)],
    ) -> Place {
        let at = match inside {
            [] => pass.into(),
            [(first, _), more @ ..] => {
                let mut which = text(&self.name(&(*first).into()));
                for (index, passes) in more {
                    which = format!("({which} * {} + {})", text(passes), text(&self.name(&(*index).into())));
                }
                calculated(func, out, "room", &format!("{which} * {STRIP} + {}", text(&pass.into())))
            }
        };
        Place { root: values, path: vec![Proj::Index(at)] }
    }

    /// Adds what was put by to elements.
    fn add(&mut self, func: &mut Func, later: &PutBy, out: &mut Vec<Stmt>) {
        let Where::Own { root, offset, rest } = &later.to else { return };
        self.part(func, out, *root, *offset, *offset, ViewKind::Materialized);
        let pass = int(func, "q");
        let stmts = self.added(func, later, pass, |writer, func, stmts| {
            writer.element(func, stmts, *root, 0, pass, rest)
        });
        out.push(self.passes(pass, Vec::new(), stmts));
    }

    fn added(
        &mut self,
        func: &mut Func,
        later: &PutBy,
        pass: Var,
        to: impl Fn(&Writer, &mut Func, &mut Vec<Stmt>) -> Place,
    ) -> Vec<Stmt> {
        for (index, _) in &later.inside {
            self.names.insert(*index, another(func, *index));
        }
        let mut stmts = Vec::new();
        let value = func.new_derivative("term".to_owned(), later.ty.clone(), Span::call_site());
        let from = self.room(func, &mut stmts, later.values, pass, &later.inside);
        stmts.push(Stmt::Let { var: value, op: Op::Load(from) });
        let place = to(self, func, &mut stmts);
        stmts.push(Stmt::Accumulate { place, value: value.into() });
        for (index, passes) in later.inside.iter().rev() {
            stmts = vec![Stmt::For(For {
                index: self.names[index],
                lo: Operand::int(0),
                hi: passes.clone(),
                inclusive: false,
                reversed: false,
                carried: Vec::new(),
                body: Block { stmts },
                until: None,
            })];
        }
        stmts
    }

    /// Adds up what goes to sums, and to elements that are the same in all passes.
    fn sum_up(
        &mut self,
        func: &mut Func,
        sums: &[Var],
        terms: &[Var],
        steady: &[&PutBy],
        out: &mut Vec<Stmt>,
    ) -> Vec<Var> {
        let pass = int(func, "q");
        let mut stmts = Vec::new();
        let mut carried = Vec::new();
        for (((prim, at, _), sum), values) in self.strips.sums.iter().zip(sums).zip(terms) {
            let [param, next, result] = [0; 3].map(|_| another(func, *sum));
            let term = another(func, *sum);
            let place = Place { root: *values, path: vec![Proj::Index(pass.into())] };
            stmts.push(Stmt::Let { var: term, op: Op::Load(place) });
            let args = if *at == 1 { [param, term] } else { [term, param] };
            let op = Op::Prim(*prim, args.into_iter().map(Operand::Var).collect());
            stmts.push(Stmt::Let { var: next, op });
            carried.push(Carried { param, init: (*sum).into(), next: next.into(), result });
        }
        for later in steady {
            let Where::Steady(place) = &later.to else { continue };
            stmts.extend(self.added(func, later, pass, |writer, _, _| {
                let mut place = place.clone();
                place.for_each_operand_mut(&mut |operand| *operand = writer.name(operand));
                place
            }));
        }
        let results = carried.iter().map(|c| c.result).collect();
        if !stmts.is_empty() {
            out.push(self.passes(pass, carried, stmts));
        }
        results
    }
}

fn literal(operand: &Operand) -> usize {
    match operand {
        Operand::Lit(lit) => lit.text.parse().unwrap_or(FEW),
        Operand::Var(_) => FEW,
    }
}

/// So many zeros, in an array.
fn zeros(func: &mut Func, out: &mut Vec<Stmt>, name: &str, of: Ty, len: usize) -> Var {
    let len = code(&len.to_string());
    let ty = Ty::Array(Box::new(of), len.tokens.to_string());
    let zeros = func.new_derivative(name.to_owned(), ty, Span::call_site());
    out.push(Stmt::Alloc {
        var: zeros,
        init: Init::ArrayRepeat { value: Elem::Scalar(Operand::float(0.0)), len },
    });
    zeros
}

fn int(func: &mut Func, name: &str) -> Var {
    func.new_var(name, Ty::Int, Span::call_site())
}
