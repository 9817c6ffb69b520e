"use strict";
// Walks on the function that was typed: its height, its slope, and steps along it. The interpreter computes every number.
const Walk = (() => {
  const get = (id) => document.getElementById(id);
  const canvas = get("map"), overlay = get("walkers"), controls = get("walk-controls"), said = get("walk-said"), table = get("walk-rows");
  const BANDS = ["#5fa777", "#74b585", "#8bc391", "#a2cf9c", "#b7d9a5", "#cbe2ae", "#dce8b4", "#e9ebb8", "#f1e8b4", "#f2dea5", "#eed195",
    "#e7c388", "#ddb47f", "#d2a67b", "#c9a083", "#cfb4a2", "#e4d7cf"];
  const COLORS = { small: "#7b3294", right: "#1a6fdf", large: "#c2185b", momentum: "#e08a00", adam: "#00796b", newton: "#222222" };
  const SIZE = 480;
  let name = "", args = [], free = [], view = null, hint = {}, newest = 0, walks = [], heights = null, at = 0, playing = null;

  // "0.5, [1, 2], 3": its numbers, and what stands between them.
  function split(text) {
    const parts = text.split(/(-?(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?))/);
    return { parts, numbers: parts.filter((_, k) => k % 2).map(Number) };
  }
  let shape = null;
  const join = (numbers) => {
    let k = 0;
    return shape.parts.map((part, at) => at % 2 === 0 ? part : write(numbers[k++], part)).join("");
  };
  // A number that was an integer stays one.
  const write = (x, was) => /^-?\d+$/.test(was) ? String(x) : Number.isInteger(x) ? x.toFixed(1) : String(x);

  async function evaluate(what, points) {
    const result = await Runner.ask(`evaluate ${what} ${name}`, points.map(join).join(";") + "\n" + Editor.text, 8000);
    if (result.failed) throw new Error(result.failed);
    return result.rows;
  }
  const at_ = (point) => { const numbers = shape.numbers.slice(); free.forEach((k, j) => { numbers[k] = point[j]; }); return numbers; };
  // Value and slope in the directions that are walked in.
  async function slope(points) {
    const rows = await evaluate("gradient", points.map(at_));
    return rows.map(({ value, gradient }) => ({ value: value[0], gradient: free.map((k) => gradient[k]) }));
  }

  async function start(of, values, entry) {
    const number = ++newest;
    pause();
    name = of;
    hint = entry || {};
    shape = split(values);
    args = shape.numbers;
    // Integers say how long a loop is, and are no place to walk to.
    free = shape.parts.filter((_, k) => k % 2).map((part, k) => [part, k]).filter(([part]) => !/^-?\d+$/.test(part)).map(([, k]) => k);
    get("walk-rate").value = hint.rate || 0.1;
    walks = [];
    table.replaceChildren();
    overlay.replaceChildren();
    get("walk-picture").hidden = free.length > 2 || free.length === 0;
    said.className = said.textContent = "";
    get("pointer").textContent = "Point at the map: the arrow is the gradient there. Click to start from a place.";
    try {
      if (!free.length) throw new Error("There is nothing to walk along: give the function a number with a point, such as 0.5.");
      if (free.length <= 2) await ground(number); else if (number === newest) said.textContent =
        `${free.length} numbers are walked along at once: there is no map of that, but the height of each step.`;
      if (number === newest) await walk(number);
    } catch (error) {
      if (number !== newest) return;
      said.className = "bad";
      said.textContent = error.message;
    }
  }

  async function ground(number) {
    const here = free.map((k) => args[k]);
    const span = (x) => Math.max(1.5, Math.abs(x) * 1.5);
    view = hint.view || here.flatMap((x) => [x - span(x), x + span(x)]);
    const grid = free.length === 1 ? 161 : 41, points = [];
    const along = (k, t) => view[2 * k] + (view[2 * k + 1] - view[2 * k]) * t;
    if (free.length === 1) for (let i = 0; i < grid; i++) points.push(at_([along(0, i / (grid - 1))]));
    else for (let j = 0; j < grid; j++) for (let i = 0; i < grid; i++) points.push(at_([along(0, i / (grid - 1)), along(1, j / (grid - 1))]));
    const rows = await evaluate("value", points);
    if (number !== newest) return;
    if (rows[0].length !== 1) throw new Error("The function does not return one number, and has no height.");
    heights = { grid, values: rows.map(([value]) => value) };
    paint();
  }

  const px = (x) => (x - view[0]) / (view[1] - view[0]) * SIZE;
  function py(y) {
    const [low, high] = free.length === 1 ? heights.range : [view[2], view[3]];
    return SIZE - (y - low) / (high - low) * SIZE;
  }

  function paint() {
    const context = canvas.getContext("2d"), { grid, values } = heights;
    const known = values.filter((value) => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    context.clearRect(0, 0, SIZE, SIZE);
    if (!known.length) return;
    if (free.length === 1) {
      const low = known[0], high = known[known.length - 1], rim = (high - low || 1) * .1;
      heights.range = [low - rim, high + rim];
      const sky = context.createLinearGradient(0, 0, 0, SIZE);
      sky.addColorStop(0, dark ? "#1b231d" : "#eef3e2");
      sky.addColorStop(1, dark ? "#232a22" : "#f8f7ec");
      context.fillStyle = sky;
      context.fillRect(0, 0, SIZE, SIZE);
      context.beginPath();
      values.forEach((value, k) => context.lineTo(k / (grid - 1) * SIZE, value === null ? SIZE : py(value)));
      context.lineTo(SIZE, SIZE);
      context.lineTo(0, SIZE);
      const hill = context.createLinearGradient(0, 0, 0, SIZE);
      [...BANDS].reverse().forEach((color, k, all) => hill.addColorStop(k / (all.length - 1), color));
      context.fillStyle = hill;
      context.fill();
      return;
    }
    // Bands that each cover as much ground, so that a flat valley shows.
    const levels = BANDS.slice(1).map((_, k) => known[Math.floor((k + 1) / BANDS.length * (known.length - 1))]);
    const image = context.createImageData(SIZE, SIZE), colors = BANDS.map((color) => [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16)));
    const bands = new Int8Array(SIZE * SIZE);
    for (let v = 0; v < SIZE; v++) for (let u = 0; u < SIZE; u++) {
      const i = u / (SIZE - 1) * (grid - 1), j = (1 - v / (SIZE - 1)) * (grid - 1);
      const a = Math.min(grid - 2, Math.floor(i)), b = Math.min(grid - 2, Math.floor(j)), s = i - a, t = j - b;
      const height = (a, b) => values[b * grid + a];
      const h = (1 - t) * ((1 - s) * height(a, b) + s * height(a + 1, b)) + t * ((1 - s) * height(a, b + 1) + s * height(a + 1, b + 1));
      let band = 0;
      while (band < levels.length && h >= levels[band]) band++;
      bands[v * SIZE + u] = band;
    }
    for (let v = 0; v < SIZE; v++) for (let u = 0; u < SIZE; u++) {
      const k = v * SIZE + u, band = bands[k];
      const edge = (u > 0 && bands[k - 1] !== band) || (v > 0 && bands[k - SIZE] !== band);
      const shade = (edge ? .78 : 1) * (dark ? .72 : 1);
      for (let c = 0; c < 3; c++) image.data[4 * k + c] = colors[band][c] * shade;
      image.data[4 * k + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  // The walkers of a comparison, or the one that was chosen.
  function walkers() {
    const rate = Math.abs(+get("walk-rate").value) || 0.1, method = get("walk-method").value, up = get("walk-up").checked;
    const one = (key, title, rate, method) => ({ key, title, rate, method, up, steps: [] });
    if (method === "compare") return [one("small", "too small", rate / 10, "plain"), one("right", "this one", rate, "plain"), one("large", "too large", rate * 6, "plain")];
    const keys = { plain: "right", momentum: "momentum", adam: "adam", newton: "newton" };
    return [one(keys[method], get("walk-method").selectedOptions[0].textContent, rate, method)];
  }

  async function walk(number) {
    const steps = Math.max(1, Math.min(200, Math.round(+get("walk-steps").value) || 40));
    walks = walkers();
    const origin = free.map((k) => args[k]);
    for (const walker of walks) Object.assign(walker, { at: origin.slice(), velocity: origin.map(() => 0), first: origin.map(() => 0), second: origin.map(() => 0), over: "" });
    for (let step = 0; step <= steps; step++) {
      const going = walks.filter((walker) => !walker.over);
      if (!going.length) break;
      const here = await slope(going.map((walker) => walker.at));
      if (number !== newest) return;
      for (const [k, walker] of going.entries()) {
        const { value, gradient } = here[k];
        walker.steps.push({ at: walker.at.slice(), value, gradient });
        if (value === null || gradient.some((x) => x === null) || walker.at.some((x) => Math.abs(x) > 1e6)) walker.over = "thrown out of the valley";
        else if (Math.hypot(...gradient) < 1e-9) walker.over = "arrived: the ground is level";
        else await move(walker, gradient, step);
      }
    }
    if (number !== newest) return;
    at = Math.max(...walks.map((walker) => walker.steps.length)) - 1;
    get("walk-step").max = at;
    show();
  }

  async function move(walker, gradient, step) {
    const sign = walker.up ? 1 : -1, { rate } = walker;
    if (walker.method === "newton") {
      const [{ hessian }] = await evaluate("hessian", [at_(walker.at)]);
      const direction = solve(free.map((i) => free.map((j) => hessian[j][i])), gradient);
      if (!direction) return void (walker.over = "the curvature is no help here");
      return walker.at.forEach((_, k) => { walker.at[k] -= direction[k]; });
    }
    if (walker.method === "momentum") {
      walker.velocity = walker.velocity.map((v, k) => 0.9 * v + sign * rate * gradient[k]);
      return walker.at.forEach((_, k) => { walker.at[k] += walker.velocity[k]; });
    }
    if (walker.method === "adam") {
      walker.first = walker.first.map((m, k) => 0.9 * m + 0.1 * gradient[k]);
      walker.second = walker.second.map((s, k) => 0.999 * s + 0.001 * gradient[k] ** 2);
      return walker.at.forEach((_, k) => {
        const m = walker.first[k] / (1 - 0.9 ** (step + 1)), s = walker.second[k] / (1 - 0.999 ** (step + 1));
        walker.at[k] += sign * rate * m / (Math.sqrt(s) + 1e-8);
      });
    }
    walker.at.forEach((_, k) => { walker.at[k] += sign * rate * gradient[k]; });
  }
  // Elimination, with the largest pivot.
  function solve(matrix, right) {
    const rows = matrix.map((row, k) => [...row, right[k]]), n = rows.length;
    for (let k = 0; k < n; k++) {
      const pivot = rows.slice(k).reduce((best, row, i) => Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best, k);
      if (!(Math.abs(rows[pivot][k]) > 1e-14)) return null;
      [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
      for (let i = 0; i < n; i++) if (i !== k) {
        const factor = rows[i][k] / rows[k][k];
        for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
      }
    }
    return rows.map((row, k) => row[n] / row[k]);
  }

  function show() {
    get("walk-step").value = at;
    get("walk-now").textContent = `step ${at}`;
    const now = (walker) => walker.steps[Math.min(at, walker.steps.length - 1)];
    table.replaceChildren(...walks.map((walker) => {
      const { at: place, value, gradient } = now(walker), ended = at >= walker.steps.length - 1;
      const swatch = Draw.html("span", { class: "swatch " + walker.key, style: `background:${COLORS[walker.key]}` });
      const state = ended && walker.over ? walker.over : walker.method === "newton" ? "" : `next step ${Draw.number(walker.rate * Math.hypot(...gradient))}`;
      const where = place.length > 4 ? `${place.length} numbers` : place.map(Draw.number).join(", ");
      return Draw.html("tr", {}, Draw.html("th", { scope: "row" }, swatch, walker.title),
        ...[where, Draw.number(value), Draw.number(Math.hypot(...gradient)), state].map((text) => Draw.html("td", {}, text)));
    }));
    losses();
    overlay.replaceChildren();
    if (free.length > 2 || !heights) return;
    const clip = Draw.svg("g", {});
    const fog = get("walk-fog").checked;
    const dots = walks.map((walker) => {
      const pixel = ({ at, value }) => {
        const far = 3000, limit = (x) => Math.max(-far, Math.min(far, x));
        return [limit(px(at[0])), limit(free.length === 1 ? py(value) : py(at[1]))];
      };
      return { walker, track: walker.steps.slice(0, at + 1).map(pixel), here: pixel(now(walker)) };
    });
    if (fog) {
      const mask = Draw.svg("mask", { id: "holes" }, Draw.svg("rect", { width: SIZE, height: SIZE, fill: "#fff" }),
        ...dots.map(({ here: [x, y] }) => Draw.svg("circle", { cx: x, cy: y, r: 44, fill: "#000" })));
      overlay.append(mask, Draw.svg("rect", { width: SIZE, height: SIZE, class: "fog", mask: "url(#holes)" }));
    }
    for (const { walker, track, here: [x, y] } of dots) {
      const points = track.map((point) => point.map((c) => c.toFixed(1)).join(",")).join(" ");
      clip.append(Draw.svg("polyline", { points, fill: "none", stroke: "#fff", "stroke-width": 4.5, "stroke-opacity": .75 }),
        Draw.svg("polyline", { points, fill: "none", stroke: COLORS[walker.key], "stroke-width": 2.2 }),
        ...track.map(([x, y]) => Draw.svg("circle", { cx: x, cy: y, r: 2.6, fill: COLORS[walker.key] })),
        Draw.svg("circle", { cx: x, cy: y, r: 7, fill: COLORS[walker.key], stroke: "#fff", "stroke-width": 2 }));
    }
    overlay.append(clip, arrow);
  }

  // The heights over the steps.
  function losses() {
    const plot = get("losses");
    const all = walks.flatMap((walker) => walker.steps.map(({ value }) => value)).filter((value) => value !== null && Number.isFinite(value));
    if (!all.length) return plot.replaceChildren();
    const low = Math.min(...all), first = walks[0].steps[0].value, high = Math.max(Math.min(Math.max(...all), low + 4 * (first - low || 1)), low + 1e-12);
    const last = Math.max(1, +get("walk-step").max), W = 480, H = 120;
    const x = (k) => 8 + k / last * (W - 16), y = (value) => 8 + (1 - Math.max(-.1, Math.min(1.1, ((value ?? Infinity) - low) / (high - low)))) * (H - 16);
    plot.replaceChildren(...walks.map((walker) => Draw.svg("polyline", { fill: "none", stroke: COLORS[walker.key], "stroke-width": 2, class: walker.key,
      points: walker.steps.map(({ value }, k) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`).join(" ") })),
      Draw.svg("line", { x1: x(at), x2: x(at), y1: 4, y2: H - 4, class: "now" }));
  }

  // The gradient where the pointer is.
  const arrow = Draw.svg("g", { class: "arrow" });
  let asking = false, wanted = null;
  overlay.addEventListener("pointermove", (event) => {
    const box = overlay.getBoundingClientRect();
    point([(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height]);
  });
  overlay.addEventListener("pointerleave", () => { arrow.replaceChildren(); wanted = null; });
  overlay.addEventListener("click", (event) => {
    const box = overlay.getBoundingClientRect(), place = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    begin(place.slice(0, free.length).map((t, k) => view[2 * k] + t * (view[2 * k + 1] - view[2 * k])));
  });
  // By keyboard: the start moves, and so does all that follows.
  overlay.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!move || !free.length) return;
    event.preventDefault();
    begin(free.map((k, j) => args[k] + (move[j] || 0) * (view[2 * j + 1] - view[2 * j]) / 25));
  });
  function begin(place) {
    free.forEach((k, j) => { args[k] = Math.round(place[j] * 1000) / 1000; });
    again();
  }
  async function point([s, t]) {
    if (!view || !heights || free.length > 2) return;
    wanted = [s, t].slice(0, free.length).map((t, k) => view[2 * k] + t * (view[2 * k + 1] - view[2 * k]));
    if (asking) return;
    asking = true;
    try {
      while (wanted) {
        const place = wanted;
        wanted = null;
        const [{ value, gradient }] = await slope([place]);
        const x = px(place[0]), y = free.length === 1 ? py(value) : py(place[1]);
        const size = Math.hypot(...gradient) || 1, length = 20 + 60 * (1 - 1 / (1 + size));
        const [dx, dy] = free.length === 1 ? [length / Math.hypot(1, pitch(gradient[0])), -pitch(gradient[0]) * length / Math.hypot(1, pitch(gradient[0]))]
          : [gradient[0] / size * length, -gradient[1] / size * length];
        arrow.replaceChildren(Draw.svg("line", { x1: x, y1: y, x2: x + dx, y2: y + dy }), Draw.svg("circle", { cx: x, cy: y, r: 4 }));
        get("pointer").textContent = `at ${place.map(Draw.number).join(", ")}: height ${Draw.number(value)}, slope ${gradient.map(Draw.number).join(", ")}`;
      }
    } catch { arrow.replaceChildren(); } finally { asking = false; }
  }
  const pitch = (slope) => slope * (SIZE / (heights.range[1] - heights.range[0])) / (SIZE / (view[1] - view[0]));

  function again() {
    const number = ++newest;
    pause();
    said.textContent = "";
    said.className = "";
    walk(number).catch((error) => { if (number === newest) { said.className = "bad"; said.textContent = error.message; } });
  }
  function pause() {
    clearInterval(playing);
    playing = null;
    get("walk-play").textContent = "Play";
  }
  get("walk-play").addEventListener("click", () => {
    if (playing) return pause();
    if (at >= +get("walk-step").max) at = 0;
    get("walk-play").textContent = "Pause";
    playing = setInterval(() => { if (at >= +get("walk-step").max) return pause(); at++; show(); }, 120);
  });
  get("walk-step").addEventListener("input", (event) => { pause(); at = +event.target.value; show(); });
  get("walk-fog").addEventListener("change", show);
  for (const id of ["walk-method", "walk-rate", "walk-steps", "walk-up"]) get(id).addEventListener("change", again);
  controls.addEventListener("submit", (event) => event.preventDefault());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (heights && view) paint(); });

  return {
    follow(of, values, entry) { if (!get("walk").hidden) start(of, values, entry); },
    stop() { newest++; pause(); },
  };
})();
