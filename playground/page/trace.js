"use strict";
// The run of the function that is typed, at the arguments that are typed.
const Trace = (() => {
  const get = (id) => document.getElementById(id);
  const args = get("arguments"), said = get("trace-said");
  let newest = 0, name = "", first = false;
  const story = Story({
    rows: get("steps"), graph: get("graph"), slider: get("trace-step"), back: get("trace-back"), on: get("trace-on"), now: get("trace-now"),
    light: (what) => Editor.light(what && what.at ? [what.at] : []),
  });

  async function run() {
    const number = ++newest;
    if (!name) return;
    const result = await Runner.ask("trace " + name, args.value.replace(/\n/g, " ") + "\n" + Editor.text);
    if (number !== newest) return;
    said.className = result.failed || result.stopped ? "bad" : "";
    said.textContent = result.failed || result.stopped ||
      `${name}(${args.value}) = ${result.result}, and the gradient is ${result.gradient.filter((part) => part !== "()").join(", ") || "empty"}.`;
    story.show(result.failed ? null : result);
    if (first) story.go(0);
    first = false;
    const drawn = get("graph").querySelectorAll("[data-node]").length, all = result.failed ? 0 : result.nodes.length;
    get("graph-said").textContent = all > drawn ? `The first ${drawn} of ${all} values.` : "";
  }

  let timer = null;
  args.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(run, 120); });
  return {
    get arguments() { return args.value; },
    // A function to follow, and where.
    follow(of, values) {
      if (values !== null) { args.value = values; first = true; }
      name = of;
      if (!get("trace").hidden) run();
    },
    run,
    stop() { newest++; },
  };
})();
