/** The engine in the browser's Wasm and the native one make the same of any text. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openEngine, shipped } from '../support/engine.mjs';
import { dist, trainerProgram } from '../support/paths.mjs';

/** How far two probabilities may be apart. */
const TOLERANCE = 1e-4;

const TEXTS = join(dirname(fileURLToPath(import.meta.url)), 'texts.txt');
const ARTIFACT = join(dist, 'artifacts/demo');
const texts = readFileSync(TEXTS, 'utf8').split('\n').filter((line) => line.trim());

/** @type {{text: string, probabilities: number[], suggestions: any[]}[]} */
let native;
/** @type {any} */
let engine;

before(async () => {
  const program = trainerProgram();
  const args = ['score', '--artifact', ARTIFACT, '--file', TEXTS, '--json'];
  const out = execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  native = out.trim().split('\n').map((line) => JSON.parse(line));
  engine = await openEngine(shipped(), ARTIFACT);
});

test('both read the same texts', () => {
  assert.ok(texts.length >= 60);
  assert.deepEqual(native.map(({ text }) => text), texts);
});

test('probabilities are equal, and the likely intents come in the same order', () => {
  let worst = 0;
  for (const { text, probabilities } of native) {
    const wasm = [...engine.probabilities(text)];
    assert.equal(wasm.length, probabilities.length);
    const sum = wasm.reduce((sum, p) => sum + p, 0);
    assert.ok(Math.abs(sum - 1) < 1e-3, `${text}: the probabilities add up to ${sum}`);
    probabilities.forEach((p, at) => {
      worst = Math.max(worst, Math.abs(p - wasm[at]));
    });
    // What is closer together than the tolerance may change places.
    const ranked = probabilities.map((_, at) => at).sort((a, b) => probabilities[b] - probabilities[a]);
    ranked.slice(1, 5).forEach((below, at) => {
      const above = ranked[at];
      if (probabilities[above] - probabilities[below] > 2 * TOLERANCE) {
        assert.ok(wasm[above] > wasm[below], `${text}: labels ${above} and ${below}`);
      }
    });
  }
  assert.ok(worst <= TOLERANCE, `the largest difference is ${worst}`);
});

test('suggestions are equal', () => {
  const signals = { viewed: [], in_cart: [] };
  native.forEach(({ text, suggestions }, seq) => {
    const reply = engine.handle({ kind: 'suggest', seq, text, signals });
    assert.equal(reply.kind, 'suggested');
    assert.equal(reply.seq, seq);
    assert.deepEqual(reply.items, suggestions, text);
  });
});
