/**
 * Anything at all is sent to the server, over HTTP and in its process. It answers what it is asked, and is as well
 * afterwards as before: no 500, nothing in the log, nothing that does not end, nothing that stays in memory.
 *
 * A few seconds unless KUBECFG_FUZZ_SECONDS says how many; KUBECFG_FUZZ_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { Agent, request as startRequest } from 'node:http';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Kind, Subresource } from '../../../src/core/api/kind.ts';
import { kinds } from '../../../src/core/api/kinds/index.ts';
import type { ApiRequest, PatchType, RequestOptions, Verb } from '../../../src/core/api/request.ts';
import { ApiError } from '../../../src/core/api/status.ts';
import { type Clock, realClock } from '../../../src/core/async/clock.ts';
import { type Logger, silentLog } from '../../../src/core/async/log.ts';
import { anyBytes, anyKind, anyRequest, type FuzzRequest, names, objectOf, weird } from '../../helpers/fuzz.ts';
import { type Harness, startServer } from './harness.ts';

const seconds = Number(process.env['KUBECFG_FUZZ_SECONDS'] ?? 0);
const seed = Number(process.env['KUBECFG_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** What takes longer hangs. */
const answerMs = 10_000;

/** Nobody here waits for minutes. */
const hastyClock: Clock = { ...realClock, after: (ms, fn) => realClock.after(Math.min(ms, 20), fn) };
const complaints: string[] = [];
const log: Logger = { ...silentLog, error: (message) => void complaints.push(message), part: () => log };

let h: Harness;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let requests = 0;

before(async () => {
  h = await startServer({ clock: hastyClock, log, timeouts: { answerMs: 1e9 } });
  await h.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  await h.post('/api/v1/namespaces', { metadata: { name: 'ending' }, spec: { finalizers: ['kubernetes'] } });
  await h.delete('/api/v1/namespaces/ending');
  await fill();
});

/** As many runs as there is time for when a time was given. */
async function fuzz<T>(share: number, runs: number, input: fc.Arbitrary<T>, run: (value: T) => Promise<void>) {
  const longer = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * share * 1000 };
  const limits = seconds ? longer : { numRuns: runs };
  const { failed, numRuns, errorInstance } = await fc.check(fc.asyncProperty(input, run), {
    seed,
    endOnFailure: true,
    ...limits,
  });
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  if (failed) throw new Error(`KUBECFG_FUZZ_SEED=${seed}, run ${numRuns}: ${what}`);
}

interface Seen {
  readonly code: number;
  readonly type: string;
  readonly bytes: Buffer;
}

function exchange({ method, path, headers, body }: FuzzRequest): Promise<Seen> {
  requests++;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const options = { host: '127.0.0.1', port: h.port, agent, method, path, headers: { ...headers, ...length } };
    const request = startRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ code: response.statusCode ?? 0, type, bytes: Buffer.concat(chunks) });
      });
    });
    request.setTimeout(answerMs, () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(body);
  });
}

/** Patches that the original, too, answers with a 500 of its own. */
const asTheOriginal = [
  'failed to create typed patch object',
  'unknown patch type',
  'does not contain declared merge key',
  "doesn't match $setElementOrder list",
];
const isAsTheOriginal = (text: string) => asTheOriginal.some((words) => text.includes(words));
/** 503: nobody is there to relay to. 504: a revision that is still to come. */
const isFine = (code: number, text: string) => code < 500 || code === 503 || code === 504 || isAsTheOriginal(text);

async function ask(request: FuzzRequest): Promise<Seen> {
  const seen = await exchange(request);
  const { code, type, bytes } = seen;
  const shown = `${request.method} ${request.path} ${JSON.stringify(request.headers)} ${request.body ?? ''}`;
  assert.deepEqual(complaints.splice(0), [], shown);
  const text = bytes.toString();
  assert.ok(isFine(code, text), `${code} ${text} for ${shown}`);
  if (code >= 400 && type === 'application/json' && request.method !== 'HEAD') {
    const status = JSON.parse(text);
    assert.deepEqual([status.kind, status.code], ['Status', code], shown);
  }
  assert.doesNotMatch(text, /\n\s+at .*:\d+:\d+/, shown);
  return seen;
}

const accepts = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'application/json',
];

