/**
 * What 1,000 conversations cost: requests, calls of objects, rows, CPU and tokens, counted on a run
 * of the built worker, and their price. Counting is done by a module that stands before the
 * worker's own; what it counts is what the runtime would bill.
 *
 * A conversation here is a new visitor with two page views and five messages: two answered on the
 * device and only told to the worker, three answered by a language model of 120 tokens each.
 */

import { createServer } from 'node:http';

import { behind } from '../support/altered.mjs';
import { conversationPath, request, shopPath, turn } from '../support/api.mjs';
import { print } from '../support/figures.mjs';
import { events } from '../support/sse.mjs';
import { cpuMs } from '../support/usage.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

const CONVERSATIONS = 50;
const LOCAL = ['do you ship to Ireland?', 'regency cakestand'];
const OPEN = ['what suits a gardener?', 'is the cakestand dishwasher safe?', 'and something for tea?'];
const ANSWER_TOKENS = 120;
/** Bytes of English in a token, as providers put it. */
const BYTES_PER_TOKEN = 4;
/** Pause between two tokens of the model, in milliseconds: 200 tokens a second. */
const TOKEN_MS = 5;

/** Public list prices in dollars: Cloudflare's paid plan, and a small language model. */
const PRICES = {
  requests: 0.3 / 1e6,
  cpu_ms: 0.02 / 1e6,
  object_requests: 0.15 / 1e6,
  object_gb_s: 12.5 / 1e6,
  rows_read: 0.001 / 1e6,
  rows_written: 1 / 1e6,
  input_tokens: 0.15 / 1e6,
  output_tokens: 0.6 / 1e6,
};
/** What an object that is awake is billed for, in GB. */
const OBJECT_GB = 0.128;

/** The built worker behind a module that counts. @returns {string} its folder */
function counting() {
  const counted = (/** @type {string} */ name) =>
    `export class ${name} extends counted(worker.${name}, '${name}') {}`;
  return behind((classes) => `
import * as worker from './shim.js';
const counts = { requests: 0, objects: {} };
const cursors = [];
const counted = (Base, name) => class extends Base {
  constructor(context, env) {
    const { sql } = context.storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, 'exec', { value: (...query) => {
      const cursor = exec(...query);
      cursors.push([name, cursor]);
      return cursor;
    } });
    super(context, env);
    counts.objects[name] ??= { requests: 0, alarms: 0, rows_read: 0, rows_written: 0 };
  }
  async fetch(request) {
    counts.objects[name].requests += 1;
    return super.fetch(request);
  }
  async alarm() {
    counts.objects[name].alarms += 1;
    return super.alarm();
  }
};
${classes.map(counted).join('\n')}
export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname === '/counts') {
      for (const [name, cursor] of cursors.splice(0)) {
        counts.objects[name].rows_read += cursor.rowsRead;
        counts.objects[name].rows_written += cursor.rowsWritten;
      }
      return Response.json(counts);
    }
    counts.requests += 1;
    return worker.default.fetch(request, env, context);
  },
};
`);
}

