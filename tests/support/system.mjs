/** Worker and shop together, as a shopper meets them. */

import { freePort } from './processes.mjs';
import { startProvider } from './provider.mjs';
import { startShop } from './shop.mjs';
import { Worker } from './worker.mjs';

/**
 * Starts both. Each has to know the other's origin, so the worker's port is chosen first.
 * @param {Omit<ConstructorParameters<typeof Worker>[0], 'port' | 'origins'>} [options]
 */
export async function startSystem(options = {}) {
  const port = await freePort();
  const shop = await startShop({ chat: `http://127.0.0.1:${port}` });
  const env = { AISLE_SESSION_SECRET: 'a secret of the tests, long enough', ...options.env };
  const worker = await new Worker({ port, origins: [shop.origin], ...options, env }).start();
  return {
    worker,
    shop,
    async stop() {
      await Promise.all([worker.kill(), shop.kill()]);
    },
  };
}

/** Starts both and, behind them, a provider whose model a test speaks for. */
export async function startSystemWithModel() {
  const provider = await startProvider();
  const system = await startSystem({ llm: { url: provider.url } });
  return {
    ...system,
    provider,
    async stop() {
      await system.stop();
      await provider.stop();
    },
  };
}
