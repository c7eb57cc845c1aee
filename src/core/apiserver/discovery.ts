/** Paths that are no resources: what is served here, the version, health. Tables of kinds make all of it. */
import type { Subresource } from '../api/kind.ts';
import { kinds } from '../api/kinds/index.ts';
import type { Verb } from '../api/request.ts';
import { noSuchResource } from '../api/status.ts';
import { type OlderVersion, olderVersions } from '../api/versions/version.ts';
import type { AnyKind } from './entry.ts';

export interface RawAnswer {
  /** JSON, unless it is a text. */
  readonly body: unknown;
  readonly contentType?: string;
}
export type RawPath = (path: string, query: URLSearchParams) => RawAnswer | Promise<RawAnswer>;

export class Discovery {
  readonly #paths = new Map<string, RawPath>();

  constructor(version: string) {
    const json = (path: string, body: () => unknown) => this.add(path, () => ({ body: body() }));
    json('/', () => ({ paths: [...this.#paths.keys()].filter((path) => !unlisted.has(path)).sort() }));
    json('/api', () => apiVersions);
    json('/api/v1', () => resourceList());
    for (const older of olderVersions) {
      const list = async () => ({ body: (await import('./versions/index.ts')).olderResourceList(older) });
      this.add(`/api/${older}`, list);
      this.add(misplaced(older), list);
    }
    json('/apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: [] }));
    json('/version', () => versionInfo(version));
    this.add('/healthz', (_, query) => health('healthz', query));
    this.add('/healthz/ping', () => ({ body: 'ok' }));
    this.add('/livez', (_, query) => health('livez', query));
    this.add('/readyz', (_, query) => health('readyz', query));
  }

  /** Serves GET of `path`, and of everything below it when it ends in `/`. */
  add(path: string, answer: RawPath): void {
    this.#paths.set(path, answer);
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  async get(path: string, query: URLSearchParams): Promise<RawAnswer> {
    const answer = this.#find(path);
    if (!answer) throw noSuchResource();
    return answer(path, query);
  }

  #find(path: string): RawPath | undefined {
    const exact = this.#paths.get(path) ?? this.#paths.get(path.replace(/\/$/, ''));
    if (exact || path === '/') return exact;
    for (const [prefix, answer] of this.#paths) {
      if (prefix !== '/' && prefix.endsWith('/') && path.startsWith(prefix)) return answer;
    }
    return undefined;
  }
}

/** Where client-go looks for the versions of the core group that are not v1. */
const misplaced = (older: OlderVersion) => `/apis/${older}`;
const unlisted = new Set(['/', ...olderVersions.map(misplaced)]);

const apiVersions = {
  kind: 'APIVersions',
  // Clients of today prefer the first; those of old look whether theirs is there.
  versions: ['v1', ...olderVersions],
  serverAddressByClientCIDRs: [],
};

/** The server lives in one process with its store: where it answers at all it is healthy. */
function health(name: string, query: URLSearchParams): RawAnswer {
  return { body: query.has('verbose') ? `[+]ping ok\n${name} check passed\n` : 'ok' };
}

function versionInfo(gitVersion: string) {
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch}`,
  };
}

/** Core lists carry no apiVersion in the original; clients take both. */
function resourceList() {
  const resources = kinds.flatMap((kind) => [
    resourceOf(kind),
    ...kind.subresources.map((sub) => subresourceOf(kind, sub)),
  ]);
  return {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: resources.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceOf(kind: AnyKind) {
  const { plural: name, singular: singularName, namespaced, shortNames, categories } = kind;
  return {
    name,
    singularName,
    namespaced,
    kind: kind.kind,
    verbs: [...(kind.verbs ?? allVerbs)].sort(),
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
  };
}

const subresourceVerbs: Record<Subresource, Verb[]> = {
  status: ['get', 'patch', 'update'],
  finalize: ['update'],
  scale: ['get', 'patch', 'update'],
  binding: ['create'],
  eviction: ['create'],
  log: ['get'],
};

/** Subresources that speak of something else than the object; clients need the group of its kind where it is another. */
const subresourceKinds: Partial<Record<Subresource, { kind: string; group?: string; version?: string }>> = {
  binding: { kind: 'Binding' },
  eviction: { kind: 'Eviction', group: 'policy', version: 'v1' },
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1' },
};

function subresourceOf({ plural, kind, namespaced }: AnyKind, sub: Subresource) {
  return {
    name: `${plural}/${sub}`,
    singularName: '',
    namespaced,
    ...(subresourceKinds[sub] ?? { kind }),
    verbs: subresourceVerbs[sub],
  };
}
