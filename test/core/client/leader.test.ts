/** Leader election: who leads, how the lead is handed over, and that nobody writes out of his term. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Event, Lease } from '../../../src/core/api/kinds/index.ts';
import type { Term } from '../../../src/core/api/request.ts';
import type { Running } from '../../../src/core/async/running.ts';
import { Client } from '../../../src/core/client/client.ts';
import { createInformers } from '../../../src/core/client/informers.ts';
import { newIdentity, runForLeader } from '../../../src/core/client/leader.ts';
import { withinTerm } from '../../../src/core/client/term.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { type VirtualClock, virtualClock } from '../../helpers/clock.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';
import { waitFor } from '../../helpers/wait.ts';

interface Runner extends Running {
  readonly leads: boolean;
  readonly clock: VirtualClock;
  /** The client of the work. */
  readonly client: Client;
  /** Nothing of it reaches the server any more. */
  cutOff: boolean;
  /** It is told nothing until this ends. */
  deafness: Promise<void> | undefined;
}

function run(plane: ControlPlane, identity: string, isGone?: (holder: string) => boolean): Runner {
  const clock = virtualClock();
  const state = { leads: false, cutOff: false, deafness: undefined as Promise<void> | undefined };
  let term: () => Term | undefined = () => undefined;
  const { transport } = plane.client;
  const flaky: Transport = {
    ...transport,
    async send(request) {
      if (state.cutOff) throw new Error('cut off');
      return transport.send(request);
    },
    async *watch(request, signal) {
      for await (const event of transport.watch(request, signal)) {
        await state.deafness;
        yield event;
      }
    },
  };
  const client = new Client(flaky);
  const informers = createInformers(client, plane.deps);
  const deps = { ...plane.deps, client, informers, clock };
  const running = runForLeader(deps, {
    name: 'work',
    identity,
    ...(isGone && { isGone }),
    lead(current) {
      term = current;
      state.leads = true;
      const stop = async () => {
        state.leads = false;
      };
      return { stop };
    },
  });
  return plane.run({
    get leads() {
      return state.leads;
    },
    set cutOff(value: boolean) {
      state.cutOff = value;
    },
    set deafness(value: Promise<void> | undefined) {
      state.deafness = value;
    },
    clock,
    client: new Client(withinTerm(transport, () => term())),
    async stop() {
      await running.stop();
      await informers.stop();
    },
  } as Runner);
}

const leaseOf = (plane: ControlPlane) => plane.client.get(Lease, 'kube-system', 'work');
const map = (name: string) => ({ metadata: { name, namespace: 'default' } });

test('one leads, and says so; when it ends, the next leads without waiting', () =>
  withControlPlane(async (plane) => {
    const a = run(plane, 'a');
    await waitFor(() => a.leads);
    const b = run(plane, 'b');
    await b.clock.advance(60_000 / 10);
    assert.deepEqual([a.leads, b.leads], [true, false]);
    assert.deepEqual((await leaseOf(plane)).spec.leaseTransitions, 0);

    await a.stop();
    await waitFor(() => b.leads);
    assert.equal(a.leads, false);
    const { holderIdentity, leaseTransitions } = (await leaseOf(plane)).spec;
    assert.deepEqual([holderIdentity, leaseTransitions], ['b', 1]);
    const said = await waitFor(
      async () => (await plane.client.list(Event, 'kube-system')).items.map(({ message }) => message).sort(),
      { until: ({ length }) => length === 3 },
    );
    assert.deepEqual(said, ['a became leader', 'a stopped leading', 'b became leader']);
  }));

test('who leads goes on leading as long as it renews', () =>
  withControlPlane(async (plane) => {
    const a = run(plane, 'a');
    await waitFor(() => a.leads);
    const b = run(plane, 'b');
    for (let i = 0; i < 30; i++) {
      await a.clock.advance(1_000);
      await b.clock.advance(1_000);
    }
    assert.deepEqual([a.leads, b.leads], [true, false]);
  }));

test('who cannot renew gives up before anybody takes over, which is within 15 s', () =>
  withControlPlane(async (plane) => {
    const a = run(plane, 'a');
    await waitFor(() => a.leads);
    const b = run(plane, 'b');
    await b.clock.advance(100);
    a.cutOff = true;
    await a.clock.advance(8_100);
    await b.clock.advance(8_100);
    assert.deepEqual([a.leads, b.leads], [false, false]);
    await assert.rejects(a.client.create(ConfigMap, map('late')), /not the leader any more/);
    await b.clock.advance(15_000 - 8_200);
    await waitFor(() => b.leads);
    // The connection is back: it stands by.
    a.cutOff = false;
    await a.clock.advance(5_000);
    assert.equal(a.leads, false);
  }));

test('who was paused over the end of its term writes nothing more, though its clock says nothing', () =>
  withControlPlane(async (plane) => {
    const a = run(plane, 'a');
    await waitFor(() => a.leads);
    await a.client.create(ConfigMap, map('in-time'));
    let goOn = () => {};
    a.deafness = new Promise((resolve) => {
      goOn = resolve;
    });
    const b = run(plane, 'b');
    await b.clock.advance(12_100);
    await waitFor(() => b.leads);

    assert.equal(a.leads, true, 'it has not noticed');
    const refusal = { reason: 'Conflict', message: /"work": its term is over for a: b holds the lease/ };
    await assert.rejects(a.client.create(ConfigMap, map('late')), refusal);
    await assert.rejects(a.client.patch(ConfigMap, 'default', 'in-time', { data: { x: 'y' } }), refusal);
    await assert.rejects(a.client.delete(ConfigMap, 'default', 'in-time'), refusal);
    await b.client.patch(ConfigMap, 'default', 'in-time', { data: { x: 'b' } });

    goOn();
    await waitFor(() => !a.leads);
  }));

test('of two that want it at the same moment one gets it', () =>
  withControlPlane(async (plane) => {
    const runners = Array.from({ length: 8 }, (_, i) => run(plane, `r-${i}`));
    await waitFor(() => runners.some(({ leads }) => leads));
    for (const { clock } of runners) await clock.advance(2_000);
    assert.equal(runners.filter(({ leads }) => leads).length, 1);
  }));

test('a lease of somebody who is known to be gone is not waited for', () =>
  withControlPlane(async (plane) => {
    const spec = { holderIdentity: 'dead', leaseDurationSeconds: 3600, leaseTransitions: 4 };
    await plane.client.create(Lease, { metadata: { name: 'work', namespace: 'kube-system' }, spec });
    const a = run(plane, 'a', (holder) => holder === 'dead');
    await waitFor(() => a.leads);
    assert.equal((await leaseOf(plane)).spec.leaseTransitions, 5);
  }));

test('a lease that is deleted, or taken by hand, is lost', () =>
  withControlPlane(async (plane) => {
    const a = run(plane, 'a');
    await waitFor(() => a.leads);
    await plane.client.patch(Lease, 'kube-system', 'work', { spec: { holderIdentity: 'admin' } });
    await waitFor(() => !a.leads);
    await plane.client.delete(Lease, 'kube-system', 'work');
    await waitFor(() => a.leads);
  }));

test('identities differ, and tell the machine', () =>
  withControlPlane(async ({ random }) => {
    assert.notEqual(newIdentity(random), newIdentity(random));
    assert.match(newIdentity(random, 'core-02'), /^core-02_/);
  }));
