/** The built worker with another configuration, or behind a module of a test's own. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dist } from './paths.mjs';
import { temporaryFolder } from './processes.mjs';

/**
 * A copy of the built worker whose configuration is what `change` makes of it.
 * @param {(config: string) => string} change
 * @returns {string} its folder
 */
export function configured(change) {
  const folder = join(temporaryFolder(), 'worker');
  cpSync(join(dist, 'worker'), folder, { recursive: true });
  const path = join(folder, 'config.capnp');
  const config = readFileSync(path, 'utf8');
  const changed = change(config);
  if (changed === config) throw new Error('the configuration is not what the test knows');
  writeFileSync(path, changed);
  return folder;
}

/** The same with another service `connector`. @param {string} service what reaches it, as Cap'n Proto */
export const withConnector = (service) =>
  configured((config) =>
    config.replace(/\(name = "connector", network = \(.*?\)\)\)/s, `(name = "connector", ${service})`));

/**
 * A copy of the built worker with a module before its own, which is imported as `./shim.js`.
 * @param {(classes: string[]) => string} source of that module: it exports the worker's handlers
 *   and the classes of these names
 * @returns {string} its folder
 */
export function behind(source) {
  /** @type {string[]} */
  let classes = [];
  const folder = configured((config) => {
    classes = [...config.matchAll(/className = "(\w+)"/g)].map(([, name]) => name);
    const line = '(name = "before.js", esModule = embed "before.js"),\n';
    return config.replace(/^.*\(name = "shim\.js"/m, (first) => line + first);
  });
  writeFileSync(join(folder, 'before.js'), source(classes));
  return folder;
}
