//! What does a closure do where it is called?
//!
//! A closure is lowered anew at each call, in the scope of its definition: a variable that it captures is
//! that variable, so what it assigns is assigned. The same goes for iterators and the options they
//! give: they are kept as what is to be done, and done where they are used.

use super::env::{LocalId, Name, Scope};
use super::iter::{self, Cursor, Optional, Pipe, takes};
use super::outcome::{self, Leaving};
use super::value::Val;
use super::window::Window;
use super::{Kind, Lower, call, effects, expr, macros, method, pattern, place};
use crate::ir::Operand;
use proc_macro2::Ident;
use quote::ToTokens;
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure};

/// Something that is evaluated later.
#[derive(Clone, Debug)]
pub(crate) enum Closure {
    Function(Function),
    /// An iterator, and the expression that it is if it reads nothing but constants.
    Iterator(Pipe, Option<Rc<Vec<Expr>>>),
    /// An iterator in a variable that may change.
    Cursor(Cursor),
    Optional(Optional),
    /// A part of an array that is changed.
    Window(Box<Window>),
}

impl Closure {
    /// An item that may be missing.
    pub(crate) fn optional(&self) -> Option<&Optional> {
        match self {
            Closure::Optional(optional) => Some(optional),
            Closure::Function(_) | Closure::Iterator(..) | Closure::Cursor(_) | Closure::Window(_) => None,
        }
    }
}

/// A closure in the narrow sense.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// The closure: one expression, kept for all runs so that its nodes keep their addresses.
    node: Rc<Vec<Expr>>,
    /// What its names mean.
    scopes: Vec<Scope>,
    /// What calling it may do beside computing a result.
    effects: Effects,
    /// The same where its first parameter is nobody else's: the state of `scan`.
    effects_beside_state: Effects,
    /// The same where all of its parameters are nobody else's: elements of arrays.
    effects_beside_parameters: Effects,
    /// It calls methods of its parameters that may change them, if they are `&mut`.
    calls_parameters: bool,
}

/// What the world around a closure notices of its running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effects {
    /// Nothing.
    #[default]
    None,
    /// It may panic.
    Panics,
    /// It changes something, or prints.
    Changes,
}

impl Function {
    pub(crate) fn syntax(&self) -> &ExprClosure {
        match &self.node[0] {
            Expr::Closure(closure) => closure,
            _ => unreachable!("`define` keeps closures only"),
        }
    }
}

impl Function {
    /// The variable that a name means where the closure is defined.
    pub(crate) fn meaning(&self, name: &Ident) -> Option<LocalId> {
        self.scopes.iter().rev().find_map(|scope| scope.get(&Name::of(name))).copied()
    }

    /// Calling it changes something.
    pub(crate) fn changes(&self) -> bool {
        self.effects == Effects::Changes
    }

    /// The same closure with another text, made from its own.
    pub(crate) fn rewritten(&self, cx: &mut Lower<'_>, closure: ExprClosure) -> Function {
        let node = cx.keep(&self.syntax().inputs, &Expr::Closure(closure));
        Function { node, scopes: self.scopes.clone(), ..*self }
    }

    /// The same closure with one more name to know.
    pub(crate) fn with_name(mut self, cx: &mut Lower<'_>, name: &Ident, val: Val) -> Function {
        let id = cx.new_local(&name.to_string(), name.span(), val, false);
        self.scopes.push(Scope::from([(Name::of(name), id)]));
        self
    }
}

/// What an adaptor calls.
#[derive(Clone, Debug)]
pub(crate) enum Fun {
    Closure(Function),
    /// The path of a function: one expression, kept for all runs.
    Path(Rc<Vec<Expr>>),
    /// The item itself: what `flatten` does.
    Identity,
    /// What another gives, taken out of a `Result` or an `Option`: where there is none, the function is left.
    Taken(Box<Fun>, Leaving),
}

impl Fun {
    /// What is noticed of its running; `lent` says that its parameters are `&mut`.
    pub(crate) fn effects_of(&self, lent: bool) -> Effects {
        match self {
            Fun::Closure(function) if lent && function.calls_parameters => Effects::Changes,
            Fun::Taken(fun, _) => fun.effects_of(lent).max(Effects::Panics),
            fun => fun.effects(),
        }
    }

