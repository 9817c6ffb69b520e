"use strict";
// Everything that a function becomes: one view at a time.
const Becomes = (() => {
  const code = document.getElementById("code"), about = document.getElementById("about");
  const ABOUT = {
    gradient: "The value and the gradient in one function, as people read it. <code>x_bar</code> is the derivative of the result by <code>x</code>. Point at a line to see what it mirrors.",
    forward: "Forward mode: a derivative along a direction, carried along. <code>x_dot</code> is how fast <code>x</code> changes.",
    second: "The gradient, differentiated along a direction: the Hessian times a vector, in one run.",
    ir: "The language between the passes: the function, then its two sweeps, in one function (joint) and in two (split). Point at a line to see what it stands for.",
    plan: "How the reverse sweep comes by what it reads: what is reversed at once, what is recorded, and why. Point at a line to see what it is about.",
    active: "In colour in the text: what depends on the parameters and matters for the result carries a derivative.",
  };
  let answer = null, view = "gradient";

  function lineElement(text, k, ranges) {
    const line = document.createElement("div");
    line.className = "line";
    Rust.paint(line, text || " ");
    if (ranges && ranges.length) {
      line.dataset.mirror = JSON.stringify(ranges);
      line.tabIndex = k === 0 ? 0 : -1;
      const on = () => { Editor.light(ranges); light([line]); };
      line.addEventListener("mouseenter", on);
      line.addEventListener("focus", on);
      for (const event of ["mouseleave", "blur"]) line.addEventListener(event, () => { Editor.light([]); light([]); });
    }
    return line;
  }
  function light(lines) {
    code.querySelectorAll(".line.lit").forEach((line) => line.classList.remove("lit"));
    lines.forEach((line) => line.classList.add("lit"));
  }
  // Up and down go from line to line.
  code.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const lines = [...code.querySelectorAll(".line[tabindex]")], here = lines.indexOf(document.activeElement);
    const next = lines[here + (event.key === "ArrowDown" ? 1 : -1)];
    if (here < 0 || !next) return;
    event.preventDefault();
    lines[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  Editor.on("point", (at) => {
    const hits = [...code.querySelectorAll(".line[data-mirror]")].map((line) => {
      const inside = JSON.parse(line.dataset.mirror).filter(([from, to]) => at !== null && from <= at && at < to);
      return { line, size: Math.min(...inside.map(([from, to]) => to - from)), inside };
    }).filter(({ inside }) => inside.length);
    // The innermost expression under the pointer, and all lines that mirror it.
    const size = Math.min(...hits.map(({ size }) => size));
    const best = hits.filter((hit) => hit.size === size);
    light(best.map(({ line }) => line));
    Editor.light(best.flatMap(({ inside }) => inside.filter(([from, to]) => to - from === size)).slice(0, 1));
  });

  function activity() {
    const names = { active: "active", varied: "varied, without use", constant: "a constant" };
    Editor.mark(answer.shown.rows.map(({ at, state }) => [...at, "state-" + state]));
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const title of ["variable", "what it is"]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const { name, at, state } of answer.shown.rows) {
      const row = body.insertRow();
      const variable = document.createElement("code");
      variable.textContent = name;
      row.insertCell().append(variable);
      const word = document.createElement("span");
      word.className = "state state-" + state;
      word.textContent = names[state];
      row.insertCell().append(word);
      row.addEventListener("mouseenter", () => Editor.light([at]));
      row.addEventListener("mouseleave", () => Editor.light([]));
    }
    code.replaceChildren(table);
  }

  function errors() {
    about.textContent = answer.errors.length === 1 ? "There is an error in the function." : `There are ${answer.errors.length} errors in the function.`;
    code.replaceChildren(...answer.errors.map((error) => {
      const card = document.createElement("section");
      card.className = "error";
      const head = document.createElement("p"), what = document.createElement("p");
      if (error.code) {
        const link = document.createElement("a");
        link.href = "errors.html#" + error.code;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = error.code;
        link.setAttribute("aria-label", `${error.code} in the index of errors`);
        head.append(link, " ");
      }
      head.append(error.title);
      head.className = "title";
      backticks(what, error.what);
      card.append(head, what);
      if (error.help) {
        const help = document.createElement("p");
        help.className = "help";
        backticks(help, "Instead: " + error.help);
        card.append(help);
      }
      const jump = document.createElement("button");
      jump.type = "button";
      jump.textContent = "Show the place";
      jump.addEventListener("click", () => Editor.select(error.at[0]));
      card.append(jump);
      return card;
    }));
  }
  function backticks(into, text) {
    text.split("`").forEach((part, k) => {
      if (k % 2 === 0) return into.append(part);
      const code = document.createElement("code");
      code.textContent = part;
      into.append(code);
    });
  }

  function show() {
    if (!answer) return;
    if (answer.failed) {
      about.textContent = "";
      const card = document.createElement("p");
      card.className = "failed";
      card.textContent = answer.failed;
      return code.replaceChildren(card);
    }
    Editor.mark(answer.errors.flatMap(({ at }) => at.map((range) => [...range, "wrong"])));
    if (answer.errors.length) return errors();
    about.innerHTML = ABOUT[view];
    if (view === "active") return activity();
    const shown = answer.shown;
    if (shown.absent) {
      about.textContent = shown.absent;
      return code.replaceChildren();
    }
    const lines = shown.text.trimEnd().split("\n");
    if (view === "plan" && lines.every((line) => !line || line.startsWith("//"))) {
      lines.push("", "Nothing is recorded: whatever the reverse sweep reads is still there, or is computed again.");
    }
    code.replaceChildren(...lines.map((line, k) => lineElement(line, k, shown.lines && shown.lines[k])));
  }

  return {
    // What is shown is of this view.
    set answer(value) { answer = value; show(); },
    get view() { return view; },
    set view(value) { view = value; },
  };
})();
