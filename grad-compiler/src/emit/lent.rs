//! Memory that callers lend for what callees record.
//!
//! The forward sweep of a function that records is a method of a second type, which has what lends memory: its tapes
//! lie there between the sweeps, and its callees' beside them. The forms of the function lead to it with nothing lent, and its
//! callers by the method `__grad_on`, if they call it again and again. Of a function without that method, a trait of the runtime has
//! one that changes nothing: so the protocol of calls stays what it is.

use super::body::Emitter;
use super::items::Cx;
use super::protocol::Protocol;
use super::signature::Kind;
use super::workers::named;
use super::{Tokens, site};
use crate::ir::{
    Arg, ArgKind, Block, Call, Callee, Elem, Float, For, ForwardCall, Func, Init, Lit, Op, Operand, Place,
    Room, Stmt, Ty, Var,
};
use crate::transform::Reversed;
use proc_macro2::{Ident, Literal};
use quote::{ToTokens, format_ident, quote_spanned};
use std::collections::{BTreeMap, BTreeSet};

/// The type that has what lends memory.
const ON: &str = "__GradFormsOn";

/// What lends memory in the function that is written.
pub(super) struct Lender {
    name: Ident,
    /// Of both sweeps in one function.
    is_root: bool,
    /// Places that are given away, and whether any is.
    places: usize,
    /// The tapes that lie on it.
    tapes: BTreeMap<Var, Tape>,
    /// Copies of numbers that callees may have read.
    copies: Option<Copies>,
    /// A callee is lent something.
    lends: bool,
}

/// A tape on memory that is lent.
struct Tape {
    at: usize,
    /// A part of the tape, for one run of a loop: the whole, and where it starts.
    part: Option<(Ident, Ident)>,
}

/// A tape of copies, and how long it is in the beginning.
struct Copies {
    at: usize,
    tape: Ident,
    base: Ident,
}

impl Lender {
    pub(super) fn new(name: Ident, is_root: bool) -> Lender {
        Lender { name, is_root, places: 0, tapes: BTreeMap::new(), copies: None, lends: false }
    }

    fn place(&mut self) -> usize {
        self.places += 1;
        self.places - 1
    }
}

/// Whether both sweeps of a function may lend memory to what they call: pullbacks run in the reverse order, and each of them runs.
pub(super) fn may_lend(body: &Block, reverse: &Block) -> bool {
    let (mut again, mut skipped) = (false, false);
    reverse.for_each_stmt(&mut |stmt| again |= matches!(stmt, Stmt::ForwardCall(_)));
    for block in [body, reverse] {
        block.for_each_stmt(&mut |stmt| {
            let Stmt::Branch(branch) = stmt else { return };
            for arm in &branch.arms {
                let mut own = BTreeSet::new();
                arm.block.for_each_stmt(&mut |stmt| {
                    stmt.for_each_define_within(&mut |var| _ = own.insert(var));
                });
                arm.block.for_each_stmt(&mut |stmt| {
                    skipped |= matches!(stmt, Stmt::ReverseCall(call) if !own.contains(&call.pullback));
                });
            }
        });
    }
    !again && !skipped
}

/// A function by its path, without generic arguments.
fn is_plain(call: &Call) -> bool {
    matches!(&call.callee, Callee::Function(path) if !path.to_string().contains('<'))
        && call.suffix.is_none()
        && !call.selects
        && !super::forms::is_nested(&call.callee)
}

/// What is found there is a run of numbers.
fn is_run(ty: &Ty) -> bool {
    matches!(ty.peeled(), Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) if **of == Ty::Float(Float::F64) || **of == Ty::Float(Float::F32))
}

impl<'a> Emitter<'a> {
    /// Whether all that a callee is passed are numbers: its pullback holds no reference, whatever the callee is generic over.
    fn passes_numbers(&self, forward: &ForwardCall) -> bool {
        let is_number = |(arg, active): (&Arg, &bool)| match &arg.kind {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::ScalarMut { .. } => true,
            ArgKind::Memory { place, .. } => *active && is_run(&self.place_ty(&self.resolve(place))),
            ArgKind::Code { code, exclusive, .. } => {
                let is_whole = |var| matches!(self.func.ty(var), Ty::Int | Ty::Bool);
                !exclusive && (code.reads.is_empty() || code.variable().is_some_and(is_whole))
            }
            ArgKind::Kept(_) => false,
        };
        is_plain(&forward.call)
            && forward.tangents.is_empty()
            && forward.call.args.iter().zip(&forward.active).all(is_number)
    }

