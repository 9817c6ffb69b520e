//! Lines: of a row or a column of an array, which only elements are read of, they are elements of the array.
//!
//! ```text
//! let row = call row(&m, i)
//! for j in 0..row.len() {          for j in 0..m.row(i).len() {
//!     let x = load row[j]     →        let x = load m[[i, j]]
//! ```
//!
//! As long as a view is looked at, nothing else can change the array. So neither the row nor its cotangent is memory of its own.

use super::writing::{code, text};
use crate::analysis::{AccessKind, Layout, Pos, Rewrite, Rewrites, layout};
use crate::ir::visit::{Item, ItemMut};
use crate::ir::{ArgKind, Block, ELEMENTS, Func, OfArray, Op, Operand, Place, Proj, Stmt, Ty, Var, VarInfo};
use std::collections::BTreeMap;

/// Takes them for the elements that they are.
pub(super) fn lines(func: &mut Func, rewrites: Rewrites) {
    if !rewrites.may(Rewrite::Lines) || !func.vars.iter().any(is_line) {
        return;
    }
    let mut known = found(func);
    if !known.is_empty() {
        let mut body = std::mem::take(&mut func.body);
        within(func, &mut body, &mut known);
        func.body = body;
    }
}

/// A line, and the array that it is one of.
struct Part {
    of: Place,
    line: OfArray,
    /// Which one it is.
    number: Operand,
    /// The view itself, for what only asks for its shape.
    view: Var,
}

/// The lines of which nothing but elements and the shape is asked for.
fn found(func: &Func) -> BTreeMap<Var, Option<Part>> {
    let layout = layout(func);
    let (mut lines, mut elements) = (Vec::new(), BTreeMap::<Var, usize>::new());
    func.body.for_each_stmt(&mut |stmt| {
        lines.extend(made(func, stmt));
        let element = match stmt {
            Stmt::Let { op: Op::Load(place), .. } if is_element(place) => Some(place.root),
            Stmt::Let { op: Op::Len(place), .. } if place.path.is_empty() => Some(place.root),
            _ => None,
        };
        for var in element.into_iter().chain(asked(stmt)) {
            *elements.entry(var).or_default() += 1;
        }
    });
    let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
    let mut mention = |var| *mentions.entry(var).or_default() += 1;
    func.body.for_each_read(&mut mention);
    func.result.for_each_read(&mut mention);
    lines
        .into_iter()
        .filter(|(var, of)| elements.get(var) == mentions.get(var) && stays(&layout, *var, of.root))
        .map(|(var, _)| (var, None))
        .collect()
}

fn is_line(var: &VarInfo) -> bool {
    matches!(var.of_array, Some(OfArray::Row | OfArray::Column))
}

