/** Requests as they are on the wire, for what no client would send. */

import { connect } from 'node:net';

/**
 * Sends a request and reads its reply to the end.
 * @param {{port: number}} worker
 * @param {string[]} head the request line and its headers
 * @param {string} [body]
 */
export async function exchange({ port }, head, body = '') {
  const socket = connect(port, '127.0.0.1');
  const lines = [...head, 'host: 127.0.0.1', 'connection: close', `content-length: ${Buffer.byteLength(body)}`];
  // Latin-1, so that any byte can be in a header.
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  socket.write(body);
  let reply = '';
  for await (const part of socket.setEncoding('utf8')) reply += part;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]), code: /"code":"(\w+)"/.exec(reply)?.[1], reply };
}
