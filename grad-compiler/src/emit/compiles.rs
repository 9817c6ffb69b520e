//! Does the user's function compile? One error for one mistake.
//!
//! A derivative calls what its function calls. Where a call is wrong, it is wrong in every derivative, and rustc would
//! report each. So derivatives name their callees by way of a constant, [`COMPILES`], which holds the function's body once
//! more, in a closure that nobody calls, and asks the callees which of their parameters are constants. What is wrong with
//! the body, rustc says of it in the words it has for the function itself, and it says the same thing once. Of types that
//! depend on a constant that does not compile, it says nothing.

use super::expr::{RUNTIME, respan};
use super::forms::{Called, generics_of, has_row, is_nested, of_operator, way_of_method};
use super::items::Cx;
use super::lints::Written;
use super::own_types::tangent;
use super::parts::kind_of_part;
use super::{Tokens, site};
use crate::function::{CLOSURE, FunctionParam, by_path};
use crate::hash::{HashMap, HashSet};
use crate::ir::{
    Arg, ArgKind, Block, Call, Callee, ForwardCall, Func, Init, Place, Proj, StandsFor, Stmt, Var, replace,
};
use crate::local_items;
use crate::operator::Operator;
use proc_macro2::{Group, Ident, Span, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Item, Meta, ReturnType, Signature};

/// 0, if the function compiles.
const COMPILES: &str = "COMPILES";

/// 0, if its body does, whatever callees say: of wrong arguments they have nothing to say.
const BODY: &str = "__GRAD_BODY";

