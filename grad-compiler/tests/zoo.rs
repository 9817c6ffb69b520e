//! The compiler as a library, fed with every function of the tests and with what is no function at all.

use grad_compiler::expand::expand;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::path::Path;
use std::str::FromStr;

/// Every function with `#[grad]` in the zoo, with the arguments of the attribute.
fn zoo() -> Vec<(TokenStream, syn::ItemFn)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/zoo");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the zoo is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.sort();
    let mut found = Found::default();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let file = syn::parse_file(&text).expect("it is Rust");
        syn::visit::visit_file(&mut found, &file);
    }
    assert!(found.functions.len() > 250, "the zoo has {} functions", found.functions.len());
    found.functions
}

#[derive(Default)]
struct Found {
    functions: Vec<(TokenStream, syn::ItemFn)>,
}

impl syn::visit::Visit<'_> for Found {
    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        if let Some(at) = item.attrs.iter().position(|attr| attr.path().is_ident("grad")) {
            let mut item = item.clone();
            let attr = item.attrs.remove(at);
            let args =
                attr.meta.require_list().map_or_else(|_| TokenStream::new(), |list| list.tokens.clone());
            self.functions.push((args, item));
        }
        syn::visit::visit_item_fn(self, item);
    }
}

fn tokens(text: &str) -> TokenStream {
    TokenStream::from_str(text).expect("balanced tokens")
}

fn expand_text(text: &str) -> TokenStream {
    expand(TokenStream::new(), tokens(text))
}

/// Runs `test` with the stack that rustc gives to a macro, less a little for rustc itself.
#[track_caller]
fn on_the_stack_of_rustc(test: impl FnOnce() + Send + 'static) {
    let thread =
        std::thread::Builder::new().stack_size(7 << 20).spawn(test).expect("a thread can be started");
    if let Err(payload) = thread.join() {
        std::panic::resume_unwind(payload);
    }
}

/// The texts of the errors in what the compiler answered: `::core::compile_error! { "…" }` beside the items. Does not
/// look into the items, which may be nested so deeply that they cannot even be printed.
fn errors(output: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut trees = output.clone().into_iter();
    while let Some(tree) = trees.next() {
        if matches!(&tree, TokenTree::Ident(ident) if ident == "compile_error") {
            found.push(trees.nth(1).expect("`!` and the text").to_string());
        }
    }
    found
}

/// Accepted, or refused with a number: what the compiler may do with a function. Whether it was refused.
#[track_caller]
fn refused(output: &TokenStream, cx: &str) -> bool {
    let errors = errors(output);
    for error in &errors {
        assert!(error.contains("GRAD0"), "{cx}: an error without a number: {error}");
    }
    !errors.is_empty()
}

/// All of them are expanded where rustc compiles them, too, and their values compared: what is seen here is that the user's
/// tokens come first, untouched, and that nothing differs from one time to the next. Both are of how a function is put together
/// and of the order of things, of which every function has many: a third of them are enough to tell.
#[test]
fn functions_of_the_zoo_expand_to_themselves_and_more_and_twice_to_the_same() {
    for (args, item) in zoo().into_iter().step_by(3) {
        let (name, item) = (item.sig.ident.to_string(), item.into_token_stream());
        let once = expand(args.clone(), item.clone());
        assert_eq!(errors(&once), Vec::<String>::new(), "{name}");
        let text = once.to_string();
        assert!(
            text.strip_prefix(&item.to_string()).is_some_and(|rest| !rest.is_empty()),
            "{name} does not come first"
        );
        let again = expand(args, item).to_string();
        assert!(text == again, "{name} expands differently the second time");
    }
}

#[test]
fn the_function_is_emitted_where_there_is_no_derivative() {
    let refused_text = "fn f(x: f64) -> f64 { let p = P { v: x }; p.v * unknown!(p) }";
    let output = expand(TokenStream::new(), tokens(refused_text));
    assert!(refused(&output, refused_text));
    let file = syn::parse2::<syn::File>(output).expect("items");
    let kept =
        file.items.iter().any(|item| item.to_token_stream().to_string() == tokens(refused_text).to_string());
    assert!(kept, "the function has gone");
}

