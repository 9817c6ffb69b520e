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
        "simplify/mod.rs",
        "derivative: `if` `rewrites.may(Rewrite::Parts)` is true",
        "only tests switch it off",
    ),
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
