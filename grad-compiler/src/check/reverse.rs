//! Is a function in reverse mode complete? For everything that a statement of the primal reads and that may carry a
//! derivative, the derivative must take the cotangent of what the statement made, and add what comes of it to the
//! cotangent of what it read.
//!
//! The transform says which variables of the derivative stand for which cotangents. Nothing of that is believed: every
//! claim is a node in the data flow of the derivative, which must lead from the seed to the parameters' cotangents,
//! use by use.

use super::carriers::{Carriers, Read, is_exclusive, pairs};
use super::flow::{Def, Flow, Nodes, flow};
use super::loss::Loss;
use super::sums::{HandedOut, Wanted, is_complete};
use super::twice;
use super::uses::{Way, carries, is_unit, leaves};
use super::writes;
use crate::ir::{Carried, Cotangent, Elem, Func, Operand, ReverseCall, Stmt, Ty, Value, Var};
use crate::transform::{ParamCotangent, Reversed, Site, Trace};
use std::collections::{BTreeMap, BTreeSet};

/// When a derivative is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// As the transform made it.
    Made,
    /// After the rewrites that follow.
    Rewritten,
}

/// What is lost.
pub(super) fn losses(carriers: &Carriers, reversed: &Reversed, stage: Stage) -> Vec<Loss> {
    let primal = carriers.func;
    let mut seeds = Vec::new();
    if let Some(seed) = &reversed.seed {
        leaves(seed, &mut |var| seeds.push(var));
    }
    for (param, cotangent) in primal.params.iter().zip(&reversed.cotangents) {
        if let (ParamCotangent::Slot(slot), true) = (cotangent, is_exclusive(primal.ty(param.var))) {
            seeds.push(*slot);
        }
    }
    let flow = flow(&reversed.func, &[&reversed.func.body, &reversed.reverse], &seeds);
    let claims = Claims::of(carriers, &flow, reversed);
    let mut cx = Cx { primal: carriers, flow: &flow, claims, seen: BTreeMap::new(), losses: Vec::new() };
    cx.seeds(reversed);
    for read in carriers.active() {
        cx.read(read);
    }
    cx.memory_moves();
    cx.equal_loads();
    // What is cleared and then added to is assigned after the rewrites.
    if stage == Stage::Made {
        cx.writes(reversed);
    }
    cx.sums();
    cx.ahead(reversed);
    cx.losses
}

/// Which variables of the derivative stand for what, as the transform says.
struct Claims {
    complete: BTreeMap<Var, Vec<Var>>,
    ahead: BTreeMap<Var, Vec<Var>>,
    partial: BTreeMap<(Var, u32), Var>,
    memory: BTreeMap<Var, Vec<Var>>,
    terms: BTreeMap<(Site, u32, Var), Vec<Option<Var>>>,
    calls: BTreeMap<Site, Var>,
    /// Everything that stands for a cotangent.
    nodes: Nodes,
    /// What gets into the cotangent memory of a root, all of it.
    reaching: BTreeMap<Var, BTreeSet<Var>>,
}

impl Claims {
    fn of(primal: &Carriers, flow: &Flow, reversed: &Reversed) -> Claims {
        let Trace { complete, ahead, partial, terms, memory, calls } = &reversed.trace;
        let mut claims = Claims {
            complete: BTreeMap::new(),
            ahead: BTreeMap::new(),
            partial: BTreeMap::new(),
            memory: BTreeMap::new(),
            terms: BTreeMap::new(),
            calls: calls.iter().copied().collect(),
            nodes: Nodes::new(reversed.func.vars.len()),
            reaching: BTreeMap::new(),
        };
        for (from, to) in [(complete, &mut claims.complete), (ahead, &mut claims.ahead)] {
            for (var, operand) in from {
                let of: &mut Vec<Var> = to.entry(*var).or_default();
                of.extend(flow.node_of(operand).filter(|node| !of.contains(node)));
            }
        }
        for (region, var, operand) in partial {
            claims.partial.extend(flow.node_of(operand).map(|node| ((*var, *region), node)));
        }
        for term in terms {
            let key = (term.site, term.region, term.of);
            claims.terms.entry(key).or_default().push(term.term.var());
        }
        for (root, bar) in memory {
            let of: &mut Vec<Var> = claims.memory.entry(primal.root[root.index()]).or_default();
            of.push(flow.node(*bar));
        }
        for (param, cotangent) in primal.func.params.iter().zip(&reversed.cotangents) {
            match cotangent {
                ParamCotangent::Constant => {}
                // What is handed out is what counts, whatever was said.
                ParamCotangent::Value(operand) => {
                    claims.complete.insert(param.var, flow.node_of(operand).into_iter().collect());
                }
                ParamCotangent::Slot(slot) => {
                    let of = claims.memory.entry(param.var).or_default();
                    let slot = flow.node(*slot);
                    if !of.contains(&slot) {
                        of.push(slot);
                    }
                }
            }
        }
        let values = claims.complete.values().chain(claims.ahead.values());
        values.chain(claims.memory.values()).flatten().for_each(|node| claims.nodes.insert(*node));
        for node in claims.memory.values().flatten() {
            let reaching = flow.reaching(*node, &|var| !claims.nodes.contains(var));
            claims.reaching.insert(*node, reaching);
        }
        claims
    }

