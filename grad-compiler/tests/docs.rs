//! What the book says of the compiler is what the compiler does.
//!
//! In a page of the book, a comment asks for something, and what stands behind it is compared:
//!
//! | comment | behind it |
//! | --- | --- |
//! | `<!-- f: code -->` | the gradient of `f`, as `cargo grad show` prints it |
//! | `<!-- f: primal -->`, `joint forward`, `split reverse`, … | `f` between the passes |
//! | `<!-- accepted -->` | a table: the code in its first column compiles, in the function on that page |
//! | `<!-- rejected -->` | a table: the code in its first column gives the error in its second |
//! | `<!-- followed -->`, `<!-- ends -->`, `<!-- decided -->` | a table: the code in its second column compiles, and the derivative comes through, does not, or is left to rustc |
//! | `<!-- not followed -->` | a table: the code in its second column gives the error in its third, and no other |
//!
//! `f` is the last function of that name with `#[grad]` in front of the comment, or `Type::f` a method. `UPDATE_EXPECT=1` writes
//! the listings anew.

#[allow(dead_code)]
#[path = "../../cargo-grad/src/show/mod.rs"]
mod show;

use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::expand;
use grad_compiler::ir::{self, Operand, Value, print};
use grad_compiler::transform::ParamCotangent;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use syn::{Item, ItemFn, ItemImpl, Stmt};

fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let entries = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    paths.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"].map(|page| root.join(page)));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// What a comment on a line of its own asks for.
fn directive(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- ")?.strip_suffix(" -->")
}

#[test]
fn listings_are_what_the_compiler_makes() {
    let mut wrong = String::new();
    let mut listings = 0;
    for (path, text) in pages() {
        let (mut functions, mut blocks) = (Vec::new(), Vec::new());
        let mut page = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            page.push_str(line);
            page.push('\n');
            if line == "```rust" {
                let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                let code = code.join("\n");
                let (free, of_types) = annotated(&code);
                functions.extend(free);
                blocks.extend(of_types);
                writeln!(page, "{code}\n```").unwrap();
            } else if let Some((name, what)) = directive(line).and_then(|text| text.split_once(": ")) {
                let function = functions.iter().rev().find(|function| function.sig.ident == name);
                let found = match name.split_once("::") {
                    Some((of, name)) => method(&blocks, of, name),
                    None => function.map(|function: &ItemFn| (function.clone(), None)),
                };
                let found = found.unwrap_or_else(|| panic!("{}: no function {name}", path.display()));
                let fence = lines.next().filter(|line| line.starts_with("```"));
                let fence = fence.unwrap_or_else(|| panic!("{}: no listing of {name}", path.display()));
                for _ in lines.by_ref().take_while(|line| *line != "```") {}
                writeln!(page, "{fence}\n{}\n```", listing(&found, what).trim_end()).unwrap();
                listings += 1;
            }
        }
        if page.trim_end() != text.trim_end() {
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                std::fs::write(&path, page).unwrap();
            } else {
                let differs = page.lines().zip(text.lines()).position(|(new, old)| new != old).unwrap_or(0);
                writeln!(wrong, "{}, line {}", path.display(), differs + 1).unwrap();
            }
        }
    }
    assert!(listings > 0, "the book has listings");
    assert!(wrong.is_empty(), "run this with UPDATE_EXPECT=1, and read `git diff`:\n{wrong}");
}

/// The method of a type in one of these blocks, as a function, with the arguments of its attribute.
fn method(blocks: &[ItemImpl], of: &str, name: &str) -> Option<(ItemFn, Option<Args>)> {
    let mut of_type = blocks.iter().rev().filter(|block| show::type_name(block).is_some_and(|it| it == of));
    let (function, args) = of_type.find_map(|block| show::method(block, name).unwrap())?;
    Some((function, Some(args)))
}

/// The functions and blocks with `#[grad]` in an example.
fn annotated(code: &str) -> (Vec<ItemFn>, Vec<ItemImpl>) {
    let block: syn::Block =
        syn::parse_str(&format!("{{\n{code}\n}}")).unwrap_or_else(|error| panic!("{error}:\n{code}"));
    let is_ours = |attrs: &[syn::Attribute]| attrs.iter().any(|attr| attr.path().is_ident("grad"));
    let (mut functions, mut blocks) = (Vec::new(), Vec::new());
    for stmt in block.stmts {
        match stmt {
            Stmt::Item(Item::Fn(function)) if is_ours(&function.attrs) => functions.push(function),
            Stmt::Item(Item::Impl(block)) if is_ours(&block.attrs) => blocks.push(block),
            _ => {}
        }
    }
    (functions, blocks)
}

