/** The edge worker under workerd, on a port and a disk of its own. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { dist, workerd } from './paths.mjs';
import { Server, freePort, temporaryFolder } from './processes.mjs';

/** Name of the shop that the tests talk to. */
export const SHOP = 'demo';

/** An origin on the shop's list, for requests that no browser sends. */
export const ORIGIN = 'https://shop.example';

/** Settings of a shop under load: no shopper is turned away. */
export const NO_LIMITS = {
  limits: {
    turns_per_minute: 1_000_000,
    address_turns_per_minute: 1_000_000,
    conversations_per_hour: 1_000_000,
    sessions_per_hour: 1_000_000,
  },
};

export class Worker {
  /**
   * @param {{port: number, origins?: string[], llm?: {url: string, model?: string, key?: string},
   *   artifacts?: string, shop?: object, env?: Record<string, string>, disk?: string, folder?: string}} options
   *   `shop`: more settings of the shop; `disk`: a folder with the data of another
   *   worker; `folder`: another worker than the built one
   */
  constructor({ port, origins = [], llm, artifacts = join(dist, 'artifacts'), shop, env, disk, folder }) {
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    this.disk = disk ?? join(temporaryFolder(), 'do-disk');
    this.artifacts = artifacts;
    this.folder = folder ?? join(dist, 'worker');
    mkdirSync(this.disk, { recursive: true });
    const shops = { [SHOP]: { name: 'Fernside & Co', origins: [ORIGIN, ...origins], ...shop } };
    // What is undefined is not in the environment, whatever this process has in its own.
    this.env = {
      AISLE_SHOPS: JSON.stringify(shops),
      AISLE_LLM_URL: llm?.url,
      AISLE_LLM_MODEL: llm && (llm.model ?? 'test-model'),
      AISLE_LLM_KEY: llm && (llm.key ?? 'test-key'),
      ...env,
    };
    /** @type {Server | undefined} */
    this.server = undefined;
  }

  /** Starts it, or starts it again on the same port and disk. */
  async start() {
    this.server = new Server('workerd', workerd(), [
      'serve',
      join(this.folder, 'config.capnp'),
      `--socket-addr=http=127.0.0.1:${this.port}`,
      `--directory-path=site=${join(dist, 'site')}`,
      `--directory-path=artifacts=${this.artifacts}`,
      `--directory-path=do-disk=${this.disk}`,
    ], { env: this.env });
    await this.server.ready(async () => (await fetch(`${this.origin}/healthz`)).ok);
    return this;
  }

  /** Asks it to end, as systemd does, and makes it where a stream keeps it. */
  async stop(graceMs = 2_000) {
    const { server } = this;
    if (!server) return;
    server.signal('SIGTERM');
    const ended = server.end.then(() => true);
    const late = setTimeout(graceMs, false, { ref: false });
    if (!(await Promise.race([ended, late]))) await server.kill();
  }

  /** `kill -9`. */
  async kill() {
    await this.server?.kill();
  }
}

/**
 * A worker that runs.
 * @param {Partial<ConstructorParameters<typeof Worker>[0]>} [options]
 */
export async function startWorker(options = {}) {
  return new Worker({ port: await freePort(), ...options }).start();
}
