//! What does the body of a closure mention, and what may it do to that?
//!
//! Names are told apart by scope: what the body declares itself is its own. For all others, each mention is kept as what is done
//! there ([`Done`]); what that means depends on what the name stands for, which `effects` knows.

use super::closure::Effects;
use super::env::Name;
use super::iter::takes;
use super::{effects, macros};
use proc_macro2::Ident;
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, Pat};

/// What is done to a variable where it is mentioned.
#[derive(Clone, Debug)]
pub(super) enum Done {
    /// It is assigned, or lent by `&mut`, as a whole or in parts.
    Changed,
    /// It is called.
    Called,
    /// A method with so many arguments is called of it, or of a part.
    Asked(String, usize),
    /// It goes on to where it is not seen any more: into a call, a variable, a result.
    Passed,
    /// A part of it does: this one.
    PassedPart(Rc<Expr>),
    /// A call is given it, or a reference to it.
    Given,
}

#[derive(Default)]
pub(super) struct Contents {
    /// All names, whosoever they are.
    pub(super) names: Vec<Ident>,
    seen: BTreeSet<String>,
    /// Of what is not declared inside.
    pub(super) mentions: Vec<(Ident, Done)>,
    /// What is done whatever the names stand for.
    pub(super) itself: Effects,
    pub(super) returns: bool,
    /// A `?` leaves it.
    asks: bool,
    /// What it gives is a part of an array that it lends.
    pub(super) lends: bool,
    nested: usize,
    /// The names that are declared inside, by scope.
    own: Vec<BTreeSet<String>>,
}

impl Contents {
    pub(super) fn of(body: &Expr) -> Contents {
        let mut contents = Contents { own: vec![BTreeSet::new()], ..Contents::default() };
        contents.lends = contents.lent(body);
        if !contents.lends {
            contents.visit_expr(body);
        }
        contents
    }

    /// A part that is lent, `m.row_mut(k)`, and nothing else: who gets it changes it, or not.
    fn lent(&mut self, part: &Expr) -> bool {
        let Expr::MethodCall(call) = super::flow::bare(part) else { return false };
        if !effects::lends(call) {
            return false;
        }
        if !self.lent(&call.receiver) {
            self.look(&call.receiver);
        }
        call.args.iter().for_each(|arg| self.give(arg));
        true
    }

    fn note(&mut self, name: &Ident, done: Done) {
        let word = name.to_string();
        if !self.own.iter().any(|scope| scope.contains(&word)) {
            self.mentions.push((name.clone(), done));
        }
    }

    fn mention(&mut self, name: &Ident) {
        if self.seen.insert(format!("{:?}", Name::of(name))) {
            self.names.push(name.clone());
        }
    }

    fn change(&mut self, place: &Expr) {
        match origin(place) {
            Some(name) => self.note(name, Done::Changed),
            None => self.itself = Effects::Changes,
        }
    }

    /// A place that is read where it is written, or asked something: it does not go on.
    fn look(&mut self, place: &Expr) {
        match place {
            Expr::Path(path) => path.path.get_ident().into_iter().for_each(|name| self.mention(name)),
            Expr::Field(field) => self.look(&field.base),
            Expr::Paren(paren) => self.look(&paren.expr),
            Expr::Group(group) => self.look(&group.expr),
            Expr::Index(index) => {
                self.look(&index.expr);
                self.look(&index.index);
            }
            Expr::Unary(unary) => self.look(&unary.expr),
            other => self.visit_expr(other),
        }
    }

    /// An argument of a call.
    fn give(&mut self, argument: &Expr) {
        if let Some(name) = root(argument) {
            self.note(name, Done::Given);
        }
        self.visit_expr(argument);
    }

    fn method(&mut self, call: &ExprMethodCall) {
        let (method, arguments) = (call.method.to_string(), call.args.len());
        let changes = effects::changes(&method, arguments);
        // What is lent for a method that looks only is not changed; where the method changes it, that is noted.
        let is_told = changes || super::changes::looks(&method, arguments);
        if takes(call) || changes || effects::lends(call) {
            if let Some(of) = origin(&call.receiver) {
                self.note(of, Done::Changed);
            }
        } else if let Some(of) = root(&call.receiver) {
            self.note(of, Done::Asked(method, arguments));
        }
        if !(is_told && self.lent(&call.receiver)) {
            self.look(&call.receiver);
        }
        call.args.iter().for_each(|arg| self.give(arg));
    }

    fn scoped(&mut self, inside: impl FnOnce(&mut Self)) {
        self.own.push(BTreeSet::new());
        inside(self);
        self.own.pop();
    }

    fn declare(&mut self, pat: &Pat) {
        if let Some(scope) = self.own.last_mut() {
            Names(scope).visit_pat(pat);
        }
    }

    fn call_macro(&mut self, call: &syn::Macro) {
        self.itself = self.itself.max(macros::effects(call));
        match macros::expressions(call) {
            // Its arguments are looked at, or taken.
            Some(inside) => inside.iter().for_each(|expr| self.visit_expr(expr)),
            None => self.itself = Effects::Changes,
        }
    }
}

