/** What a verb may touch of the world outside: streams, environment, time, interruption. Tests hand in their own. */
import { type Clock, realClock } from '../async/clock.ts';
import type { Connection, Target } from './connection.ts';
import { Interrupted } from './errors.ts';

export interface Output {
  write(data: string | Uint8Array): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export interface Context {
  stdin: AsyncIterable<Uint8Array | string>;
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** Aborts with an Interrupted on SIGINT or SIGTERM. A verb that never reads it is ended by the signal at once. */
  readonly signal: AbortSignal;
  /** `-v`: 6 and above names each request, 8 and above shows stacks. */
  verbosity: number;
  /** Replaces the usual choice of a server; tests connect to one in their own process. */
  connect?(target: Target): Promise<Connection>;
}

/** The context of this process. */
export function processContext(): Context {
  const controller = new AbortController();
  let watched = false;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    const reason = new Interrupted(signal);
    if (!watched || controller.signal.aborted) process.exit(reason.exitCode);
    controller.abort(reason);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // The reader of a pipe is gone (`kubecfg get -w pods | head -1`): nobody is left to work for.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    clock: realClock,
    verbosity: 0,
    get signal() {
      watched = true;
      return controller.signal;
    },
  };
}
