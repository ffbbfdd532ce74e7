/** What measurements come to. */

import { cpus } from 'node:os';

/**
 * The value below which a share of the values lies (nearest rank).
 * @param {number[]} values
 * @param {number} share 0 to 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @param {string} unit @param {number[]} values */
export function spread(unit, values) {
  const at = (/** @type {number} */ share) => Number(quantile(values, share).toFixed(2));
  return { unit, p50: at(0.5), p95: at(0.95), max: at(1), count: values.length };
}

/** What the figures were taken on. */
export const machine = () => ({ cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown' });

/** Prints what a benchmark has measured, by name, as one JSON object. @param {object} measured */
export function print(measured) {
  process.stdout.write(`${JSON.stringify({ machine: machine(), ...measured }, undefined, 2)}\n`);
}
