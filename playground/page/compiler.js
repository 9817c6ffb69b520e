"use strict";
// The compiler as the page sees it: questions and promises. One that runs too long is ended, and begun anew.
// There are two of them: who walks does not make who types wait.
const [Compiler, Runner] = (() => {
  const LIMIT = 5000;
  let unpacked = null;

  async function unpack() {
    const bytes = Uint8Array.from(atob(MODULE.gzip), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return WebAssembly.compile(await new Response(stream).arrayBuffer());
  }

  function compiler() {
    let worker = null, module = null, next = 0, ready = null;
    const waiting = new Map();

    function start() {
      const url = URL.createObjectURL(new Blob([MODULE.worker], { type: "text/javascript" }));
      worker = new Worker(url);
      URL.revokeObjectURL(url);
      worker.postMessage({ module });
      worker.onmessage = ({ data }) => {
        const question = waiting.get(data.id);
        waiting.delete(data.id);
        if (question) {
          clearTimeout(question.timer);
          question.resolve({ ...data.result, time: data.time });
        }
      };
      worker.onerror = (event) => { event.preventDefault(); restart("The compiler could not be started: " + event.message); };
    }

    // Everything that was asked has the same answer then.
    function restart(failed) {
      worker.terminate();
      const all = [...waiting.values()];
      waiting.clear();
      start();
      for (const question of all) {
        clearTimeout(question.timer);
        question.resolve({ failed, restarted: true, time: LIMIT });
      }
    }

    return {
      // `first`, and the lines behind it.
      async ask(first, text, limit = LIMIT) {
        ready ??= (unpacked ??= unpack()).then((made) => { module = made; start(); });
        await ready;
        const id = next++;
        return new Promise((resolve) => {
          const timer = setTimeout(() => restart(`The compiler was not done after ${limit / 1000} seconds, and was started again.`), limit);
          waiting.set(id, { resolve, timer });
          worker.postMessage({ id, request: first + "\n" + text });
        });
      },
    };
  }

  return [compiler(), compiler()];
})();
