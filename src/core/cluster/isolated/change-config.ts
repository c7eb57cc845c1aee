/** Changes of a record that several processes may change: no daemon stands between them. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { type ClusterConfig, readConfig, writeConfig } from '../config.ts';
import { paths } from '../paths.ts';

/** A change takes a fraction of a millisecond. */
const waitMsMax = 5_000;
const tryEveryMs = 2;

/** Changes the record as it is now. Two processes that do so at the same time come one after the other. */
export function changeConfig(dataDir: string, change: (config: ClusterConfig) => void): void {
  const lock = `${paths(dataDir).config}.lock`;
  take(lock);
  try {
    const config = readConfig(dataDir);
    if (!config) throw new Error(`${dataDir} holds no cluster any more`);
    change(config);
    writeConfig(dataDir, config);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Waits without a turn of the event loop: between reading and writing nothing else of this process may come. */
function take(lock: string): void {
  const deadline = performance.now() + waitMsMax;
  while (!tryTake(lock)) {
    if (performance.now() > deadline) throw new Error(`${lock} is held by another process`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tryEveryMs);
  }
}

function tryTake(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Its holder may have been killed. One that has only just made the file has not written its number yet. */
function isHeld(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
