//! `if`, `while` and `loop`. (`for` is in `iter`, `match` and `if let` in `matching`.)

use super::stmt::{self, Dest, finish, lower_block_to, lower_tail};
use super::types::Type;
use super::value::Val;
use super::{Lower, expr, iter, matching};
use crate::ir::{Operand, Selector};
use syn::Expr;
use syn::visit::Visit;

/// The expression without parentheses around it.
pub(crate) fn bare(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Paren(paren) => &paren.expr,
            Expr::Group(group) => &group.expr,
            expr => return expr,
        };
    }
}

pub(crate) fn lower_if(cx: &mut Lower<'_>, branch: &syn::ExprIf, dest: Dest<'_>) -> Val {
    if let Expr::Let(cond) = bare(&branch.cond) {
        return matching::lower_if_let(cx, branch, cond, dest);
    }
    let parts = conjuncts(&branch.cond);
    if parts.iter().any(|part| matches!(part, Expr::Let(_))) {
        return lower_chain(cx, branch, &parts, dest);
    }
    let cond = expr::lower(cx, &branch.cond);
    cx.then(cond, &branch.cond, |cx, cond| {
        let cond = cx.as_bool(cond);
        let mut arms = cx.arms();
        cx.begin_arm();
        let val = lower_block_to(cx, &branch.then_branch, dest);
        cx.end_arm(&mut arms, None, val);
        cx.begin_arm();
        let val = lower_else(cx, branch, dest);
        cx.end_arm(&mut arms, None, val);
        cx.end_branch(Selector::If(cond), arms)
    })
}

/// The parts of `a && b && c`.
fn conjuncts(cond: &Expr) -> Vec<&Expr> {
    let mut parts = Vec::new();
    let mut rest = cond;
    while let Expr::Binary(binary) = bare(rest)
        && matches!(binary.op, syn::BinOp::And(_))
    {
        parts.push(bare(&binary.right));
        rest = &binary.left;
    }
    parts.push(bare(rest));
    parts.reverse();
    parts
}

/// `if let p = a && b && let q = c { … } else { … }`: one condition inside of the other; the innermost leaves for behind the
/// `else`.
fn lower_chain(cx: &mut Lower<'_>, branch: &syn::ExprIf, parts: &[&Expr], dest: Dest<'_>) -> Val {
    let Some(_) = &branch.else_branch else {
        nested(cx, parts, &|cx| stmt::lower_block(cx, &branch.then_branch));
        return finish(cx, Val::Unit, dest);
    };
    let label = cx.own_label();
    let node = std::ptr::from_ref(branch).addr();
    let inside = if iter::given::is_option(cx, dest) { Dest::Option } else { Dest::Value };
    let val = cx.labelled_block(node, &label, |cx, value| {
        if iter::given::is_option(cx, dest) {
            cx.options.insert(value);
        }
        nested(cx, parts, &|cx| {
            let val = lower_block_to(cx, &branch.then_branch, inside);
            if cx.dead.is_some() { Val::Never } else { cx.exit_break(Some(&label), val) }
        });
        cx.rest(|cx| lower_else(cx, branch, Dest::Return(value)));
    });
    finish(cx, val, dest)
}

fn nested<'e>(cx: &mut Lower<'e>, parts: &[&Expr], body: &dyn Fn(&mut Lower<'e>) -> Val) -> Val {
    match parts {
        [] => body(cx),
        [Expr::Let(cond), rest @ ..] => matching::lower_let(cx, cond, &|cx| {
            nested(cx, rest, body);
            Val::Unit
        }),
        [cond, rest @ ..] => {
            let val = expr::lower(cx, cond);
            cx.then(val, cond, |cx, val| {
                let cond = cx.as_bool(val);
                cx.branch(
                    cond,
                    |cx| {
                        nested(cx, rest, body);
                        Val::Unit
                    },
                    |_| Val::Unit,
                )
            })
        }
    }
}

pub(crate) fn lower_else(cx: &mut Lower<'_>, branch: &syn::ExprIf, dest: Dest<'_>) -> Val {
    match &branch.else_branch {
        Some((_, otherwise)) => {
            if !cx.enter(otherwise) {
                return Val::Never;
            }
            let val = lower_tail(cx, otherwise, dest);
            cx.leave();
            val
        }
        None => finish(cx, Val::Unit, dest),
    }
}