    /// What stands for the cotangent of a value or of memory.
    fn of_var(&self, primal: &Carriers, var: Var) -> Vec<Var> {
        if is_value(primal.func, var) {
            self.complete.get(&var).into_iter().chain(self.ahead.get(&var)).flatten().copied().collect()
        } else {
            self.memory.get(&var).cloned().unwrap_or_default()
        }
    }
}

/// Whether the cotangent is a value: a number behind a shared reference has one, too.
fn is_value(func: &Func, var: Var) -> bool {
    match func.ty(var) {
        Ty::Ref { mutable: false, to } => to.is_float() && func.params.iter().any(|param| param.var == var),
        ty => !ty.is_memory(),
    }
}

/// Which of the contributions of a site are taken.
#[derive(Default)]
struct UsedUp {
    /// All before this one.
    before: usize,
    others: BTreeSet<usize>,
}

impl UsedUp {
    /// The next that is free.
    fn next(&self, from: usize) -> usize {
        let mut at = from.max(self.before);
        while self.others.contains(&at) {
            at += 1;
        }
        at
    }

    fn use_up(&mut self, at: usize) {
        self.others.insert(at);
        while self.others.remove(&self.before) {
            self.before += 1;
        }
    }
}

struct Cx<'c, 'a> {
    primal: &'c Carriers<'a>,
    flow: &'c Flow<'c>,
    claims: Claims,
    /// The contributions of each site that a use was found for.
    seen: BTreeMap<(Site, u32, Var), UsedUp>,
    losses: Vec<Loss>,
}

impl Cx<'_, '_> {
    fn lose(&mut self, read: &Read, to: Var) {
        let is_first = !self.claims.of_var(self.primal, to).is_empty();
        self.losses.push(Loss::of(self.primal.func, read, to, is_first));
    }

    /// What the cotangent of the result starts from.
    fn seeds(&mut self, reversed: &Reversed) {
        let Some(seed) = &reversed.seed else { return };
        let mut lost = Vec::new();
        let mut given: BTreeMap<(Var, Option<Var>), usize> = BTreeMap::new();
        pairs(&self.primal.func.result, seed, &mut |value, seed| {
            let (from, var) = match (value, seed) {
                (Value::Scalar(Operand::Var(var)), Value::Scalar(seed)) => (seed.var(), *var),
                (Value::Memory(place), Value::Memory(seed)) => {
                    (Some(seed.root), self.primal.root[place.root.index()])
                }
                (Value::Scalar(Operand::Var(var)), _) => (None, *var),
                (Value::Memory(place), _) => (None, self.primal.root[place.root.index()]),
                _ => return,
            };
            let ty = self.primal.func.ty(var);
            if !self.primal.varied[var.index()] || !carries(ty) || matches!(ty, Ty::Opaque) {
                return;
            }
            let from = from.map(|seed| self.flow.node(seed));
            let is_there = if is_value(self.primal.func, var) {
                let key = (Site::default(), 0, var);
                let terms = self.claims.terms.get(&key).into_iter().flatten();
                let is_seed = |term: &&Option<Var>| term.map(|term| self.flow.node(term)) == from;
                let times = given.entry((var, from)).or_default();
                *times += 1;
                from.is_some() && terms.filter(is_seed).count() >= *times
            } else {
                from.is_some_and(|from| self.gets_into_memory(from, var))
            };
            if !is_there {
                lost.push(var);
            }
        });
        for var in lost {
            self.losses.push(Loss::of_result(self.primal.func, var));
        }
    }

