import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPortsAnnotation } from '../../../src/core/api/annotations.ts';
import { Service } from '../../../src/core/api/kinds/index.ts';
import { tableOf } from '../../../src/core/api/table.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { userspaceDataPath } from '../../../src/core/proxy/userspace-path.ts';
import { startApi } from '../../helpers/cli.ts';

test('without root the loopback ports stand on the service, and get services shows them', async (t) => {
  const api = await startApi();
  t.after(() => api.close());
  const { client } = api;
  await client.create(Service, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    },
  });
  const path = userspaceDataPath({ client, log: silentLog });
  const portal = { addresses: ['10.0.0.5'], clientAffinity: false, backends: [] };

  await path.apply([
    { ...portal, name: 'default/web:dns', protocol: 'UDP', port: 53 },
    { ...portal, name: 'default/web:http', protocol: 'TCP', port: 80 },
  ]);

  const service = await client.get(Service, 'default', 'web');
  const ports = service.metadata.annotations?.[localPortsAnnotation] ?? '';
  assert.match(ports, /^80=127\.0\.0\.1:\d+$/);
  const table = tableOf(Service, [service], { now: 0 });
  assert.ok(table.rows[0]!.cells.includes(ports));
  await path.close();
});
