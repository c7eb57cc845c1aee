/**
 * Processes that outlive the one that starts them. A file holds the pid together with the start time that the kernel
 * gives, so that a process which got the same pid later is not taken for the one that was started.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

export interface DetachedProcess {
  command: readonly string[];
  /** Gets pid and start time. */
  pidFile: string;
  /** Gets what it prints. */
  log: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts it, unless it runs. Answers its pid. */
export function startDetached({ command, pidFile, log, env = process.env }: DetachedProcess): number {
  const running = detachedPid(pidFile);
  if (running !== undefined) return running;
  const out = openSync(log, 'a', 0o600);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { detached: true, env, stdio: ['ignore', out, out] });
  closeSync(out);
  // A program that does not exist; whoever waits for what it should do says so.
  child.on('error', () => {});
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  writeFileSync(pidFile, `${pid} ${startTime(pid) ?? ''}\n`);
  return pid;
}

/** The pid of the process that was started with this file, if it lives. */
export function detachedPid(pidFile: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(pidFile, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, started] = text.trim().split(' ');
  return started !== undefined && startTime(Number(pid)) === started ? Number(pid) : undefined;
}

/** Ends it: politely, and after `graceMs` for good. Resolves when it is gone. */
export async function stopDetached(pidFile: string, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  let signal: NodeJS.Signals | undefined = 'SIGTERM';
  for (let pid = detachedPid(pidFile); pid !== undefined; pid = detachedPid(pidFile)) {
    if (signal) process.kill(pid, signal);
    signal = performance.now() < deadline ? undefined : 'SIGKILL';
    // The end of a process that is not our child cannot be awaited: look until it is gone.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  rmSync(pidFile, { force: true });
}

/** In clock ticks since the machine started; undefined for a process that is gone or only waits to be reaped. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
