/** The worker's replies against its own description. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv2020 from 'ajv/dist/2020.js';

import { root } from './paths.mjs';

/** The description, as it is served. */
export const description = JSON.parse(readFileSync(join(root, 'worker/openapi.json'), 'utf8'));

/** Ajv's class, however the module is read. */
const Ajv = /** @type {any} */ (Ajv2020).default ?? Ajv2020;
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'openapi', ...description });

/** The pattern of a path. @param {string} path without a query */
function patternOf(path) {
  const fits = (/** @type {string} */ pattern) => {
    const [given, known] = [path.split('/'), pattern.split('/')];
    return given.length === known.length && known.every((part, at) => part.startsWith('{') || part === given[at]);
  };
  // A pattern without a placeholder goes before one with some.
  return Object.keys(description.paths)
    .filter(fits)
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** Where a schema is. @param {string[]} steps */
const at = (...steps) =>
  `openapi#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/**
 * A reply is one that the description has, and its body is of the schema there; what the
 * description does not have is refused in its form.
 * @param {string} method
 * @param {Response} response which is read
 * @returns {Promise<any>} its body, if it is JSON
 */
export async function described(method, response) {
  const pattern = patternOf(new URL(response.url).pathname);
  const operation = description.paths[pattern]?.[method.toLowerCase()];
  const name = `${method} ${response.url}: ${response.status}`;
  assert.match(response.headers.get('x-request-id') ?? '', /^[\w.-]{8,64}$/, name);
  const key = operation?.responses[response.status] ? String(response.status) : 'default';
  const text = await response.text();
  const isRefusal = key === 'default';
  if (isRefusal) assert.ok(response.status >= 400, `${name} is not described: ${text}`);
  const types = isRefusal ? ['application/json'] : Object.keys(operation.responses[key].content ?? {});
  if (types.length === 0 && text === '') return text;
  const type = (response.headers.get('content-type') ?? '').split(';')[0];
  assert.ok(types.includes(type) || types[0] === 'application/octet-stream', `${name} is ${type}`);
  if (type !== 'application/json') return text;
  const body = JSON.parse(text);
  const schema = isRefusal
    ? at('components', 'schemas', 'ErrorBody')
    : at('paths', pattern, method.toLowerCase(), 'responses', key, 'content', type, 'schema');
  const hasSchema = isRefusal || operation.responses[key].content[type]?.schema;
  if (hasSchema) {
    const validate = ajv.getSchema(schema);
    assert.ok(validate, schema);
    assert.ok(validate(body), `${name}: ${ajv.errorsText(validate.errors)}\n${text}`);
  }
  return body;
}
