/** What the kernel tells of a worker's process. */

import { readFileSync } from 'node:fs';

/** @typedef {import('./worker.mjs').Worker} Worker */

/** Ticks of `/proc/PID/stat` in a second. */
const TICKS = 100;

const told = (/** @type {Worker} */ { server }, /** @type {string} */ file) =>
  readFileSync(`/proc/${server?.child.pid}/${file}`, 'utf8');

/** CPU time that a worker has taken so far, in ms. @param {Worker} worker */
export function cpuMs(worker) {
  const stat = told(worker, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
}

/**
 * A worker's memory in MB: what it has now, or the most that it ever had.
 * @param {Worker} worker
 * @param {'VmRSS' | 'VmHWM'} which
 */
export function memoryMb(worker, which) {
  return Number(new RegExp(`${which}:\\s*(\\d+) kB`).exec(told(worker, 'status'))?.[1] ?? NaN) / 1024;
}
