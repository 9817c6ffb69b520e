//! Whatever is written under `#[grad]`, the macro gives tokens: no panic, no overflow of the stack, no endless run.
//!
//! The functions of `tests/zoo/` are truncated, and their tokens, statements and expressions are repeated, left out, swapped
//! and exchanged with those of others; and there are streams of random tokens. Some hundreds in every run of the tests; as
//! many as one likes by
//!
//! ```text
//! GRAD_SCRAMBLED=100000 cargo test --release -p grad-compiler --test scrambled -- --nocapture
//! ```
//!
//! `GRAD_SEED` is where the random numbers begin. The case that runs is in the file that is named first, for the case that
//! the process dies of it.

use grad_compiler::expand;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Item, ItemFn, Stmt};

/// In every run of the tests.
const FEW: usize = 300;

/// The stack of the thread in which rustc runs macros.
const STACK: usize = 8 << 20;

/// No function of a page may take longer, unoptimised and on a machine that does other things.
const LONGEST: Duration = Duration::from_secs(60);

struct Random(u64);

impl Random {
    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        if from.is_empty() { None } else { Some(&from[self.below(from.len())]) }
    }
}

/// What the scrambled functions are made of.
#[derive(Default)]
struct Pool {
    /// Functions, with the arguments of their attribute.
    functions: Vec<(String, ItemFn)>,
    statements: Vec<Stmt>,
    exprs: Vec<Expr>,
    /// Tokens that are no brackets.
    tokens: Vec<TokenTree>,
}

impl Pool {
    fn of_the_zoo() -> Pool {
        let zoo = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/zoo");
        let mut files = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(zoo)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        let mut pool = Pool::default();
        for file in files {
            let file = syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap();
            for item in file.items {
                let Item::Fn(mut function) = item else { continue };
                let Some(at) = function.attrs.iter().position(|attr| attr.path().is_ident("grad")) else {
                    continue;
                };
                let args = match function.attrs.remove(at).meta {
                    syn::Meta::List(list) => list.tokens.to_string(),
                    _ => String::new(),
                };
                pool.visit_item_fn(&function);
                leaves(function.to_token_stream(), &mut pool.tokens);
                pool.functions.push((args, function));
            }
        }
        assert!(pool.functions.len() > 300, "the zoo has {} functions", pool.functions.len());
        pool
    }
}

impl<'ast> Visit<'ast> for Pool {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.statements.push(stmt.clone());
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.exprs.push(expr.clone());
        visit::visit_expr(self, expr);
    }
}

fn leaves(tokens: TokenStream, into: &mut Vec<TokenTree>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => leaves(group.stream(), into),
            tree => into.push(tree),
        }
    }
}

/// A statement in place of another, twice, or not at all, somewhere in a function.
struct Statements<'p> {
    random: &'p mut Random,
    pool: &'p Pool,
    /// Blocks until the one that is changed.
    until: usize,
}

impl VisitMut for Statements<'_> {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        if self.until == 0 {
            let (random, stmts) = (&mut *self.random, &mut block.stmts);
            let (a, b) = (random.below(stmts.len()), random.below(stmts.len()));
            match random.below(6) {
                0 if !stmts.is_empty() => drop(stmts.remove(a)),
                1 if !stmts.is_empty() => stmts.insert(b, stmts[a].clone()),
                2 if !stmts.is_empty() => stmts.swap(a, b),
                3 if !stmts.is_empty() => stmts.truncate(a),
                4 if !stmts.is_empty() => stmts.reverse(),
                _ => stmts.insert(a, random.of(&self.pool.statements).unwrap().clone()),
            }
        }
        self.until = self.until.wrapping_sub(1);
        visit_mut::visit_block_mut(self, block);
    }
}

/// An expression in place of another.
struct Exprs<'p> {
    random: &'p mut Random,
    pool: &'p Pool,
    until: usize,
}

impl VisitMut for Exprs<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if self.until == 0 {
            *expr = self.random.of(&self.pool.exprs).unwrap().clone();
        }
        self.until = self.until.wrapping_sub(1);
        visit_mut::visit_expr_mut(self, expr);
    }
}

