//! What a statement reads, writes and defines: the one place that knows the parts of every
//! statement, so that other passes need not.
//!
//! [`Stmt::walk`] lists the parts of one statement as [`Item`]s, in the order of evaluation, without
//! going into nested blocks; [`Stmt::walk_mut`] lets them be changed. Everything else here is made of these.

use super::{
    Arg, ArgKind, Block, Branch, Call, CallTangents, Carried, Code, Cotangent, Elem, For, ForwardCall, Func,
    Init, Op, Operand, Pattern, Place, Proj, ReverseCall, ReverseTangents, Room, Selector, Stmt, TangentCall,
    Value, Var, While, code,
};

/// What happens to memory, or to a variable as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read, copied or moved out of.
    Read,
    /// Overwritten.
    Write,
    /// Read and overwritten.
    Update,
    /// Given another name ([`Stmt::View`]); what happens to it is said by later statements.
    Borrow,
}

macro_rules! items {
    ($(#[$doc:meta])* $Item:ident $(, $mut:tt)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $Item<'a> {
            /// Reads an operand.
            Operand(&'a $($mut)? Operand),
            /// Does something to a place; the operands in its path are not listed again.
            Place(&'a $($mut)? Place, Access),
            /// Evaluates the user's tokens.
            Code(&'a $($mut)? Code),
            /// Does something to a variable as a whole: a tape, a pullback, an opaque variable.
            Var(&'a $($mut)? Var, Access),
            /// Enters the scope of an arm or of a loop's body: what follows, up to [`Self::Leave`], is evaluated there.
            Enter,
            /// A variable of the scope just entered: a loop's index, a carried value.
            Bind(&'a $($mut)? Var),
            /// A pattern, with its guard: binds variables of the scope just entered.
            Pattern(&'a $($mut)? Pattern),
            /// Runs a nested block.
            Block(&'a $($mut)? Block),
            Leave,
            /// A new variable, in scope from here to the end of the block.
            Define(&'a $($mut)? Var),
        }
    };
}

items! {
    /// A part of a statement.
    Item
}
items! {
    /// A part of a statement, to be changed.
    ItemMut, mut
}

macro_rules! walkers {
    ($walk:ident, $Item:ident $(, $mut:tt)?) => {
        impl Stmt {
            /// Lists the parts of this statement in the order of evaluation.
            pub fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    Stmt::Let { var, op } => {
                        op.$walk(f);
                        f($Item::Define(var));
                    }
                    Stmt::Alloc { var, init } => {
                        init.$walk(f);
                        f($Item::Define(var));
                    }
                    Stmt::View { var, place, kind: _ } => {
                        f($Item::Place(place, Access::Borrow));
                        f($Item::Define(var));
                    }
                    Stmt::Store { place, value } | Stmt::Fill { place, value } => {
                        f($Item::Operand(value));
                        f($Item::Place(place, Access::Write));
                    }
                    Stmt::Assign { place, init } => {
                        init.$walk(f);
                        f($Item::Place(place, Access::Write));
                    }
                    Stmt::Push { vec, value } => {
                        value.$walk(f);
                        f($Item::Place(vec, Access::Update));
                    }
                    Stmt::Swap { a, b } => {
                        f($Item::Place(a, Access::Update));
                        f($Item::Place(b, Access::Update));
                    }
                    Stmt::CopyFrom { to, from } => {
                        f($Item::Place(from, Access::Read));
                        f($Item::Place(to, Access::Write));
                    }
                    Stmt::Branch(branch) => branch.$walk(f),
                    Stmt::For(for_) => for_.$walk(f),
                    Stmt::While(while_) => while_.$walk(f),
                    Stmt::Call(call) => call.$walk(f),
                    Stmt::Effect { code, writes } => {
                        f($Item::Code(code));
                        for var in writes {
                            f($Item::Var(var, Access::Update));
                        }
                    }
                    Stmt::Accumulate { place, value } => {
                        f($Item::Operand(value));
                        f($Item::Place(place, Access::Update));
                    }
                    Stmt::AccumulateAll { to, from } => {
                        f($Item::Place(from, Access::Read));
                        f($Item::Place(to, Access::Update));
                    }
                    Stmt::Clear { place } => f($Item::Place(place, Access::Write)),
                    Stmt::Extend { tape, from } => {
                        f($Item::Place(from, Access::Read));
                        f($Item::Var(tape, Access::Update));
                    }
                    Stmt::Grow { tape, by: operand } | Stmt::Truncate { tape, len: operand } => {
                        f($Item::Operand(operand));
                        f($Item::Var(tape, Access::Update));
                    }
                    Stmt::ForwardCall(ForwardCall { call, active: _, pullback, tangents }) => {
                        let mut after: Vec<$Item> = Vec::new();
                        for tangents in tangents {
                            tangents.$walk(f, &mut after);
                        }
                        call.$walk(f);
                        after.into_iter().for_each(&mut *f);
                        f($Item::Define(pullback));
                    }
                    Stmt::ReverseCall(call) => call.$walk(f),
                    Stmt::TangentCall(TangentCall { call, tangents }) => {
                        let mut after: Vec<$Item> = Vec::new();
                        for tangents in tangents {
                            tangents.$walk(f, &mut after);
                        }
                        call.$walk(f);
                        after.into_iter().for_each(&mut *f);
                    }
                }
            }
        }

        impl Op {
            pub fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    Op::Copy(operand) | Op::Cast(operand, _) => f($Item::Operand(operand)),
                    Op::Prim(_, operands) => {
                        for operand in operands {
                            f($Item::Operand(operand));
                        }
                    }
                    Op::Load(place) | Op::Len(place) => f($Item::Place(place, Access::Read)),
                    Op::Code(code) => f($Item::Code(code)),
                    Op::Pop(var) => f($Item::Var(var, Access::Update)),
                }
            }
        }

        impl Init {
            pub fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                        for elem in elems {
                            elem.$walk(f);
                        }
                    }
                    Init::ArrayRepeat { value, len } => {
                        value.$walk(f);
                        f($Item::Code(len));
                    }
                    Init::VecRepeat { value, len } | Init::Buffer { value, len, on_stack: _ } => {
                        value.$walk(f);
                        f($Item::Operand(len));
                    }
                    Init::Empty { capacity } => {
                        if let Some(capacity) = capacity {
                            f($Item::Operand(capacity));
                        }
                    }
                    Init::Move(place) | Init::Clone(place) | Init::ToVec(place) | Init::Keep(place) | Init::Again(place) | Init::Part(place) | Init::ZerosLike(place) | Init::LanesLike(place) => {
                        f($Item::Place(place, Access::Read));
                    }
                    Init::Refill { of, spare } => {
                        f($Item::Place(of, Access::Read));
                        f($Item::Var(spare, Access::Update));
                    }
                    Init::Code(code) | Init::Point(code) => f($Item::Code(code)),
                    Init::Pop(var) => f($Item::Var(var, Access::Update)),
                    Init::Tape(Room::For(passes)) => f($Item::Operand(passes)),
                    Init::Zeros(_) | Init::Tape(Room::Any | Room::One) => {}
                }
            }
        }

        impl Elem {
            pub fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    Elem::Scalar(operand) => f($Item::Operand(operand)),
                    Elem::Memory(place) => f($Item::Place(place, Access::Read)),
                }
            }
        }

        impl Value {
            pub fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    Value::Unit => {}
                    Value::Scalar(operand) => f($Item::Operand(operand)),
                    Value::Memory(place) => f($Item::Place(place, Access::Read)),
                    Value::Tuple(values) => {
                        for value in values {
                            value.$walk(f);
                        }
                    }
                }
            }
        }

        impl Branch {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match &$($mut)? self.on {
                    Selector::If(operand) | Selector::Tag(operand) => f($Item::Operand(operand)),
                    Selector::Match(code) => f($Item::Code(code)),
                }
                for arm in &$($mut)? self.arms {
                    f($Item::Enter);
                    if let Some(pattern) = &$($mut)? arm.pattern {
                        f($Item::Pattern(pattern));
                    }
                    f($Item::Block(&$($mut)? arm.block));
                    for elem in &$($mut)? arm.yields {
                        elem.$walk(f);
                    }
                    f($Item::Leave);
                }
                for var in &$($mut)? self.results {
                    f($Item::Define(var));
                }
            }
        }

        impl For {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                f($Item::Operand(&$($mut)? self.lo));
                f($Item::Operand(&$($mut)? self.hi));
                let mut inside: Vec<$Item> = Vec::new();
                let mut results = Vec::new();
                let mut params = Vec::new();
                for Carried { param, init, next, result } in &$($mut)? self.carried {
                    f($Item::Operand(init));
                    params.push($Item::Bind(param));
                    inside.push($Item::Operand(next));
                    results.push($Item::Define(result));
                }
                f($Item::Enter);
                f($Item::Bind(&$($mut)? self.index));
                params.into_iter().for_each(&mut *f);
                f($Item::Block(&$($mut)? self.body));
                if let Some(until) = &$($mut)? self.until {
                    f($Item::Operand(until));
                }
                inside.into_iter().for_each(&mut *f);
                f($Item::Leave);
                results.into_iter().for_each(f);
            }
        }

        impl While {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                let mut inside: Vec<$Item> = Vec::new();
                let mut results = Vec::new();
                let mut params = Vec::new();
                for Carried { param, init, next, result } in &$($mut)? self.carried {
                    f($Item::Operand(init));
                    params.push($Item::Bind(param));
                    inside.push($Item::Operand(next));
                    results.push($Item::Define(result));
                }
                f($Item::Enter);
                params.into_iter().for_each(&mut *f);
                f($Item::Block(&$($mut)? self.condition));
                f($Item::Operand(&$($mut)? self.test));
                // The body sees the variables of the condition.
                f($Item::Block(&$($mut)? self.body));
                if let Some(until) = &$($mut)? self.until {
                    f($Item::Operand(until));
                }
                inside.into_iter().for_each(&mut *f);
                f($Item::Leave);
                results.into_iter().for_each(f);
            }
        }

        impl Arg {
            /// What the argument becomes is defined `after` the call.
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>), after: &mut Vec<$Item<'a>>) {
                match &$($mut)? self.kind {
                    ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => f($Item::Operand(operand)),
                    ArgKind::ScalarMut { before, after: var } => {
                        f($Item::Operand(before));
                        after.push($Item::Define(var));
                    }
                    ArgKind::Memory { place, passed } => {
                        let access = if passed.writes() { Access::Update } else { Access::Read };
                        f($Item::Place(place, access));
                    }
                    ArgKind::Kept(var) => f($Item::Var(var, Access::Read)),
                    ArgKind::Code { code, .. } => f($Item::Code(code)),
                }
            }
        }

        impl Call {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                let mut after: Vec<$Item> = Vec::new();
                for arg in &$($mut)? self.args {
                    arg.$walk(f, &mut after);
                }
                if let Some(suffix) = &$($mut)? self.suffix {
                    f($Item::Code(suffix));
                }
                after.into_iter().for_each(&mut *f);
                if let Some(result) = &$($mut)? self.result {
                    f($Item::Define(result));
                }
            }
        }

        impl CallTangents {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>), after: &mut Vec<$Item<'a>>) {
                for arg in &$($mut)? self.args {
                    if let Some(arg) = arg {
                        arg.$walk(f, after);
                    }
                }
                if let Some(result) = &$($mut)? self.result {
                    after.push($Item::Define(result));
                }
            }
        }

        impl ReverseCall {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                f($Item::Var(&$($mut)? self.pullback, Access::Read));
                let mut results: Vec<$Item> = Vec::new();
                for arg in &$($mut)? self.args {
                    arg.kind.$walk(f);
                }
                if let Some(seed) = &$($mut)? self.seed {
                    seed.$walk(f);
                }
                for cotangent in &$($mut)? self.cotangents {
                    cotangent.$walk(f, &mut results);
                }
                for ReverseTangents { args, seed, cotangents } in &$($mut)? self.tangents {
                    for arg in args {
                        if let Some(arg) = arg {
                            arg.kind.$walk(f);
                        }
                    }
                    if let Some(seed) = seed {
                        seed.$walk(f);
                    }
                    for cotangent in cotangents {
                        cotangent.$walk(f, &mut results);
                    }
                }
                results.into_iter().for_each(f);
            }
        }

        impl ArgKind {
            /// What a pullback is passed again.
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>)) {
                match self {
                    ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => f($Item::Operand(operand)),
                    ArgKind::Memory { place, passed } if passed.is_passed_again() => {
                        f($Item::Place(place, Access::Read));
                    }
                    ArgKind::Kept(var) => f($Item::Var(var, Access::Read)),
                    ArgKind::Code { code, .. } => f($Item::Code(code)),
                    ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } => {}
                }
            }
        }

        impl Cotangent {
            fn $walk<'a>(&'a $($mut)? self, f: &mut dyn FnMut($Item<'a>), results: &mut Vec<$Item<'a>>) {
                match self {
                    Cotangent::None => {}
                    Cotangent::Value(var) => results.push($Item::Define(var)),
                    Cotangent::Slot(place) => f($Item::Place(place, Access::Update)),
                    Cotangent::InOut { after, before } => {
                        f($Item::Operand(after));
                        results.push($Item::Define(before));
                    }
                }
            }
        }
    };
}