    pub(crate) fn effects(&self) -> Effects {
        match self {
            Fun::Closure(function) => function.effects,
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects().max(Effects::Panics),
        }
    }

    /// The same of a closure whose first parameter is its own state.
    pub(crate) fn effects_beside_state(&self) -> Effects {
        match self {
            Fun::Closure(function) => function.effects_beside_state,
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects_beside_state().max(Effects::Panics),
        }
    }

    /// The same of a closure of which all parameters are its own.
    pub(crate) fn effects_beside_parameters(&self) -> Effects {
        match self {
            Fun::Closure(function) => function.effects_beside_parameters,
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects_beside_parameters().max(Effects::Panics),
        }
    }

    pub(crate) fn call(&self, cx: &mut Lower<'_>, args: Vec<Val>) -> Val {
        match self {
            Fun::Closure(function) => call_function(cx, function, args, &function.syntax().body),
            Fun::Path(path) => {
                let span = cx.span;
                call::apply(cx, &path[0], args.into_iter().map(|arg| (arg, span)).collect())
            }
            Fun::Identity => args.into_iter().next().unwrap_or(Val::Never),
            Fun::Taken(fun, leaving) => outcome::taken(cx, fun, args, *leaving),
        }
    }

    /// The pattern of a parameter, as a source of names.
    pub(crate) fn parameter(&self, at: usize) -> Option<&syn::Pat> {
        match self {
            Fun::Closure(function) => function.syntax().inputs.get(at),
            Fun::Path(_) | Fun::Identity => None,
            Fun::Taken(fun, _) => fun.parameter(at),
        }
    }
}

/// A function argument: a closure, the name of one, or the path of a function.
pub(crate) fn fun(cx: &mut Lower<'_>, expr: &Expr) -> Option<Fun> {
    match expr {
        Expr::Paren(paren) => fun(cx, &paren.expr),
        Expr::Group(group) => fun(cx, &group.expr),
        Expr::Reference(reference) => fun(cx, &reference.expr),
        Expr::Closure(closure) => function(cx, closure).map(Fun::Closure),
        Expr::Path(path) => {
            let local = path.path.get_ident().and_then(|name| cx.lookup(name));
            match local.map(|id| cx.read(id)) {
                Some(Val::Closure(closure)) => match &*closure {
                    Closure::Function(function) => Some(Fun::Closure(function.clone())),
                    Closure::Iterator(..)
                    | Closure::Cursor(_)
                    | Closure::Optional(_)
                    | Closure::Window(_) => None,
                },
                _ => Some(Fun::Path(cx.keep(expr, expr))),
            }
        }
        other => {
            cx.reject(
                Kind::Closure,
                other,
                "this function cannot be followed",
                "write a closure, or the name of a function",
            );
            None
        }
    }
}

/// A closure as a value.
pub(crate) fn define(cx: &mut Lower<'_>, closure: &ExprClosure) -> Val {
    let Some(function) = function(cx, closure) else { return Val::Never };
    Val::Closure(Rc::new(Closure::Function(function)))
}

/// The same, not yet as a value.
pub(crate) fn function(cx: &mut Lower<'_>, closure: &ExprClosure) -> Option<Function> {
    if closure.asyncness.is_some() || closure.constness.is_some() {
        cx.reject(
            Kind::Closure,
            closure,
            "an `async` or `const` closure",
            "write an ordinary closure, or a loop",
        );
        return None;
    }
    let node = cx.keep(closure, &Expr::Closure(closure.clone()));
    let mut contents = Contents::default();
    contents.visit_expr(&closure.body);
    let mut scopes = cx.scopes.clone();
    if closure.capture.is_some() {
        scopes.push(own_copies(cx, &contents.names));
    }
    contents.note_calls(cx, closure);
    let effects = contents.effects();
    if let Some(state) = closure.inputs.first() {
        Names(&mut contents.own).visit_pat(state);
    }
    let effects_beside_state = contents.effects();
    for parameter in &closure.inputs {
        Names(&mut contents.own).visit_pat(parameter);
    }
    let effects_beside_parameters = contents.effects();
    let calls_parameters = contents.calls_parameters;
    Some(Function {
        node,
        scopes,
        effects,
        effects_beside_state,
        effects_beside_parameters,
        calls_parameters,
    })
}

