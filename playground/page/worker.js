"use strict";
// The compiler, beside the page: a request comes in, its answer goes out. If the compiler traps, the next request has a new one.
let compiled = null, port = null;

function open() {
  const imports = {};
  // What the module imports is for tools that are not used, and never called.
  for (const { module, name } of WebAssembly.Module.imports(compiled)) {
    (imports[module] ??= {})[name] = () => { throw new Error("a function of nobody was called: " + name); };
  }
  const { exports } = new WebAssembly.Instance(compiled, imports);
  // The names end with a hash.
  const find = (start) => exports[Object.keys(exports).find((name) => name.startsWith(start + "_"))];
  return { put: find("put"), ask: find("ask"), get: find("get"), clear: find("clear") };
}

function answer(text) {
  port ??= open();
  const bytes = new TextEncoder().encode(text);
  for (let k = 0; k < bytes.length; k += 4) {
    const word = bytes[k] | bytes[k + 1] << 8 | bytes[k + 2] << 16 | bytes[k + 3] << 24;
    port.put(word, Math.min(4, bytes.length - k));
  }
  const length = port.ask() >>> 0;
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let k = 0; k < words.length; k++) words[k] = port.get(4 * k);
  port.clear();
  return JSON.parse(new TextDecoder().decode(new Uint8Array(words.buffer, 0, length)));
}

onmessage = ({ data }) => {
  if (data.module) {
    compiled = data.module;
    return;
  }
  const start = performance.now();
  let result;
  try {
    result = answer(data.request);
  } catch (error) {
    port = null;
    result = { failed: String(error && error.message || error) };
  }
  postMessage({ id: data.id, result, time: performance.now() - start });
};