    /// Whether a node gets into all that stands for the cotangent of a root.
    fn gets_into_memory(&self, from: Var, root: Var) -> bool {
        let Some(nodes) = self.claims.memory.get(&root) else { return false };
        // Of a parameter that the function owns and changes, memory of its own is added to the caller's.
        let handed_on = |node: &Var| {
            let own = |other: &Var| other != node && self.claims.reaching[node].contains(other);
            nodes.len() == 2 && nodes.iter().any(own)
        };
        nodes
            .iter()
            .all(|node| *node == from || self.claims.reaching[node].contains(&from) || handed_on(node))
    }

    fn read(&mut self, read: &Read) {
        let needed: Vec<Var> = read.to.iter().copied().filter(|to| self.primal.needed[to.index()]).collect();
        if let Way::Code(_) = read.way {
            // Refused before.
            return self.lose(read, needed[0]);
        }
        if is_value(self.primal.func, read.from) {
            return self.value(read, &needed);
        }
        for to in needed {
            let complete = match read.way {
                Way::Argument(k, _) => self.is_passed_back(read, k, to, None),
                // Counted all together.
                _ if self.is_memory(to) => continue,
                _ => {
                    let bars = self.claims.of_var(self.primal, to);
                    let gets = |bar: &Var| self.gets_into_memory(*bar, read.from);
                    let complete = self.claims.complete.contains_key(&to);
                    (complete && !bars.is_empty() && bars.iter().all(gets)) || self.stays(read, to)
                }
            };
            if !complete {
                self.lose(read, to);
            }
        }
    }

    /// A use of a value has a contribution of its own, which is made of all that it got into.
    fn value(&mut self, read: &Read, needed: &[Var]) {
        let key = (read.site(), read.region, read.from);
        let term = |cx: &Self, at: usize| cx.claims.terms.get(&key).and_then(|terms| terms.get(at).copied());
        let missing = |cx: &Self, term: Var| {
            needed.iter().copied().find(|to| match read.way {
                Way::Argument(k, _) => !cx.is_passed_back(read, k, *to, Some(term)),
                _ => !cx.comes_from(read, term, *to),
            })
        };
        let mut lost = needed[0];
        // They come in the order of the uses, but for those that only the transform takes for active.
        let mut at = self.seen.entry(key).or_default().next(0);
        while let Some(term) = term(self, at) {
            match term.and_then(|term| missing(self, term)) {
                None if term.is_some() => return self.seen.entry(key).or_default().use_up(at),
                None => {}
                Some(to) => lost = to,
            }
            at = self.seen.entry(key).or_default().next(at + 1);
        }
        // The sums of a loop that is reversed while it runs are known in front of it, and nowhere else.
        let ahead = !self.claims.complete.contains_key(&read.from);
        let has_terms = self.claims.terms.contains_key(&key);
        if !(!has_terms && ahead && self.claims.ahead.contains_key(&read.from)) {
            self.lose(read, lost);
        }
    }

    fn is_memory(&self, var: Var) -> bool {
        !is_value(self.primal.func, var)
    }

    /// The cotangent of the value that is incremented in place is the cotangent in place.
    fn stays(&self, read: &Read, to: Var) -> bool {
        let Some(memory) = self.claims.memory.get(&read.from) else { return false };
        let is_loaded = |bar: &Var| self.is_loaded(*bar, memory);
        self.primal.is_increment(read)
            && self.claims.complete.get(&to).is_some_and(|bars| bars.iter().all(is_loaded))
    }

    /// Whether a cotangent is one that is in this memory, or 0 where nothing flows.
    fn is_loaded(&self, bar: Var, memory: &[Var]) -> bool {
        if let Def::Result(branch, k) = &self.flow.def[bar.index()] {
            let mut yields = branch.arms.iter().map(|arm| &arm.yields[*k]);
            return yields.all(|elem| match elem {
                Elem::Scalar(Operand::Var(var)) => self.is_loaded(self.flow.node(*var), memory),
                Elem::Scalar(Operand::Lit(lit)) => lit.value == 0.0,
                Elem::Memory(_) => false,
            });
        }
        self.flow.into(bar).iter().any(|from| memory.contains(from))
    }

