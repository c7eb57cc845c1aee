import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../../../src/core/api/types/container.ts';
import type { PodSecurityContext } from '../../../../src/core/api/types/pod.ts';
import { containerConfig } from '../../../../src/core/kubelet/config/container.ts';
import { engineResources } from '../../../../src/core/kubelet/config/resources.ts';
import { container, pod } from '../../../helpers/objects.ts';

function configOf(
  parts: Partial<Container>,
  { securityContext = {}, user = '' }: { securityContext?: PodSecurityContext; user?: string } = {},
) {
  return containerConfig({
    pod: pod('web', { spec: { securityContext } }),
    container: container(parts),
    image: { id: 'i', user },
    variables: new Map([['WHO', 'world']]),
    mounts: [],
    sandboxID: 's1',
    restartCount: 3,
    backOffSeconds: 40,
  });
}

test('variables are expanded in command and arguments; a command without arguments drops those of the image', () => {
  const { command, args } = configOf({ command: ['echo', '$(WHO)'], args: ['$$(WHO)'] });
  assert.deepEqual([command, args], [['echo', 'world'], ['$(WHO)']]);
  assert.deepEqual(configOf({ command: ['echo'] }).args, []);
  const nothing = configOf({});
  assert.ok(!('command' in nothing) && !('args' in nothing));
});

test('what a later kubelet has to know is written on the container', () => {
  assert.deepEqual(configOf({}).annotations, {
    'io.kubernetes.container.restartCount': '3',
    'kubecfg.back-off-seconds': '40',
    'kubecfg.sandbox': 's1',
  });
});

test("the container's user comes before the pod's, and the image's before none", () => {
  assert.equal(configOf({}).user, undefined);
  assert.equal(configOf({}, { securityContext: { runAsUser: 1000 } }).user, '1000');
  assert.equal(
    configOf({ securityContext: { runAsUser: 7, runAsGroup: 8 } }, { securityContext: { runAsUser: 1 } }).user,
    '7:8',
  );
  assert.equal(configOf({ securityContext: { runAsGroup: 8 } }, { user: 'web' }).user, 'web:8');
});

test('runAsNonRoot refuses root, whoever wanted it', () => {
  const securityContext = { runAsNonRoot: true };
  for (const user of ['', 'root', '0', '0:0']) {
    assert.throws(
      () => configOf({ securityContext }, { user }),
      /container has runAsNonRoot and image will run as root/,
    );
  }
  assert.throws(
    () => configOf({ securityContext: { ...securityContext, runAsUser: 0 } }, { user: 'web' }),
    /non-root policy/,
  );
  assert.equal(configOf({ securityContext }, { user: '1000' }).user, undefined);
});

test('shares, quota and memory', () => {
  const requests = { cpu: '500m', memory: '1Gi' };
  assert.deepEqual(engineResources({}), {});
  assert.deepEqual(engineResources({ requests }), { cpuShares: 512 });
  assert.deepEqual(engineResources({ requests: { cpu: '1m' } }), { cpuShares: 2 });
  const limits = { cpu: '1500m', memory: '64Mi' };
  assert.deepEqual(engineResources({ limits, requests }), {
    cpuShares: 512,
    cpuMillis: 1500,
    memoryBytes: 64 * 2 ** 20,
  });
});
