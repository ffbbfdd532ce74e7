/** The trainer as tests call it. */

import { execFileSync, spawnSync } from 'node:child_process';

import { trainerProgram } from './paths.mjs';

/**
 * Runs `aisle` in an environment with more in it.
 * @param {Record<string, string>} env
 * @param {string[]} args
 * @returns {string} what it printed
 */
export const aisleIn = (env, ...args) => execFileSync(trainerProgram(), args, {
  encoding: 'utf8',
  env: { ...process.env, ...env },
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'ignore'],
});

/** Runs `aisle`. @param {string[]} args @returns {string} what it printed */
export const aisle = (...args) => aisleIn({}, ...args);

/**
 * Runs `aisle`, which must fail.
 * @param {Record<string, string>} env
 * @param {string[]} args
 * @returns {string} what it said of that
 */
export function aisleFails(env, ...args) {
  const options = { encoding: /** @type {const} */ ('utf8'), env: { ...process.env, ...env } };
  const { status, stderr } = spawnSync(trainerProgram(), args, options);
  if (status === 0) throw new Error(`aisle ${args.join(' ')} did not fail`);
  return stderr;
}