fn listing((function, args): &(ItemFn, Option<Args>), what: &str) -> String {
    if what == "code" {
        return match args {
            Some(args) => show::show_with(function, args.clone(), show::What::Vjp).unwrap(),
            None => show::show(function, show::What::Vjp).unwrap(),
        };
    }
    let args = function.attrs.iter().find(|attr| attr.path().is_ident("grad"));
    let args = args.and_then(|attr| attr.meta.require_list().ok()).map(|list| list.tokens.clone());
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, args.unwrap_or_default());
    let passes =
        expand::passes(&mut errors, function, &args).unwrap_or_else(|| panic!("{:?}", errors.messages()));
    match what {
        "primal" => print::print(&passes.primal),
        "joint forward" => print::print(&passes.joint.func),
        "joint reverse" => print::print_block(&passes.joint.func, &passes.joint.reverse),
        "split forward" => print::print(&passes.split.func),
        "split reverse" => print::print_block(&passes.split.func, &passes.split.reverse),
        _ => panic!("there is no listing `{what}`"),
    }
}

/// Where links out of the book lead: in the book, there are no other files.
const REPOSITORY: &str = "https://github.com/grad-rs/grad/blob/main/";

/// The part of a page that a heading begins, as it is linked to.
fn anchors(text: &str) -> Vec<String> {
    let mut is_code = false;
    let headings = text.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut wrong = String::new();
    let mut count = 0;
    for (path, text) in pages() {
        let is_in_the_book = path.parent().is_some_and(|folder| folder.ends_with("docs"));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let page = match file.strip_prefix(REPOSITORY) {
                Some(file) => root.join(file),
                None if file.is_empty() => path.clone(),
                None if file.contains("://") || !file.contains(['.', '/']) => continue,
                None => path.parent().unwrap().join(file),
            };
            count += 1;
            if !page.exists() {
                writeln!(wrong, "{}: {target}", path.display()).unwrap();
            } else if is_in_the_book && file.contains('/') && !file.starts_with(REPOSITORY) {
                writeln!(wrong, "{}: {target} leads out of the book", path.display()).unwrap();
            } else if !anchor.is_empty() && page.extension().is_some_and(|it| it == "md") {
                let text = std::fs::read_to_string(&page).unwrap();
                if !anchors(&text).iter().any(|it| it == anchor) {
                    writeln!(wrong, "{}: {target} has no such heading", path.display()).unwrap();
                }
            }
        }
    }
    assert!(count > 100, "{count} links");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every page is in the table of contents of `mdbook`, once.
#[test]
fn the_table_of_contents_has_all_pages() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<&str> =
        summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    listed.sort_unstable();
    let pages = pages();
    let mut files: Vec<&str> = pages
        .iter()
        .filter(|(path, _)| path.parent().unwrap().ends_with("docs"))
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap())
        .filter(|name| *name != "SUMMARY.md")
        .collect();
    files.sort_unstable();
    assert_eq!(listed, files);
}

/// The function into which the code of the tables is put; it stands on the page.
fn wrapped(page: &str, code: &str) -> String {
    let start = page.find("fn f(").expect("the page shows the function");
    let function = &page[start..start + page[start..].find("\n```").expect("the listing ends")];
    let statement = code.ends_with(';') || code.ends_with('}') && !code.starts_with('{');
    let code = if statement { code.to_owned() } else { format!("let _value = {code};") };
    function.replace("// here", &code)
}

/// The errors of the code, by number.
fn errors_of(page: &str, code: &str) -> Vec<String> {
    let item = wrapped(page, code);
    let function: ItemFn = syn::parse_str(&item).unwrap_or_else(|error| panic!("`{code}`: {error}"));
    let mut errors = Errors::new();
    expand::passes(&mut errors, &function, &Args::default());
    errors.messages().iter().map(ToString::to_string).collect()
}

/// The rows of the tables behind a comment.
fn rows<'t>(text: &'t str, comment: &str) -> Vec<Vec<&'t str>> {
    let mut rows = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if directive(line) == Some(comment) {
            let table = lines.by_ref().take_while(|line| line.starts_with('|')).skip(2);
            rows.extend(table.map(cells));
        }
    }
    rows
}

/// The cells of a row: what stands between bars that are not escaped.
fn cells(row: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut from = 1;
    for (at, _) in row.match_indices('|').skip(1) {
        if !row[..at].ends_with('\\') {
            cells.push(row[from..at].trim());
            from = at + 1;
        }
    }
    cells
}

/// The pieces of code in a cell.
fn codes(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(|code| code.replace("\\|", "|")).collect()
}

fn supported_rust() -> String {
    let page = pages().into_iter().find(|(path, _)| path.ends_with("supported-rust.md"));
    page.expect("the book has the page").1
}

