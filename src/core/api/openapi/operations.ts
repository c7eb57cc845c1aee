/** What can be done at which path, for all kinds, and with which parameters: the same for every version of OpenAPI. */
import type { Kind } from '../kind.ts';
import {
  definitionName,
  deleteOptionsName,
  evictionName,
  evictionType,
  type GroupVersionKind,
  patchName,
  scaleName,
  scaleType,
  statusName,
} from './definitions.ts';

// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one list
type AnyKind = Kind<any>;

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly action: string;
  readonly description: string;
  readonly type: GroupVersionKind;
  readonly query: readonly Parameter[];
  /** The definition of what is sent. */
  readonly body?: string;
  /** The definition of what is answered; none for a text. */
  readonly answer?: string;
}

export interface Path {
  readonly path: string;
  /** In the path itself. */
  readonly parameters: readonly Parameter[];
  readonly operations: Readonly<Partial<Record<Method, Operation>>>;
}

export const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const text = (name: string, description: string): Parameter => ({ name, type: 'string', description });
const number = (name: string, description: string): Parameter => ({ name, type: 'integer', description });
const flag = (name: string, description: string): Parameter => ({ name, type: 'boolean', description });

const pretty = text('pretty', 'Anything but false and 0 indents the answer.');
const selectors = [
  text('fieldSelector', 'Only objects whose fields have these values.'),
  text('labelSelector', 'Only objects whose labels match.'),
];
const revisions = [
  text('resourceVersion', 'The state the answer must not be older than; 0 takes any.'),
  text('resourceVersionMatch', 'Exact or NotOlderThan: how resourceVersion is meant.'),
];
const pages = [
  number('limit', 'At most so many objects; the answer then tells how to go on.'),
  text('continue', 'The token of the page before.'),
];
const watching = [
  flag('watch', 'Sends what changes from now on, one event after the other.'),
  flag('allowWatchBookmarks', 'Also sends events that only tell how far the watch has come.'),
  flag('sendInitialEvents', 'Begins with the objects there are, then a bookmark.'),
  number('timeoutSeconds', 'Ends the watch after this time.'),
];
const writing = [
  text('dryRun', 'All: everything is checked and nothing is written.'),
  text('fieldManager', 'The name under which the writer owns the fields he sets.'),
  text('fieldValidation', 'What unknown and duplicate fields are: Ignore, Warn (a warning), Strict (an error).'),
];
const deleting = [
  writing[0]!,
  number('gracePeriodSeconds', 'Time for an orderly end; 0 takes the object away at once.'),
  text('propagationPolicy', 'Whether what belongs to the object goes too: Background, Foreground or Orphan.'),
];
const force = flag('force', 'Takes over fields that others own; for apply only.');
const logging = [
  text('container', 'The container, where the pod has several.'),
  flag('follow', 'Goes on with what is written from now on.'),
  flag('previous', 'Of the instance before the last restart.'),
  flag('timestamps', 'Puts its time before each line.'),
  number('tailLines', 'Only so many lines from the end.'),
  number('sinceSeconds', 'Only what was written in the last so many seconds.'),
  text('sinceTime', 'Only what was written after this time.'),
  number('limitBytes', 'Ends after so many bytes.'),
  text('stream', 'What was written to Stdout or Stderr only; All is both.'),
  flag('insecureSkipTLSVerifyBackend', 'Has no effect: kubelets are asked over HTTP.'),
];

const inPath = {
  name: text('name', 'Name of the object.'),
  namespace: text('namespace', 'The namespace the object is in.'),
};

export function pathsOf(kind: AnyKind): Path[] {
  const { group, apiVersion, plural, namespaced } = kind;
  const root = `/${group ? 'apis' : 'api'}/${apiVersion}`;
  const within = namespaced ? [inPath.namespace] : [];
  const collection = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
  const paths: Path[] = [
    { path: collection, parameters: within, operations: collectionOperations(kind) },
    { path: `${collection}/{name}`, parameters: [...within, inPath.name], operations: objectOperations(kind) },
    ...kind.subresources.map((sub) => ({
      path: `${collection}/{name}/${sub}`,
      parameters: [...within, inPath.name],
      operations: subresourceOperations(kind, sub),
    })),
  ];
  if (namespaced) {
    const list = operation(kind, 'list', { query: listQuery, answer: 'List' }, 'ForAllNamespaces');
    paths.push({ path: `${root}/${plural}`, parameters: [], operations: allowed(kind, { get: ['list', list] }) });
  }
  if (kind.subresources.includes('proxy')) {
    const parameters = [...within, inPath.name, relaying[0]!];
    paths.push({ path: `${collection}/{name}/proxy/{path}`, parameters, operations: relayOperations(kind, []) });
  }
  return paths.filter(({ operations }) => Object.keys(operations).length > 0);
}

const listQuery = [...watching, ...pages, ...selectors, ...revisions, pretty];
const writeQuery = [...writing, pretty];

const collectionOperations = (kind: AnyKind) =>
  allowed(kind, {
    get: ['list', operation(kind, 'list', { query: listQuery, answer: 'List' })],
    post: ['create', operation(kind, 'create', { query: writeQuery, body: definitionName(kind), answer: '' })],
    delete: [
      'deletecollection',
      operation(kind, 'deletecollection', {
        query: [...deleting, ...pages, ...selectors, ...revisions, pretty],
        body: deleteOptionsName,
        answer: 'Status',
      }),
    ],
  });

