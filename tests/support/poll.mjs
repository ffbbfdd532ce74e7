/** Waiting for what becomes true, and only as long as it takes. */

import { setInterval } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const EVERY_MS = 15;

/**
 * Resolves to the first truthy value that `condition` gives. What it throws counts as "not yet";
 * at the deadline the last of it is the cause.
 * @template T
 * @param {string} what said when the deadline passes
 * @param {() => T | Promise<T>} condition
 * @param {number} [deadlineMs]
 * @returns {Promise<T>}
 */
export async function eventually(what, condition, deadlineMs = 10_000) {
  const until = performance.now() + deadlineMs;
  let cause;
  const look = async () => {
    try {
      return await condition();
    } catch (error) {
      cause = error;
      return undefined;
    }
  };
  const first = await look();
  if (first) return first;
  for await (const _ of setInterval(EVERY_MS)) {
    const value = await look();
    if (value) return value;
    if (performance.now() > until) break;
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause });
}

/**
 * A promise with its resolver.
 * @template T
 * @returns {{promise: Promise<T>, resolve: (value: T) => void}}
 */
export function signal() {
  /** @type {(value: T) => void} */
  let resolve = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
