"use strict";
// The text that is typed, with colours and marks behind it.
const Editor = (() => {
  const area = document.getElementById("source"), behind = document.getElementById("behind"), lit = [];
  let marks = [], lights = [], cell = null, listeners = { change: [], point: [] };

  // As high as the text, within limits.
  function fit() {
    const line = parseFloat(getComputedStyle(area).lineHeight);
    area.style.height = `${Math.max(9, Math.min(20, area.value.split("\n").length + 1)) * line + 34}px`;
  }
  function repaint() {
    // A last line without an end would have no height.
    Rust.paint(behind, area.value, [...marks, ...lights]);
    behind.append("\n");
    scroll();
  }
  function scroll() {
    behind.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
  }
  // How large a character is, and where the first one is.
  function measure() {
    const style = getComputedStyle(area), probe = document.createElement("span");
    probe.textContent = "0".repeat(50);
    probe.style.cssText = "position:absolute;visibility:hidden;white-space:pre";
    behind.append(probe);
    cell = { width: probe.getBoundingClientRect().width / 50, height: parseFloat(style.lineHeight),
      left: parseFloat(style.paddingLeft), top: parseFloat(style.paddingTop) };
    probe.remove();
  }
  function at(event) {
    if (!cell) measure();
    const box = area.getBoundingClientRect();
    const line = Math.floor((event.clientY - box.top - cell.top + area.scrollTop) / cell.height);
    const column = Math.floor((event.clientX - box.left - cell.left + area.scrollLeft) / cell.width);
    const lines = area.value.split("\n");
    if (line < 0 || line >= lines.length || column < 0 || column >= lines[line].length) return null;
    return lines.slice(0, line).reduce((sum, line) => sum + line.length + 1, 0) + column;
  }
  const tell = (kind, value) => listeners[kind].forEach((listener) => listener(value));

  area.addEventListener("input", () => { marks = []; lights = []; fit(); repaint(); tell("change", area.value); });
  area.addEventListener("scroll", scroll);
  area.addEventListener("mousemove", (event) => tell("point", at(event)));
  area.addEventListener("mouseleave", () => tell("point", null));
  for (const event of ["keyup", "click"]) area.addEventListener(event, () => tell("point", area.selectionStart));
  addEventListener("resize", () => { cell = null; });
  // Tab indents; Escape, then Tab, goes on through the page.
  let leaving = false;
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaving = true;
    else if (event.key === "Tab" && !leaving && !event.shiftKey) {
      event.preventDefault();
      area.setRangeText("    ", area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
    } else if (event.key !== "Tab") leaving = false;
  });
  area.addEventListener("blur", () => { leaving = false; });

  return {
    get text() { return area.value; },
    set text(text) { area.value = text; marks = []; lights = []; area.scrollTop = 0; fit(); repaint(); tell("change", text); },
    on(kind, listener) { listeners[kind].push(listener); },
    // [[from, to, class]]
    mark(ranges) { marks = ranges; repaint(); },
    light(ranges) {
      if (!ranges.length && !lights.length) return;
      lights = ranges.map(([from, to]) => [from, to, "lit"]);
      repaint();
    },
    select([from, to]) { area.focus(); area.setSelectionRange(from, to); },
  };
})();