/// `f(f(f(x)))` and the like, `depth` deep.
fn nested(before: &str, after: &str, depth: usize) -> String {
    format!("fn f(x: f64) -> f64 {{ {}x{} }}", before.repeat(depth), after.repeat(depth))
}

#[test]
fn deep_nesting_compiles_or_is_refused_by_number() {
    on_the_stack_of_rustc(check_deep_nesting);
}

fn check_deep_nesting() {
    for (before, after) in [
        ("(", ")"),
        ("{", "}"),
        ("if x > 0.0 {", "} else { x }"),
        ("g(", ")"),
        ("-", ""),
        ("!", ""),
        ("*", ""),
        ("&", ""),
        ("[", "][0]"),
        ("", ".sin()"),
        ("", " + x"),
        ("x * (", ")"),
        ("", "?"),
        ("", ".0"),
        ("", "[0]"),
        ("", " as f64"),
        ("return ", ""),
        ("|y| ", ""),
        ("loop { break ", "}"),
        ("match x { _ => ", "}"),
        ("for i in 0..2 {", "}"),
        ("(|y: f64| y * ", ")(x)"),
        ("vec![", "]"),
        ("assert!(", ")"),
        ("let y = ", "; y"),
        ("x = ", ""),
        ("a::<", ">()"),
        ("unsafe {", "}"),
        ("let x = { ", " }; x"),
        ("x..", ""),
    ] {
        for depth in [10, 40, 127, 130, 1000, 20_000] {
            let text = nested(before, after, depth);
            let Ok(stream) = TokenStream::from_str(&text) else { continue };
            let output = expand(TokenStream::new(), stream);
            let refused = refused(&output, &format!("{before} {after}, {depth} deep"));
            if depth >= 1000 && after != " + x" && after != ".sin()" {
                assert!(refused, "{before} {after}, {depth} deep, should be too deep");
            }
        }
    }
}

#[test]
fn deep_types_and_patterns_compile_or_are_refused_by_number() {
    on_the_stack_of_rustc(check_deep_types_and_patterns);
}

fn check_deep_types_and_patterns() {
    for (before, after) in [("[", "; 1]"), ("&", ""), ("(", ", f64)"), ("Vec<", ">"), ("Option<", ">")] {
        for depth in [10, 40, 130, 1000, 20_000] {
            let ty = format!("{}f64{}", before.repeat(depth), after.repeat(depth));
            for text in [
                format!("fn f(x: f64, y: {ty}) -> f64 {{ x }}"),
                format!("fn f(x: f64) -> f64 {{ let y: {ty} = g(); x }}"),
                format!("fn f(x: f64) -> {ty} {{ g() }}"),
            ] {
                refused(&expand_text(&text), &format!("{before} {after}, {depth} deep"));
            }
        }
    }
    for (before, after) in [("(", ", _)"), ("&", ""), ("[", "]"), ("Some(", ")"), ("y @ ", "")] {
        for depth in [10, 130, 20_000] {
            let pattern = format!("{}z{}", before.repeat(depth), after.repeat(depth));
            let text = format!("fn f(x: f64) -> f64 {{ let {pattern} = g(); x }}");
            refused(&expand_text(&text), &format!("{before} {after}, {depth} deep"));
        }
    }
}

/// A function of `n` statements.
fn long(n: usize) -> String {
    let mut text = String::from("fn f(x: f64, v: &[f64]) -> f64 { let mut s = x; ");
    for i in 0..n {
        text.push_str(&match i % 4 {
            0 => format!("let y{i} = s * x + v[{i}].sin();"),
            1 => format!("s += y{} * y{};", i - 1, i - 1),
            2 => format!("if s > {i}.0 {{ s *= 0.5; }} else {{ s -= y{}; }}", i - 2),
            _ => format!("for i in 0..{i} {{ s = s * v[i] + 0.1; }}"),
        });
    }
    text.push_str(" s }");
    text
}

fn count(stream: TokenStream) -> usize {
    stream
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => 1 + count(group.stream()),
            _ => 1,
        })
        .sum()
}

