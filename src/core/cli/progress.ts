/**
 * What long commands say while they work: a line per step and machine (`==> core-01: ready`), and on a terminal a bar
 * for what has a known length.
 */
import type { Context, Output } from './context.ts';

export interface Step {
  /** The machine it is about; the cluster as a whole when absent. */
  machine?: string | undefined;
  message: string;
  /** Bytes of a transfer. Without a terminal only its end is worth a line. */
  done?: number | undefined;
  total?: number | undefined;
}

export interface Reporter {
  (step: Step): void;
  /** Ends a bar that is still shown. */
  end(): void;
}

const barWidth = 30;
/** More often than this nobody can see. */
const redrawMs = 100;

export function createReporter({ stdout, clock }: Pick<Context, 'stdout' | 'clock'>): Reporter {
  const bar = stdout.isTTY ? new Bar(stdout, clock) : undefined;
  const report = (step: Step): void => {
    const isTransfer = step.done !== undefined && step.total !== undefined && step.total > 0;
    if (isTransfer && step.done! < step.total!) {
      bar?.draw(step as Transfer);
      return;
    }
    bar?.clear();
    stdout.write(`${lineOf(step)}\n`);
  };
  return Object.assign(report, { end: () => bar?.clear() });
}

type Transfer = Step & { done: number; total: number };

const lineOf = ({ machine, message }: Step) => `==> ${machine ? `${machine}: ` : ''}${message}`;

/** One line at the bottom that is written over until its transfer ends. */
class Bar {
  readonly #output: Output;
  readonly #clock: Context['clock'];
  #shown = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #started: { message: string; at: number; done: number } | undefined;

  constructor(output: Output, clock: Context['clock']) {
    this.#output = output;
    this.#clock = clock;
  }

  draw(step: Transfer): void {
    const now = this.#clock.monotonic();
    if (this.#started?.message !== step.message) {
      this.#started = { message: step.message, at: now, done: step.done };
    } else if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#shown = true;
    const text = `${lineOf(step)} ${barText(step)}${this.#rate(step, now)}`;
    this.#output.write(`\r\x1b[K${text.slice(0, (this.#output.columns ?? 80) - 1)}`);
  }

  /** ` 2.1 MB/s, 12 s left`, as `vagrant up` shows while it downloads. */
  #rate({ done, total }: Transfer, now: number): string {
    const seconds = (now - this.#started!.at) / 1000;
    const perSecond = (done - this.#started!.done) / seconds;
    if (!(perSecond > 0)) return '';
    return ` ${formatBytes(perSecond)}/s, ${Math.ceil((total - done) / perSecond)} s left`;
  }

  clear(): void {
    if (this.#shown) this.#output.write('\r\x1b[K');
    this.#shown = false;
  }
}

function barText({ done, total }: Transfer): string {
  const filled = Math.floor((done / total) * barWidth);
  return `[${'='.repeat(filled).padEnd(barWidth)}] ${Math.floor((done / total) * 100)} %`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${bytes < 10 && unit > 0 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}
