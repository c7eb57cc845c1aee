/** Answers become what was asked for: the object itself, its metadata, or a Table; shared objects or bytes. */

import type { Stored } from '../api/object.ts';
import type { RequestOptions } from '../api/request.ts';
import { partialMetadata, tableOf } from '../api/table.ts';
import type { Answer, ListAnswer, ObjectAnswer } from './answer.ts';
import type { Dialect } from './dialect.ts';
import { type Bytes, bytesOfOne } from './items.ts';

export interface View {
  readonly as?: RequestOptions['as'] | undefined;
  readonly includeObject?: RequestOptions['includeObject'] | undefined;
  readonly dialect?: Dialect;
}

/** For components of this process, and for every form whose bytes are not at hand. Objects in it are shared. */
export function objectOf(answer: Answer, view: View, now: number): unknown {
  if (answer.type === 'status') return answer.status;
  switch (view.as) {
    case 'Table':
      return table(answer, view, now);
    case 'PartialObjectMetadata':
      return answer.type === 'object' ? partialMetadata(answer.payload.object) : partialList(answer);
  }
  if (answer.type === 'object') return answer.payload.object;
  const { kind, metadata, entries } = answer;
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata,
    items: entries.map(({ object }) => object),
  };
}

function table(answer: ObjectAnswer | ListAnswer, { includeObject }: View, now: number) {
  const objects = answer.type === 'object' ? [answer.payload.object as Stored] : answer.entries.map((e) => e.object);
  const { resourceVersion } = objects[0]?.metadata ?? {};
  const metadata = answer.type === 'object' ? { resourceVersion } : answer.metadata;
  return tableOf(answer.kind, objects, { now, metadata, ...(includeObject && { includeObject }) });
}

function partialList({ metadata, entries }: ListAnswer) {
  const items = entries.map(({ object }) => partialMetadata(object));
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items };
}

/** JSON: stored bytes wherever they are what was asked for. */
export function bytesOf(answer: Answer, view: View, now: number): Bytes {
  if (view.as || answer.type === 'status') return bytesOfOne(Buffer.from(JSON.stringify(objectOf(answer, view, now))));
  if (answer.type === 'object') return bytesOfOne(answer.payload.wire);
  const { kind, metadata } = answer;
  const list = { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata };
  const head = Buffer.from(`${JSON.stringify(list).slice(0, -1)},"items":[`);
  const items = answer.items();
  return { length: head.length + items.length + listEnd.length, pieces: around(head, items.pieces) };
}
const listEnd = Buffer.from(']}');

function* around(head: Buffer, items: Iterable<Buffer>): Generator<Buffer> {
  yield head;
  yield* items;
  yield listEnd;
}
