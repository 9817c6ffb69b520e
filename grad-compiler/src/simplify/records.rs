//! Records: what each pass of a loop puts on several tapes goes on one, as one thing.
//!
//! ```text
//! a_tape.push(a);                        let record = (a, b, pullback);
//! b_tape.push(b);                →       record_tape.push(record);
//! pullback_tape.push(pullback);
//! ```
//!
//! A tape that is made for the passes of one loop is an allocation each time, and to write to it is to ask whether there is
//! room. What is pushed in one place, always together, and popped in one place, needs all of that once. (A tape that stays
//! while the loop runs again and again is left alone: to put things together and take them apart would be all that is gained.)
//! The last of all rewrites: tangents are those of the parts.

use crate::analysis::{Condition, Rewrite, Rewrites};
use crate::ir::visit::Item;
use crate::ir::{Block, Elem, Func, Init, Op, Place, Proj, Room, Stmt, Ty, Var};
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Gathers the tapes of a derivative.
pub fn records(func: &mut Func, reverse: &mut Block, rewrites: Rewrites) {
    if !rewrites.may(Rewrite::Record) {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    let mut sites = Sites::default();
    sites.block(&body);
    sites.block(reverse);
    let mut into = BTreeMap::new();
    for tapes in sites.together(rewrites) {
        let of = tapes.iter().map(|tape| match func.ty(*tape) {
            Ty::Tape(of) => (**of).clone(),
            _ => Ty::Unknown,
        });
        let ty = Ty::Tuple(of.collect());
        let tape = func.new_var("record_tape", Ty::Tape(Box::new(ty.clone())), Span::call_site());
        let [pushed, popped] = [0; 2].map(|_| func.new_var("record", ty.clone(), Span::call_site()));
        for (at, part) in tapes.iter().enumerate() {
            into.insert(*part, Part { tape, pushed, popped, at, of: tapes.len() });
        }
    }
    for block in [&mut body, reverse] {
        gather(block, &into);
    }
    func.body = body;
}

/// Where a tape goes.
struct Part {
    tape: Var,
    /// The record in front of where it is pushed, and behind where it is popped.
    pushed: Var,
    popped: Var,
    /// Which part, of how many.
    at: usize,
    of: usize,
}

/// Where a tape is declared, pushed to and popped from: the numbers of the blocks.
#[derive(Default)]
struct Site {
    room: Option<(usize, Room)>,
    pushed: Vec<(usize, usize)>,
    popped: Vec<usize>,
    /// Something else is done with it.
    otherwise: bool,
}

#[derive(Default)]
struct Sites {
    blocks: usize,
    tapes: BTreeMap<Var, Site>,
}

impl Sites {
    fn block(&mut self, block: &Block) {
        self.blocks += 1;
        let here = self.blocks;
        // Statements that other things may happen in end a run of pushes.
        let mut run = 0;
        for stmt in &block.stmts {
            match stmt {
                Stmt::Alloc { var, init: Init::Tape(room @ Room::For(_)) } => {
                    self.tapes.entry(*var).or_default().room = Some((here, room.clone()));
                }
                Stmt::Push { vec, value } if vec.path.is_empty() => {
                    self.tapes.entry(vec.root).or_default().pushed.push((here, run));
                    if let Elem::Memory(place) = value {
                        self.tapes.entry(place.root).or_default().otherwise = true;
                    }
                }
                Stmt::Let { op: Op::Pop(tape), .. } | Stmt::Alloc { init: Init::Pop(tape), .. } => {
                    self.tapes.entry(*tape).or_default().popped.push(here);
                }
                _ => {
                    stmt.walk(&mut |item| match item {
                        Item::Var(var, _) => self.tapes.entry(*var).or_default().otherwise = true,
                        Item::Place(place, _) => self.tapes.entry(place.root).or_default().otherwise = true,
                        Item::Operand(operand) => {
                            if let Some(var) = operand.var() {
                                self.tapes.entry(var).or_default().otherwise = true;
                            }
                        }
                        Item::Code(code) => {
                            for var in &code.reads {
                                self.tapes.entry(*var).or_default().otherwise = true;
                            }
                        }
                        Item::Enter
                        | Item::Bind(_)
                        | Item::Pattern(_)
                        | Item::Block(_)
                        | Item::Leave
                        | Item::Define(_) => {}
                    });
                    stmt.for_each_block(&mut |inner| self.block(inner));
                }
            }
            if !matches!(stmt, Stmt::Push { .. } | Stmt::Let { .. }) {
                run += 1;
            }
        }
    }

    /// The tapes that go together.
    fn together(self, rewrites: Rewrites) -> Vec<Vec<Var>> {
        let mut groups: BTreeMap<String, Vec<Var>> = BTreeMap::new();
        for (var, site) in self.tapes {
            let (Some((declared, room)), [pushed], [popped], false) =
                (site.room, &site.pushed[..], &site.popped[..], site.otherwise)
            else {
                continue;
            };
            let in_step = format!("{declared} {room:?} {pushed:?} {popped}");
            let key = if rewrites.ignores(Condition::InStep) { String::new() } else { in_step };
            groups.entry(key).or_default().push(var);
        }
        groups.into_values().filter(|tapes| tapes.len() > 1).collect()
    }
}

fn gather(block: &mut Block, into: &BTreeMap<Var, Part>) {
    let mut waiting: BTreeMap<Var, Vec<(usize, Elem)>> = BTreeMap::new();
    let mut stmts = Vec::with_capacity(block.stmts.len());
    let (mut declared, mut popped) = (BTreeSet::new(), BTreeSet::new());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| gather(inner, into));
        match stmt {
            Stmt::Alloc { var, init: init @ Init::Tape(_) } if into.contains_key(&var) => {
                let tape = into[&var].tape;
                if declared.insert(tape) {
                    stmts.push(Stmt::Alloc { var: tape, init });
                }
            }
            Stmt::Push { vec, value } if into.contains_key(&vec.root) => {
                let Part { tape, pushed, at, of, .. } = into[&vec.root];
                let parts = waiting.entry(tape).or_default();
                parts.push((at, value));
                if parts.len() == of {
                    parts.sort_by_key(|(at, _)| *at);
                    let elems = std::mem::take(parts).into_iter().map(|(_, value)| value).collect();
                    stmts.push(Stmt::Alloc { var: pushed, init: Init::Tuple(elems) });
                    stmts.push(Stmt::Push { vec: tape.into(), value: Elem::Memory(pushed.into()) });
                }
            }
            Stmt::Let { var, op: Op::Pop(part) } if into.contains_key(&part) => {
                let place = taken(&mut stmts, &mut popped, &into[&part]);
                stmts.push(Stmt::Let { var, op: Op::Load(place) });
            }
            Stmt::Alloc { var, init: Init::Pop(part) } if into.contains_key(&part) => {
                let place = taken(&mut stmts, &mut popped, &into[&part]);
                stmts.push(Stmt::Alloc { var, init: Init::Part(place) });
            }
            stmt => stmts.push(stmt),
        }
    }
    block.stmts = stmts;
}

/// The place of a part in its record, which is popped in front of the first.
fn taken(stmts: &mut Vec<Stmt>, popped: &mut BTreeSet<Var>, part: &Part) -> Place {
    if popped.insert(part.tape) {
        stmts.push(Stmt::Alloc { var: part.popped, init: Init::Pop(part.tape) });
    }
    Place { root: part.popped, path: vec![Proj::Field(part.at)] }
}
