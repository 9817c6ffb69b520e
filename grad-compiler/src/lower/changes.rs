//! Which constants may code change that is left as it is?
//!
//! A macro does not know whether a method takes `&self` or `&mut self`. Every method of a variable that may be changed is taken to
//! change it, but for those that the collections of the standard library have to be looked at: these are called of a shared
//! reference, so that rustc refuses one of the same name that changes what it is called of.

use crate::ir::{
    Block, Code, Func, Init, Op, Operand, Pattern, Selector, Stmt, Var, may_change, placeholder_index,
};
use crate::shape::Shape;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, Signature};

/// Writes down for each code what it may change.
pub(super) fn mark(func: &mut Func, sig: &Signature) {
    let is_changeable: Vec<bool> = func.vars.iter().map(|info| info.mutable || info.exclusive).collect();
    let is_exclusive: Vec<bool> = func.vars.iter().map(|info| info.exclusive).collect();
    if !is_changeable.contains(&true) {
        return;
    }
    let own = of_own_types(func, sig);
    func.body.for_each_code_mut(&mut |code| {
        if !code.reads.iter().any(|var| is_changeable[var.index()]) {
            return;
        }
        let mut look = Look {
            is_changeable: &is_changeable,
            is_exclusive: &is_exclusive,
            own: &own,
            changes: BTreeSet::new(),
            looked: false,
        };
        look.code(code);
        code.changes = look.changes.into_iter().collect();
        code.cheap &= code.changes.is_empty();
    });
    patterns(&mut func.body, &is_changeable, &is_exclusive);
}

/// Arms may change what their patterns lend them of the value that is matched.
fn patterns(block: &mut Block, is_changeable: &[bool], is_exclusive: &[bool]) {
    for stmt in &mut block.stmts {
        if let Stmt::Branch(branch) = stmt
            && let Selector::Match(on) = &mut branch.on
        {
            let lends = branch.arms.iter().filter_map(|arm| arm.pattern.as_ref()).any(lends);
            let root = on.receiver().filter(|var| is_changeable[var.index()]);
            let changed =
                root.filter(|var| (lends || is_exclusive[var.index()]) && !on.changes.contains(var));
            on.changes.extend(changed);
            on.cheap &= on.changes.is_empty();
        }
        stmt.for_each_block_mut(&mut |block| patterns(block, is_changeable, is_exclusive));
    }
}

/// There is a `ref mut` in it.
fn lends(pattern: &Pattern) -> bool {
    fn look(tokens: TokenStream) -> bool {
        let mut behind_ref = false;
        tokens.into_iter().any(|tree| match tree {
            TokenTree::Group(group) => look(group.stream()),
            TokenTree::Ident(word) if word == "mut" => behind_ref,
            tree => {
                behind_ref = matches!(&tree, TokenTree::Ident(word) if word == "ref");
                false
            }
        })
    }
    look(pattern.tokens.clone())
}

/// Methods of collections that look only, and are not the last that is done with an iterator, with how many arguments they have.
const LOOKS: [(&str, usize); 16] = [
    ("as_slice", 0),
    ("as_str", 0),
    ("chunks", 1),
    ("contains", 1),
    ("contains_key", 1),
    ("ends_with", 1),
    ("first", 0),
    ("get", 1),
    ("is_empty", 0),
    ("iter", 0),
    ("keys", 0),
    ("len", 0),
    ("split_first", 0),
    ("starts_with", 1),
    ("values", 0),
    ("windows", 1),
];

pub(super) fn looks(method: &str, arguments: usize) -> bool {
    LOOKS.contains(&(method, arguments))
}

/// The collections that have them.
const COLLECTIONS: [&str; 13] = [
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "FromIterator",
    "HashMap",
    "HashSet",
    "IntoIterator",
    "Iterator",
    "String",
    "Vec",
    "VecDeque",
    "slice",
    "str",
];

