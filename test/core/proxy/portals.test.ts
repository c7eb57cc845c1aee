import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Service } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import { renderRules, tableName } from '../../../src/core/proxy/nftables.ts';
import { type Portal, portalsOf } from '../../../src/core/proxy/portals.ts';

const aService = (spec: object, name = 'web') =>
  ({ metadata: { namespace: 'default', name }, spec }) as unknown as Stored<Service>;
const someEndpoints = (subsets: object[]) =>
  ({ metadata: { namespace: 'default', name: 'web' }, subsets }) as unknown as Stored<Endpoints>;

test('a portal gets the ready addresses of the endpoints port with its name', () => {
  const service = aService({
    clusterIP: '10.0.0.5',
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 },
    ],
    sessionAffinity: 'ClientIP',
  });
  const endpoints = someEndpoints([
    {
      addresses: [{ ip: '10.244.2.2' }, { ip: '10.244.1.2' }],
      notReadyAddresses: [{ ip: '10.244.9.9' }],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  const expected: Portal[] = [
    {
      name: 'default/web:dns',
      protocol: 'UDP',
      addresses: ['10.0.0.5'],
      port: 53,
      nodePort: 30053,
      clientAffinity: true,
      backends: [],
    },
    {
      name: 'default/web:http',
      protocol: 'TCP',
      addresses: ['10.0.0.5'],
      port: 80,
      clientAffinity: true,
      backends: [
        { ip: '10.244.1.2', port: 8080 },
        { ip: '10.244.2.2', port: 8080 },
      ],
    },
  ];
  assert.deepEqual(
    portalsOf([service], () => endpoints),
    expected,
  );
});

test('headless services and services without an address have no portal', () => {
  const services = [
    aService({ clusterIP: 'None', ports: [{ port: 80 }] }),
    aService({ ports: [{ port: 80 }] }, 'external'),
  ];
  assert.deepEqual(
    portalsOf(services, () => undefined),
    [],
  );
});

test('rules name only portals with backends, and replace the table in one transaction', () => {
  const portal = {
    name: 'default/web:80',
    protocol: 'TCP',
    addresses: ['10.0.0.5', '192.0.2.9'],
    port: 80,
    clientAffinity: false,
    backends: [{ ip: '10.244.1.2', port: 8080 }],
  } as const;
  const options = { cluster: 'a-b', portalNet: '10.0.0.0/16', podNet: '10.244.0.0/16', podRange: '10.244.0.0/16' };
  const text = renderRules([portal, { ...portal, name: 'default/none:81', port: 81, backends: [] }], options);

  const table = tableName('a-b');
  assert.ok(text.startsWith(`table ip ${table}\ndelete table ip ${table}\ntable ip ${table} {`));
  assert.match(text, /10\.0\.0\.5 \. tcp \. 80 : goto (portal_\w+),\s+192\.0\.2\.9 \. tcp \. 80 : goto \1 /);
  assert.match(text, /dnat to 10\.244\.1\.2:8080/);
  assert.doesNotMatch(text, / 81 /);
});

test('what comes from elsewhere for a backend on another machine is masqueraded, and our own pods only over the bridge', () => {
  const nets = { cluster: 'x', portalNet: '10.0.0.0/16', podNet: '10.244.0.0/16' };
  const sharing = renderRules([], { ...nets, podRange: nets.podNet });
  assert.equal(sharing.match(/masquerade/g)?.length, 1);
  const own = renderRules([], { ...nets, podRange: '10.244.1.0/24' });
  assert.match(own, /ct status dnat ip saddr 10\.244\.1\.0\/24 ip daddr 10\.244\.1\.0\/24 masquerade/);
  assert.match(
    own,
    /ct status dnat ip saddr != 10\.244\.1\.0\/24 ip daddr 10\.244\.0\.0\/16 ip daddr != 10\.244\.1\.0\/24 masquerade/,
  );
});

test('clusters whose names differ in punctuation only have tables of their own', () => {
  assert.notEqual(tableName('a-b'), tableName('a_b'));
});
