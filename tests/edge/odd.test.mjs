/** Input that is too big, and text that is hard to carry. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { conversationPath, converse, history, request, send, turn } from '../support/api.mjs';
import { question } from '../support/obedient.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { TEXTS } from '../support/unicode.mjs';
import { NO_LIMITS, ORIGIN, startWorker } from '../support/worker.mjs';

const MIB = 1024 * 1024;

/** Says what the shopper said. @param {import('../support/provider.mjs').Completion} completion */
function echo(completion) {
  completion.say(question(completion));
  completion.finish();
}

/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
let conversation = '';
before(async () => {
  provider = await startProvider(echo);
  worker = await startWorker({ llm: { url: provider.url }, shop: NO_LIMITS });
  conversation = await converse(worker);
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** @param {Response} response @param {number} status @param {string} code */
async function assertRefused(response, status, code) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(JSON.parse(text).error.code, code);
}

/**
 * Sends a body in pieces, without its length before, as long as there is no reply: one that comes
 * early ends the connection. The status and the code of the reply.
 * @param {() => string} next the next piece; '' at the end
 */
async function upload(next) {
  const socket = connect(worker.port, '127.0.0.1');
  await once(socket, 'connect');
  let reply = '';
  socket.setEncoding('utf8').on('data', (part) => (reply += part)).on('error', () => {});
  const head = [
    `POST ${conversationPath(conversation, '/turns')} HTTP/1.1`, 'host: x', `origin: ${ORIGIN}`,
    'content-type: application/json', 'transfer-encoding: chunked',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  let hasEnded = false;
  const found = await eventually('it is answered', () => {
    if (!reply && !hasEnded && socket.writable) {
      const piece = next();
      hasEnded = piece === '';
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    }
    return /^HTTP\/1\.1 (\d+).*"code":"(\w+)"/s.exec(reply);
  });
  socket.destroy();
  return [Number(found?.[1]), found?.[2]];
}

/** The pieces of a text. @param {string} text */
function piecesOf(text) {
  let at = 0;
  return () => text.slice(at, (at += 0x8000));
}

describe('a prompt of 1 MB', () => {
  const bodies = {
    'in its text': turn('please '.repeat(MIB / 7)),
    'beside its text': turn('hello', { padding: 'x'.repeat(MIB) }),
    'in its cart': turn('hello', { cart: Array.from({ length: 20_000 }, (_, at) => ({ sku: `s${at}`, handle: 'h', quantity: 1 })) }),
    'in its vector': turn('hello', { vector: Array.from({ length: 300_000 }, () => 1) }),
  };
  for (const [where, body] of Object.entries(bodies)) {
    const text = JSON.stringify(body);
    test(`${where} is refused, with its length and without`, async () => {
        await assertRefused(await send(worker, conversation, text), 413, 'message_too_long');
      assert.deepEqual(await upload(piecesOf(text)), [413, 'message_too_long']);
    });
  }

  test('of brackets is refused', async () => {
    await assertRefused(await send(worker, conversation, '['.repeat(MIB)), 413, 'message_too_long');
    const deep = `{"v":1,"message_id":"message-deep","text":"x","page":${'['.repeat(30_000)}`;
    await assertRefused(await send(worker, conversation, deep), 400, 'malformed_request');
  });

  test('that never ends is refused before its end', async () => {
    assert.deepEqual(await upload(() => 'x'.repeat(0x4000)), [413, 'message_too_long']);
  });

  test('leaves nothing behind, and the worker answers', async () => {
    assert.equal((await history(worker, conversation)).last_seq, 0);
    const answer = await events(await send(worker, conversation, turn('hello there')));
    assert.equal(textOf(answer), 'hello there');
  });
});

describe('text is carried as it was written', { concurrency: 8 }, () => {
  for (const [what, text] of Object.entries(TEXTS)) {
    test(what, async () => {
      const own = await converse(worker);
      const answer = await events(await send(worker, own, turn(text)));
      assert.equal(answer.at(-1)?.data.status, 'complete');
      assert.ok(provider.completions.some((one) => question(one) === text), 'the model has it');
      const { messages } = await history(worker, own);
      assert.equal(messages[0].text, text);
      assert.equal(messages[1].text, textOf(answer));
      assert.equal(textOf(answer), text);
    });
  }

  test('half of a surrogate pair is no text', async () => {
    const before = await history(worker, conversation);
    for (const half of ['\\ud800', '\\udfff', 'x \\ud83e y', '\\udc00\\ud800', '\\ud83e\\u0041']) {
      const body = JSON.stringify(turn('~')).replace('~', half);
      await assertRefused(await send(worker, conversation, body), 400, 'malformed_request');
    }
    const whole = JSON.stringify(turn('~')).replace('~', '\\ud83e\\uddfa');
    assert.equal(textOf(await events(await send(worker, conversation, whole))), '🧺');
    assert.equal((await history(worker, conversation)).last_seq, before.last_seq + 2);
  });

  test('a path, a header and a query of any characters are answered', async () => {
    for (const path of ['/v1/shops/%ff%fe/config', '/v1/shops/demo/conversations/%00/messages', '/%F0%9F%A7%BA', '/v1/shops/demo/config?%ff=%00']) {
      const { status } = await request(worker, path);
      assert.ok(status < 500, `${path}: ${status}`);
    }
  });
});
