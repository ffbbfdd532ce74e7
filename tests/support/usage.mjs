/** What the kernel tells of a process. */

import { readFileSync } from 'node:fs';

/** Ticks of `/proc/PID/stat` in a second. */
const TICKS = 100;

/** CPU time that a process has taken so far, in ms. @param {number | undefined} pid */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
}

/**
 * A process's memory in MB: what it has now, or the most that it ever had.
 * @param {number | undefined} pid
 * @param {'VmRSS' | 'VmHWM'} which
 */
export function memoryMb(pid, which) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${which}:\\s*(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
}
