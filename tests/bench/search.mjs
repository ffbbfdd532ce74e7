/**
 * Search as shoppers type, in catalogues of 1,000, 10,000 and 100,000 products that `aisle generate`
 * makes of the demo shop's words: our index in the engine's Wasm beside MiniSearch (prefixes and
 * typos) and FlexSearch (prefixes only), all in one page of one Chromium.
 *
 * Each is asked for the eight best of every draft; the time of a draft is the median of three. Ours
 * gives cards, which the page gets as objects. `open` is from bytes to ready, `build` from products
 * to ready, each several times in one page; `first_open` is the one that a shopper waits for, in
 * fresh pages, where the browser has optimised nothing yet. `suggest` is a whole keystroke of the engine: encoder, search, ranker.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import MiniSearch from 'minisearch';

import { launch } from '../support/browser.mjs';
import { engineFiles, serveFolders } from '../support/files.mjs';
import { print, spread } from '../support/figures.mjs';
import { dist, root, trainerProgram } from '../support/paths.mjs';

const SIZES = [1_000, 10_000, 100_000];

/** Size at which a whole keystroke is measured. */
const SUGGEST_AT = 10_000;

/** How often an index is opened. */
const OPENINGS = 5;

const MINISEARCH = {
  fields: ['title', 'category', 'tags', 'sku'],
  storeFields: ['sku', 'title'],
  searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 2 } },
};