#[test]
fn the_size_of_the_output_is_linear_in_that_of_the_input() {
    on_the_stack_of_rustc(check_size);
}

fn check_size() {
    let sizes = [100, 400, 1600].map(|n| {
        let input = tokens(&long(n));
        let output = expand(TokenStream::new(), input.clone());
        assert!(!refused(&output, "a long function"), "{n} statements are refused");
        (count(input), count(output))
    });
    for pair in sizes.windows(2) {
        let [(small, from_small), (large, from_large)] = *pair else { unreachable!("windows of two") };
        let growth = (from_large as f64 / from_small as f64) / (large as f64 / small as f64);
        assert!(growth < 1.1, "{sizes:?}: tokens of input and output");
    }
    let (input, output) = sizes[2];
    assert!(output < 40 * input, "{sizes:?}: tokens of input and output");
}

#[test]
fn nesting_does_not_multiply_the_output() {
    on_the_stack_of_rustc(check_nesting);
}

fn check_nesting() {
    // Branches in branches, loops in loops: each level may add to the output, not double it.
    let nested = |before: &str, after: &str, depth: usize| {
        let text = format!(
            "fn f(x: f64) -> f64 {{ let mut s = x; {} s = s.sin(); {} s }}",
            before.repeat(depth),
            after.repeat(depth)
        );
        let output = expand(TokenStream::new(), tokens(&text));
        assert!(!refused(&output, before), "{before} {depth}");
        count(output) as f64
    };
    for (before, after) in [
        ("if s > x { s *= 2.0;", "} else { s += x; }"),
        ("for _ in 0..2 { s *= 2.0;", "s += x; }"),
        ("while s < x { s += 2.0;", "s += x; }"),
        ("{ let x = s * 2.0; ", "s += x; }"),
        ("if s > 9.0 { return s; } if s > x { s *= 2.0;", "}"),
        ("for i in 0..2 { if s > 9.0 { break; } s *= 2.0;", "}"),
    ] {
        let (small, large) = (nested(before, after, 4), nested(before, after, 16));
        assert!(large / small < 16.0, "{before}: {small} tokens 4 deep, {large} tokens 16 deep");
    }
}

#[test]
fn long_lists_are_of_any_length() {
    on_the_stack_of_rustc(check_long_lists);
}

fn check_long_lists() {
    let array = format!("fn f(x: f64) -> f64 {{ let v = [{}]; v[3] * x }}", "x, ".repeat(5_000));
    assert!(!refused(&expand_text(&array), "an array"));
    let sum = format!("fn f(x: f64) -> f64 {{ x{} }}", " + x".repeat(1_000));
    assert!(!refused(&expand_text(&sum), "a sum"));
    let sum = format!("fn f(x: f64) -> f64 {{ x{} }}", " + x".repeat(50_000));
    refused(&expand_text(&sum), "a sum of 50000 terms");
    let methods = format!("fn f(x: f64) -> f64 {{ x{} }}", ".sin()".repeat(20_000));
    refused(&expand_text(&methods), "a chain of 20000 methods");
    let branches = format!("fn f(x: f64) -> f64 {{ {} {{ x }} }}", "if x > 1.0 { x } else ".repeat(3_000));
    refused(&expand_text(&branches), "3000 times else if");
    let arms = (0..3_000).map(|i| format!("{i} => x * {i}.0,")).collect::<String>();
    let matched = format!("fn f(x: f64, n: usize) -> f64 {{ match n {{ {arms} _ => x }} }}");
    refused(&expand_text(&matched), "3000 arms");
    let parameters = (0..200).map(|i| format!("x{i}: f64, ")).collect::<String>();
    refused(&expand_text(&format!("fn f({parameters}) -> f64 {{ x0 * x199 }}")), "200 parameters");
}

