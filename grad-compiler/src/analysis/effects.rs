//! What statements do to memory, root by root; and from that: may two loops run pass by pass in turn?
//!
//! Needs: blocks of a verified `Func`, of the primal or of a derivative. Guarantees: whatever a statement reads, adds to,
//! writes, lengthens or shortens is in its effects, under the name of the root, whichever view it is reached by.

use super::{Condition, Rewrites, may_overlap};
use crate::ir::visit::{Access, Item};
use crate::ir::{Block, For, Operand, Place, Proj, Stmt, Var};
use std::collections::BTreeMap;

/// The parts of memory that have names of their own.
#[derive(Default)]
pub struct Views(BTreeMap<Var, Place>);

impl Views {
    /// Of all blocks that run one after the other.
    pub fn of(blocks: &[&Block]) -> Views {
        let mut views = Views::default();
        for block in blocks {
            block.for_each_stmt(&mut |stmt| {
                if let Stmt::View { var, place, .. } = stmt {
                    views.0.insert(*var, place.clone());
                }
            });
        }
        views
    }

    /// The root, and the whole path from it.
    pub fn resolve(&self, place: &Place) -> (Var, Vec<Proj>) {
        let (mut root, mut path) = (place.root, place.path.clone());
        while let Some(of) = self.0.get(&root) {
            path.splice(0..0, of.path.iter().cloned());
            root = of.root;
        }
        (root, path)
    }

    pub fn root(&self, var: Var) -> Var {
        let mut root = var;
        while let Some(of) = self.0.get(&root) {
            root = of.root;
        }
        root
    }

    /// Whether the statement, or one nested in it, may read or change memory of the place, or lend it.
    pub fn touches(&self, stmt: &Stmt, place: &Place) -> bool {
        let (root, path) = self.resolve(place);
        let mut touches = false;
        stmt.for_each_place(&mut |other, access| {
            let (other, along) = self.resolve(other);
            touches |= other == root && (access == Access::Borrow || may_overlap(&along, &path));
        });
        self.for_each_whole(stmt, &mut |var, _| touches |= var == root);
        stmt.for_each_block(&mut |block| {
            touches |= block.stmts.iter().any(|inner| self.touches(inner, place))
        });
        touches
    }

    /// Whether the statement, or one nested in it, names the root or a view of it, in whatever way.
    pub fn mentions(&self, stmt: &Stmt, root: Var) -> bool {
        let mut mentions = false;
        stmt.for_each_read(&mut |var| mentions |= self.root(var) == root);
        mentions
    }

    /// What the statement itself does to memory as a whole, without a place: takes its last element, makes it longer or
    /// shorter, reads it in code.
    pub fn for_each_whole(&self, stmt: &Stmt, f: &mut dyn FnMut(Var, Access)) {
        stmt.walk(&mut |item| match item {
            Item::Var(var, access) => f(self.root(*var), access),
            Item::Code(code) => code.reads.iter().for_each(|var| f(self.root(*var), Access::Read)),
            Item::Pattern(pattern) => {
                let reads = pattern.guard.iter().flat_map(|guard| &guard.reads);
                reads.for_each(|var| f(self.root(*var), Access::Read));
            }
            Item::Operand(_)
            | Item::Place(..)
            | Item::Enter
            | Item::Bind(_)
            | Item::Block(_)
            | Item::Leave
            | Item::Define(_) => {}
        });
    }
}

/// What happens to one root.
#[derive(Default)]
pub(super) struct Touched {
    reads: bool,
    adds: bool,
    writes: bool,
    pub(super) paths: Vec<Vec<Proj>>,
}

impl Touched {
    pub(super) fn only_adds(&self) -> bool {
        self.adds && !self.reads && !self.writes
    }

    pub(super) fn only_reads(&self) -> bool {
        self.reads && !self.adds && !self.writes
    }
}

