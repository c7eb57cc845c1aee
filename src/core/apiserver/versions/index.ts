/**
 * v1beta1, v1beta2 and v1beta3 over HTTP. Loaded when one of them is first asked for.
 * May import: core/api, and the rest of this server.
 */
import { kindOf } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/object.ts';
import {
  encodeList,
  encodeObject,
  encodeStatus,
  isInline,
  kindIn,
  type OlderVersion,
  pluralsOf,
  resources,
} from '../../api/versions/index.ts';
import type { Answer } from '../answer.ts';
import type { Dialect } from '../dialect.ts';
import { parseBody, parseJsonOrYaml } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { eventLine } from '../watch/item.ts';
import { type Translated, translate } from './path.ts';
import { write } from './writes.ts';

/** The request in terms of v1, with a dialect that carries bodies and answers across. */
export function olderExchange(version: OlderVersion, exchange: Exchange): Exchange {
  const { request, path, query } = exchange;
  const translated = translate({ version, method: request.method ?? '', path, query });
  return { ...exchange, path: translated.path, query: translated.query, dialect: dialectOf(version, translated) };
}

/** For requests that lead nowhere, whose errors are of the version, too. */
export function errorDialect(version: OlderVersion): Pick<Dialect, 'error'> {
  return { error: (status) => encodeStatus(version, status) };
}

function dialectOf(version: OlderVersion, translated: Translated): Dialect {
  const { kind, resource, location } = translated;
  return {
    ...errorDialect(version),
    parseBody: isInline(version) ? parseKindly : parseStrictly,
    write: (context, request) => write(context, request, version, resource),
    answer(answer) {
      const object = encodeAnswer(translated, answer) as KubeObject;
      const payload = { object, wire: Buffer.from(JSON.stringify(object)) };
      return { type: 'object', kind, payload, code: answer.code, warnings: answer.warnings };
    },
    watchFormat: {
      id: `${version}/${location.plural}`,
      line: ({ type, payload }) =>
        eventLine(type, Buffer.from(JSON.stringify(encodeObject(version, resource, payload.object, location)))),
    },
  };
}

function encodeAnswer({ resource, location, subresource, namespace }: Translated, answer: Answer): object {
  const { version } = location;
  switch (answer.type) {
    case 'object':
      return encodeObject(version, resource, answer.payload.object, location, subresource);
    case 'list': {
      const items = answer.entries.map(({ object }) => object);
      return encodeList(resource, location, { items, resourceVersion: answer.metadata.resourceVersion, namespace });
    }
    case 'status':
      return encodeStatus(version, answer.status);
  }
}

const yaml = 'application/yaml';

/** Types other than that were not looked at. */
const parseStrictly = (bytes: Buffer, contentType: string) => parseBody(bytes, contentType === yaml ? yaml : '');

/**
 * 0.7.2 read every body as YAML, of which JSON is a part, whatever its type was said to be; so the commas behind the
 * last members in its documents were no mistakes. v1beta3 came with 0.17, which read nothing but JSON.
 */
const parseKindly = (bytes: Buffer, contentType: string) =>
  contentType === yaml ? parseBody(bytes, yaml) : parseJsonOrYaml(bytes);

/** What the version had. Without verbs, which came with 1.5: today's kubectl then leaves them out of api-resources. */
export function olderResourceList(version: OlderVersion) {
  const list = resources.flatMap((resource) => {
    const kind = kindOf('v1', resource.kind);
    if (!kind) return [];
    const { namespaced } = kind;
    return pluralsOf(resource, version).map((name) => ({
      name,
      singularName: '',
      namespaced,
      kind: kindIn(resource, version),
      verbs: [] as string[],
    }));
  });
  return {
    kind: 'APIResourceList',
    groupVersion: version,
    resources: list.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