/// Tokens left out, repeated, swapped, exchanged or cut off, somewhere in a stream.
fn scramble(random: &mut Random, pool: &Pool, tokens: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> =
        (0..trees.len()).filter(|at| matches!(&trees[*at], TokenTree::Group(_))).collect();
    if !random.one_in(4)
        && let Some(&at) = random.of(&groups)
        && let TokenTree::Group(group) = &trees[at]
    {
        let inner = scramble(random, pool, group.stream());
        trees[at] = Group::new(group.delimiter(), inner).into();
        return trees.into_iter().collect();
    }
    let (a, b) = (random.below(trees.len()), random.below(trees.len()));
    let (a, b) = (a.min(b), a.max(b));
    match random.below(7) {
        0 if !trees.is_empty() => drop(trees.remove(a)),
        1 if !trees.is_empty() => trees.splice(a..a, trees[a..b].to_vec()).for_each(drop),
        2 if !trees.is_empty() => trees.swap(a, b),
        3 => trees.truncate(a),
        4 => drop(trees.drain(a..b)),
        5 if !trees.is_empty() => trees[a] = random_tree(random, pool, 2),
        _ => trees.insert(a, random_tree(random, pool, 3)),
    }
    trees.into_iter().collect()
}

fn random_tree(random: &mut Random, pool: &Pool, depth: usize) -> TokenTree {
    const WORDS: [&str; 12] =
        ["f64", "x", "if", "else", "match", "for", "in", "return", "break", "move", "as", "let"];
    const PUNCTS: &[u8] = b"+-*/%=<>!&|^.,;:#?@$~'";
    match random.below(12) {
        0 | 1 if depth > 0 => {
            let delimiters = [Delimiter::Brace, Delimiter::Parenthesis, Delimiter::Bracket, Delimiter::None];
            let delimiter = delimiters[random.below(4)];
            Group::new(delimiter, random_stream(random, pool, depth - 1)).into()
        }
        2 => Ident::new(random.of(&WORDS).unwrap(), Span::call_site()).into(),
        3 => {
            let spacing = if random.one_in(2) { Spacing::Joint } else { Spacing::Alone };
            // A lone quote is no token: what follows it would be its lifetime.
            let char = char::from(*random.of(&PUNCTS[..PUNCTS.len() - 1]).unwrap());
            Punct::new(char, spacing).into()
        }
        4 => Literal::f64_unsuffixed(f64::from(u32::try_from(random.below(9)).unwrap())).into(),
        5 => Literal::usize_unsuffixed(random.below(1 << 20)).into(),
        _ => random.of(&pool.tokens).unwrap().clone(),
    }
}

fn random_stream(random: &mut Random, pool: &Pool, depth: usize) -> TokenStream {
    let len = random.below(12);
    (0..len).map(|_| random_tree(random, pool, depth)).collect()
}

/// The arguments of the attribute, and the item.
fn case(random: &mut Random, pool: &Pool) -> (TokenStream, TokenStream) {
    let (args, function) = random.of(&pool.functions).unwrap();
    let mut args: TokenStream = args.parse().unwrap();
    if random.one_in(8) {
        args = match random.below(4) {
            0 => "second, third".parse().unwrap(),
            1 => "checkpoint, recursive".parse().unwrap(),
            2 => "jacobian = forward".parse().unwrap(),
            _ => scramble(random, pool, args),
        };
    }
    let mut function = function.clone();
    let kind = random.below(10);
    if kind == 0 {
        let mut item = TokenStream::new();
        if random.one_in(4) {
            item.extend(random_stream(random, pool, 4));
        } else {
            item.extend("fn f(x: f64, y: &[f64]) -> f64".parse::<TokenStream>().unwrap());
            let body = (0..=random.below(4)).map(|_| random_stream(random, pool, 3)).collect();
            item.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
        }
        return (args, item);
    }
    if kind == 1 {
        // The body of another.
        function.block.clone_from(&random.of(&pool.functions).unwrap().1.block);
    }
    for _ in 0..=random.below(3) {
        let until = random.below(12);
        if random.one_in(2) {
            Statements { random: &mut *random, pool, until: until % 3 }.visit_item_fn_mut(&mut function);
        } else {
            Exprs { random: &mut *random, pool, until }.visit_item_fn_mut(&mut function);
        }
    }
    let mut item = function.into_token_stream();
    if kind < 6 {
        for _ in 0..=random.below(3) {
            item = scramble(random, pool, item);
        }
    }
    (args, item)
}

