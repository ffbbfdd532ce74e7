/** What is on the worker's disk. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files below a folder that hold a text, whichever table or page it is in.
 * @param {string} folder
 * @param {string} text
 */
export function filesWith(folder, text) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