    /// Whether the contribution is made of the cotangent of `to`.
    fn comes_from(&self, read: &Read, term: Var, to: Var) -> bool {
        let bars = self.claims.of_var(self.primal, to);
        // A copy of what goes on unchanged is no carried value.
        let defined = self.flow.def[term.index()];
        let term = self.flow.node(term);
        let passes_unchanged = || match read.way {
            Way::Whole | Way::Loaded => true,
            Way::Partial(k) => is_unit(read.stmt, k),
            Way::Argument(..) | Way::Code(_) => false,
        };
        let twice = match read.stmt {
            Stmt::Let { op, .. } if twice::is_twice(op, read.from) => Some(twice::backwards(op, read.from)),
            _ => None,
        };
        if let (Stmt::For(_) | Stmt::While(_), Some(_), Def::Entered(carried)) =
            (read.stmt, read.inside, defined)
        {
            return self.is_carried(read, carried, to, &bars);
        }
        if bars.contains(&term) {
            return twice.is_none() && passes_unchanged();
        }
        // The terms of one primitive have parts in common, and one of them may be all that another operand gets.
        let mut siblings = BTreeSet::new();
        if let (Stmt::Let { op, .. }, Way::Partial(_)) = (read.stmt, read.way) {
            op.for_each_read(&mut |var| {
                siblings.extend(self.claims.complete.get(&var).into_iter().flatten().copied());
            });
        }
        let reaching =
            self.flow.reaching(term, &|var| !self.claims.nodes.contains(var) || siblings.contains(&var));
        bars.iter().any(|bar| reaching.contains(bar))
            && twice.is_none_or(|operations| {
                twice::is_made_by(self.flow, &reaching, &self.claims.nodes, term, operations)
            })
    }

    /// A mirror loop starts from the cotangent after the loop, and each pass from that at the start of the next.
    fn is_carried(&self, read: &Read, carried: &Carried, to: Var, bars: &[Var]) -> bool {
        let at_start_of_pass = self.primal.home[to.index()] == read.region;
        let from = if at_start_of_pass { &carried.next } else { &carried.init };
        self.flow.node_of(from).is_some_and(|from| {
            bars.contains(&from)
                || (!at_start_of_pass && {
                    let reaching = self.flow.reaching(from, &|var| !self.claims.nodes.contains(var));
                    bars.iter().any(|bar| reaching.contains(bar))
                })
        })
    }

    /// Whether the pullback of a call gets the cotangent of `to`, and gives one of argument `k` back.
    fn is_passed_back(&self, read: &Read, k: usize, to: Var, term: Option<Var>) -> bool {
        let Some(call) =
            self.claims.calls.get(&read.site()).and_then(|pullback| self.flow.pullbacks.get(pullback))
        else {
            return false;
        };
        let given = match call.cotangents.get(k) {
            None | Some(Cotangent::None) => return false,
            Some(Cotangent::Value(var) | Cotangent::InOut { before: var, .. }) => self.flow.node(*var),
            Some(Cotangent::Slot(place)) => self.flow.node(place.root),
        };
        let arrives = match term {
            // Where nothing flows, the call is skipped, and gives nothing.
            Some(term) => self.flow.node(term) == given || self.is_given_or_nothing(term, given),
            None => self.gets_into_memory(given, read.from),
        };
        let is_result = matches!(read.stmt, Stmt::Call(of) if of.result == Some(to));
        arrives && self.is_seeded(call, to, is_result)
    }

    /// Whether a term is the result of a branch whose arms yield this, or 0.
    fn is_given_or_nothing(&self, term: Var, given: Var) -> bool {
        let Def::Result(branch, k) = self.flow.def[term.index()] else { return false };
        branch.results.get(k) == Some(&term)
            && branch.arms.iter().all(|arm| match &arm.yields[k] {
                Elem::Scalar(Operand::Lit(lit)) => lit.value == 0.0,
                Elem::Scalar(yielded) => self.flow.node_of(yielded) == Some(given),
                Elem::Memory(_) => false,
            })
    }

