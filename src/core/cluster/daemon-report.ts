/** How a daemon tells the process that started it how far it is: lines of JSON on a pipe. */
import { closeSync, writeSync } from 'node:fs';
import type { Report } from './progress.ts';

/** The file descriptor on which `up`, having started this daemon, reads its progress. */
export const reportFdVariable = 'KUBECFG_REPORT_FD';

function reportFd(): number | undefined {
  const text = process.env[reportFdVariable];
  return text ? Number(text) : undefined;
}

/** Writes progress to whoever started this daemon, or to `otherwise`. */
export function reportToStarter(otherwise: Report): Report {
  return (progress) => {
    const fd = reportFd();
    if (fd === undefined) otherwise(progress);
    else writeLine(fd, { progress });
  };
}

/** Tells the starter that it failed, and why. */
export function reportFailure(message: string): void {
  const fd = reportFd();
  if (fd !== undefined) writeLine(fd, { error: message });
}

/** Tells the starter that all is up; it stops listening then. */
export function announceReady(): void {
  const fd = reportFd();
  if (fd === undefined) return;
  writeLine(fd, { done: null });
  closeSync(fd);
  // The number may become another file's.
  delete process.env[reportFdVariable];
}

function writeLine(fd: number, line: object): void {
  try {
    writeSync(fd, `${JSON.stringify(line)}\n`);
  } catch {
    // The starter went away; the daemon's own log tells the rest.
  }
}
