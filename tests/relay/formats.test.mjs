/**
 * Both wire formats against a server that is not ours: LiteLLM's proxy speaks chat completions and
 * messages. It is there where AISLE_LITELLM names its program.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { converse, send, turn } from '../support/api.mjs';
import { KEY, MODEL, startLiteLlm } from '../support/litellm.mjs';
import { litellm } from '../support/paths.mjs';
import { events, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const ANSWER = 'Thank you for asking. We are glad to help you with that.';

if (litellm) {
  describe('LiteLLM', () => {
    /** @type {Awaited<ReturnType<typeof startLiteLlm>>} */
    let provider;
    before(async () => {
      provider = await startLiteLlm(ANSWER);
    });
    after(() => provider?.kill());

    for (const kind of ['openai', 'anthropic']) {
      test(`is understood in the format of ${kind}`, async () => {
        const settings = { name: 'litellm', kind, url: `${provider.origin}/v1`, model: MODEL };
        const worker = await startWorker({
          env: {
            AISLE_PROVIDERS: JSON.stringify([{ ...settings, key: 'LITELLM' }]),
            AISLE_PROVIDER_KEYS: JSON.stringify({ LITELLM: KEY }),
          },
        });
        try {
          const asked = send(worker, await converse(worker), turn('How long are returns?'));
          const answer = await events(await asked);
          assert.equal(answer.at(-1)?.data.status, 'complete');
          assert.equal(textOf(answer), ANSWER);
        } finally {
          await worker.kill();
        }
      });
    }
  });
} else {
  console.log('note  AISLE_LITELLM names no program: its formats are not tested');
}
