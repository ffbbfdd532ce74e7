/**
 * The built worker behind a module that halts it at a write: the runtime can then be killed there,
 * with what was written before on the disk and what comes after not.
 */

import { behind } from './altered.mjs';
import { eventually } from './poll.mjs';

const REACHED = 'the write is reached';

/** @returns {string} the folder of such a worker */
export const halting = () => behind((classes) => `
import * as worker from './shim.js';

/** Writes until it halts. */
let left = Infinity;
function write(what) {
  left -= 1;
  if (left > 0) return;
  console.log('${REACHED}', what);
  for (;;);
}

// A table is made in one go with the first row in it: that is no point of its own.
const WRITES = /^\\s*(INSERT|UPDATE|DELETE|REPLACE)\\b/i;
function watch(object, name, isWrite = () => true) {
  const call = object[name].bind(object);
  const value = (...args) => {
    if (isWrite(args[0])) write(name + ' ' + args[0]);
    return call(...args);
  };
  Object.defineProperty(object, name, { value });
}
const halting = (Base) => class extends Base {
  constructor(context, env) {
    const { storage } = context;
    watch(storage.sql, 'exec', (query) => WRITES.test(query));
    for (const name of ['put', 'delete', 'deleteAll', 'setAlarm', 'deleteAlarm']) watch(storage, name);
    super(context, env);
  }
};
${classes.map((name) => `export class ${name} extends halting(worker.${name}) {}`).join('\n')}
export default {
  fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/halt') return worker.default.fetch(request, env, context);
    left = Number(searchParams.get('at'));
    return new Response();
  },
};
`);

/**
 * Kills the worker at the write of that number from now on, whichever object makes it, and starts
 * it again; false if what is done needs fewer.
 * @param {import('./worker.mjs').Worker} worker
 * @param {number} at 1 for the next write
 * @param {() => Promise<unknown>} act what writes; it may fail when the worker is killed
 */
export async function killAtWrite(worker, at, act) {
  await fetch(`${worker.origin}/halt?at=${at}`);
  let [hasEnded, failure] = [false, /** @type {unknown} */ (undefined)];
  const acting = act().catch((error) => (failure = error)).then(() => (hasEnded = true));
  const isReached = () => worker.server?.lines.some((line) => line.includes(REACHED));
  await eventually('it is done, or halts', () => isReached() || hasEnded, 30_000);
  if (isReached()) {
    await worker.kill();
    await acting;
    await worker.start();
    return true;
  }
  if (failure) throw failure;
  await fetch(`${worker.origin}/halt?at=Infinity`);
  return false;
}
