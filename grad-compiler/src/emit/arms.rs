//! Do the arms of a `match` cover everything, as far as their patterns say?
//!
//! Whether they do is rustc's to say, once, of the user's function. Where only rustc knows, the derivative's `match` has an arm
//! more, which nothing reaches.

use super::{Tokens, site};
use crate::ir::{Arm, placeholder_index};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote_spanned;

/// The arm that nothing reaches, where one is needed.
pub(super) fn unreached(arms: &[Arm]) -> Tokens {
    if cover_everything(arms) { Tokens::new() } else { quote_spanned!(site()=> _ => ::core::unreachable!(),) }
}

/// Pairs of which everything is one or the other.
const PAIRS: [[&str; 2]; 3] = [["true", "false"], ["Some", "None"], ["Ok", "Err"]];

fn cover_everything(arms: &[Arm]) -> bool {
    let patterns: Vec<Vec<TokenTree>> = arms
        .iter()
        .filter_map(|arm| arm.pattern.as_ref())
        .filter(|pattern| pattern.guard.is_none())
        .map(|pattern| pattern.tokens.clone().into_iter().collect())
        .collect();
    let covers = |one: &str| {
        patterns.iter().any(|pattern| match &pattern[..] {
            [TokenTree::Ident(name)] => name == one,
            [TokenTree::Ident(name), TokenTree::Group(inside)] => {
                name == one && takes_everything(inside.stream())
            }
            _ => false,
        })
    };
    patterns.iter().any(|pattern| takes_everything(pattern.iter().cloned().collect()))
        || PAIRS.iter().any(|pair| pair.iter().all(|one| covers(one)))
}

/// A pattern of nothing but variables, `_` and parentheses.
fn takes_everything(pattern: TokenStream) -> bool {
    pattern.into_iter().all(|tree| match tree {
        TokenTree::Ident(name) => {
            placeholder_index(&name).is_some() || ["_", "ref", "mut"].iter().any(|word| name == word)
        }
        // What is in brackets may be a part of a slice.
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::Parenthesis && takes_everything(group.stream())
        }
        TokenTree::Punct(punct) => [',', '.', '&'].contains(&punct.as_char()),
        TokenTree::Literal(_) => false,
    })
}
