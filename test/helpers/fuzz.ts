/** What nobody should send to a server: objects, patches, selectors, queries, paths, headers and bytes gone wrong. */
import fc from 'fast-check';
import type { Kind } from '../../src/core/api/kind.ts';
import { kinds } from '../../src/core/api/kinds/index.ts';
import { encodeProtobuf } from '../../src/core/api/protobuf/index.ts';
import { encodeObject, type OlderVersion, olderVersions, resourceOf } from '../../src/core/api/versions/index.ts';
import { arbitraryOf } from './arbitrary.ts';

export interface FuzzRequest {
  /** What it is about, unless its path goes elsewhere. */
  readonly kind?: Kind;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

/** Half of a pair of surrogates cannot be written in a path. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');
const nested = (depth: number) => JSON.parse(`${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`) as unknown;
const strings = fc.oneof(
  fc.constantFrom('', '-', '.', '..', '/', '%', '%00', '\0', '\n', '\ud800', '__proto__', 'constructor', 'toString'),
  fc.constantFrom(
    '$(',
    '`',
    '{{.}}',
    'a/b/c',
    'A',
    'é',
    'x'.repeat(300),
    '0',
    '1e9',
    '-1',
    '9'.repeat(40),
    'true',
    'null',
  ),
  fc.constantFrom(
    'Never',
    '1Gi',
    '100m',
    '1e400',
    '0x1',
    '10.0.0.1',
    '::1',
    '2015-05-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const numbers = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 1e308, -1e308, 2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 63, 65_536, 80),
  fc.integer(),
);
const lists = fc.constantFrom<unknown>([], [null], [[]], [{}], ['', ''], nested(20), nested(150));
const maps = fc.constantFrom<unknown>(
  {},
  { a: null },
  { '': '' },
  { constructor: 1, toString: 'x' },
  { $patch: 'delete' },
);
export const weird: fc.Arbitrary<unknown> = fc.oneof(fc.constant(null), fc.boolean(), numbers, strings, lists, maps);
const keys = fc.oneof(
  strings,
  fc.constantFrom('name', 'namespace', 'labels', 'spec', 'metadata', 'kind', 'status', 'uid'),
);

interface Change {
  readonly at: number;
  readonly do: 'replace' | 'remove' | 'add' | 'repeat';
  readonly key: string;
  readonly value: unknown;
}
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  do: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat'),
  key: keys,
  value: weird,
});

/** `value` with up to `max` changes somewhere in it. */
export const mutated = (value: fc.Arbitrary<unknown>, max = 4): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.oneof(fc.array(change, { maxLength: 1 }), fc.array(change, { maxLength: max })))
    .map(([base, changes]) => {
      const root = { base: structuredClone(base) };
      for (const one of changes) mutate(root, one);
      return root.base;
    });

function mutate(root: object, { at, do: what, key, value }: Change): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (inside: object) => {
    for (const [name, member] of Object.entries(inside)) {
      places.push([inside as Record<string, unknown>, name]);
      if (member && typeof member === 'object') visit(member);
    }
  };
  visit(root);
  const [holder, name] = places[at % places.length]!;
  const target = holder[name];
  if (what === 'replace') put(holder, name, value);
  else if (what === 'remove' && holder !== root) delete holder[name];
  else if (what === 'repeat' && Array.isArray(target)) target.push(...structuredClone(target.slice(0, 20)));
  else if (what === 'add' && Array.isArray(target)) target.push(structuredClone(value));
  else if (what === 'add' && target && typeof target === 'object') put(target, key, value);
}

/** As JSON.parse does it: `__proto__` is a key like all others. */
function put(holder: object, key: string, value: unknown): void {
  // Values are shared among all inputs.
  Object.defineProperty(holder, key, {
    value: structuredClone(value),
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

export const names = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a', 'a', 'b', 'b', 'c', 'default') },
  { weight: 1, arbitrary: strings },
);
const namespaces = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('default', 'default', 'default', 'default', 'other', 'other', 'ending', 'missing'),
  },
  { weight: 1, arbitrary: strings },
);
export const anyKind = fc.constantFrom(...(kinds as readonly Kind[]));

/** What a request is about. */
export interface Target {
  readonly kind: Kind;
  readonly method: string;
  readonly version: OlderVersion | undefined;
  readonly name: string;
}

