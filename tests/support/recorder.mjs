/**
 * Stands between the worker and a provider: passes everything on, keeps what was asked, can hold
 * the answer back in mid-stream, and sees when either side closes.
 */

import { createServer, request as ask } from 'node:http';

import { signal } from './poll.mjs';

/**
 * @typedef {{
 *   path: string,
 *   body: any,
 *   frames: number[],
 *   closed: Promise<{at: number, isWhole: boolean}>,
 *   upstreamClosed: Promise<number>,
 * }} Exchange
 *   a request, the moments of the frames of its answer, the moment the worker's connection closed
 *   and whether the answer was whole, and the moment the provider's connection closed
 */

/**
 * Starts a recorder before the server at `upstream`, such as `http://127.0.0.1:4000`.
 * @param {string} upstream
 */
export async function startRecorder(upstream) {
  /** @type {Exchange[]} */
  const exchanges = [];
  /** Frames of each answer that are passed on before the rest is held back. */
  let framesBeforeHold = Infinity;
  let released = signal();

  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const closed = signal();
    const upstreamClosed = signal();
    /** @type {Exchange} */
    const exchange = {
      path: request.url ?? '',
      body: body.length ? JSON.parse(body.toString()) : undefined,
      frames: [],
      closed: closed.promise,
      upstreamClosed: upstreamClosed.promise,
    };
    exchanges.push(exchange);
    const { host: _, connection: __, ...headers } = request.headers;
    const onward = ask(upstream + request.url, { method: request.method, headers });
    response.on('close', () => {
      closed.resolve({ at: performance.now(), isWhole: response.writableFinished });
      onward.destroy();
    });
    onward.on('close', () => upstreamClosed.resolve(performance.now()));
    onward.on('error', () => response.destroy());
    onward.on('response', async (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      try {
        for await (const frame of framesOf(answer)) {
          if (exchange.frames.length >= framesBeforeHold) await released.promise;
          exchange.frames.push(performance.now());
          response.write(frame);
        }
        response.end();
      } catch {
        response.destroy();
      }
    });
    onward.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    exchanges,
    /** From now on, answers stop after so many frames. @param {number} count */
    hold(count) {
      framesBeforeHold = count;
      released = signal();
    },
    /** Lets everything through again. */
    release() {
      framesBeforeHold = Infinity;
      released.resolve(undefined);
    },
    async stop() {
      released.resolve(undefined);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The frames of a stream of events, as they were sent.
 * @param {AsyncIterable<Buffer>} stream
 */
async function* framesOf(stream) {
  let rest = '';
  for await (const part of stream) {
    const frames = (rest + part.toString('latin1')).split(/(?<=\r?\n\r?\n)/);
    rest = frames.pop() ?? '';
    if (/\n\r?\n$/.test(rest)) {
      frames.push(rest);
      rest = '';
    }
    for (const frame of frames) yield Buffer.from(frame, 'latin1');
  }
  if (rest) yield Buffer.from(rest, 'latin1');
}
