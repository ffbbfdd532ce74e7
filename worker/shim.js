/**
 * What the runtime calls: the Wasm module behind it, renewed after a trap.
 *
 * A trap leaves the Wasm in an unknown state, and the promises that were being worked on would
 * never end. All of them are rejected, the module is instantiated anew, and every Durable Object
 * gets a new inner object over the same storage.
 */

import { DurableObject } from 'cloudflare:workers';
import * as wasm from './index.js';

let generation = 0;
/** @type {Set<(error: unknown) => void>} */
const pending = new Set();

/** @param {unknown} error */
function renewAfterTrap(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error('aisle: the worker trapped and starts anew:', error.stack);
  generation += 1;
  wasm.__wbg_reset_state();
  const interrupted = [...pending];
  pending.clear();
  for (const reject of interrupted) reject(error);
}

addEventListener('error', (event) => renewAfterTrap(event.error));
addEventListener('unhandledrejection', (event) => renewAfterTrap(event.reason));

/**
 * What a call comes to; it fails when the module traps.
 * @template T
 * @param {() => Promise<T>} call
 * @returns {Promise<T>}
 */
async function unlessTrapped(call) {
  /** @type {(error: unknown) => void} */
  let reject = () => {};
  const interrupted = new Promise((_, fail) => {
    reject = fail;
    pending.add(fail);
  });
  try {
    return await Promise.race([call(), interrupted]);
  } catch (error) {
    if (pending.has(reject)) renewAfterTrap(error);
    throw error;
  } finally {
    pending.delete(reject);
  }
}

/**
 * @param {() => Promise<Response>} call
 * @returns {Promise<Response>}
 */
async function guarded(call) {
  try {
    return await unlessTrapped(call);
  } catch (error) {
    console.error('aisle: a request failed:', String(error));
    const detail = { code: 'internal', message: 'the worker failed', retryable: true };
    return Response.json(
      { error: detail },
      { status: 500, headers: { 'access-control-allow-origin': '*', 'cache-control': 'no-store' } },
    );
  }
}

/** A Durable Object over the class of that name in the module. */
const over = (/** @type {'Conversation' | 'Orders' | 'Directory' | 'Visitors' | 'Tills' | 'Desks'} */ name) =>
  class extends DurableObject {
    #made;
    #generation = -1;

    get #inner() {
      if (this.#generation !== generation) {
        this.#made = new wasm[name](this.ctx, this.env);
        this.#generation = generation;
      }
      return this.#made;
    }

    /** @param {Request} request */
    fetch(request) {
      return guarded(async () => this.#inner.fetch(request));
    }

    /** What fails is tried again by the runtime. */
    async alarm() {
      await unlessTrapped(async () => this.#inner.alarm());
    }
  };

export class Conversation extends over('Conversation') {}
export class Orders extends over('Orders') {}
export class Directory extends over('Directory') {}
export class Visitors extends over('Visitors') {}
export class Tills extends over('Tills') {}
export class Desks extends over('Desks') {}

export default {
  /** @param {Request} request */
  fetch(request, env, context) {
    return guarded(async () => wasm.fetch(request, env, context));
  },
};
