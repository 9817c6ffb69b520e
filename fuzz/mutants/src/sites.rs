//! What can be changed in a source, and how: by text put in front of something and behind it, so that the original stays as it
//! is, and changes may lie within each other.

use quote::ToTokens;
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Pat, ReturnType, Signature, Stmt, Type, UnOp};

/// A place that can be changed in one way.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Site {
    /// Below `src`.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What is changed: bytes of the file.
    pub(crate) at: Range<usize>,
    /// Put in front and behind, with `ON` where it is asked whether the change is on.
    pub(crate) before: String,
    pub(crate) after: String,
    /// The function, and what is done.
    pub(crate) what: String,
    /// Says which of several that are the same in all this.
    pub(crate) nth: usize,
}

/// What stands for the question whether the change is on.
pub(crate) const ON: &str = "__ON__";

/// All places in the text of a file.
pub(crate) fn sites(file: &str, text: &str) -> Result<Vec<Site>, syn::Error> {
    let mut finder = Finder { file, text, function: String::new(), found: Vec::new(), same: BTreeMap::new() };
    finder.visit_file(&syn::parse_file(text)?);
    Ok(finder.found)
}

struct Finder<'t> {
    file: &'t str,
    text: &'t str,
    function: String,
    found: Vec<Site>,
    same: BTreeMap<String, usize>,
}

/// Whether an expression is a condition with a pattern, which may stand nowhere else.
fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        _ => false,
    }
}

/// Whether an expression asks for nothing but whether a test planted a fault.
fn is_of_tests(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "planted"))
}

/// Operators by which another one can be replaced.
fn others(op: &BinOp) -> &'static [&'static str] {
    match op {
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::Mul(_) => &["+"],
        BinOp::Div(_) => &["*"],
        BinOp::Rem(_) => &["/"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::BitAnd(_) => &["|"],
        BinOp::BitOr(_) => &["&"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">"],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<"],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::AddAssign(_) => &["-="],
        BinOp::SubAssign(_) => &["+="],
        BinOp::BitAndAssign(_) => &["|="],
        BinOp::BitOrAssign(_) => &["&="],
        _ => &[],
    }
}

/// Values that a function may return instead, by the name of what it returns.
fn values(output: &ReturnType) -> &'static [&'static str] {
    let ReturnType::Type(_, ty) = output else { return &["()"] };
    match &**ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => &["()"],
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => &["\"\""],
            Type::Slice(_) => &["&[]"],
            _ => &[],
        },
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return &[] };
            match last.ident.to_string().as_str() {
                "bool" => &["true", "false"],
                "Option" => &["None"],
                "Vec" => &["Vec::new()"],
                "usize" | "u8" | "u16" | "u32" | "u64" | "i32" | "i64" => &["0", "1"],
                "f64" => &["0.0", "1.0"],
                "Self" => &[],
                _ => &["Default::default()"],
            }
        }
        Type::Tuple(_) => &["Default::default()"],
        _ => &[],
    }
}

