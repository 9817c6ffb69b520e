//! What the printer knows of each variable: whether it is read, whether it is declared `mut`, and which
//! values share one mutable variable.

use super::compiles::for_each_stmt;
use super::numbers;
use super::usage::{Event, Recorder, Views, collect_views, find_copied, find_dead};
use crate::ir::{Block, Carried, Func, Init, Op, Operand, Place, Proj, Stmt, Ty, Var, ViewKind};

pub(super) struct Facts<'a> {
    pub(super) views: Views<'a>,
    /// Values that are not printed.
    pub(super) dead: Vec<bool>,
    /// Read anywhere.
    pub(super) read: Vec<bool>,
    /// Read in the reverse sweep.
    pub(super) read_in_reverse: Vec<bool>,
    /// Read in the forward sweep.
    pub(super) read_in_forward: Vec<bool>,
    /// There after it was moved.
    pub(super) copied: Vec<bool>,
    /// How often it is read.
    pub(super) uses: Vec<u32>,
    /// A method is called on it, or on a number of the same type that is made of it: its type must be known.
    pub(super) needs_type: Vec<bool>,
    /// The memory is changed, or the value is one of several in a mutable variable.
    pub(super) mutable: Vec<bool>,
    /// The variable under whose name it is printed.
    pub(super) class: Vec<Var>,
    /// Zeros in the shape of a part of a tangent, which may be that of a constant.
    pub(super) like_parts: Vec<bool>,
}

