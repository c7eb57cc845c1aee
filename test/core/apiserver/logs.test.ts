/** pods/NAME/log: a relay to the kubelet of the pod's node. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type { LogOptions } from '../../../src/core/api/request.ts';
import { badRequest } from '../../../src/core/api/status.ts';
import type { NodeConnection } from '../../../src/core/apiserver/index.ts';
import { waitFor } from '../../helpers/wait.ts';
import { podBody, pods, startServer } from './harness.ts';

interface Asked {
  pod: string;
  options: LogOptions;
}

function kubelet(output: (signal: AbortSignal) => AsyncIterable<Uint8Array>) {
  const asked: Asked[] = [];
  const connection: NodeConnection = {
    logs(namespace, pod, options, signal) {
      asked.push({ pod: `${namespace}/${pod}`, options });
      return output(signal);
    },
  };
  return { asked, nodeConnection: (node: string) => (node === 'core-01' ? connection : undefined) };
}

async function* lines(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

test('the output passes through, with all options of the request', async () => {
  const { asked, nodeConnection } = kubelet(() => lines('one\n', 'two\n'));
  const h = await startServer({ nodeConnection });
  await h.post(pods, podBody('web', { nodeName: 'core-01' }));
  const query =
    'follow=true&previous=false&timestamps=true&tailLines=7&sinceTime=2015-05-01T00%3A00%3A00Z&limitBytes=100&stream=All&insecureSkipTLSVerifyBackend=true';
  const { code, text, headers } = await h.get(`${pods}/web/log?${query}`);

  assert.equal(code, 200);
  assert.equal(text, 'one\ntwo\n');
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  const options = {
    container: 'main',
    follow: true,
    previous: false,
    timestamps: true,
    tailLines: 7,
    sinceTime: '2015-05-01T00:00:00Z',
    limitBytes: 100,
    stream: 'All',
    insecureSkipTLSVerifyBackend: true,
  };
  assert.deepEqual(asked, [{ pod: 'default/web', options }]);
});

test('what is wrong with the request', async () => {
  const { nodeConnection } = kubelet(() => lines());
  const h = await startServer({ nodeConnection });
  const two = podBody('two', { nodeName: 'core-01' });
  two.spec.containers.push({ name: 'side', image: 'test' });
  await h.post(pods, two);
  const refused = async (path: string, code: number, message: string) => {
    const answer = await h.get(`${pods}/${path}`);
    assert.equal(answer.code, code);
    assert.equal(answer.body.message, message);
  };
  await refused('nosuch/log', 404, 'pods "nosuch" not found');
  await refused('two/log', 400, 'a container name must be specified for pod two, choose one of: [main side]');
  await refused('two/log?container=zz', 400, 'container zz is not valid for pod two');
  await refused(
    'two/log?container=main&tailLines=-1',
    422,
    'PodLogOptions "two" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  );
  await refused('two/log?container=main&tailLines=x', 400, 'tailLines: "x" is not a whole number');
  await refused(
    'two/log?container=main&sinceTime=yesterday',
    400,
    'sinceTime: "yesterday" is not a time such as 2026-11-25T10:00:00Z',
  );
  await refused(
    'two/log?container=main&limitBytes=0&stream=Both',
    422,
    'PodLogOptions "two" is invalid: [limitBytes: Invalid value: 0: must be greater than 0, ' +
      'stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout"]',
  );
  await refused(
    'two/log?container=main&stream=Stderr&tailLines=1',
    422,
    'PodLogOptions "two" is invalid: : Forbidden: `tailLines` and specific `stream` are mutually exclusive for now',
  );
});

test('a pod without a node has said nothing; a node that is away is a 503', async () => {
  const h = await startServer();
  await h.post(pods, podBody('waiting'));
  await h.post(pods, podBody('away', { nodeName: 'core-09' }));

  assert.deepEqual([(await h.get(`${pods}/waiting/log`)).code, (await h.get(`${pods}/waiting/log`)).text], [200, '']);
  // In 0.17 that was an answer without content, but the container had to be right.
  const old = '/api/v1beta3/namespaces/default/pods/waiting/log';
  assert.equal((await h.get(old)).code, 204);
  assert.equal((await h.get(`${old}?container=none`)).code, 400);
  const { code, body } = await h.get(`${pods}/away/log`);
  assert.equal(code, 503);
  assert.equal(body.message, 'the kubelet of node core-09 cannot be reached');
});

test("the kubelet's refusal is the answer", async () => {
  const refusal = 'container "main" in pod "web" is waiting to start: ContainerCreating';
  const { nodeConnection } = kubelet(async function* () {
    yield* lines();
    throw badRequest(refusal);
  });
  const h = await startServer({ nodeConnection });
  await h.post(pods, podBody('web', { nodeName: 'core-01' }));
  const { code, body } = await h.get(`${pods}/web/log`);

  assert.equal(code, 400);
  assert.equal(body.message, refusal);
});

test('a follower that leaves stops the stream of the kubelet', async () => {
  let stopped = false;
  const { nodeConnection } = kubelet(async function* (signal) {
    yield Buffer.from('begun\n');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped = true;
  });
  const h = await startServer({ nodeConnection });
  await h.post(pods, podBody('web', { nodeName: 'core-01' }));
  await new Promise<void>((resolve) => {
    const call = request({ host: '127.0.0.1', port: h.port, path: `${pods}/web/log?follow=true` }, (response) => {
      response.once('data', () => {
        call.destroy();
        resolve();
      });
      response.on('error', () => {});
    });
    call.end();
  });

  await waitFor(() => stopped, { what: 'the kubelet to be told' });
});