/// What has been found so far, by the place of the panic: one case each.
type Found = BTreeMap<String, String>;

fn number_from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn scrambled_functions_give_tokens() {
    let cases = number_from_environment("GRAD_SCRAMBLED", FEW);
    let seed = number_from_environment("GRAD_SEED", 1);
    let running = format!("{}/scrambled.rs", env!("CARGO_TARGET_TMPDIR"));
    println!("the case that runs is in {running}");
    let place = Arc::new(Mutex::new(String::new()));
    let hook = std::panic::take_hook();
    std::panic::set_hook({
        let place = Arc::clone(&place);
        Box::new(move |panic| {
            *place.lock().unwrap() = panic.location().map(ToString::to_string).unwrap_or_default();
        })
    });
    let (sender, receiver) = mpsc::channel();
    let start = Instant::now();
    let work = {
        let (running, place) = (running.clone(), Arc::clone(&place));
        move || {
            let pool = Pool::of_the_zoo();
            let mut found = Found::new();
            let (mut accepted, mut longest) = (0, Duration::ZERO);
            for number in 0..cases {
                let mut random = Random(u64::try_from(seed + number).unwrap());
                let (args, item) = case(&mut random, &pool);
                let text = format!("// {number}\n#[grad({args})]\n{item}\n");
                std::fs::write(&running, &text).unwrap();
                let begin = Instant::now();
                let expanded =
                    catch_unwind(AssertUnwindSafe(|| expand::expansion(args.clone(), item.clone())));
                longest = longest.max(begin.elapsed());
                match expanded {
                    Err(panic) => {
                        let words = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        let place = place.lock().unwrap().clone();
                        found.entry(format!("{place}: {words}")).or_insert(text);
                    }
                    Ok(tokens) => {
                        let text_of = tokens.to_string();
                        // Where a `;` is missing, rustc refuses the item itself.
                        let is_refused =
                            ["compile_error !", "not_read"].iter().any(|mark| text_of.contains(mark));
                        accepted += usize::from(!is_refused);
                        if !is_refused && let Err(error) = syn::parse2::<syn::File>(tokens) {
                            found.entry(format!("no Rust: {error}")).or_insert(text);
                        }
                    }
                }
                sender.send(None).unwrap();
            }
            sender.send(Some((found, accepted, longest))).unwrap();
        }
    };
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
    let (found, accepted, longest) = loop {
        match receiver.recv_timeout(LONGEST) {
            Ok(None) => {}
            Ok(Some(result)) => break result,
            Err(RecvTimeoutError::Timeout) => panic!("no end of the case in {running}"),
            Err(RecvTimeoutError::Disconnected) => {
                worker.join().unwrap();
                unreachable!("the worker sends its result");
            }
        }
    };
    std::panic::set_hook(hook);
    println!(
        "{cases} cases from seed {seed}: {accepted} accepted, the longest took {:.2} s, all {:.1} s",
        longest.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    let report: String = found.iter().map(|(place, text)| format!("{place}\n{text}\n")).collect();
    assert!(found.is_empty(), "{} kinds of panics:\n{report}", found.len());
}

/// What was found once.
#[test]
fn known_cases_give_tokens() {
    let items = [
        // A type that would be a part of itself.
        "fn f(x: &[f64]) -> f64 { let mut v = [x[0], helper(x)[0]]; [v[1], v] = [v[0], v[1]]; v[0] }",
        "fn f(x: &[f64]) -> f64 { let mut v = helper(x); v = v[0]; v = (v, v.0); v[1] }",
        // A value where nothing is returned.
        "fn f(x: f64, out: &mut [f64]) { x }",
        // A function that is not a name.
        "fn f(x: f64, k: usize) -> f64 { let a = (k as f64)(); x }",
    ];
    let work = move || {
        for item in items {
            let tokens = expand::expansion(TokenStream::new(), item.parse().unwrap());
            syn::parse2::<syn::File>(tokens).unwrap_or_else(|error| panic!("{item}: {error}"));
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}