impl Finder<'_> {
    fn range(spanned: &impl Spanned) -> Range<usize> {
        spanned.span().byte_range()
    }

    /// The text of something, on one line, without its end if it is long.
    fn short(&self, at: Range<usize>) -> String {
        let words: Vec<&str> = self.text[at].split_whitespace().collect();
        let text = words.join(" ");
        match text.char_indices().nth(70) {
            Some((end, _)) => format!("{} …", &text[..end]),
            None => text,
        }
    }

    fn add(&mut self, at: Range<usize>, before: String, after: &str, what: &str) {
        let what = format!("{}: {what}", self.function);
        let nth = self.same.entry(what.clone()).or_default();
        *nth += 1;
        self.found.push(Site {
            file: self.file.to_owned(),
            line: self.text[..at.start].matches('\n').count() + 1,
            at,
            before,
            after: after.to_owned(),
            what,
            nth: *nth,
        });
    }

    /// Something that is not there when the change is on, or something else.
    fn instead(&mut self, of: Range<usize>, other: &str, what: &str) {
        self.add(of, format!("(if {ON} {{ {other} }} else {{ "), " })", what);
    }

    fn body(&mut self, signature: &Signature, block: &syn::Block) {
        let inner = Self::range(&block.brace_token.span.open()).end;
        let is_nothing = block.stmts.is_empty();
        for value in values(&signature.output) {
            let same = block.stmts.len() == 1 && block.stmts[0].to_token_stream().to_string() == *value;
            if is_nothing || same {
                continue;
            }
            let what = format!("the body is `{value}`");
            self.add(inner..inner, format!(" if {ON} {{ return {value}; }}"), "", &what);
        }
    }

    fn function(
        &mut self,
        attrs: &[syn::Attribute],
        signature: &Signature,
        block: &syn::Block,
        within: impl FnOnce(&mut Self),
    ) {
        let tested = attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("test"));
        if tested || signature.constness.is_some() {
            return;
        }
        let outer = std::mem::replace(&mut self.function, signature.ident.to_string());
        self.body(signature, block);
        within(self);
        self.function = outer;
    }

    fn condition(&mut self, expr: &Expr, kinds: &[bool], of: &str) {
        if matches!(expr, Expr::Unary(unary) if is_of_tests(&unary.expr)) || is_of_tests(expr) {
            return;
        }
        let at = Self::range(expr);
        let text = self.short(at.clone());
        for kind in kinds {
            let what = format!("{of} `{text}` is {kind}");
            if !kind && has_let(expr) {
                self.add(at.clone(), format!("!{ON} && "), "", &what);
            } else if !has_let(expr) {
                let before = if *kind { format!("({ON} || (") } else { format!("(!{ON} && (") };
                self.add(at.clone(), before, "))", &what);
            }
        }
    }

    fn without(&mut self, stmt: &Stmt) {
        let Stmt::Expr(expr, Some(_)) = stmt else { return };
        let is_left_out = match expr {
            Expr::MethodCall(call) => call.attrs.is_empty(),
            Expr::Call(call) => call.attrs.is_empty(),
            Expr::Assign(assign) => assign.attrs.is_empty(),
            _ => false,
        };
        if is_left_out {
            let at = Self::range(stmt);
            let what = format!("without `{}`", self.short(at.clone()));
            self.add(at, format!("if !{ON} {{ "), " }", &what);
        }
    }
}

/// Whether a pattern takes what no other arm took.
fn takes_all(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => {
            ident.subpat.is_none() && ident.ident.to_string().starts_with(|c: char| c.is_lowercase())
        }
        _ => false,
    }
}

impl Visit<'_> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block, |it| visit::visit_item_fn(it, item));
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block, |it| visit::visit_impl_item_fn(it, item));
    }

    fn visit_item_const(&mut self, _: &syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &syn::ImplItemConst) {}
    fn visit_item_static(&mut self, _: &syn::ItemStatic) {}
    fn visit_type(&mut self, _: &Type) {}

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        if item.attrs.is_empty() {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_stmt(&mut self, stmt: &Stmt) {
        self.without(stmt);
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr_binary(&mut self, binary: &syn::ExprBinary) {
        if binary.attrs.is_empty() && !has_let(&binary.left) && !has_let(&binary.right) {
            let (whole, op) = (Self::range(binary), Self::range(&binary.op));
            for other in others(&binary.op) {
                let (left, right) = (&self.text[whole.start..op.start], &self.text[op.end..whole.end]);
                let what = format!("`{other}` in `{}`", self.short(whole.clone()));
                self.instead(whole.clone(), &format!("{left}{other}{right}"), &what);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &syn::ExprUnary) {
        let is_changed = matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_))
            && !matches!(*unary.expr, Expr::Lit(_))
            && !is_of_tests(&unary.expr);
        if is_changed {
            let at = Self::range(unary);
            let what = format!("without the operator in `{}`", self.short(at.clone()));
            let other = self.text[Self::range(&unary.expr)].to_owned();
            self.instead(at, &other, &what);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_if(&mut self, branch: &syn::ExprIf) {
        self.condition(&branch.cond, &[true, false], "`if`");
        visit::visit_expr_if(self, branch);
    }

    fn visit_expr_while(&mut self, branch: &syn::ExprWhile) {
        self.condition(&branch.cond, &[false], "`while`");
        visit::visit_expr_while(self, branch);
    }

    fn visit_expr_match(&mut self, choice: &syn::ExprMatch) {
        let has_rest = choice.arms.last().is_some_and(|arm| takes_all(&arm.pat));
        for (k, arm) in choice.arms.iter().enumerate() {
            if let Pat::Guard(guarded) = &arm.pat {
                self.condition(&guarded.guard, &[true, false], "the guard");
            } else if has_rest && k + 1 < choice.arms.len() {
                let at = Self::range(&arm.pat);
                let what = format!("no arm for `{}`", self.short(at.clone()));
                self.add(at.end..at.end, format!(" if !{ON}"), "", &what);
            }
        }
        visit::visit_expr_match(self, choice);
    }
}