/** An object of this kind that is wrong in a few places, or made of anything its schema allows. */
export const objectOf = ({
  kind,
  version,
  name,
}: Pick<Target, 'kind' | 'name'> & Partial<Target>): fc.Arbitrary<unknown> => {
  const base = fc.oneof(
    { weight: 3, arbitrary: fc.constant(kind.example) },
    { weight: 1, arbitrary: arbitraryOf(kind.schema) },
  );
  const typed = base.map((object) => {
    const { metadata, ...rest } = object as { metadata?: object };
    const { kind: word, apiVersion } = kind;
    return { ...rest, kind: word, apiVersion, metadata: { ...metadata, name, namespace: undefined } };
  });
  const old = version && resourceOf(kind.plural);
  return mutated(old ? typed.map((object) => encodeObject(version, old, object)) : typed);
};

const pointer = fc.oneof(
  fc.constantFrom(
    '',
    '/',
    '/metadata',
    '/metadata/labels',
    '/metadata/labels/a~1b',
    '/spec',
    '/spec/containers/0/image',
  ),
  fc.constantFrom(
    '/spec/containers/-',
    '/spec/containers/01',
    '/spec/ports/0',
    '/status',
    '/metadata/name',
    '/__proto__/x',
  ),
  fc.array(keys, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join('')),
);
const operation = fc.record({
  op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), strings),
  path: pointer,
  from: pointer,
  value: weird,
});
const jsonPatches = mutated(fc.array(operation, { maxLength: 5 }), 2);
const directives = fc.constantFrom<object>(
  { $patch: 'delete' },
  { $patch: 'replace' },
  { $patch: 'merge' },
  { $retainKeys: ['image'] },
  { '$setElementOrder/containers': [{ name: 'main' }] },
  { '$deleteFromPrimitiveList/finalizers': ['x'] },
  { $patch: 7, $retainKeys: 'x' },
);
const strategicPatches = (target: Target) =>
  fc.tuple(objectOf(target), directives, fc.constantFrom('spec', 'metadata', '')).map(([object, directive, where]) => {
    if (!where || !object || typeof object !== 'object') return { ...(object as object), ...directive };
    const inside = (object as Record<string, unknown>)[where];
    return { ...object, [where]: { ...(typeof inside === 'object' ? inside : {}), ...directive } };
  });

const selectors = fc.oneof(
  fc.constantFrom(
    'a=b',
    'a==b',
    'a!=b',
    'a in (b,c)',
    'a notin (b)',
    '!a',
    'a',
    'a>1',
    'a<x',
    'a in (',
    ',,',
    '=',
    '()',
  ),
  fc.constantFrom('metadata.name=a', 'spec.nodeName=', 'status.phase!=Running', 'x\\,y=z\\', 'involvedObject.name=a'),
  fc
    .array(fc.constantFrom('a', 'b', '=', '!', ' in ', '(', ')', ',', '<', '>', '\\', 'é'), { maxLength: 8 })
    .map((p) => p.join('')),
  strings,
);
const revisions = fc.constantFrom('', '0', '1', '5', '99999999', '-1', 'abc', '1e3', '18446744073709551616');
const tokens = fc.oneof(
  fc
    .record({ v: fc.constant('meta.k8s.io/v1'), rv: fc.oneof(fc.integer(), weird), start: weird })
    .map((token) => Buffer.from(JSON.stringify(token)).toString('base64url')),
  strings,
);
const flags = fc.constantFrom('true', 'false', '1', '0', '', 'maybe');
const wholes = fc.constantFrom('0', '1', '2', '-1', '1.5', 'x', '999999999999999', '9'.repeat(30));
const parameters: Record<string, fc.Arbitrary<string>> = {
  labelSelector: selectors,
  fieldSelector: selectors,
  labels: selectors,
  fields: selectors,
  namespace: namespaces,
  limit: wholes,
  continue: tokens,
  resourceVersion: revisions,
  resourceVersionMatch: fc.constantFrom('Exact', 'NotOlderThan', 'x', ''),
  watch: flags,
  allowWatchBookmarks: flags,
  sendInitialEvents: flags,
  timeoutSeconds: wholes,
  dryRun: fc.constantFrom('All', 'None', ''),
  fieldManager: strings,
  fieldValidation: fc.constantFrom('Strict', 'Warn', 'Ignore', 'x'),
  force: flags,
  pretty: flags,
  includeObject: fc.constantFrom('None', 'Metadata', 'Object', 'x'),
  gracePeriodSeconds: wholes,
  propagationPolicy: fc.constantFrom('Orphan', 'Foreground', 'Background', 'x'),
  orphanDependents: flags,
  tailLines: wholes,
  sinceTime: strings,
  container: strings,
  verbose: flags,
  exclude: strings,
  timeout: fc.constantFrom('1s', 'x'),
};
const query = fc
  .array(
    fc
      .constantFrom(...Object.keys(parameters), '__proto__', 'constructor')
      .chain((name) =>
        (Object.hasOwn(parameters, name) ? parameters[name]! : strings).map(
          (value) => `${name}=${encodeURIComponent(wellFormed(value))}`,
        ),
      ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join('&'));

const part = (text: string) => encodeURIComponent(wellFormed(text));

const sometimes = <T>(value: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: percent, arbitrary: value }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });

