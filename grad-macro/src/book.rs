//! Links of the book, where its pages are modules.

/// Pages that are no modules, and pictures.
const REPOSITORY: &str = "https://github.com/grad-rs/grad/blob/main/docs/";
const PICTURES: &str = "https://raw.githubusercontent.com/grad-rs/grad/main/docs/";

/// The pages for those who work on the compiler are in the repository only.
const INSIDE: [&str; 6] =
    ["README", "adding-a-rule", "adding-syntax", "completeness", "design-decisions", "unknown-types"];

pub(crate) fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, link) = rest.split_at(at + 2);
        out.push_str(before);
        let end = link.find(')').unwrap_or(link.len());
        let (target, behind) = link.split_at(end);
        out.push_str(&led(target));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn led(target: &str) -> String {
    let (page, anchor) = target.split_once('#').map_or((target, None), |(page, anchor)| (page, Some(anchor)));
    if page.strip_suffix(".svg").is_some_and(|name| !name.contains(':')) {
        return format!("{PICTURES}{page}");
    }
    let Some(name) = page.strip_suffix(".md").filter(|name| !name.contains(':')) else {
        return target.to_owned();
    };
    let anchor = anchor.map_or(String::new(), |anchor| format!("#{anchor}"));
    if name.contains('/') || INSIDE.contains(&name) {
        return format!("{REPOSITORY}{page}{anchor}");
    }
    format!("../{}/index.html{anchor}", name.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn links_lead_from_module_to_module() {
        assert_eq!(
            linked(
                "see [x](your-own-types.md#methods), ![map](mountain.svg), [y](#here), [z](https://a.b/c.md)."
            ),
            "see [x](../your_own_types/index.html#methods), \
             ![map](https://raw.githubusercontent.com/grad-rs/grad/main/docs/mountain.svg), [y](#here), [z](https://a.b/c.md)."
        );
        assert!(linked("[w](completeness.md)").contains("blob/main/docs/completeness.md"));
        assert_eq!(linked("nothing](open"), "nothing](open");
    }

    /// Every page that a page links to is a module, or is in the repository.
    #[test]
    fn every_page_is_somewhere() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let modules = std::fs::read_to_string(format!("{root}/src/book.rs")).unwrap();
        let summary = std::fs::read_to_string(format!("{root}/docs/SUMMARY.md")).unwrap();
        for name in summary.split("](").skip(1).filter_map(|link| link.split(".md)").next()) {
            let is_module = modules.contains(&format!("{} = \"{name}\"", name.replace('-', "_")));
            assert!(is_module != super::INSIDE.contains(&name), "{name}");
        }
    }
}
