import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import type { PodStatus } from '../../../src/core/api/types/pod.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { StatusWriter } from '../../../src/core/kubelet/status-writer.ts';
import { settle } from '../../helpers/clock.ts';
import { addPod } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';

interface Bench {
  plane: ControlPlane;
  writer: StatusWriter;
  pod: Stored<Pod>;
  failed: string[];
  /** Phases in the order the server was asked to write them. */
  asked: string[];
  /** Holds back answers until it is called. */
  hold(): () => void;
  stored(): Promise<PodStatus>;
}

async function withWriter(body: (bench: Bench) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  let held: Promise<void> | undefined;
  const through = (inner: Transport): Transport => ({
    ...inner,
    async send(request) {
      if (request.subresource !== 'status') return inner.send(request);
      asked.push((request.body as Pod).status.phase ?? '');
      await held;
      return inner.send(request);
    },
  });
  await withControlPlane(
    async (plane) => {
      const failed: string[] = [];
      const writer = new StatusWriter({ ...plane.deps, failed: (uid) => failed.push(uid) });
      const pod = await addPod(plane, 'web');
      await body({
        ...{ plane, writer, pod, failed, asked },
        hold() {
          let release = () => {};
          held = new Promise((resolve) => {
            release = resolve;
          });
          return release;
        },
        stored: async () => (await plane.client.get(Pod, 'default', 'web')).status,
      });
    },
    { through },
  );
}
const of = (phase: PodStatus['phase'], message?: string): PodStatus => ({ phase, ...(message && { message }) });

test('what the API will hold is known before it does', () =>
  withWriter(async ({ writer, pod, stored }) => {
    writer.write(pod, of('Running'));
    assert.equal(writer.known(pod).phase, 'Running');
    await writer.settled(pod.metadata.uid);
    assert.equal(writer.known(pod).phase, 'Running', 'though the cache still has the old one');
    assert.equal((await stored()).phase, 'Running');
  }));

test('of several statuses that come while one is written only the newest follows', () =>
  withWriter(async ({ writer, pod, asked, hold, stored }) => {
    const release = hold();
    writer.write(pod, of('Running', 'one'));
    await settle();
    writer.write(pod, of('Running', 'two'));
    writer.write(pod, of('Failed'));
    release();
    await writer.settled(pod.metadata.uid);
    assert.deepEqual(asked, ['Running', 'Failed']);
    assert.equal((await stored()).phase, 'Failed');
  }));

test('the first steps of a start wait for 0.1 s at most, and anything else does not wait', () =>
  withWriter(async ({ plane, writer, pod, asked }) => {
    writer.write(pod, of('Pending'));
    await plane.clock.advance(60);
    writer.write(pod, of('Pending'));
    await plane.clock.advance(39);
    assert.deepEqual(asked, []);
    await plane.clock.advance(1);
    assert.deepEqual(asked, ['Pending']);
    writer.write(pod, of('Pending'));
    writer.write(pod, of('Running'));
    await settle();
    assert.deepEqual(asked, ['Pending', 'Running']);
  }));

test('a status that others wrote meanwhile is read and not overwritten: the pod is planned anew', () =>
  withWriter(async ({ plane, writer, pod, failed }) => {
    await plane.client.patch(Pod, 'default', 'web', { metadata: { labels: { by: 'others' } } });
    writer.write(pod, of('Running'));
    await writer.settled(pod.metadata.uid);
    assert.deepEqual(failed, [pod.metadata.uid]);
    assert.equal(writer.known(pod).phase, 'Pending');
    writer.write(pod, of('Running'));
    await writer.settled(pod.metadata.uid);
    assert.equal(failed.length, 1, 'now it knows the newest revision');
  }));

test('a pod that is gone needs no status', () =>
  withWriter(async ({ plane, writer, pod, failed }) => {
    await plane.client.delete(Pod, 'default', 'web', { gracePeriodSeconds: 0 });
    writer.write(pod, of('Running'));
    await writer.settled(pod.metadata.uid);
    assert.deepEqual(failed, []);
  }));
