//! What is known of code that the other passes do not look into: what may it give a reference to, does it give the same again?
//!
//! A pullback is given its arguments again, and must not keep what borrows from them.

use crate::ir::{Block, Code, Func, Init, Op, Selector, Stmt, Ty, Var, placeholder_index};
use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{self, Visit};
use syn::{Expr, Signature, Stmt as Written};

/// Writes down what is known of each code. Where nothing may be a reference, nobody asks for more.
pub(super) fn mark(func: &mut Func, sig: &Signature) {
    let mut references = References { depth: 0, nested: false };
    sig.inputs.iter().for_each(|input| references.visit_fn_arg(input));
    let params = func.params.iter().map(|param| param.var).collect();
    let borrows = Borrows { params, nested: references.nested };
    let is_number: Vec<bool> =
        func.vars.iter().map(|info| matches!(info.ty, Ty::Float(_) | Ty::Int | Ty::Bool)).collect();
    let mut some = false;
    made(&mut func.body, &mut |var, code| {
        if !var.is_some_and(|var| is_number[var.index()]) && !code.reads.is_empty() {
            code.owned = syn::parse2(code.tokens.clone()).is_ok_and(|expr| !borrows.expr(&expr));
            some |= !code.owned;
        }
    });
    if some {
        func.body.for_each_code_mut(&mut |code| code.steady = code.cheap || is_steady(code.tokens.clone()));
    }
}

/// The code that makes a variable, or that patterns are matched with.
fn made(block: &mut Block, f: &mut dyn FnMut(Option<Var>, &mut Code)) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Let { var, op: Op::Code(code) } | Stmt::Alloc { var, init: Init::Code(code) } => {
                f(Some(*var), code);
            }
            Stmt::Branch(branch) => {
                if let Selector::Match(scrutinee) = &mut branch.on {
                    f(None, scrutinee);
                }
            }
            _ => {}
        }
        stmt.for_each_block_mut(&mut |block| made(block, f));
    }
}

