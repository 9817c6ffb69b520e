//! The tables of the book are what the program makes.
//!
//! All of each with optimisation, `cargo test --release -p more_garbow_hillstrom --test tables`; the rows of grad's own methods
//! without. After a change: the first with `UPDATE_EXPECT=1`, then read `git diff`.

use std::path::Path;

use more_garbow_hillstrom::{runs, tables};

const BOOK: &str = "docs/descent-methods.md";

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(BOOK);
    std::fs::read_to_string(path).expect("the page is there")
}

/// What stands between the marks of a table: where in the page, and what.
fn committed<'a>(page: &'a str, name: &str) -> (usize, &'a str) {
    let mark = format!("<!-- more_garbow_hillstrom --table {name} -->\n");
    let start = page.find(&mark).unwrap_or_else(|| panic!("{BOOK} has no table {name}")) + mark.len();
    let end = page[start..].find("<!-- end -->").expect("the table has an end");
    (start, &page[start..start + end])
}

#[test]
fn the_rows_of_the_book_are_what_the_methods_need() {
    let page = page();
    let (_, original) = committed(&page, "original");
    let (_, honesty) = committed(&page, "honesty");
    for solver in runs::solvers() {
        // What takes hundreds of thousands of evaluations is for optimised builds.
        if cfg!(debug_assertions)
            && matches!(solver.name, "grad steepest descent" | "grad conjugate gradient")
        {
            continue;
        }
        let row = tables::original_row(&solver);
        assert!(original.contains(&row), "{BOOK} has no row\n{row}");
        if tables::for_any_function(&solver) {
            let row = tables::honesty_row(&solver);
            assert!(honesty.contains(&row), "{BOOK} has no row\n{row}");
            // Never a word that is not true, never a point that is not finite.
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert_eq!((cells[3], cells[4]), ("0", "0"), "{row}");
        }
    }
}

#[test]
fn the_tables_of_the_book_are_what_the_program_makes() {
    if cfg!(debug_assertions) {
        return;
    }
    let mut new = page();
    for (name, table) in tables::ALL {
        let (start, old) = committed(&new, name);
        let end = start + old.len();
        new.replace_range(start..end, &table());
    }
    if new != page() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(BOOK);
        assert!(std::env::var_os("UPDATE_EXPECT").is_some(), "the tables of {BOOK} differ: UPDATE_EXPECT=1");
        std::fs::write(path, new).expect("the page can be written");
    }
}

#[test]
fn the_sentences_beside_the_tables_have_the_right_numbers() {
    let page = page();
    let [original, large, bounded, fooling] = tables::sizes();
    for sentence in [
        format!("The {original} problems of Moré, Garbow and Hillstrom"),
        format!("{large} problems of 50 to 10,000 variables"),
        format!("{bounded} of these with bounds"),
        format!("{fooling} objectives built to fool"),
    ] {
        assert!(page.contains(&sentence), "{sentence}");
    }
    assert!(bounded >= 10 && fooling >= 45);
}
