/**
 * Several providers, in both wire formats: who is asked after whom, what is tried again, and that
 * a provider which refuses a part of the request is asked without it.
 */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { converse, history, send, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { freePort } from '../support/processes.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf, until } from '../support/sse.mjs';
import { Worker, startWorker } from '../support/worker.mjs';

/** @typedef {import('../support/provider.mjs').Completion} Completion */

const QUESTION = 'How long do I have to return something?';

/** What a good provider says, and what the shop's documents say. */
const SAID = 'You can return it.';
const GROUNDED = /30 days/;

/** @type {Record<string, (completion: Completion, at: number) => void>} */
const ACTS = {
  good: (completion) => {
    for (const word of SAID.match(/\S+ ?/g) ?? []) completion.say(word);
    completion.finish({ input: 100, output: 5 });
  },
  down: (completion) => completion.cut(),
  failing: (completion) => completion.refuse(500),
  forbidding: (completion) => completion.refuse(401),
  busy: (completion) => completion.refuse(429, { headers: { 'retry-after': '30' } }),
  hanging: () => {},
  endless: (completion) => completion.write(`data: ${'x'.repeat(300_000)}`),
  overloaded: (completion) => {
    completion.write('event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n');
    completion.response.end();
  },
};

/** A server that no provider may lead to, because the key would go with the request. */
const elsewhere = await startProvider(ACTS.good);
after(() => elsewhere.stop());
for (const status of [302, 307]) {
  ACTS[`redirecting with ${status}`] = (completion) =>
    completion.refuse(status, { headers: { location: `${elsewhere.url}${completion.path}` } });
}

/** Busy once, for as long as a shopper is made to wait. */
const busyOnce = (/** @type {Completion} */ completion, /** @type {number} */ at) =>
  at === 0
    ? completion.refuse(429, { headers: { 'retry-after': '1' } })
    : ACTS.good?.(completion, at);

/**
 * A worker with providers that do what they are told.
 * @param {[kind: 'openai' | 'anthropic', act: (completion: Completion, at: number) => void][]} acts
 */
async function startProviders(acts) {
  const providers = await Promise.all(acts.map(([, act]) => startProvider(act)));
  const settings = acts.map(([kind], at) => ({
    name: `provider-${at}`,
    kind,
    url: providers[at]?.url,
    model: `model-${at}`,
    key: `KEY_${at}`,
    first_word_ms: 1_000,
  }));
  const keys = Object.fromEntries(acts.map((_, at) => [`KEY_${at}`, `secret-${at}`]));
  const worker = await startWorker({
    env: {
      AISLE_PROVIDERS: JSON.stringify(settings),
      AISLE_PROVIDER_KEYS: JSON.stringify(keys),
    },
  });
  return {
    worker,
    /** How often each was asked. */
    asked: () => providers.map(({ completions }) => completions.length),
    completions: (/** @type {number} */ at) => providers[at]?.completions ?? [],
    async ask() {
      const conversation = await converse(worker);
      const answer = await events(await send(worker, conversation, turn(QUESTION)));
      assert.equal(answer.at(-1)?.data.status, 'complete');
      const { messages } = await history(worker, conversation);
      assert.equal(messages[1].text, textOf(answer));
      return textOf(answer);
    },
    stop: () => Promise.all([worker.kill(), ...providers.map((provider) => provider.stop())]),
  };
}

/** @type {[string, (keyof typeof ACTS)[], string | RegExp, number[]][]} */
const CASES = [
  ['one that is down', ['down', 'good'], SAID, [2, 1]],
  ['one that fails', ['failing', 'good'], SAID, [2, 1]],
  ['one that refuses the key', ['forbidding', 'good'], SAID, [1, 1]],
  ['one that is busy for long', ['busy', 'good'], SAID, [1, 1]],
  ['one that hangs', ['hanging', 'good'], SAID, [1, 1]],
  ['one that never ends a line', ['endless', 'good'], SAID, [1, 1]],
  ['one that leads elsewhere', ['redirecting with 302', 'good'], SAID, [1, 1]],
  ['one that leads elsewhere with the same request', ['redirecting with 307', 'good'], SAID, [1, 1]],
  ['one that fails inside its stream', ['overloaded', 'good'], SAID, [2, 1]],
  ['two that fail: the documents answer', ['failing', 'forbidding'], GROUNDED, [2, 1]],
];

describe('several providers', { concurrency: 4 }, () => {
  for (const kind of /** @type {const} */ (['openai', 'anthropic'])) {
    for (const [what, acts, expected, asked] of CASES) {
      test(`${kind}: after ${what}`, async () => {
        const other = kind === 'openai' ? 'anthropic' : 'openai';
        const system = await startProviders(
          acts.map((act, at) => [at === 0 ? kind : other, ACTS[act] ?? (() => {})]),
        );
        try {
          assert.match(await system.ask(), new RegExp(expected));
          assert.deepEqual(system.asked(), asked);
          assert.equal(elsewhere.completions.length, 0);
        } finally {
          await system.stop();
        }
      });
    }

    test(`${kind}: one that asks for a second has it`, async () => {
      const system = await startProviders([[kind, busyOnce]]);
      try {
        assert.equal(await system.ask(), SAID);
        assert.deepEqual(system.asked(), [2]);
      } finally {
        await system.stop();
      }
    });

    test(`${kind}: a part that is refused is left out from then on`, async () => {
      const system = await startProviders([[kind, (completion) => {
        const { body } = completion;
        for (const part of ['stream_options', 'temperature']) {
          if (part in body) {
            completion.refuse(400, { message: `\`${part}\` is not supported by this model` });
            return;
          }
        }
        ACTS.good?.(completion, 0);
      }]]);
      try {
        assert.equal(await system.ask(), SAID);
        const [before] = system.asked();
        assert.equal(await system.ask(), SAID);
        assert.deepEqual(system.asked(), [Number(before) + 1]);
      } finally {
        await system.stop();
      }
    });

    test(`${kind}: what is sent, and that bytes which are no text are replaced`, async () => {
      const system = await startProviders([[kind, (completion) => {
        const [before, after] = completion.wire.text('You can~ ').split('~');
        completion.write(Buffer.concat([
          Buffer.from(before ?? ''), Buffer.from([0xff]), Buffer.from(after ?? ''),
        ]));
        ACTS.good?.(completion, 0);
      }]]);
      try {
        assert.equal(await system.ask(), `You can\ufffd ${SAID}`);
        const [completion] = system.completions(0);
        assert.equal(completion?.body.model, 'model-0');
        assert.equal(completion?.body.stream, true);
        assert.match(completion?.prompt ?? '', /30 days/);
        const key = kind === 'openai'
          ? completion?.headers.authorization
          : completion?.headers['x-api-key'];
        assert.equal(key, kind === 'openai' ? 'Bearer secret-0' : 'secret-0');
      } finally {
        await system.stop();
      }
    });

    test(`${kind}: one that breaks off after its first word is not replaced`, async () => {
      const system = await startProviders([
        [kind, (completion) => {
          completion.say('You can ');
          completion.response.end();
        }],
        ['openai', ACTS.good ?? (() => {})],
      ]);
      try {
        const { worker } = system;
        const answer = await events(await send(worker, await converse(worker), turn(QUESTION)));
        assert.equal(answer.at(-1)?.data.type, 'failed');
        assert.equal(textOf(answer), 'You can ');
        assert.deepEqual(system.asked(), [1, 0]);
      } finally {
        await system.stop();
      }
    });

    test(`${kind}: one is left when the shopper leaves`, async () => {
      const system = await startProviders([[kind, (completion) => completion.say('You can wait ')]]);
      try {
        const { worker } = system;
        const controller = new AbortController();
        const { signal } = controller;
        const asked = await send(worker, await converse(worker), turn(QUESTION), { signal });
        await until(frames(asked), 'delta');
        controller.abort();
        const [completion] = system.completions(0);
        assert.equal((await completion?.closed)?.isWhole, false);
      } finally {
        await system.stop();
      }
    });
  }
});

test('a provider that fails again and again is left alone', async () => {
  const system = await startProviders([
    ['openai', ACTS.forbidding ?? (() => {})],
    ['openai', ACTS.good ?? (() => {})],
  ]);
  try {
    for (let at = 0; at < 5; at += 1) assert.equal(await system.ask(), SAID);
    assert.deepEqual(system.asked(), [3, 5]);
  } finally {
    await system.stop();
  }
});

test('providers that cannot be used are told by the health check', async () => {
  const settings = [{ name: 'a', kind: 'openai', url: 'http://127.0.0.1:9/v1', model: 'm', key: 'NONE' }];
  const env = { AISLE_PROVIDERS: JSON.stringify(settings) };
  const worker = new Worker({ port: await freePort(), env });
  const started = worker.start().catch(() => {});
  try {
    await eventually('the health check refuses', async () => {
      const { status } = await fetch(`${worker.origin}/healthz`);
      return status === 503;
    });
  } finally {
    await worker.kill();
    await started;
  }
});
