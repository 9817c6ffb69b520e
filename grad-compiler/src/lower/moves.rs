//! What is moved away in a block inside the one where it was made is moved on some paths only, and is needed for the
//! shape of its cotangent on all of them: there, a copy is moved.
//!
//! What is used again after it was moved away is a mistake, of which rustc tells in the user's function. Of that, too, a copy is
//! moved, so that nothing more is said about the derivatives.

use crate::ir::visit::{Access, Item};
use crate::ir::{Arg, ArgKind, Block, Elem, Func, Init, Passed, Place, Stmt, Ty, Var, VarInfo};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn move_copies(func: &mut Func) {
    let mut vars = std::mem::take(&mut func.vars);
    used_again(&mut func.body, &vars);
    for stmt in &mut func.body.stmts {
        stmt.for_each_block_mut(&mut |block| inner_block(block, &mut vars));
        yields(stmt, &mut vars);
    }
    func.vars = vars;
}

/// Copies what is read behind the statement that moves it.
fn used_again(block: &mut Block, vars: &[VarInfo]) {
    let mut moved: BTreeMap<Var, usize> = BTreeMap::new();
    let mut again: BTreeSet<usize> = BTreeSet::new();
    for (at, stmt) in block.stmts.iter_mut().enumerate() {
        stmt.for_each_block_mut(&mut |block| used_again(block, vars));
        if !moved.is_empty() {
            stmt.walk(&mut |item| match item {
                Item::Place(place, Access::Read | Access::Borrow | Access::Update) => {
                    again.extend(moved.get(&place.root));
                }
                // What is written anew is there again.
                Item::Place(place, Access::Write) if place.path.is_empty() => drop(moved.remove(&place.root)),
                Item::Place(_, Access::Write)
                | Item::Var(..)
                | Item::Operand(_)
                | Item::Code(_)
                | Item::Enter
                | Item::Bind(_)
                | Item::Pattern(_)
                | Item::Block(_)
                | Item::Leave
                | Item::Define(_) => {}
            });
        }
        if let Stmt::Alloc { init: Init::Move(place), .. } | Stmt::Assign { init: Init::Move(place), .. } =
            stmt
            && place.path.is_empty()
            && may_hold_vec(&vars[place.root.index()].ty)
        {
            moved.insert(place.root, at);
        }
    }
    for at in again {
        if let Stmt::Alloc { init, .. } | Stmt::Assign { init, .. } = &mut block.stmts[at]
            && let Init::Move(place) = init
        {
            *init = Init::Clone(place.clone());
        }
    }
}

fn inner_block(block: &mut Block, vars: &mut Vec<VarInfo>) {
    let mut made = BTreeSet::new();
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        let mut copies = Copies { vars, made: &made, stmts: &mut stmts };
        match &mut stmt {
            Stmt::Alloc { init, .. } | Stmt::Assign { init, .. } => copies.init(init),
            Stmt::Push { value, .. } => copies.elem(value),
            Stmt::Call(call) => {
                for Arg { kind, .. } in &mut call.args {
                    if let ArgKind::Memory { place, passed: Passed::Moved } = kind {
                        copies.place(place);
                    }
                }
            }
            _ => {}
        }
        stmt.for_each_block_mut(&mut |block| inner_block(block, vars));
        yields(&mut stmt, vars);
        match &stmt {
            Stmt::Alloc { var, .. } => made.extend([*var]),
            Stmt::Call(call) => made.extend(call.result),
            Stmt::Branch(branch) => made.extend(&branch.results),
            _ => {}
        }
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// What the arms of a branch give.
fn yields(stmt: &mut Stmt, vars: &mut Vec<VarInfo>) {
    let Stmt::Branch(branch) = stmt else { return };
    for arm in &mut branch.arms {
        let made = arm
            .block
            .stmts
            .iter()
            .flat_map(|stmt| match stmt {
                Stmt::Alloc { var, .. } => vec![*var],
                Stmt::Call(call) => call.result.into_iter().collect(),
                Stmt::Branch(branch) => branch.results.clone(),
                _ => Vec::new(),
            })
            .collect();
        let mut copies = Copies { vars, made: &made, stmts: &mut arm.block.stmts };
        arm.yields.iter_mut().for_each(|elem| copies.elem(elem));
    }
}

struct Copies<'a> {
    vars: &'a mut Vec<VarInfo>,
    /// What was made in the same block.
    made: &'a BTreeSet<Var>,
    stmts: &'a mut Vec<Stmt>,
}

impl Copies<'_> {
    fn init(&mut self, init: &mut Init) {
        match init {
            Init::Move(place) if self.is_wanted(place) => *init = Init::Clone(place.clone()),
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter_mut().for_each(|elem| self.elem(elem));
            }
            _ => {}
        }
    }

    fn elem(&mut self, elem: &mut Elem) {
        if let Elem::Memory(place) = elem {
            self.place(place);
        }
    }

    fn place(&mut self, place: &mut Place) {
        if !self.is_wanted(place) {
            return;
        }
        let copy = Var(u32::try_from(self.vars.len()).expect("fewer than 2³² variables"));
        let info = VarInfo { mutable: false, ..self.vars[place.root.index()].clone() };
        self.vars.push(info);
        self.stmts.push(Stmt::Alloc { var: copy, init: Init::Clone(place.clone()) });
        *place = copy.into();
    }

    fn is_wanted(&self, place: &Place) -> bool {
        place.path.is_empty()
            && !self.made.contains(&place.root)
            && may_hold_vec(&self.vars[place.root.index()].ty)
    }
}

/// The type of what a call returns is known to rustc only.
fn may_hold_vec(ty: &Ty) -> bool {
    match ty {
        Ty::Vec(_) | Ty::Unknown => true,
        Ty::Array(of, _) => may_hold_vec(of),
        Ty::Tuple(of) => of.iter().any(may_hold_vec),
        _ => false,
    }
}
