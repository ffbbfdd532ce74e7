/** Reads a stream of server-sent events, by the rules of the HTML standard that matter here. */

/**
 * @typedef {{id?: string, event?: string, data?: any, comment?: string}} Frame
 *   an event with its data parsed as JSON, or a comment
 */

/**
 * Parses the text between two blank lines.
 * @param {string} block
 * @param {(text: string) => any} parse
 * @returns {Frame}
 */
function frame(block, parse) {
  /** @type {Frame} */
  const frame = {};
  const data = [];
  for (const line of block.split('\n')) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (line.startsWith(':')) frame.comment = line.slice(1).trim();
    else if (name === 'id') frame.id = value;
    else if (name === 'event') frame.event = value;
    else if (name === 'data') data.push(value);
    else throw new Error(`not a field of an event: ${JSON.stringify(line)}`);
  }
  if (data.length) frame.data = parse(data.join('\n'));
  return frame;
}

/**
 * The frames of a response, comments included, as they arrive.
 * @param {Response} response
 * @param {(text: string) => any} [parse] reads their data
 * @returns {AsyncGenerator<Frame>}
 */
export async function* frames(response, parse = JSON.parse) {
  if (!response.body) throw new Error('the response has no body');
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of /** @type {any} */ (response.body)) {
    text += decoder.decode(chunk, { stream: true });
    let end;
    while ((end = text.indexOf('\n\n')) >= 0) {
      yield frame(text.slice(0, end), parse);
      text = text.slice(end + 2);
    }
  }
  if (text) throw new Error(`the stream ends inside a frame: ${JSON.stringify(text)}`);
}

/**
 * Every event of a response that comes to its end; comments are left out.
 * @param {Response} response
 */
export async function events(response) {
  const all = [];
  for await (const frame of frames(response)) if (frame.data) all.push(frame);
  return all;
}

/**
 * Reads up to the first event of a type and leaves the stream open, as leaving a loop would not.
 * @param {AsyncGenerator<Frame>} stream
 * @param {string} type
 */
export async function until(stream, type) {
  const seen = [];
  for (;;) {
    const { value, done } = await stream.next();
    if (done) throw new Error(`the stream ended before ${type}: ${JSON.stringify(seen)}`);
    if (value.data) seen.push(value);
    if (value.data?.type === type) return seen;
  }
}

/** The text of an answer. @param {Frame[]} events */
export const textOf = (events) =>
  events.flatMap(({ data }) => (data.type === 'delta' ? [data.text] : [])).join('');

/** The type of each event, runs of deltas as one. @param {Frame[]} events */
export const shapeOf = (events) =>
  events.map(({ data }) => data.type).filter((type, at, all) => type !== 'delta' || all[at - 1] !== type);