walkers!(walk, Item);
walkers!(walk_mut, ItemMut, mut);

impl Place {
    /// The operands in the path.
    pub fn for_each_operand<'a>(&'a self, f: &mut dyn FnMut(&'a Operand)) {
        for proj in &self.path {
            match proj {
                Proj::Index(operand) => f(operand),
                Proj::Slice { from, to, inclusive: _ } => from.iter().chain(to).for_each(&mut *f),
                Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => {}
            }
        }
    }

    pub fn for_each_operand_mut(&mut self, f: &mut dyn FnMut(&mut Operand)) {
        for proj in &mut self.path {
            match proj {
                Proj::Index(operand) => f(operand),
                Proj::Slice { from, to, inclusive: _ } => from.iter_mut().chain(to).for_each(&mut *f),
                Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => {}
            }
        }
    }

    /// The root and the variables in the path.
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        f(self.root);
        self.for_each_operand(&mut |operand| operand.var().into_iter().for_each(&mut *f));
    }
}

impl Item<'_> {
    /// The variables that this part names without defining them: operands, roots of places (whatever
    /// happens to the memory), indices, variables in tokens.
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        match self {
            Item::Operand(operand) => operand.var().into_iter().for_each(f),
            Item::Place(place, _) => place.for_each_read(f),
            Item::Code(code) => code.reads.iter().copied().for_each(f),
            Item::Var(var, _) => f(**var),
            Item::Pattern(pattern) => {
                let guard = pattern.guard.iter().flat_map(|guard| &guard.reads);
                guard.copied().filter(|var| !pattern.binds.contains(var)).for_each(f);
            }
            Item::Enter | Item::Bind(_) | Item::Block(_) | Item::Leave | Item::Define(_) => {}
        }
    }
}

