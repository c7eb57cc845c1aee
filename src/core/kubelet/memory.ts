/** What this kubelet remembers of its pods between two plans. All of it may be lost in a crash. */
import { Tries } from './tries.ts';

export interface PodMemory {
  /** This node takes the pod. */
  admitted: boolean;
  rejection?: { reason: string; message: string };
  volumesReady: boolean;
  /** When files from the API were last brought up to date. */
  filesAt: number;
  /** The API was told that it may forget the pod. */
  deletionFinished: boolean;
  /** By container: the instance that was stopped to start anew. */
  readonly mustRestart: Map<string, string>;
  /** By container: the instance whose post-start hook runs, or why it failed. */
  readonly postStart: Map<string, { id: string; failure?: string }>;
}

export class PodMemories {
  readonly #pods = new Map<string, PodMemory>();
  /** Sandboxes, volumes and containers that could not be made: soon tried again, as what is missing may be on its way. */
  readonly tries = new Tries({ firstMs: 1_000, maxMs: 60_000 });

  of(uid: string): PodMemory {
    let memory = this.#pods.get(uid);
    if (!memory) {
      memory = {
        ...{ admitted: false, volumesReady: false, filesAt: 0, deletionFinished: false },
        mustRestart: new Map(),
        postStart: new Map(),
      };
      this.#pods.set(uid, memory);
    }
    return memory;
  }

  forget(uid: string): void {
    this.#pods.delete(uid);
    this.tries.forget(uid);
  }
}
