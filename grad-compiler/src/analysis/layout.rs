//! Where things are: regions, program order, definitions, and who touches which memory.
//!
//! A *region* is a block with a life of its own in the generated code: the function's top level, an arm of a
//! branch, the body of a loop. A position is a number in program order.

use crate::hash::HashMap;
use crate::ir::{
    ArgKind, Block, Branch, Carried, Elem, For, Func, Init, Op, Operand, Passed, Place, Proj, Stmt, Ty,
    Value, Var, ViewKind,
};
use std::collections::BTreeMap;

/// A place in program order.
pub type Pos = u32;

/// Index into [`Layout::regions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    Top,
    Arm,
    For,
    While,
}

#[derive(Clone, Copy, Debug)]
pub struct Region {
    pub kind: RegionKind,
    pub parent: Option<RegionId>,
    pub start: Pos,
    pub end: Pos,
}

/// How a variable comes to be.
#[derive(Clone, Copy)]
pub enum Def<'a> {
    Param,
    Let(&'a Op),
    Alloc(&'a Init),
    View(&'a Place, ViewKind),
    /// The value at the start of a pass.
    CarriedParam(&'a Carried),
    /// The value after the loop.
    CarriedResult,
    LoopIndex,
    BranchResult,
    CallResult,
    /// Bound by the pattern of an arm of a `match`.
    Bound(&'a Branch, usize),
    Undefined,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    Read,
    Write,
    /// Written, and possibly of another length afterwards.
    Reshape,
    /// Moved away: not there any more afterwards.
    Move,
}

/// One access to a memory root.
#[derive(Clone, Debug)]
pub struct Access {
    pub pos: Pos,
    pub kind: AccessKind,
    pub region: RegionId,
    /// The full path from the root where it is known.
    pub path: Option<Vec<Proj>>,
}

/// A branch, with where each of its arms ends.
pub struct BranchSite<'a> {
    pub branch: &'a Branch,
    pub ends: Vec<Pos>,
}

pub struct Layout<'a> {
    pub regions: Vec<Region>,
    /// Region in which a variable is defined, where, and how.
    pub home: Vec<RegionId>,
    pub pos: Vec<Pos>,
    pub def: Vec<Def<'a>>,
    /// For memory: the variable itself, or the root a view looks into.
    pub root: Vec<Var>,
    /// For every root: who touches it, in program order.
    pub accesses: Vec<Vec<Access>>,
    /// For every value: where it is stored.
    pub stores: Vec<Vec<(Pos, RegionId, &'a Place)>>,
    /// For every value: where the calculus reads it, one entry per operand (code the compiler does not look into does not count).
    pub uses: Vec<Vec<Pos>>,
    /// Opaque variables that something else than cheap code of a scalar mentions: their content may change.
    pub unsteady: Vec<bool>,
    /// For every variable: a statement may take what it holds, or change it.
    taken: Vec<bool>,
    pub branches: Vec<BranchSite<'a>>,
    /// The carried values of all loops, with where `init` and `next` are read.
    pub carried: Vec<(&'a Carried, Pos, Pos)>,
    /// The counted loops.
    pub loops: Vec<&'a For>,
    /// The statements, by their positions.
    pub stmts: BTreeMap<Pos, &'a Stmt>,
    /// The types of the variables.
    pub tys: Vec<&'a Ty>,
    /// Loop index variable of every `For` region.
    pub index: BTreeMap<RegionId, Var>,
    positions: HashMap<usize, Pos>,
    children: HashMap<(Pos, usize), RegionId>,
}

pub const TOP: RegionId = RegionId(0);

pub(super) fn analyse(func: &Func) -> Layout<'_> {
    let n = func.vars.len();
    let mut layout = Layout {
        regions: vec![Region { kind: RegionKind::Top, parent: None, start: 0, end: Pos::MAX }],
        home: vec![TOP; n],
        pos: vec![0; n],
        def: vec![Def::Undefined; n],
        root: (0..n).map(|k| Var(u32::try_from(k).expect("fewer than 2³² variables"))).collect(),
        accesses: vec![Vec::new(); n],
        stores: vec![Vec::new(); n],
        uses: vec![Vec::new(); n],
        unsteady: unsteady(func),
        taken: taken(func),
        branches: Vec::new(),
        carried: Vec::new(),
        loops: Vec::new(),
        stmts: BTreeMap::new(),
        tys: func.vars.iter().map(|var| &var.ty).collect(),
        index: BTreeMap::new(),
        positions: HashMap::default(),
        children: HashMap::default(),
    };
    for param in &func.params {
        layout.def[param.var.index()] = Def::Param;
    }
    let mut cx = Walk { func, layout: &mut layout, next: 1 };
    cx.block(&func.body, TOP);
    cx.next += 1;
    let end = cx.next;
    cx.value(&func.result, TOP);
    layout.regions[0].end = end;
    layout
}

struct Walk<'a, 'l> {
    func: &'a Func,
    layout: &'l mut Layout<'a>,
    next: Pos,
}

impl<'a> Walk<'a, '_> {
    fn define(&mut self, var: Var, region: RegionId, def: Def<'a>) {
        let k = var.index();
        self.layout.home[k] = region;
        self.layout.pos[k] = self.next;
        self.layout.def[k] = def;
    }

    fn access(&mut self, place: &Place, region: RegionId, kind: AccessKind) {
        let (root, path) = self.layout.resolve(place);
        self.layout.accesses[root.index()].push(Access { pos: self.next, kind, region, path: Some(path) });
    }

    /// An aggregate is moved, or copied where its type is: nothing is moved out of what a reference or a part names.
    fn moved(&mut self, place: &Place, region: RegionId) {
        let ty = self.func.ty(place.root);
        let copied = !place.path.is_empty() || matches!(ty, Ty::Ref { .. }) || is_copy(ty);
        self.access(place, region, if copied { AccessKind::Read } else { AccessKind::Move });
    }

    fn uses(&mut self, operand: &Operand) {
        if let Operand::Var(var) = operand {
            self.layout.uses[var.index()].push(self.next);
        }
    }

    fn elem(&mut self, elem: &Elem, region: RegionId) {
        match elem {
            Elem::Scalar(operand) => self.uses(operand),
            Elem::Memory(place) => self.moved(place, region),
        }
    }

    fn value(&mut self, value: &Value, region: RegionId) {
        match value {
            Value::Unit => {}
            Value::Scalar(operand) => self.uses(operand),
            Value::Memory(place) => self.moved(place, region),
            Value::Tuple(values) => values.iter().for_each(|value| self.value(value, region)),
        }
    }

    fn init(&mut self, init: &Init, region: RegionId) {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter().for_each(|elem| self.elem(elem, region));
            }
            // Cloned, or copied, for each element: it stays.
            Init::VecRepeat { value: Elem::Memory(place), .. }
            | Init::ArrayRepeat { value: Elem::Memory(place), .. } => {
                self.access(place, region, AccessKind::Read)
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.elem(value, region)
            }
            Init::Move(place) => self.moved(place, region),
            Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.access(place, region, AccessKind::Read),
            Init::Code(code) | Init::Point(code) => {
                for var in &code.reads {
                    if self.func.ty(*var).is_memory() {
                        self.access(&Place::from(*var), region, AccessKind::Read);
                    }
                }
            }
            Init::Empty { .. }
            | Init::ZerosLike(_)
            | Init::LanesLike(_)
            | Init::Zeros(_)
            | Init::Tape(_)
            | Init::Pop(_) => {}
        }
    }

    fn child(&mut self, stmt: Pos, which: usize, kind: RegionKind, parent: RegionId) -> RegionId {
        let id = RegionId(u32::try_from(self.layout.regions.len()).expect("fewer than 2³² regions"));
        self.layout.regions.push(Region { kind, parent: Some(parent), start: self.next, end: self.next });
        self.layout.children.insert((stmt, which), id);
        id
    }

    fn close(&mut self, region: RegionId) {
        self.next += 1;
        self.layout.regions[region.0 as usize].end = self.next;
    }

    fn carried(&mut self, carried: &'a [Carried], region: RegionId) {
        for c in carried {
            self.uses(&c.init);
            self.layout.carried.push((c, self.next, 0));
            self.define(c.param, region, Def::CarriedParam(c));
        }
    }

    fn results(&mut self, carried: &'a [Carried], region: RegionId) {
        for c in carried {
            self.uses(&c.next);
            if let Some(site) = self.layout.carried.iter_mut().find(|(other, ..)| other.param == c.param) {
                site.2 = self.next;
            }
        }
        self.next += 1;
        for c in carried {
            self.define(c.result, region, Def::CarriedResult);
        }
    }

    fn block(&mut self, block: &'a Block, region: RegionId) {
        for stmt in &block.stmts {
            self.next += 1;
            let pos = self.next;
            self.layout.positions.insert(std::ptr::from_ref(stmt) as usize, pos);
            self.layout.stmts.insert(pos, stmt);
            self.stmt(stmt, pos, region);
        }
    }

    fn branch(&mut self, branch: &'a Branch, pos: Pos, region: RegionId) {
        let mut ends = Vec::new();
        for (k, arm) in branch.arms.iter().enumerate() {
            let inner = self.child(pos, k, RegionKind::Arm, region);
            if let Some(pattern) = &arm.pattern {
                for var in &pattern.binds {
                    self.define(*var, inner, Def::Bound(branch, k));
                }
            }
            self.block(&arm.block, inner);
            self.close(inner);
            ends.push(self.next);
            for elem in &arm.yields {
                self.elem(elem, inner);
            }
            self.next += 1;
        }
        self.layout.branches.push(BranchSite { branch, ends });
        self.next += 1;
        for var in &branch.results {
            self.define(*var, region, Def::BranchResult);
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt, pos: Pos, region: RegionId) {
        match stmt {
            Stmt::Let { var, op } => {
                self.define(*var, region, Def::Let(op));
                match op {
                    Op::Load(place) => self.access(place, region, AccessKind::Read),
                    Op::Code(code) => {
                        for read in &code.reads {
                            if self.func.ty(*read).is_memory() {
                                self.access(&Place::from(*read), region, AccessKind::Read);
                            }
                        }
                    }
                    Op::Copy(operand) | Op::Cast(operand, _) => self.uses(operand),
                    Op::Prim(_, args) => args.iter().for_each(|arg| self.uses(arg)),
                    Op::Len(_) | Op::Pop(_) => {}
                }
            }
            Stmt::Alloc { var, init } => {
                self.init(init, region);
                self.define(*var, region, Def::Alloc(init));
            }
            Stmt::View { var, place, kind } => {
                let root = self.layout.root[place.root.index()];
                self.define(*var, region, Def::View(place, *kind));
                self.layout.root[var.index()] = root;
            }
            Stmt::Store { place, value } => {
                self.access(place, region, AccessKind::Write);
                self.uses(value);
                if let Operand::Var(value) = value {
                    self.layout.stores[value.index()].push((pos, region, place));
                }
            }
            Stmt::Assign { place, init } => {
                self.init(init, region);
                self.access(place, region, AccessKind::Reshape);
            }
            Stmt::Push { vec, value } => {
                self.elem(value, region);
                self.access(vec, region, AccessKind::Reshape);
            }
            Stmt::Swap { a, b } => {
                self.access(a, region, AccessKind::Reshape);
                self.access(b, region, AccessKind::Reshape);
            }
            Stmt::Fill { place, value } => {
                self.uses(value);
                self.access(place, region, AccessKind::Write);
            }
            Stmt::CopyFrom { to, from } => {
                self.access(from, region, AccessKind::Read);
                self.access(to, region, AccessKind::Write);
            }
            Stmt::Branch(branch) => self.branch(branch, pos, region),
            Stmt::For(stmt) => {
                let inner = self.child(pos, 0, RegionKind::For, region);
                self.layout.loops.push(stmt);
                self.define(stmt.index, inner, Def::LoopIndex);
                self.layout.index.insert(inner, stmt.index);
                self.carried(&stmt.carried, inner);
                self.block(&stmt.body, inner);
                self.close(inner);
                self.results(&stmt.carried, region);
            }
            Stmt::While(stmt) => {
                let inner = self.child(pos, 0, RegionKind::While, region);
                self.carried(&stmt.carried, inner);
                self.block(&stmt.condition, inner);
                self.block(&stmt.body, inner);
                self.close(inner);
                self.results(&stmt.carried, region);
            }
            Stmt::Call(call) => {
                for arg in &call.args {
                    match &arg.kind {
                        ArgKind::Memory { place, passed } => match passed {
                            Passed::Moved => self.moved(place, region),
                            Passed::Shared => self.access(place, region, AccessKind::Read),
                            Passed::Exclusive | Passed::Lent => {
                                self.access(place, region, AccessKind::Reshape);
                            }
                        },
                        ArgKind::ScalarMut { before, after } => {
                            self.uses(before);
                            self.define(*after, region, Def::CallResult);
                        }
                        ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => self.uses(operand),
                        ArgKind::Kept(_) | ArgKind::Code { .. } => {}
                    }
                }
                if let Some(result) = call.result {
                    self.define(result, region, Def::CallResult);
                }
            }
            Stmt::Effect { code, writes } => {
                for var in &code.reads {
                    if self.func.ty(*var).is_memory() {
                        self.access(&Place::from(*var), region, AccessKind::Read);
                    }
                }
                for var in writes {
                    if self.func.ty(*var).is_memory() {
                        self.access(&Place::from(*var), region, AccessKind::Reshape);
                    }
                }
            }
            // Derivative code is not analysed again yet: it comes with nested derivatives.
            Stmt::Accumulate { .. }
            | Stmt::AccumulateAll { .. }
            | Stmt::Clear { .. }
            | Stmt::Grow { .. }
            | Stmt::Extend { .. }
            | Stmt::Truncate { .. }
            | Stmt::ForwardCall(_)
            | Stmt::ReverseCall(_)
            | Stmt::TangentCall(_) => {}
        }
    }
}

/// Marks every variable that a statement reads otherwise than by cheap code that makes a scalar.
fn unsteady(func: &Func) -> Vec<bool> {
    let mut unsteady = vec![false; func.vars.len()];
    func.body.for_each_stmt(&mut |stmt| {
        let steady = match stmt {
            Stmt::Let { var, op: Op::Code(code) } => {
                code.cheap && matches!(func.ty(*var), Ty::Float(_) | Ty::Int | Ty::Bool)
            }
            _ => false,
        };
        if !steady {
            stmt.for_each_own_read(&mut |var| unsteady[var.index()] = true);
        }
    });
    unsteady
}

/// Marks every variable that a statement may take, or change: not one that cheap code reads a part of, or lends.
fn taken(func: &Func) -> Vec<bool> {
    let mut taken = vec![false; func.vars.len()];
    func.body.for_each_stmt(&mut |stmt| {
        let looks = match stmt {
            Stmt::Let { op: Op::Code(code), .. } => code.cheap && code.tokens.clone().into_iter().count() > 1,
            _ => false,
        };
        if !looks {
            stmt.for_each_own_read(&mut |var| taken[var.index()] = true);
        }
    });
    taken
}

/// Whether two paths from one root may lead to common memory: not if they part at different literal indices or fields.
pub fn may_overlap(a: &[Proj], b: &[Proj]) -> bool {
    for steps in a.iter().zip(b) {
        match steps {
            (Proj::Index(Operand::Lit(one)), Proj::Index(Operand::Lit(other)))
                if one.value != other.value =>
            {
                return false;
            }
            (Proj::Field(one), Proj::Field(other)) if one != other => return false,
            (Proj::Named(one), Proj::Named(other)) if one != other => return false,
            (one, other) if one == other => {}
            _ => return true,
        }
    }
    true
}

/// `let b = a;` leaves `a` usable.
pub(super) fn is_copy(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => true,
        Ty::Array(of, _) => is_copy(of),
        Ty::Tuple(of) => of.iter().all(is_copy),
        Ty::Ref { mutable, .. } => !mutable,
        Ty::Slice(_) | Ty::Vec(_) | Ty::Pullback | Ty::Tape(_) | Ty::Opaque | Ty::Unknown => false,
    }
}