/** Nodes and endpoints of examples have addresses, and what answers there is no part of the test. */
const leadsOut = ({ kind }: Kind) => kind === 'Node' || kind === 'Service';
const askedOf = (kind: Kind) => kind.subresources.filter((sub) => sub !== 'proxy' || !leadsOut(kind));

/** A path to this kind, mostly a right one for the method, in any version. */
const pathOf = ({ kind, method, version, name }: Target): fc.Arbitrary<string> =>
  fc
    .record({
      namespace: sometimes(namespaces, kind.namespaced ? 97 : 2),
      named: sometimes(fc.constant(name), { POST: 10, GET: 60 }[method] ?? 95),
      subresource: sometimes(fc.constantFrom('status', ...askedOf(kind), ...askedOf(kind), 'log'), 20),
      prefix: sometimes(fc.constantFrom('/watch', leadsOut(kind) ? '/watch' : '/proxy', '/redirect'), 5),
      wrong: sometimes(fc.constantFrom('/', '//', '/x'), 5),
    })
    .map(({ namespace, named, subresource, prefix = '', wrong = '' }) => {
      const root = version ? `/api/${version}` : kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
      const plural = version === 'v1beta1' && kind.plural === 'nodes' ? 'minions' : kind.plural;
      const within = namespace === undefined ? '' : `/namespaces/${part(namespace)}`;
      const rest = named === undefined ? '' : `/${part(named)}${subresource ? `/${subresource}` : ''}`;
      // The oldest versions have the namespace in their queries.
      const inQuery = version === 'v1beta1' || version === 'v1beta2';
      const path = `${root}${prefix}${inQuery ? '' : within}/${plural}${rest}${wrong}`;
      return inQuery && namespace !== undefined ? `${path}?namespace=${part(namespace)}` : path;
    });

const rawPaths = fc.oneof(
  fc.constantFrom(
    '/',
    '/api',
    '/apis',
    '/version',
    '/healthz',
    '/readyz/etcd',
    '/metrics',
    '/validate',
    '/swaggerapi/',
  ),
  fc.constantFrom(
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/api/v1',
    '/swaggerapi/api/v1',
    '/swagger-ui/',
    '/static/',
    '/logs/',
  ),
  fc.constantFrom(
    '/logs/../x',
    '/static/%2e%2e/x',
    '/static/..%2f..%2fpackage.json',
    '*',
    '//',
    '/api/v1beta1/',
    '/%',
    '/api//pods',
  ),
  fc
    .array(fc.oneof(strings.map(part), fc.constantFrom('api', 'apis', 'v1', 'pods', '..', '')), { maxLength: 5 })
    .map((p) => `/${p.join('/')}`),
);

const medias = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    '*/*',
    'text/plain',
    '',
  ),
  fc.constantFrom(
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/vnd.kubernetes.protobuf;stream=watch;q=x, application/json;q=0.1',
    ';;;,,,;q=;as=Table',
    'application/json;__proto__=x;constructor=y',
  ),
);
const headers = fc
  .record({
    Accept: sometimes(medias, 25),
    'Accept-Encoding': sometimes(fc.constantFrom('gzip', 'gzip;q=0', 'x', ''), 20),
    'User-Agent': sometimes(fc.constantFrom('curl/8', 'kubectl/v1.32 (linux)', '', '/', 'x'.repeat(200)), 30),
    'If-None-Match': sometimes(fc.constantFrom('*', '"x"', ',,'), 5),
    Origin: sometimes(fc.constantFrom('http://localhost', 'null'), 5),
  })
  .map((all) => {
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(present);
  });

/** The text with some of its bytes gone wrong. */
const damaged = (bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(bytes, fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'double')), { maxLength: 3 }))
    .map(([whole, hits]) => {
      let out = Buffer.from(whole);
      for (const [at, byte, how] of hits) {
        const place = out.length ? at % out.length : 0;
        if (how === 'cut') out = out.subarray(0, place);
        else if (how === 'double') out = Buffer.concat([out.subarray(0, place), out.subarray(place >> 1)]);
        else if (out.length) out[place] = byte;
      }
      return out;
    });

const json = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
const yamlTexts = fc.constantFrom(
  '',
  'a: &x [*x]',
  '- '.repeat(300),
  '{a: 1, a: 2}',
  '!!binary x',
  '--- a\n--- b',
  'a: !<x> y',
  '? {a: b}\n: c',
  '<<: *z',
);

const protobufOf = ({ schema, kind, apiVersion }: Kind) =>
  arbitraryOf(schema).map((object) => encodeProtobuf(schema, { ...(object as object), kind, apiVersion }));

