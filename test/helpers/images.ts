/** The image that tests and the demo run: a static busybox and nothing else, made on the spot without a registry. */
import { existsSync, readFileSync } from 'node:fs';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { connectDocker } from '../../src/core/runtime/docker/index.ts';
import type { TarEntry } from '../../src/core/runtime/docker/tar.ts';

export const testImage = 'kubecfg-test/busybox:1';

const applets = (
  '[ ash awk base64 basename cat chmod cp cut date dd df dirname du echo env expr false find free grep head hostname ' +
  'httpd id ip kill ln ls md5sum mkdir mktemp mount mv nc netstat nproc nslookup od ping printf ps pwd readlink rm ' +
  'route sed seq sh sleep sort stat stty sync tail tee test timeout touch tr true tty umount uname uniq usleep vi wc ' +
  'wget which whoami xargs yes'
).split(' ');

/** Makes the image unless the engine has it; answers its name. */
export async function ensureTestImage(socket?: string): Promise<string> {
  const engine = await connectDocker({
    ...(socket && { socket }),
    clock: realClock,
    random: systemRandom,
    log: silentLog,
  });
  try {
    await engine.importRootfs(testImage, busyboxFiles, { cmd: ['sh'], env: { PATH: '/bin' } });
  } finally {
    await engine.close();
  }
  return testImage;
}

function busyboxFiles(): TarEntry[] {
  const busybox = ['/usr/bin/busybox', '/bin/busybox'].find(existsSync);
  if (!busybox) throw new Error('no busybox on this machine: install the Debian package busybox-static');
  const text = (path: string, data: string): TarEntry => ({ type: 'file', path, mode: 0o644, data: Buffer.from(data) });
  return [
    { type: 'directory', path: 'bin/', mode: 0o755 },
    { type: 'file', path: 'bin/busybox', mode: 0o755, data: readFileSync(busybox) },
    ...applets.map((name): TarEntry => ({ type: 'link', path: `bin/${name}`, target: 'busybox' })),
    { type: 'directory', path: 'etc/', mode: 0o755 },
    text('etc/passwd', 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    text('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    { type: 'directory', path: 'tmp/', mode: 0o1777 },
  ];
}