    /// The tapes of a forward sweep that may lie on memory of a caller's, if all of them are of numbers and pullbacks that hold
    /// no reference.
    pub(super) fn may_be_lent(&self, body: &Block, reverse: &Block) -> bool {
        let (mut calls, mut unknown, mut numbers) = (true, BTreeSet::new(), true);
        body.for_each_stmt(&mut |stmt| match stmt {
            Stmt::ForwardCall(forward) => calls &= self.passes_numbers(forward),
            Stmt::Alloc { var, init: Init::Keep(place) } if self.is_run_of_numbers(place) => {
                _ = unknown.insert(*var)
            }
            Stmt::Alloc { var, .. } if *self.func.ty(*var) == Ty::Unknown => numbers = false,
            Stmt::Push { value: Elem::Memory(place), .. } => {
                numbers &= match self.func.ty(place.root) {
                    Ty::Unknown => unknown.contains(&place.root),
                    ty => is_recorded(ty),
                };
            }
            _ => {}
        });
        let mut tapes = body.stmts.iter().filter_map(|stmt| self.tape_of(stmt)).peekable();
        let is_worth_it = tapes.peek().is_some();
        let known = tapes.all(|tape| match self.func.ty(tape) {
            Ty::Tape(of) | Ty::Vec(of) => is_recorded(of) || **of == Ty::Unknown,
            _ => false,
        });
        calls && numbers && known && is_worth_it && may_lend(body, reverse)
    }

    /// The tape that a statement of the outermost block makes for the reverse sweep.
    fn tape_of(&self, stmt: &Stmt) -> Option<Var> {
        match stmt {
            Stmt::Alloc {
                var,
                init: Init::Tape(Room::Any | Room::For(_)) | Init::Buffer { on_stack: false, .. },
            } => self.facts.read_in_reverse[var.index()].then_some(*var),
            _ => None,
        }
    }

    fn is_run_of_numbers(&self, place: &Place) -> bool {
        matches!(self.place_ty(&self.resolve(place)).peeled(), Ty::Slice(of) if **of == Ty::Float(Float::F64))
    }

