import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../src/core/api/kinds/index.ts';
import type { Draft } from '../../../../src/core/api/object.ts';
import type { Container } from '../../../../src/core/api/types/container.ts';
import type { Reach } from '../../../../src/core/kubelet/index.ts';
import { withMachine } from '../harness.ts';

/** A network whose answers the test changes. */
class FakeReach implements Reach {
  readonly calls: string[] = [];
  status = 200;
  closed = false;

  async http({ url }: { url: string }) {
    this.calls.push(url);
    return this.status;
  }
  async tcp(host: string, port: number) {
    this.calls.push(`${host}:${port}`);
    if (this.closed) throw new Error(`dial tcp ${host}:${port}: connect: connection refused`);
  }
  async grpc() {}
}

const main = (parts: Draft<Container>) => ({ containers: [{ name: 'main', image: 'app:1', ...parts }] });
const ready = ({ status }: Pick<Pod, 'status'>) => status.containerStatuses?.[0]?.ready;

test('a container is ready when its readiness probe says so, and stays in service when the kubelet restarts', async () => {
  const reach = new FakeReach();
  reach.status = 503;
  await withMachine(
    async (m) => {
      const ports = [{ name: 'web', containerPort: 8080 }];
      const readinessProbe = { httpGet: { path: '/ready', port: 'web' }, periodSeconds: 5, failureThreshold: 2 };
      await m.create('web', main({ ports, readinessProbe }));
      const { status } = await m.running('web');
      assert.equal(status.containerStatuses?.[0]?.ready, false);
      assert.equal(
        status.conditions?.find((c) => c.type === 'Ready')?.message,
        'containers with unready status: [main]',
      );
      await m.plane.clock.advance(1_000);
      assert.deepEqual(reach.calls, ['http://10.244.1.2:8080/ready']);

      reach.status = 200;
      const since = m.plane.clock.now();
      await m.until('web', ready);
      assert.ok(m.plane.clock.now() - since <= 5_000);

      reach.status = 404;
      await m.restart();
      await m.plane.clock.advance(4_000);
      assert.ok(ready(await m.pod('web')), 'one failure is not yet two');
      await m.until('web', (p) => !ready(p), 6_000);
      assert.ok(
        (await m.events()).includes('unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404'),
      );
      assert.equal((await m.pod('web')).status.containerStatuses?.[0]?.restartCount, 0);
    },
    { reach },
  );
});

test('a container whose liveness probe fails three times is killed and starts anew', async () => {
  const reach = new FakeReach();
  await withMachine(
    async (m) => {
      const livenessProbe = {
        tcpSocket: { port: 80 },
        initialDelaySeconds: 20,
        periodSeconds: 10,
        terminationGracePeriodSeconds: 3,
      };
      await m.create('web', main({ livenessProbe }));
      await m.running('web');
      reach.closed = true;
      const since = m.plane.clock.now();
      const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);

      assert.equal((m.plane.clock.now() - since) / 1000, 40, 'after 20, 30 and 40 seconds');
      assert.ok(m.deeds.includes('stopContainer 3'));
      assert.ok(pod.status.containerStatuses?.[0]?.state.running);
      const events = await m.events();
      assert.ok(
        events.includes('unhealthy: Liveness probe failed: dial tcp 10.244.1.2:80: connect: connection refused'),
      );
      assert.ok(events.includes('killing: Container main failed liveness probe, will be restarted'));
    },
    { reach },
  );
});

test('OnFailure restarts a container that the liveness probe killed even when it ended with 0', async () => {
  const reach = new FakeReach();
  reach.closed = true;
  await withMachine(
    async (m) => {
      // Whatever is stopped ends well here.
      m.runtime.stopContainer = async (id) => m.runtime.exitContainer(id, 0);
      const livenessProbe = { tcpSocket: { port: 80 }, failureThreshold: 1, initialDelaySeconds: 1 };
      await m.create('web', { ...main({ livenessProbe }), restartPolicy: 'OnFailure' });
      await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    },
    { reach },
  );
});

test('until the startup probe has succeeded the others do not run', async () => {
  const reach = new FakeReach();
  await withMachine(
    async (m) => {
      m.runtime.answerExec({ exitCode: 1, output: '' });
      const startupProbe = { exec: { command: ['up'] }, periodSeconds: 1, failureThreshold: 30 };
      await m.create('web', main({ startupProbe, readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } }));
      const { status } = await m.running('web');
      assert.equal(status.containerStatuses?.[0]?.started, false);
      await m.plane.clock.advance(10_000);
      assert.deepEqual(reach.calls, []);

      // What a program written for Kubernetes 0.17 answers.
      m.runtime.answerExec({ exitCode: 1, output: 'ok\n' });
      const pod = await m.until('web', ready, 3_000);
      assert.equal(pod.status.containerStatuses?.[0]?.started, true);
    },
    { reach },
  );
});

test('a postStart hook keeps a container from being ready until it has succeeded', () =>
  withMachine(async (m) => {
    await m.create('web', main({ lifecycle: { postStart: { sleep: { seconds: 5 } } } }));
    const { status } = await m.running('web');
    assert.equal(status.containerStatuses?.[0]?.ready, false);
    await m.until('web', ready, 6_000);
  }));

test('a postStart hook that fails kills the container', () =>
  withMachine(async (m) => {
    m.runtime.answerExec({ exitCode: 2, output: 'no' });
    await m.create('web', main({ lifecycle: { postStart: { exec: { command: ['x'] } } } }));
    await m.until('web', (p) => (p.status.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    assert.ok((await m.events()).includes('failedPostStartHook: PostStartHook failed: no'));
  }));
