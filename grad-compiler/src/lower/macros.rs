//! Macros: a list of those that are known. Messages and checks are kept as they are, once.

use super::closure::Effects;
use super::env::Name;
use super::exits::Dead;
use super::expr::{self, lower_array};
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, code, constant, matrix_made};
use crate::ir::{Code, Init, Stmt, Var};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::Expr;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A statement: a message, a check. `format` arguments begin at this position.
    Effect {
        format: usize,
    },
    /// Control does not come back.
    Panic,
    Vec,
    /// Of a matrix, by its elements.
    Matrix,
    Matches,
    /// A constant with format arguments.
    Format {
        format: usize,
    },
    /// Prints its argument, and is it.
    Debug,
    /// A constant that depends on nothing.
    Constant,
}

fn known(mac: &syn::Macro) -> Option<Known> {
    let name = mac.path.segments.last()?.ident.to_string();
    Some(match name.as_str() {
        "assert" | "debug_assert" | "write" | "writeln" | "log" | "ensure" => Known::Effect { format: 1 },
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => Known::Effect { format: 2 },
        "println" | "eprintln" | "print" | "eprint" | "trace" | "debug" | "info" | "warn" | "error" => {
            Known::Effect { format: 0 }
        }
        "panic" | "unreachable" | "todo" | "unimplemented" | "bail" => Known::Panic,
        "vec" => Known::Vec,
        "vector" | "dvector" | "matrix" | "dmatrix" | "array" | "stack" | "concatenate" => Known::Matrix,
        "matches" => Known::Matches,
        "dbg" => Known::Debug,
        "format" | "format_args" | "anyhow" => Known::Format { format: 0 },
        "concat" | "stringify" | "env" | "option_env" | "include_str" | "include_bytes" | "include"
        | "line" | "column" | "file" | "module_path" | "cfg" => Known::Constant,
        _ => return None,
    })
}

/// What is noticed of a macro's running.
pub(crate) fn effects(mac: &syn::Macro) -> Effects {
    match known(mac) {
        // Those that compare something in front of their message.
        Some(Known::Effect { .. }) if is_check(mac) => Effects::Panics,
        Some(Known::Panic) => Effects::Panics,
        Some(Known::Vec | Known::Matrix | Known::Matches | Known::Format { .. } | Known::Constant) => {
            Effects::None
        }
        Some(Known::Effect { .. } | Known::Debug) | None => Effects::Changes,
    }
}

/// The expressions that a macro evaluates, if it is known which these are.
pub(crate) fn expressions(mac: &syn::Macro) -> Option<Vec<Expr>> {
    let all = |input: ParseStream<'_>| -> syn::Result<Vec<Expr>> {
        let mut found = Vec::new();
        while !input.is_empty() {
            found.push(argument(input)?.1);
            if input.peek(syn::Token![;]) {
                input.parse::<syn::Token![;]>()?;
            } else if !input.is_empty() {
                input.parse::<syn::Token![,]>()?;
            }
        }
        Ok(found)
    };
    match known(mac)? {
        Known::Constant => Some(Vec::new()),
        Known::Matches => {
            let (value, _, guard) = matched.parse2(mac.tokens.clone()).ok()?;
            Some([value].into_iter().chain(guard).collect())
        }
        _ => all.parse2(mac.tokens.clone()).ok(),
    }
}

fn is_check(mac: &syn::Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.trim_start_matches("debug_").starts_with("assert")
    })
}

/// `write!(text, …)`: what it says goes into its first argument.
fn is_write(mac: &syn::Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| last.ident == "write" || last.ident == "writeln")
}