/// What a block does.
pub(super) struct Effects {
    pub(super) roots: BTreeMap<Var, Touched>,
    /// Runs code of the user's, which may do what it likes where nobody looks.
    pub(super) calls: bool,
}

impl Effects {
    pub(super) fn of(block: &Block, views: &Views, rewrites: Rewrites) -> Effects {
        let mut effects = Effects { roots: BTreeMap::new(), calls: false };
        block.for_each_stmt(&mut |stmt| {
            let adds = matches!(stmt, Stmt::Accumulate { .. });
            effects.calls |= matches!(
                stmt,
                Stmt::Call(_)
                    | Stmt::ForwardCall(_)
                    | Stmt::ReverseCall(_)
                    | Stmt::TangentCall(_)
                    | Stmt::Effect { .. }
            );
            stmt.for_each_place(&mut |place, access| {
                let (root, path) = views.resolve(place);
                effects.note(root, path, access, adds);
            });
            if !rewrites.ignores(Condition::LengthsAreEffects) {
                views.for_each_whole(stmt, &mut |root, access| {
                    effects.note(root, Vec::new(), access, false);
                });
            }
        });
        effects
    }

    fn note(&mut self, root: Var, path: Vec<Proj>, access: Access, adds: bool) {
        // What happens to a view is said by later statements.
        if access == Access::Borrow {
            return;
        }
        let touched = self.roots.entry(root).or_default();
        match access {
            Access::Borrow => {}
            Access::Read => touched.reads = true,
            Access::Update if adds => touched.adds = true,
            Access::Write | Access::Update => touched.writes = true,
        }
        touched.paths.push(path);
    }
}

/// What a block does to each root.
pub struct Touches(Effects);

impl Touches {
    pub fn of(block: &Block, views: &Views, rewrites: Rewrites) -> Touches {
        Touches(Effects::of(block, views, rewrites))
    }

    pub fn only_reads(&self, root: Var) -> bool {
        self.0.roots.get(&root).is_some_and(Touched::only_reads)
    }

    pub fn only_adds(&self, root: Var) -> bool {
        self.0.roots.get(&root).is_some_and(Touched::only_adds)
    }
}

/// Whether pass k of the second loop may run before pass k + 1 of the first: of the memory that both touch, neither changes
/// anything, or both only add, or each touches in pass k only what is below element k. A change of length touches all of it.
pub fn may_run_in_turn(first: &For, second: &For, views: &Views, rewrites: Rewrites) -> bool {
    let [one, other] = [first, second].map(|stmt| Effects::of(&stmt.body, views, rewrites));
    !(one.calls && other.calls)
        && one.roots.iter().all(|(root, a)| {
            let Some(b) = other.roots.get(root) else { return true };
            let alike = (a.only_adds() && b.only_adds()) || (a.only_reads() && b.only_reads());
            rewrites
                .holds(Condition::OwnElements, alike || is_element_by_element(first, a, second, b, rewrites))
        })
}

fn is_element_by_element(first: &For, a: &Touched, second: &For, b: &Touched, rewrites: Rewrites) -> bool {
    let leading = a.paths.first().map_or(&[][..], |path| &path[..]);
    let Some(depth) = leading.iter().position(|proj| is_index(proj, first.index)) else { return false };
    let own = |touched: &Touched, index: Var| {
        touched.paths.iter().all(|path| path.get(depth).is_some_and(|proj| is_index(proj, index)))
    };
    let mut paths = a.paths.iter().chain(&b.paths);
    let alike = paths.all(|path| path.len() > depth && path[..depth] == leading[..depth]);
    rewrites.holds(Condition::SamePart, alike)
        && rewrites.holds(Condition::OwnInFirst, own(a, first.index))
        && rewrites.holds(Condition::OwnInSecond, own(b, second.index))
}

fn is_index(proj: &Proj, index: Var) -> bool {
    matches!(proj, Proj::Index(Operand::Var(var)) if *var == index)
}
