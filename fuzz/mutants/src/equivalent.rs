//! Changes that survive because they make no difference to a derivative.

use crate::sites::Site;

/// The file, the function with what is done, and why no derivative is another one.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "rules/formula.rs",
        "mul: `if` `let Some(product) = self.folded(y, |x, y| x * y)` is false",
        "rustc multiplies literals as well",
    ),
    ("rules/formula.rs", "negated: the body is `None`", "(-x) * y has the bits of -(x * y)"),
    ("rules/mod.rs", "is_vector: no arm for `\"div\" | \"sqrt\"`", "fewer loops become vectors"),
    (
        "analysis/scratch.rs",
        "is_followed_by: `>=` in `access.pos > self.pos`",
        "a statement that overwrites memory has no other access to it",
    ),
    (
        "simplify/mod.rs",
        "derivative: `if` `rewrites.may(Rewrite::Parts)` is true",
        "only tests switch it off",
    ),
    (
        "simplify/share.rs",
        "still_holds: `||` in `region.parent.is_some() && region.start <= now && now <= region.end`",
        "less is shared: more loops count as being around the second load",
    ),
    (
        "simplify/share.rs",
        "still_holds: `||` in `!only_length && access.path.as_ref().is_none_or(|written| may_overlap( …`",
        "less is shared: more writes count as changes",
    ),
    ("simplify/share.rs", "still_holds: `<` in `access.pos <= then`", "a load writes nothing"),
    (
        "simplify/strips/mod.rs",
        "of: without the operator in `!at_once`",
        "an estimate of what strips are worth",
    ),
    (
        "transform/mod.rs",
        "part_ty: `<=` in `*k < of.len()`",
        "a part that a tuple does not have is refused in front of it (GRAD0026)",
    ),
    (
        "transform/seeded.rs",
        "touches: the body is `true`",
        "what is assigned to zeros may be added to them, but for the sign of a zero",
    ),
];

pub(crate) fn why(site: &Site) -> Option<&'static str> {
    KNOWN.iter().find(|(file, what, _)| site.file == *file && site.what == *what).map(|(_, _, why)| *why)
}
