//! The user's tokens as they are, with placeholders for the variables they read.

use super::env::{LocalId, Name};
use super::expr;
use super::types::{Origin, Type, is_int_name, lower_type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, annotated_parts, macros, method};
use crate::ir::{Code, Init, Lit, Operand, Stmt, Var};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Pat};

/// Tokens in which every local is replaced by a placeholder.
pub(crate) struct Substituted {
    pub(crate) tokens: TokenStream,
    /// Variables that the tokens may change.
    pub(crate) writes: Vec<Var>,
}

/// An expression that the compiler does not look into.
pub(crate) fn opaque(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    let Substituted { tokens, writes } = substitute_here(cx, expr);
    let ty = cx.type_at(expr, Origin::Constant);
    if let Expr::MethodCall(call) = expr {
        told_by_name(cx, call, &ty);
    }
    with_writes(cx, CodeVal { tokens, ty, cheap: false, typed: false }, writes)
}

/// Text is made, in which there is nothing to follow.
fn told_by_name(cx: &Lower<'_>, call: &syn::ExprMethodCall, ty: &Type) {
    if call.method == "to_string" && call.args.is_empty() {
        cx.types.unify(ty, &Type::Opaque);
    }
}

/// The same of the call of a method: what uses tell of it is told by where it stays for all runs.
pub(crate) fn opaque_method(cx: &mut Lower<'_>, call: &syn::ExprMethodCall) -> Val {
    let node = cx.keep(&call.paren_token, &Expr::MethodCall(call.clone()));
    opaque(cx, &node[0])
}

/// The same of the call of a function.
pub(crate) fn opaque_function(cx: &mut Lower<'_>, call: &syn::ExprCall) -> Val {
    let node = cx.keep(&call.paren_token, &Expr::Call(call.clone()));
    opaque(cx, &node[0])
}

/// The same, of which uses tell nothing that matters.
pub(crate) fn left(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    let Substituted { tokens, writes } = substitute_here(cx, expr);
    let ty = cx.unknown_constant();
    with_writes(cx, CodeVal { tokens, ty, cheap: false, typed: false }, writes)
}