/// A closure that nobody wrote, and that captures nothing.
pub(crate) fn made(closure: ExprClosure) -> Function {
    Function {
        node: Rc::new(vec![Expr::Closure(closure)]),
        scopes: Vec::new(),
        effects: Effects::None,
        effects_beside_state: Effects::None,
        effects_beside_parameters: Effects::None,
        calls_parameters: false,
    }
}

/// The variables that a `move` closure copies: a later change of the original does not reach it.
fn own_copies(cx: &mut Lower<'_>, names: &[Ident]) -> Scope {
    let mut scope = Scope::new();
    for name in names {
        let Some(id) = cx.lookup(name) else { continue };
        if !cx.local(id).mutable || scope.contains_key(&Name::of(name)) {
            continue;
        }
        let (text, span) = (cx.local(id).name.clone(), cx.local(id).span);
        let val = cx.read(id);
        let copy = match val {
            val @ (Val::Scalar(..) | Val::Tuple(_) | Val::Cell(..)) => {
                let is_cell = matches!(val, Val::Cell(..));
                match pattern::taken(cx, val, &text, span, true) {
                    Val::Scalar(Operand::Var(var), ty) if is_cell => {
                        cx.vars[var.index()].mutable = true;
                        Val::Cell(var, ty)
                    }
                    val => val,
                }
            }
            val @ Val::Memory(_) => place::own(cx, val, &text, span, true),
            val @ Val::Ref { mutable: false, .. } => val,
            val if iter::as_pair(&val).is_some() => val,
            _ => continue,
        };
        let copy: LocalId = cx.new_local(&text, span, copy, true);
        scope.insert(Name::of(name), copy);
    }
    scope
}

/// Calls a closure with values.
pub(crate) fn call(cx: &mut Lower<'_>, closure: &Rc<Closure>, args: Vec<Val>, at: &dyn ToTokens) -> Val {
    match &**closure {
        Closure::Function(function) => call_function(cx, function, args, at),
        Closure::Iterator(..) | Closure::Cursor(_) | Closure::Optional(_) | Closure::Window(_) => cx.reject(
            Kind::Closure,
            &at.to_token_stream(),
            "this is not a function",
            "call a closure or a function by its name",
        ),
    }
}

fn call_function(cx: &mut Lower<'_>, function: &Function, args: Vec<Val>, at: &dyn ToTokens) -> Val {
    enter(cx, function, args, at, |cx, body| {
        if !returns(body) {
            return expr::lower(cx, body);
        }
        let exits = cx.exits;
        let node = std::ptr::from_ref(body).addr();
        let val = cx.returning(node, None, |cx, _| Some(expr::lower(cx, body)));
        // Its `return`s do not leave the code around the call.
        cx.exits = exits;
        val
    })
}

/// Lowers something inside a closure, its parameters bound.
pub(crate) fn enter(
    cx: &mut Lower<'_>,
    function: &Function,
    args: Vec<Val>,
    at: &dyn ToTokens,
    inside: impl FnOnce(&mut Lower<'_>, &Expr) -> Val,
) -> Val {
    let closure = function.syntax();
    if closure.inputs.len() != args.len() {
        // Left for rustc to report.
        return Val::Never;
    }
    if cx.depth >= super::DEPTH {
        return cx.reject(
            Kind::TooDeep,
            &at.to_token_stream(),
            "closures call each other too deep",
            "write a function with `#[grad]` instead",
        );
    }
    cx.depth += 1;
    cx.inlined += 1;
    let outer = std::mem::replace(&mut cx.scopes, function.scopes.clone());
    cx.push_scope();
    for (input, arg) in closure.inputs.iter().zip(args) {
        pattern::bind(cx, input, arg);
    }
    let val = inside(cx, &closure.body);
    cx.scopes = outer;
    cx.inlined -= 1;
    cx.depth -= 1;
    val
}

impl Lower<'_> {
    /// An expression that stays where it is for all runs, by the node it was made from.
    pub(crate) fn keep<T>(&self, node: &T, expr: &Expr) -> Rc<Vec<Expr>> {
        let key = std::ptr::from_ref(node).addr();
        let mut kept = self.parsed.exprs.borrow_mut();
        Rc::clone(kept.entry(key).or_insert_with(|| Rc::new(vec![expr.clone()])))
    }
}

