// What a reader does with the page, in a browser. Run by `.ci/run`: `node test.cjs ADDRESS…`, with `playwright-core` where node
// finds it and a browser in `CHROMIUM`. With `SHOTS`, a folder, pictures are left there.
"use strict";
const assert = require("node:assert/strict");
const path = require("node:path");
const { chromium } = require("playwright-core");

const THIRTY = `#[grad]
fn thirty(x: f64, y: f64) -> f64 {
    let mut sum = 0.0;
${Array.from({ length: 12 }, (_, k) => `    let a${k} = x * ${k}.5 + y.sin();\n    sum += (a${k} * a${k} + 1.0).ln();`).join("\n")}
    if x > y {
        sum += x.exp();
    }
    sum
}
`;

const tests = {
  async "the gradient is there, and follows what is typed"({ page, type, code }) {
    await type("#[grad]\nfn cube(x: f64) -> f64 {\n    x * x * x\n}\n");
    assert.match(await code(), /fn cube_vjp\(x: f64, seed: f64\)/);
    for (const [tab, word] of [["forward", "x_dot"], ["second", "x_bar_dot"], ["ir", "mul(x, x)"], ["plan", "joint"], ["active", "active"]]) {
      await page.click("#tab-" + tab);
      await page.waitForFunction((word) => document.getElementById("code").textContent.includes(word), word);
    }
    await page.click("#tab-gradient");
  },

  async "an answer for thirty lines comes within 50 ms"({ page, type }) {
    assert.ok(THIRTY.trim().split("\n").length >= 30);
    const times = [];
    for (let k = 0; k < 25; k++) {
      await type(THIRTY.replace("12.5", `${k}.25`) + "// " + k + "\n");
      times.push(await page.evaluate(() => Number(document.documentElement.dataset.time)));
    }
    const [best, median] = [Math.min(...times), times.sort((a, b) => a - b)[12]];
    console.log(`    thirty lines: ${median.toFixed(1)} ms in the median, ${best.toFixed(1)} ms at best`);
    // Who else is on the machine is not the page's doing.
    assert.ok(best <= 50, `${best} ms`);
  },

  async "errors are underlined, named and linked"({ page, type, code }) {
    await type("#[grad]\nfn f(x: f64) -> f64 {\n    /* é𝄞 */ let y = x.gamma();\n    y\n}\n");
    assert.deepEqual(await page.locator("#behind .wrong").allTextContents(), ["gamma"]);
    assert.match(await code(), /GRAD0023[^]*Instead/);
    const link = page.locator("#code a");
    assert.equal(await link.getAttribute("href"), "errors.html#GRAD0023");
    const [opened] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await opened.waitForLoadState();
    assert.match(await opened.locator("#GRAD0023").textContent(), /GRAD0023/);
    await opened.close();
    await page.click("#code button");
    assert.equal(await page.evaluate(() => { const area = document.getElementById("source"); return area.value.slice(area.selectionStart, area.selectionEnd); }), "gamma");
  },

  async "a line and its expression light each other"({ page, type }) {
    await type("#[grad]\nfn f(x: f64) -> f64 {\n    let y = x.sin();\n    y * y\n}\n");
    await page.locator("#code .line", { hasText: "cos_x" }).first().hover();
    assert.equal((await page.locator("#behind .lit").allTextContents()).join(""), "let y = x.sin();");
    const box = await page.locator("#source").boundingBox();
    await page.mouse.move(box.x + 22 + 6 * 8.43, box.y + 16 + 3 * 22 + 10);
    const lines = await page.locator("#code .line.lit").allTextContents();
    assert.ok(lines.some((line) => line.includes("let result")) && lines.some((line) => line.includes("y_bar")), lines.join("\n"));
    await page.mouse.move(2, 2);
  },

  async "the trace steps forward and back"({ page, type, mode }) {
    await type("#[grad]\nfn f(x: f64, y: f64) -> f64 {\n    let z = x * y;\n    z + x\n}\n");
    await page.fill("#arguments", "3.0, 4.0");
    await mode("trace");
    await page.waitForFunction(() => document.getElementById("trace-said").textContent.includes("f(3.0, 4.0) = 15.0, and the gradient is 5.0, 3.0"));
    assert.equal(await page.locator("#graph .node").count(), 4);
    const now = () => page.locator("#steps .now").textContent();
    assert.match(await now(), /^x/);
    await page.click("#trace-on");
    await page.click("#trace-on");
    assert.match(await now(), /z\s*x · y\s*12\.0/);
    assert.equal((await page.locator("#behind .lit").allTextContents()).join(""), "let z = x * y;");
    await page.click("#trace-back");
    assert.match(await now(), /^y/);
    await page.locator("#trace-step").press("End");
    // x is used twice: its cotangent is a sum.
    assert.match(await page.locator("#graph .node title").first().textContent(), /4\.0 \+ 1\.0 = 5\.0|1\.0 \+ 4\.0 = 5\.0/);
    await page.fill("#arguments", "3.0");
    await page.waitForFunction(() => document.getElementById("trace-said").textContent.includes("2 parameters"));
    await page.fill("#arguments", "3.0, 4.0");
    await mode("read");
  },

  async "walkers go down, and up"({ page, choose, mode }) {
    await choose("Himmelblau");
    await mode("walk");
    const walked = (title) => page.waitForFunction((title) => {
      const row = [...document.querySelectorAll("#walk-rows tr")].find((row) => row.cells[0].textContent === title);
      return row && Number(document.getElementById("walk-step").value) > 3 && [...row.cells].map((cell) => cell.textContent);
    }, title, { timeout: 30000 }).then((handle) => handle.jsonValue());
    const right = await walked("this one");
    assert.ok(Math.abs(Number(right[2].replace("−", "-"))) < 1e-3, right.join(" | "));
    for (const [method, title] of [["momentum", "momentum"], ["adam", "Adam"], ["newton", "Newton"], ["plain", "gradient"]]) {
      await page.selectOption("#walk-method", method);
      const row = await walked(title);
      assert.ok(row[2] !== "not a number", row.join(" | "));
    }
    await page.check("#walk-fog");
    assert.equal(await page.locator("#walkers .fog").count(), 1);
    await page.uncheck("#walk-fog");
    const map = await page.locator("#walkers").boundingBox();
    await page.mouse.move(map.x + map.width * .3, map.y + map.height * .4);
    await page.waitForFunction(() => document.querySelector("#walkers .arrow line") && document.getElementById("pointer").textContent.startsWith("at "));
    const before = await page.locator("#walk-rows td").first().textContent();
    await page.mouse.click(map.x + map.width * .9, map.y + map.height * .9);
    await page.waitForFunction((before) => document.querySelector("#walk-rows td").textContent !== before, before);
    await choose("two-layer");
    await page.waitForFunction(() => document.getElementById("walk-said").textContent.includes("7 numbers") && document.querySelector("#losses polyline"));
    await mode("read");
  },

  async "every function of the gallery becomes what it should"({ page, choose, mode }) {
    const titles = await page.locator("#gallery option").allTextContents();
    assert.ok(titles.length >= 13, `${titles.length}`);
    for (const title of titles.slice(0, -1)) {
      await choose(title);
      const refused = title.includes("refused");
      assert.equal(await page.locator("#status").getAttribute("class"), refused ? "bad" : "good", title);
      if (refused) continue;
      await mode("trace");
      await page.waitForFunction(() => / = .* the gradient is /.test(document.getElementById("trace-said").textContent), null, { timeout: 20000 });
      await mode("walk");
      await page.waitForFunction(() => document.querySelectorAll("#walk-rows tr").length > 0, null, { timeout: 30000 });
      assert.notEqual(await page.locator("#walk-said").getAttribute("class"), "bad", title);
      await mode("read");
    }
  },

  async "a link carries the function"({ page, type, address }) {
    const text = "#[grad]\nfn é(x: f64) -> f64 {\n    x * x // 𝄞\n}\n";
    await type(text);
    await page.click("#share");
    const link = await page.evaluate(() => location.href);
    assert.ok(link.startsWith(address + "#code="), link);
    const other = await page.context().newPage();
    await other.goto(link);
    await other.waitForFunction(() => document.getElementById("status").className === "good");
    assert.equal(await other.inputValue("#source"), text);
    await other.goto(address + "#code=%%%");
    await other.close();
  },

  async "the function is copied as a crate"({ page, type }) {
    await type("fn f(x: f64) -> f64 {\n    x * x\n}\n");
    await page.click("#copy");
    await page.waitForSelector("#crate[open]");
    assert.match(await page.textContent("#toml"), /\[dependencies\]\ngrad-rs/);
    const program = await page.textContent("#program");
    assert.match(program, /use grad::grad;[^]*#\[grad\]\nfn f[^]*fn main\(\) \{\n.*f::value_and_grad\(0\.7\)/);
    await page.keyboard.press("Escape");
  },

  async "two thousand lines, garbage and an endless answer do no harm"({ page, type }) {
    const lines = Array.from({ length: 1998 }, (_, k) => `    let x${k + 1} = x${k} * 1.0001 + ${k % 7}.5;`).join("\n");
    let state = 1;
    const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
    const garbage = Array.from({ length: 1e5 }, () => String.fromCharCode(33 + Math.floor(random() * 94))).join("");
    for (const text of [`fn long(x0: f64) -> f64 {\n${lines}\n    x1998\n}\n`, garbage, "(".repeat(1e5), "fn f() { " + "-".repeat(1e5)]) {
      await page.evaluate(() => {
        window.gap = 0;
        let last = performance.now();
        const tick = (now) => { window.gap = Math.max(window.gap, now - last); last = now; if (window.gap >= 0) requestAnimationFrame(tick); };
        requestAnimationFrame(tick);
      });
      await type(text, 30000);
      const gap = await page.evaluate(() => { const gap = window.gap; window.gap = NaN; return gap; });
      console.log(`    ${text.slice(0, 12).replace(/\n/g, " ")}…: ${await page.textContent("#status")}; the page stood for ${gap.toFixed(0)} ms`);
      assert.ok(gap < 3000, `${gap} ms`);
    }
    const ended = await page.evaluate(() => Compiler.ask("look gradient", Editor.text, 0));
    assert.ok(ended.restarted && /started again/.test(ended.failed), JSON.stringify(ended).slice(0, 200));
    await type("fn fine(x: f64) -> f64 { x }");
    assert.equal(await page.getAttribute("#status", "class"), "good");
  },

  async "the keyboard reaches everything"({ page, type }) {
    await type("fn f(x: f64) -> f64 {\n    x * x\n}\n");
    await page.focus("#source");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "arguments");
    await page.focus("#tab-gradient");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getAttribute("#tab-forward", "aria-selected"), "true");
    const shows = (what) => page.waitForFunction((what) => document.querySelector("#code").textContent.includes(what), what);
    await shows("x_dot");
    await page.keyboard.press("ArrowLeft");
    await shows("x_bar");
    await page.focus("#code .line[tabindex='0']");
    await page.keyboard.press("ArrowDown");
    await page.waitForSelector("#behind .lit", { state: "attached" });
    // Whoever hears the page hears what each thing is.
    const nameless = await page.evaluate(() => [...document.querySelectorAll("button, input, select, textarea, [role=img], [role=application], [role=region]")]
      .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim() || (element.labels && [...element.labels].some((label) => label.textContent.trim()))))
      .map((element) => element.outerHTML));
    assert.deepEqual(nameless, []);
  },

  async "nothing is wider than the screen"({ page, choose, mode }) {
    for (const width of [390, 1280]) for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await choose(width === 390 ? "refused" : "z(u");
      await choose("Himmelblau");
      for (const name of ["read", "trace", "walk"]) {
        await mode(name);
        await page.waitForTimeout(name === "walk" ? 2500 : 500);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} at ${width}: ${wide} too wide`);
        if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      await mode("read");
    }
  },

  async "the module is small"({ page }) {
    const bytes = await page.evaluate(() => MODULE.gzip.length * 3 / 4);
    console.log(`    the module has ${(bytes / 1e6).toFixed(2)} MB, compressed`);
    assert.ok(bytes <= 1.5e6);
  },
};

async function run(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const noise = [], strangers = [];
  page.on("console", (message) => noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(error.message));
  context.on("request", (request) => {
    const url = request.url();
    if (!/^(blob|data):/.test(url) && new URL(url).origin + new URL(url).host !== new URL(address).origin + new URL(address).host) strangers.push(url);
  });
  const answered = (timeout = 15000) => page.waitForFunction(() => window.seen !== document.getElementById("status").dataset.answer, null, { timeout });
  const tools = {
    page, address,
    async type(text, timeout) {
      await page.evaluate((text) => {
        window.seen = document.getElementById("status").dataset.answer;
        const area = document.getElementById("source");
        area.value = text;
        area.dispatchEvent(new Event("input"));
      }, text);
      await answered(timeout);
    },
    async choose(title) {
      await page.evaluate((title) => {
        const gallery = document.getElementById("gallery"), option = [...gallery.options].find((option) => option.textContent.includes(title));
        window.seen = document.getElementById("status").dataset.answer;
        gallery.value = option.value;
        gallery.dispatchEvent(new Event("change"));
      }, title);
      await answered();
    },
    code: () => page.textContent("#code"),
    mode: (name) => page.check(`[name=mode][value=${name}]`),
  };
  await page.goto(address);
  await page.waitForFunction(() => document.getElementById("status").className === "good", null, { timeout: 60000 });
  for (const [title, test] of Object.entries(tests)) {
    console.log(`  ${title}`);
    await test(tools);
  }
  assert.deepEqual(noise, [], "messages on the console");
  assert.deepEqual(strangers, [], "requests to other hosts");
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    for (const address of process.argv.slice(2)) {
      console.log(address);
      await run(browser, address);
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
