/** A shop whose products, reviews and documents are written by an enemy. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dist } from './paths.mjs';
import { aisle } from './trainer.mjs';

/** Where an enemy's text stands. @typedef {'title' | 'review' | 'document'} Place */

/**
 * One text of an enemy.
 * @typedef {{place: Place, text: string, name: string}} Planted
 *   `name`: of the product or the page that has it; no other one has that word
 */

const SYLLABLES = ['bar', 'den', 'fol', 'gim', 'hus', 'kar', 'lem', 'mor', 'nap', 'pir', 'rud', 'sel', 'tov', 'vin', 'wex'];
const syllable = (/** @type {number} */ at) => SYLLABLES[at % SYLLABLES.length] ?? '';

/** A word that is nobody else's: of three syllables, so that no slip of one is another. @param {number} at */
function word(at) {
  const second = Math.floor(at / SYLLABLES.length);
  const round = Math.floor(second / SYLLABLES.length);
  return [at, second, at * 7 + 3 + round].map(syllable).join('');
}

/**
 * Gives each text a place of its own.
 * @param {string[]} texts
 * @param {Place[]} places
 * @returns {Planted[]}
 */
export const planted = (texts, places) =>
  places.flatMap((place, row) =>
    texts.map((text, at) => ({ place, text, name: word(row * texts.length + at) })));

/** SKU of the product that is named so. @param {string} name */
export const skuOf = (name) => `SKU-${name}`;

const cell = (/** @type {string} */ text) => `"${text.replaceAll('"', '""')}"`;
const table = (/** @type {string[][]} */ rows) => rows.map((row) => row.map(cell).join(',')).join('\n');
const line = (/** @type {string} */ text) => text.replaceAll(/\s+/g, ' ');

/**
 * Makes the artifact of such a shop, with the demo shop's models.
 * @param {string} folder where everything is written
 * @param {Planted[]} all
 * @returns {string} the artifact's folder
 */
export function hostileArtifact(folder, all) {
  const shop = join(folder, 'data');
  mkdirSync(join(shop, 'documents'), { recursive: true });
  writeFileSync(join(shop, 'shop.toml'), 'name = "Thornfield"\ncurrency = "GBP"\n');
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(join(shop, name), `${text}\n`);

  const products = [['Handle', 'Title', 'Body (HTML)', 'Variant SKU', 'Variant Price', 'Image Src']];
  products.push(['red-mug', 'Red mug', 'A mug.', '22423', '4.25', '/images/mug.svg']);
  const reviews = [['sku', 'rating', 'title', 'text']];
  for (const { place, text, name } of all) {
    if (place === 'document') {
      write(`documents/${name}.md`, `---\ntitle: ${name}\n---\n\n## About ${name}\n\n${text.replaceAll('\n', '\n\n')}`);
      continue;
    }
    const title = place === 'title' ? line(`${name} lamp. ${text}`) : `${name} lamp`;
    products.push([name, title, text, skuOf(name), '12.50', '/images/lamp.svg']);
    if (place === 'review') {
      // A sentence is quoted if others speak of the same, so the order goes into one of the size.
      const order = text.split('\n').at(-1) ?? '';
      for (const opening of ['The size', 'Its size', 'What a size']) {
        reviews.push([skuOf(name), '5', 'Read this', `${opening} is right: ${order}`]);
      }
    }
  }
  write('products.csv', table(products));
  write('reviews.csv', table(reviews));
  const artifact = join(folder, 'artifact');
  aisle('index', '--shop', shop, '--models', join(dist, 'artifacts/demo'), '--out', artifact);
  return artifact;
}
