/**
 * Where the built parts are. `cargo xtask test` tells by environment variables; without them
 * everything is looked for where the build puts it.
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const { env } = process;

/** The repository. */
export const root = env.AISLE_ROOT ?? resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What `cargo xtask dist` makes: site, worker, artifacts. */
export const dist = env.AISLE_DIST ?? join(root, 'target/dist');

/** Where it is made. */
export const stage = join(dirname(dist), 'dist-stage');

/** The demo shop's server. */
export const shopProgram = () => env.AISLE_SHOP_BIN ?? built('aisle-demo-shop');

/** The trainer. */
export const trainerProgram = () => env.AISLE_TRAINER_BIN ?? built('aisle');

/** The runtime of the edge worker. The program itself, so that a signal reaches it. */
export const workerd = () =>
  env.AISLE_WORKERD ??
  found('workerd', [
    ...subfolders(join(root, 'worker/node_modules/@cloudflare')).map((at) => join(at, 'bin/workerd')),
    join(root, 'worker/node_modules/.bin/workerd'),
  ]);

/** The browser. */
export const chromium = () => {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (env.PATH ?? '').split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return env.AISLE_CHROMIUM ?? found('chromium', places);
};

/** LiteLLM's proxy, where there is one. */
export const litellm = env.AISLE_LITELLM;

/**
 * The latest build of a program of ours.
 * @param {string} name
 */
function built(name) {
  const target = env.CARGO_TARGET_DIR ?? join(root, 'target');
  const places = ['release', 'debug'].map((profile) => join(target, profile, name));
  const age = (/** @type {string} */ place) => (existsSync(place) ? statSync(place).mtimeMs : 0);
  return found(name, places.sort((a, b) => age(b) - age(a)));
}

/** @param {string} name @param {string[]} places */
function found(name, places) {
  const place = places.find((place) => existsSync(place));
  if (!place) throw new Error(`${name} is not built; looked at ${places.join(', ')}`);
  return place;
}

/** @param {string} folder */
function subfolders(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
