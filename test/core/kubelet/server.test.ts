/** The kubelet's own HTTP server, asked directly and by an API server that has no other way to it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { LogOptions } from '../../../src/core/api/request.ts';
import { waitFor } from '../../helpers/wait.ts';
import { send } from '../apiserver/harness.ts';
import { type Machine, withMachine } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubecfg-kubelet-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const daemonLog = join(folder, 'daemon.log');
writeFileSync(daemonLog, 'it began\n');

const withServer = (body: (m: Machine, port: number) => Promise<void>) =>
  withMachine(async (m) => body(m, (await m.node()).status.daemonEndpoints.kubeletEndpoint.Port), {
    server: { logs: { 'daemon.log': daemonLog, 'none.log': join(folder, 'none') } },
  });

async function ask(port: number, method: string, path: string, headers: Record<string, string> = {}) {
  const { code, text } = await send(port, method, path, { headers });
  return `${code} ${text}`;
}

test('the node says where it is, and it tells how the node is and what runs there', () =>
  withServer(async (m, port) => {
    assert.ok(port > 0);
    const { addresses } = (await m.node()).status;
    assert.deepEqual(addresses?.at(-1), { type: 'InternalDNS', address: hostname() });

    assert.equal(await ask(port, 'GET', '/healthz'), '200 ok');
    assert.equal(await ask(port, 'GET', '/healthz/docker'), '200 ok');
    m.runtime.setGone(true);
    await m.plane.clock.runUntil(async () => (await ask(port, 'GET', '/healthz')).startsWith('500'));
    assert.match(await ask(port, 'GET', '/healthz?verbose'), /\[-\]docker failed: the engine does not answer/);
    assert.equal(await ask(port, 'GET', '/healthz/ping'), '200 ok');
    m.runtime.setGone(false);
    await m.plane.clock.runUntil(async () => (await ask(port, 'GET', '/healthz')) === '200 ok');

    await m.create('web');
    await m.running('web');
    const pods = JSON.parse((await ask(port, 'GET', '/pods')).slice(4));
    assert.deepEqual([pods.kind, pods.items[0].metadata.name, pods.items.length], ['PodList', 'web', 1]);
    const { num_cores, machine_id } = JSON.parse((await ask(port, 'GET', '/spec/')).slice(4));
    assert.deepEqual([num_cores, machine_id], [4, 'f'.repeat(32)]);
  }));

test('logs of containers with every option, and the `tail` of 0.17', () =>
  withServer(async (m, port) => {
    await m.create('web');
    await m.running('web');
    const { id } = await m.instance('web');
    for (const line of ['one', 'two', 'three']) m.runtime.writeLog(id, line);
    const log = (query: string, where = 'default/web/main') => ask(port, 'GET', `/containerLogs/${where}${query}`);

    assert.equal(await log('?tailLines=2'), '200 two\nthree\n');
    assert.equal(await log('?tail=1'), '200 three\n');
    assert.match(await log('?tail=all'), /one\ntwo\nthree\n$/);
    assert.match(await log('?tail=1&timestamps=true'), /^200 \d{4}-\S+Z three\n$/);
    assert.equal(await log('?tail=2&limitBytes=5'), '200 two\nt');
    assert.equal(await log('', 'default/none/main'), '404 Pod "none" does not exist');
    assert.equal(await log('', 'default/web/side'), '404 Container "side" not found in Pod "web"');
    assert.equal(await log('?tail=some'), '400 tailLines: "some" is not a whole number');
    assert.match(await log('?tailLines=-1'), /^422 PodLogOptions "web" is invalid: tailLines/);
    assert.match(await log('?previous=true'), /^400 previous terminated container "main" in pod "web" not found/);
  }));

test('commands in containers; the logs of the machine', () =>
  withServer(async (m, port) => {
    await m.create('web');
    await m.running('web');
    const { uid } = (await m.pod('web')).metadata;
    m.runtime.answerExec({ exitCode: 0, output: 'etc\n' });
    assert.equal(await ask(port, 'POST', '/run/default/web/main?cmd=ls+/'), '200 etc\n');
    assert.equal(await ask(port, 'POST', `/run/default/web/${uid}/main?cmd=ls`), '200 etc\n');
    assert.equal(await ask(port, 'POST', '/run/default/web/other-uid/main?cmd=ls'), '404 Pod "web" does not exist');
    assert.equal(await ask(port, 'GET', '/run/default/web/main?cmd=ls'), '405 Method Not Allowed');
    m.runtime.answerExec({ exitCode: 2, output: 'no' });
    assert.equal(
      await ask(port, 'POST', '/run/default/web/main?cmd=ls'),
      '500 Internal Error: command terminated with exit code 2: no',
    );

    assert.equal(await ask(port, 'GET', '/logs/'), '200 <pre>\n<a href="daemon.log">daemon.log</a>\n</pre>\n');
    assert.equal(await ask(port, 'GET', '/logs/daemon.log'), '200 it began\n');
    assert.equal(await ask(port, 'GET', '/logs/..%2f..%2fetc%2fpasswd'), '404 404 page not found');
    assert.equal(await ask(port, 'GET', '/stats/'), '404 404 page not found');
    assert.equal(await ask(port, 'GET', '/%zz'), '400 invalid escape in the path: %zz');
  }));

test('pages of other sites are refused', () =>
  withServer(async (_, port) => {
    assert.match(await ask(port, 'GET', '/pods', { Host: 'evil.example' }), /^403 /);
    assert.match(await ask(port, 'POST', '/run/default/web/main?cmd=ls', { Origin: 'http://evil.example' }), /^403 /);
  }));

test('an API server without the kubelet in its process asks it over HTTP', () =>
  withServer(async (m) => {
    await m.create('web');
    await m.running('web');
    const { id } = await m.instance('web');
    const gone = new AbortController();
    const logs = (options: LogOptions) => m.plane.client.logs(Pod, 'default', 'web', options, gone.signal);
    const read = async (options: LogOptions) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of logs(options)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    m.runtime.writeLog(id, 'one');
    assert.equal(await read({ tailLines: 1 }), 'one\n');
    await assert.rejects(read({ previous: true }), /^ApiError: previous terminated container "main" in pod "web"/);

    let followed = '';
    const following = (async () => {
      for await (const chunk of logs({ follow: true, tailLines: 0 })) followed += Buffer.from(chunk);
    })();
    // The line is to come while it is followed; which of the two is first nobody can tell.
    await waitFor(() => {
      m.runtime.writeLog(id, 'two');
      return followed.includes('two\n');
    });
    gone.abort();
    await following;

    await m.stopKubelet();
    await assert.rejects(
      m.plane.client.logs(Pod, 'default', 'web', {}, new AbortController().signal)[Symbol.asyncIterator]().next(),
      /the kubelet of node core-01 cannot be reached: connect ECONNREFUSED/,
    );
    m.startKubelet();
  }));
