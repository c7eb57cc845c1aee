/** Probes over real sockets of this host. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createGrpcServer } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { test } from 'node:test';
import { realReach } from '../../../../src/core/kubelet/probes/reach.ts';

async function listening(server: Server, body: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}
const timeoutMs = 2_000;

test('http: the status is answered, headers are sent, the body need not end', () => {
  const server = createServer((request, response) => {
    response.statusCode =
      request.headers['x-who'] === 'me' && /^kube-probe\//.test(request.headers['user-agent']!) ? 202 : 500;
    response.write('never ends');
  });
  return listening(server, async (port) => {
    const url = `http://127.0.0.1:${port}/`;
    assert.equal(await realReach.http({ url, headers: [{ name: 'X-Who', value: 'me' }], timeoutMs }), 202);
    assert.equal(await realReach.http({ url, headers: [], timeoutMs }), 500);
  });
});

test('nobody listens', async () => {
  let free = 0;
  await listening(createTcpServer(), async (port) => {
    free = port;
  });
  const words = (prefix: string) => new RegExp(`${prefix}: connect: connection refused$`);
  await assert.rejects(realReach.tcp('127.0.0.1', free, timeoutMs), words(`dial tcp 127.0.0.1:${free}`));
  const url = `http://127.0.0.1:${free}/x`;
  await assert.rejects(realReach.http({ url, headers: [], timeoutMs }), words(`Get "${url}"`));
});

test('nobody answers in time', () =>
  listening(
    createServer(() => {}),
    async (port) => {
      const url = `http://127.0.0.1:${port}/`;
      await assert.rejects(realReach.http({ url, headers: [], timeoutMs: 50 }), /no answer within 0.05s/);
      await realReach.tcp('127.0.0.1', port, timeoutMs);
    },
  ));

test('grpc: only SERVING is well', () => {
  const asked: string[] = [];
  const server = createGrpcServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const service = Buffer.concat(chunks).subarray(7).toString();
      asked.push(`${headers[':path']} ${service}`);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, service === 'good' ? 1 : 2]));
    });
  });
  return listening(server, async (port) => {
    await realReach.grpc({ host: '127.0.0.1', port, service: 'good', timeoutMs });
    await assert.rejects(
      realReach.grpc({ host: '127.0.0.1', port, service: 'bad', timeoutMs }),
      /responded with status 2/,
    );
    assert.deepEqual(asked, ['/grpc.health.v1.Health/Check good', '/grpc.health.v1.Health/Check bad']);
  });
});
