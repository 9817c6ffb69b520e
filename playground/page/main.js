"use strict";
// What the page does when.
(() => {
  const get = (id) => document.getElementById(id);
  const gallery = get("gallery"), status = get("status"), tabs = [...document.querySelectorAll("[role=tab]")];
  let answer = null, newest = 0, timer = null, walking = null, shown = "", answered = null, args = null, entry = null;
  const modes = [...document.querySelectorAll("[name=mode]")];

  GALLERY.forEach(({ title }, k) => gallery.append(new Option(title, k)));
  gallery.append(new Option("your own", "own"));
  gallery.addEventListener("change", () => gallery.value === "own" ? Editor.select([0, 0]) : start(GALLERY[gallery.value]));

  function start(chosen) {
    entry = chosen;
    args = chosen.args;
    Editor.text = chosen.text;
    gallery.value = GALLERY.indexOf(chosen);
  }

  async function look() {
    const number = ++newest, text = Editor.text;
    const result = await Compiler.ask("look " + Becomes.view, text);
    // Who typed on is answered later.
    if (number !== newest) return;
    answer = result;
    answered = text;
    document.documentElement.dataset.time = result.time.toFixed(1);
    status.textContent = result.failed ? "No answer" : result.errors.length ? plural(result.errors.length, "error")
      : `${result.name}: differentiated in ${result.time < 10 ? result.time.toFixed(1) : result.time.toFixed(0)} ms`;
    status.className = result.failed || result.errors.length ? "bad" : "good";
    get("copy").disabled = Boolean(result.failed || result.errors.length);
    Becomes.answer = result;
    // Each answer has its number, for who waits for it.
    status.dataset.answer = number;
    if (!get("copy").disabled) follow();
  }

  // The trace and the walk are of the function that is there, from the arguments that fit it.
  function follow() {
    const fits = `${answer.name} ${answer.arguments}`;
    if (args === null && fits !== shown) args = answer.arguments;
    shown = fits;
    Trace.follow(answer.name, args);
    args = null;
    walk();
  }
  function walk() {
    clearTimeout(walking);
    Walk.follow(answer.name, Trace.arguments, entry && Trace.arguments === entry.args ? entry : null);
  }
  modes.forEach((mode) => mode.addEventListener("change", () => {
    for (const { value, checked } of modes) get(value).hidden = !checked;
    Editor.light([]);
    Trace.stop();
    Walk.stop();
    if (answered === Editor.text && !get("copy").disabled) follow();
  }));
  get("arguments").addEventListener("input", () => {
    clearTimeout(walking);
    walking = setTimeout(() => { if (answered === Editor.text && !get("copy").disabled) walk(); }, 400);
  });
  const plural = (count, word) => count === 1 ? `1 ${word}` : `${count} ${word}s`;

  Editor.on("change", (text) => {
    if (!GALLERY.some((entry) => entry.text === text)) { gallery.value = "own"; entry = null; }
    clearTimeout(timer);
    timer = setTimeout(look, 60);
  });

  function choose(tab, focus) {
    for (const other of tabs) {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
    }
    get("panel").setAttribute("aria-labelledby", tab.id);
    if (focus) tab.focus();
    Becomes.view = tab.dataset.view;
    look();
  }
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(tabs[(k + step + tabs.length) % tabs.length], true);
    });
  });

  get("copy").addEventListener("click", () => Share.crate(answer, Trace.arguments));

  function open() {
    const received = Share.received();
    if (received === null) return start(GALLERY[1]);
    Editor.text = received;
  }
  addEventListener("hashchange", open);
  open();
})();