/// A macro as an expression, or (`used` is false) as a statement.
pub(crate) fn lower(cx: &mut Lower<'_>, mac: &syn::Macro, at: &dyn ToTokens, used: bool) -> Val {
    match known(mac) {
        Some(Known::Effect { .. }) => {
            let (tokens, writes) = substitute(cx, mac, &BTreeSet::new());
            cx.push_effect(quote!(#tokens;), writes);
            Val::Unit
        }
        Some(Known::Panic) => {
            let (tokens, writes) = substitute(cx, mac, &BTreeSet::new());
            cx.push_effect(quote!(#tokens;), writes);
            cx.dead = Some(Dead::Panic);
            Val::Never
        }
        Some(Known::Vec) => lower_vec(cx, mac),
        Some(Known::Matrix) => match rows_of(cx, mac) {
            Some(rows) if used => matrix_made::of_elements(cx, mac, &rows),
            _ => lower_unknown(cx, mac, at, used),
        },
        Some(Known::Matches) => lower_matches(cx, mac),
        Some(Known::Debug) => lower_debug(cx, mac),
        Some(Known::Format { .. }) => {
            let (tokens, _) = substitute(cx, mac, &BTreeSet::new());
            Val::Code(CodeVal { tokens, ty: Type::Opaque, cheap: false, typed: true })
        }
        Some(Known::Constant) => {
            let ty = match mac.path.segments.last().map(|segment| segment.ident.to_string()).as_deref() {
                Some("cfg") => Type::Bool,
                Some("line" | "column") => Type::Int,
                _ => cx.type_at(mac, Origin::Constant),
            };
            Val::Code(CodeVal { tokens: mac.to_token_stream(), ty, cheap: true, typed: true })
        }
        None => lower_unknown(cx, mac, at, used),
    }
}

/// `write!(text, "{x}").unwrap()`: a message, and what is done where it cannot be written.
pub(super) fn lower_unwrapped(cx: &mut Lower<'_>, call: &syn::ExprMethodCall) -> Option<Val> {
    let Expr::Macro(of) = super::flow::bare(&call.receiver) else { return None };
    let is_checked = match call.method.to_string().as_str() {
        "unwrap" | "ok" => call.args.is_empty(),
        "expect" => matches!(call.args.first(), Some(Expr::Lit(_))),
        _ => false,
    };
    if !is_write(&of.mac) || !is_checked {
        return None;
    }
    let (tokens, writes) = substitute(cx, &of.mac, &BTreeSet::new());
    let (method, args) = (&call.method, &call.args);
    cx.push_effect(quote!(#tokens.#method(#args);), writes);
    Some(Val::Unit)
}

/// A macro of which nothing is known may read constants.
fn lower_unknown(cx: &mut Lower<'_>, mac: &syn::Macro, at: &dyn ToTokens, used: bool) -> Val {
    let mut reads_followed = false;
    let tokens = substitute_raw(cx, mac.tokens.clone(), &BTreeSet::new(), &mut |cx, val| {
        reads_followed |= !cx.is_constant(val);
    });
    if reads_followed {
        let name = mac.path.to_token_stream().to_string().replace(' ', "");
        return cx.reject(
            Kind::Macro,
            &at.to_token_stream(),
            &format!("the macro `{name}!` is not known, and is given variables that are differentiated"),
            "write the code out, or turn the macro into a function with `#[grad]`",
        );
    }
    let tokens = with_arguments(mac, tokens);
    if used {
        let ty = cx.type_at(mac, Origin::Constant);
        Val::Code(CodeVal { tokens, ty, cheap: false, typed: false })
    } else {
        // It may change what it is given.
        let code = Code::new(quote!(#tokens;), false).acting();
        cx.push(Stmt::Effect { code, writes: Vec::new() });
        Val::Unit
    }
}

fn with_arguments(mac: &syn::Macro, tokens: TokenStream) -> TokenStream {
    let mut mac = mac.clone();
    mac.tokens = tokens;
    mac.to_token_stream()
}

/// The expressions of a macro's arguments, read once for all runs.
fn arguments(cx: &Lower<'_>, mac: &syn::Macro) -> Option<(Rc<Vec<Expr>>, bool)> {
    let repeat = |input: ParseStream<'_>| -> syn::Result<Vec<Expr>> {
        let value = input.parse::<Expr>()?;
        input.parse::<syn::Token![;]>()?;
        let len = input.parse::<Expr>()?;
        Ok(vec![value, len])
    };
    let list = |input: ParseStream<'_>| -> syn::Result<Vec<Expr>> {
        Ok(Punctuated::<Expr, syn::Token![,]>::parse_terminated(input)?.into_iter().collect())
    };
    let is_repeat = mac
        .tokens
        .clone()
        .into_iter()
        .any(|tree| matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ';'));
    let key = std::ptr::from_ref(mac).addr();
    if let Some(exprs) = cx.parsed.exprs.borrow().get(&key) {
        return Some((exprs.clone(), is_repeat));
    }
    let exprs =
        if is_repeat { repeat.parse2(mac.tokens.clone()) } else { list.parse2(mac.tokens.clone()) }.ok()?;
    let exprs = Rc::new(exprs);
    cx.parsed.exprs.borrow_mut().insert(key, exprs.clone());
    Some((exprs, is_repeat))
}

/// `vec![a, b]`, `vec![a; n]`
fn lower_vec(cx: &mut Lower<'_>, mac: &syn::Macro) -> Val {
    let Some((exprs, is_repeat)) = arguments(cx, mac) else {
        return cx.reject(
            Kind::Macro,
            mac,
            "`vec!` cannot be read",
            "write `vec![a, b]` or `vec![value; length]`",
        );
    };
    match exprs.as_slice() {
        [value, len] if is_repeat => {
            let val = expr::lower(cx, value);
            let val = cx.settle(val);
            let of = cx.type_of(&val);
            let is_constant = constant::stays_constant(cx, &val);
            if is_constant && constant::is_left_as_it_is(cx, value) {
                let value = cx.as_code(val).tokens;
                let len = expr::lower(cx, len);
                let len = cx.as_int(len);
                let len = cx.operand_tokens(&len);
                let krate = &cx.types.krate;
                return constant::made(cx, quote!(#krate::__private::vec![#value; #len]));
            }
            let node = value;
            let value = expr::elem(cx, val);
            let len = expr::lower(cx, len);
            let len = cx.as_int(len);
            let made = cx.push_alloc("values", Type::vec(of.clone()), Init::VecRepeat { value, len });
            if is_constant { constant::makes_sequence(cx, node, &of, made) } else { made }
        }
        [] => {
            let of = cx.type_at(mac, Origin::Constant);
            if constant::is_left_as_it_is(cx, mac) {
                let vec = crate::shape::vec(&cx.types.krate);
                return constant::made(cx, quote!(#vec::new()));
            }
            let made = cx.push_alloc("values", Type::vec(of.clone()), Init::Empty { capacity: None });
            constant::makes_sequence(cx, mac, &of, made)
        }
        exprs => lower_array(cx, exprs, expr::List::Vec),
    }
}

/// `dbg!(value)`: it is printed once, as the user's own is.
fn lower_debug(cx: &mut Lower<'_>, mac: &syn::Macro) -> Val {
    let Some((exprs, false)) = arguments(cx, mac) else { return Val::Never };
    let [value] = exprs.as_slice() else {
        return cx.reject(Kind::Macro, mac, "`dbg!` of several values, or of none", "write one for each");
    };
    let written = mac.tokens.to_string();
    let val = expr::lower(cx, value);
    let val = cx.settle(val);
    let tokens = cx.as_code(val.clone()).tokens;
    let print = quote!(::std::eprintln!(
        "[{}:{}:{}] {} = {:#?}",
        ::core::file!(),
        ::core::line!(),
        ::core::column!(),
        #written,
        &#tokens
    ););
    cx.push_effect(print, Vec::new());
    val
}

/// The expressions of `a, b; c, d`, read once for all runs.
fn rows_of(cx: &Lower<'_>, mac: &syn::Macro) -> Option<Rc<Vec<Vec<Expr>>>> {
    let key = std::ptr::from_ref(mac).addr();
    if let Some(rows) = cx.parsed.rows.borrow().get(&key) {
        return Some(rows.clone());
    }
    let row = |input: ParseStream<'_>| -> syn::Result<Vec<Expr>> {
        let mut row = Vec::new();
        while !input.is_empty() && !input.peek(syn::Token![;]) {
            row.push(input.parse()?);
            if input.peek(syn::Token![,]) {
                input.parse::<syn::Token![,]>()?;
            }
        }
        Ok(row)
    };
    let rows =
        |input: ParseStream<'_>| Punctuated::<Vec<Expr>, syn::Token![;]>::parse_terminated_with(input, row);
    let rows: Vec<Vec<Expr>> = rows.parse2(mac.tokens.clone()).ok()?.into_iter().collect();
    let rows = Rc::new(rows);
    cx.parsed.rows.borrow_mut().insert(key, rows.clone());
    Some(rows)
}

/// `matches!(value, pattern)`
fn lower_matches(cx: &mut Lower<'_>, mac: &syn::Macro) -> Val {
    let (tokens, _) = substitute(cx, mac, &BTreeSet::new());
    Val::Code(CodeVal { tokens, ty: Type::Bool, cheap: true, typed: true })
}

/// The macro call with placeholders for locals, and the variables that it may change.
pub(crate) fn substitute(
    cx: &mut Lower<'_>,
    mac: &syn::Macro,
    shadowed: &BTreeSet<Name>,
) -> (TokenStream, Vec<Var>) {
    let format = match known(mac) {
        Some(Known::Effect { format } | Known::Format { format }) => Some(format),
        Some(Known::Panic) => Some(0),
        Some(Known::Matches) => return substitute_matches(cx, mac, shadowed),
        Some(Known::Vec | Known::Matrix | Known::Debug | Known::Constant) | None => None,
    };
    let parsed = if shadowed.is_empty() { format.and_then(|_| parse_arguments(mac)) } else { None };
    let Some(args) = parsed else {
        let tokens = substitute_raw(cx, mac.tokens.clone(), shadowed, &mut |_, _| {});
        return (with_arguments(mac, tokens), Vec::new());
    };
    let mut writes = Vec::new();
    let mut parts: Vec<TokenStream> = Vec::new();
    let mut named: Vec<Ident> = Vec::new();
    let mut captured = Vec::new();
    for (at, (name, arg)) in args.iter().enumerate() {
        if let Some(name) = name {
            named.push(name.clone());
        }
        if Some(at) == format
            && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = super::flow::bare(arg)
        {
            captured = captures(text);
        }
        let arg = code::substitute(cx, arg);
        writes.extend(arg.writes);
        let tokens = expr::without_parens(arg.tokens);
        // The macro itself lends it to be changed.
        if at == 0 && is_write(mac) {
            writes.extend(Code::new(tokens.clone(), false).reads);
        }
        parts.push(match name {
            Some(name) => quote!(#name = #tokens),
            None => tokens,
        });
    }
    for name in captured {
        if named.contains(&name) {
            continue;
        }
        if let Some(id) = cx.lookup(&name) {
            named.push(name.clone());
            let val = cx.read(id);
            let tokens = expr::without_parens(cx.read_in_place(val));
            parts.push(quote!(#name = #tokens));
        }
    }
    (with_arguments(mac, quote!(#(#parts),*)), writes)
}

type Argument = (Option<Ident>, Expr);

/// `a`, `x = b`
fn argument(input: ParseStream<'_>) -> syn::Result<Argument> {
    if input.peek(syn::Ident) && input.peek2(syn::Token![=]) && !input.peek2(syn::Token![==]) {
        let name = input.parse::<Ident>()?;
        input.parse::<syn::Token![=]>()?;
        return Ok((Some(name), input.parse()?));
    }
    Ok((None, input.parse()?))
}

/// `"{} {x}", a, x = b`
fn parse_arguments(mac: &syn::Macro) -> Option<Vec<Argument>> {
    let list = |input: ParseStream<'_>| -> syn::Result<Vec<Argument>> {
        let mut args = Vec::new();
        while !input.is_empty() {
            args.push(argument(input)?);
            if !input.is_empty() {
                input.parse::<syn::Token![,]>()?;
            }
        }
        Ok(args)
    };
    list.parse2(mac.tokens.clone()).ok()
}

/// The variables that a format string names: `{x}`, `{x:>width$.precision$}`.
fn captures(text: &syn::LitStr) -> Vec<Ident> {
    let value = text.value();
    let mut names: Vec<Ident> = Vec::new();
    let mut add = |name: &str| {
        let is_name = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && let Ok(ident) = syn::parse_str::<Ident>(name) {
            let ident = Ident::new(&ident.to_string(), text.span());
            if !names.contains(&ident) {
                names.push(ident);
            }
        }
    };
    let mut rest = value.as_str();
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let (name, spec) = match rest[..close].split_once(':') {
            Some((name, spec)) => (name, spec),
            None => (&rest[..close], ""),
        };
        add(name.trim());
        for part in spec.split('$').rev().skip(1) {
            let start = part.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
            add(&part[start..]);
        }
        rest = &rest[close + 1..];
    }
    names
}

/// `value, pattern if guard`
fn matched(input: ParseStream<'_>) -> syn::Result<(Expr, syn::Pat, Option<Expr>)> {
    let value = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
    let guard = if input.parse::<Option<syn::Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
    input.parse::<Option<syn::Token![,]>>()?;
    Ok((value, pat, guard))
}

fn substitute_matches(
    cx: &mut Lower<'_>,
    mac: &syn::Macro,
    shadowed: &BTreeSet<Name>,
) -> (TokenStream, Vec<Var>) {
    let Ok((value, pat, guard)) = matched.parse2(mac.tokens.clone()) else {
        let tokens = substitute_raw(cx, mac.tokens.clone(), shadowed, &mut |_, _| {});
        return (with_arguments(mac, tokens), Vec::new());
    };
    let value = code::substitute(cx, &value);
    let guard = guard.map(|guard| {
        // The pattern's own names are not ours.
        cx.scoped(|cx| {
            let scopes = std::mem::take(&mut cx.scopes);
            let hidden: Vec<Name> = code::bound_idents(&pat).iter().map(Name::of).collect();
            cx.scopes = scopes
                .iter()
                .map(|scope| {
                    let visible = scope.iter().filter(|(name, _)| !hidden.contains(name));
                    visible.map(|(name, id)| (name.clone(), *id)).collect()
                })
                .collect();
            let guard = code::substitute(cx, &guard).tokens;
            cx.scopes = scopes;
            quote!(if #guard)
        })
    });
    let tokens = value.tokens;
    (with_arguments(mac, quote!(#tokens, #pat #guard)), value.writes)
}

/// Replaces identifiers that name locals, in tokens that are not read as expressions.
fn substitute_raw(
    cx: &mut Lower<'_>,
    tokens: TokenStream,
    shadowed: &BTreeSet<Name>,
    found: &mut dyn FnMut(&mut Lower<'_>, &Val),
) -> TokenStream {
    let mut replaced = TokenStream::new();
    // Behind one a field or a method has its name, behind two a range its end.
    let mut dots = 0;
    for tree in tokens {
        let after_dot = dots == 1;
        let dot = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.');
        dots = if dot { dots + 1 } else { 0 };
        match tree {
            TokenTree::Ident(ident) if !after_dot && !shadowed.contains(&Name::of(&ident)) => {
                match cx.lookup(&ident) {
                    Some(id) => {
                        let val = cx.read(id);
                        found(cx, &val);
                        let tokens = cx.read_in_place(val);
                        replaced.extend(tokens);
                    }
                    None => replaced.extend([TokenTree::Ident(ident)]),
                }
            }
            TokenTree::Group(group) => {
                let inner = substitute_raw(cx, group.stream(), shadowed, found);
                let mut again = proc_macro2::Group::new(group.delimiter(), inner);
                again.set_span(group.span());
                replaced.extend([TokenTree::Group(again)]);
            }
            tree => replaced.extend([tree]),
        }
    }
    replaced
}