    /// The function has what lends memory, and takes the tapes of the outermost block, and one of copies, from there.
    pub(super) fn take(&mut self, body: &Block) -> Tokens {
        let s = site();
        let name = self.namer.fresh("lent", s);
        let mut out = quote_spanned!(s=> let #name = self.0;);
        self.lender = Some(Lender::new(name, false));
        let mut has_copies = false;
        body.for_each_stmt(&mut |stmt| has_copies |= matches!(stmt, Stmt::Alloc { init: Init::Keep(_), .. }));
        let copies = has_copies.then(|| ["copies", "base"].map(|name| self.namer.fresh(name, s)));
        let tapes: Vec<Var> = body.stmts.iter().filter_map(|stmt| self.tape_of(stmt)).collect();
        let Some(lender) = &mut self.lender else { return out };
        for tape in tapes {
            let at = lender.place();
            lender.tapes.insert(tape, Tape { at, part: None });
        }
        let Some([tape, base]) = copies else { return out };
        let at = lender.place();
        let (place, name) = (Literal::usize_unsuffixed(at), &lender.name);
        out.extend(quote_spanned! {s=>
            let mut #tape = #name.tape::<::core::primitive::f64>(#place, 0);
            let #base = #tape.len();
        });
        lender.copies = Some(Copies { at, tape, base });
        out
    }

    /// A tape that is lent, in the place of one that is made.
    pub(super) fn lent_tape(&mut self, var: Var, init: &Init) -> Option<Tokens> {
        let s = site();
        let lender = self.lender.as_ref()?;
        let (at, name) = (Literal::usize_unsuffixed(lender.tapes.get(&var)?.at), lender.name.clone());
        let tape = |room: &Tokens| quote_spanned!(s=> #name.tape(#at, #room));
        let (value, len) = match init {
            Init::Tape(Room::For(passes)) => {
                let tape = tape(&self.inner(passes));
                return Some(self.bind(var, &tape));
            }
            Init::Buffer { value, len, .. } => (value, len),
            _ => {
                let tape = tape(&quote_spanned!(s=> 0));
                return Some(self.bind(var, &tape));
            }
        };
        let of = match self.func.ty(var) {
            Ty::Vec(of) => Some(&**of),
            _ => None,
        };
        let (value, len) = (self.typed_elem(value, of), self.inner(len));
        let tape = tape(&len);
        let span = self.span(var);
        let [whole, base] = ["whole", "base"].map(|hint| self.namer.fresh(hint, span));
        let part = self.define(var);
        if let Some(lent) = self.lender.as_mut().and_then(|lender| lender.tapes.get_mut(&var)) {
            lent.part = Some((whole.clone(), base.clone()));
        }
        Some(quote_spanned! {s=>
            let mut #whole = #tape;
            let #base = #whole.len();
            #whole.resize(#base + #len, #value);
            let #part = &mut #whole[#base..];
        })
    }

    /// What is kept of numbers that a callee may have read.
    pub(super) fn copied(&self, place: &Place) -> Option<Tokens> {
        let copies = self.lender.as_ref()?.copies.as_ref()?;
        let (krate, tape) = (self.krate, &copies.tape);
        let place = self.reference(place, super::place::Access::Shared);
        Some(quote_spanned!(site()=> #krate::__private::keep_on(#place, &mut #tape)))
    }

    /// It again.
    pub(super) fn copied_again(&self, name: &Ident) -> Option<Tokens> {
        let copies = self.lender.as_ref()?.copies.as_ref()?;
        let (krate, tape) = (self.krate, &copies.tape);
        Some(quote_spanned!(site()=> #krate::__private::lend_kept_on(&#name, &#tape)))
    }

    /// Every tape with its name, and where it lies.
    fn lent_tapes(&self) -> Vec<(Ident, Literal, Option<&Tape>)> {
        let Some(lender) = &self.lender else { return Vec::new() };
        let tapes = lender.tapes.iter().map(|(var, tape)| {
            let name = tape.part.as_ref().map_or_else(|| self.name(*var), |(whole, _)| whole);
            (name.clone(), Literal::usize_unsuffixed(tape.at), Some(tape))
        });
        let copies = lender
            .copies
            .iter()
            .map(|copies| (copies.tape.clone(), Literal::usize_unsuffixed(copies.at), None));
        tapes.chain(copies).collect()
    }

    /// Between the sweeps; in front of the reverse sweep; behind it.
    pub(super) fn turned(&self) -> [Tokens; 3] {
        let s = site();
        let [mut between, mut before, mut behind] = [(); 3].map(|()| Tokens::new());
        let Some(lender) = &self.lender else { return [between, before, behind] };
        let lent = &lender.name;
        for (name, at, tape) in self.lent_tapes() {
            between.extend(quote_spanned!(s=> let #name = #lent.kept(#at, #name);));
            before.extend(quote_spanned!(s=> let mut #name = #name.again();));
            let base = match tape {
                Some(tape) => tape.part.as_ref().map(|(_, base)| base),
                None => lender.copies.as_ref().map(|copies| &copies.base),
            };
            if let Some(base) = base {
                behind.extend(quote_spanned!(s=> #name.truncate(#base);));
            }
        }
        for (var, tape) in &lender.tapes {
            if let Some((whole, base)) = &tape.part {
                let part = self.name(*var);
                before.extend(quote_spanned!(s=> let #part = &#whole[#base..];));
            }
        }
        [between, before, behind]
    }

    /// What stands in front of a function that lends something to callees: how they are asked for it, and where both sweeps are
    /// in it, what it lends.
    pub(super) fn lending(&self) -> Tokens {
        let (s, krate) = (site(), self.krate);
        let Some(Lender { name, is_root, places, lends: true, .. }) = &self.lender else {
            return Tokens::new();
        };
        let places = Literal::usize_unsuffixed(*places);
        let memory = is_root.then(|| {
            quote_spanned! {s=>
                let #name: [#krate::__private::Lending; #places] =
                    ::core::array::from_fn(|_| ::core::default::Default::default());
            }
        });
        quote_spanned! {s=>
            use #krate::__private::OnLent as _;
            #memory
        }
    }

    /// What a callee is lent, if it is called by its path.
    pub(super) fn lends(&mut self, forward: &ForwardCall) -> Option<Tokens> {
        let s = site();
        // One that gets numbers only records few, if any.
        let has_memory = forward.call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Memory { .. }));
        let may = is_plain(&forward.call) && forward.tangents.is_empty() && self.lanes.is_none();
        let times = self.times_around(&|_| true);
        let is_repeated = !self.around.is_empty();
        let lender = self.lender.as_mut().filter(|_| may && has_memory)?;
        // What is called once has no use for it.
        if lender.is_root && !is_repeated {
            return None;
        }
        lender.lends = true;
        let (name, at) = (lender.name.clone(), Literal::usize_unsuffixed(lender.place()));
        Some(if lender.is_root {
            quote_spanned!(s=> #name[#at].lend(#times))
        } else {
            quote_spanned!(s=> #name.to(#at, #times))
        })
    }

    /// How often the statement at hand runs in each run of what is around it, up to the next arm or loop whose passes nobody
    /// counts, and as far as the loops are such.
    pub(super) fn times_around(&self, counts: &dyn Fn(&Block) -> bool) -> Tokens {
        let (s, krate) = (site(), self.krate);
        let loops = self.around.iter().rev().map_while(Option::as_ref).take_while(|(_, body)| counts(body));
        let mut passes: Vec<&Tokens> = loops.map(|(passes, _)| passes).collect();
        passes.reverse();
        let mut passes = passes.into_iter();
        let first = passes.next().cloned().unwrap_or_else(|| quote_spanned!(s=> 1));
        passes.fold(first, |times, passes| quote_spanned!(s=> #krate::__private::times(#times, #passes)))
    }

    /// Room on a tape that grows in loops, for all of their passes.
    pub(super) fn room_on(&self, tape: Var, more: &Tokens) -> Tokens {
        if self.is_emptied_here(tape) { Tokens::new() } else { self.room_on_for(tape, more) }
    }

    fn is_emptied_here(&self, tape: Var) -> bool {
        self.around.last().is_none_or(|around| around.as_ref().is_none_or(|(_, body)| is_emptied(body, tape)))
    }

    fn room_on_for(&self, tape: Var, more: &Tokens) -> Tokens {
        let (s, krate) = (site(), self.krate);
        let times = self.times_around(&|body| !is_emptied(body, tape));
        let name = self.name(tape);
        quote_spanned!(s=> #krate::__private::make_room(&mut #name, #more, #times);)
    }

    /// Room on the tapes that each pass of a loop puts one thing on.
    pub(super) fn room_for(&self, stmt: &For, passes: &Tokens) -> Tokens {
        if stmt.until.is_some() {
            return Tokens::new();
        }
        let mut tapes = BTreeSet::new();
        for inner in &stmt.body.stmts {
            if let Stmt::Push { vec, .. } = inner
                && vec.path.is_empty()
                && self.grows.contains(&vec.root)
            {
                tapes.insert(vec.root);
            }
        }
        tapes.into_iter().map(|tape| self.room_on_for(tape, passes)).collect()
    }

    /// What runs in an arm, or in a loop.
    pub(super) fn inside<T>(
        &mut self,
        around: Option<(Tokens, &'a Block)>,
        f: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.around.push(around);
        let out = f(self);
        self.around.pop();
        out
    }

    /// How many passes a loop makes, as far as is known in front of it.
    pub(super) fn passes_of(&self, stmt: &For) -> Tokens {
        let (s, krate) = (site(), self.krate);
        if let (Operand::Lit(Lit { value: lo, .. }), Operand::Lit(Lit { value: hi, .. })) =
            (&stmt.lo, &stmt.hi)
        {
            let passes = (hi - lo + if stmt.inclusive { 1.0 } else { 0.0 }).max(0.0);
            let passes = Lit { text: format!("{passes}"), value: passes };
            return self.operand(&Operand::Lit(passes));
        }
        let function =
            format_ident!("{}", if stmt.inclusive { "trips_inclusive" } else { "trips" }, span = s);
        let (lo, hi) = (self.operand(&stmt.lo), self.operand(&stmt.hi));
        quote_spanned!(s=> #krate::__private::#function(#lo, #hi))
    }
}

/// Whether a loop takes back what it puts on a tape.
fn is_emptied(body: &Block, tape: Var) -> bool {
    let mut found = false;
    body.for_each_stmt(&mut |stmt| {
        found |= matches!(stmt, Stmt::Truncate { tape: of, .. } if *of == tape)
            || matches!(stmt, Stmt::Let { op: Op::Pop(of), .. } | Stmt::Alloc { init: Init::Pop(of), .. } if *of == tape);
    });
    found
}

/// Numbers, pullbacks, and records of them.
fn is_recorded(ty: &Ty) -> bool {
    match ty {
        Ty::Float(Float::F32 | Float::F64) | Ty::Int | Ty::Bool | Ty::Pullback => true,
        // What is kept of an argument is among the parts of a record only.
        Ty::Tuple(of) => of.iter().all(|of| is_recorded(of) || *of == Ty::Unknown),
        _ => false,
    }
}

impl<'a> Cx<'a> {
    /// Whether the function may take memory from its callers: a function that is generic over nothing, and does not call itself.
    pub(super) fn may_take(&self, split: &Reversed) -> bool {
        let has_memory = self.sig.params.iter().any(|param| matches!(param.kind, Kind::Aggregate(_)));
        has_memory
            && self.sig.item.sig.generics.params.is_empty()
            && self.args.method.is_none()
            && self.args.functions.is_empty()
            && self.sig.failing.is_none()
            && split.func.items.is_empty()
            && split.func.functions.is_empty()
            && !self.is_recursive([&split.func.body, &split.reverse])
    }

    /// The forward sweep on memory of a caller's, beside the forms; and the form, which lends nothing.
    pub(super) fn forward_on(
        &self,
        protocol: &Protocol<'_, 'a>,
        patterns: &[Tokens],
        body: &Tokens,
        where_clause: &Tokens,
    ) -> Tokens {
        let s = site();
        let (krate, vis, allow) = (self.krate(), self.vis(), self.allowed());
        let [on, forms, holder] = [ON, "__GradForms", "__GradHolder"].map(|name| Ident::new(name, s));
        // The forms know whether the function compiles.
        let function = named(protocol.function_held(patterns, body, where_clause, &holder), &forms);
        self.beside.borrow_mut().extend(quote_spanned! {s=>
            #[doc(hidden)]
            #vis struct #on<'__grad, #holder>(#krate::__private::Lender<'__grad, #holder>);
            #[automatically_derived]
            #allow
            impl<#holder: #krate::__private::Holder> #on<'_, #holder> {
                #function
            }
        });
        let names = self.names();
        let mut namer = names.namer(&[]);
        let activities: Vec<Ident> = self.markers.iter().map(|_| namer.fresh("activity", s)).collect();
        let args: Vec<Tokens> =
            names.params.iter().chain(&activities).map(ToTokens::to_token_stream).collect();
        let method = protocol.form().method();
        let plain = protocol.function(
            &args,
            &quote_spanned!(s=> #on(#krate::__private::Lender::own()).#method(#(#args),*)),
            where_clause,
        );
        quote_spanned! {s=>
            #plain
            #[inline]
            #vis fn __grad_on<#holder: #krate::__private::Holder>(self, lent: #krate::__private::Lender<'_, #holder>) -> #on<'_, #holder> {
                #on(lent)
            }
        }
    }
}

/// Whether anything in a function calls by a pullback.
pub(super) fn calls(func: &Func) -> bool {
    let mut found = false;
    func.body.for_each_stmt(&mut |stmt| found |= matches!(stmt, Stmt::ForwardCall(_)));
    found
}