/// Variables that surely, or in all likelihood, hold something else than a collection of the standard library.
fn of_own_types(func: &Func, sig: &Signature) -> BTreeSet<Var> {
    let mut own = BTreeSet::new();
    for param in &func.params {
        if let Some(FnArg::Typed(typed)) = sig.inputs.iter().nth(param.position)
            && is_own_type(&typed.ty)
        {
            own.insert(param.var);
        }
    }
    func.body.for_each_stmt(&mut |stmt| {
        let (var, is_own) = match stmt {
            Stmt::Let { var, op: Op::Code(code) } | Stmt::Alloc { var, init: Init::Code(code) } => {
                (var, syn::parse2(code.tokens.clone()).is_ok_and(|expr: Expr| makes_own(&expr, &own)))
            }
            Stmt::Let { var, op: Op::Copy(Operand::Var(of)) } => (var, own.contains(of)),
            _ => return,
        };
        if is_own {
            own.insert(*var);
        }
    });
    own
}

fn is_own_type(ty: &syn::Type) -> bool {
    match Shape::of(ty) {
        Shape::Ref { to, .. } | Shape::Wrapped(_, to) => is_own_type(to),
        Shape::Named(path) => path.path.segments.last().is_none_or(|last| !is_collection(&last.ident)),
        _ => false,
    }
}

fn is_collection(name: &syn::Ident) -> bool {
    COLLECTIONS.iter().any(|collection| name == collection)
}

/// A literal of a type, a call of a function that is not one of a collection, or what has one of those by another name.
fn makes_own(expr: &Expr, own: &BTreeSet<Var>) -> bool {
    match expr {
        Expr::Struct(_) => true,
        Expr::Path(path) => {
            path.path.get_ident().and_then(placeholder_index).is_some_and(|var| own.contains(&var))
        }
        Expr::Paren(inner) => makes_own(&inner.expr, own),
        Expr::Group(inner) => makes_own(&inner.expr, own),
        Expr::Reference(inner) => makes_own(&inner.expr, own),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let names: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
                match &names[..] {
                    // What is said by a type.
                    [.., convert, identity] if *convert == "convert" && *identity == "identity" => {
                        call.args.first().is_some_and(|arg| makes_own(arg, own))
                    }
                    [.., of, _] => !is_collection(of),
                    _ => true,
                }
            }
            _ => true,
        },
        _ => false,
    }
}

struct Look<'a> {
    is_changeable: &'a [bool],
    is_exclusive: &'a [bool],
    own: &'a BTreeSet<Var>,
    changes: BTreeSet<Var>,
    /// A method was called of a shared reference in place of the variable.
    looked: bool,
}