impl Op {
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        self.walk(&mut |item| item.for_each_read(f));
    }
}

impl Value {
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        self.walk(&mut |item| item.for_each_read(f));
    }
}

impl Stmt {
    /// Control does not come to what follows: rustc sees that, too.
    pub fn diverges(&self) -> bool {
        match self {
            Stmt::Effect { code, .. } => code.diverges(),
            Stmt::Branch(branch) => branch.arms.iter().all(|arm| arm.block.stmts.iter().any(Stmt::diverges)),
            Stmt::While(While { test, until, .. }) => *test == Operand::bool(true) && until.is_none(),
            _ => false,
        }
    }

    /// The variables that the statement itself reads or changes: not those that only its arms or its body name.
    pub fn for_each_own_read(&self, f: &mut dyn FnMut(Var)) {
        let mut depth = 0;
        self.walk(&mut |item| match item {
            Item::Enter => depth += 1,
            Item::Leave => depth -= 1,
            item => {
                if depth == 0 {
                    item.for_each_read(f);
                }
            }
        });
    }

    /// Every variable that the statement and all statements nested in it read or change, its own nested ones included.
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        self.walk(&mut |item| match item {
            Item::Block(block) => block.for_each_read(f),
            item => item.for_each_read(f),
        });
    }

    /// The variables that are in scope after the statement because of it.
    pub fn for_each_define(&self, f: &mut dyn FnMut(Var)) {
        self.walk(&mut |item| {
            if let Item::Define(var) = item {
                f(*var);
            }
        });
    }

    /// Every variable that the statement and all statements nested in it define or bind.
    pub fn for_each_define_within(&self, f: &mut dyn FnMut(Var)) {
        self.walk(&mut |item| match item {
            Item::Define(var) | Item::Bind(var) => f(*var),
            Item::Pattern(pattern) => pattern.binds.iter().copied().for_each(&mut *f),
            Item::Block(block) => block.for_each_stmt_here(&mut |stmt| stmt.for_each_define_within(f)),
            Item::Operand(_)
            | Item::Place(..)
            | Item::Code(_)
            | Item::Var(..)
            | Item::Enter
            | Item::Leave => {}
        });
    }

    /// The nested blocks, in order.
    pub fn for_each_block<'a>(&'a self, f: &mut dyn FnMut(&'a Block)) {
        self.walk(&mut |item| {
            if let Item::Block(block) = item {
                f(block);
            }
        });
    }

    pub fn for_each_block_mut(&mut self, f: &mut dyn FnMut(&mut Block)) {
        self.walk_mut(&mut |item| {
            if let ItemMut::Block(block) = item {
                f(block);
            }
        });
    }

    /// Every place that the statement itself names (with those in the yields of its arms), and what happens to it.
    pub fn for_each_place<'a>(&'a self, f: &mut dyn FnMut(&'a Place, Access)) {
        self.walk(&mut |item| {
            if let Item::Place(place, access) = item {
                f(place, access);
            }
        });
    }

    /// The same, to be changed.
    pub fn for_each_place_mut(&mut self, f: &mut dyn FnMut(&mut Place)) {
        self.walk_mut(&mut |item| {
            if let ItemMut::Place(place, _) = item {
                f(place);
            }
        });
    }

    /// Every operand of the statement and of those nested in it, with those in paths of places; not the
    /// variables in tokens, which are no operands.
    pub fn for_each_operand_mut(&mut self, f: &mut dyn FnMut(&mut Operand)) {
        self.walk_mut(&mut |item| match item {
            ItemMut::Operand(operand) => f(operand),
            ItemMut::Place(place, _) => place.for_each_operand_mut(f),
            ItemMut::Block(block) => block.stmts.iter_mut().for_each(|stmt| stmt.for_each_operand_mut(f)),
            ItemMut::Code(_)
            | ItemMut::Var(..)
            | ItemMut::Enter
            | ItemMut::Bind(_)
            | ItemMut::Pattern(_)
            | ItemMut::Leave
            | ItemMut::Define(_) => {}
        });
    }

    /// Replaces every variable, in definitions as in uses, here and in nested statements.
    pub fn map_vars(&mut self, to: &mut dyn FnMut(Var) -> Var) {
        self.walk_mut(&mut |item| map_item(item, to));
        // A pullback is not passed these, but they name variables all the same.
        if let Stmt::ReverseCall(call) = self {
            for arg in &mut call.args {
                match &mut arg.kind {
                    ArgKind::ScalarMut { before, after } => {
                        map_operand(before, to);
                        *after = to(*after);
                    }
                    ArgKind::Memory { place, passed } if !passed.is_passed_again() => map_place(place, to),
                    ArgKind::Scalar(_)
                    | ArgKind::ScalarRef(_)
                    | ArgKind::Memory { .. }
                    | ArgKind::Kept(_)
                    | ArgKind::Code { .. } => {}
                }
            }
        }
    }
}

