/**
 * A language model's server that does what each test says when it says it, in both wire formats:
 * chat completions as OpenAI has them, and messages as Anthropic has them.
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
    /** Below the URL that the worker is given. */
    this.path = request.url?.replace(/^\/v1/, '') ?? '';
    this.wire = request.url === '/v1/messages' ? new MessagesWire() : new ChatWire();
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
    const words = (/** @type {any} */ content) =>
      Array.isArray(content)
        ? content.map(({ text, content: result }) => text ?? result ?? '').join('\n')
        : (content ?? '');
    return [this.body.system, ...this.body.messages.map((/** @type {any} */ m) => m.content)]
      .map(words)
      .join('\n');
  }

  /** Sends bytes as they are. @param {string | Uint8Array} bytes */
  write(bytes) {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    }
    this.response.write(bytes);
  }

  /** Says some text. @param {string} text */
  say(text) {
    this.write(this.wire.text(text));
  }

  /**
   * Calls a tool, its arguments in two pieces.
   * @param {string} name
   * @param {object} args
   */
  call(name, args) {
    this.write(this.wire.call(name, JSON.stringify(args)));
  }

  /** Ends the answer in order. @param {{input: number, output: number}} [usage] tokens */
  finish(usage) {
    this.write(this.wire.end(usage));
    this.response.end();
  }

  /**
   * Refuses.
   * @param {number} status
   * @param {{headers?: Record<string, string>, message?: string}} [more]
   */
  refuse(status, { headers, message = 'no' } = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(JSON.stringify({ error: { message, type: 'server_error' } }));
  }

  /** Cuts the connection. */
  cut() {
    this.response.socket?.destroy();
  }
}

/** @param {object} data */
const event = (data) => `data: ${JSON.stringify(data)}\n\n`;

/** Chat completions. */
class ChatWire {
  #calls = 0;

  /** @param {object} delta @param {string | null} [finish_reason] @param {object} [more] */
  #chunk(delta, finish_reason = null, more = {}) {
    return event({
      id: 'chatcmpl-test',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'test-model',
      choices: [{ index: 0, delta, finish_reason }],
      ...more,
    });
  }

  /** @param {string} content */
  text(content) {
    return this.#chunk({ content });
  }

  /** @param {string} name @param {string} args */
  call(name, args) {
    const index = this.#calls;
    this.#calls += 1;
    const half = Math.ceil(args.length / 2);
    const piece = (/** @type {object} */ call) => this.#chunk({ tool_calls: [{ index, ...call }] });
    return [
      piece({ id: `call_${index}`, type: 'function', function: { name, arguments: '' } }),
      piece({ function: { arguments: args.slice(0, half) } }),
      piece({ function: { arguments: args.slice(half) } }),
    ].join('');
  }

  /** @param {{input: number, output: number}} [usage] */
  end(usage) {
    const counted = usage && { prompt_tokens: usage.input, completion_tokens: usage.output };
    return [
      this.#chunk({}, this.#calls ? 'tool_calls' : 'stop'),
      usage ? this.#chunk({}, null, { choices: [], usage: counted }) : '',
      'data: [DONE]\n\n',
    ].join('');
  }
}

/** Messages. */
class MessagesWire {
  #blocks = 0;
  #isText = false;
  #hasCalls = false;

  /** @param {string} type @param {object} [more] */
  #event(type, more) {
    return `event: ${type}\n${event({ type, ...more })}`;
  }

  /** Opens the message, or ends the block that is open. @param {object} [block] */
  #block(block) {
    const before = this.#blocks
      ? this.#event('content_block_stop', { index: this.#blocks - 1 })
      : this.#event('message_start', {
          message: { id: 'msg_test', role: 'assistant', content: [], usage: { output_tokens: 1 } },
        }) + this.#event('ping');
    if (!block) return before;
    this.#blocks += 1;
    return before
      + this.#event('content_block_start', { index: this.#blocks - 1, content_block: block });
  }

  /** @param {object} delta */
  #delta(delta) {
    return this.#event('content_block_delta', { index: this.#blocks - 1, delta });
  }

  /** @param {string} text */
  text(text) {
    const opened = this.#isText ? '' : this.#block({ type: 'text', text: '' });
    this.#isText = true;
    return opened + this.#delta({ type: 'text_delta', text });
  }

  /** @param {string} name @param {string} args */
  call(name, args) {
    this.#isText = false;
    this.#hasCalls = true;
    const half = Math.ceil(args.length / 2);
    const id = `toolu_${this.#blocks}`;
    return [
      this.#block({ type: 'tool_use', id, name, input: {} }),
      this.#delta({ type: 'input_json_delta', partial_json: args.slice(0, half) }),
      this.#delta({ type: 'input_json_delta', partial_json: args.slice(half) }),
    ].join('');
  }

  /** @param {{input: number, output: number}} [usage] */
  end(usage) {
    const delta = { stop_reason: this.#hasCalls ? 'tool_use' : 'end_turn', stop_sequence: null };
    const counted = usage && { input_tokens: usage.input, output_tokens: usage.output };
    return [
      this.#block(),
      this.#event('message_delta', { delta, usage: counted ?? {} }),
      this.#event('message_stop'),
    ].join('');
  }
}

/**
 * Starts a provider.
 * @param {(completion: Completion, at: number) => void} [act] what it does with each request; a
 *   test that takes the requests by `next` answers them itself
 */
export async function startProvider(act) {
  /** @type {Completion[]} */
  const completions = [];
  let taken = 0;
  const server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const isKnown = ['/v1/chat/completions', '/v1/messages'].includes(request.url ?? '');
      if (request.method !== 'POST' || !isKnown) {
        response.writeHead(404).end();
        return;
      }
      const body = JSON.parse(Buffer.concat(parts).toString());
      const completion = new Completion(request, response, body);
      completions.push(completion);
      act?.(completion, completions.length - 1);
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
