/** Random lives of pods on a machine where everything fails now and then; afterwards all has to be as it should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import { pick, seededRandom } from '../../../src/core/async/random.ts';
import type { HollowMethod } from '../../../src/core/runtime/hollow.ts';
import { faultyTransport } from '../../helpers/control-plane.ts';
import { type Machine, withMachine } from './harness.ts';

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
const steps = 60;
const failing: HollowMethod[] = [
  'runSandbox',
  'startContainer',
  'stopContainer',
  'removeSandbox',
  'listPods',
  'inspectImage',
];

for (const seed of seeds) {
  test(`random faults, seed ${seed}: in the end machine and API agree`, async () => {
    const random = seededRandom(seed);
    const faults = { rate: 0.2 };
    const through = (t: Parameters<typeof faultyTransport>[0]) => faultyTransport(t, random, faults);
    await withMachine(
      async (m) => {
        for (let i = 0; i < steps; i++) {
          await act(m, i, random);
          await m.plane.clock.advance(pick(random, 4) * pick(random, 3_000));
        }
        faults.rate = 0;
        m.runtime.setGone(false);
        await m.restart();
        await m.plane.clock.advance(20 * 60_000);
        await check(m);
      },
      { plane: { seed, through } },
    );
  });
}

async function act(m: Machine, i: number, random: ReturnType<typeof seededRandom>): Promise<void> {
  const { client } = m.plane;
  const pods = (await client.list(Pod)).items;
  const pod = pods[pick(random, pods.length)];
  const policies = ['Always', 'OnFailure', 'Never'] as const;
  const containers = ['a', 'b'].slice(0, 1 + pick(random, 2)).map((name) => ({ name, image: name }));
  switch (pick(random, 9)) {
    case 0:
    case 1:
    case 2:
      await m.create(`pod-${i}`, {
        restartPolicy: policies[pick(random, 3)]!,
        containers,
        terminationGracePeriodSeconds: pick(random, 5),
      });
      return;
    case 3:
      if (pod)
        await client.delete(Pod, 'default', pod.metadata.name, pick(random, 3) === 0 ? { gracePeriodSeconds: 0 } : {});
      return;
    case 4: {
      m.runtime.setGone(false);
      const observed = (await m.runtime.listPods().catch(() => [])).flatMap((p) => [...p.containers, ...p.sandboxes]);
      const victim = observed[pick(random, observed.length)];
      if (victim) m.runtime.exitContainer(victim.id, pick(random, 2));
      return;
    }
    case 5:
      m.runtime.failCall(failing[pick(random, failing.length)]!, 1);
      return;
    case 6:
      return m.restart();
    case 7:
      return m.runtime.setGone(true);
    case 8:
      m.runtime.stopAll();
  }
}

async function check(m: Machine): Promise<void> {
  const { items } = await m.plane.client.list(Pod);
  const observed = new Map((await m.runtime.listPods()).map((p) => [p.identity.uid, p]));
  assert.ok(
    items.every((p) => !p.metadata.deletionTimestamp),
    'deletions have come to their end',
  );
  assert.deepEqual(
    [...observed.keys()].sort(),
    items.map((p) => p.metadata.uid).sort(),
    'the machine has these pods and no others',
  );
  const addresses: string[] = [];
  for (const { metadata, spec, status } of items) {
    const { sandboxes, containers } = observed.get(metadata.uid)!;
    const running = containers.filter((c) => c.state === 'running').map((c) => c.name);
    addresses.push(...sandboxes.flatMap((s) => s.ip ?? []));
    if (status.phase === 'Running') {
      const alive = spec.containers.filter((_, i) => status.containerStatuses?.[i]?.state.running).map((c) => c.name);
      assert.deepEqual(running.sort(), alive.sort(), metadata.name);
      assert.equal(sandboxes.filter((s) => s.state === 'running').length, 1);
      assert.equal(status.podIP, sandboxes.find((s) => s.state === 'running')?.ip);
      const all = spec.restartPolicy === 'Always' ? spec.containers.length : 1;
      assert.ok(running.length >= all, `${metadata.name}: ${running.length} of ${all} run`);
    } else {
      assert.match(status.phase!, /^(Succeeded|Failed)$/, `${metadata.name} is ${status.phase}`);
      assert.deepEqual(running, []);
      assert.ok(sandboxes.every((s) => s.state === 'exited'));
    }
  }
  assert.equal(new Set(addresses).size, addresses.length, 'no address twice');
}
