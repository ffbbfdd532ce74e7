/**
 * The same encoder.onnx in our engine and in onnxruntime-web (one thread, SIMD), in one Chromium.
 *
 * `run` is from a text's numbers to its outputs in onnxruntime-web, and from the text to its
 * probabilities in ours. `ready` is from the bytes of runtime and models, already downloaded, to
 * the first result, in a fresh page; ours opens index and ranker in that time, too.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from '../support/browser.mjs';
import { engineFiles, serveFolders } from '../support/files.mjs';
import { print, quantile, spread } from '../support/figures.mjs';
import { dist, root } from '../support/paths.mjs';

/** Fresh pages in which each becomes ready. */
const STARTS = 7;

/** Runs of each text. */
const RUNS = 20;

/** How far two probabilities may be apart. */
const TOLERANCE = 1e-3;

const texts = readFileSync(join(root, 'tests/parity/texts.txt'), 'utf8')
  .split('\n')
  .filter((line) => line.trim());

/**
 * Runs in the page.
 * @param {{files: {glue: string, wasm: string}, which: 'aisle' | 'onnxruntime', texts: string[],
 *   runs: number}} task
 */
async function measure({ files, which, texts, runs }) {
  const bytes = async (/** @type {string} */ path) =>
    new Uint8Array(await (await fetch(path)).arrayBuffer());
  const names = ['manifest.json', 'encoder.onnx', 'ranker.onnx', 'index.bin'];
  const artifact = await Promise.all(names.map((name) => bytes(`/artifact/${name}`)));
  const manifest = JSON.parse(new TextDecoder().decode(artifact[0]));
  const module = await bytes(files.wasm);
  const glue = await import(files.glue);
  const ort = await import('/modules/onnxruntime-web/dist/ort.wasm.min.mjs');
  const runtime = await bytes('/modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
  const started = glue.default.bind(undefined, { module_or_path: module });

  /** The tensors that the encoder takes of a text. @param {string} text */
  const inputs = (text) => {
    const ids = glue.encoderInput(text);
    // WORD_FEATURES of crates/core/src/text/features.rs.
    const width = 32;
    return { ids: new ort.Tensor('int64', ids, [ids.length / width, width]) };
  };
  /** @param {ArrayLike<number>} logits */
  const softmax = (logits) => {
    const exps = Array.from(logits, (logit) => Math.exp(logit / manifest.temperature));
    const sum = exps.reduce((sum, exp) => sum + exp, 0);
    return exps.map((exp) => exp / sum);
  };

  /** @type {number} */
  let from;
  /** @type {(text: string) => any} */
  let run;
  let ready;
  if (which === 'aisle') {
    from = performance.now();
    await started();
    const [listed, encoder, ranker, index] = artifact;
    const engine = glue.Search.open(listed, index).load(encoder, ranker);
    run = (text) => engine.probabilities(text);
    run('mug');
    ready = performance.now() - from;
  } else {
    await started();
    const first = inputs('mug');
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = '/modules/onnxruntime-web/dist/';
    ort.env.wasm.wasmBinary = runtime.buffer;
    from = performance.now();
    const session = await ort.InferenceSession.create(artifact[1]);
    run = (tensors) => session.run(tensors);
    await run(/** @type {any} */ (first));
    ready = performance.now() - from;
  }
  const results = [];
  for (const text of texts) {
    const times = [];
    let output;
    for (let at = 0; at < runs; at += 1) {
      const input = which === 'aisle' ? text : inputs(text);
      const from = performance.now();
      output = await run(/** @type {any} */ (input));
      times.push(performance.now() - from);
    }
    const probabilities = which === 'aisle' ? [...output] : softmax(output.logits.data);
    results.push({ time: times.sort((a, b) => a - b)[runs >> 1], probabilities });
  }
  return { ready, results };
}

const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const artifact = join(dist, 'artifacts/demo');
const server = await serveFolders({ artifact, modules, assets: join(dist, 'site/assets') });
const browser = await launch();
try {
  const files = await engineFiles();
  /** @param {'aisle' | 'onnxruntime'} which @param {string[]} texts */
  const inFreshPage = async (which, texts) => {
    const page = await browser.newPage();
    await page.goto(server.origin);
    const measured = await page.evaluate(measure, { files, which, texts, runs: RUNS });
    await page.close();
    return measured;
  };
  const ready = { aisle: /** @type {number[]} */ ([]), onnxruntime: /** @type {number[]} */ ([]) };
  for (const _ of Array(STARTS)) {
    ready.aisle.push((await inFreshPage('aisle', [])).ready);
    ready.onnxruntime.push((await inFreshPage('onnxruntime', [])).ready);
  }
  const { results: ours } = await inFreshPage('aisle', texts);
  const { results: theirs } = await inFreshPage('onnxruntime', texts);
  for (const [at, text] of texts.entries()) {
    ours[at].probabilities.forEach((/** @type {number} */ p, /** @type {number} */ label) => {
      const far = Math.abs(p - theirs[at].probabilities[label]);
      if (far > TOLERANCE) throw new Error(`${text}: label ${label} is ${far} apart`);
    });
  }
  const times = { aisle: ours.map(({ time }) => time), onnxruntime: theirs.map(({ time }) => time) };
  const ratio = (/** @type {{aisle: number[], onnxruntime: number[]}} */ { aisle, onnxruntime }) =>
    Number((quantile(aisle, 0.5) / quantile(onnxruntime, 0.5)).toFixed(2));
  print({
    run_aisle: spread('ms', times.aisle),
    run_onnxruntime: spread('ms', times.onnxruntime),
    ready_aisle: spread('ms', ready.aisle),
    ready_onnxruntime: spread('ms', ready.onnxruntime),
    ratio_of_medians: { unit: 'aisle / onnxruntime', run: ratio(times), ready: ratio(ready) },
  });
} finally {
  await browser.close();
  await server.stop();
}
