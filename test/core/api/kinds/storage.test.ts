/** Persistent volumes and claims. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolume, PersistentVolumeClaim } from '../../../../src/core/api/kinds/index.ts';
import { tableOf } from '../../../../src/core/api/table.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { pod } from '../../../helpers/objects.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

test('a volume is kept when its claim goes, and waits to be found', () => {
  const volume = stored(PersistentVolume, PersistentVolume.example);
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(volume.spec.volumeMode, 'Filesystem');
  assert.equal(volume.status.phase, 'Pending');
});

const wrongVolumes: [object, string][] = [
  [{ spec: { capacity: null } }, 'spec.capacity: Required value'],
  [{ spec: { capacity: { storage: '0' } } }, 'spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
  [
    { spec: { capacity: { storage: '1', cpu: '1' } } },
    'spec.capacity: Unsupported value: {"storage":"1","cpu":"1"}: supported values: "storage"',
  ],
  [{ spec: { accessModes: [] } }, 'spec.accessModes: Required value'],
  [
    { spec: { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] } },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [{ spec: { hostPath: null } }, 'spec: Required value: must specify a volume type'],
  [{ spec: { nfs: { server: 's', path: '/' } } }, 'spec.nfs: Forbidden: may not specify more than 1 volume type'],
  [{ spec: { hostPath: { path: '/a/../b' } } }, `spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  [
    { spec: { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' } },
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
  ],
  [
    { spec: { hostPath: null, local: { path: '/x' } } },
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ],
  [
    { spec: { persistentVolumeReclaimPolicy: 'Burn' } },
    'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Recycle", "Delete", "Retain"',
  ],
];
for (const [patch, error] of wrongVolumes) {
  test(`a volume is refused: ${error}`, () => assert.deepEqual(wrongWith(PersistentVolume, patch), [error]));
}

test('a volume stays where it is; it may become larger', () => {
  assert.deepEqual(wrongUpdate(PersistentVolume, { spec: { hostPath: { path: '/other' } } }), [
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
  ]);
  assert.deepEqual(wrongUpdate(PersistentVolume, { spec: { volumeMode: 'Block' } }), [
    'spec.volumeMode: Invalid value: "Block": field is immutable',
  ]);
  assert.deepEqual(wrongUpdate(PersistentVolume, { spec: { capacity: { storage: '20Gi' } } }), []);
});

const wrongClaims: [object, string][] = [
  [{ spec: { accessModes: null } }, 'spec.accessModes: Required value: at least 1 access mode is required'],
  [{ spec: { resources: { requests: null } } }, 'spec.resources[storage]: Required value'],
  [
    { spec: { resources: { requests: { storage: '-1' } } } },
    'spec.resources[storage]: Invalid value: "-1": must be greater than zero',
  ],
];
for (const [patch, error] of wrongClaims) {
  test(`a claim is refused: ${error}`, () => assert.deepEqual(wrongWith(PersistentVolumeClaim, patch), [error]));
}

const bound = {
  ...PersistentVolumeClaim.example,
  spec: { ...decoded(PersistentVolumeClaim, PersistentVolumeClaim.example).spec, volumeName: 'disk-1' },
  status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } },
};
const fixed =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

test('a claim gets its volume once; bound it may ask for more and not for less', () => {
  const asks = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
  assert.deepEqual(wrongUpdate(PersistentVolumeClaim, { spec: { volumeName: 'disk-1' } }), []);
  assert.deepEqual(wrongUpdate(PersistentVolumeClaim, asks('6Gi')), [fixed]);
  assert.deepEqual(wrongUpdate(PersistentVolumeClaim, asks('6Gi'), { example: bound }), []);
  assert.deepEqual(wrongUpdate(PersistentVolumeClaim, asks('4Gi'), { example: bound }), [
    'spec.resources.requests.storage: Forbidden: field can not be less than previous value',
  ]);
  assert.deepEqual(wrongUpdate(PersistentVolumeClaim, { spec: { volumeName: 'other' } }, { example: bound }), [fixed]);
});

test('a bound claim shows its volume, and which pods use it', () => {
  const claim = stored(PersistentVolumeClaim, bound);
  const [row] = tableOf(PersistentVolumeClaim, [claim], { now: 0 }).rows;
  assert.deepEqual(row?.cells.slice(0, 5), ['data', 'Bound', 'disk-1', '10Gi', 'RWO']);
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const pods = [pod('db', { spec: { volumes } }), pod('other')];
  assert.match(PersistentVolumeClaim.describe?.(claim, { pods }, 0) ?? '', /\nUsed By: +db\n$/);
});

test('a volume names the claim that has it', () => {
  const claimRef = { namespace: 'default', name: 'data' };
  const example = PersistentVolume.example as { spec: object };
  const volume = stored(PersistentVolume, {
    ...example,
    spec: { ...example.spec, claimRef },
    status: { phase: 'Bound' },
  });
  const [row] = tableOf(PersistentVolume, [volume], { now: 0 }).rows;
  assert.deepEqual(row?.cells.slice(4, 6), ['Bound', 'default/data']);
});
