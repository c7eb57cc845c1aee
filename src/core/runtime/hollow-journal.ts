/**
 * The memory of a hollow machine: what Docker's own disk state is to real pods. One JSON line per change is appended
 * with a plain write, so the page cache has it before the call is answered and `kill -9` of the daemon loses nothing.
 * Opening replays the lines; a file that has grown long is written anew. Without a file the state lives as long as the object.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerConfig, RuntimeContainer, SandboxConfig } from './runtime.ts';

export interface HollowSandbox {
  id: string;
  state: 'running' | 'exited';
  createdAt: number;
  config: SandboxConfig;
}

export interface HollowContainer {
  sandboxId: string;
  config: ContainerConfig;
  status: RuntimeContainer;
  /** The newest lines only. */
  log: { at: number; text: string }[];
}

type Line = { sandbox: HollowSandbox } | { container: HollowContainer } | { removed: string };

/** Lines that may be written on top of ten for each pod before the file is shortened. */
const slackLines = 1000;

export class HollowJournal {
  readonly sandboxes = new Map<string, HollowSandbox>();
  readonly containers = new Map<string, HollowContainer>();
  readonly #file: string | undefined;
  #lines = 0;

  constructor(file?: string) {
    this.#file = file;
    if (!file) return;
    mkdirSync(dirname(file), { recursive: true });
    // A write cut short by a crash leaves a last line without its end; that change was never answered.
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    for (const line of lines) this.#apply(JSON.parse(line) as Line);
    this.#shorten(file);
  }

  putSandbox(sandbox: HollowSandbox): void {
    this.#record({ sandbox });
  }

  putContainer(container: HollowContainer): void {
    this.#record({ container });
  }

  remove(id: string): void {
    this.#record({ removed: id });
  }

  #record(line: Line): void {
    this.#apply(line);
    if (!this.#file) return;
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    if (++this.#lines > slackLines + 10 * this.sandboxes.size) this.#shorten(this.#file);
  }

  #apply(line: Line): void {
    if ('sandbox' in line) this.sandboxes.set(line.sandbox.id, line.sandbox);
    else if ('container' in line) this.containers.set(line.container.status.id, line.container);
    else if (!this.sandboxes.delete(line.removed)) this.containers.delete(line.removed);
  }

  /** Replaces the history by what is left of it, in one step. */
  #shorten(file: string): void {
    const kept: Line[] = [
      ...[...this.sandboxes.values()].map((sandbox) => ({ sandbox })),
      ...[...this.containers.values()].map((container) => ({ container })),
    ];
    writeFileSync(`${file}.new`, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(`${file}.new`, file);
    this.#lines = kept.length;
  }
}
