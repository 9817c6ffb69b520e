//! The compiler behind the page: a text comes in, what becomes of it goes out as JSON.
//!
//! [`answer`] is an ordinary function, tested like one. For WebAssembly `port.rs` puts it behind three functions on numbers.

mod constants;
mod file;
mod graph;
mod json;
mod look;
mod mirror;
mod named;
mod place;
#[cfg(target_family = "wasm")]
mod port;
mod run;
#[allow(dead_code, reason = "the page shows the same as `cargo grad show`, which shows more")]
#[path = "../../../cargo-grad/src/show/mod.rs"]
mod show;
mod trace;
mod types;
mod value;
mod walk;

#[cfg(test)]
mod tests;

/// Answers a request: a first line that says what is wanted, then what it takes.
///
/// * `look VIEW NAME`, then a file of Rust: what becomes of the function of that name, or of the one that the file is about.
///   Views are `gradient`, `forward`, `second`, `ir`, `plan` and `active`.
/// * `trace NAME`, a line of arguments, then a file of Rust: what a run of both sweeps computes, step by step.
/// * `picture NAME`, and the same: the graph of the run as a picture for a page of its own.
/// * `call NAME`, a line of arguments, then a file: the call of the gradient, as Rust has it.
/// * `evaluate value|gradient|hessian NAME`, a line of lists of arguments with semicolons between, then a file.
pub fn answer(request: &str) -> String {
    // What the places of the request before were is forgotten, so that memory does not grow with each keystroke.
    proc_macro2::extra::invalidate_current_thread_spans();
    let (wanted, rest) = request.split_once('\n').unwrap_or((request, ""));
    let (line, text) = rest.split_once('\n').unwrap_or((rest, ""));
    let mut words = wanted.split(' ');
    match words.next() {
        Some("look") => {
            let (view, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            look::look(rest, view, name)
        }
        Some("trace") => trace::trace(text, words.next().unwrap_or_default(), line, false),
        Some("picture") => trace::trace(text, words.next().unwrap_or_default(), line, true),
        Some("call") => value::call(text, words.next().unwrap_or_default(), line),
        Some("evaluate") => {
            let (what, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            walk::evaluate(text, what, name, line)
        }
        _ => json::object([("failed", json::string(&format!("`{wanted}` is no request")))]),
    }
}