/// The condition of a loop.
fn lower_condition(cx: &mut Lower<'_>, cond: &Expr) -> Operand {
    cx.refuse_exits([cond]);
    let val = expr::lower(cx, cond);
    cx.as_bool(val)
}

pub(crate) fn lower_while(cx: &mut Lower<'_>, while_loop: &syn::ExprWhile) -> Val {
    let label = while_loop.label.as_ref().map(|label| &label.name);
    if let Expr::Let(cond) = bare(&while_loop.cond) {
        cx.while_loop(
            label,
            None,
            |_| Operand::bool(true),
            |cx| matching::lower_while_let(cx, cond, &while_loop.body),
        );
        return Val::Unit;
    }
    if changes_variables(&while_loop.cond) {
        // What the condition assigns must stay when it is false: `loop { if c { … } else { break } }`
        cx.while_loop(
            label,
            None,
            |_| Operand::bool(true),
            |cx| {
                let cond = lower_condition(cx, &while_loop.cond);
                cx.branch(
                    cond,
                    |cx| stmt::lower_block(cx, &while_loop.body),
                    |cx| cx.exit_break(None, Val::Unit),
                );
            },
        );
        return Val::Unit;
    }
    cx.while_loop(
        label,
        None,
        |cx| lower_condition(cx, &while_loop.cond),
        |cx| {
            stmt::lower_block(cx, &while_loop.body);
        },
    );
    Val::Unit
}

pub(crate) fn lower_loop(cx: &mut Lower<'_>, infinite: &syn::ExprLoop) -> Val {
    let label = infinite.label.as_ref().map(|label| &label.name);
    let val = cx.while_loop(
        label,
        Some(std::ptr::from_ref(infinite).addr()),
        |_| Operand::bool(true),
        |cx| {
            stmt::lower_block(cx, &infinite.body);
        },
    );
    if cx.dead.is_some() {
        return Val::Never;
    }
    match val {
        Val::Uninit => Val::Unit,
        val => val,
    }
}

/// Whether evaluating a condition may assign a variable: assignments, `&mut`, and calls of closures.
fn changes_variables(cond: &Expr) -> bool {
    struct Find(bool);
    impl<'a> Visit<'a> for Find {
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Assign(_) | Expr::Block(_) => self.0 = true,
                Expr::Binary(binary) if !is_pure(&binary.op) => self.0 = true,
                Expr::Reference(reference) if reference.mutability.is_some() => self.0 = true,
                // Of a closure, perhaps.
                Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.get_ident().is_some()) =>
                {
                    self.0 = true;
                }
                Expr::MethodCall(call)
                    if iter::takes(call) || call.args.iter().any(|arg| matches!(arg, Expr::Closure(_))) =>
                {
                    self.0 = true;
                }
                expr => syn::visit::visit_expr(self, expr),
            }
        }
    }
    fn is_pure(op: &syn::BinOp) -> bool {
        use syn::BinOp;
        matches!(
            op,
            BinOp::Add(_)
                | BinOp::Sub(_)
                | BinOp::Mul(_)
                | BinOp::Div(_)
                | BinOp::Rem(_)
                | BinOp::And(_)
                | BinOp::Or(_)
                | BinOp::BitXor(_)
                | BinOp::BitAnd(_)
                | BinOp::BitOr(_)
                | BinOp::Shl(_)
                | BinOp::Shr(_)
                | BinOp::Eq(_)
                | BinOp::Lt(_)
                | BinOp::Le(_)
                | BinOp::Ne(_)
                | BinOp::Ge(_)
                | BinOp::Gt(_)
        )
    }
    let mut find = Find(false);
    find.visit_expr(cond);
    find.0
}

impl Lower<'_> {
    /// A constant that the body declares.
    pub(crate) fn declare_constant(&mut self, ident: &proc_macro2::Ident, ty: Type) {
        self.constants.insert(super::env::Name::of(ident), ty);
    }

    pub(crate) fn constant_type(&self, ident: &proc_macro2::Ident) -> Option<Type> {
        self.constants.get(&super::env::Name::of(ident)).cloned()
    }
}