#[test]
fn what_is_no_function_is_refused_by_number() {
    for text in [
        "",
        ";",
        "fn",
        "fn f",
        "fn f()",
        "fn f();",
        "fn f(x: f64) -> f64;",
        "struct S;",
        "enum E {}",
        "impl S { fn f(&self) {} }",
        "trait T { fn f(x: f64) -> f64; }",
        "mod m {}",
        "const X: f64 = 1.0;",
        "macro_rules! m { () => {} }",
        "use a::b;",
        "let x = 1;",
        "x + y",
        "#[a] #[b]",
        "fn f(x: f64) -> f64 { x } fn g(x: f64) -> f64 { x }",
        "fn f(self) -> f64 { 1.0 }",
        "fn f(x: f64, ...) -> f64 { x }",
        "extern \"C\" fn f(x: f64) -> f64 { x }",
        "async fn f(x: f64) -> f64 { x }",
        "unsafe fn f(x: f64) -> f64 { x }",
        "fn f<T>(x: T) -> f64 { 1.0 }",
        "fn f(x: impl Fn(f64) -> f64) -> f64 { x(1.0) }",
        "fn f(x: f64) -> impl Fn() { || () }",
        "fn f(x: f64) -> ! { loop {} }",
        "fn f(x: _) -> f64 { x }",
        "fn f() {}",
        "fn f() -> f64 { 1.0 }",
        "fn f(x: f64) -> f64 {}",
        "fn f(x: f64) -> f64 { ; ; ; }",
        "fn f(x: f64) -> f64 { y }",
        "fn f(x: f64) -> f64 { x x }",
        "fn f(x: f64) -> f64 { x + }",
        "fn f(x: f64) -> f64 { let }",
        "fn f(x: f64) -> f64 { break }",
        "fn f(x: f64) -> f64 { continue 'a }",
        "fn f(x: f64) -> f64 { x[0].0[1](2)?.await }",
        "fn f(x: f64) -> f64 { for i in x {} }",
        "fn f(x: f64) -> f64 { x.len() }",
        "fn f(x: f64) -> f64 { x.0 }",
        "fn f(x: f64) -> f64 { x[0] }",
        "fn f(x: f64) -> f64 { *x }",
        "fn f(x: &[f64]) -> f64 { x }",
        "fn f(x: &[f64]) -> f64 { x + 1.0 }",
        "fn f(x: (f64, f64)) -> f64 { x.2 }",
        "fn f(x: (f64, f64)) -> f64 { let (a, b, c) = x; c }",
        "fn f(x: [f64; 2]) -> f64 { let [a, b, c] = x; c }",
        "fn f(x: f64) -> f64 { let x: usize = x; x }",
        "fn f(x: f64) -> f64 { if x { 1.0 } else { [x] } }",
        "fn f(x: f64) -> (f64, f64) { x }",
        "fn f(x: f64) -> Vec<f64> { (x, x) }",
        "fn f(x: f64) -> f64 { sin(x, x).grad() }",
        "fn f(x: f64) -> f64 { x.sin(1.0, 2.0) }",
        "fn f(x: f64) -> f64 { x.powi() }",
        "fn f(x: f64) -> f64 { f64::powi(x) }",
        "fn f(x: f64) -> f64 { vec![x; ] }",
        "fn f(x: f64) -> f64 { vec![x, , x] }",
        "fn f(x: f64) -> f64 { assert!(); x }",
        "fn f(x: f64, x: f64) -> f64 { x }",
        "fn f(x: f64) -> f64 { x = x = x }",
        "fn f(x: f64) -> f64 { 1.0 = x }",
        "fn f(x: f64) -> f64 { 99999999999999999999999999999999999999999.0 * x * 1e999 }",
        "fn f(x: f64) -> f64 { x as f64 as f32 as bool as Vec<f64> }",
        "fn f(x: f64) -> f64 { f(x, x) }",
        "fn f(x: f64) -> f64 { f() }",
        "fn r#fn(x: f64) -> f64 { r#fn(x) }",
        "fn f(x: f64) -> f64 { let g = |x| g(x); g(x) }",
        "fn f(x: f64) -> f64 { let g = |h| h(h); g(g) }",
        "fn f<'a, const N: usize>(x: &'a [f64; N]) -> f64 { x[N] }",
        "fn f(x: f64) -> f64 { 'a: loop { 'a: loop { break 'a x; } } }",
        "fn f(x: f64) -> f64 { loop {} }",
        "fn f(x: f64) -> f64 { while true {} x }",
        "fn f(x: f64) -> f64 { return return x }",
        "fn f(x: f64) -> f64 { (return x) + 1.0 }",
        "fn f(x: f64) -> f64 { { return x; } x }",
    ] {
        refused(&expand_text(text), text);
        refused(&expand(tokens("wrt(x), name = g"), tokens(text)), text);
    }
}

