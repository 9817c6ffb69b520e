"use strict";
// The words of Rust in colour.
const Rust = (() => {
  const KEYWORDS = new Set(("as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod " +
    "move mut pub ref return self Self static struct super trait true type unsafe use where while").split(" "));
  const TOKEN = new RegExp([
    "(?<comment>//[^\\n]*|/\\*[^]*?\\*/)", "(?<string>b?\"(?:[^\"\\\\]|\\\\.)*\"?)", "(?<attribute>#!?\\[[^\\]\\n]*\\])",
    "(?<number>\\b\\d[\\d_]*(?:\\.\\d[\\d_]*)?(?:[eE][+-]?\\d+)?(?:_?[fiu](?:8|16|32|64|128|size))?\\b)",
    "(?<word>[\\p{L}_][\\p{L}\\p{N}_]*!?)",
  ].join("|"), "gu");

  // [from, to, kind] of everything that has a colour.
  function tokens(text) {
    const all = [];
    for (const match of text.matchAll(TOKEN)) {
      const { comment, string, attribute, number, word } = match.groups;
      const next = text[match.index + match[0].length];
      const kind = comment ? "comment" : string ? "string" : attribute ? "attribute" : number ? "number"
        : KEYWORDS.has(word) ? "keyword" : /^[A-Z]/.test(word) || /^(?:[fiu](?:8|16|32|64|128|size)|bool|str)$/.test(word) ? "type"
        : /_bar(?:_\d+)?$/.test(word) ? "bar" : /_dot(?:_\d+)?$/.test(word) ? "dot" : next === "(" || word.endsWith("!") ? "call" : null;
      if (kind) all.push([match.index, match.index + match[0].length, kind]);
    }
    return all;
  }

  // The text in elements, with `marks` ([from, to, class]) laid over the colours.
  function paint(into, text, marks = []) {
    const layers = [...(text.length > 60000 ? [] : tokens(text)), ...marks];
    const cuts = [...new Set([0, text.length, ...layers.flatMap(([from, to]) => [from, to])])]
      .filter((cut) => cut >= 0 && cut <= text.length).sort((a, b) => a - b);
    const opening = new Map(), closing = new Map();
    for (const layer of layers) {
      (opening.get(layer[0]) ?? opening.set(layer[0], []).get(layer[0])).push(layer[2]);
      (closing.get(layer[1]) ?? closing.set(layer[1], []).get(layer[1])).push(layer[2]);
    }
    const open = new Map(), parts = document.createDocumentFragment();
    for (let k = 0; k + 1 < cuts.length; k++) {
      for (const kind of closing.get(cuts[k]) ?? []) open.set(kind, (open.get(kind) ?? 0) - 1);
      for (const kind of opening.get(cuts[k]) ?? []) open.set(kind, (open.get(kind) ?? 0) + 1);
      const classes = [...open].filter(([, count]) => count > 0).map(([kind]) => kind).join(" ");
      const piece = text.slice(cuts[k], cuts[k + 1]);
      if (classes) {
        const span = document.createElement("span");
        span.className = classes;
        span.textContent = piece;
        parts.append(span);
      } else parts.append(piece);
    }
    into.replaceChildren(parts);
  }

  return { paint };
})();