/// The line that a statement makes, and the array.
fn made<'a>(func: &Func, stmt: &'a Stmt) -> Option<(Var, &'a Place)> {
    let Stmt::Call(call) = stmt else { return None };
    let var = call.result.filter(|var| is_line(&func.vars[var.index()]))?;
    match &call.args[..] {
        [of, _] if call.suffix.is_none() => match &of.kind {
            ArgKind::Memory { place, passed } if !passed.writes() => {
                let is_field = |step: &Proj| matches!(step, Proj::Named(_) | Proj::Field(_));
                place.path.iter().all(is_field).then_some((var, place))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `r[k]`, or an element by its number, which is the same.
fn is_element(place: &Place) -> bool {
    match &place.path[..] {
        [Proj::Index(_)] => true,
        [Proj::Named(elements), Proj::Index(_)] => elements == ELEMENTS,
        _ => false,
    }
}

/// What code asks for that no derivative flows through.
fn asked(stmt: &Stmt) -> Vec<Var> {
    let mut asked = Vec::new();
    if matches!(stmt, Stmt::Let { .. } | Stmt::Alloc { .. }) {
        stmt.walk(&mut |item| {
            if let Item::Code(code) = item
                && code.stops
                && !code.acts
            {
                asked.extend(&code.reads);
            }
        });
    }
    asked
}

/// Whether nothing writes the array, or takes it away, as long as the line is looked at.
fn stays(layout: &Layout, line: Var, array: Var) -> bool {
    let (from, home) = (layout.pos[line.index()], layout.home[line.index()]);
    let ends = layout.accesses[line.index()].iter().map(|access| {
        let loops = layout.loops_around(access.region, home);
        loops.into_iter().map(|around| layout.region(around).end).fold(access.pos, Pos::max)
    });
    let to = ends.fold(from, Pos::max);
    let root = layout.root[array.index()];
    layout.accesses[root.index()]
        .iter()
        .all(|access| access.kind == AccessKind::Read || access.pos <= from || access.pos > to)
}

fn within(func: &mut Func, block: &mut Block, known: &mut BTreeMap<Var, Option<Part>>) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        if let Some(part) = part(func, &stmt, known, &mut stmts) {
            known.insert(part.0, Some(part.1));
            continue;
        }
        stmt.for_each_block_mut(&mut |inner| within(func, inner, known));
        if let Stmt::Let { var, op: Op::Len(place) } = &stmt
            && let Some(Some(part)) = known.get(&place.root)
        {
            let len = code(&format!("{}.len()", text(&part.view.into()))).stopping();
            stmts.push(Stmt::Let { var: *var, op: Op::Code(len) });
            continue;
        }
        looked_up(func, &mut stmt, known, &mut stmts);
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// What a statement makes, if it is one of these lines, with what has to be known for its elements.
fn part(
    func: &mut Func,
    stmt: &Stmt,
    known: &BTreeMap<Var, Option<Part>>,
    before: &mut Vec<Stmt>,
) -> Option<(Var, Part)> {
    let (var, of) = made(func, stmt).filter(|(var, _)| known.contains_key(var))?;
    let Stmt::Call(call) = stmt else { return None };
    let info = func.vars[var.index()].clone();
    let line = info.of_array?;
    let number = match &call.args[1].kind {
        ArgKind::Scalar(number) => number.clone(),
        ArgKind::Code { code, .. } => {
            let number = func.new_var("number", Ty::Opaque, info.span);
            before.push(Stmt::Let { var: number, op: Op::Code(code.clone()) });
            number.into()
        }
        _ => return None,
    };
    let view = func.new_var(info.name, Ty::Opaque, info.span);
    let (of_all, number_text) = (super::elements::written(of), text(&number));
    let call = code(&format!("{of_all}.{}({number_text})", line.method()?)).stopping();
    before.push(Stmt::Let { var: view, op: Op::Code(call) });
    Some((var, Part { of: of.clone(), line, number, view }))
}

/// Elements by their indices in the array, and views in code.
fn looked_up(func: &mut Func, stmt: &mut Stmt, known: &BTreeMap<Var, Option<Part>>, before: &mut Vec<Stmt>) {
    let part_of = |var: Var| known.get(&var).and_then(Option::as_ref);
    stmt.for_each_place_mut(&mut |place| {
        let Some(part) = part_of(place.root) else { return };
        let Some(Proj::Index(at)) = place.path.last() else { return };
        let [number, at] = [&part.number, at].map(text);
        let at = match part.line {
            OfArray::Column => format!("[{at}, {number}]"),
            OfArray::Row | OfArray::Sum | OfArray::Copy | OfArray::Other => format!("[{number}, {at}]"),
        };
        let there = func.new_var("at", Ty::Opaque, proc_macro2::Span::call_site());
        before.push(Stmt::Let { var: there, op: Op::Code(code(&at)) });
        *place = part.of.clone();
        place.path.push(Proj::Index(there.into()));
    });
    stmt.walk_mut(&mut |item| {
        if let ItemMut::Code(code) = item {
            *code = code.map_vars(|var| part_of(var).map_or(var, |part| part.view));
        }
    });
}