/// The constant, inside of the functions of the user's function.
pub(super) fn compiles_here(krate: &Tokens, written: &Written, span: Span) -> Tokens {
    written.callee();
    let compiles = Ident::new(COMPILES, span);
    quote_spanned!(span=> <Self as #krate::__private::Compiles>::#compiles)
}

/// A callee, if the function that calls it compiles.
pub(super) fn by_way_of(constant: &Tokens, path: &Tokens, krate: &Tokens, span: Span) -> Tokens {
    quote_spanned!(span=> <#path as #krate::__private::Callee<{ #constant }>>::It)
}

/// A body in a closure, as a statement; `None` where no closure can be typed like its function.
pub(super) fn in_a_closure(signature: &Signature, block: &syn::Block) -> Option<Tokens> {
    let s = site();
    let result = match &signature.output {
        ReturnType::Default => quote_spanned!(s=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let is_plain = signature.generics.params.is_empty() && !result.to_string().contains(['&', '\'']);
    let inputs = &signature.inputs;
    is_plain.then(|| quote_spanned!(s=> let _ = |#inputs| -> #result #block;))
}

impl Cx<'_> {
    /// The constant, of the type that users call and of that of the forms, if some of their functions name callees: forward
    /// mode may call what reverse mode need not.
    pub(super) fn compiles(&self, name: &Ident) -> Tokens {
        if !self.written.names_callees() {
            return Tokens::new();
        }
        let s = site();
        let (krate, bear, of_body) = (self.krate(), self.bear(), Ident::new(BODY, s));
        let compiles = Ident::new(COMPILES, s);
        let (body, names, contracts) = (self.body_again(), self.names_of_callees(), &self.contracts);
        let parts = self.parts();
        // What the user allows or expects of the function is allowed there.
        let allow = self.sig.item.attrs.iter().filter_map(|attr| match &attr.meta {
            Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
                let lints = &list.tokens;
                Some(quote_spanned!(s=> #[allow(#lints)]))
            }
            _ => None,
        });
        quote_spanned! {s=>
            #(#allow)*
            impl #krate::__private::Compiles for #bear {
                const #compiles: ::core::primitive::usize = {
                    #parts
                    const #of_body: ::core::primitive::usize = { #body 0 };
                    #names
                    #contracts
                    #of_body
                };
            }
            impl #krate::__private::Compiles for #name {
                const #compiles: ::core::primitive::usize = <#bear as #krate::__private::Compiles>::#compiles;
            }
        }
    }

    /// The body in a closure, if a closure can be typed like the function: it is generic over nothing, and does not relate
    /// the lifetime of its result with those of its arguments.
    fn body_again(&self) -> Tokens {
        let item = self.sig.item;
        let mut block = item.block.clone();
        AskMethods { krate: self.krate(), contracts: &self.contracts_of_methods }.visit_block_mut(&mut block);
        Asked { made: &self.made, krate: self.krate(), types: self.types_here() }.visit_block_mut(&mut block);
        // There the user's views are views.
        let mut signature = item.sig.clone();
        crate::matrix::array::unlend_views(&mut signature);
        in_a_closure(&signature, &block).unwrap_or_default()
    }

    /// What gives callees their names inside of the body.
    fn names_of_callees(&self) -> Tokens {
        // Nobody reads all of them here, which is nothing to be warned of.
        local_items::of_calls(&self.sig.item.block).into_iter().flat_map(resolved_here).collect()
    }

    /// What each call agrees upon with its callee: which arguments are active.
    pub(super) fn agree_with_callees(&mut self, func: &Func, reverse: &Block) {
        let (mut contracts, mut of_methods) = (Tokens::new(), HashMap::default());
        for_each_stmt(&func.body, &mut |stmt| {
            if let Stmt::Alloc { var, init: Init::Record { path, .. } } = stmt
                && is_closure(path)
            {
                self.passed.insert(*var, quote_spanned!(site()=> passes::<#path>()));
            }
        });
        for (var, stands_for) in &func.functions {
            if let StandsFor::Path(path) = stands_for {
                let it = by_path(path);
                self.passed.insert(*var, quote_spanned!(site()=> passes_by_path(&#it)));
            }
        }
        let mut made = Made::default();
        let fields = FieldsOf::of(func, &[&func.body, reverse]);
        let name = |ident: &Ident, var: Var| {
            let name = func.vars.get(var.index()).and_then(|data| syn::parse_str(&data.name).ok());
            name.unwrap_or_else(|| ident.clone())
        };
        for_each_stmt(&func.body, &mut |stmt| match stmt {
            Stmt::ForwardCall(forward) if is_asked_in_place(&forward.call.callee) => {
                of_methods
                    .extend(self.takes_of(forward, &fields).map(|takes| (asked_at(&forward.call), takes)));
            }
            Stmt::ForwardCall(forward) => contracts.extend(self.contract(forward, &fields)),
            Stmt::Alloc { var, .. } if func.vars[var.index()].plain => {}
            Stmt::Alloc { init: Init::Record { path, members, .. }, .. }
                if is_closure(path) || members[..] == [Proj::Boxed] => {}
            Stmt::Alloc { init: Init::Record { path, .. }, .. } => {
                made.literals.insert(path.to_string());
            }
            Stmt::Alloc { init: Init::Point(code), .. } => {
                let tokens = replace(code.tokens.clone(), &mut |ident, var| name(ident, var));
                made.constants.insert(tokens.to_string());
            }
            _ => {}
        });
        // What runs again in the reverse sweep calls there.
        for_each_stmt(reverse, &mut |stmt| match stmt {
            Stmt::ForwardCall(forward) if is_asked_in_place(&forward.call.callee) => {
                of_methods
                    .extend(self.takes_of(forward, &fields).map(|takes| (asked_at(&forward.call), takes)));
            }
            Stmt::ForwardCall(forward) => contracts.extend(self.contract(forward, &fields)),
            _ => {}
        });
        (self.contracts, self.contracts_of_methods) = (contracts, of_methods);
        self.made = made;
    }

    /// `takes(Active, Constant)`: what is said to a callee; `None` where the type of a field's tangent says it that has no name here.
    fn takes_of(
        &self,
        ForwardCall { call, active, .. }: &ForwardCall,
        fields: &FieldsOf<'_>,
    ) -> Option<Takes> {
        let krate = self.krate();
        let mut tangents = Vec::new();
        let markers = call.args.iter().zip(active).map(|(arg, active)| {
            let s = arg.span.resolved_at(site());
            let krate = respan(krate.clone(), s);
            if *active
                && arg.kind.is_unchanged()
                && let ArgKind::Memory { place, .. } = &arg.kind
                && let Some((param, path)) = fields.field(place)
            {
                let tangent = tangent(self.sig.params.get(param?)?.ty, &self.types_here(), &krate)?;
                let name = Ident::new(&format!("tangent{}", tangents.len()), s);
                self.written.part();
                tangents.push(quote_spanned!(s=> #name: &#tangent));
                let steps = kind_of_part(&path, s, &krate);
                return Some(quote_spanned!(s=> #krate::__private::argument(&#name #steps).activity()));
            }
            Some(if let Some(passed) = self.passed_in(arg) {
                let passed = respan(self.of_runtime(passed), s);
                quote_spanned!(s=> #krate::__private::#passed)
            } else if *active {
                quote_spanned!(s=> #krate::__private::Active)
            } else if matches!(arg.kind, ArgKind::Code { .. }) {
                quote_spanned!(s=> #krate::__private::Unfollowed)
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            })
        });
        let markers = markers.collect::<Option<Vec<_>>>()?;
        let s = call.span.resolved_at(site());
        let takes = Ident::new(TAKES, s);
        Some(Takes { tangents, call: quote_spanned!(s=> #takes(#(#markers),*)) })
    }

    /// What is said of an argument that stands for a function.
    fn passed_in(&self, arg: &Arg) -> Option<&Tokens> {
        match &arg.kind {
            ArgKind::Memory { place, .. } => self.passed.get(&place.root),
            ArgKind::Scalar(_)
            | ArgKind::ScalarRef(_)
            | ArgKind::ScalarMut { .. }
            | ArgKind::Kept(_)
            | ArgKind::Code { .. } => None,
        }
    }

    fn contract(&self, forward: &ForwardCall, fields: &FieldsOf<'_>) -> Tokens {
        let (ForwardCall { call, .. }, krate) = (forward, self.krate());
        // Of a function that is handed on, a constant does not know the type.
        let has_constants = self.sig.item.sig.generics.const_params().next().is_some();
        let is_unnamed = has_constants && call.args.iter().any(|arg| self.passed_in(arg).is_some());
        if is_nested(&call.callee) || !self.args.functions.is_empty() || is_unnamed {
            return Tokens::new();
        }
        let s = call.span.resolved_at(site());
        let (path, _) = generics_of(call.callee.tokens());
        let path = self.of_runtime(&path.into_iter().collect());
        let body = Ident::new(BODY, s).to_token_stream();
        let forms = match &call.callee {
            Callee::Function(_) => {
                let callee = by_way_of(&body, &path, krate, s);
                quote_spanned!(s=> <#callee as #krate::__private::FirstDerivative>::FORMS)
            }
            // A constant knows nothing of type parameters.
            Callee::Associated(path) if self.names_scalar(path) => return Tokens::new(),
            Callee::Associated(_) => {
                let called = Called { callee: &call.callee, args: &[], by_way: &body, lent: None };
                called.first(krate, s).unwrap_or_default()
            }
            // Of which type it is, rustc knows where the receiver and the operands are.
            Callee::Method(_) | Callee::Operator { .. } => return Tokens::new(),
            // A bound says what it takes.
            Callee::Parameter(_) => return Tokens::new(),
        };
        let Some(takes) = self.takes_of(forward, fields) else { return Tokens::new() };
        takes.asked_of(&forms, s)
    }

    /// The runtime by its path.
    fn of_runtime(&self, tokens: &Tokens) -> Tokens {
        let krate = self.krate();
        let named = tokens.clone().into_iter().map(|tree| match tree {
            TokenTree::Ident(ident) if ident == RUNTIME => {
                let s = ident.span().resolved_at(site());
                quote_spanned!(s=> #krate::__private)
            }
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), self.of_runtime(&group.stream())).into_token_stream()
            }
            tree => tree.into(),
        });
        named.collect()
    }

    /// Whether a type parameter that stands for a float is among the tokens.
    fn names_scalar(&self, tokens: &Tokens) -> bool {
        tokens.clone().into_iter().any(|tree| match tree {
            TokenTree::Ident(ident) => self.args.scalars.contains(&ident),
            TokenTree::Group(group) => self.names_scalar(&group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }

    /// The function's side of the agreement.
    pub(super) fn takes(&self) -> Tokens {
        let s = site();
        let (vis, name, krate) = (self.vis(), Ident::new(TAKES, s), self.krate());
        let functions = &self.args.functions;
        let of_functions = functions.iter().map(|FunctionParam { interface, position, is_plain, .. }| {
            let marker = &self.markers[*position];
            let of = is_plain.then(|| quote_spanned!(s=> <It: #interface>));
            quote_spanned!(s=> #marker: #krate::__private::PassedFunction #of)
        });
        let bounds = self.marker_params().into_iter().enumerate();
        let bounds = bounds.filter(|(at, _)| !functions.iter().any(|function| function.position == *at));
        let bounds: Vec<Tokens> = bounds.map(|(_, bound)| bound).chain(of_functions).collect();
        let generics = if bounds.is_empty() { Tokens::new() } else { quote_spanned!(s=> <#(#bounds),*>) };
        let markers = &self.markers;
        quote_spanned!(s=> #vis fn #name #generics(self, #(_: #markers),*) {})
    }
}

/// What is said to a callee.
pub(super) struct Takes {
    /// What of it says the type of a field's tangent: parameters of a closure that nobody calls.
    tangents: Vec<Tokens>,
    /// `takes(Active, Constant)`
    call: Tokens,
}

impl Takes {
    fn asked_of(&self, forms: &Tokens, s: Span) -> Tokens {
        let Takes { tangents, call } = self;
        quote_spanned!(s=> let _ = |#(#tangents),*| #forms.#call;)
    }
}

/// The fields of the user's types, in a function.
struct FieldsOf<'f> {
    func: &'f Func,
    views: HashMap<Var, &'f Place>,
}

impl<'f> FieldsOf<'f> {
    fn of(func: &'f Func, blocks: &[&'f Block]) -> FieldsOf<'f> {
        let mut views = HashMap::default();
        for block in blocks {
            for_each_stmt(block, &mut |stmt| {
                if let Stmt::View { var, place, .. } = stmt {
                    views.insert(*var, place);
                }
            });
        }
        FieldsOf { func, views }
    }

    /// Of which parameter it is a field, if it is one of a parameter, and by which steps; `None` of what is no field.
    fn field(&self, place: &Place) -> Option<(Option<usize>, Vec<Proj>)> {
        let (mut root, mut path) = (place.root, place.path.clone());
        while let Some(of) = self.views.get(&root) {
            path.splice(0..0, of.path.iter().cloned());
            root = of.root;
        }
        let is_field = !self.func.vars[root.index()].derivative && path.iter().any(Proj::is_field);
        is_field.then(|| (self.func.params.iter().position(|param| param.var == root), path))
    }
}

/// Whether it is the type that stands for a closure.
fn is_closure(path: &Tokens) -> bool {
    path.to_string().starts_with(CLOSURE)
}

/// What it is, the types of its arguments say: it is asked where it is called.
fn is_asked_in_place(callee: &Callee) -> bool {
    match callee {
        Callee::Method(_) | Callee::Operator { .. } => true,
        Callee::Function(_) | Callee::Associated(_) | Callee::Parameter(_) => false,
    }
}

/// Takes a marker for each argument.
const TAKES: &str = "takes";

/// Asks methods where they are called: the receiver leads to them. What has a method in it is not asked twice.
struct AskMethods<'a> {
    krate: &'a Tokens,
    contracts: &'a HashMap<String, Takes>,
}

impl VisitMut for AskMethods<'_> {
    fn visit_expr_assign_mut(&mut self, assign: &mut syn::ExprAssign) {
        self.visit_left(&mut assign.left);
        self.visit_expr_mut(&mut assign.right);
    }

    fn visit_expr_binary_mut(&mut self, binary: &mut syn::ExprBinary) {
        if Operator::of(&binary.op).is_some_and(|of| of.assigns) {
            self.visit_left(&mut binary.left);
        } else {
            self.visit_expr_mut(&mut binary.left);
        }
        self.visit_expr_mut(&mut binary.right);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Some(asked) = self.operator(expr).or_else(|| self.element(expr)) {
            *expr = Expr::Verbatim(asked);
            return;
        }
        let Expr::MethodCall(call) = &*expr else { return };
        if has_row(&call.method, call.args.len() + 1) {
            return;
        }
        let Some(Takes { tangents, call: takes }) =
            self.contracts.get(&place(call.method.span())).filter(|_| is_plain(&call.receiver))
        else {
            return;
        };
        let s = call.method.span().resolved_at(site());
        let (krate, receiver, way) =
            (respan(self.krate.clone(), s), &call.receiver, way_of_method(&call.method));
        let asked = quote_spanned! {s=> {
            let _ = |#(#tangents),*| {
                let bearer = #krate::__private::of_receiver::<0, _, _, _>((#receiver).#way(), &(#receiver));
                #krate::__private::first_forms::<0, _>(bearer).#takes
            };
            #call
        }};
        if let Ok(asked) = syn::parse2(asked) {
            *expr = asked;
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl AskMethods<'_> {
    /// What is assigned to stays a place.
    fn visit_left(&mut self, left: &mut Expr) {
        match left {
            Expr::Index(index) => {
                self.visit_left(&mut index.expr);
                self.visit_expr_mut(&mut index.index);
            }
            Expr::Field(field) => self.visit_left(&mut field.base),
            Expr::Paren(paren) => self.visit_left(&mut paren.expr),
            left => self.visit_expr_mut(left),
        }
    }

    /// An element by an `Index` of the user's, whose derivatives are asked for.
    fn element(&self, expr: &Expr) -> Option<Tokens> {
        let Expr::Index(index) = expr else { return None };
        let span = index.bracket_token.span.open();
        let Takes { tangents, call: takes } = self.contracts.get(&(place(span) + "Index"))?;
        let s = span.resolved_at(site());
        let krate = respan(self.krate.clone(), s);
        let [of, at] = ["of", "at"].map(|name| Ident::new(name, s));
        let bearer =
            of_operator("Index", &krate, [&of, &at].map(|name| quote_spanned!(s=> &#name)).into_iter(), s);
        let (base, index) = (&index.expr, &index.index);
        Some(quote_spanned! {s=>
            (*match (&#base, #index) {
                (#of, #at) => {
                    let _ = |#(#tangents),*| #krate::__private::first_forms::<0, _>(#bearer).#takes;
                    &#of[#at]
                }
            })
        })
    }

    /// The operands, asked for the derivatives of their operator, and the operator itself.
    fn operator(&self, expr: &Expr) -> Option<Tokens> {
        let (span, of, operands) = match expr {
            Expr::Binary(binary) => {
                (binary.op.span(), Operator::of(&binary.op)?, [Some(&binary.left), Some(&binary.right)])
            }
            Expr::Unary(unary @ syn::ExprUnary { op: syn::UnOp::Neg(minus), .. }) => {
                (minus.span(), Operator::of_trait("Neg")?, [Some(&unary.expr), None])
            }
            _ => return None,
        };
        // One that assigns may be the plain one, and a store.
        let Takes { tangents, call: takes } = self.contracts.get(&(place(span) + of.name))?;
        let s = span.resolved_at(site());
        let krate = respan(self.krate.clone(), s);
        let names = ["left", "right"].map(|name| Ident::new(name, s));
        let operands: Vec<Tokens> = operands
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(at, operand)| {
                if of.assigns && at == 0 {
                    quote_spanned!(s=> &mut #operand)
                } else {
                    quote_spanned!(s=> #operand)
                }
            })
            .collect();
        let names = &names[..operands.len()];
        let references = names.iter().map(|name| quote_spanned!(s=> &#name));
        let bearer = of_operator(of.name, &krate, references, s);
        let path = of.function(s);
        Some(quote_spanned! {s=>
            (match (#(#operands,)*) {
                (#(#names,)*) => {
                    let _ = |#(#tangents),*| #krate::__private::first_forms::<0, _>(#bearer).#takes;
                    #path(#(#names),*)
                }
            })
        })
    }
}

/// Whether an expression is a variable or a part of one.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_plain(&field.base),
        Expr::Index(index) => is_plain(&index.expr) && matches!(*index.index, Expr::Path(_) | Expr::Lit(_)),
        Expr::Paren(paren) => is_plain(&paren.expr),
        Expr::Group(group) => is_plain(&group.expr),
        Expr::Reference(reference) => is_plain(&reference.expr),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_plain(&unary.expr),
        _ => false,
    }
}

/// Where a callee is asked what it takes.
fn asked_at(call: &Call) -> String {
    match &call.callee {
        Callee::Operator { of_trait, .. } => place(call.span) + of_trait,
        Callee::Function(_) | Callee::Associated(_) | Callee::Method(_) | Callee::Parameter(_) => {
            place(call.span)
        }
    }
}

/// Where something is written, to be compared.
fn place(span: Span) -> String {
    format!("{span:?}")
}

fn resolved_here(tokens: Tokens) -> Tokens {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => {
                let mut here = Group::new(group.delimiter(), resolved_here(group.stream()));
                here.set_span(group.span().resolved_at(site()));
                here.into()
            }
            mut tree => {
                tree.set_span(tree.span().resolved_at(site()));
                tree
            }
        })
        .collect()
}

/// What a function makes of types of the user's, in the user's words.
#[derive(Default)]
pub(super) struct Made {
    /// The paths of literals into which differentiated values go.
    literals: HashSet<String>,
    /// Constants into which such values are put later.
    constants: HashSet<String>,
}

/// Asks what is made whether it has tangents.
struct Asked<'a> {
    made: &'a Made,
    krate: &'a Tokens,
    /// 0, if those in the signature have them.
    types: Tokens,
}

impl Asked<'_> {
    fn must_have_tangents(&self, expr: &Expr) -> bool {
        let path = match expr {
            Expr::Struct(literal) => Some(&literal.path),
            Expr::Call(call) => match &*call.func {
                Expr::Path(function) => Some(&function.path),
                _ => None,
            },
            _ => None,
        };
        path.is_some_and(|path| self.made.literals.contains(&path.to_token_stream().to_string()))
            || !self.made.constants.is_empty()
                && self.made.constants.contains(&expr.to_token_stream().to_string())
    }
}

impl VisitMut for Asked<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let is_asked = self.must_have_tangents(expr);
        visit_mut::visit_expr_mut(self, expr);
        if is_asked {
            let first = expr.to_token_stream().into_iter().next();
            let s = first.map_or_else(site, |tree| tree.span().resolved_at(site()));
            let (krate, types) = (respan(self.krate.clone(), s), respan(self.types.clone(), s));
            *expr = Expr::Verbatim(
                quote_spanned!(s=> #krate::__private::must_have_tangents::<{ #types }, _>(#expr)),
            );
        }
    }
}

pub(super) fn for_each_stmt<'a>(block: &'a Block, f: &mut dyn FnMut(&'a Stmt)) {
    for stmt in &block.stmts {
        f(stmt);
        stmt.for_each_block(&mut |block| for_each_stmt(block, f));
    }
}
