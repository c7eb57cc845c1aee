/** What every controller is made from. */
import type { Clock } from '../async/clock.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { EventRecorder } from '../client/recorder.ts';

export interface ControllerDeps {
  client: Client;
  informers: Informers;
  recorder: EventRecorder;
  clock: Clock;
}

/** One function for what several subscriptions returned. */
export function joined(...unsubscribers: (() => void)[]): () => void {
  return () => {
    for (const unsubscribe of unsubscribers) unsubscribe();
  };
}
