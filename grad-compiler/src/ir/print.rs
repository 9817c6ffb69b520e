//! The IR as text, for people and for goldens.
//!
//! Variables keep the user's names; a second variable of the same name is `x_1`. Types stand where
//! variables are not what their definition says. What the user's tokens compute stands between
//! backticks.

use super::{
    Arg, ArgKind, Arm, Block, Branch, Call, Carried, Code, Cotangent, Elem, Float, For, ForwardCall, Func,
    Init, Op, Operand, Passed, Pattern, Place, Proj, ReverseCall, Room, Selector, Stmt, TangentCall, Ty,
    Value, Var, ViewKind, While, code,
};
use crate::hash::{HashMap, HashSet};
use proc_macro2::{Ident, TokenStream};
use std::fmt::Write as _;

/// The whole function.
pub fn print(func: &Func) -> String {
    let mut printer = Printer::new(func);
    let params: Vec<String> = func
        .params
        .iter()
        .map(|param| {
            let role = if param.wrt { "wrt " } else { "" };
            format!("{role}{}: {}", printer.var(param.var), ty(func.ty(param.var)))
        })
        .collect();
    printer.line(&format!("fn {}({}) -> {} {{", func.name, params.join(", "), ty(&func.result_ty)));
    printer.depth += 1;
    printer.block(&func.body);
    if !matches!(func.result, Value::Unit) {
        let result = printer.value(&func.result);
        printer.line(&format!("return {result}"));
    }
    printer.depth -= 1;
    printer.line("}");
    printer.out
}

/// A block whose variables are those of `func`, for instance its reverse sweep.
pub fn print_block(func: &Func, block: &Block) -> String {
    let mut printer = Printer::new(func);
    printer.block(block);
    printer.out
}

/// The printed name of every variable.
pub fn names(func: &Func) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::default();
    let mut versions: HashMap<&str, usize> = HashMap::default();
    func.vars
        .iter()
        .map(|info| {
            let mut name = info.name.clone();
            // All versions before are taken.
            let version = versions.entry(&info.name).or_insert(0);
            while !taken.insert(name.clone()) {
                *version += 1;
                name = format!("{}_{version}", info.name);
            }
            name
        })
        .collect()
}

/// A type, nearly as in Rust.
pub fn ty(of: &Ty) -> String {
    match of {
        Ty::Float(Float::F32) => "f32".to_owned(),
        Ty::Float(Float::F64) => "f64".to_owned(),
        Ty::Float(Float::Param(at)) => format!("float {at}"),
        Ty::Float(Float::Inferred) => "float".to_owned(),
        Ty::Lanes(float) => format!("lanes<{}>", ty(&Ty::Float(*float))),
        Ty::Int => "int".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Unit => "()".to_owned(),
        Ty::Array(of, len) => format!("[{}; {len}]", ty(of)),
        Ty::Slice(of) => format!("[{}]", ty(of)),
        Ty::Vec(of) => format!("Vec<{}>", ty(of)),
        Ty::Tuple(of) => format!("({})", of.iter().map(ty).collect::<Vec<_>>().join(", ")),
        Ty::Ref { mutable: true, to } => format!("&mut {}", ty(to)),
        Ty::Ref { mutable: false, to } => format!("&{}", ty(to)),
        Ty::Pullback => "pullback".to_owned(),
        Ty::Tape(of) => format!("tape<{}>", ty(of)),
        Ty::Opaque => "opaque".to_owned(),
        Ty::Unknown => "unknown".to_owned(),
    }
}

struct Printer<'f> {
    func: &'f Func,
    names: Vec<String>,
    out: String,
    depth: usize,
}