/** A model that writes at a steady pace, and counts what it is asked. */
async function model() {
  const seen = { requests: 0, bytes: 0 };
  const server = createServer(async (asked, response) => {
    let body = '';
    for await (const chunk of asked) body += chunk;
    seen.requests += 1;
    for (const { content } of JSON.parse(body).messages) seen.bytes += Buffer.byteLength(content ?? '');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = ANSWER_TOKENS;
    const timer = setInterval(() => {
      const over = left === 0;
      const choice = over ? { delta: {}, finish_reason: 'stop' } : { delta: { content: 'mugs ' } };
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
      left -= 1;
      if (over) {
        clearInterval(timer);
        response.end('data: [DONE]\n\n');
      }
    }, TOKEN_MS);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { seen, url: `http://127.0.0.1:${port}/v1`, stop: () => server.close() };
}

const provider = await model();
const many = 1_000_000;
const worker = await startWorker({
  folder: counting(),
  llm: { url: provider.url },
  env: { AISLE_SESSION_SECRET: 'a secret of the measurement' },
  shop: {
    limits: { conversations_per_hour: many, sessions_per_hour: many, turns_per_minute: many, address_turns_per_minute: many },
  },
});

/** As a browser of another origin asks first. @param {string} path @param {string} method */
const preflight = (path, method) =>
  fetch(worker.origin + path, {
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': method },
  });

/** One shopper. @returns {Promise<number>} how long objects were busy with answers, in ms */
async function converse() {
  const json = async (/** @type {Promise<Response>} */ reply) => {
    const response = await reply;
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  };
  await json(request(worker, shopPath('/config')));
  await preflight(shopPath('/session'), 'POST');
  const { session } = await json(request(worker, shopPath('/session'), { method: 'POST' }));
  const headers = { 'x-aisle-session': session };
  await preflight(shopPath('/conversations'), 'POST');
  const opened = request(worker, shopPath('/conversations'), { method: 'POST', headers });
  const { conversation } = await json(opened);
  const turns = conversationPath(conversation, '/turns');
  await preflight(turns, 'POST');
  let busy = 0;
  const say = async (/** @type {object} */ body) => {
    const from = performance.now();
    const answer = await events(await request(worker, turns, { body, headers }));
    if (answer.at(-1)?.data?.type !== 'done') throw new Error('no whole answer');
    busy += performance.now() - from;
  };
  for (const text of LOCAL) await say(turn(text, { local: { section: 1, skus: [] } }));
  for (const text of OPEN) await say(turn(text));
  const messages = conversationPath(conversation, '/messages?after=0');
  await json(request(worker, shopPath('/config')));
  await preflight(messages, 'GET');
  await json(request(worker, messages, { headers }));
  return busy;
}

const counts = async () => (await fetch(`${worker.origin}/counts`)).json();

try {
  for (let warm = 0; warm < 5; warm += 1) await converse();
  const [before, cpuBefore] = [await counts(), cpuMs(worker)];
  const asked = { ...provider.seen };
  let busy = 0;
  for (let at = 0; at < CONVERSATIONS; at += 5) {
    const together = await Promise.all(Array.from({ length: 5 }, converse));
    busy += together.reduce((sum, ms) => sum + ms, 0);
  }
  const [after, cpuAfter] = [await counts(), cpuMs(worker)];

  const answered = provider.seen.requests - asked.requests;
  if (answered !== CONVERSATIONS * OPEN.length) throw new Error(`the model answered ${answered} times`);

  const per1000 = (/** @type {number} */ sum) => Math.round((sum / CONVERSATIONS) * 1_000);
  const grown = (/** @type {string} */ name, /** @type {string} */ what) =>
    after.objects[name][what] - (before.objects[name]?.[what] ?? 0);
  const inAll = (/** @type {string} */ what) =>
    Object.keys(after.objects).reduce((sum, name) => sum + grown(name, what), 0);
  const measured = {
    requests: per1000(after.requests - before.requests),
    cpu_ms: per1000(cpuAfter - cpuBefore),
    object_requests: per1000(inAll('requests') + inAll('alarms')),
    object_gb_s: per1000((busy / 1_000) * OBJECT_GB),
    rows_read: per1000(inAll('rows_read')),
    rows_written: per1000(inAll('rows_written')),
    input_tokens: per1000((provider.seen.bytes - asked.bytes) / BYTES_PER_TOKEN),
    output_tokens: per1000(answered * ANSWER_TOKENS),
  };
  const dollars = (/** @type {keyof typeof PRICES} */ name) => measured[name] * PRICES[name];
  const figures = Object.fromEntries(
    /** @type {(keyof typeof PRICES)[]} */ (Object.keys(PRICES)).map((name) => [
      name,
      { unit: 'per 1,000 conversations', count: measured[name], dollars: Number(dollars(name).toFixed(5)) },
    ]),
  );
  const objects = Object.fromEntries(
    Object.keys(after.objects).map((name) => [
      `object_${name.toLowerCase()}`,
      {
        unit: 'per 1,000 conversations',
        requests: per1000(grown(name, 'requests') + grown(name, 'alarms')),
        rows_read: per1000(grown(name, 'rows_read')),
        rows_written: per1000(grown(name, 'rows_written')),
      },
    ]),
  );
  print({ ...figures, ...objects });
} finally {
  await worker.kill();
  provider.stop();
}
