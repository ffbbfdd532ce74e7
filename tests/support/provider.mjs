/**
 * A language model's server for bad days: it speaks the streaming protocol of OpenAI's chat
 * completions, and each test says when it says what.
 */

import { createServer } from 'node:http';

import { eventually, signal } from './poll.mjs';

/** One request to the provider, and the hand that answers it. */
export class Completion {
  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {any} body
   */
  constructor(request, response, body) {
    this.headers = request.headers;
    this.body = body;
    this.response = response;
    /** The end of the connection: the moment, and whether the answer was whole by then. */
    const closed = signal();
    /** @type {Promise<{at: number, isWhole: boolean}>} */
    this.closed = closed.promise;
    response.on('close', () => {
      closed.resolve({ at: performance.now(), isWhole: response.writableFinished });
    });
  }

  /** Every word that the model was given, as one text. */
  get prompt() {
    return this.body.messages.map((/** @type {any} */ message) => message.content).join('\n');
  }

  /** Sends bytes as they are. @param {string} bytes */
  write(bytes) {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    }
    this.response.write(bytes);
  }

  /** Says some text. @param {string} content */
  say(content) {
    this.write(`data: ${JSON.stringify(chunk({ content }, null))}\n\n`);
  }

  /** Ends the answer in order. */
  finish() {
    this.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\ndata: [DONE]\n\n`);
    this.response.end();
  }

  /** Refuses. @param {number} status */
  refuse(status) {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message: 'no', type: 'server_error' } }));
  }

  /** Cuts the connection. */
  cut() {
    this.response.socket?.destroy();
  }
}

/** @param {object} delta @param {string | null} finish_reason */
function chunk(delta, finish_reason) {
  return {
    id: 'chatcmpl-test',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'test-model',
    choices: [{ index: 0, delta, finish_reason }],
  };
}

/** Starts a provider. */
export async function startProvider() {
  /** @type {Completion[]} */
  const completions = [];
  let taken = 0;
  const server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
        response.writeHead(404).end();
        return;
      }
      const body = JSON.parse(Buffer.concat(parts).toString());
      completions.push(new Completion(request, response, body));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** The requests so far. */
    completions,
    /** The next request that no test has taken yet. */
    async next() {
      const completion = await eventually(
        'the provider is asked',
        () => completions[taken],
      );
      taken += 1;
      return completion;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
