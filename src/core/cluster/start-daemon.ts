/** Starts a daemon in the background and waits until it is ready, fails, or the user gives up. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { reportFdVariable } from './daemon-report.ts';
import { type DaemonRecord, paths, runningDaemon } from './paths.ts';
import type { Progress, Report } from './progress.ts';

type Line = { progress: Progress } | { error: string } | { done: null };

export async function startDaemon(dataDir: string, report: Report, signal: AbortSignal): Promise<DaemonRecord> {
  const { log } = paths(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const logFd = openSync(log, 'a', 0o600);
  const env: NodeJS.ProcessEnv = { ...process.env, [reportFdVariable]: '3' };
  // Node would read that bundle at start, 34 ms; the daemon opens no TLS connection.
  delete env['NODE_EXTRA_CA_CERTS'];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'daemon', '--data-dir', dataDir], {
    detached: true,
    env,
    stdio: ['ignore', logFd, logFd, 'pipe'],
  });
  closeSync(logFd);
  const abort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', abort);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await outcome(child.stdio[3] as Readable, report);
  } catch (e) {
    child.kill('SIGTERM');
    await exited;
    if (signal.aborted) throw new Error('interrupted');
    throw new Error(`${(e as Error).message || `the daemon ended: ${lastLines(log)}`}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
  child.unref();
  const record = runningDaemon(dataDir);
  if (!record) throw new Error(`the daemon ended at once: ${lastLines(log)}`);
  return record;
}

/** Resolves at `done`; rejects with what the daemon says, or with an empty message when it ends without a word. */
function outcome(lines: Readable, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input: lines });
    reader.on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if ('progress' in line) report(line.progress);
      else if ('error' in line) reject(new Error(line.error));
      else {
        resolve();
        lines.destroy();
      }
    });
    reader.on('close', () => reject(new Error('')));
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}
