/** The Docker engine stops and starts again under a running cluster: pods come back by their restart policy. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Node, Pod } from '../../src/core/api/kinds/index.ts';
import { PrivateEngine } from '../helpers/engine.ts';
import { ensureTestImage } from '../helpers/images.ts';
import { containersOf, Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const engine = new PrivateEngine();
process.env['DOCKER_HOST'] = engine.host;
const program = new Program();
const { local, name } = program;

before(async () => {
  await engine.create();
  await ensureTestImage();
  await program.ok('up', '--port', '0', ...local);
});
after(async () => {
  await program.remove();
  await engine.remove();
});

const pod = (podName: string) => program.json<Pod>('get', 'pod', podName);
const node = () => program.json<Node>('get', 'node', 'core-01');
const readyCondition = async () => (await node()).status.conditions?.find((c) => c.type === 'Ready');

test('pods run', async () => {
  for (const restartPolicy of ['Always', 'Never']) {
    const file = join(program.folder, 'pod.json');
    const spec = {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'kubecfg-test/busybox:1', command: ['sleep', '1000'] }],
    };
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: restartPolicy.toLowerCase() }, spec }),
    );
    await program.ok('create', '-f', file);
    await program.ok('wait', `pod/${restartPolicy.toLowerCase()}`, '--for=condition=Ready', '--timeout=20s');
  }
});

test('while the engine is away the node says so, and nothing is deleted', async () => {
  await engine.stop();
  const condition = await waitFor(readyCondition, {
    until: (c) => c?.status === 'False',
    what: 'a node that is not ready',
    withinMs: 15_000,
  });
  assert.match(condition!.message ?? condition!.reason ?? '', /runtime/i);
  assert.equal((await pod('always')).metadata.deletionTimestamp, undefined);
});

test('when it is back, pods run again as their restart policy says', async () => {
  await engine.start();
  await waitFor(readyCondition, { until: (c) => c?.status === 'True', what: 'a ready node', withinMs: 15_000 });
  await waitFor(() => pod('always'), {
    until: (p) => p.status.phase === 'Running' && (p.status.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
    what: 'the pod with policy Always to run again',
    withinMs: 20_000,
  });
  await waitFor(() => pod('never'), {
    until: (p) => p.status.phase === 'Failed',
    what: 'the pod with policy Never to be Failed',
    withinMs: 20_000,
  });
  const running = (await containersOf(name, engine.socket)).filter((c) => c.State === 'running');
  assert.deepEqual(running.map((c) => c.Labels['io.kubernetes.container.name']).sort(), ['POD', 'main']);
});
