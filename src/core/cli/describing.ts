/** The text of `describe`: what the kind says, with the lists it asked for, and the events about the object. */
import { describeEvents } from '../api/describe-events.ts';
import type { Kind, Related } from '../api/kind.ts';
import { kindByWord } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Client } from '../client/client.ts';
import { CliError } from './errors.ts';

export interface Described {
  kind: Kind;
  object: Stored;
  now: number;
}

export async function describeObject(client: Client, { kind, object, now }: Described): Promise<string> {
  if (!kind.describe) throw new CliError(`no description has been implemented for "${kind.kind}"`);
  const related = await relatedTo(client, kind, object);
  const text = kind.describe(object, related, now);
  return related['events'] ? text + describeEvents(related['events'], now) : text;
}

async function relatedTo(client: Client, kind: Kind, object: Stored): Promise<Related> {
  const queries = Object.entries(kind.related?.(object) ?? {});
  const lists = queries.map(async ([name, { plural, allNamespaces, labelSelector, fieldSelector }]) => {
    const namespace = allNamespaces ? '' : object.metadata.namespace;
    const options = { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
    const { items } = await client.list(kindByWord(plural)!, namespace, options);
    return [name, items] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
}
