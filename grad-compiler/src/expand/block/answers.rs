//! Methods that only tell something of numbers: what follows from what they say is constant.

use super::{Block, taken};
use crate::args::Taken;
use crate::shape::{Failing, Shape, Typed};
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, ImplItemFn, ReturnType, Stmt, Type};

impl Block {
    /// Whether a method only tells something of what it is given: what it returns holds no floats, and it keeps nothing.
    pub(super) fn answers(&self, function: &ImplItemFn) -> bool {
        let mut signature = function.sig.clone();
        self.renamed().signature(&mut signature);
        let has_floats = |ty: &Type| {
            Typed::of_result(ty, &self.args).parts().into_iter().any(|part| {
                !matches!(
                    part.shape(),
                    Shape::Int
                        | Shape::Bool
                        | Shape::Unit
                        | Shape::WithoutFloats
                        | Shape::Array(..)
                        | Shape::Vec(_)
                        | Shape::Tuple(_)
                )
            })
        };
        let returned = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(Failing::of(ty).map_or(&**ty, |failing| failing.of)),
        };
        let changes = |input: &FnArg| match input {
            FnArg::Receiver(receiver) => !matches!(taken(receiver), Some((Taken::Shared, _))),
            FnArg::Typed(typed) => may_change(&typed.ty),
        };
        let mut keeps = Keeps(false);
        keeps.visit_block(&function.block);
        // What ends a function that returns nothing is called for what it does, too.
        if returns_nothing(&signature.output)
            && let Some(Stmt::Expr(tail, None)) = function.block.stmts.last()
        {
            keeps.0 |= is_call(tail);
        }
        !keeps.0 && !returned.is_some_and(has_floats) && !signature.inputs.iter().any(changes)
    }
}

fn returns_nothing(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => matches!(Shape::of(ty), Shape::Unit),
    }
}

/// Whether there is a `&mut` in a type, or what may hide one.
fn may_change(ty: &Type) -> bool {
    match Shape::of(ty) {
        Shape::F32 | Shape::F64 | Shape::Int | Shape::Bool | Shape::Unit | Shape::WithoutFloats => false,
        Shape::Ref { mutable, to } => mutable || may_change(to),
        Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) | Shape::Wrapped(_, of) => may_change(of),
        Shape::Tuple(tuple) => tuple.elems.iter().any(may_change),
        // A path with arguments may be one of a reference.
        Shape::Named(path) | Shape::Matrix(path, _) => {
            path.path.segments.iter().any(|segment| !segment.arguments.is_none())
        }
        Shape::Scalar(_) | Shape::Infer | Shape::Other => true,
    }
}

/// Whether something is called for what it does, which may be to keep a number, in a `Cell`, say.
struct Keeps(bool);

fn is_call(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(_) | Expr::Call(_) => true,
        Expr::Paren(paren) => is_call(&paren.expr),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Keeps {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let Stmt::Expr(expr, Some(_)) = stmt {
            self.0 |= is_call(expr);
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.0 |= has_call(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let is_sum = crate::operator::Operator::of(&binary.op).is_some_and(|of| of.assigns);
        self.0 |= is_sum && has_call(&binary.left);
        visit::visit_expr_binary(self, binary);
    }

    // Its value may be what it is called for.
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (syn::Pat::Wild(_), Some(init)) = (&local.pat, &local.init) {
            self.0 |= is_call(&init.expr);
        }
        visit::visit_local(self, local);
    }
}

fn has_call(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0 |= is_call(expr);
            visit::visit_expr(self, expr);
        }
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}
