//! The files of the page. They need no server: a page that was opened from a folder may read no other files but scripts, so
//! the module comes as a script, too.

use crate::errors;
use base64::prelude::{BASE64_STANDARD, Engine};
use std::fmt::Write as _;
use std::path::Path;
use zopfli::{Format, Options};

/// The files that are written by hand.
macro_rules! files {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("../page/", $name)))),*] };
}

const FILES: [(&str, &str); 14] = files!(
    "index.html" "page.css" "rust.js" "worker.js" "compiler.js" "gallery.js" "editor.js" "becomes.js" "draw.js" "story.js" "trace.js" "walk.js" "share.js" "main.js"
);

const ERRORS: &str = include_str!("../../docs/errors.md");

pub(crate) struct Site {
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Site {
    pub(crate) fn of(module: &[u8]) -> Result<Site, String> {
        let mut files: Vec<_> = FILES.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
        files.push(("errors.html", errors::page(ERRORS).into_bytes()));
        files.push(("module.js", script(module)?.into_bytes()));
        Ok(Site { files })
    }

    /// The file of this name, and what it is.
    pub(crate) fn file(&self, name: &str) -> Option<(&[u8], &'static str)> {
        let name = if name.is_empty() { "index.html" } else { name };
        let (_, content) = self.files.iter().find(|(file, _)| *file == name)?;
        let kind = match name.rsplit('.').next() {
            Some("html") => "text/html",
            Some("css") => "text/css",
            _ => "text/javascript",
        };
        Some((content, kind))
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), String> {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make the directory {}: {error}", folder.display()))?;
        for (name, content) in &self.files {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}

/// The module, and what runs it beside the page, as a script that sets two texts.
fn script(module: &[u8]) -> Result<String, String> {
    // One pass of it is 4 % smaller than the best of `gzip`; fifteen, which are the default, take twice the time for another 0.2 %.
    let thoroughly = Options::default();
    let mut packed = Vec::new();
    zopfli::compress(thoroughly, Format::Gzip, module, &mut packed).map_err(|error| error.to_string())?;
    let worker = FILES.iter().find(|(name, _)| *name == "worker.js").map_or("", |(_, text)| text);
    let mut script = String::from(
        "// The compiler, and the worker that it runs in. Written by the package `playground`.\n",
    );
    let _ = writeln!(
        script,
        "const MODULE = {{\n  worker: {},\n  gzip: \"{}\"\n}};",
        quoted(worker),
        BASE64_STANDARD.encode(&packed)
    );
    Ok(script)
}

/// A text as JavaScript writes it. The worker has ordinary characters.
fn quoted(text: &str) -> String {
    format!("{text:?}").replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::{FILES, Site, quoted};

    #[test]
    fn texts_are_written_as_javascript() {
        assert_eq!(quoted("a \"b\"\n'c'"), r#""a \"b\"\n'c'""#);
    }

    /// Nobody else's machine is asked for anything: what the page loads is beside it.
    #[test]
    fn the_page_loads_its_own_files_only() {
        let site = Site::of(b"").unwrap();
        let (page, _) = site.file("").unwrap();
        let page = String::from_utf8_lossy(page).into_owned();
        for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\""] {
            for rest in page.split(attribute).skip(1) {
                let name = rest.split('"').next().unwrap();
                assert!(site.file(name).is_some(), "{name}");
            }
        }
        for (name, text) in FILES {
            for word in ["fetch(", "XMLHttpRequest", "import(", "@import", "WebSocket", "sendBeacon"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
        assert!(site.file("../Cargo.toml").is_none());
    }
}