#[test]
fn what_the_book_accepts_is_accepted() {
    let page = supported_rust();
    let mut wrong = String::new();
    let rows = rows(&page, "accepted");
    assert!(rows.len() > 20, "the tables are found");
    for code in rows.iter().flat_map(|cells| codes(cells[0])) {
        for error in errors_of(&page, &code) {
            writeln!(wrong, "`{code}`: {error}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_the_book_rejects_is_rejected() {
    let page = supported_rust();
    let mut wrong = String::new();
    let rows = rows(&page, "rejected");
    assert!(rows.len() > 5, "the table is found");
    for cells in rows {
        for code in codes(cells[0]) {
            let errors = errors_of(&page, &code);
            if errors.is_empty() || !errors.iter().all(|error| error.starts_with(cells[1])) {
                writeln!(wrong, "`{code}`: {errors:?} instead of {}", cells[1]).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn ways() -> String {
    let page = pages().into_iter().find(|(path, _)| path.ends_with("where-derivatives-go.md"));
    page.expect("the book has the page").1
}

/// What the passes make of the code of a row, or the errors.
fn passes_of(page: &str, code: &str) -> Result<expand::Passes, String> {
    let function: ItemFn =
        syn::parse_str(&wrapped(page, code)).unwrap_or_else(|error| panic!("`{code}`: {error}"));
    let mut errors = Errors::new();
    let passes = expand::passes(&mut errors, &function, &Args::default());
    let texts: Vec<String> = errors.messages().iter().map(ToString::to_string).collect();
    passes.ok_or_else(|| texts.join("; "))
}

/// Whether the first parameter has a cotangent and its tangent reaches the result.
fn comes_through(passes: &expand::Passes) -> [bool; 2] {
    let moves = |operand: &Operand| operand.var().is_some();
    let reverse = matches!(&passes.joint.cotangents[0], ParamCotangent::Value(bar) if moves(bar));
    let forward = matches!(&passes.tangents.result, Value::Scalar(dot) if moves(dot));
    [reverse, forward]
}

#[test]
fn every_way_of_the_book_is_followed_or_ends() {
    let page = ways();
    let mut wrong = String::new();
    for (comment, expected) in [("followed", true), ("ends", false)] {
        let rows = rows(&page, comment);
        assert!(rows.len() >= 5, "the table `{comment}` is found");
        for code in rows.iter().flat_map(|cells| codes(cells[1])) {
            match passes_of(&page, &code) {
                Err(errors) => writeln!(wrong, "`{code}`: {errors}").unwrap(),
                Ok(passes) if comes_through(&passes) != [expected; 2] => {
                    writeln!(wrong, "`{code}` is not {comment}").unwrap();
                }
                Ok(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether rustc is asked: the callee's derivative is called, or an argument is checked.
#[test]
fn where_types_decide_rustc_is_asked() {
    let page = ways();
    let mut wrong = String::new();
    for code in rows(&page, "decided").iter().flat_map(|cells| codes(cells[1])) {
        match passes_of(&page, &code) {
            Err(errors) => writeln!(wrong, "`{code}`: {errors}").unwrap(),
            Ok(passes) => {
                let mut asks = false;
                passes.joint.func.body.for_each_stmt(&mut |stmt| {
                    asks |= match stmt {
                        ir::Stmt::ForwardCall(_) => true,
                        ir::Stmt::Call(call) => call
                            .args
                            .iter()
                            .any(|arg| matches!(arg.kind, ir::ArgKind::Code { checked: true, .. })),
                        _ => false,
                    };
                });
                if !asks {
                    writeln!(wrong, "`{code}` is not left to rustc").unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_not_followed_is_refused_once() {
    let page = ways();
    let mut wrong = String::new();
    for cells in rows(&page, "not followed") {
        for code in codes(cells[1]) {
            let errors = errors_of(&page, &code);
            if errors.len() != 1 || !errors[0].starts_with(cells[2]) {
                writeln!(wrong, "`{code}`: {errors:?} instead of {}", cells[2]).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The page of the attribute has every word that the attribute takes, as the help of an unknown one lists them.
#[test]
fn the_page_of_the_attribute_has_all_its_words() {
    let page = include_str!("../../grad-macro/src/attribute.md");
    let function = quote::quote!(
        fn f(x: f64) -> f64 {
            x
        }
    );
    let text = expand::expand(quote::quote!(nonsense), function).to_string();
    let list = text.split("the attribute takes ").nth(1).expect("a list of words");
    let list = list.split(['"', '\\']).next().unwrap_or(list);
    let words: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    assert!(words.len() >= 10, "{words:?}");
    for word in words {
        let name = word.split(['(', ' ']).next().unwrap_or(word);
        assert!(page.contains(&format!("`#[grad({name}")), "{name}");
    }
}
