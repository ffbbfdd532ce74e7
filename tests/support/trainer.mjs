/** The trainer as tests call it. */

import { execFileSync } from 'node:child_process';

import { trainerProgram } from './paths.mjs';

/** Runs `aisle`. @param {string[]} args @returns {string} what it printed */
export const aisle = (...args) => execFileSync(trainerProgram(), args, {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  stdio: ['ignore', 'pipe', 'ignore'],
});