const objectOperations = (kind: AnyKind) =>
  allowed(kind, {
    get: ['get', operation(kind, 'get', { query: [pretty], answer: '' })],
    put: ['update', operation(kind, 'update', { query: writeQuery, body: definitionName(kind), answer: '' })],
    patch: ['patch', operation(kind, 'patch', { query: [force, ...writeQuery], body: patchName, answer: '' })],
    delete: [
      'delete',
      operation(kind, 'delete', {
        query: [...deleting, pretty],
        body: deleteOptionsName,
        answer: kind.deleteAnswersObject ? '' : 'Status',
      }),
    ],
  });

function subresourceOperations(kind: AnyKind, sub: AnyKind['subresources'][number]): Path['operations'] {
  const body = definitionName(kind);
  const named = `${sub[0]!.toUpperCase()}${sub.slice(1)}`;
  const update = operation(kind, 'update', { query: writeQuery, body, answer: '' }, named);
  switch (sub) {
    case 'status':
      return {
        get: operation(kind, 'get', { query: [pretty], answer: '' }, named),
        put: update,
        patch: operation(kind, 'patch', { query: [force, ...writeQuery], body: patchName, answer: '' }, named),
      };
    case 'scale':
      return scaleOperations(kind);
    case 'eviction': {
      const create = operation(kind, 'create', { query: writeQuery, body: evictionName, answer: 'Status' }, named);
      return { post: { ...create, type: evictionType } };
    }
    case 'finalize':
      return { put: update };
    case 'proxy':
      return relayOperations(kind, relaying);
    case 'log':
      return { get: operation(kind, 'get', { query: logging, answer: undefined }, named) };
    case 'binding': {
      const binding = definitionName(kind).replace(/\w+$/, 'Binding');
      return { post: operation(kind, 'create', { query: writeQuery, body: binding, answer: 'Status' }, named) };
    }
  }
}

const relaying = [text('path', 'What the request is sent on for.')];

/** `connectCoreV1GetNamespacedPodProxy`; with the path in the path, `…ProxyWithPath`. */
function relayOperations(kind: AnyKind, query: readonly Parameter[]): Path['operations'] {
  const made = operation(kind, 'get', { query, answer: undefined }, query.length ? 'Proxy' : 'ProxyWithPath');
  const named = (method: Method) => method.replace(/^./, (letter) => letter.toUpperCase());
  const of = (method: Method): Operation => ({
    ...made,
    id: made.id.replace(/^read([A-Z][a-z]*V1)/, `connect$1${named(method)}`),
    action: 'connect',
    description: `Sends the request on to one of the ${kind.plural}.`,
    type: { ...made.type, kind: `${kind.kind}ProxyOptions` },
  });
  return { get: of('get'), post: of('post'), put: of('put'), patch: of('patch'), delete: of('delete') };
}

/** Every kind that can be scaled is scaled through the same object. */
function scaleOperations(kind: AnyKind): Path['operations'] {
  const of = (verb: 'get' | 'update' | 'patch', query: readonly Parameter[], body?: string): Operation => {
    const made = operation(kind, verb, { query, ...(body && { body }), answer: '' }, 'Scale');
    return { ...made, type: scaleType, answer: scaleName };
  };
  return {
    get: of('get', [pretty]),
    put: of('update', writeQuery, scaleName),
    patch: of('patch', [force, ...writeQuery], patchName),
  };
}

type Verb = NonNullable<AnyKind['verbs']>[number];

/** Only what the kind can do. */
function allowed(
  { verbs }: AnyKind,
  operations: Partial<Record<Method, readonly [verb: Verb, operation: Operation]>>,
): Path['operations'] {
  const entries = Object.entries(operations).filter(([, [verb]]) => !verbs || verbs.includes(verb));
  return Object.fromEntries(entries.map(([method, [, operation]]) => [method, operation]));
}

interface Form {
  readonly query: readonly Parameter[];
  readonly body?: string;
  /** The kind itself, its list, or a Status. */
  readonly answer: '' | 'List' | 'Status' | undefined;
}

/** How ids begin, what clients read the action by, and what the sentence says. */
const wordsOf = {
  list: { id: 'list', action: 'list', says: 'Lists or watches' },
  get: { id: 'read', action: 'get', says: 'Reads' },
  create: { id: 'create', action: 'post', says: 'Creates' },
  update: { id: 'replace', action: 'put', says: 'Replaces' },
  patch: { id: 'patch', action: 'patch', says: 'Changes parts of' },
  delete: { id: 'delete', action: 'delete', says: 'Deletes' },
  deletecollection: { id: 'delete', action: 'deletecollection', says: 'Deletes all selected' },
} as const;

/** `patchCoreV1NamespacedPodStatus`. */
function operation(kind: AnyKind, verb: keyof typeof wordsOf, form: Form, suffix = ''): Operation {
  const { group, version } = kind;
  const words = wordsOf[verb];
  const tag = `${group.split('.')[0] || 'core'}_${version}`;
  const pascal = tag.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const where = kind.namespaced && suffix !== 'ForAllNamespaces' ? 'Namespaced' : '';
  const many = verb === 'deletecollection' ? 'Collection' : '';
  const part = suffix && suffix !== 'ForAllNamespaces' ? `the ${suffix.toLowerCase()} of ` : '';
  const { query, body, answer } = form;
  const plural = verb === 'list' || verb === 'deletecollection';
  return {
    id: `${words.id}${pascal}${many}${where}${kind.kind}${suffix}`,
    tag,
    action: words.action,
    description: `${words.says} ${part}${plural ? kind.plural : `one of the ${kind.plural}`}.`,
    type: { group, version, kind: kind.kind },
    query,
    ...(body && { body }),
    ...(answer !== undefined && { answer: answer === 'Status' ? statusName : definitionName(kind, answer) }),
  };
}
