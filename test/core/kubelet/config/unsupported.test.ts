import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsupportedFields } from '../../../../src/core/kubelet/config/unsupported.ts';
import { container } from '../../../helpers/objects.ts';

test('fields that are left out are named; defaults are not', () => {
  const plain = container({
    securityContext: { runAsUser: 1, procMount: 'Default', seccompProfile: { type: 'RuntimeDefault' } },
  });
  assert.deepEqual(unsupportedFields({ containers: [plain], hostUsers: true }), []);
  const special = container({ securityContext: { procMount: 'Unmasked' }, lifecycle: { stopSignal: 'SIGINT' } });
  const spec = {
    hostPID: true,
    containers: [plain, special],
    initContainers: [container({ restartPolicy: 'Always' })],
  };
  assert.deepEqual(unsupportedFields(spec), [
    'hostPID',
    'containers[1].lifecycle.stopSignal',
    'containers[1].securityContext.procMount',
  ]);
});
