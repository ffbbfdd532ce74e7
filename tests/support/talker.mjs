/** A language model's server that answers everything by itself, so that many can ask at a time. */

import { createServer } from 'node:http';

/** What each piece of its answers begins with. */
export const WORD = 'größer';

/**
 * Starts one that says so many words, with a pause before each.
 * @param {{words?: number, pauseMs?: number, watch?: (body: string) => () => void}} [options]
 *   `watch` is told what is asked, and gives what is called when that request's connection ends
 */
export async function startTalker({ words = 12, pauseMs = 20, watch } = {}) {
  let open = 0;
  const server = createServer((request, response) => {
    let body = '';
    let ended = () => {};
    request.setEncoding('utf8').on('data', (part) => (body += part));
    request.on('end', () => (ended = watch?.(body) ?? ended));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    open += 1;
    let said = 0;
    const timer = setInterval(() => {
      said += 1;
      const isLast = said > words;
      const delta = isLast ? {} : { content: `${WORD}${said} ` };
      const choices = [{ index: 0, delta, finish_reason: isLast ? 'stop' : null }];
      response.write(`data: ${JSON.stringify({ choices })}\n\n`);
      if (isLast) response.end('data: [DONE]\n\n');
    }, pauseMs);
    response.on('close', () => {
      open -= 1;
      ended();
      clearInterval(timer);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** How many answers are being written. */
    open: () => open,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
