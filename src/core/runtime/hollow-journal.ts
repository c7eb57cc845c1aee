/**
 * The memory of a hollow machine: what Docker's own disk state is to real pods. One JSON line per change is appended
 * with a plain write, so the page cache has it before the call is answered and `kill -9` of the daemon loses nothing.
 * Opening replays the lines and writes them back shortened. Without a file the state lives as long as the object.
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

export class HollowJournal {
  readonly sandboxes = new Map<string, HollowSandbox>();
  readonly containers = new Map<string, HollowContainer>();
  readonly #file: string | undefined;

  constructor(file?: string) {
    this.#file = file;
    if (file) this.#open(file);
  }

  putSandbox(sandbox: HollowSandbox): void {
    this.#apply({ sandbox }, true);
  }

  putContainer(container: HollowContainer): void {
    this.#apply({ container }, true);
  }

  remove(id: string): void {
    this.#apply({ removed: id }, true);
  }

  #apply(line: Line, record: boolean): void {
    if ('sandbox' in line) this.sandboxes.set(line.sandbox.id, line.sandbox);
    else if ('container' in line) this.containers.set(line.container.status.id, line.container);
    else if (!this.sandboxes.delete(line.removed)) this.containers.delete(line.removed);
    if (record && this.#file) appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  #open(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    // A write cut short by a crash leaves a last line without its end; that change was never answered.
    if (existsSync(file)) {
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      for (const line of lines) this.#apply(JSON.parse(line) as Line, false);
    }
    const kept: Line[] = [
      ...[...this.sandboxes.values()].map((sandbox) => ({ sandbox })),
      ...[...this.containers.values()].map((container) => ({ container })),
    ];
    writeFileSync(`${file}.new`, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(`${file}.new`, file);
  }
}