type Body = { readonly type: string; readonly bytes: Buffer };
const bodyFor = (target: Target): fc.Arbitrary<Body> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: objectOf(target).map((object) => ({ type: 'application/json', bytes: json(object) })),
    },
    // JSON is YAML.
    {
      weight: 2,
      arbitrary: objectOf(target).map((object) => ({ type: 'application/yaml', bytes: json(object) })),
    },
    { weight: 1, arbitrary: yamlTexts.map((text) => ({ type: 'application/yaml', bytes: Buffer.from(text) })) },
    {
      weight: 2,
      arbitrary: fc
        .oneof(protobufOf(target.kind), damaged(protobufOf(target.kind)))
        .map((bytes) => ({ type: 'application/vnd.kubernetes.protobuf', bytes })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(medias, damaged(objectOf(target).map(json))).map(([type, bytes]) => ({ type, bytes })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(medias, fc.uint8Array()).map(([type, bytes]) => ({ type, bytes: Buffer.from(bytes) })),
    },
  );

const patchFor = (target: Target): fc.Arbitrary<Body> =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          'application/merge-patch+json',
          'application/strategic-merge-patch+json',
          'application/apply-patch+yaml',
        ),
        objectOf(target),
      )
      .map(([type, object]) => ({ type, bytes: json(object) })),
    strategicPatches(target).map((patch) => ({ type: 'application/strategic-merge-patch+json', bytes: json(patch) })),
    jsonPatches.map((patch) => ({ type: 'application/json-patch+json', bytes: json(patch) })),
    fc
      .tuple(
        fc.constantFrom('application/merge-patch+json', 'application/apply-patch+yaml', 'application/json-patch+json'),
        damaged(jsonPatches.map(json)),
      )
      .map(([type, bytes]) => ({ type, bytes })),
  );

const bodies: Record<string, (target: Target) => fc.Arbitrary<Body | undefined>> = {
  POST: bodyFor,
  PUT: bodyFor,
  PATCH: patchFor,
  DELETE: (target) =>
    fc.option(
      fc.oneof(
        bodyFor(target),
        mutated(
          fc.constant({
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            gracePeriodSeconds: 0,
            preconditions: { uid: 'x' },
            propagationPolicy: 'Foreground',
          }),
        ).map((options) => ({ type: 'application/json', bytes: json(options) })),
      ),
      { nil: undefined },
    ),
};

const methods = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE') },
  { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'SEARCH') },
);
const targets: fc.Arbitrary<Target> = fc.record({
  kind: anyKind,
  method: methods,
  version: sometimes(fc.constantFrom(...olderVersions), 20),
  name: names,
});

export const anyRequest: fc.Arbitrary<FuzzRequest> = targets.chain((target) =>
  fc
    .record({
      path: fc.oneof({ weight: 20, arbitrary: pathOf(target) }, { weight: 1, arbitrary: rawPaths }),
      query: sometimes(query, 60),
      manager: sometimes(fc.constant('fieldManager=fuzz'), target.method === 'PATCH' ? 60 : 2),
      headers,
      body: bodies[target.method]?.(target) ?? fc.constant(undefined),
    })
    .map(({ path, query, manager, headers, body }) => {
      const [place, ...asked] = [...path.split('?'), query, manager].filter((text) => text);
      return {
        kind: target.kind,
        method: target.method,
        path: asked.length ? `${place}?${asked.join('&')}` : place!,
        headers: body ? { ...headers, 'Content-Type': body.type } : headers,
        ...(body && { body: body.bytes }),
      };
    }),
);

/** Bytes that begin like HTTP. */
export const anyBytes: fc.Arbitrary<Buffer> = damaged(
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(anyRequest, fc.constantFrom('length', 'chunked', 'both', 'wrong'), fc.nat(3))
      .map(([request, how, more]) => {
        const { method, path, headers, body = '' } = request;
        const bytes = Buffer.from(body);
        const framing = {
          length: `Content-Length: ${bytes.length}`,
          chunked: 'Transfer-Encoding: chunked',
          both: `Transfer-Encoding: chunked\r\nContent-Length: ${bytes.length}`,
          wrong: `Content-Length: ${bytes.length + 10}`,
        }[how];
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}${framing}\r\n\r\n`;
        const chunk = [`${bytes.length.toString(16)}\r\n`, bytes, '\r\n0\r\n\r\n'].map((piece) => Buffer.from(piece));
        const whole = Buffer.concat([Buffer.from(head), ...(how === 'length' || how === 'wrong' ? [bytes] : chunk)]);
        return Buffer.concat(Array.from({ length: more + 1 }, () => whole));
      }),
  ),
);