/// Whether a `return` inside leaves this very body.
pub(crate) fn returns(body: &Expr) -> bool {
    let mut contents = Contents::default();
    contents.visit_expr(body);
    contents.returns
}

/// What a body mentions.
#[derive(Default)]
struct Contents {
    names: Vec<Ident>,
    seen: BTreeSet<String>,
    /// Variables that the body declares itself.
    own: BTreeSet<String>,
    /// Variables that the body changes; empty for what is not a variable.
    changed: BTreeSet<String>,
    /// Methods that it calls of variables, or of their parts, with the number of arguments.
    methods: Vec<(Ident, String, usize)>,
    /// Variables that it calls.
    called: Vec<Ident>,
    returns: bool,
    /// What the macros it calls do.
    macros: Effects,
    nested: usize,
    calls_parameters: bool,
}

impl Contents {
    /// Whether anything outside of the body notices that it runs.
    fn effects(&self) -> Effects {
        if self.changed.is_subset(&self.own) { self.macros } else { Effects::Changes }
    }

    /// What calls in it may change besides.
    fn note_calls(&mut self, cx: &Lower<'_>, closure: &ExprClosure) {
        let mut parameters = BTreeSet::new();
        closure.inputs.iter().for_each(|input| Names(&mut parameters).visit_pat(input));
        for (of, method, arguments) in &self.methods {
            let name = of.to_string();
            if parameters.contains(&name) {
                self.calls_parameters |=
                    !effects::looks(method, *arguments) && method::row(method, arguments + 1).is_none();
            } else if !self.own.contains(&name)
                && cx.lookup(of).is_some_and(|id| effects::may_change(cx, id, method, *arguments))
            {
                self.changed.insert(name);
            }
        }
        for of in &self.called {
            let name = of.to_string();
            if !parameters.contains(&name)
                && !self.own.contains(&name)
                && cx.lookup(of).is_some_and(|id| effects::call_changes(cx, id))
            {
                self.changed.insert(name);
            }
        }
    }

    fn change(&mut self, target: &Expr) {
        self.changed.insert(root(target).map_or_else(String::new, ToString::to_string));
    }
}

/// The variable that a place is a part of.
pub(crate) fn root(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Index(index) => root(&index.expr),
        Expr::Field(field) => root(&field.base),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        Expr::Unary(unary) => root(&unary.expr),
        Expr::Reference(reference) => root(&reference.expr),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Contents {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident()
                    && self.seen.insert(format!("{:?}", Name::of(name)))
                {
                    self.names.push(name.clone());
                }
            }
            Expr::Return(_) if self.nested == 0 => self.returns = true,
            Expr::Assign(assign) => self.change(&assign.left),
            Expr::Macro(call) => self.macros = self.macros.max(macros::effects(&call.mac)),
            Expr::Binary(binary) if is_assignment(&binary.op) => self.change(&binary.left),
            Expr::Reference(reference) if reference.mutability.is_some() => self.change(&reference.expr),
            Expr::MethodCall(call) => {
                let (method, arguments) = (call.method.to_string(), call.args.len());
                if takes(call) || effects::changes(&method, arguments) {
                    self.change(&call.receiver);
                } else if let Some(of) = root(&call.receiver) {
                    self.methods.push((of.clone(), method, arguments));
                }
            }
            Expr::Call(call) => self.called.extend(root(&call.func).cloned()),
            _ => {}
        }
        let closure = matches!(expr, Expr::Closure(_));
        self.nested += usize::from(closure);
        visit::visit_expr(self, expr);
        self.nested -= usize::from(closure);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        Names(&mut self.own).visit_pat(&local.pat);
        visit::visit_local(self, local);
    }

    fn visit_expr_for_loop(&mut self, head: &'ast syn::ExprForLoop) {
        Names(&mut self.own).visit_pat(&head.pat);
        visit::visit_expr_for_loop(self, head);
    }

    fn visit_stmt_macro(&mut self, call: &'ast syn::StmtMacro) {
        self.macros = self.macros.max(macros::effects(&call.mac));
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The names that a pattern binds.
struct Names<'s>(&'s mut BTreeSet<String>);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.0.insert(pat.ident.to_string());
        visit::visit_pat_ident(self, pat);
    }
}

pub(crate) fn is_assignment(op: &syn::BinOp) -> bool {
    use syn::BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign, ShlAssign,
        ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}
