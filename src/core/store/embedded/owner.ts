/**
 * Who has a data directory open. The record lies in the LMDB file itself: LMDB's write lock makes looking and claiming
 * one step, also between processes, and a crash leaves nothing behind that could not be told from a living owner.
 */
import { readFileSync } from 'node:fs';
import { StoreLockedError } from '../store.ts';

interface Owner {
  pid: number;
  /** Boot and start time: a pid alone may have passed on to another process, also over a reboot. */
  startedAt?: string | undefined;
}

/** Directories open in this process, for which its pid says nothing. */
const openHere = new Set<string>();

export function holdHere(dir: string): void {
  if (openHere.has(dir)) throw new StoreLockedError(dir, process.pid);
  openHere.add(dir);
}

export function releaseHere(dir: string): void {
  openHere.delete(dir);
}

/** Returns what to record as owner, or throws StoreLockedError when the recorded one is another process that lives. */
export function claim(dir: string, recorded: Buffer | undefined): Buffer {
  const owner: Owner | undefined = recorded && JSON.parse(recorded.toString());
  if (owner && owner.pid !== process.pid && lives(owner)) throw new StoreLockedError(dir, owner.pid);
  return Buffer.from(JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) } satisfies Owner));
}

function lives({ pid, startedAt }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // EPERM: it lives, under another user
  }
  const start = startOf(pid);
  return start !== 'ended' && (start === undefined || startedAt === undefined || start === startedAt);
}

/** proc(5): field 3 is the state, field 22 the start in clock ticks since boot. Undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended'; // killed, and its parent has not looked yet
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}
