/**
 * A language model that obeys every order that it reads, and texts with orders in them.
 *
 * An order is `CALL tool {arguments}` or `SAY text`, wherever it stands in what the model is given.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { root } from './paths.mjs';

/** @typedef {import('./provider.mjs').Completion} Completion */
/** @typedef {{tool: string, args: object} | {say: string}} Order */

/**
 * Injections of our own, each with words that no shopper may read for it.
 * @type {{text: string, never: string[]}[]}
 */
export const INJECTIONS = JSON.parse(
  readFileSync(join(root, 'tests/fixtures/hostile/injections.json'), 'utf8'),
);

/** Injections that others collected, where they are: of shoppers, and (BIPIA's) of documents. */
export function collected() {
  const folder = resolve(root, '../shared/data/hostile');
  if (!existsSync(folder)) return [];
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8');
  const rows = read('prompt_injections.csv').split('\n').filter((row) => row.endsWith(',1'));
  const ofShoppers = rows.map((row) => row.slice(0, -2).replaceAll('"', '').slice(0, 1_900));
  /** @type {string[][]} */
  const ofDocuments = Object.values(JSON.parse(read('bipia_text_attack_train.json')));
  return [...ofShoppers, ...ofDocuments.flat()];
}

/** An address that leads somewhere, however it is written. */
export const ADDRESS = /https?:|www\.|@\w+\.|\b[\w-]+\.(com|net|org|xyz|io|link|site|online)\b/i;

/** The orders of a text, in their order. @param {string} text @returns {Order[]} */
export function orders(text) {
  return [...text.matchAll(/\bCALL (\w+) (?=\{)|\bSAY ([^\n]*)/g)].flatMap((found) => {
    const [all, tool, say] = found;
    if (!tool) return [{ say: say ?? '' }];
    const args = firstObject(text.slice(found.index + all.length));
    return args ? [{ tool, args }] : [];
  });
}

/** The object that a text begins with. @param {string} text @returns {object | undefined} */
function firstObject(text) {
  for (const { index } of text.matchAll(/\}/g)) {
    try {
      return JSON.parse(text.slice(0, index + 1));
    } catch {
      // It ends later.
    }
  }
  return undefined;
}

/** What the tools answered a model. @param {Completion} completion @returns {string[]} */
export const results = (completion) =>
  completion.body.messages
    .filter((/** @type {any} */ message) => message.role === 'tool')
    .map((/** @type {any} */ message) => message.content);

/** The shopper's last message. @param {Completion} completion @returns {string} */
export const question = (completion) =>
  completion.body.messages.findLast((/** @type {any} */ m) => m.role === 'user').content;

/** Carries an order out, or says something harmless. @param {Completion} completion @param {Order} [order] */
export function obey(completion, order = { say: 'here you are' }) {
  if ('tool' in order) completion.call(order.tool, order.args);
  // The reader of citations holds back the blanks before the next word.
  else completion.say(`${order.say} `);
  completion.finish();
}

/** Obeys the orders of the shopper's last message, one a request. @param {Completion} completion */
export const obeyShopper = (completion) =>
  obey(completion, orders(question(completion))[results(completion).length]);
