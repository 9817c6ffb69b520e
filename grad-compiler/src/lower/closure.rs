//! What does a closure do where it is called?
//!
//! A closure is lowered anew at each call, in the scope of its definition: a variable that it captures is
//! that variable, so what it assigns is assigned. The same goes for iterators and the options they
//! give: they are kept as what is to be done, and done where they are used.

use super::contents::{Contents, Names};
pub(crate) use super::contents::{asks, is_assignment, returns, root};
use super::env::{LocalId, Name, Scope};
use super::iter::{self, Cursor, Optional, Pipe};
use super::outcome::{self, Leaving};
use super::stmt::{self, Dest};
use super::value::Val;
use super::window::Window;
use super::{Kind, Lower, call, effects, pattern, place};
use crate::ir::Operand;
use proc_macro2::Ident;
use quote::ToTokens;
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::visit::Visit;
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
    /// What calling it may do beside computing a result, to what it captures.
    captured: Effects,
    /// The same, to each of its parameters: what it assigns.
    parameters: Vec<Effects>,
    /// The same, where its parameters are, or have, `&mut`: what it does with these.
    lent: Effects,
    /// What it gives may be, or have, what it was given.
    hands_on: bool,
    /// What it gives is `&mut`, whatever it was given.
    lends: bool,
}

/// What the world around a closure notices of its running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effects {
    /// Nothing.
    #[default]
    None,
    /// It may panic, or ask for what may be another thing each time.
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
        self.effects() == Effects::Changes
    }

    /// What is noticed of its running.
    pub(super) fn effects(&self) -> Effects {
        self.parameters.iter().copied().fold(self.captured, Effects::max)
    }

    /// The same closure with another text, made from its own.
    pub(crate) fn rewritten(&self, cx: &mut Lower<'_>, closure: ExprClosure) -> Function {
        let node = cx.keep(&self.syntax().inputs, &Expr::Closure(closure));
        Function { node, ..self.clone() }
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
    /// What is noticed of its running, where what it is given may be changed by it (`lent`: it is `&mut`), or not.
    pub(crate) fn effects_of(&self, lent: bool) -> Effects {
        match self {
            Fun::Closure(function) if lent => function.effects().max(function.lent),
            Fun::Path(_) if lent => Effects::Changes,
            Fun::Taken(fun, _) => fun.effects_of(lent).max(Effects::Panics),
            fun => fun.effects(),
        }
    }

    pub(crate) fn effects(&self) -> Effects {
        match self {
            Fun::Closure(function) => function.effects(),
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects().max(Effects::Panics),
        }
    }

    /// The same of a closure whose first parameter is its own state; the second may be `&mut`.
    pub(crate) fn effects_beside_state(&self, lent: bool) -> Effects {
        match self {
            Fun::Closure(function) => {
                let others =
                    function.parameters.iter().skip(1).copied().fold(function.captured, Effects::max);
                if lent { others.max(function.lent) } else { others }
            }
            Fun::Path(_) if lent => Effects::Changes,
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects_beside_state(lent).max(Effects::Panics),
        }
    }

    /// The same of a closure of which all parameters are its own.
    pub(crate) fn effects_beside_parameters(&self) -> Effects {
        match self {
            Fun::Closure(function) => function.captured,
            Fun::Path(_) | Fun::Identity => Effects::None,
            Fun::Taken(fun, _) => fun.effects_beside_parameters().max(Effects::Panics),
        }
    }

    /// Whether what it gives may be `&mut`, where what it is given is (`lent`), or not.
    pub(crate) fn lends(&self, lent: bool) -> bool {
        match self {
            Fun::Closure(function) => function.lends || lent && function.hands_on,
            Fun::Path(_) | Fun::Identity => lent,
            Fun::Taken(fun, _) => fun.lends(lent),
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
    let contents = Contents::of(&closure.body);
    let mut scopes = cx.scopes.clone();
    if closure.capture.is_some() {
        scopes.push(own_copies(cx, &contents.names));
    }
    let mut function = Function {
        node,
        scopes,
        captured: contents.itself,
        parameters: vec![Effects::None; closure.inputs.len()],
        lent: Effects::None,
        hands_on: false,
        lends: contents.lends,
    };
    let parameters: Vec<BTreeSet<String>> = closure.inputs.iter().map(names).collect();
    for (name, done) in &contents.mentions {
        let word = name.to_string();
        let Some(at) = parameters.iter().position(|names| names.contains(&word)) else {
            function.captured = function.captured.max(effects::of_captured(cx, name, done));
            continue;
        };
        match effects::of_parameter(done) {
            effects::OfParameter::Looks => {}
            effects::OfParameter::Changes => function.parameters[at] = Effects::Changes,
            effects::OfParameter::HandsOn => {
                function.lent = Effects::Changes;
                function.hands_on = true;
            }
        }
    }
    Some(function)
}

/// The names that a pattern binds.
fn names(pat: &syn::Pat) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    Names(&mut names).visit_pat(pat);
    names
}

/// A closure that nobody wrote, and that captures nothing.
pub(crate) fn made(closure: ExprClosure) -> Function {
    alone(Rc::new(vec![Expr::Closure(closure)]))
}

/// The same, made of a node: one for all runs.
pub(super) fn kept<T>(cx: &Lower<'_>, node: &T, closure: ExprClosure) -> Function {
    alone(cx.keep(node, &Expr::Closure(closure)))
}

fn alone(node: Rc<Vec<Expr>>) -> Function {
    Function {
        node,
        scopes: Vec::new(),
        captured: Effects::None,
        parameters: Vec::new(),
        lent: Effects::None,
        hands_on: true,
        lends: false,
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
    // What is left by a `?` gives an `Option`, or a `Result`.
    if asks(&function.syntax().body) {
        return iter::of_pair(call_for_option(cx, function, args));
    }
    call_to(cx, function, args, at, Dest::Value)
}

/// Calls a closure that gives an `Option`: the condition and the item.
pub(crate) fn call_for_option(cx: &mut Lower<'_>, function: &Function, args: Vec<Val>) -> Val {
    call_to(cx, function, args, &function.syntax().body, Dest::Option)
}

fn call_to(
    cx: &mut Lower<'_>,
    function: &Function,
    args: Vec<Val>,
    at: &dyn ToTokens,
    dest: Dest<'static>,
) -> Val {
    enter(cx, function, args, at, |cx, body| {
        let gives_option = matches!(dest, Dest::Option);
        if !(returns(body) || gives_option && asks(body)) {
            return stmt::lower_tail(cx, body, dest);
        }
        let exits = cx.exits;
        let node = std::ptr::from_ref(body).addr();
        let val = cx.returning(node, None, |cx, value| {
            if gives_option {
                cx.options.insert(value);
            }
            Some(stmt::lower_tail(cx, body, dest))
        });
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
