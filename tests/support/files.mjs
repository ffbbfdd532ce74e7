/** A page of our own in the browser, with files of this machine. */

import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { dist } from './paths.mjs';

const TYPES = /** @type {Record<string, string>} */ ({
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
});

/**
 * Serves folders, by the first part of the path, and an empty page at `/`. The page is isolated
 * from all others, for which browsers give it a finer clock.
 * @param {Record<string, string>} folders
 */
export async function serveFolders(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname));
    const [, folder, ...rest] = path.split('/');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    try {
      if (path === '/') {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
        return;
      }
      const content = await readFile(join(folders[folder] ?? '/nowhere', ...rest));
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () => new Promise((done) => server.close(done).closeAllConnections()),
  };
}

/** Paths of the engine's files under `/assets`, as the site names them. */
export async function engineFiles() {
  const names = await readdir(join(dist, 'site/assets'));
  const path = (/** @type {RegExp} */ pattern) => {
    const name = names.find((name) => pattern.test(name));
    if (!name) throw new Error(`the site has no file like ${pattern}`);
    return `/assets/${name}`;
  };
  return { glue: path(/^engine-[0-9a-f]+\.js$/), wasm: path(/^engine-[0-9a-f]+\.wasm$/) };
}