impl Printer<'_> {
    fn new(func: &Func) -> Printer<'_> {
        Printer { func, names: names(func), out: String::new(), depth: 0 }
    }

    fn line(&mut self, text: &str) {
        writeln!(self.out, "{:indent$}{text}", "", indent = 4 * self.depth)
            .expect("writing to a string succeeds");
    }

    /// Lines one level deeper.
    fn inside(&mut self, print: impl FnOnce(&mut Self)) {
        self.depth += 1;
        print(self);
        self.depth -= 1;
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let text = match stmt {
            Stmt::Let { var, op } => format!("let {} = {}", self.var(*var), self.op(op)),
            Stmt::Alloc { var, init } => {
                format!("alloc {}: {} = {}", self.var(*var), ty(self.func.ty(*var)), self.init(init))
            }
            Stmt::View { var, place, kind } => {
                let borrow = match kind {
                    ViewKind::Shared => "&",
                    ViewKind::Exclusive => "&mut ",
                    ViewKind::Materialized => "materialized &mut ",
                    ViewKind::Row => "row &mut ",
                };
                format!("view {} = {borrow}{}", self.var(*var), self.place(place))
            }
            Stmt::Store { place, value } => format!("{} = {}", self.place(place), self.operand(value)),
            Stmt::Assign { place, init } => format!("{} = {}", self.place(place), self.init(init)),
            Stmt::Push { vec, value } => format!("push {}, {}", self.place(vec), self.elem(value)),
            Stmt::Swap { a, b } => format!("swap {}, {}", self.place(a), self.place(b)),
            Stmt::Fill { place, value } => format!("fill {}, {}", self.place(place), self.operand(value)),
            Stmt::CopyFrom { to, from } => format!("copy {}, {}", self.place(to), self.place(from)),
            Stmt::Branch(branch) => return self.branch(branch),
            Stmt::For(for_) => return self.for_(for_),
            Stmt::While(while_) => return self.while_(while_),
            Stmt::Call(call) => self.call(None, "", call),
            Stmt::Effect { code, writes } if writes.is_empty() => format!("effect {}", self.code(code)),
            Stmt::Effect { code, writes } => {
                format!("effect {} changes {}", self.code(code), self.vars(writes))
            }
            Stmt::Accumulate { place, value } => format!("{} += {}", self.place(place), self.operand(value)),
            Stmt::AccumulateAll { to, from } => format!("{} += all {}", self.place(to), self.place(from)),
            Stmt::Clear { place } => format!("clear {}", self.place(place)),
            Stmt::Extend { tape, from } => format!("extend {} by {}", self.var(*tape), self.place(from)),
            Stmt::Grow { tape, by } => format!("grow {}, {}", self.var(*tape), self.operand(by)),
            Stmt::Truncate { tape, len } => format!("truncate {}, {}", self.var(*tape), self.operand(len)),
            Stmt::ForwardCall(ForwardCall { call, active, pullback, tangents }) => {
                let active: Vec<&str> =
                    active.iter().map(|active| if *active { "active" } else { "const" }).collect();
                let tangents = tangents.iter().map(|tangents| {
                    let result = tangents.result.map_or("_", |var| self.var(var));
                    format!(" tangent {result} of ({})", self.tangent_args(&tangents.args))
                });
                let tangents: String = tangents.collect();
                self.call(Some(*pullback), &format!("forward({}) ", active.join(", ")), call) + &tangents
            }
            Stmt::ReverseCall(call) => self.reverse_call(call),
            Stmt::TangentCall(call) => self.tangent_call(call),
        };
        self.line(&text);
    }

    fn op(&self, op: &Op) -> String {
        match op {
            Op::Copy(operand) => self.operand(operand),
            Op::Prim(prim, operands) => format!("{}({})", prim.0, self.operands(operands)),
            Op::Cast(operand, to) => format!("{} as {}", self.operand(operand), ty(&Ty::Float(*to))),
            Op::Load(place) => format!("load {}", self.place(place)),
            Op::Len(place) => format!("len {}", self.place(place)),
            Op::Code(code) => self.code(code),
            Op::Pop(var) => format!("pop {}", self.var(*var)),
        }
    }

    fn init(&self, init: &Init) -> String {
        match init {
            Init::Array(elems) => format!("[{}]", self.elems(elems)),
            Init::Vec(elems) => format!("vec![{}]", self.elems(elems)),
            Init::Tuple(elems) => format!("({})", self.elems(elems)),
            Init::Record { path, elems, .. } => format!("{path} {{ {} }}", self.elems(elems)),
            Init::ArrayRepeat { value, len } => format!("[{}; {}]", self.elem(value), self.code(len)),
            Init::VecRepeat { value, len } | Init::Buffer { value, len, on_stack: _ } => {
                format!("vec![{}; {}]", self.elem(value), self.operand(len))
            }
            Init::Empty { capacity: None } => "vec![]".to_owned(),
            Init::Empty { capacity: Some(capacity) } => format!("with_capacity {}", self.operand(capacity)),
            Init::Move(place) => format!("move {}", self.place(place)),
            Init::Clone(place) => format!("clone {}", self.place(place)),
            Init::Refill { of, spare } => format!("refill {} with {}", self.var(*spare), self.place(of)),
            Init::Keep(place) => format!("keep {}", self.place(place)),
            Init::Part(place) => format!("part {}", self.place(place)),
            Init::Again(place) => format!("again {}", self.place(place)),
            Init::ToVec(place) => format!("to_vec {}", self.place(place)),
            Init::Code(code) | Init::Point(code) => self.code(code),
            Init::ZerosLike(place) => format!("zeros_like {}", self.place(place)),
            Init::LanesLike(place) => format!("lanes_like {}", self.place(place)),
            Init::Zeros(of) => format!("zeros {}", ty(of)),
            Init::Tape(Room::Any) => "tape".to_owned(),
            Init::Tape(Room::One) => "slot".to_owned(),
            Init::Tape(Room::For(passes)) => format!("tape for {}", self.operand(passes)),
            Init::Pop(var) => format!("pop {}", self.var(*var)),
        }
    }

    fn branch(&mut self, branch: &Branch) {
        let results = if branch.results.is_empty() {
            String::new()
        } else {
            format!("let {} = ", self.vars(&branch.results))
        };
        match &branch.on {
            Selector::If(operand) => {
                self.line(&format!("{results}if {} {{", self.operand(operand)));
                for (k, arm) in branch.arms.iter().enumerate() {
                    if k > 0 {
                        self.line("} else {");
                    }
                    self.inside(|printer| printer.arm(arm));
                }
            }
            Selector::Match(code) => {
                self.line(&format!("{results}match {} {{", self.code(code)));
                self.inside(|printer| {
                    for arm in &branch.arms {
                        let pattern =
                            arm.pattern.as_ref().map_or_else(|| "_".to_owned(), |it| printer.pattern(it));
                        printer.line(&format!("{pattern} => {{"));
                        printer.inside(|printer| printer.arm(arm));
                        printer.line("}");
                    }
                });
            }
            Selector::Tag(operand) => {
                self.line(&format!("{results}tag {} {{", self.operand(operand)));
                self.inside(|printer| {
                    for (k, arm) in branch.arms.iter().enumerate() {
                        printer.line(&format!("{k} => {{"));
                        printer.inside(|printer| printer.arm(arm));
                        printer.line("}");
                    }
                });
            }
        }
        self.line("}");
    }

    fn arm(&mut self, arm: &Arm) {
        self.block(&arm.block);
        if !arm.yields.is_empty() {
            let yields = self.elems(&arm.yields);
            self.line(&format!("yield {yields}"));
        }
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let tokens = self.tokens(&pattern.tokens);
        match &pattern.guard {
            None => tokens,
            Some(guard) => format!("{tokens} if {}", self.code(guard)),
        }
    }

    fn for_(&mut self, for_: &For) {
        let dots = if for_.inclusive { "..=" } else { ".." };
        let mut range = format!("{}{dots}{}", self.operand(&for_.lo), self.operand(&for_.hi));
        if for_.reversed {
            range = format!("reversed {range}");
        }
        let (results, carried) = self.carried(&for_.carried);
        self.line(&format!("{results}for {} in {range}{carried} {{", self.var(for_.index)));
        self.inside(|printer| {
            printer.block(&for_.body);
            printer.end_of_pass(&for_.carried, for_.until.as_ref());
        });
        self.line("}");
    }

    fn while_(&mut self, while_: &While) {
        let (results, carried) = self.carried(&while_.carried);
        self.line(&format!("{results}loop{carried} {{"));
        self.inside(|printer| {
            printer.block(&while_.condition);
            let test = printer.operand(&while_.test);
            printer.line(&format!("while {test}"));
            printer.block(&while_.body);
            printer.end_of_pass(&while_.carried, while_.until.as_ref());
        });
        self.line("}");
    }

    /// What a loop leaves, and what it starts with.
    fn carried(&self, carried: &[Carried]) -> (String, String) {
        if carried.is_empty() {
            return Default::default();
        }
        let results: Vec<Var> = carried.iter().map(|carried| carried.result).collect();
        let inits: Vec<String> = carried
            .iter()
            .map(|carried| format!("{} = {}", self.var(carried.param), self.operand(&carried.init)))
            .collect();
        (format!("let {} = ", self.vars(&results)), format!(" with {}", inits.join(", ")))
    }

    fn end_of_pass(&mut self, carried: &[Carried], until: Option<&Operand>) {
        if let Some(until) = until {
            let until = self.operand(until);
            self.line(&format!("until {until}"));
        }
        if !carried.is_empty() {
            let next: Vec<String> = carried.iter().map(|carried| self.operand(&carried.next)).collect();
            self.line(&format!("next {}", next.join(", ")));
        }
    }

    /// `let result, pullback = forward(active) call f(args)`; every part before `call` may be missing.
    fn call(&self, pullback: Option<Var>, keyword: &str, call: &Call) -> String {
        let new: Vec<Var> = call.result.into_iter().chain(pullback).collect();
        let results = if new.is_empty() { String::new() } else { format!("let {} = ", self.vars(&new)) };
        let callee = self.tokens(call.callee.tokens()).replace(' ', "");
        let args: Vec<String> = call.args.iter().map(|arg| self.arg(arg)).collect();
        let suffix = call.suffix.as_ref().map_or_else(String::new, |suffix| self.code(suffix));
        let keyword = if call.selects { format!("{keyword}selecting ") } else { keyword.to_owned() };
        format!("{results}{keyword}call {callee}({}){suffix}", args.join(", "))
    }

    fn arg(&self, arg: &Arg) -> String {
        match &arg.kind {
            ArgKind::Scalar(operand) => self.operand(operand),
            ArgKind::ScalarRef(operand) => format!("&{}", self.operand(operand)),
            ArgKind::ScalarMut { before, after } => {
                format!("&mut {} -> {}", self.operand(before), self.var(*after))
            }
            ArgKind::Memory { place, passed } => {
                let how = match passed {
                    Passed::Moved => "move ",
                    Passed::Shared => "&",
                    Passed::Exclusive => "&mut ",
                    Passed::Lent => "lent ",
                };
                format!("{how}{}", self.place(place))
            }
            ArgKind::Kept(var) => format!("kept {}", self.var(*var)),
            ArgKind::Code { code, .. } => self.code(code),
        }
    }

    fn reverse_call(&self, call: &ReverseCall) -> String {
        let args: Vec<String> = call.args.iter().map(|arg| self.arg(arg)).collect();
        let seed = call.seed.as_ref().map_or_else(String::new, |seed| format!(" seed {}", self.value(seed)));
        let cotangents: Vec<String> = call
            .all_cotangents()
            .map(|cotangent| match cotangent {
                Cotangent::None => "_".to_owned(),
                Cotangent::Value(var) => self.var(*var).to_owned(),
                Cotangent::Slot(place) => format!("+= {}", self.place(place)),
                Cotangent::InOut { after, before } => {
                    format!("{} -> {}", self.operand(after), self.var(*before))
                }
            })
            .collect();
        let pullback = self.var(call.pullback);
        let tangents = call.tangents.iter().map(|tangents| {
            let seed =
                tangents.seed.as_ref().map_or_else(String::new, |seed| format!(" seed {}", self.value(seed)));
            format!(" tangent({}){seed}", self.tangent_args(&tangents.args))
        });
        let tangents: String = tangents.collect();
        format!("let ({}) = reverse {pullback}({}){seed}{tangents}", cotangents.join(", "), args.join(", "))
    }

    fn tangent_call(&self, TangentCall { call, tangents }: &TangentCall) -> String {
        let Some((first, others)) = tangents.split_first() else { return self.call(None, "", call) };
        let others = others.iter().map(|tangents| {
            let result = tangents.result.map_or("_", |var| self.var(var));
            format!(" tangent {result} of ({})", self.tangent_args(&tangents.args))
        });
        let others: String = others.collect();
        self.call(first.result, &format!("tangent({}) ", self.tangent_args(&first.args)), call) + &others
    }

    fn tangent_args(&self, tangents: &[Option<Arg>]) -> String {
        let tangents: Vec<String> = tangents
            .iter()
            .map(|arg| arg.as_ref().map_or_else(|| "_".to_owned(), |arg| self.arg(arg)))
            .collect();
        tangents.join(", ")
    }

    fn var(&self, var: Var) -> &str {
        self.names.get(var.index()).map_or("<no such variable>", |name| name)
    }

    fn vars(&self, vars: &[Var]) -> String {
        vars.iter().map(|var| self.var(*var)).collect::<Vec<_>>().join(", ")
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Var(var) => self.var(*var).to_owned(),
            Operand::Lit(lit) => lit.text.clone(),
        }
    }

    fn operands(&self, operands: &[Operand]) -> String {
        operands.iter().map(|operand| self.operand(operand)).collect::<Vec<_>>().join(", ")
    }

    fn elem(&self, elem: &Elem) -> String {
        match elem {
            Elem::Scalar(operand) => self.operand(operand),
            Elem::Memory(place) => format!("move {}", self.place(place)),
        }
    }

    fn elems(&self, elems: &[Elem]) -> String {
        elems.iter().map(|elem| self.elem(elem)).collect::<Vec<_>>().join(", ")
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Unit => "()".to_owned(),
            Value::Scalar(operand) => self.operand(operand),
            Value::Memory(place) => format!("move {}", self.place(place)),
            Value::Tuple(values) => {
                format!("({})", values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn place(&self, place: &Place) -> String {
        let mut text = self.var(place.root).to_owned();
        for proj in &place.path {
            match proj {
                Proj::Index(operand) => text = format!("{text}[{}]", self.operand(operand)),
                Proj::Field(field) => text = format!("{text}.{field}"),
                Proj::Named(field) => text = format!("{text}.{field}"),
                Proj::Some => text = format!("{text}.?"),
                Proj::Variant(name) => text = format!("{text}.<{name}>"),
                Proj::Slice { from, to, inclusive } => {
                    let end = |operand: &Option<Operand>| {
                        operand.as_ref().map_or_else(String::new, |operand| self.operand(operand))
                    };
                    let dots = if *inclusive { "..=" } else { ".." };
                    text = format!("{text}[{}{dots}{}]", end(from), end(to));
                }
                Proj::Deref => text = format!("*{text}"),
                Proj::Boxed => text = format!("{text}.*"),
            }
        }
        text
    }

    fn code(&self, code: &Code) -> String {
        format!("`{}`", self.tokens(&code.tokens))
    }

    /// The tokens with the printed names of variables in place of placeholders.
    fn tokens(&self, tokens: &TokenStream) -> String {
        code::replace(tokens.clone(), &mut |ident, var| {
            let Some(name) = self.names.get(var.index()) else { return ident.clone() };
            let raw = name.strip_prefix("r#");
            raw.map_or_else(|| Ident::new(name, ident.span()), |raw| Ident::new_raw(raw, ident.span()))
        })
        .to_string()
    }
}
