//! Where does this stand in the source? The token that says best what an expression does, found without making
//! the tokens of all of it.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, Stmt};

/// Something that stands in the source.
pub(crate) trait Located {
    fn location(&self) -> Span;
}

impl Located for Expr {
    fn location(&self) -> Span {
        let mut expr = self;
        loop {
            expr = match expr {
                Expr::Array(array) => return array.bracket_token.span.open(),
                Expr::Assign(assign) => return assign.eq_token.span,
                Expr::Binary(binary) => return binary.op.span(),
                Expr::Block(block) => return block.block.brace_token.span.open(),
                Expr::Call(call) => &call.func,
                Expr::Cast(cast) => &cast.expr,
                Expr::Closure(closure) => return closure.inputs_begin.span,
                Expr::Field(field) => &field.base,
                Expr::ForLoop(repeat) => return repeat.for_token.span,
                Expr::Group(group) => &group.expr,
                Expr::If(branch) => return branch.if_token.span,
                Expr::Index(index) => &index.expr,
                Expr::Let(cond) => return cond.let_token.span,
                Expr::Loop(repeat) => return repeat.loop_token.span,
                Expr::Macro(call) => return call.mac.location(),
                Expr::Match(branch) => return branch.match_token.span,
                Expr::MethodCall(call) => return call.method.span(),
                Expr::Paren(paren) => &paren.expr,
                Expr::Path(path) => {
                    return path
                        .path
                        .segments
                        .last()
                        .map_or_else(Span::call_site, |segment| segment.ident.span());
                }
                Expr::Reference(reference) => &reference.expr,
                Expr::Repeat(repeat) => return repeat.bracket_token.span.open(),
                Expr::Return(exit) => return exit.return_token.span,
                Expr::Tuple(tuple) => return tuple.paren_token.span.open(),
                Expr::Unary(unary) => return unary.op.span(),
                Expr::While(repeat) => return repeat.while_token.span,
                expr => return expr.span(),
            };
        }
    }
}

impl Located for syn::ExprMethodCall {
    fn location(&self) -> Span {
        self.method.span()
    }
}

impl Located for syn::Macro {
    fn location(&self) -> Span {
        self.path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span())
    }
}

impl Located for syn::StmtMacro {
    fn location(&self) -> Span {
        self.mac.location()
    }
}

impl Located for Stmt {
    fn location(&self) -> Span {
        match self {
            Stmt::Local(local) => local.let_token.span,
            Stmt::Expr(expr, _) => expr.location(),
            Stmt::Macro(call) => call.location(),
            Stmt::Item(item) => item.span(),
        }
    }
}