impl<'a> Layout<'a> {
    pub fn region(&self, id: RegionId) -> &Region {
        &self.regions[id.0 as usize]
    }

    pub fn position(&self, stmt: &Stmt) -> Pos {
        self.positions[&(std::ptr::from_ref(stmt) as usize)]
    }

    /// Whether a constant is still in its variable after everything that reads it.
    pub fn is_left(&self, var: Var) -> bool {
        !self.taken[var.index()]
    }

    /// Whether code that reads the variable gives the same value wherever it is evaluated.
    pub fn is_steady(&self, func: &Func, var: Var) -> bool {
        match func.ty(var) {
            Ty::Float(_) | Ty::Int | Ty::Bool => true,
            ty if ty.is_memory() => {
                let root = self.root[var.index()];
                self.accesses[root.index()].iter().all(|access| access.kind == AccessKind::Read)
            }
            _ => !self.unsteady[var.index()],
        }
    }

    /// Where each arm of a branch ends.
    pub fn ends(&self, branch: &Branch) -> &[Pos] {
        let site = self.branches.iter().find(|site| std::ptr::eq(site.branch, branch));
        site.map_or(&[], |site| &site.ends)
    }

    /// The last access to memory, if it moves it away once and for all: in the region that the memory lives in, and so
    /// whenever that runs.
    pub fn leaves(&self, root: Var) -> Option<Pos> {
        let last = self.accesses[root.index()].iter().max_by_key(|access| access.pos)?;
        let always = last.kind == AccessKind::Move && last.region == self.home[root.index()];
        always.then_some(last.pos)
    }

