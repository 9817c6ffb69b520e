//! Parts of one whole that a call is lent side by side.
//!
//! The user had them of `split_at_mut`. In derivatives each place is spelt from its root, which cannot be lent twice: it is split
//! again in front of the call.

use super::body::Emitter;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{Place, Proj};
use quote::{ToTokens, quote_spanned};
use std::collections::BTreeMap;

/// A place that a call is lent, as it is spelt, and which one of them it is.
struct Lent {
    at: usize,
    place: Place,
    access: Access,
}

impl Emitter<'_> {
    /// What those of the places are called that share a whole with one that is lent to be changed; `before` splits it.
    pub(super) fn halves<'p>(
        &mut self,
        places: impl Iterator<Item = Option<(&'p Place, Access)>>,
        before: &mut Tokens,
    ) -> BTreeMap<usize, Tokens> {
        let mut wholes = BTreeMap::<_, Vec<Lent>>::new();
        for (at, lent) in places.enumerate() {
            if let Some((place, access)) = lent {
                let place = self.resolve(place);
                wholes.entry(place.root).or_default().push(Lent { at, place, access });
            }
        }
        let mut names = BTreeMap::new();
        for (root, parts) in wholes {
            if parts.len() > 1 && parts.iter().any(|part| part.access == Access::Exclusive) {
                self.split(&self.name(root).to_token_stream(), 0, parts, before, &mut names);
            }
        }
        names
    }

    /// Splits what `steps` steps lead to, and what it consists of.
    fn split(
        &mut self,
        whole: &Tokens,
        steps: usize,
        parts: Vec<Lent>,
        before: &mut Tokens,
        names: &mut BTreeMap<usize, Tokens>,
    ) {
        let s = site();
        let at = parts.iter().find_map(|part| parts[0].place.parting(&part.place));
        let is_split = parts.len() > 1 && parts.iter().any(|part| part.access == Access::Exclusive);
        let (true, Some(at)) = (is_split, at) else {
            for Lent { at, place, access } in parts {
                let path = &place.path[steps..];
                let part = self.spell_from(whole.clone(), path);
                names.insert(
                    at,
                    match (access, path.is_empty()) {
                        (Access::Shared, false) => quote_spanned!(s=> &#part),
                        (Access::Shared, true) => quote_spanned!(s=> &*#part),
                        (Access::Exclusive, false) => quote_spanned!(s=> &mut #part),
                        (Access::Exclusive, true) => part,
                    },
                );
            }
            return;
        };
        let place = &parts[0].place;
        let (Proj::Slice { from: None, to: Some(middle), .. } | Proj::Slice { from: Some(middle), .. }) =
            &place.path[at]
        else {
            unreachable!("halves of a sequence")
        };
        let root = place.root;
        let middle = self.inner(middle);
        let split = self.spell_from(whole.clone(), &place.path[steps..at]);
        let split = quote_spanned!(s=> #split.split_at_mut(#middle));
        // Without its cotangents there is nothing to be split.
        let split = self.or_absent(
            Some(&root.into()),
            split,
            |_| quote_spanned!(s=> ::core::default::Default::default()),
        );
        let (front, back): (Vec<Lent>, Vec<Lent>) =
            parts.into_iter().partition(|part| matches!(part.place.path[at], Proj::Slice { from: None, .. }));
        let [left, right] = ["front", "back"].map(|name| self.namer.fresh(name, s));
        before.extend(quote_spanned!(s=> let (#left, #right) = #split;));
        for (name, parts) in [(left, front), (right, back)] {
            self.split(&name.to_token_stream(), at + 1, parts, before, names);
        }
    }
}