#[test]
fn arguments_of_the_attribute_are_refused_by_number() {
    for args in [
        "wrt",
        "wrt = x",
        "wrt()",
        "wrt(y)",
        "wrt(x, x)",
        "wrt(x,)",
        ",",
        "x",
        "name",
        "name = 1",
        "name()",
        "crate",
        "crate = 1",
        "crate = \"a b\"",
        "second = 1",
        "checkpoint",
        "vjp",
        "jvp = 1",
        "jacobian",
        "jacobian = sideways",
        "recursive = 1",
        "recursive, recursive",
        "1",
        "\"wrt\"",
        "(wrt(x))",
        "::",
        "wrt(x) name = f",
        "wrt(x),, name = f",
    ] {
        let output = expand(tokens(args), tokens("fn f(x: f64) -> f64 { x * x }"));
        assert_eq!(refused(&output, args), args != "wrt(x,)", "{args}: {output}");
    }
}

/// A small generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }
}

/// Deletes, repeats, swaps and replaces tokens.
fn mutated(stream: TokenStream, random: &mut Random, pool: &[TokenTree]) -> TokenStream {
    let mut trees: Vec<TokenTree> = stream.into_iter().collect();
    // Mostly one change, further in.
    let groups: Vec<usize> = (0..trees.len()).filter(|&i| matches!(trees[i], TokenTree::Group(_))).collect();
    if !groups.is_empty() && random.below(4) > 0 {
        let at = groups[random.below(groups.len())];
        if let TokenTree::Group(group) = &trees[at] {
            let delimiter = match random.below(30) {
                0 => Delimiter::None,
                1 => Delimiter::Bracket,
                2 => Delimiter::Parenthesis,
                _ => group.delimiter(),
            };
            trees[at] = Group::new(delimiter, mutated(group.stream(), random, pool)).into();
        }
        return trees.into_iter().collect();
    }
    let at = random.below(trees.len() + 1);
    let other = random.below(trees.len());
    match random.below(5) {
        0 if at < trees.len() => drop(trees.remove(at)),
        1 if at < trees.len() => trees.insert(at, trees[other].clone()),
        2 if at < trees.len() => trees.swap(at, other),
        3 if at < trees.len() => trees[at] = pool[random.below(pool.len())].clone(),
        _ => trees.insert(at, pool[random.below(pool.len())].clone()),
    }
    trees.into_iter().collect()
}

#[test]
fn no_input_makes_the_compiler_panic() {
    let zoo = zoo();
    let mut pool: Vec<TokenTree> = "x v f64 usize 0 1 2.0 true + - * / = == & ! . , ; : -> => :: | .. ? 'a if else for while loop match let \
        mut return break continue ref _ fn self in as move (x) [0] {} (x, 1.0) [f64; 2] .len() .sin() .iter() ..= += vec![x] &mut"
        .parse::<TokenStream>()
        .expect("balanced tokens")
        .into_iter()
        .collect();
    pool.push(Ident::new("i", Span::call_site()).into());
    pool.push(Literal::f64_unsuffixed(0.5).into());
    pool.push(Punct::new('#', Spacing::Alone).into());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut count = 0;
    let rounds = 3_000;
    for round in 0..rounds {
        let (args, item) = &zoo[random.below(zoo.len())];
        let mut stream = item.to_token_stream();
        for _ in 0..=random.below(3) {
            stream = mutated(stream, &mut random, &pool);
        }
        let text = stream.to_string();
        let args = args.clone();
        let output = std::panic::catch_unwind(move || expand(args, stream))
            .unwrap_or_else(|_| panic!("round {round}: the compiler panics on\n{text}"));
        count += usize::from(refused(&output, &text));
    }
    println!("{count} of {rounds} refused");
    assert!(count < rounds, "none of {rounds} is accepted: the mutations are too wild to tell anything");
}