impl Value {
    pub fn map_vars(&mut self, to: &mut dyn FnMut(Var) -> Var) {
        self.walk_mut(&mut |item| map_item(item, to));
    }
}

fn map_item(item: ItemMut, to: &mut dyn FnMut(Var) -> Var) {
    match item {
        ItemMut::Operand(operand) => map_operand(operand, to),
        ItemMut::Place(place, _) => map_place(place, to),
        ItemMut::Code(code) => *code = code.map_vars(to),
        ItemMut::Var(var, _) | ItemMut::Bind(var) | ItemMut::Define(var) => *var = to(*var),
        ItemMut::Pattern(pattern) => {
            pattern.tokens = code::replace(std::mem::take(&mut pattern.tokens), &mut |ident, var| {
                code::placeholder(to(var), ident.span())
            });
            if let Some(guard) = &mut pattern.guard {
                *guard = guard.map_vars(&mut *to);
            }
            for var in &mut pattern.binds {
                *var = to(*var);
            }
        }
        ItemMut::Block(block) => block.map_vars(to),
        ItemMut::Enter | ItemMut::Leave => {}
    }
}

fn map_operand(operand: &mut Operand, to: &mut dyn FnMut(Var) -> Var) {
    if let Operand::Var(var) = operand {
        *var = to(*var);
    }
}

