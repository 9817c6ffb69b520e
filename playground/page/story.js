"use strict";
// A run of both sweeps: its steps as a table, its values as a graph, one step at a time. `parts` are elements of the page:
// `rows`, `graph`, `slider`, `back`, `on`, `now`; `light` is told of each step, and of the value that is pointed at.
const Story = ({ rows, graph, slider, back, on, now, light = () => {} }) => {
  const TITLES = { start: "given", forward: "forward sweep", reverse: "reverse sweep" };
  let answer = null, at = 0;

  function row(step, k) {
    const line = Draw.html("tr", { class: "step " + step.kind });
    if (["pass", "turn", "folded"].includes(step.kind)) {
      line.append(Draw.html("td", { colspan: 3 }, step.text));
    } else {
      line.append(
        Draw.html("th", { scope: "row" }, Draw.html("code", {}, step.name)),
        Draw.html("td", {}, Draw.html("code", {}, step.text)),
        Draw.html("td", { class: "value" }, step.value));
    }
    line.addEventListener("click", () => go(k));
    return line;
  }

  function show(told) {
    answer = told;
    rows.replaceChildren();
    graph.replaceChildren();
    if (!answer) return;
    answer.steps.forEach((step, k) => rows.append(row(step, k)));
    // The compiler draws it, and escapes what people typed.
    graph.innerHTML = answer.graph;
    graph.querySelectorAll("[data-node]").forEach((element) => {
      const node = answer.nodes[+element.dataset.node];
      element.addEventListener("mouseenter", () => light({ at: node.at, name: node.name }));
      element.addEventListener("mouseleave", () => light(null));
    });
    slider.max = answer.steps.length - 1;
    go(at);
  }

  function go(k) {
    if (!answer) return;
    const last = answer.steps.length - 1;
    at = Math.max(0, Math.min(last, k));
    const step = answer.steps[at];
    [...rows.children].forEach((line, k) => {
      line.classList.toggle("now", k === at);
      line.classList.toggle("later", k > at);
      if (k === at) line.setAttribute("aria-current", "step"); else line.removeAttribute("aria-current");
    });
    const line = rows.children[at], box = rows.closest(".scroll");
    if (line.offsetTop < box.scrollTop + 30 || line.offsetTop + line.offsetHeight > box.scrollTop + box.clientHeight - 10) {
      box.scrollTop = line.offsetTop - box.clientHeight / 2;
    }
    slider.value = at;
    now.textContent = `step ${at + 1} of ${answer.steps.length}` + (TITLES[step.kind] ? `, ${TITLES[step.kind]}` : "");
    const soFar = answer.steps.slice(0, at + 1);
    const known = new Set(soFar.map(({ node }) => node)), backed = new Set(soFar.flatMap(({ bars }) => bars));
    // Values of loops that are folded have no step of their own.
    const isKnown = (k) => at === last || known.has(k), isBack = (k) => at === last || backed.has(k);
    graph.querySelectorAll("[data-node]").forEach((element) => {
      const k = +element.dataset.node;
      element.classList.toggle("known", isKnown(k));
      element.classList.toggle("now", step.node === k || step.bars.includes(k));
      element.classList.toggle("back", isBack(k));
    });
    graph.querySelectorAll("[data-edge]").forEach((element) => {
      const [from, to] = element.dataset.edge.split(" ").map(Number);
      element.classList.toggle("known", isKnown(to));
      element.classList.toggle("now", step.node === to || step.bars.includes(from));
      element.classList.toggle("back", isBack(from) && isBack(to));
    });
    const here = graph.querySelector(".node.now"), frame = graph.getBoundingClientRect();
    if (here) {
      const box = here.getBoundingClientRect();
      if (box.left < frame.left || box.right > frame.right) graph.scrollLeft += (box.left + box.right - frame.left - frame.right) / 2;
      if (box.top < frame.top || box.bottom > frame.bottom) graph.scrollTop += (box.top + box.bottom - frame.top - frame.bottom) / 2;
    }
    light(step);
  }

  back.addEventListener("click", () => go(at - 1));
  on.addEventListener("click", () => go(at + 1));
  slider.addEventListener("input", () => go(+slider.value));
  return { show, go, get at() { return at; }, get last() { return answer ? answer.steps.length - 1 : 0; } };
};
