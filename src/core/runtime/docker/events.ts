/**
 * The engine's changes, read from one stream for the whole process and handed to the machines they belong to. When
 * the stream breaks all hear `gone`; when it is open again, `back`: what happened in between has to be observed anew.
 */
import { type Clock, sleep } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { RuntimeEvent } from '../runtime.ts';
import { ask, type Docker } from './client.ts';
import { jsonLines } from './json-lines.ts';
import { type Labels, labels, type Place, podOf } from './labels.ts';

const types: Record<string, RuntimeEvent['type']> = { start: 'started', die: 'died', destroy: 'removed' };
const retryFirstMs = 100;
const retryMostMs = 5_000;

type Listener = (event: RuntimeEvent) => void;

export class EventFeed {
  readonly #options: { docker: Docker; clock: Clock; log: Logger };
  readonly #subscribers = new Set<{ place: Place; listener: Listener }>();
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: { docker: Docker; clock: Clock; log: Logger }) {
    this.#options = options;
  }

  /** Resolves when the stream is open: nothing that happens later is missed. */
  async start(): Promise<void> {
    this.#running = this.#follow(await this.#open());
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  subscribe(place: Place, listener: Listener): () => void {
    const subscriber = { place, listener };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  async #follow(first: NodeJS.ReadableStream): Promise<void> {
    for (let stream: NodeJS.ReadableStream | undefined = first; stream; ) {
      const reason = await this.#read(stream);
      if (this.#stopped.signal.aborted) return;
      this.#options.log.warn(`the Docker engine is gone: ${reason}`);
      this.#tellAll({ type: 'gone' });
      stream = await this.#reopen();
      if (!stream) return;
      this.#options.log.info('the Docker engine is back');
      this.#tellAll({ type: 'back' });
    }
  }

  /** Hands on what the stream brings until it breaks; answers why it did. */
  async #read(stream: NodeJS.ReadableStream): Promise<string> {
    try {
      for await (const line of jsonLines(stream)) this.#dispatch(line as DockerEvent);
      return 'its event stream ended';
    } catch (error) {
      return (error as Error).message;
    }
  }

  #open(): Promise<NodeJS.ReadableStream> {
    const filters = { type: ['container' as const], event: Object.keys(types), label: [labels.cluster] };
    return ask(this.#options.docker.getEvents({ filters, abortSignal: this.#stopped.signal }));
  }

  /** Undefined when the feed was stopped meanwhile. */
  async #reopen(): Promise<NodeJS.ReadableStream | undefined> {
    for (let wait = retryFirstMs; ; wait = Math.min(2 * wait, retryMostMs)) {
      await sleep(this.#options.clock, wait, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return undefined;
      try {
        return await this.#open();
      } catch {
        // It is still away; how long it has been is told by the line in the log.
      }
    }
  }

  #dispatch({ Action, Actor }: DockerEvent): void {
    const type = types[Action];
    if (!type) return;
    const attributes = Actor.Attributes;
    for (const { place, listener } of [...this.#subscribers]) {
      if (attributes[labels.cluster] !== place.cluster || attributes[labels.machine] !== place.machine) continue;
      listener({ type, pod: podOf(attributes), containerId: Actor.ID });
    }
  }

  #tellAll(event: RuntimeEvent): void {
    for (const { listener } of [...this.#subscribers]) listener(event);
  }
}

interface DockerEvent {
  Action: string;
  Actor: { ID: string; Attributes: Labels };
}