fn map_place(place: &mut Place, to: &mut dyn FnMut(Var) -> Var) {
    place.root = to(place.root);
    place.for_each_operand_mut(&mut |operand| map_operand(operand, to));
}

impl Block {
    fn for_each_stmt_here<'a>(&'a self, f: &mut dyn FnMut(&'a Stmt)) {
        self.stmts.iter().for_each(f);
    }

    /// Every statement of the block and of blocks nested in it, outer before inner, in order.
    pub fn for_each_stmt<'a>(&'a self, f: &mut dyn FnMut(&'a Stmt)) {
        for stmt in &self.stmts {
            f(stmt);
            stmt.for_each_block(&mut |block| block.for_each_stmt(f));
        }
    }

    /// Every variable that a statement in here reads or changes.
    pub fn for_each_read(&self, f: &mut dyn FnMut(Var)) {
        for stmt in &self.stmts {
            stmt.for_each_read(f);
        }
    }

    /// Everything of the user's tokens in here, guards of patterns among it.
    pub fn for_each_code_mut(&mut self, f: &mut dyn FnMut(&mut Code)) {
        for stmt in &mut self.stmts {
            stmt.walk_mut(&mut |item| match item {
                ItemMut::Code(code) => f(code),
                ItemMut::Pattern(pattern) => pattern.guard.iter_mut().for_each(&mut *f),
                ItemMut::Block(block) => block.for_each_code_mut(f),
                _ => {}
            });
        }
    }

    /// Replaces every variable, in definitions as in uses.
    pub fn map_vars(&mut self, to: &mut dyn FnMut(Var) -> Var) {
        for stmt in &mut self.stmts {
            stmt.map_vars(to);
        }
    }
}

impl Func {
    /// Every statement, outer before inner, in order.
    pub fn for_each_stmt<'a>(&'a self, f: &mut dyn FnMut(&'a Stmt)) {
        self.body.for_each_stmt(f);
    }
}
