"use strict";
// A run of both sweeps: the steps as a table, the values as a graph, one step at a time.
const Trace = (() => {
  const get = (id) => document.getElementById(id);
  const args = get("arguments"), rows = get("steps"), graph = get("graph"), said = get("trace-said");
  let answer = null, at = 0, newest = 0, name = "";

  const TITLES = { start: "given", forward: "forward sweep", reverse: "reverse sweep" };

  async function run() {
    const number = ++newest;
    if (!name) return;
    const result = await Runner.ask("trace " + name, args.value.replace(/\n/g, " ") + "\n" + Editor.text);
    if (number !== newest) return;
    answer = result.failed ? null : result;
    said.className = result.failed || result.stopped ? "bad" : "";
    said.textContent = result.failed || result.stopped ||
      `${name}(${args.value}) = ${result.result}, and the gradient is ${result.gradient.filter((part) => part !== "()").join(", ") || "empty"}.`;
    rows.replaceChildren();
    graph.replaceChildren();
    if (!answer) return;
    answer.steps.forEach((step, k) => rows.append(row(step, k)));
    draw();
    go(Math.min(at, answer.steps.length - 1));
  }

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

  function go(k) {
    if (!answer) return;
    at = Math.max(0, Math.min(answer.steps.length - 1, k));
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
    Editor.light(step.at ? [step.at] : []);
    get("trace-step").value = at;
    get("trace-step").max = answer.steps.length - 1;
    get("trace-now").textContent = `step ${at + 1} of ${answer.steps.length}` + (TITLES[step.kind] ? `, ${TITLES[step.kind]}` : "");
    const turned = answer.steps.findIndex((step) => step.kind === "turn");
    const known = new Set(answer.steps.slice(0, at + 1).map((step) => step.node).filter((node) => node !== null));
    graph.querySelectorAll("[data-node]").forEach((element) => {
      const k = +element.dataset.node;
      element.classList.toggle("known", known.has(k) || at === answer.steps.length - 1);
      element.classList.toggle("now", step.node === k);
      element.classList.toggle("back", (turned >= 0 && at > turned && barKnown(k)) || at === answer.steps.length - 1);
    });
    graph.querySelectorAll("[data-edge]").forEach((element) => {
      const [from, to] = element.dataset.edge.split(" ").map(Number);
      element.classList.toggle("known", known.has(to) || at === answer.steps.length - 1);
      element.classList.toggle("now", step.node === to);
      element.classList.toggle("back", turned >= 0 && at > turned && barKnown(from) && barKnown(to));
    });
  }
  // Whether a step so far has had this cotangent.
  function barKnown(k) {
    const bar = answer.nodes[k].bar;
    if (bar === null) return false;
    return answer.steps.slice(0, at + 1).some((step) => step.kind === "reverse" && step.value === bar) || at === answer.steps.length - 1;
  }

  // Each value below those that it is made of; values flow down, cotangents up.
  function draw() {
    const nodes = answer.nodes.slice(0, 60), layers = [];
    const layer = nodes.map(() => 0);
    nodes.forEach((node, k) => {
      layer[k] = node.from.length ? 1 + Math.max(...node.from.filter((from) => from < k).map((from) => layer[from]), -1) : 0;
    });
    nodes.forEach((_, k) => (layers[layer[k]] ??= []).push(k));
    const W = 168, H = 92, BOX = 150, TALL = 52;
    const width = Math.max(...layers.map((all) => all.length)) * W + 20, height = layers.length * H + 20;
    const x = [], y = [];
    // Where the mean of what is above is, in order.
    layers.forEach((all, depth) => {
      const wish = (k) => nodes[k].from.length ? nodes[k].from.reduce((sum, from) => sum + x[from], 0) / nodes[k].from.length : k;
      if (depth) all.sort((a, b) => wish(a) - wish(b));
      all.forEach((k, place) => {
        x[k] = width / 2 + (place - (all.length - 1) / 2) * W;
        y[k] = 10 + depth * H + TALL / 2;
      });
    });
    const svg = Draw.svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `A graph of ${nodes.length} values. Values flow down, cotangents flow up; the table has the same numbers.` });
    svg.append(Draw.svg("defs", {}, ...["down", "up"].map((kind) => Draw.svg("marker",
      { id: "arrow-" + kind, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse", class: "tip " + kind },
      Draw.svg("path", { d: "M0 0 8 4 0 8z" })))));
    nodes.forEach((node, k) => node.from.filter((from) => from < nodes.length).forEach((from) => {
      const [x1, y1, x2, y2] = [x[from], y[from] + TALL / 2, x[k], y[k] - TALL / 2 - 2];
      const bend = Math.min(40, (y2 - y1) / 2);
      const way = (shift) => `M${x1 + shift} ${y1}C${x1 + shift} ${y1 + bend} ${x2 + shift} ${y2 - bend} ${x2 + shift} ${y2}`;
      svg.append(Draw.svg("path", { d: way(-5), class: "edge down", "marker-end": "url(#arrow-down)", "data-edge": `${from} ${k}` }));
      svg.append(Draw.svg("path", { d: way(5), class: "edge up", "marker-start": "url(#arrow-up)", "data-edge": `${from} ${k}` }));
    }));
    nodes.forEach((node, k) => {
      const short = (text, most) => text.length > most ? text.slice(0, most - 1) + "…" : text;
      const group = Draw.svg("g", { class: "node", "data-node": k, transform: `translate(${x[k] - BOX / 2} ${y[k] - TALL / 2})` });
      group.append(Draw.svg("title", {}, `${node.name} = ${node.formula} = ${node.value}` + (node.bar === null ? "" :
        `\nhow the result changes with it: ${node.terms.length > 1 ? node.terms.join(" + ") + " = " : ""}${node.bar}`)),
        Draw.svg("rect", { width: BOX, height: TALL, rx: 9 }),
        Draw.svg("text", { x: 10, y: 21, class: "name" }, short(node.name, Math.max(3, 16 - Math.min(9, node.value.length)))),
        Draw.svg("text", { x: BOX - 10, y: 21, class: "number", "text-anchor": "end" }, short(node.value, 9)));
      if (node.bar !== null) group.append(Draw.svg("text", { x: BOX - 10, y: 42, class: "bar-number", "text-anchor": "end" },
        short((node.terms.length > 1 && node.terms.join(" + ").length < 14 ? node.terms.join(" + ") : node.terms.length > 1 ? `Σ ${node.bar}` : node.bar), 17)));
      group.addEventListener("mouseenter", () => node.at && Editor.light([node.at]));
      group.addEventListener("mouseleave", () => Editor.light([]));
      svg.append(group);
    });
    graph.replaceChildren(svg);
    get("graph-said").textContent = answer.nodes.length > nodes.length ? `The first ${nodes.length} of ${answer.nodes.length} values.` : "";
  }

  get("trace-back").addEventListener("click", () => go(at - 1));
  get("trace-on").addEventListener("click", () => go(at + 1));
  get("trace-step").addEventListener("input", (event) => go(+event.target.value));
  let timer = null;
  args.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(run, 120); });
  return {
    get arguments() { return args.value; },
    // A function to follow, and where.
    follow(of, values) {
      if (values !== null) { args.value = values; at = 0; }
      name = of;
      if (!get("trace").hidden) run();
    },
    run,
    stop() { newest++; },
  };
})();
