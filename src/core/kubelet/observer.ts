/**
 * What runs on the machine, as it was seen last. Many workers ask at the same time, so looks are shared: whoever asks
 * gets a look that began after he asked, and at most one look is under way.
 */
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { type Runtime, type RuntimeContainer, RuntimeGoneError, type RuntimePod } from '../runtime/runtime.ts';
import { terminationMessage } from './termination-message.ts';

export interface ObserverDeps {
  runtime: Runtime;
  clock: Clock;
  log: Logger;
  /** Something of this pod is not as it was. */
  changed(uid: string): void;
  /** The engine went away, or answers again. */
  engine(answers: boolean): void;
  /** What is known is true again, for the first time or after looks had failed. */
  current(): void;
}

const retryMs = 1_000;

export class Observer {
  readonly #deps: ObserverDeps;
  #pods = new Map<string, RuntimePod>();
  #messages = new Map<string, string>();
  #current = false;
  #looking: Promise<void> | undefined;
  #nextLook: Promise<void> | undefined;
  #retry: Timer | undefined;
  #unsubscribe = () => {};
  #stopped = false;

  constructor(deps: ObserverDeps) {
    this.#deps = deps;
  }

  /** From here on the runtime's events lead to looks. */
  start(): void {
    this.#unsubscribe = this.#deps.runtime.subscribe((event) => {
      if (event.type === 'gone') this.#lost(new RuntimeGoneError('the engine went away'));
      this.glance();
    });
    this.glance();
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#retry?.cancel();
  }

  /** False while the last look failed: what is known may then be wrong, and nothing is planned on it. */
  get current(): boolean {
    return this.#current;
  }
  pod(uid: string): RuntimePod | undefined {
    return this.#pods.get(uid);
  }
  pods(): Iterable<RuntimePod> {
    return this.#pods.values();
  }
  terminationMessage(containerID: string): string | undefined {
    return this.#messages.get(containerID);
  }

  /** A look that nobody waits for. */
  glance(): void {
    void this.look();
  }

  /** Resolves after a look that began no earlier than this call, whether it succeeded (`current`) or not. */
  look(): Promise<void> {
    if (!this.#looking) {
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
      return this.#looking;
    }
    this.#nextLook ??= this.#looking.then(() => {
      this.#nextLook = undefined;
      return this.look();
    });
    return this.#nextLook;
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    this.#retry?.cancel();
    try {
      const pods = await this.#deps.runtime.listPods();
      await this.#readMessages(pods);
      this.#publish(pods);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #publish(pods: readonly RuntimePod[]): void {
    const before = this.#pods;
    this.#pods = new Map(pods.map((pod) => [pod.identity.uid, pod]));
    this.#deps.engine(true);
    if (!this.#current) {
      this.#current = true;
      this.#deps.current();
      return;
    }
    for (const uid of new Set([...before.keys(), ...this.#pods.keys()])) {
      if (outline(before.get(uid)) !== outline(this.#pods.get(uid))) this.#deps.changed(uid);
    }
  }

  #failed(error: Error): void {
    this.#lost(error);
    // The engine's own `back` comes sooner; but it need not have noticed that it was away.
    if (!this.#stopped) this.#retry = this.#deps.clock.after(retryMs, () => this.glance());
  }

  #lost(error: Error): void {
    if (this.#current) this.#deps.log.warn(`cannot observe the runtime: ${error.message}`);
    this.#current = false;
    if (error instanceof RuntimeGoneError) this.#deps.engine(false);
  }

  async #readMessages(pods: readonly RuntimePod[]): Promise<void> {
    const messages = new Map<string, string>();
    const read = async (container: RuntimeContainer) => {
      if (container.state !== 'exited') return;
      const known = this.#messages.get(container.id);
      messages.set(container.id, known ?? (await terminationMessage(this.#deps.runtime, container)));
    };
    await Promise.all(pods.flatMap((pod) => pod.containers.map(read)));
    this.#messages = messages;
  }
}

/** What a plan depends on, as text that is quick to compare. */
function outline(pod: RuntimePod | undefined): string {
  if (!pod) return '';
  return [
    ...pod.sandboxes.map((s) => `${s.id} ${s.state} ${s.ip}`),
    ...pod.containers.map((c) => `${c.id} ${c.state}`),
  ].join();
}
