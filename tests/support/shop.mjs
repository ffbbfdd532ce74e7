/** The demo shop on a port of its own. */

import { join } from 'node:path';

import { root, shopProgram } from './paths.mjs';
import { Server } from './processes.mjs';
import { SHOP } from './worker.mjs';

/**
 * Starts the shop with the chat of the worker at `chat`.
 * @param {{chat: string}} options
 */
export async function startShop({ chat }) {
  const server = new Server('shop', shopProgram(), [
    '--port=0',
    '--data',
    join(root, 'demo-site/data'),
    '--chat',
    chat,
    '--shop',
    SHOP,
  ]);
  const origin = await server.ready(() =>
    server.lines.map((line) => /listening on (http:\S+)/.exec(line)?.[1]).find(Boolean),
  );
  return { origin: /** @type {string} */ (origin), server, kill: () => server.kill() };
}
