//! Which variables of the function does a closure mention, itself or in closures that it calls?

use super::super::closure::{Closure, Function};
use super::super::env::LocalId;
use super::super::value::Val;
use super::super::{Kind, Lower};
use super::{Captured, free, one};
use proc_macro2::Ident;
use std::collections::BTreeMap;
use syn::ExprClosure;

/// What a closure has around it.
#[derive(Default)]
pub(super) struct Surrounds {
    /// The variables, each once, with what they are now.
    pub(super) captured: Vec<Captured>,
    /// The closures that it calls, each behind those that it calls itself.
    pub(super) closures: Vec<(Ident, ExprClosure)>,
}

pub(super) fn all(cx: &mut Lower<'_>, function: &Function) -> Option<Surrounds> {
    let mut gathered = Gathered::default();
    gathered.function(cx, function);
    gathered.is_right.then_some(gathered.surrounds)
}

/// A closure is used that cannot be taken along.
pub(super) fn refuse(cx: &mut Lower<'_>, name: &Ident) {
    cx.reject(
        Kind::FunctionParameter,
        name,
        &format!("`{name}` is used in a closure that is passed to a function"),
        "write into the closure what it does, or make it a function with `#[grad]`",
    );
}

struct Gathered {
    surrounds: Surrounds,
    /// What the names mean.
    names: BTreeMap<String, LocalId>,
    is_right: bool,
}

impl Default for Gathered {
    fn default() -> Self {
        Gathered { surrounds: Surrounds::default(), names: BTreeMap::new(), is_right: true }
    }
}

impl Gathered {
    fn function(&mut self, cx: &mut Lower<'_>, function: &Function) {
        for word in free::names(function.syntax()) {
            let Some(id) = function.meaning(&word) else { continue };
            match self.names.insert(word.to_string(), id) {
                Some(other) if other == id => continue,
                Some(_) => {
                    self.is_right = false;
                    cx.reject(
                        Kind::FunctionParameter,
                        &word,
                        &format!("`{word}` means two variables in a closure that is passed to a function, and in one that it calls"),
                        "give one of the two variables another name",
                    );
                    return;
                }
                None => {}
            }
            let val = cx.read(id);
            if let Val::Closure(closure) = cx.rvalue(val).peeled()
                && let Closure::Function(inner) = &*closure
            {
                if inner.changes() {
                    refuse(cx, &word);
                    self.is_right = false;
                } else {
                    self.function(cx, inner);
                    self.surrounds.closures.push((word, inner.syntax().clone()));
                }
                continue;
            }
            match one(cx, function.syntax(), &word, id) {
                Some(one) => self.surrounds.captured.push(one),
                None => self.is_right = false,
            }
        }
    }
}
