/** The range of a host's pods stands on its Node: a controller gave it, or the host brought it when it joined. */
import { Node } from '../api/kinds/index.ts';
import { isAlreadyExists } from '../api/status.ts';
import type { Clock } from '../async/clock.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { MachineRecord } from './config.ts';

/** Controllers that have just started take their time to lead. */
const givenWithinMs = 60_000;

/** What the Node of an earlier start has, wins. Registers the node where there is none, and waits until it is given a range. */
export async function podRangeOf(
  { name }: MachineRecord,
  providerID: string,
  { client, informers, clock }: { client: Client; informers: Informers; clock: Clock },
): Promise<string> {
  await client.create(Node, { metadata: { name }, spec: { providerID } }).catch((e: unknown) => {
    if (!isAlreadyExists(e)) throw e;
  });
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    const finish = (end: () => void) => {
      timer.cancel();
      unsubscribe();
      end();
    };
    const timer = clock.after(givenWithinMs, () => finish(() => reject(new Error(nobodyGave(name)))));
    unsubscribe = informers.for(Node).subscribe(({ type, object }) => {
      const { podCIDR } = object.spec;
      if (type !== 'deleted' && object.metadata.name === name && podCIDR) finish(() => resolve(podCIDR));
    });
  });
}

const nobodyGave = (name: string) =>
  `node ${name} was given no pod range: its events tell when none is free; --pod-cidr names one`;