/// A method call that the compiler does not look into, of a receiver that was lowered.
pub(crate) fn opaque_call(cx: &mut Lower<'_>, call: &syn::ExprMethodCall, receiver: Val) -> Val {
    let cheap = is_accessor(call)
        && match &receiver {
            Val::Code(code) => code.cheap,
            Val::Scalar(..) => true,
            _ => false,
        };
    let receiver = cx.at(&*call.receiver, |cx| match receiver {
        Val::Local(path) => {
            // A method may change an integer only through `&mut`, and there is no such method.
            let val = cx.read_component(&path);
            cx.as_code_in_place(val)
        }
        val => cx.as_code_in_place(val),
    });
    let mut writes = Vec::new();
    let mut args = Vec::new();
    for arg in &call.args {
        let arg = substitute_here(cx, arg);
        writes.extend(arg.writes);
        args.push(expr::without_parens(arg.tokens));
    }
    let (method, turbofish) = (&call.method, &call.turbofish);
    // With the user's brackets: where it stands can be told from its ends.
    let mut tokens = receiver;
    call.dot_token.to_tokens(&mut tokens);
    method.to_tokens(&mut tokens);
    turbofish.to_tokens(&mut tokens);
    call.paren_token.surround(&mut tokens, |tokens| tokens.extend(quote!(#(#args),*)));
    let ty = cx.type_at(call, Origin::Constant);
    told_by_name(cx, call, &ty);
    let cheap = cheap && writes.is_empty();
    let val = with_writes(cx, CodeVal { tokens, ty, cheap, typed: false }, writes);
    if super::unknown::takes_out(call) {
        super::unknown::item_of_constants(cx, &call.receiver, val)
    } else {
        val
    }
}

/// A method by which the standard library's types give a part of themselves: it may be asked again.
fn is_accessor(call: &syn::ExprMethodCall) -> bool {
    let name = call.method.to_string();
    let simple = |arg: &Expr| {
        matches!(super::flow::bare(arg), Expr::Path(_) | Expr::Lit(_) | Expr::Field(_) | Expr::Reference(_))
    };
    matches!(
        name.as_str(),
        "get" | "first" | "last" | "as_ref" | "as_slice" | "as_deref" | "as_str" | "iter" | "keys" | "values"
    ) && call.args.iter().all(simple)
        // That of a `Cell` has another answer each time.
        && (name != "get" || !call.args.is_empty())
}

fn with_writes(cx: &mut Lower<'_>, code: CodeVal, writes: Vec<Var>) -> Val {
    if writes.is_empty() {
        return Val::Code(code);
    }
    let val = cx.settle(Val::Code(code));
    // Says what the tokens changed; there is nothing left to do.
    cx.push(Stmt::Effect { code: Code::new(TokenStream::new(), false), writes });
    val
}

impl Lower<'_> {
    /// Tokens for a value; a variable that only the user's tokens change stands for itself.
    pub(crate) fn as_code_in_place(&mut self, val: Val) -> TokenStream {
        match val {
            Val::Cell(var, _) => self.operand_tokens(&Operand::Var(var)),
            Val::Memory(memory) => match self.seen_by_code(&memory) {
                Some(seen) => quote!((*#seen)),
                None => self.place_tokens(&memory.place),
            },
            // A variable has a type, which its value alone does not tell.
            Val::Scalar(Operand::Lit(lit), ty) => match self.types.resolve(&ty) {
                Type::Float(float) => self.operand_tokens(&Operand::Lit(lit.typed(float))),
                _ => self.operand_tokens(&Operand::Lit(lit)),
            },
            val => self.as_code(val).tokens,
        }
    }

    /// The same, to be read: what a mutable reference refers to is read as often as one likes.
    pub(crate) fn read_in_place(&mut self, val: Val) -> TokenStream {
        let val = match val {
            Val::Ref { to, mutable: true } => match *to {
                Val::Local(path) if self.types.is_float(&self.type_of(&Val::Local(path.clone()))) => {
                    Val::reference(false, self.read_component(&path))
                }
                to => Val::reference(!matches!(to, Val::Memory(_)), to),
            },
            val => val,
        };
        self.as_code_in_place(val)
    }
}

/// The expression with placeholders in place of locals.
pub(crate) fn substitute(cx: &mut Lower<'_>, expr: &Expr) -> Substituted {
    with_placeholders(cx, expr.clone())
}

/// The same, of what is evaluated here: whole numbers that are made of what is followed have lines of their own.
fn substitute_here(cx: &mut Lower<'_>, expr: &Expr) -> Substituted {
    let mut copy = expr.clone();
    super::whole::taken_out(cx, expr, &mut copy);
    with_placeholders(cx, copy)
}

fn with_placeholders(cx: &mut Lower<'_>, mut expr: Expr) -> Substituted {
    let mut visitor = Substitute { cx, shadowed: Vec::new(), writes: Vec::new(), closures: 0 };
    visitor.visit_expr_mut(&mut expr);
    let writes = visitor.writes;
    Substituted { tokens: expr.to_token_stream(), writes }
}

struct Substitute<'a, 'e> {
    cx: &'a mut Lower<'e>,
    /// Names that the tokens themselves declare.
    shadowed: Vec<BTreeSet<Name>>,
    writes: Vec<Var>,
    closures: usize,
}

impl Substitute<'_, '_> {
    fn local(&self, expr: &Expr) -> Option<LocalId> {
        let Expr::Path(path) = super::flow::bare(expr) else { return None };
        if path.qself.is_some() {
            return None;
        }
        let ident = path.path.get_ident()?;
        let name = Name::of(ident);
        if self.shadowed.iter().any(|names| names.contains(&name)) {
            return None;
        }
        self.cx.lookup(ident)
    }

    fn shadow(&mut self, pat: &Pat) {
        let names = bound_idents(pat).iter().map(Name::of).collect::<Vec<_>>();
        match self.shadowed.last_mut() {
            Some(last) => last.extend(names),
            None => self.shadowed.push(names.into_iter().collect()),
        }
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        self.shadowed.push(BTreeSet::new());
        body(self);
        self.shadowed.pop();
    }

    /// A local, or a part of it, is changed by the tokens.
    fn written(&mut self, place: &Expr) {
        let mut base = place;
        loop {
            base = match base {
                Expr::Index(index) => &index.expr,
                Expr::Field(field) => &field.base,
                Expr::Paren(paren) => &paren.expr,
                Expr::Group(group) => &group.expr,
                Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => &unary.expr,
                base => break self.local(base).map_or((), |id| self.local_written(id, place)),
            }
        }
    }

    fn local_written(&mut self, id: LocalId, place: &Expr) {
        let val = self.cx.read(id).peeled();
        match &val {
            Val::Cell(var, _) => self.writes.push(*var),
            Val::Memory(memory) if !self.cx.holds_floats(&val) => self.writes.push(memory.place.root),
            Val::Scalar(_, ty) if !self.cx.types.is_float(ty) => {
                self.cx.want_cell(id);
            }
            Val::Never | Val::Uninit => {}
            _ => {
                self.cx.reject(
                    Kind::Expression,
                    place,
                    "a differentiated variable is changed in code that the compiler does not look into",
                    "assign it in a statement of its own",
                );
            }
        }
    }
}

impl Substitute<'_, '_> {
    /// `grad::constant(x)` of a number with a name: it may be made beforehand, and what reads it reads a constant.
    fn is_stop(&mut self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        let Expr::Path(path) = super::flow::bare(&call.func) else { return false };
        let is_constant = path.path.segments.last().is_some_and(|last| last.ident == "constant");
        let Some(id) = call.args.first().filter(|_| is_constant).and_then(|arg| self.local(arg)) else {
            return false;
        };
        let val = self.cx.read(id);
        let ty = self.cx.type_of(&val);
        call.args.len() == 1 && self.cx.types.is_float(&self.cx.types.peel(&ty))
    }
}

impl Substitute<'_, '_> {
    /// What a local holds, or a part of a tuple that is one: other parts may be gone.
    fn part(&mut self, expr: &Expr) -> Option<Val> {
        if let Some(id) = self.local(expr) {
            return Some(self.cx.read(id));
        }
        let Expr::Field(field) = super::flow::bare(expr) else { return None };
        let syn::Member::Unnamed(at) = &field.member else { return None };
        match self.part(&field.base)?.peeled() {
            Val::Tuple(mut of) if (at.index as usize) < of.len() => Some(of.swap_remove(at.index as usize)),
            _ => None,
        }
    }

    /// A local that is handed to somebody who may change what it refers to.
    fn lent(&mut self, expr: &mut Expr) {
        if let Some(id) = self.local(expr) {
            let val = self.cx.read(id);
            *expr = Expr::Verbatim(self.cx.at(&*expr, |cx| cx.as_code_in_place(val)));
        }
    }
}

impl VisitMut for Substitute<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if self.is_stop(expr) {
            let val = expr::lower(self.cx, expr);
            let val = self.cx.settle(val);
            *expr = Expr::Verbatim(self.cx.at(&*expr, |cx| cx.as_code(val).tokens));
            return;
        }
        if let Some(val) = self.part(expr) {
            *expr = Expr::Verbatim(self.cx.at(&*expr, |cx| cx.read_in_place(val)));
            return;
        }
        match expr {
            Expr::Closure(closure) => {
                self.closures += 1;
                self.scoped(|this| {
                    for pat in &closure.inputs {
                        this.shadow(pat);
                    }
                    this.visit_expr_mut(&mut closure.body);
                });
                self.closures -= 1;
            }
            Expr::If(branch) => {
                self.scoped(|this| {
                    this.visit_expr_mut(&mut branch.cond);
                    this.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.visit_expr_mut(otherwise);
                }
            }
            Expr::While(repeat) => self.scoped(|this| {
                this.visit_expr_mut(&mut repeat.cond);
                this.visit_block_mut(&mut repeat.body);
            }),
            Expr::Let(cond) => {
                self.visit_expr_mut(&mut cond.expr);
                self.shadow(&cond.pat);
            }
            Expr::ForLoop(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                self.scoped(|this| {
                    this.shadow(&repeat.pat);
                    this.visit_block_mut(&mut repeat.body);
                });
            }
            Expr::Match(branch) => {
                self.visit_expr_mut(&mut branch.expr);
                for arm in &mut branch.arms {
                    self.scoped(|this| {
                        this.shadow(&arm.pat);
                        if let Pat::Guard(guarded) = &mut arm.pat {
                            this.visit_expr_mut(&mut guarded.guard);
                        }
                        this.visit_expr_mut(&mut arm.body);
                    });
                }
            }
            Expr::Assign(assign) => {
                self.written(&assign.left);
                visit_mut::visit_expr_assign_mut(self, assign);
            }
            Expr::Reference(reference) => {
                if reference.mutability.is_some() {
                    self.written(&reference.expr);
                }
                visit_mut::visit_expr_reference_mut(self, reference);
            }
            Expr::Binary(binary) => {
                if binary.op.to_token_stream().to_string().ends_with('=')
                    && !matches!(
                        binary.op,
                        syn::BinOp::Eq(_) | syn::BinOp::Ne(_) | syn::BinOp::Le(_) | syn::BinOp::Ge(_)
                    )
                {
                    self.written(&binary.left);
                }
                visit_mut::visit_expr_binary_mut(self, binary);
            }
            // The function's own failure.
            Expr::Try(question) if self.closures == 0 && super::outcome::may_fail(self.cx) => {
                self.visit_expr_mut(&mut question.expr);
            }
            Expr::Return(_) | Expr::Try(_) | Expr::Await(_) | Expr::Yield(_) if self.closures == 0 => {
                self.cx.reject(
                    Kind::ControlFlow,
                    expr,
                    "an exit inside code that the compiler does not look into",
                    "bind this part with a `let` of its own first",
                );
            }
            Expr::Call(call) => {
                call.args.iter_mut().for_each(|arg| self.lent(arg));
                visit_mut::visit_expr_call_mut(self, call);
                call.args.iter_mut().for_each(strip);
            }
            Expr::MethodCall(call) => {
                if !method::is_of_floats(call) {
                    self.lent(&mut call.receiver);
                    call.args.iter_mut().for_each(|arg| self.lent(arg));
                }
                visit_mut::visit_expr_method_call_mut(self, call);
                call.args.iter_mut().for_each(strip);
            }
            Expr::Macro(call) => {
                let shadowed = self.shadowed.iter().flatten().cloned().collect();
                let (tokens, writes) = macros::substitute(self.cx, &call.mac, &shadowed);
                self.writes.extend(writes);
                *expr = Expr::Verbatim(tokens);
            }
            expr => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        self.scoped(|this| {
            for stmt in &mut block.stmts {
                this.visit_stmt_mut(stmt);
            }
        });
    }

    fn visit_stmt_mut(&mut self, stmt: &mut syn::Stmt) {
        match stmt {
            syn::Stmt::Macro(call) => {
                let shadowed = self.shadowed.iter().flatten().cloned().collect();
                let (tokens, writes) = macros::substitute(self.cx, &call.mac, &shadowed);
                self.writes.extend(writes);
                *stmt = syn::Stmt::Expr(Expr::Verbatim(tokens), call.semi_token);
            }
            stmt => visit_mut::visit_stmt_mut(self, stmt),
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, otherwise)) = &mut init.diverge {
                self.visit_expr_mut(otherwise);
            }
        }
        self.shadow(&local.pat);
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        // `S { x }` becomes `S { x: x }`.
        if field.colon_token.is_none() && self.local(&field.expr).is_some() {
            field.colon_token = Some(syn::Token![:](proc_macro2::Span::call_site()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// An argument needs no parentheses.
fn strip(arg: &mut Expr) {
    if let Expr::Verbatim(tokens) = arg {
        *tokens = expr::without_parens(std::mem::take(tokens));
    }
}

/// Whether an identifier in a pattern binds a name; constants and variants without fields look the same.
pub(crate) fn is_binding(pat: &syn::PatIdent) -> bool {
    pat.by_ref.is_some()
        || pat.mutability.is_some()
        || pat.subpat.is_some()
        || !pat.ident.to_string().starts_with(char::is_uppercase)
}

/// The names that a pattern binds.
pub(crate) fn bound_idents(pat: &Pat) -> Vec<Ident> {
    struct Find(Vec<Ident>);
    impl<'a> syn::visit::Visit<'a> for Find {
        fn visit_pat_ident(&mut self, pat: &'a syn::PatIdent) {
            if is_binding(pat) {
                self.0.push(pat.ident.clone());
            }
            syn::visit::visit_pat_ident(self, pat);
        }
        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut find = Find(Vec::new());
    syn::visit::Visit::visit_pat(&mut find, pat);
    find.0
}

/// `panic!` and its kin: control does not come back.
pub(crate) fn is_panic(mac: &syn::Macro) -> bool {
    mac.path.segments.last().is_some_and(|segment| {
        matches!(
            segment.ident.to_string().as_str(),
            "panic" | "unreachable" | "todo" | "unimplemented" | "bail"
        )
    })
}

/// The variable that a place in tokens starts with.
pub(crate) fn base_var(code: &Code) -> Option<Var> {
    code.tokens.clone().into_iter().find_map(|tree| match tree {
        proc_macro2::TokenTree::Ident(ident) => crate::ir::placeholder_index(&ident),
        proc_macro2::TokenTree::Group(group) => base_var(&Code::new(group.stream(), false)),
        _ => None,
    })
}

/// A value assigned to a local that was declared with a type.
pub(crate) fn annotated(cx: &mut Lower<'_>, val: Val, id: LocalId) -> Val {
    match cx.local(id).annotation.clone() {
        Some(ty) => with_type(cx, val, &ty),
        None => val,
    }
}

/// A value of a type that the user wrote: constants keep it, as the generated code does not repeat it.
pub(crate) fn with_type(cx: &mut Lower<'_>, val: Val, annotation: &syn::Type) -> Val {
    let ty = lower_type(&cx.types, annotation);
    match val {
        Val::Scalar(Operand::Lit(lit), known) if cx.types.is_int(&known) => {
            Val::Scalar(Operand::Lit(suffixed(lit, &annotation.to_token_stream().to_string())), known)
        }
        Val::Code(code)
            if cx.types.is_int(&code.ty) && code.cheap && matches!(annotation, syn::Type::Path(_)) =>
        {
            let is_known = cx.is_usize_code(&Code::new(code.tokens.clone(), true));
            let tokens = expr::without_parens(code.tokens.clone());
            if is_known { Val::Code(code) } else { cx.typed_int(tokens, ty, annotation) }
        }
        Val::Code(code)
            if (!code.typed || Code::new(code.tokens.clone(), true).is_none())
                && !matches!(annotation, syn::Type::Infer(_)) =>
        {
            let tokens = expr::without_parens(code.tokens);
            let tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
            let known = if matches!(ty, Type::Opaque) { code.ty } else { ty };
            Val::Code(CodeVal { tokens, ty: known, cheap: code.cheap, typed: true })
        }
        // A call that was evaluated already.
        Val::Scalar(Operand::Var(var), known) => {
            cx.types.unify(&known, &ty);
            cx.annotate(var, known, annotation)
        }
        val @ Val::Memory(_) => {
            cx.annotate_made(&val, annotation);
            annotated_parts::with_types_inside(cx, val, annotation)
        }
        val @ Val::Tuple(_) => annotated_parts::with_types_inside(cx, val, annotation),
        val => val,
    }
}

/// An integer literal with the type that the user wrote beside it.
fn suffixed(lit: Lit, suffix: &str) -> Lit {
    let plain = !lit.text.contains(['u', 'i', '.']);
    if is_int_name(suffix) && plain {
        let text = format!("{}_{suffix}", lit.text);
        return Lit { text, value: lit.value };
    }
    lit
}

/// The type of integers that an annotation names, inside arrays and references.
fn element_name(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Array(array) => element_name(&array.elem),
        syn::Type::Slice(slice) => element_name(&slice.elem),
        syn::Type::Reference(reference) => element_name(&reference.elem),
        syn::Type::Group(group) => element_name(&group.elem),
        syn::Type::Paren(paren) => element_name(&paren.elem),
        syn::Type::Path(path) => {
            let last = path.path.segments.last()?;
            match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
                    syn::GenericArgument::Type(ty) => element_name(ty),
                    _ => None,
                },
                _ => Some(last.ident.to_string()),
            }
        }
        _ => None,
    }
}

/// `let x: [u8; 2] = [1, 2];`: the first literal keeps the type.
pub(crate) fn suffix_elements(cx: &mut Lower<'_>, val: &Val, annotation: &syn::Type) {
    let Some(name) = element_name(annotation).filter(|name| is_int_name(name)) else { return };
    let Val::Memory(memory) = val.clone().peeled() else { return };
    let Some(Stmt::Alloc { var, init }) = cx.blocks.last_mut().and_then(|block| block.last_mut()) else {
        return;
    };
    if *var != memory.place.root {
        return;
    }
    let first = match init {
        crate::ir::Init::Array(elems) | crate::ir::Init::Vec(elems) => elems.first_mut(),
        crate::ir::Init::ArrayRepeat { value, .. } | crate::ir::Init::VecRepeat { value, .. } => Some(value),
        _ => None,
    };
    if let Some(crate::ir::Elem::Scalar(Operand::Lit(lit))) = first {
        *lit = suffixed(lit.clone(), &name);
    }
}

impl Lower<'_> {
    /// Adds the user's annotation to the statement that just made `var`, if that does not say its type.
    fn annotate(&mut self, var: Var, ty: Type, annotation: &syn::Type) -> Val {
        let val = Val::Scalar(Operand::Var(var), ty.clone());
        let is_int = self.types.is_int(&ty);
        // What counts from literals has its type from here.
        if is_int && self.named[var.index()] && !self.is_usize(&Operand::Var(var)) {
            let tokens = self.operand_tokens(&Operand::Var(var));
            return self.typed_int(tokens, ty, annotation);
        }
        if matches!(annotation, syn::Type::Infer(_)) || self.named[var.index()] {
            return val;
        }
        match self.blocks.last_mut().and_then(|block| block.last_mut()) {
            Some(Stmt::Let { var: last, op: crate::ir::Op::Code(code) }) if *last == var && !code.cheap => {
                let tokens = std::mem::take(&mut code.tokens);
                code.tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
                val
            }
            // The arms of a branch may be literals.
            Some(Stmt::Branch(branch)) if is_int && branch.results.contains(&var) => {
                let tokens = self.operand_tokens(&Operand::Var(var));
                self.typed_int(tokens, ty, annotation)
            }
            _ => val,
        }
    }

    /// The same of memory that was just made: `let a: Array1<f64> = Array1::zeros(n);`, or of constants that rustc knows by
    /// this type alone, `let a: [f64; 2] = rates(n)[..2].try_into().unwrap();`.
    fn annotate_made(&mut self, val: &Val, annotation: &syn::Type) {
        let Val::Memory(memory) = val else { return };
        if matches!(annotation, syn::Type::Infer(_)) || !memory.place.path.is_empty() {
            return;
        }
        let is_matrix = matches!(self.types.resolve(&memory.ty), Type::Matrix(..));
        let root = memory.place.root;
        let is_named = self.named[root.index()];
        let Some(Stmt::Alloc { var, init }) = self.last_stmt() else { return };
        if *var != root {
            return;
        }
        let code = match init {
            Init::Point(code) if is_matrix => code,
            // What is written behind `&` lives as long as the variable, and would not in the arguments of a call.
            Init::Code(code) if !is_named && !code.cheap && !code.is_reference() => code,
            _ => return,
        };
        let tokens = std::mem::take(&mut code.tokens);
        code.tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
    }

    /// An integer with the type that the user wrote beside it.
    fn typed_int(&mut self, tokens: TokenStream, ty: Type, annotation: &syn::Type) -> Val {
        let tokens = quote!(::core::convert::identity::<#annotation>(#tokens));
        let operand = self.push_let("index", ty.clone(), crate::ir::Op::Code(Code::new(tokens, true)));
        if matches!(annotation, syn::Type::Path(path) if path.path.is_ident("usize")) {
            self.mark_usize(&operand);
        }
        Val::Scalar(operand, ty)
    }
}
