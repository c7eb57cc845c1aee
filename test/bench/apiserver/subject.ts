/** A server in a process of its own, and what a run against it costs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Rate } from './load.ts';

export interface Figures {
  readonly perSecond: number;
  /** Processor time of the server for each. */
  readonly cpuUs: number;
}

const children: ChildProcess[] = [];

export class Subject {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(file: string, ...args: string[]): Promise<Subject> {
    const child = fork(join(import.meta.dirname, file), args, { execArgv: ['--import', 'tsx'] });
    children.push(child);
    const [port] = await once(child, 'message');
    return new Subject(port, child);
  }

  async measure(run: (port: number) => Promise<Rate>): Promise<Figures> {
    const before = await this.#cpuUs();
    const { count, seconds } = await run(this.port);
    return { perSecond: count / seconds, cpuUs: ((await this.#cpuUs()) - before) / count };
  }

  async #cpuUs(): Promise<number> {
    this.#child.send('cpu');
    const [{ user, system }] = await once(this.#child, 'message');
    return user + system;
  }
}

export function endAll(): void {
  for (const child of children) child.kill();
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export function medianOf(figures: readonly Figures[]): Figures {
  return { perSecond: median(figures.map((f) => f.perSecond)), cpuUs: median(figures.map((f) => f.cpuUs)) };
}

export const say = (what: string, text: string): void => console.log(`${what.padEnd(44)} ${text}`);
export const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
const percent = (part: number, of: number) => `${Math.round((100 * part) / of)} %`;

export function sayShares(what: string, unit: string, ours: Figures, bare: Figures): void {
  const rate = `${whole(ours.perSecond)} ${unit}, bare ${whole(bare.perSecond)}: ${percent(ours.perSecond, bare.perSecond)}`;
  const cpu = `processor ${ours.cpuUs.toFixed(1)} µs, bare ${bare.cpuUs.toFixed(1)} µs: ${percent(bare.cpuUs, ours.cpuUs)}`;
  say(what, `${rate}; ${cpu}`);
}