/// Whether a `return` inside leaves this very body.
pub(crate) fn returns(body: &Expr) -> bool {
    Contents::of(body).returns
}

/// Whether a `?` leaves it.
pub(crate) fn asks(body: &Expr) -> bool {
    Contents::of(body).asks
}

/// The variable that a place is a part of.
pub(crate) fn root(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) => path.path.get_ident(),
        place => root(around(place)?),
    }
}

/// The same, where methods may have lent the place.
fn origin(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) => path.path.get_ident(),
        Expr::MethodCall(call) => origin(&call.receiver),
        place => origin(around(place)?),
    }
}

/// What a place is a part of, one step further.
fn around(place: &Expr) -> Option<&Expr> {
    Some(match place {
        Expr::Index(index) => &index.expr,
        Expr::Field(field) => &field.base,
        Expr::Paren(paren) => &paren.expr,
        Expr::Group(group) => &group.expr,
        Expr::Unary(unary) => &unary.expr,
        Expr::Reference(reference) => &reference.expr,
        _ => return None,
    })
}

impl<'ast> Visit<'ast> for Contents {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    self.mention(name);
                    self.note(name, Done::Passed);
                }
            }
            Expr::Field(_) | Expr::Index(_) => {
                if let Some(name) = root(expr) {
                    self.note(name, Done::PassedPart(Rc::new(expr.clone())));
                }
                self.look(expr);
            }
            Expr::Unary(unary) => self.look(&unary.expr),
            Expr::Binary(binary) => {
                if is_assignment(&binary.op) {
                    self.change(&binary.left);
                }
                self.look(&binary.left);
                self.look(&binary.right);
            }
            Expr::Cast(cast) => self.look(&cast.expr),
            Expr::Assign(assign) => {
                self.change(&assign.left);
                self.look(&assign.left);
                self.visit_expr(&assign.right);
            }
            Expr::Reference(reference) => {
                if reference.mutability.is_some() && !is_made(&reference.expr) {
                    self.change(&reference.expr);
                }
                self.look(&reference.expr);
            }
            Expr::MethodCall(call) => self.method(call),
            Expr::Call(call) => {
                if let Some(name) = root(&call.func) {
                    self.note(name, Done::Called);
                }
                self.look(&call.func);
                // What is given nothing and computes something has it from elsewhere.
                if call.args.is_empty() && is_free_function(&call.func) {
                    self.itself = self.itself.max(Effects::Panics);
                }
                call.args.iter().for_each(|arg| self.give(arg));
            }
            Expr::Macro(call) => self.call_macro(&call.mac),
            Expr::Return(_) => {
                self.returns |= self.nested == 0;
                visit::visit_expr(self, expr);
            }
            Expr::Try(_) => {
                self.asks |= self.nested == 0;
                visit::visit_expr(self, expr);
            }
            Expr::Closure(closure) => {
                self.nested += 1;
                self.scoped(|inside| {
                    closure.inputs.iter().for_each(|input| inside.declare(input));
                    inside.visit_expr(&closure.body);
                });
                self.nested -= 1;
            }
            Expr::ForLoop(head) => {
                self.visit_expr(&head.expr);
                self.scoped(|inside| {
                    inside.declare(&head.pat);
                    inside.visit_block(&head.body);
                });
            }
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scoped(|inside| visit::visit_block(inside, block));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        // In front of its own name.
        if let Some(init) = &local.init {
            self.visit_local_init(init);
        }
        self.visit_pat(&local.pat);
        self.declare(&local.pat);
    }

    fn visit_stmt_macro(&mut self, call: &'ast syn::StmtMacro) {
        self.call_macro(&call.mac);
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        // What it leads to may be changed by this name.
        if pat.by_ref.is_some() && pat.mutability.is_some() {
            self.itself = Effects::Changes;
        }
        visit::visit_pat_ident(self, pat);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// A value that nobody else has.
fn is_made(expr: &Expr) -> bool {
    matches!(
        super::flow::bare(expr),
        Expr::Array(_)
            | Expr::Lit(_)
            | Expr::Struct(_)
            | Expr::Repeat(_)
            | Expr::Call(_)
            | Expr::Macro(_)
            | Expr::Binary(_)
    )
}

/// `draw()`, `random::uniform()`, but not `Vec::new()`.
fn is_free_function(callee: &Expr) -> bool {
    let Expr::Path(path) = super::flow::bare(callee) else { return true };
    let mut segments = path.path.segments.iter().rev().skip(1);
    let of_type = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
    path.qself.is_none()
        && !segments.next().is_some_and(|last| of_type(&last.ident) || is_number(&last.ident))
}

fn is_number(name: &Ident) -> bool {
    ["f64", "f32", "usize", "i32", "u64"].iter().any(|known| name == known)
}

/// The names that a pattern binds.
pub(super) struct Names<'s>(pub(super) &'s mut BTreeSet<String>);

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
