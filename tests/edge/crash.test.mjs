/** `kill -9` at random points while shoppers ask. `cargo xtask bench crash` does more of it. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { crashUnderLoad } from '../support/crash.mjs';
import { startTalker } from '../support/talker.mjs';
import { withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const talker = await startTalker();
after(() => talker.stop());

test('nothing that was acknowledged is lost, doubled or out of order', async (t) => {
  const options = { llm: { url: talker.url }, shop: NO_LIMITS, env: withSessions };
  const worker = await startWorker(options);
  try {
    const { messages, resumed } = await crashUnderLoad(worker, { kills: 6, shoppers: 8, seed: 1 });
    t.diagnostic(`${messages} messages, ${resumed} answers read on`);
    assert.ok(messages > 0 && resumed > 0);
  } finally {
    await worker.kill();
  }
});
