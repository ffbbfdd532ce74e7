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
 * @typedef {Engine & {load(encoder: Uint8Array, ranker: Uint8Array): Engine}} Search
 * @typedef {{type: 'open', engineUrl: string, engineWasmUrl: string, artifactUrl: string,
 *   integrity?: string}} Open
 */

/** The files of an artifact. The first two are all that a search by words needs. */
const FILES = ['manifest.json', 'index.bin', 'encoder.onnx', 'ranker.onnx'];

/** How long the models wait for a draft that the chat has, in milliseconds: they block this worker. */
const HEAD_START_MS = 20;

/**
 * @param {string} base
 * @param {RequestCache} cache
 * @returns {Promise<Uint8Array>[]} the files of the artifact, in the order of `FILES`
 */
function artifact(base, cache) {
  return FILES.map((file) => {
    const bytes = fetch(`${base}/${file}`, { credentials: 'omit', cache }).then((response) => {
      if (!response.ok) {
        throw Object.assign(new Error(`${file}: HTTP ${response.status}`), {
          code: 'artifact_unavailable',
        });
      }
      return response.arrayBuffer();
    });
    return handled(bytes.then((buffer) => new Uint8Array(buffer)));
  });
}

/**
 * A promise that is awaited later: until then its failure must not count as unhandled.
 * @template T
 * @param {Promise<T>} promise
 */
function handled(promise) {
  promise.catch(() => {});
  return promise;
}

/**
 * @param {Open} message
 * @param {(search: Search) => void} searching takes what answers while the models load
 * @returns {Promise<Engine>}
 */
async function open({ engineUrl, engineWasmUrl, artifactUrl, integrity }, searching) {
  const wasm = handled(fetch(engineWasmUrl, { credentials: 'omit', integrity: integrity || '' }));
  const files = artifact(artifactUrl, 'default');
  const glue = await import(engineUrl);
  await glue.default({ module_or_path: wasm });
  /** @param {Promise<Uint8Array>[]} files */
  const opened = async ([manifest, index, encoder, ranker]) => {
    const search = glue.Search.open(await manifest, await index);
    searching(search);
    await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    return search.load(await encoder, await ranker);
  };
  try {
    return await opened(files);
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Files of different versions may come out of the cache together: once more without it.
    return opened(artifact(artifactUrl, 'reload'));
  }
}

/**
 * Whether the engine has looked at the files and does not take them.
 * @param {any} error
 */
function isRefused(error) {
  return error?.code && error.code !== 'artifact_unavailable';
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
  let isOver = false;
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
      end(error);
    }
  };

  /** @param {unknown} error what the engine does not live on after */
  function end(error) {
    engine = undefined;
    isOver = true;
    fail(error);
  }

  /**
   * @param {Engine} opened
   * @param {'searching' | 'ready'} kind
   */
  function serve(opened, kind) {
    if (isOver) return;
    engine = opened;
    postMessage({ kind });
    wake();
  }

  /** @param {any} message */
  function receive(message) {
    if (message.type === 'open') {
      const searching = (/** @type {Engine} */ search) => serve(search, 'searching');
      open(message, searching).then((opened) => serve(opened, 'ready'), (error) => {
        if (isOver) return;
        if (!engine || error instanceof WebAssembly.RuntimeError) {
          end(error);
        } else {
          // Search goes on; what is sent goes to the edge worker, as it did while the models loaded.
          console.warn('aisle: engine', error?.code, error?.message);
        }
      });
    } else {
      queue.push(message);
      wake();
    }
  }

  self.onmessage = (event) => receive(event.data);
  early.forEach(receive);
}
