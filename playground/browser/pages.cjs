// Drives the pages that the examples write, in headless Chromium: `cargo run --example gallery` makes them.
//
//     npm install playwright-core@1
//     CHROMIUM=/usr/bin/chromium node playground/browser/pages.cjs target/gallery
//
// With SHOTS=DIR every page is photographed at both widths, in light and dark.
"use strict";
const { chromium } = require("playwright-core");
const assert = require("node:assert");
const path = require("node:path");

const folder = path.resolve(process.argv[2]);

const tests = {
  async "index.html"({ page }) {
    const pictures = page.locator("figure img");
    assert.ok(await pictures.count() >= 7);
    assert.ok(await pictures.evaluateAll((all) => all.every((img) => img.complete && img.naturalWidth > 100)), "a picture is broken");
    for (const link of await page.locator("main a").all()) {
      const opened = await page.context().newPage();
      const answer = await opened.goto(new URL(await link.getAttribute("href"), page.url()).href);
      assert.ok(!answer || answer.ok());
      assert.match(await opened.title(), /\w/);
      await opened.close();
    }
  },

  async "mountain.html"({ page }) {
    assert.equal(await page.evaluate(() => document.documentElement.dataset.agrees), "true", "the page walks as the program does");
    const now = () => page.locator("#rows tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.equal((await now()).length, 6);
    await page.locator("#step").focus();
    await page.keyboard.press("Home");
    const arrows = await page.locator("#map .slope").count();
    assert.equal(arrows, 6, "an arrow at the feet of each");
    await page.uncheck("#arrows");
    assert.equal(await page.locator("#map .slope").count(), 0);
    await page.check("#arrows");
    const before = (await now())[5];
    const map = await page.locator("#map").boundingBox();
    await page.mouse.click(map.x + map.width * .3, map.y + map.height * .3);
    const clicked = (await now())[5];
    assert.notDeepEqual(clicked, before);
    assert.match(clicked[4], /in a valley/);
    await page.locator("#map").focus();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await page.textContent("#start-now"), "");
    // A step size that is too large by far.
    await page.locator("#rate").focus();
    await page.keyboard.press("End");
    assert.match((await now())[5][4], /thrown out/);
    await page.locator("#rate").fill("-1");
    await page.check("#up");
    assert.match((await now())[5][4], /on a summit|thrown out|used up/);
    await page.check("#fog");
    assert.equal(await page.locator("#map .fog").getAttribute("visibility"), "visible");
    await page.uncheck("#fog");
    await page.click("#play");
    assert.equal(await page.textContent("#play"), "Pause");
    await page.waitForFunction(() => +document.getElementById("step").value > 2);
    await page.click("#play");
  },

  async "chain_rule.html"({ page }) {
    for (const [topic, last, gradient] of [[0, /result/, 2], [1, /result/, 2], [2, /result/, 4]]) {
      await page.locator("[name=topic]").nth(topic).check();
      await page.locator("#slider").focus();
      await page.keyboard.press("Home");
      const steps = +await page.locator("#slider").getAttribute("max");
      const lit = new Set();
      let turned = false;
      for (let k = 0; k <= steps; k++) {
        assert.equal(await page.inputValue("#slider"), String(k));
        const line = await page.locator("#made .line.lit").allTextContents();
        const kind = (await page.locator("#steps .now").getAttribute("class")).split(" ")[1];
        if (kind === "turn") turned = true;
        if (kind === "forward" || (kind === "reverse" && !(await page.textContent("#steps .now th")).startsWith("seed"))) {
          assert.equal(line.length, 1, `step ${k}`);
          const name = await page.textContent("#steps .now th");
          assert.ok(line[0].trim().startsWith(`let ${name} =`), line[0]);
          lit.add(line[0]);
        }
        assert.ok((await page.textContent("#says")).length > 10);
        if (!turned) assert.equal(await page.locator("#graph .back").count(), 0);
        await page.click("#on");
      }
      assert.ok(turned);
      const code = await page.locator("#made .line").allTextContents();
      assert.equal(lit.size, code.filter((line) => line.trim().startsWith("let ")).length, "every line was lit");
      assert.equal(await page.locator("#graph .node:not(.known)").count(), 0);
      assert.ok(await page.locator("#graph .node.back").count() >= gradient);
      assert.match(await page.locator("#graph").textContent(), last);
    }
    const here = await page.inputValue("#slider");
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("ArrowLeft");
    assert.equal(await page.inputValue("#slider"), String(here - 1));
    await page.locator("#graph .node").first().hover();
    assert.equal(await page.locator("#given .lit").count() > 0, true);
    await page.mouse.move(2, 2);
    // The graph alone, for a page that holds it.
    const alone = await page.context().newPage();
    await alone.goto(page.url() + "#picture-1");
    assert.equal(await alone.locator("header").isVisible(), false);
    assert.equal(await alone.locator("#graph .bar-number").first().isVisible(), true);
    await alone.close();
  },

  async "digits.html"({ page }) {
    assert.equal(await page.locator("figure svg polyline").count(), 3, "a loss and two accuracies");
    assert.ok(await page.locator(".tiles li").count() > 32 + 20);
    const wrong = await page.locator(".tiles .bad").count();
    assert.match(await page.textContent("main"), new RegExp(`${wrong} of the 540 test images`));
  },
};

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    for (const [name, test] of Object.entries(tests)) {
      for (const width of [1280, 390]) for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const page = await context.newPage(), noise = [], strangers = [];
        page.on("console", (message) => noise.push(message.text()));
        page.on("pageerror", (error) => noise.push(error.message));
        context.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) strangers.push(request.url()); });
        await page.goto("file://" + path.join(folder, name));
        await page.waitForTimeout(200);
        if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        console.log(`  ${name}, ${width} px, ${colorScheme}`);
        await test({ page });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} at ${width}: ${wide} too wide`);
        const nameless = await page.evaluate(() => [...document.querySelectorAll("button, input, select, img, [role=img], [role=application], [role=region]")]
          .filter((element) => !(element.getAttribute("aria-label") || element.getAttribute("alt") || element.textContent.trim() || (element.labels && [...element.labels].some((label) => label.textContent.trim()))))
          .map((element) => element.outerHTML));
        assert.deepEqual(nameless, [], "without a name for who hears the page");
        assert.deepEqual(noise, [], "messages on the console");
        assert.deepEqual(strangers, [], "requests to other hosts");
        await context.close();
      }
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
