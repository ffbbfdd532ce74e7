/**
 * `kill -9` 200 times at random points while 24 shoppers ask one question after the other of a
 * model. Afterwards every conversation is compared with what was acknowledged and read.
 */

import { crashUnderLoad } from '../support/crash.mjs';
import { print } from '../support/figures.mjs';
import { startTalker } from '../support/talker.mjs';
import { withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const KILLS = 200;
const SHOPPERS = 24;

const talker = await startTalker();
const options = { llm: { url: talker.url }, shop: NO_LIMITS, env: withSessions };
const worker = await startWorker(options);
try {
  const load = { kills: KILLS, shoppers: SHOPPERS, seed: 20_261_127 };
  const { messages, resumed } = await crashUnderLoad(worker, load);
  print({
    kills: { unit: '', count: KILLS },
    messages_kept: { unit: 'each once, in order, as it was read', count: messages },
    answers_read_on: { unit: '', count: resumed },
  });
} finally {
  await worker.kill();
  await talker.stop();
}