impl<'a> Facts<'a> {
    /// `at_end` records what is read behind the reverse sweep (the result, the cotangents); `at_turn` what is read
    /// between the sweeps.
    pub(super) fn of(
        func: &'a Func,
        reverse: &'a Block,
        at_turn: impl Fn(&mut Recorder<'_>),
        at_end: impl Fn(&mut Recorder<'_>),
    ) -> Facts<'a> {
        let vars = func.vars.len();
        let mut views = vec![None; vars];
        collect_views(&func.body, &mut views);
        collect_views(reverse, &mut views);

        let none = vec![false; vars];
        let mut ends = Recorder::new(&views, &none);
        at_turn(&mut ends);
        at_end(&mut ends);
        let dead = find_dead(&[&func.body, reverse], &ends.events, &views, vars);

        let mut recorder = Recorder::new(&views, &dead);
        recorder.block(&func.body);
        at_turn(&mut recorder);
        let turn = recorder.events.len();
        recorder.block(reverse);
        at_end(&mut recorder);
        let events = recorder.events;

        let mut facts = Facts {
            dead: dead.clone(),
            read: vec![false; vars],
            copied: find_copied(&events, vars),
            uses: vec![0; vars],
            needs_type: Vec::new(),
            read_in_reverse: vec![false; vars],
            read_in_forward: vec![false; vars],
            mutable: vec![false; vars],
            class: (0..u32::try_from(vars).expect("fewer than 2³² variables")).map(Var).collect(),
            views: Vec::new(),
            like_parts: Vec::new(),
        };
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Read(var) => {
                    facts.read[var.index()] = true;
                    facts.uses[var.index()] += 1;
                    let half =
                        if at < turn { &mut facts.read_in_forward } else { &mut facts.read_in_reverse };
                    half[var.index()] = true;
                }
                Event::Write(var) => facts.mutable[var.index()] = true,
                Event::Define(_)
                | Event::Move(_)
                | Event::Held(_)
                | Event::LoopStart
                | Event::LoopEnd
                | Event::ArmStart
                | Event::ArmEnd
                | Event::BranchEnd => {}
            }
        }
        facts.views = views;
        facts.like_parts = facts.find_like_parts(func, &[&func.body, reverse]);
        facts.pass_mutability_to_roots();
        let mut classes = Classes::new(func, &events, turn);
        classes.block(&func.body);
        classes.block(reverse);
        for var in (0..vars).map(|k| Var(u32::try_from(k).expect("fewer than 2³² variables"))) {
            let class = classes.find(var);
            facts.class[var.index()] = class;
            if classes.reassigned[class.index()] {
                facts.mutable[class.index()] = true;
            }
        }
        facts.needs_type = numbers::with_methods(func, &[&func.body, reverse]);
        facts.forget_copies(&[&func.body, reverse]);
        // Whatever changes an opaque variable is the user's code, which says `mut`.
        for (var, info) in func.vars.iter().enumerate() {
            if info.ty == Ty::Opaque && info.mutable {
                let class = facts.class[var];
                facts.mutable[class.index()] = true;
            }
        }
        facts
    }

    /// The places that a view looks at, one in the other.
    pub(super) fn views_of(&self, view: Var) -> impl Iterator<Item = &'a Place> {
        let of = |view: Var| self.views[view.index()].map(|(of, _)| of);
        std::iter::successors(of(view), move |place| of(place.root))
    }

    /// Whether a place is in a field of a tangent or a cotangent, whatever views lead to it.
    pub(super) fn is_part(&self, func: &Func, place: &Place) -> bool {
        let places = || std::iter::once(place).chain(self.views_of(place.root));
        places().any(|place| func.vars[place.root.index()].derivative)
            && places().any(|place| place.path.iter().any(Proj::is_field))
    }

    fn find_like_parts(&self, func: &Func, blocks: &[&Block]) -> Vec<bool> {
        let mut found = vec![false; func.vars.len()];
        for block in blocks {
            for_each_stmt(block, &mut |stmt| {
                if let Stmt::Alloc {
                    var,
                    init: Init::ZerosLike(of) | Init::LanesLike(of) | Init::Again(of),
                } = stmt
                {
                    found[var.index()] = self.is_part(func, of) || found[of.root.index()];
                }
            });
        }
        found
    }

    /// `let b = a;` of numbers that do not change is no statement: `b` is printed as `a`.
    fn forget_copies(&mut self, blocks: &[&Block]) {
        for block in blocks {
            for stmt in &block.stmts {
                match stmt {
                    Stmt::Let { var, op: Op::Copy(Operand::Var(of)) } => {
                        let (class, of) = (self.class[var.index()], self.class[of.index()]);
                        let is_alone =
                            class == *var && !self.mutable[class.index()] && !self.mutable[of.index()];
                        if is_alone && !self.dead[var.index()] {
                            self.dead[var.index()] = true;
                            self.class[var.index()] = of;
                            self.uses[of.index()] += self.uses[var.index()];
                        }
                    }
                    Stmt::Branch(branch) => {
                        for arm in &branch.arms {
                            self.forget_copies(&[&arm.block]);
                        }
                    }

                    Stmt::For(stmt) => {
                        self.forget_carried(&stmt.carried);
                        self.forget_copies(&[&stmt.body]);
                    }
                    Stmt::While(stmt) => {
                        self.forget_carried(&stmt.carried);
                        self.forget_copies(&[&stmt.condition, &stmt.body]);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The same for what a loop carries along without a change.
    fn forget_carried(&mut self, carried: &[Carried]) {
        for c in carried {
            let class = self.class[c.param.index()];
            let Some(of) = c.init.var().map(|init| self.class[init.index()]) else { continue };
            let is_alone =
                class == c.param && c.next == Operand::Var(c.param) && self.class[c.result.index()] == class;
            if is_alone && !self.mutable[class.index()] && !self.mutable[of.index()] {
                self.class[c.param.index()] = of;
                self.class[c.result.index()] = of;
                // It is read by the loop, too.
                self.uses[of.index()] += 2;
            }
        }
    }

    /// A write through a view is one to the memory it looks into.
    fn pass_mutability_to_roots(&mut self) {
        for k in (0..self.views.len()).rev() {
            if let Some((place, _)) = self.views[k]
                && self.mutable[k]
            {
                let mut root = place.root;
                self.mutable[root.index()] = true;
                while let Some((place, _)) = self.views[root.index()] {
                    root = place.root;
                    self.mutable[root.index()] = true;
                }
            }
        }
    }

    /// The place with every exclusive view on its way replaced by what it stands for.
    pub(super) fn spelt_from_root(
        &self,
        place: &Place,
        expands: &dyn Fn(Var) -> bool,
        ty: &dyn Fn(&Place) -> Ty,
    ) -> Place {
        let mut place = place.clone();
        while let Some((target, kind)) = self.views[place.root.index()] {
            if matches!(kind, ViewKind::Shared | ViewKind::Row) || !expands(place.root) {
                break;
            }
            let mut rest = place.path.as_slice();
            // A view of a scalar is a reference; the place it stands for is the scalar itself.
            if rest.first() == Some(&Proj::Deref) && !matches!(ty(target), Ty::Ref { .. }) {
                rest = &rest[1..];
            }
            let path = target.path.iter().chain(rest).cloned().collect();
            place = Place { root: target.root, path };
        }
        place
    }
}

/// Which values can share one mutable variable: those of a chain through loops, where the life of one ends
/// before that of the next begins.
struct Classes<'a> {
    func: &'a Func,
    parent: Vec<Var>,
    /// From the definition to the last read, as positions in the list of events.
    lives: Vec<Vec<(usize, usize)>>,
    reassigned: Vec<bool>,
    /// May share: defined by a `let`, a branch, or a loop.
    shareable: Vec<bool>,
    turn: usize,
}

impl<'a> Classes<'a> {
    fn new(func: &'a Func, events: &[Event], turn: usize) -> Classes<'a> {
        let vars = func.vars.len();
        let mut ends = vec![0; events.len()];
        let mut open = Vec::new();
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::LoopStart => open.push(at),
                Event::LoopEnd => ends[open.pop().expect("loops are well nested")] = at,
                Event::Define(_)
                | Event::Read(_)
                | Event::Write(_)
                | Event::Move(_)
                | Event::Held(_)
                | Event::ArmStart
                | Event::ArmEnd
                | Event::BranchEnd => {}
            }
        }
        let mut life = vec![None; vars];
        let mut depth = vec![0; vars];
        let mut inside = Vec::new();
        for (at, event) in events.iter().enumerate() {
            match *event {
                Event::LoopStart => inside.push(ends[at]),
                Event::LoopEnd => {
                    inside.pop();
                }
                Event::Define(var) => {
                    life[var.index()] = Some((at, at));
                    depth[var.index()] = inside.len();
                }
                Event::Read(var) | Event::Write(var) => {
                    if let Some((_, end)) = &mut life[var.index()] {
                        // What is read in a loop that it was not born in lives as long as the loop.
                        let until = inside.get(depth[var.index()]).map_or(at, |end| *end);
                        *end = until.max(*end);
                    }
                }
                // What is moved is read as well.
                Event::Move(_) | Event::Held(_) | Event::ArmStart | Event::ArmEnd | Event::BranchEnd => {}
            }
        }
        Classes {
            func,
            parent: (0..u32::try_from(vars).expect("fewer than 2³² variables")).map(Var).collect(),
            lives: life.into_iter().map(|life| life.into_iter().collect()).collect(),
            reassigned: vec![false; vars],
            shareable: vec![false; vars],
            turn,
        }
    }

    fn find(&mut self, var: Var) -> Var {
        let mut root = var;
        while self.parent[root.index()] != root {
            root = self.parent[root.index()];
        }
        let mut at = var;
        while at != root {
            at = std::mem::replace(&mut self.parent[at.index()], root);
        }
        root
    }

    /// The earlier variable gives the name.
    fn unite(&mut self, a: Var, b: Var) {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return;
        }
        let first = |lives: &Vec<(usize, usize)>| lives.iter().map(|life| life.0).min();
        let (to, from) =
            if first(&self.lives[a.index()]) <= first(&self.lives[b.index()]) { (a, b) } else { (b, a) };
        self.parent[from.index()] = to;
        let lives = std::mem::take(&mut self.lives[from.index()]);
        self.lives[to.index()].extend(lives);
        self.reassigned[to.index()] |= self.reassigned[from.index()];
    }

    fn try_unite(&mut self, operand: &Operand, with: Var) {
        let Some(var) = operand.var() else { return };
        let is_tangent = |var: Var| matches!(self.func.ty(var), Ty::Lanes(_));
        let same_type = self.func.ty(var).is_float() && self.func.ty(with).is_float()
            || is_tangent(var) && is_tangent(with)
            || matches!(self.func.ty(var), Ty::Int | Ty::Bool) && self.func.ty(var) == self.func.ty(with);
        if !self.shareable[var.index()] || !same_type {
            return;
        }
        let (a, b) = (self.find(var), self.find(with));
        let lives = |class: Var| &self.lives[class.index()];
        // Chains are short, except in code that nobody writes.
        if a == b || lives(a).len() + lives(b).len() > 64 {
            return;
        }
        let disjoint = lives(a).iter().all(|x| {
            lives(b).iter().all(|y| (x.1 <= y.0 || y.1 <= x.0) && (x.0 < self.turn) == (y.0 < self.turn))
        });
        if disjoint {
            self.unite(a, b);
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { var, .. } => self.shareable[var.index()] = true,
                Stmt::Branch(branch) => {
                    branch.arms.iter().for_each(|arm| self.block(&arm.block));
                    // One result is an assignment; several are bound by a pattern.
                    if let [result] = branch.results[..] {
                        self.shareable[result.index()] = true;
                    }
                }
                Stmt::For(stmt) => {
                    self.carried(&stmt.carried, stmt.until.as_ref());
                    self.block(&stmt.body);
                    self.nexts(&stmt.carried);
                }
                Stmt::While(stmt) => {
                    self.carried(&stmt.carried, stmt.until.as_ref());
                    self.block(&stmt.condition);
                    self.block(&stmt.body);
                    self.nexts(&stmt.carried);
                }
                _ => {}
            }
        }
    }

    fn carried(&mut self, carried: &[Carried], until: Option<&Operand>) {
        // The condition to leave the loop is read behind the assignments at the end of a pass.
        let behind = usize::from(until.is_some_and(|until| until.var().is_some()));
        for (k, c) in carried.iter().enumerate() {
            self.shareable[c.param.index()] = true;
            self.shareable[c.result.index()] = true;
            // Between the assignment at the end of a pass and the result, the variable holds the next value.
            let end = self.lives[c.result.index()].first().map(|life| life.0);
            if let Some(end) = end {
                self.lives[c.result.index()].push((end.saturating_sub(k + 2 + behind), end));
            }
            self.unite(c.param, c.result);
            let changes = c.next != Operand::Var(c.param);
            let class = self.find(c.param);
            self.reassigned[class.index()] |= changes;
            self.try_unite(&c.init, c.param);
        }
    }

    fn nexts(&mut self, carried: &[Carried]) {
        for c in carried {
            self.try_unite(&c.next, c.param);
        }
    }
}