/** What was written has to be readable in every form, and by watches. */
async function readBack({ kind, method }: FuzzRequest, { code }: Seen): Promise<void> {
  if (!kind || code > 201 || !['POST', 'PUT', 'PATCH'].includes(method)) return;
  const list = `${kind.group ? '/apis' : '/api'}/${kind.apiVersion}/${kind.plural}`;
  for (const Accept of accepts) {
    await ask({ method: 'GET', path: list, headers: { Accept } });
    await ask({ method: 'GET', path: `${list}?watch=1&timeoutSeconds=1`, headers: { Accept } });
  }
  const olderPlural = kind.plural === 'nodes' ? 'minions' : kind.plural;
  for (const path of [`/api/v1beta1/${olderPlural}`, `/api/v1beta3/${kind.plural}`]) {
    await ask({ method: 'GET', path, headers: {} });
    await ask({ method: 'GET', path: `${path}?watch=1&timeoutSeconds=1`, headers: {} });
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

const pathsOf = ({ apiVersion, group, plural, namespaced }: Kind) =>
  (namespaced ? ['/namespaces/default', '/namespaces/other'] : ['']).map(
    (within) => `/${group ? 'apis' : 'api'}/${apiVersion}${within}/${plural}`,
  );

/** Objects for requests to find, of every kind. */
async function fill(): Promise<void> {
  for (const kind of kinds) {
    const { metadata, ...example } = kind.example as { metadata?: object };
    for (const name of ['a', 'b', 'c']) {
      for (const path of pathsOf(kind)) {
        await h.post(path, { ...example, metadata: { ...metadata, name, namespace: undefined } });
      }
    }
  }
}

/** Takes away what was stored, and the history of it. */
async function clear(): Promise<void> {
  for (const kind of kinds) {
    for (const path of pathsOf(kind)) {
      if (kind.plural !== 'namespaces') await h.delete(path, { gracePeriodSeconds: 0 });
    }
  }
  if (h.store.compactedRevision < h.store.revision) await h.store.compact(h.store.revision);
}

test('over HTTP', async (t) => {
  let runs = 0;
  let early = 0;
  const measureAt = seconds ? 3000 : 100;
  await fuzz(0.7, 300, anyRequest, async (request) => {
    await readBack(request, await ask(request));
    if (++runs % measureAt !== 0) return;
    await clear();
    const heap = heapUsed();
    early ||= heap;
    assert.ok(heap < early + 48e6, `the heap grew from ${early} to ${heap} bytes`);
    await fill();
  });
  t.diagnostic(`KUBECFG_FUZZ_SEED=${seed}: ${requests} requests`);
});

const options: fc.Arbitrary<RequestOptions> = fc.record(
  {
    labelSelector: fc.constantFrom('a=b', 'a in (', ''),
    fieldSelector: fc.constantFrom('metadata.name=a', 'x=y', 'status.phase!='),
    limit: fc.constantFrom(0, 1, -1, Number.NaN),
    continue: fc.string(),
    resourceVersion: fc.constantFrom('0', '1', 'x', ''),
    fieldManager: fc.string(),
    force: fc.boolean(),
    dryRun: fc.boolean(),
    fieldValidation: fc.constantFrom('Ignore', 'Warn', 'Strict'),
    gracePeriodSeconds: fc.constantFrom(0, 1, -1),
    propagationPolicy: fc.constantFrom('Orphan', 'Background', 'Foreground'),
    preconditions: fc.record({ uid: fc.string(), resourceVersion: fc.string() }, { requiredKeys: [] }),
    as: fc.constantFrom('Table', 'PartialObjectMetadata'),
  },
  { requiredKeys: [] },
);
const anyCall: fc.Arbitrary<ApiRequest> = fc.tuple(anyKind, names).chain(([kind, name]) =>
  fc.record({
    verb: fc.constantFrom<Verb[]>(
      'get',
      'list',
      'create',
      'create',
      'update',
      'patch',
      'patch',
      'delete',
      'deletecollection',
    ),
    kind: fc.constant(kind),
    namespace: fc.constantFrom(...(kind.namespaced ? ['default', 'other', 'missing'] : [undefined])),
    name: fc.constant(name),
    subresource: fc.option(fc.constantFrom<Subresource[]>('status', 'scale', 'finalize', 'binding', 'eviction'), {
      nil: undefined,
    }),
    patchType: fc.constantFrom<PatchType[]>('merge', 'json', 'strategic', 'apply'),
    options,
    body: fc.oneof({ weight: 6, arbitrary: objectOf({ kind, name }) }, { weight: 1, arbitrary: weird }),
  }),
);

test('in the process of the server', async () => {
  await fuzz(0.15, 200, anyCall, async (call) => {
    try {
      await h.client.transport.send(call);
    } catch (error) {
      assert.ok(
        error instanceof ApiError && isFine(error.code, error.message),
        `${(error as Error).stack} for ${JSON.stringify({ ...call, kind: call.kind.kind })}`,
      );
    }
    assert.deepEqual(complaints.splice(0), []);
  });
});

/** Sends the bytes and the end of all bytes; resolves with what came back when the server has ended, too. */
function raw(bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(h.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.setTimeout(answerMs, () =>
      reject(new Error(`the connection does not end: ${JSON.stringify(String(bytes))}`)),
    );
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.end(bytes);
  });
}

test('bytes', async () => {
  await fuzz(0.15, 100, anyBytes, async (bytes) => {
    const answer = await raw(bytes);
    assert.match(answer, /^(HTTP\/1\.1 \d{3} |$)/);
    const isWell = !answer.includes('HTTP/1.1 500') || isAsTheOriginal(answer);
    assert.ok(isWell, `${answer} for ${JSON.stringify(String(bytes))}`);
    assert.deepEqual(complaints.splice(0), [], JSON.stringify(String(bytes)));
  });
  assert.equal((await h.get('/healthz')).text, 'ok');
});
