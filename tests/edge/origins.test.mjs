/** The header `origin`, spelt in every way but the right one. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { shopPath } from '../support/api.mjs';
import { exchange } from '../support/raw.mjs';
import { NO_LIMITS, ORIGIN, startWorker } from '../support/worker.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker({ shop: NO_LIMITS });
});
after(() => worker?.kill());

/** Lines of a header as UTF-8 would have them, byte for byte. @param {string} text */
const utf8 = (text) => Buffer.from(text).toString('latin1');

/** As lines of the request, each wrong. @type {string[][]} */
const WRONG = [
  ...[
    `${ORIGIN}/`, `${ORIGIN}//`, `${ORIGIN}:443`, `${ORIGIN}:444`, `${ORIGIN}:`, `${ORIGIN}:0443`,
    `${ORIGIN}.`, `${ORIGIN}.evil.example`, `${ORIGIN}.evil`, `${ORIGIN}x`, ORIGIN.slice(0, -1),
    'http://shop.example', 'https://Shop.example', 'HTTPS://shop.example', 'https://SHOP.EXAMPLE',
    'https://sub.shop.example', 'https://shopexample', 'https://shop.example@evil.example',
    'https://evil.example/https://shop.example', 'https://evil.example#https://shop.example',
    'https://evil.example?https://shop.example', 'https://evil.example\\https://shop.example',
    'https://user@shop.example', 'https://user:pass@shop.example', 'https:shop.example',
    'https:/shop.example', 'https:///shop.example', 'https://https://shop.example',
    '//shop.example', 'shop.example', 'ftp://shop.example', 'javascript://shop.example',
    'file://', 'null', 'NULL', '*', 'undefined', 'https://', 'https://*.example',
    'https://%73hop.example', 'https://shop%2eexample', 'https://shop.example%00',
    'https://shop.example%20', 'https://shop.example?', 'https://shop.example#',
    'https://shop.example\\', 'https://shop.example;', 'https://shop.example"', '"https://shop.example"',
    'https://evil.example, https://shop.example', 'https://shop.example, https://evil.example',
    'https://shop.example,https://shop.example', 'https://shop.example https://evil.example',
    'https://evil.example\thttps://shop.example', 'https://[::1]', 'https://127.0.0.1',
    utf8('https://shop\u3002example'), utf8('https://ѕhop.example'), utf8('https://shop.example\u200b'),
    utf8('\ufeffhttps://shop.example'), 'https://shop.example\xa0', 'https://shop.example\xff',
    `${ORIGIN}${'/'.repeat(4_000)}`, `https://${'a.'.repeat(2_000)}shop.example`,
  ].map((origin) => [`origin: ${origin}`]),
  // Twice.
  [`origin: ${ORIGIN}`, 'origin: https://evil.example'],
  ['origin: https://evil.example', `origin: ${ORIGIN}`],
  [`origin: ${ORIGIN}`, `origin: ${ORIGIN}`],
];

const opening = `POST ${shopPath('/conversations')} HTTP/1.1`;
const reading = `GET ${shopPath('/config')} HTTP/1.1`;

describe('a wrong origin opens and reads nothing', { concurrency: 8 }, () => {
  for (const lines of WRONG) {
    test(lines.join(' | ').slice(0, 80), async () => {
      for (const request of [opening, reading]) {
        const { status, code, reply } = await exchange(worker, [request, ...lines]);
        // What is no header at all never comes to the worker.
        if (status === 400 && code === undefined) continue;
        assert.deepEqual([status, code], [403, 'origin_not_allowed'], reply);
      }
    });
  }
});

test('an empty one is as none: it may read what pages may, and opens nothing', async () => {
  assert.equal((await exchange(worker, [opening, 'origin:'])).code, 'origin_not_allowed');
  assert.equal((await exchange(worker, [opening])).code, 'origin_not_allowed');
  assert.equal((await exchange(worker, [reading, 'origin:'])).status, 200);
});

test('another header does not speak for the origin', async () => {
  for (const line of [`x-origin: ${ORIGIN}`, `referer: ${ORIGIN}/`, `x-forwarded-host: shop.example`, `origin-x: ${ORIGIN}`]) {
    assert.equal((await exchange(worker, [opening, line])).status, 403, line);
  }
});

test('the right one opens, with the blanks around it that a header may have', async () => {
  for (const line of [`origin: ${ORIGIN}`, `ORIGIN:${ORIGIN}`, `Origin: \t ${ORIGIN}  `]) {
    assert.equal((await exchange(worker, [opening, line])).status, 201, line);
    assert.equal((await exchange(worker, [reading, line])).status, 200, line);
  }
});