    /// Whether a pullback is given the cotangent of what the call returned, or left in its arguments.
    fn is_seeded(&self, call: &ReverseCall, to: Var, is_result: bool) -> bool {
        let mut from = Vec::new();
        if let Some(seed) = call.seed.as_ref().filter(|_| is_result) {
            leaves(seed, &mut |var| from.push(self.flow.node(var)));
        }
        for cotangent in call.cotangents.iter().filter(|_| !is_result) {
            match cotangent {
                Cotangent::None | Cotangent::Value(_) => {}
                Cotangent::Slot(place) => from.push(self.flow.node(place.root)),
                Cotangent::InOut { after, .. } => from.extend(self.flow.node_of(after)),
            }
        }
        let bars = self.claims.of_var(self.primal, to);
        let is_bar = |node: &Var| {
            bars.contains(node) || {
                let reaching = self.flow.reaching(*node, &|var| !self.claims.nodes.contains(var));
                bars.iter().any(|bar| reaching.contains(bar))
            }
        };
        from.iter().any(is_bar)
    }

    /// What goes from memory to memory, as a whole: as often as the primal does it, the derivative goes back.
    fn memory_moves(&mut self) {
        let mut moves: BTreeMap<(Var, Var), Vec<&Read>> = BTreeMap::new();
        for read in self.primal.active() {
            if self.is_memory(read.from) && matches!(read.way, Way::Whole) {
                for to in &read.to {
                    if self.primal.needed[to.index()] && self.is_memory(*to) {
                        moves.entry((read.from, *to)).or_default().push(read);
                    }
                }
            }
        }
        let mut lost = Vec::new();
        for ((from, to), reads) in moves {
            let made = self.moves_back(from, to);
            lost.extend(reads.into_iter().skip(made).map(|read| (read, to)));
        }
        for (read, to) in lost {
            self.lose(read, to);
        }
    }

    /// Numbers that were read from one root and have one cotangent: it is to be added as often.
    fn equal_loads(&mut self) {
        let mut loads: BTreeMap<(Var, Var), Vec<&Read>> = BTreeMap::new();
        for read in self.primal.active().filter(|read| matches!(read.way, Way::Loaded)) {
            for to in read.to.iter().filter(|to| self.primal.needed[to.index()]) {
                if let (Some([bar]), true) =
                    (self.claims.complete.get(to).map(|bars| &bars[..]), self.is_memory(read.from))
                    && !self.stays(read, *to)
                {
                    loads.entry((read.from, *bar)).or_default().push(read);
                }
            }
        }
        loads.retain(|_, reads| reads.len() > 1);
        let mut lost = Vec::new();
        for ((root, bar), reads) in loads {
            let nodes = self.claims.memory.get(&root).into_iter().flatten();
            let adds = |node: &Var| {
                let reaching = &self.claims.reaching[node];
                let own = reaching.iter().filter(|to| *to == node || !self.claims.nodes.contains(**to));
                own.map(|to| self.flow.times(bar, *to)).sum::<usize>()
            };
            if nodes.map(adds).max().unwrap_or(0) < reads.len() {
                lost.extend(reads.last().copied());
            }
        }
        for read in lost {
            self.lose(read, read.to[0]);
        }
    }

    /// How many statements take the cotangent of `to`, or what was made of it alone, into that of `from`.
    fn moves_back(&self, from: Var, to: Var) -> usize {
        let sources = self.claims.of_var(self.primal, to);
        let count = |bar: &Var| {
            let comes = |node: &Var| {
                sources.contains(node)
                    || (!self.claims.nodes.contains(*node) && {
                        let reaching = self.flow.reaching(*node, &|var| !self.claims.nodes.contains(var));
                        sources.iter().any(|source| reaching.contains(source))
                    })
            };
            self.flow.moved(*bar).iter().filter(|node| comes(node)).count()
        };
        let targets = self.claims.of_var(self.primal, from);
        let handed_on = |bar: &&Var| {
            !targets.iter().any(|other| other != *bar && self.claims.reaching[*bar].contains(other))
        };
        targets.iter().filter(handed_on).map(count).min().unwrap_or(0)
    }

    /// What is overwritten is taken out of the cotangent.
    fn writes(&mut self, reversed: &Reversed) {
        let found = writes::of_cotangents(self.flow, &[&reversed.func.body, &reversed.reverse]);
        let mut made: BTreeMap<Var, usize> = BTreeMap::new();
        for (root, bars) in &self.claims.memory {
            made.insert(*root, bars.iter().filter_map(|bar| found.get(bar)).sum());
        }
        for root in writes::made_of_constants(self.primal) {
            *made.entry(root).or_default() += 1;
        }
        // Increments leave the cotangent where it is.
        let mut spared = BTreeSet::new();
        for read in self.primal.active().filter(|read| matches!(read.way, Way::Loaded)) {
            let stays = read.to.iter().any(|to| self.stays(read, *to));
            if let (true, Some(store)) = (stays, self.primal.increment(read)) {
                spared.insert(Site::of(store));
            }
        }
        for root in writes::missing(self.primal, &made, &|stmt, _| spared.contains(&Site::of(stmt))) {
            self.losses.push(Loss::of_write(self.primal.func, root));
        }
    }

