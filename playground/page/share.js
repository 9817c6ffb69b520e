"use strict";
// A link that carries the function, and the function as a crate. Nothing leaves the machine.
const Share = (() => {
  const dialog = document.getElementById("crate"), said = document.getElementById("said");
  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  function decode(text) {
    const bytes = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
  }
  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = what + " is in the clipboard.";
    } catch {
      said.textContent = what + " could not be copied: select it by hand.";
    }
  }
  const TOML = `[package]
name = "my-gradient"
version = "0.1.0"
edition = "2024"

[dependencies]
grad-rs = { path = "…" } # where the repository is; the library is called \`grad\`
`;
  // The program calls the gradient where the trace stands.
  function program(text, name, call) {
    const annotated = /#\[\s*(?:grad::)?grad\b/.test(text);
    const uses = /\buse\s+grad\b/.test(text) ? "" : /\bDifferentiable\b/.test(text) ? "use grad::{Differentiable, grad};\n\n" : "use grad::grad;\n\n";
    let source = text.trim();
    if (!annotated) source = source.replace(new RegExp(`(?:pub(?:\\([^)]*\\))?\\s+)?fn\\s+${name}\\b`), (head) => "#[grad]\n" + head);
    return `${uses}${source}\n\nfn main() {\n    println!("{:?}", ${call});\n}\n`;
  }
  document.getElementById("share").addEventListener("click", () => {
    history.replaceState(null, "", "#code=" + encode(Editor.text));
    copy(location.href, "The link");
  });
  dialog.querySelectorAll("button[data-copies]").forEach((button) => button.addEventListener("click", () => {
    copy(document.getElementById(button.dataset.copies).textContent, button.dataset.file);
  }));
  Editor.on("change", () => { said.textContent = ""; });
  return {
    // The text that the link carries.
    received() {
      const match = location.hash.match(/^#code=([\w-]+)$/);
      if (!match) return null;
      try { return decode(match[1]); } catch { return null; }
    },
    async crate(answer, args) {
      const { call, failed } = await Compiler.ask("call " + answer.name, args.replace(/\n/g, " ") + "\n" + Editor.text);
      if (failed) { said.textContent = failed; return; }
      document.getElementById("toml").textContent = TOML;
      document.getElementById("program").textContent = program(Editor.text, answer.name, call);
      dialog.showModal();
    },
  };
})();