    /// Whether memory is moved away at this point in some runs only, or comes back.
    pub fn leaves_for_now(&self, root: Var, pos: Pos) -> bool {
        let moves = |access: &Access| access.kind == AccessKind::Move && access.pos == pos;
        self.leaves(root) != Some(pos) && self.accesses[root.index()].iter().any(moves)
    }

    /// The region of an arm, or of a loop's body (`which` 0).
    pub fn child(&self, stmt: Pos, which: usize) -> RegionId {
        self.children[&(stmt, which)]
    }

    /// The counted loop that has this index.
    pub fn loop_over(&self, index: Var) -> Option<&'a For> {
        self.loops.iter().copied().find(|stmt| stmt.index == index)
    }

    /// Follows views down to the root: the whole path.
    pub fn resolve(&self, place: &Place) -> (Var, Vec<Proj>) {
        let mut path = place.path.clone();
        let mut var = place.root;
        while let Def::View(of, _) = self.def[var.index()] {
            let mut whole = of.path.clone();
            whole.extend(path);
            path = whole;
            var = of.root;
        }
        (var, path)
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn within(&self, inner: RegionId, outer: RegionId) -> bool {
        let mut at = Some(inner);
        while let Some(id) = at {
            if id == outer {
                return true;
            }
            at = self.region(id).parent;
        }
        false
    }

    pub fn is_loop(&self, region: RegionId) -> bool {
        matches!(self.region(region).kind, RegionKind::For | RegionKind::While)
    }

    /// The loops around `region`, innermost first, up to but without `limit`.
    pub fn loops_around(&self, region: RegionId, limit: RegionId) -> Vec<RegionId> {
        let mut loops = Vec::new();
        let mut at = region;
        while at != limit {
            if self.is_loop(at) {
                loops.push(at);
            }
            match self.region(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        loops
    }
}