impl Look<'_> {
    fn code(&mut self, code: &mut Code) {
        if code.tokens.is_empty() {
            return;
        }
        let tokens = &code.tokens;
        if let Ok(mut block) = syn::parse2::<syn::Block>(quote!({ #tokens })) {
            self.visit_block_mut(&mut block);
            if self.looked {
                let stmts = &block.stmts;
                code.tokens = quote!(#(#stmts)*);
            }
        } else if let Ok(mut block) = syn::parse2(quote!({ result #tokens })) {
            // What is done with the result of a call stands alone.
            self.visit_block_mut(&mut block);
        } else {
            self.changes.extend(code.reads.iter().filter(|var| self.is_changeable[var.index()]));
        }
    }

    /// The variable of which an expression is the whole, or a part.
    fn root(&self, expr: &Expr) -> Option<Var> {
        match expr {
            Expr::Path(path) => path.path.get_ident().and_then(placeholder_index),
            Expr::Index(index) => self.root(&index.expr),
            Expr::Field(field) => self.root(&field.base),
            Expr::Paren(inner) => self.root(&inner.expr),
            Expr::Group(inner) => self.root(&inner.expr),
            Expr::Unary(inner) => self.root(&inner.expr),
            Expr::Reference(inner) => self.root(&inner.expr),
            _ => None,
        }
        .filter(|var| self.is_changeable[var.index()])
    }

    fn changed(&mut self, place: &Expr) {
        self.changes.extend(self.root(place));
    }

    /// A `&mut` variable by its name is lent to whoever gets it.
    fn handed_on(&mut self, expr: &Expr) {
        if let Expr::Path(_) | Expr::Paren(_) | Expr::Group(_) = expr {
            self.changes.extend(self.root(expr).filter(|var| self.is_exclusive[var.index()]));
        }
    }
}

impl VisitMut for Look<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match &*expr {
            Expr::MethodCall(call) => match self.root(&call.receiver) {
                Some(var) if is_looking(call) && !self.is_own(var, &call.receiver) => {}
                Some(var) => {
                    self.changes.insert(var);
                }
                None => {}
            },
            Expr::Assign(assign) => self.assigned(&assign.left),
            Expr::Binary(binary) if super::closure::is_assignment(&binary.op) => self.changed(&binary.left),
            Expr::Reference(reference) if reference.mutability.is_some() => self.changed(&reference.expr),
            Expr::Call(call) => call.args.iter().for_each(|arg| self.handed_on(arg)),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.handed_on(elem)),
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.handed_on(elem)),
            Expr::Struct(literal) => literal.fields.iter().for_each(|field| self.handed_on(&field.expr)),
            Expr::Closure(closure) => self.handed_on(&closure.body),
            Expr::ForLoop(repeat) => self.handed_on(&repeat.expr),
            Expr::Match(branch) => self.matched(&branch.expr, branch.arms.iter().map(|arm| &arm.pat)),
            Expr::Let(cond) => self.matched(&cond.expr, [&*cond.pat]),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(call) = expr {
            call.args.iter().for_each(|arg| self.handed_on(arg));
            if is_looking(call)
                && let Some(var) = self.root(&call.receiver)
                && !self.is_own(var, &call.receiver)
            {
                self.looked = true;
                let looked = look(&call.receiver, call.receiver.span());
                *call.receiver = Expr::Verbatim(looked);
            }
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &local.init {
            self.handed_on(&init.expr);
            self.matched(&init.expr, [&local.pat]);
        }
        visit_mut::visit_local_mut(self, local);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        let code = Code::new(mac.tokens.clone(), false);
        let changed = code.reads.into_iter().filter(|var| {
            self.is_changeable[var.index()]
                && (self.is_exclusive[var.index()] || may_change(mac.tokens.clone(), *var))
        });
        self.changes.extend(changed);
    }
}

impl Look<'_> {
    /// Whether a method is called of a variable as a whole that is of no collection.
    fn is_own(&self, var: Var, receiver: &Expr) -> bool {
        let is_part = matches!(receiver, Expr::Field(_) | Expr::Index(_));
        self.own.contains(&var) && !is_part
    }

    fn assigned(&mut self, left: &Expr) {
        match left {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|left| self.assigned(left)),
            Expr::Array(array) => array.elems.iter().for_each(|left| self.assigned(left)),
            left => self.changed(left),
        }
    }

    /// Patterns may lend what they bind.
    fn matched<'p>(&mut self, on: &Expr, patterns: impl IntoIterator<Item = &'p syn::Pat>) {
        let lends = patterns.into_iter().any(super::pattern::lends);
        self.changes.extend(self.root(on).filter(|var| lends || self.is_exclusive[var.index()]));
    }
}

fn is_looking(call: &syn::ExprMethodCall) -> bool {
    LOOKS.iter().any(|(name, args)| call.method == name && call.args.len() == *args)
}

/// The receiver of a method that only looks.
fn look(receiver: &impl ToTokens, span: Span) -> TokenStream {
    let function = quote_spanned!(span=> __grad_runtime::look);
    quote!(#function(&#receiver))
}