/// Whether it gives the same again, as far as one can see. An effect is a statement.
fn is_steady(tokens: TokenStream) -> bool {
    let mut look = Look { is_steady: true };
    // What is done with the result of a call stands alone: `?`.
    let block = syn::parse2(quote!({ #tokens })).or_else(|_| syn::parse2(quote!({ result #tokens })));
    let Ok::<syn::Block, _>(block) = block else { return false };
    look.visit_block(&block);
    look.is_steady
}

struct Look {
    is_steady: bool,
}

impl<'ast> Visit<'ast> for Look {
    /// A function of nothing, but for one that makes the first value of a type, may give another each time: a clock, a source
    /// of random numbers.
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Expr::Path(path), true) = (&*call.func, call.args.is_empty())
            && let Some(last) = path.path.segments.last()
        {
            self.is_steady &= matches!(last.ident.to_string().as_str(), "new" | "default" | "empty");
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let name = mac.path.segments.last().map(|last| last.ident.to_string());
        self.is_steady &= matches!(
            name.as_deref(),
            Some(
                "vec" | "matches" | "format" | "assert" | "assert_eq" | "assert_ne" | "panic" | "unreachable"
            )
        );
    }
}

struct Borrows {
    params: Vec<Var>,
    /// There are references in references: a copy of what is behind one may be one.
    nested: bool,
}

/// Looks for references in types behind references, and for types with lifetimes.
struct References {
    depth: usize,
    nested: bool,
}

impl<'ast> Visit<'ast> for References {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        self.nested |= self.depth > 0;
        self.depth += 1;
        self.visit_type(&reference.elem);
        self.depth -= 1;
    }

    fn visit_angle_bracketed_generic_arguments(&mut self, list: &'ast syn::AngleBracketedGenericArguments) {
        self.nested |= list.args.iter().any(|arg| matches!(arg, syn::GenericArgument::Lifetime(_)));
        visit::visit_angle_bracketed_generic_arguments(self, list);
    }
}

impl Borrows {
    /// Whether the value may be a reference, or hold one.
    fn expr(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|ident| placeholder_index(ident).is_some()),
            Expr::Reference(reference) => self.place(&reference.expr),
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Try(inner) => self.expr(&inner.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().any(|elem| self.expr(elem)),
            Expr::Array(array) => array.elems.iter().any(|elem| self.expr(elem)),
            Expr::Struct(literal) => literal.fields.iter().any(|field| self.expr(&field.expr)),
            // An element of what was collected may be one; of an argument, it is copied.
            Expr::Index(index) => self.expr(&index.expr) && !self.is_argument(&index.expr),
            Expr::Block(block) => self.tail(&block.block),
            Expr::If(branch) => {
                self.tail(&branch.then_branch)
                    || branch.else_branch.as_ref().is_some_and(|(_, other)| self.expr(other))
            }
            Expr::Match(branch) => branch.arms.iter().any(|arm| self.expr(&arm.body)),
            Expr::MethodCall(call) => {
                let others: Vec<&Expr> = call.args.iter().collect();
                self.call(&call.method.to_string(), &call.receiver, &others)
            }
            Expr::Call(call) => {
                let args: Vec<&Expr> = call.args.iter().collect();
                let Expr::Path(path) = &*call.func else { return args.iter().any(|arg| self.expr(arg)) };
                let names: Vec<String> =
                    path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                match (&names[..], &args[..]) {
                    (_, []) => false,
                    // What makes a value of a type gives one that owns itself, as a rule.
                    ([.., of, name], _) if is_type(of) && !is_type(name) && !is_of_items(of) => false,
                    ([.., name], [first, others @ ..]) => self.call(name, first, others),
                    ([], _) => false,
                }
            }
            // Arithmetic, conversions, literals, fields: numbers, or copied, or `'static`.
            _ => false,
        }
    }

    /// A call, of a method or of a function whose first argument stands for the receiver.
    fn call(&self, name: &str, receiver: &Expr, others: &[&Expr]) -> bool {
        let is_given = |expr: &&Expr| self.expr(expr) || self.place(expr);
        match name {
            "clone" | "cloned" | "copied" | "to_owned" if self.nested => is_given(&receiver),
            _ if OWNED.contains(&name) => false,
            "map" | "filter_map" | "flat_map" | "map_or" | "map_or_else" | "and_then" => {
                is_given(&receiver) && others.iter().any(|arg| gives_reference(arg))
            }
            "unwrap_or" | "or" => is_given(&receiver) || others.iter().any(|arg| self.expr(arg)),
            _ => is_given(&receiver) || others.iter().any(is_given),
        }
    }

    fn tail(&self, block: &syn::Block) -> bool {
        matches!(block.stmts.last(), Some(Written::Expr(tail, None)) if self.expr(tail))
    }

    /// A place within something borrowed.
    fn place(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|ident| placeholder_index(ident).is_some()),
            Expr::Index(index) => self.place(&index.expr),
            Expr::Field(field) => self.place(&field.base),
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Group(inner) => self.place(&inner.expr),
            Expr::Reference(inner) => self.place(&inner.expr),
            Expr::Unary(inner) => self.place(&inner.expr),
            Expr::MethodCall(_) | Expr::Call(_) => self.expr(expr),
            _ => false,
        }
    }

    fn is_argument(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = expr else { return false };
        let var = path.path.get_ident().and_then(placeholder_index);
        var.is_some_and(|var| self.params.contains(&var))
    }
}

/// What the methods of the standard library with these names give borrows from nothing.
const OWNED: [&str; 13] = [
    "clone",
    "cloned",
    "copied",
    "count",
    "fold",
    "len",
    "position",
    "product",
    "rposition",
    "sum",
    "to_owned",
    "to_string",
    "to_vec",
];

/// Whether a closure may give a reference to what it is given.
fn gives_reference(closure: &Expr) -> bool {
    let Expr::Closure(closure) = closure else { return true };
    let mut body = &*closure.body;
    while let Expr::Block(block) = body {
        let Some(Written::Expr(tail, None)) = block.block.stmts.last() else { return false };
        body = tail;
    }
    match body {
        Expr::Reference(_) | Expr::Path(_) | Expr::Tuple(_) => true,
        Expr::MethodCall(call) => !OWNED.contains(&call.method.to_string().as_str()),
        _ => false,
    }
}

/// The name of a type, or of what is made like one: of a variant, of a struct.
fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Functions of these pass on what they are given.
fn is_of_items(name: &str) -> bool {
    matches!(name, "Iterator" | "IntoIterator" | "Option" | "Result" | "Vec")
}
