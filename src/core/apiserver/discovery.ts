/** Paths that are no resources: what is served here, the version, health. Tables of kinds make all of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { noSuchResource } from '../api/status.ts';
import { type OlderVersion, olderVersions } from '../api/versions/version.ts';
import { type HealthChecks, health, healthOf, ping } from '../async/health.ts';
import { aggregated } from './paths/aggregated.ts';
import type { RawAnswer, RawPath, RawService } from './paths/raw.ts';
import { apiVersionsByGroup, resourceList } from './paths/resources.ts';

export class Discovery {
  readonly #paths = new Map<string, RawPath>();
  readonly #services = new Map<string, RawService>();

  constructor(version: string, checks: HealthChecks) {
    const json = (path: string, body: () => unknown) => this.add(path, () => ({ body: body() }));
    json('/', () => ({ paths: this.#index() }));
    const core = apiVersionsByGroup.get('') ?? [];
    const others = [...apiVersionsByGroup].filter(([group]) => group);
    this.add('/api', async (_path, _query, { accept }) => {
      const document = await aggregated(accept, [['', core]], olderLists);
      return document ?? { body: apiVersions([...core, ...olderVersions]) };
    });
    this.add('/apis', async (_path, _query, { accept }) => {
      return (await aggregated(accept, others)) ?? { body: groupList(others) };
    });
    for (const [group, versions] of apiVersionsByGroup) {
      if (group) json(`/apis/${group}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) }));
      for (const apiVersion of versions) {
        json(group ? `/apis/${apiVersion}` : `/api/${apiVersion}`, () => resourceList(apiVersion));
      }
    }
    for (const older of olderVersions) {
      const list = async () => ({ body: await olderList(older) });
      this.add(`/api/${older}`, list);
      this.add(misplaced(older), list);
    }
    json('/version', () => versionInfo(version));
    for (const name of ['healthz', 'livez', 'readyz']) {
      // A server whose store does not answer is alive; starting it anew would not help.
      const parts: HealthChecks = name === 'livez' ? { ping } : { ping, ...checks };
      this.add(`/${name}`, (_, query) => health(name, parts, query));
      for (const [part, check] of Object.entries(parts)) this.add(`/${name}/${part}`, () => healthOf(part, check));
    }
  }

  /** Serves GET of `path`, and of everything below it when it ends in `/`. */
  add(path: string, answer: RawPath): void {
    this.#paths.set(path, answer);
  }

  /** Hands every request below `prefix`, which ends in `/`, to the service. */
  addService(prefix: string, service: RawService): void {
    this.#services.set(prefix, service);
    this.add(prefix, (path, query) => service({ method: 'GET', path, query, body: async () => Buffer.alloc(0) }));
  }

  serviceOf(path: string): RawService | undefined {
    for (const [prefix, service] of this.#services) if (path.startsWith(prefix)) return service;
    return undefined;
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  async get(path: string, query: URLSearchParams, headers: IncomingHttpHeaders = {}): Promise<RawAnswer> {
    const answer = this.#find(path);
    if (!answer) throw noSuchResource();
    return answer(path, query, headers);
  }

  /** What is both a path and the beginning of others is listed once. */
  #index(): string[] {
    const isTwice = (path: string) => path.endsWith('/') && this.#paths.has(path.slice(0, -1));
    return [...this.#paths.keys()].filter((path) => !unlisted.has(path) && !isTwice(path)).sort();
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

const olderList = async (version: OlderVersion) => (await import('./versions/index.ts')).olderResourceList(version);
const olderLists = () => Promise.all(olderVersions.map(olderList));

/** Where client-go looks for the versions of the core group that are not v1. */
const misplaced = (older: OlderVersion) => `/apis/${older}`;
const unlisted = new Set(['/', ...olderVersions.map(misplaced)]);

/** Clients of today prefer the first; those of old look whether theirs is there. */
const apiVersions = (versions: readonly string[]) => ({
  kind: 'APIVersions',
  versions,
  serverAddressByClientCIDRs: [],
});

const groupList = (served: readonly (readonly [string, readonly string[]])[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: served.map(([group, versions]) => groupOf(group, versions)),
});

function groupOf(name: string, versions: readonly string[]) {
  const named = versions.map((groupVersion) => ({ groupVersion, version: groupVersion.split('/').at(-1) }));
  return { name, versions: named, preferredVersion: named[0] };
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
    // In Go's words, which clients know.
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
