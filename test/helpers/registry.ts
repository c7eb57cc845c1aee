/** A Docker registry (API v2, read only) on loopback, which engines trust without TLS: what a pull test needs. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type TarEntry, tar } from '../../src/core/runtime/docker/tar.ts';

export interface Registry {
  /** `127.0.0.1:PORT`, the first part of its images' names. */
  address: string;
  close(): Promise<void>;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const digest = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** Serves one image under the name and tag, a layer for each list of files. */
export async function startRegistry(image: { name: string; tag: string; layers: TarEntry[][] }): Promise<Registry> {
  const tars = image.layers.map((files) => tar(files));
  const layers = tars.map((data) => gzipSync(data));
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Cmd: ['/none'], User: 'nobody' },
      rootfs: { type: 'layers', diff_ids: tars.map(digest) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digest(config),
      },
      layers: layers.map((data) => ({
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: data.length,
        digest: digest(data),
      })),
    }),
  );
  const answers = new Map<string, { type: string; data: Buffer }>([
    ['/v2/', { type: 'application/json', data: Buffer.from('{}') }],
  ]);
  for (const blob of [config, ...layers]) {
    answers.set(`/v2/${image.name}/blobs/${digest(blob)}`, { type: 'application/octet-stream', data: blob });
  }
  for (const reference of [image.tag, digest(manifest)]) {
    answers.set(`/v2/${image.name}/manifests/${reference}`, { type: manifestType, data: manifest });
  }
  const missing = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] };

  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    if (!answer) {
      response.writeHead(404, { 'Content-Type': 'application/json' }).end(JSON.stringify(missing));
      return;
    }
    const headers = {
      'Content-Type': answer.type,
      'Content-Length': answer.data.length,
      'Docker-Content-Digest': digest(answer.data),
    };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : answer.data);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
