/** Servers as child processes: started, waited for, ended for certain. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from './poll.mjs';

/** Lines of a server's output that a failure shows. */
const TAIL_LINES = 40;

/** @type {Set<Server>} */
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();

/**
 * Everything started here shares the life of this process, however it ends.
 */
process.on('exit', () => {
  for (const server of running) server.signal('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => process.exit(1));

/** A server that was started. */
export class Server {
  /**
   * @param {string} name
   * @param {string} program
   * @param {string[]} args
   * @param {{env?: Record<string, string | undefined>, cwd?: string}} [options]
   */
  constructor(name, program, args, { env = {}, cwd } = {}) {
    this.name = name;
    /** @type {string[]} */
    this.lines = [];
    this.ended = false;
    // A group of its own: a signal reaches what the program itself starts, too.
    this.child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.end = new Promise((resolve) => {
      const ended = (/** @type {string} */ how) => {
        this.ended = true;
        this.lines.push(`(${how})`);
        running.delete(this);
        resolve(undefined);
      };
      this.child.once('error', (error) => ended(String(error)));
      this.child.once('exit', (code, signal) => ended(`ended with ${code ?? signal}`));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        this.lines.push(...lines);
      });
    }
    running.add(this);
  }

  /** @param {NodeJS.Signals} name */
  signal(name) {
    if (this.ended || !this.child.pid) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      // It ended in between.
      if (/** @type {any} */ (error).code !== 'ESRCH') throw error;
    }
  }

  /** Ends it at once, as a power cut would, and waits until it is gone. */
  async kill() {
    this.signal('SIGKILL');
    await this.end;
  }

  /**
   * Waits until the server serves.
   * @template T
   * @param {() => T | Promise<T>} isReady
   * @param {number} [deadlineMs]
   */
  async ready(isReady, deadlineMs = 20_000) {
    try {
      const whileAlive = async () => this.ended || (await isReady());
      const value = await eventually(`${this.name} serves`, whileAlive, deadlineMs);
      if (this.ended) throw new Error(`${this.name} ended before it served`);
      return /** @type {T} */ (value);
    } catch (error) {
      await this.kill();
      throw withLogs(error, [this]);
    }
  }

  /** The end of its output. */
  tail() {
    return [`--- ${this.name} ---`, ...this.lines.slice(-TAIL_LINES)].join('\n');
  }
}

/**
 * An error with what the servers said last.
 * @param {unknown} error
 * @param {Iterable<Server>} [servers] all that run, unless told
 * @param {string[]} [more] what else helps
 */
export function withLogs(error, servers = running, more = []) {
  const said = error instanceof Error ? error.message : String(error);
  const logs = [...servers].map((server) => server.tail());
  return new Error([said, ...more, ...logs].join('\n'), { cause: error });
}

/** A port that is free now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder that goes with this process. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-test-'));
  folders.add(folder);
  return folder;
}
