//! The pass list: from the tokens of an item to those of the item and its derivatives.

mod block;
pub mod border;
mod checkpoint;
mod conversions;
mod custom;
mod given;
pub mod in_place;
mod lifetimes;
mod promises;
mod variants;

use crate::analysis::{Facts, Problem, Rewrites};
use crate::args::{Args, JacobianMode};
use crate::check::{self, Check};
use crate::diag::{Code, Errors};
use crate::emit::Derivatives;
use crate::ir::{Block, Func, Ty};
use crate::transform::{self, Given, Higher, Lists, Mode, Reversed, Seeded, Tangents, Width};
use crate::{analysis, emit, lower, simplify};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ItemFn, ItemImpl, ItemTrait};

/// What `#[grad(args)]` on an item expands to. The item itself comes first, token for token. Never panics.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    border::guarded(&args, &item, || expansion(args.clone(), item.clone()))
}

/// The same, for tests that look for panics.
#[allow(clippy::needless_pass_by_value, reason = "the form of a macro")]
pub fn expansion(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, args);
    let is_readable = lower::size::prescan(&mut errors, &item);
    if !is_readable {
        return with_errors(&item, errors, None);
    }
    if begins_with(&item, "impl")
        && let Ok(block) = syn::parse2::<ItemImpl>(item.clone())
    {
        no_objects(&mut errors, &args);
        return block::expand(errors, &args, block);
    }
    if begins_with(&item, "trait")
        && let Ok(of_trait) = syn::parse2::<ItemTrait>(item.clone())
    {
        return promises::expand(errors, &args, of_trait);
    }
    no_objects(&mut errors, &args);
    let function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            not_a_function(&mut errors, &item, &error);
            if let Some(stubs) = after_a_semicolon(&item, &error, &args) {
                return quote!(#item #stubs);
            }
            return with_errors(&item, errors, None);
        }
    };
    if let Some(word) = &args.skip {
        errors.push_at(
            Code::NotYetArgument,
            word,
            "`skip` on a function that is in no block with `#[grad]`",
            "remove the attribute",
        );
    }
    if let Some(word) = self_type(item.clone()) {
        errors.push_at(
            Code::Method,
            word,
            "the attribute is on a function of a block that does not have it",
            "put `#[grad]` on the `impl` block, too",
        );
        return with_errors(&item, errors, None);
    }
    let derivatives = expand_function(&mut errors, &function, &args);
    if errors.is_empty() {
        quote!(#item #derivatives)
    } else {
        let errors = errors.finish_beside(emit::body_again(&function).as_ref());
        quote!(#item #errors #derivatives)
    }
}

/// `dyn` is for traits.
fn no_objects(errors: &mut Errors, args: &Args) {
    if let Some(word) = &args.objects {
        errors.push_at(
            Code::NotYetArgument,
            word,
            "`dyn` on something that is no trait",
            "remove it, or put it into the attribute of the trait",
        );
    }
}

/// `Self`, where a function names the type that it is one of.
fn self_type(item: TokenStream) -> Option<Ident> {
    let trees: Vec<TokenTree> = item.into_iter().collect();
    // Blocks inside of the function have a type of their own.
    let is_word = |tree: &TokenTree, word: &str| matches!(tree, TokenTree::Ident(ident) if ident == word);
    if trees.iter().any(|tree| is_word(tree, "impl") || is_word(tree, "trait")) {
        return None;
    }
    trees.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == "Self" => Some(ident),
        TokenTree::Group(group) => self_type(group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// Whether the tokens are those of such an item, as far as can be told from their beginning.
fn begins_with(item: &TokenStream, keyword: &str) -> bool {
    let mut trees = item.clone().into_iter();
    let is_word = |tree: &TokenTree, words: &[&str]| matches!(tree, TokenTree::Ident(ident) if words.iter().any(|word| ident == word));
    trees
        .find(|tree| is_word(tree, &["impl", "fn", "struct", "enum", "trait", "mod", "union"]))
        .is_some_and(|tree| is_word(&tree, &[keyword]))
}

/// The derivatives of a function; what stands in for them, where it has errors.
fn expand_function(errors: &mut Errors, function: &ItemFn, args: &Args) -> TokenStream {
    let mut found = Errors::new();
    let derivatives = derivatives(&mut found, function, args);
    let is_right = found.is_empty();
    errors.append(found);
    if is_right { derivatives } else { stubs(function, args, false).unwrap_or_default() }
}

/// What stands beside the function, which comes without its attribute.
pub fn derivatives(errors: &mut Errors, function: &ItemFn, args: &Args) -> TokenStream {
    let before = errors.messages().len();
    let (mut function, args) = crate::function::with_functions(errors, function, args);
    crate::matrix::array::lend_views(&mut function.sig, &args.krate, &args.scalars);
    lifetimes::name_in(&mut function.sig, &args);
    let (function, args) = (&function, &args);
    if errors.messages().len() != before {
        return TokenStream::new();
    }
    let without_body = args.has_rule().then(|| custom::without_body(function.clone()));
    let function = without_body.as_ref().unwrap_or(function);
    jacobian_mode(errors, function, args);
    let variants = variants::of(errors, function);
    let of_one_name = |variant: &&ItemFn| !has_namesakes(&variant.sig);
    variants.iter().filter(of_one_name).filter_map(|variant| derive(errors, variant, args)).collect()
}

/// Whether two parameters have one name. That is left for rustc to report.
fn has_namesakes(signature: &syn::Signature) -> bool {
    let mut names = std::collections::BTreeSet::new();
    signature.inputs.iter().any(|input| match input {
        syn::FnArg::Typed(input) => match &*input.pat {
            syn::Pat::Ident(pat) => !names.insert(lower::Name::of(&pat.ident)),
            _ => false,
        },
        syn::FnArg::Receiver(_) => false,
    })
}

/// The methods of an annotated block that get derivatives, as functions, with the arguments that concern each.
pub fn methods(errors: &mut Errors, args: &Args, block: ItemImpl) -> Vec<(ItemFn, Args)> {
    block::methods(errors, args, block)
}

/// The function under each combination of the conditions in it, for those who want to see what becomes of it.
pub fn variants(errors: &mut Errors, function: &ItemFn) -> Vec<ItemFn> {
    variants::of(errors, function)
}

/// A mode is chosen for a Jacobian that can be computed in it.
fn jacobian_mode(errors: &mut Errors, function: &ItemFn, args: &Args) {
    let Some(mode) = args.jacobian else { return };
    match (mode, emit::has_jacobian(function, args)) {
        (_, [false, _]) => errors.push_at(
            Code::JacobianMode,
            &function.sig.ident,
            "`jacobian = …` on a function without a Jacobian",
            "remove it: the derivatives of one float are `grad`; a Jacobian is of an array, a tuple or a `Vec` that is \
             returned, or of the one `&mut` parameter of a function that returns nothing",
        ),
        (JacobianMode::Forward, [true, false]) => errors.push_at(
            Code::JacobianMode,
            &function.sig.ident,
            "`jacobian = forward` on a function that changes a constant",
            "remove it: by columns the function runs once for each column, and what is behind `&mut` would change each time",
        ),
        _ => {}
    }
}

/// The passes between a function and its derivatives.
fn derive(errors: &mut Errors, function: &ItemFn, args: &Args) -> Option<TokenStream> {
    if args.has_rule() {
        return custom::derive(errors, function, args);
    }
    let passes = passes(errors, function, args)?;
    Some(emit::emit(function, args, &passes.derivatives()))
}

/// What the passes make of a function, for those who want to see it.
#[derive(Clone, Debug)]
pub struct Passes {
    pub primal: Func,
    pub joint: Reversed,
    /// The joint form on assumptions about callees, where they help.
    pub trusting: Option<Reversed>,
    pub split: Reversed,
    /// The same for callers to whom a parameter is a constant, where that is worth it.
    pub given: Option<Given>,
    /// A reverse sweep for each of a few results.
    pub seeded: Option<Seeded>,
    pub tangents: Tangents,
    /// The same with several tangents side by side.
    pub lanes: Tangents,
    /// The derivatives from the second order on, as far as they are wanted.
    pub higher: Vec<Higher>,
    /// For each parameter: the one that says how much of it the function overwrites before it reads it.
    pub overwritten: Vec<Option<usize>>,
}

impl Passes {
    /// What the last pass prints.
    pub fn derivatives(&self) -> Derivatives<'_> {
        Derivatives {
            joint: &self.joint,
            trusting: self.trusting.as_ref(),
            overwritten: &self.overwritten,
            split: &self.split,
            given: self.given.as_ref(),
            seeded: self.seeded.as_ref(),
            tangents: &self.tangents,
            lanes: &self.lanes,
            higher: &self.higher,
        }
    }
}

/// Runs all passes but the last.
pub fn passes(errors: &mut Errors, function: &ItemFn, args: &Args) -> Option<Passes> {
    let args = &args.of_function(&function.sig);
    let primal = lower::lower(errors, function, args);
    if !errors.is_empty() {
        return None;
    }
    let mut primal = simplify::primal(&primal, Rewrites::default());
    for var in check::plain(&primal) {
        primal.vars[var.index()].plain = true;
    }
    let mut facts = analysis::analyse(&primal);
    for Problem { code, name, changes, method } in &facts.activity.problems {
        match method {
            Some(method) if *changes => check::method(errors, method),
            Some(method) => check::method_of_matrix(errors, method),
            None if args.says_underived(errors, &primal, code) => {}
            None => check::opaque(errors, function, code, name, *changes),
        }
    }
    conversions::refuse(errors, &primal, &facts.activity);
    let mut check = Check::new(&primal);
    check.refuse(errors, function, &|errors, code| args.says_underived(errors, &primal, code));
    if let Some(word) = &args.checkpoint {
        match analysis::checkpoints(&primal, &facts.layout, &facts.activity) {
            Ok(loops) => facts.checkpoints = loops,
            Err(obstacle) => checkpoint::nothing_to_run_again(errors, word, obstacle),
        }
    }
    if !errors.is_empty() {
        return None;
    }
    // From here on nothing is refused any more: what fails now is the compiler, and `check` finds it.
    let overwritten = analysis::overwritten(&primal, &facts.layout);
    let mut reversed = |facts: &Facts, mode| given::rewritten(&primal, facts, mode, &mut check);
    let split = reversed(&facts, Mode::Split);
    facts.trusts_callees = true;
    let trusting = reversed(&facts, Mode::Joint);
    facts.trusts_callees = false;
    // What needs no trust is all there is.
    let (joint, trusting) = match trusting.assumes[..] {
        [] => (trusting, None),
        [..] => (reversed(&facts, Mode::Joint), Some(trusting)),
    };
    let [mut tangents, mut lanes] = [Width::One, Width::Lanes].map(|width| {
        let tangents = transform::forward(&primal, &facts, width);
        check.forward(&tangents);
        tangents
    });
    // Blocks that run again run for all rows.
    let mut seeded = if facts.checkpoints.is_empty() { transform::seeded(&split) } else { None };
    if let Some(seeded) = &mut seeded {
        check.seeded(&split, seeded);
        // All rows are one block.
        let Seeded { func, reverse, .. } = seeded;
        simplify::reciprocals(func, [&mut Block::default(), reverse], primal.vars.len());
    }
    check.report(errors);
    let may_be_given = facts.checkpoints.is_empty() && !args.recursive;
    let given = if may_be_given { given::given(errors, &primal, &split) } else { None };
    let given = given.map(|given| Given { split: transform::owned_parts(given.split), ..given });
    if !errors.is_empty() {
        return None;
    }
    let split = transform::owned_parts(split);
    let split = transform::again(&primal, &split, &joint).map_or(split, transform::owned_parts);
    let mut higher = higher(errors, [&joint, &split], args.order);
    let (mut joint, mut trusting, mut split, mut given) = (joint, trusting, split, given);
    let (vars, rewrites) = (primal.vars.len(), facts.rewrites);
    for Reversed { func, reverse, .. } in [&mut joint, &mut split].into_iter().chain(&mut trusting) {
        simplify::fours(func, reverse, vars, rewrites, false);
    }
    if let Some(given) = &mut given {
        let Reversed { func, reverse, .. } = &mut given.split;
        simplify::fours(func, reverse, vars, rewrites, true);
    }
    let first = [&mut joint, &mut split].into_iter().chain(&mut trusting);
    for Reversed { func, reverse, .. } in first.chain(given.iter_mut().map(|given| &mut given.split)) {
        simplify::uniform(func, reverse, facts.rewrites);
        simplify::fresh(func, reverse);
    }
    let swept = higher.iter_mut().flat_map(Higher::sweeps);
    let of_given = given.iter_mut().map(|given| &mut given.split);
    let whole = std::iter::once(&mut joint).chain(&mut trusting).map(|of| (of, false));
    let lent = std::iter::once(&mut split).chain(of_given).chain(swept).map(|of| (of, true));
    for (Reversed { func, reverse, alone, .. }, absent) in whole.chain(lent) {
        simplify::alone(func, reverse, alone);
        simplify::elements(func, reverse, absent, facts.rewrites);
        simplify::records(func, reverse, facts.rewrites);
    }
    for Tangents { func, .. } in [&mut tangents, &mut lanes] {
        simplify::elements(func, &mut Block::default(), false, facts.rewrites);
    }
    Some(Passes {
        joint,
        trusting,
        split,
        given,
        seeded,
        tangents,
        lanes,
        higher,
        overwritten,
        primal: primal.clone(),
    })
}

/// The derivatives from the second order on, each made from the one before.
fn higher(errors: &mut Errors, [joint, split]: [&Reversed; 2], highest: usize) -> Vec<Higher> {
    let has_gradient = matches!(joint.func.result_ty, Ty::Float(_));
    let mut higher: Vec<Higher> = Vec::new();
    for order in 2..=highest {
        let last = higher.last();
        let before_joint =
            last.map_or(has_gradient.then(|| joint.lists()), |last| Some(last.joint.as_ref()?.0.lists()));
        let before_split = last.map_or(split.lists(), |last| last.split.0.lists());
        let mut next = |derivative: Lists<'_>, mode, lanes: bool| {
            let whole = transform::whole(derivative, mode);
            let facts = analysis::analyse(&whole);
            let mut next = |width| {
                let next = transform::next(derivative, &whole, &facts, width);
                check::kept(errors, &whole, &next.missing);
                next
            };
            (next(Width::One), lanes.then(|| next(Width::Lanes)))
        };
        // Several side by side are for users, who have only products; and for what comes with the next order.
        let joint = before_joint.map(|joint| next(joint, Mode::Joint, order == 2 || order < highest));
        let split = next(before_split, Mode::Split, true);
        higher.push(Higher { order, joint, split });
    }
    higher
}

/// The item, and in place of its derivatives what is wrong with it.
fn with_errors(item: &TokenStream, errors: Errors, stubs: Option<&TokenStream>) -> TokenStream {
    let errors = errors.finish();
    quote!(#item #errors #stubs)
}

/// Functions that fail, so that calls of the derivatives give no errors of their own. Only where the signature is one
/// that they can have.
fn stubs(function: &ItemFn, args: &Args, is_unread: bool) -> Option<TokenStream> {
    let (mut function, args) = crate::function::with_functions(&mut Errors::new(), function, args);
    lifetimes::name_in(&mut function.sig, &args);
    let (function, args) = (&function, &args);
    let signature = &function.sig;
    let has_receiver = signature.inputs.iter().any(|input| matches!(input, syn::FnArg::Receiver(_)));
    let mentions = |word: &str| check::mentions(&signature.to_token_stream(), word);
    let plain = !has_receiver && signature.variadic.is_none() && !mentions("impl") && !mentions("cfg");
    // A type parameter of which nothing says that it is a float has been reported, and is called with one.
    let is_scalar = |param: &&syn::TypeParam| !crate::function::stands_for_function(param);
    let scalar =
        signature.generics.type_params().filter(is_scalar).map(|param| param.ident.clone()).collect();
    // A parameter that is not there has been reported, too.
    let is_there = |name: &Ident| {
        signature.inputs.iter().any(|input| match input {
            syn::FnArg::Typed(input) => matches!(&*input.pat, syn::Pat::Ident(pat) if pat.ident == *name),
            syn::FnArg::Receiver(_) => false,
        })
    };
    let wrt = args.wrt.clone().map(|names| names.into_iter().filter(is_there).collect::<Vec<_>>());
    let wrt = wrt.filter(|names| !names.is_empty());
    let args = Args { wrt, scalar, ..args.clone() }.of_function(signature);
    plain.then(|| emit::emit_stubs(function, &args, is_unread))
}

/// Where a `;` is missing, rustc has said so when it read the item, and has gone on: nothing is to be added, unless rustc knows
/// of a syntax that is new. Then it compiles what is called, which says so.
fn after_a_semicolon(item: &TokenStream, error: &syn::Error, args: &Args) -> Option<TokenStream> {
    if error.to_string() != "expected `;`" {
        return None;
    }
    let mut trees: Vec<TokenTree> = item.clone().into_iter().collect();
    let Some(TokenTree::Group(body)) = trees.last_mut() else { return None };
    *body = Group::new(Delimiter::Brace, TokenStream::new());
    let function = syn::parse2::<ItemFn>(trees.into_iter().collect()).ok()?;
    stubs(&function, args, true)
}

fn not_a_function(errors: &mut Errors, item: &TokenStream, error: &syn::Error) {
    let is_function =
        item.clone().into_iter().any(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "fn"));
    if is_function {
        errors.push(
            Code::Expression,
            error.span(),
            format!("syntax that is not known here: {error}"),
            "write it in another way",
        );
    } else {
        let keyword = item.clone().into_iter().find(|tree| {
            matches!(tree, TokenTree::Ident(ident) if matches!(
                ident.to_string().as_str(),
                "struct" | "enum" | "impl" | "trait" | "mod" | "const" | "static" | "type" | "union" | "macro_rules" | "use"
            ))
        });
        let at = keyword.map_or_else(|| item.clone(), TokenTree::into_token_stream);
        errors.push_at(
            Code::NotAFunction,
            at,
            "`#[grad]` goes on a function, on an `impl` block, or on a trait",
            "move the attribute to the function to differentiate, or to the block of the method",
        );
    }
}
