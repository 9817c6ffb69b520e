//! Which names in the body of a closure mean something outside of it?

use proc_macro2::{Ident, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, Pat};

/// The names that a closure does not bind itself, in the order in which they are mentioned.
pub(super) fn names(closure: &ExprClosure) -> Vec<Ident> {
    let mut free = Free::default();
    free.visit_expr_closure(closure);
    free.words
}

/// Those of them that are variables, as far as can be seen: each once, none that is only called, as functions are, or that begins
/// with a large letter, as constants do.
pub(crate) fn variables(closure: &ExprClosure) -> Vec<Ident> {
    let mut free = Free { skips_callees: true, ..Free::default() };
    free.visit_expr_closure(closure);
    let mut seen = BTreeSet::new();
    free.words.retain(|word| {
        let name = word.to_string();
        let is_variable = name.trim_start_matches(['_', 'r', '#']).starts_with(|c: char| !c.is_uppercase());
        let is_keyword = name != "self" && syn::parse_str::<Ident>(&name).is_err();
        is_variable && !is_keyword && seen.insert(name)
    });
    free.words
}

#[derive(Default)]
struct Free {
    scopes: Vec<BTreeSet<String>>,
    words: Vec<Ident>,
    /// What stands where a function does is not mentioned.
    skips_callees: bool,
}

impl Free {
    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeSet::new());
        body(self);
        self.scopes.pop();
    }

    fn bind(&mut self, pat: &Pat) {
        if let Some(scope) = self.scopes.last_mut() {
            Bound(scope).visit_pat(pat);
        }
    }

    fn mention(&mut self, word: &Ident) {
        let text = word.to_string();
        if !self.scopes.iter().any(|scope| scope.contains(&text)) {
            self.words.push(word.clone());
        }
    }
}

impl<'ast> Visit<'ast> for Free {
    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scoped(|free| visit::visit_block(free, block));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            visit::visit_local_init(self, init);
        }
        self.bind(&local.pat);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.scoped(|free| {
            closure.inputs.iter().for_each(|input| free.bind(input));
            free.visit_expr(&closure.body);
        });
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.scoped(|free| {
            free.bind(&arm.pat);
            visit::visit_arm(free, arm);
        });
    }

    fn visit_expr_for_loop(&mut self, head: &'ast syn::ExprForLoop) {
        self.visit_expr(&head.expr);
        self.scoped(|free| {
            free.bind(&head.pat);
            free.visit_block(&head.body);
        });
    }

    fn visit_expr_if(&mut self, choice: &'ast syn::ExprIf) {
        self.scoped(|free| {
            free.visit_expr(&choice.cond);
            free.visit_block(&choice.then_branch);
        });
        if let Some((_, other)) = &choice.else_branch {
            self.visit_expr(other);
        }
    }

    fn visit_expr_while(&mut self, head: &'ast syn::ExprWhile) {
        self.scoped(|free| visit::visit_expr_while(free, head));
    }

    fn visit_expr_let(&mut self, test: &'ast syn::ExprLet) {
        self.visit_expr(&test.expr);
        self.bind(&test.pat);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if let Expr::Path(path) = expr
            && let Some(name) = path.path.get_ident()
        {
            self.mention(name);
        }
        visit::visit_expr(self, expr);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let is_name = matches!(&*call.func, Expr::Path(path) if path.path.get_ident().is_some());
        if !(self.skips_callees && is_name) {
            self.visit_expr(&call.func);
        }
        call.args.iter().for_each(|arg| self.visit_expr(arg));
    }

    // The arguments of a macro are tokens: whatever may be a variable.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let mut words = Vec::new();
        mentioned(call.tokens.clone(), &mut words);
        words.iter().for_each(|word| self.mention(word));
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The names that a pattern binds.
struct Bound<'s>(&'s mut BTreeSet<String>);

impl<'ast> Visit<'ast> for Bound<'_> {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.0.insert(pat.ident.to_string());
        visit::visit_pat_ident(self, pat);
    }
}

/// Every word that may be the name of a variable.
pub(super) fn mentioned(tokens: TokenStream, words: &mut Vec<Ident>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: Option<usize>, c: char| {
        let tree = at.and_then(|at| trees.get(at));
        tree.is_some_and(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == c))
    };
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => mentioned(group.stream(), words),
            TokenTree::Ident(word) => {
                let is_field = is(at.checked_sub(1), '.') && !is(at.checked_sub(2), '.');
                let is_path = is(Some(at + 1), ':') && is(Some(at + 2), ':');
                if !is_field && !is_path {
                    words.push(word.clone());
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
