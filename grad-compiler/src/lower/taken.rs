//! What is taken by value, and written before it is used.
//!
//! `for z in a` takes a copy of an array, and the items are those of the copy, whatever becomes of `a`; so does `f(a, {
//! a[0] = x; x })`. Almost always nothing becomes of it, and the elements are read where they are. So the first run notes
//! what is taken, and sees whether it is written from there on; the next run then makes the copy.

use super::Lower;
use super::value::{Memory, Val};
use crate::ir::visit::{Access, Item};
use crate::ir::{Init, Place, Proj, Stmt};

/// Memory that was taken by value, and not yet used for the last time.
#[derive(Debug)]
pub(super) struct Taken {
    /// Where it is taken.
    node: usize,
    place: Place,
}

impl Lower<'_> {
    /// What `node` takes: memory itself, or a copy of it.
    pub(crate) fn take<T>(&mut self, val: Val, node: &T) -> Val {
        self.take_at(val, std::ptr::from_ref(node).addr())
    }

    fn take_at(&mut self, val: Val, node: usize) -> Val {
        match val {
            Val::Local(path) if matches!(self.component(&path), Val::Memory(_) | Val::Tuple(_)) => {
                let val = self.read_component(&path);
                self.take_at(val, node)
            }
            Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| self.take_at(val, node)).collect()),
            // Nothing else names what is fresh.
            Val::Memory(Memory { place, ty, fresh: false }) => {
                if self.hints.copied.contains(&node) {
                    return self.push_alloc("taken", ty, Init::Move(place));
                }
                let of = self.viewed(&place);
                self.taken.push(Taken { node, place: of });
                Val::memory(place, ty)
            }
            val => val,
        }
    }

    /// How much has been taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.len()
    }

    /// What `node` took is used by the next statement.
    pub(crate) fn use_taken<T>(&mut self, node: &T) {
        let node = std::ptr::from_ref(node).addr();
        self.taken.retain(|taken| taken.node != node);
    }

    /// What was taken since then has been used.
    pub(crate) fn end_taken(&mut self, since: usize) {
        self.taken.truncate(since);
    }

    /// Asks for copies of what a statement writes while it is taken.
    pub(crate) fn see_writes(&mut self, stmt: &Stmt) {
        if self.taken.is_empty() {
            return;
        }
        let mut written = Vec::new();
        stmt.walk(&mut |item| match item {
            Item::Place(place, Access::Write | Access::Update) => written.push(self.viewed(place)),
            Item::Var(var, Access::Write | Access::Update) => written.push((*var).into()),
            Item::Place(_, Access::Read | Access::Borrow)
            | Item::Var(_, Access::Read | Access::Borrow)
            | Item::Operand(_)
            | Item::Code(_)
            | Item::Enter
            | Item::Bind(_)
            | Item::Pattern(_)
            | Item::Block(_)
            | Item::Leave
            | Item::Define(_) => {}
        });
        let copied = self
            .taken
            .iter()
            .filter(|taken| written.iter().any(|place| may_meet(place, &taken.place)))
            .map(|taken| taken.node);
        self.copied.extend(copied);
    }
}

/// Whether two places may have memory in common: not if they part at two fields.
fn may_meet(a: &Place, b: &Place) -> bool {
    let parting = a.path.iter().zip(&b.path).find(|(one, other)| one != other);
    let apart = match parting {
        Some((Proj::Field(one), Proj::Field(other))) => one != other,
        Some((Proj::Named(one), Proj::Named(other))) => one != other,
        _ => false,
    };
    a.root == b.root && !apart
}
