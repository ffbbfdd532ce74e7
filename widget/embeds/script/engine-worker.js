/**
 * The Web Worker that the engine runs in. The chat starts it from a blob of the page's own origin,
 * which imports this module and calls `start` with what was said to it meanwhile.
 *
 * First message: {type: "open", engineUrl, engineWasmUrl, artifactUrl, integrity}. Every other one
 * is an `EngineRequest`, and everything posted back is an `EngineReply`; see the protocol module
 * of the core.
 *
 * @typedef {{kind: 'suggest' | 'understand' | 'recommend', seq: number, text?: string}} EngineRequest
 * @typedef {{handle(request: EngineRequest): unknown}} Engine
 * @typedef {{type: 'open', engineUrl: string, engineWasmUrl: string, artifactUrl: string,
 *   integrity?: string}} Open
 */

const FILES = ['manifest.json', 'encoder.onnx', 'ranker.onnx', 'index.bin'];

/**
 * @param {string} base
 * @param {RequestCache} cache
 * @returns {Promise<Uint8Array[]>} the files of the artifact, in the order of `FILES`
 */
function artifact(base, cache) {
  return Promise.all(
    FILES.map(async (file) => {
      const response = await fetch(`${base}/${file}`, { credentials: 'omit', cache });
      if (!response.ok) {
        throw Object.assign(new Error(`${file}: HTTP ${response.status}`), {
          code: 'artifact_unavailable',
        });
      }
      return new Uint8Array(await response.arrayBuffer());
    }),
  );
}

/**
 * @param {Open} message
 * @returns {Promise<Engine>}
 */
async function open({ engineUrl, engineWasmUrl, artifactUrl, integrity }) {
  const wasm = fetch(engineWasmUrl, { credentials: 'omit', integrity: integrity || '' });
  const files = artifact(artifactUrl, 'default');
  // Both are awaited below; until then a failure of one must not count as unhandled.
  wasm.catch(() => {});
  files.catch(() => {});
  const glue = await import(engineUrl);
  await glue.default({ module_or_path: wasm });
  const downloaded = await files;
  try {
    return glue.Engine.open(...downloaded);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    // Files of different versions may come out of the cache together: once more without it.
    return glue.Engine.open(...(await artifact(artifactUrl, 'reload')));
  }
}

/**
 * @param {any} error
 */
function fail(error) {
  const code = error?.code ?? (error instanceof WebAssembly.RuntimeError ? 'trap' : 'unavailable');
  postMessage({ kind: 'failed', code: String(code), message: String(error?.message ?? error) });
}

/**
 * Takes over the worker.
 * @param {unknown[]} early messages that came before this module did
 */
export function start(early) {
  /** @type {Engine | undefined} */
  let engine;
  /** @type {EngineRequest[]} */
  let queue = [];
  let isAwake = false;
  // A message to ourselves comes after every message that is already waiting.
  const { port1: alarm, port2: bell } = new MessageChannel();

  function wake() {
    if (engine && queue.length && !isAwake) {
      isAwake = true;
      bell.postMessage(0);
    }
  }

  alarm.onmessage = () => {
    isAwake = false;
    const waiting = queue;
    queue = [];
    // Of the drafts only the newest matters; every message that was sent does.
    const newest = waiting.findLastIndex((request) => request.kind === 'suggest');
    try {
      waiting.forEach((request, at) => {
        if (engine && (request.kind !== 'suggest' || at === newest)) {
          postMessage(engine.handle(request));
        }
      });
    } catch (error) {
      engine = undefined;
      fail(error);
    }
  };

  /** @param {any} message */
  function receive(message) {
    if (message.type === 'open') {
      open(message).then((opened) => {
        engine = opened;
        postMessage({ kind: 'ready' });
        wake();
      }, fail);
    } else {
      queue.push(message);
      wake();
    }
  }

  self.onmessage = (event) => receive(event.data);
  early.forEach(receive);
}