    /// Whether every term is in the sum of its region, and every sum of a region in that of the region around it.
    fn sums(&mut self) {
        let mut wanted: BTreeMap<(Var, u32), Wanted> = BTreeMap::new();
        for ((_, region, var), terms) in &self.claims.terms {
            let wanted = wanted.entry((*var, *region)).or_default();
            terms.iter().flatten().for_each(|term| wanted.term(self.flow.node(*term)));
        }
        let mut arms: BTreeMap<(Var, u32, Site), Vec<(usize, Var)>> = BTreeMap::new();
        for ((var, region), node) in &self.claims.partial {
            let (parent, (site, part)) =
                (self.primal.parents[*region as usize], self.primal.owner[*region as usize]);
            if self.primal.arms.contains_key(&site) {
                arms.entry((*var, parent, site)).or_default().push((part, *node));
            } else {
                wanted.entry((*var, parent)).or_default().term(*node);
            }
        }
        for ((var, parent, site), arms) in arms {
            let of = self.primal.arms[&site];
            wanted.entry((var, parent)).or_default().arms(HandedOut { arms, of });
        }
        for ((var, region), wanted) in wanted {
            let ends: Vec<Var> = if self.primal.home[var.index()] == region {
                match self.claims.complete.get(&var) {
                    Some(ends) => ends.clone(),
                    None if self.claims.ahead.contains_key(&var) => continue,
                    None => Vec::new(),
                }
            } else {
                self.claims.partial.get(&(var, region)).copied().into_iter().collect()
            };
            let [end] = ends[..] else {
                self.losses.push(Loss::of_sum(self.primal.func, var));
                continue;
            };
            if !is_complete(self.flow, end, wanted) {
                self.losses.push(Loss::of_sum(self.primal.func, var));
            }
        }
    }

    /// What is known in front of a loop is made of everything that is behind it.
    fn ahead(&mut self, reversed: &Reversed) {
        if self.claims.ahead.is_empty() {
            return;
        }
        let mut seeds: BTreeMap<Var, Vec<Var>> = BTreeMap::new();
        if let Some(seed) = &reversed.seed {
            pairs(&self.primal.func.result, seed, &mut |value, seed| {
                if let (Value::Scalar(Operand::Var(var)), Value::Scalar(Operand::Var(seed))) = (value, seed) {
                    seeds.entry(*var).or_default().push(self.flow.node(*seed));
                }
            });
        }
        let mut lost = Vec::new();
        let mut known: BTreeMap<Var, BTreeSet<Var>> = BTreeMap::new();
        for bars in self.claims.ahead.values() {
            for bar in bars {
                let stops = |var: Var| !self.claims.nodes.contains(var);
                known.entry(*bar).or_insert_with(|| self.flow.reaching(*bar, &stops));
            }
        }
        for read in self.primal.active() {
            let Some(bars) = self.claims.ahead.get(&read.from) else { continue };
            let unit = match read.way {
                Way::Whole => true,
                Way::Partial(k) => is_unit(read.stmt, k),
                Way::Loaded | Way::Argument(..) | Way::Code(_) => false,
            };
            for to in read.to.iter().filter(|to| self.primal.needed[to.index()]) {
                let sources = self.claims.of_var(self.primal, *to);
                let comes = |bar: &Var| {
                    sources
                        .iter()
                        .any(|source| if source == bar { unit } else { known[bar].contains(source) })
                };
                if !bars.iter().all(comes) {
                    lost.push((read, *to));
                }
            }
        }
        let mut results = Vec::new();
        for (var, bars) in &self.claims.ahead {
            for seed in seeds.get(var).into_iter().flatten() {
                if !bars.iter().all(|bar| known[bar].contains(seed)) {
                    results.push(*var);
                }
            }
        }
        for (read, to) in lost {
            self.lose(read, to);
        }
        for var in results {
            self.losses.push(Loss::of_result(self.primal.func, var));
        }
    }
}