/** Makes a catalogue unless it is there and younger than the program and the artifact. */
function catalogue(/** @type {number} */ size) {
  const program = trainerProgram();
  const artifact = join(dist, 'artifacts/demo');
  const folder = join(dist, `../bench/products-${size}`);
  const age = (/** @type {string} */ path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  const sources = [program, join(artifact, 'manifest.json')].map(age);
  if (age(join(folder, 'drafts.json')) <= Math.max(...sources)) {
    const shop = ['--shop', join(root, 'demo-site/data'), '--artifact', artifact];
    execFileSync(program, ['generate', ...shop, '--products', `${size}`, '--out', folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return folder;
}

/**
 * Runs in the page.
 * @param {{size: number, files: {glue: string, wasm: string}, options: object, openings: number,
 *   suggests: boolean}} task
 */
async function measure({ size, files, options, openings, suggests }) {
  const json = async (/** @type {string} */ path) => (await fetch(path)).json();
  const bytes = async (/** @type {string} */ path) =>
    new Uint8Array(await (await fetch(path)).arrayBuffer());
  const folder = `/products-${size}`;
  const [drafts, products] = await Promise.all([
    json(`${folder}/drafts.json`),
    json(`${folder}/catalogue.json`),
  ]);
  /** @param {(draft: string) => unknown} search */
  const times = (search) => {
    drafts.slice(0, 100).forEach(search);
    return drafts.map((/** @type {string} */ draft) => {
      const three = [0, 0, 0].map(() => {
        const from = performance.now();
        search(draft);
        return performance.now() - from;
      });
      return three.sort((a, b) => a - b)[1];
    });
  };
  /** @param {() => any} open */
  const opened = (open) => {
    const all = [];
    let last;
    for (let at = 0; at < openings; at += 1) {
      last?.free?.();
      const from = performance.now();
      last = open();
      all.push(performance.now() - from);
    }
    return { all, last };
  };

  const glue = await import(files.glue);
  await glue.default({ module_or_path: await bytes(files.wasm) });
  const index = await bytes(`${folder}/index.bin`);
  const manifest = await bytes(`${folder}/manifest.json`);
  const ours = opened(() => glue.Search.open(manifest, index));
  const aisle = { open: ours.all, search: times((draft) => ours.last.products(draft, 8)) };
  const found = drafts.filter((/** @type {string} */ draft) => ours.last.products(draft, 8).length);
  ours.last.free();

  const { default: MiniSearch } = await import('/modules/minisearch/dist/es/index.js');
  const mini = opened(() => {
    const index = new MiniSearch(options);
    index.addAll(products);
    return index;
  });
  const stored = JSON.stringify(mini.last);
  const loaded = opened(() => MiniSearch.loadJSON(stored, options));
  const minisearch = {
    build: mini.all,
    open: loaded.all,
    search: times((draft) => mini.last.search(draft).slice(0, 8)),
  };

  const { default: FlexSearch } = await import(
    '/modules/flexsearch/dist/flexsearch.bundle.module.min.mjs'
  );
  const flex = opened(() => {
    const index = new FlexSearch.Index({ tokenize: 'forward' });
    for (const { id, title, category, tags, sku } of products) {
      index.add(id, `${title} ${category} ${tags} ${sku}`);
    }
    return index;
  });
  const flexsearch = {
    build: flex.all,
    search: times((draft) =>
      flex.last.search(draft, { limit: 8 }).map((/** @type {number} */ id) => products[id])),
  };

  let suggest;
  if (suggests) {
    const names = ['encoder.onnx', 'ranker.onnx'];
    const models = await Promise.all(names.map((name) => bytes(`${folder}/${name}`)));
    const engine = glue.Search.open(manifest, index).load(...models);
    const signals = { viewed: [], in_cart: [] };
    suggest = times((text) => engine.handle({ kind: 'suggest', seq: 1, text, signals }));
  }
  return { aisle, minisearch, flexsearch, suggest, found: found.length / drafts.length };
}

/**
 * Runs in a fresh page: the first opening of an index.
 * @param {{size: number, files: {glue: string, wasm: string}}} task
 */
async function firstOpening({ size, files }) {
  const bytes = async (/** @type {string} */ path) =>
    new Uint8Array(await (await fetch(path)).arrayBuffer());
  const glue = await import(files.glue);
  await glue.default({ module_or_path: await bytes(files.wasm) });
  const index = await bytes(`/products-${size}/index.bin`);
  const manifest = await bytes(`/products-${size}/manifest.json`);
  const from = performance.now();
  glue.Search.open(manifest, index);
  return performance.now() - from;
}

/** What an index weighs on the wire, in bytes. @param {string} folder */
function weights(folder) {
  const index = readFileSync(join(folder, 'index.bin'));
  const products = JSON.parse(readFileSync(join(folder, 'catalogue.json'), 'utf8'));
  const mini = new MiniSearch(MINISEARCH);
  mini.addAll(products);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
  const a_product = (/** @type {number} */ bytes) => Number((bytes / products.length).toFixed(1));
  return {
    unit: 'bytes a product',
    aisle_brotli: a_product(brotliCompressSync(index, { params }).length),
    aisle_gzip: a_product(gzipSync(index, { level: 9 }).length),
    minisearch_gzip: a_product(gzipSync(JSON.stringify(mini), { level: 9 }).length),
  };
}

const folders = Object.fromEntries(SIZES.map((size) => [`products-${size}`, catalogue(size)]));
const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const server = await serveFolders({ ...folders, modules, assets: join(dist, 'site/assets') });
const browser = await launch();
try {
  const files = await engineFiles();
  /** @type {Record<string, object>} */
  const report = {};
  for (const size of SIZES) {
    const page = await browser.newPage();
    await page.goto(server.origin);
    const first = [];
    for (const _ of Array(OPENINGS)) {
      const fresh = await browser.newPage();
      await fresh.goto(server.origin);
      first.push(await fresh.evaluate(firstOpening, { size, files }));
      await fresh.close();
    }
    report[`${size}_first_open_aisle`] = spread('ms', first);
    const suggests = size === SUGGEST_AT;
    const task = { size, files, options: MINISEARCH, openings: OPENINGS, suggests };
    const { suggest, found, ...engines } = await page.evaluate(measure, task);
    await page.close();
    for (const [name, figures] of Object.entries(engines)) {
      for (const [what, all] of Object.entries(figures)) {
        report[`${size}_${what}_${name}`] = spread('ms', all);
      }
    }
    if (suggest) report[`${size}_suggest_aisle`] = spread('ms', suggest);
    report[`${size}_drafts_with_products`] = { unit: 'share', aisle: found };
    report[`${size}_weight`] = weights(folders[`products-${size}`]);
  }
  print(report);
} finally {
  await browser.close();
  await server.stop();
}
