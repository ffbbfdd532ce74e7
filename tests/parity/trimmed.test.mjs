/**
 * What is taken out of the engine is never missed: it answers any text as the whole one does, to
 * the last bit.
 */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openEngine, shipped, untrimmed } from '../support/engine.mjs';
import { dist } from '../support/paths.mjs';

const ARTIFACT = join(dist, 'artifacts/demo');
const TEXTS = join(dirname(fileURLToPath(import.meta.url)), 'texts.txt');
const lines = readFileSync(TEXTS, 'utf8').split('\n').filter((line) => line.trim());

/** Texts of every length and kind: whole, half-typed, in other scripts, and none. */
const texts = [
  ...lines,
  ...lines.map((line) => line.slice(0, Math.ceil(line.length / 2))),
  ...Array.from({ length: 64 }, (_, length) => 'a red mug for my sister '.repeat(3).slice(0, length)),
  '', ' ', '\u0000', '\ud800', '🫖🫖', 'где мой заказ', '我的订单在哪里', 'أين طلبي', 'mug '.repeat(600),
];

/** @type {any} */
let trimmed;
/** @type {any} */
let whole;
before(async () => {
  trimmed = await openEngine(shipped(), ARTIFACT);
  whole = await openEngine(untrimmed(), ARTIFACT);
});

test('something was taken out', () => {
  assert.ok(statSync(shipped().wasm).size < statSync(untrimmed().wasm).size * 0.8);
});

test('probabilities are the same bits', () => {
  for (const text of texts) {
    assert.deepEqual(trimmed.probabilities(text), whole.probabilities(text), JSON.stringify(text));
  }
});

test('suggestions, answers and recommendations are the same', () => {
  const signals = { viewed: ['regency-cake-stand-3-tier'], in_cart: [] };
  const history = [{ sku: '85123A', at_ms: 1_772_000_000_000, quantity: 2 }];
  texts.forEach((text, seq) => {
    for (const request of [
      { kind: 'suggest', seq, text, signals },
      { kind: 'understand', seq, text },
      { kind: 'recommend', seq, signals, history, now_ms: 1_775_000_000_000 + seq, limit: 8 },
    ]) {
      assert.deepEqual(trimmed.handle(request), whole.handle(request), JSON.stringify(request));
    }
  });
});
