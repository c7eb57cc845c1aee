/** Answers and watch events in protobuf. Made anew each time: few clients ask for it, and JSON is what is stored. */
import { encodeProtobuf, encodeWatchEvent } from '../api/protobuf/index.ts';
import { list, req, type StructSchema, struct } from '../api/schema.ts';
import type { Status } from '../api/status.ts';
import { partialMetadata } from '../api/table.ts';
import { ListMeta, ObjectMeta, Status as StatusSchema, TypeMeta } from '../api/types/meta.ts';
import type { Answer } from './answer.ts';
import type { AnyKind } from './entry.ts';
import { objectOf, type View } from './render.ts';
import type { WatchFormat } from './watch/item.ts';

const PartialObjectMetadata = struct('PartialObjectMetadata', { ...TypeMeta.fields, metadata: req(1, ObjectMeta) });

export function protobufOf(answer: Answer, view: View): Buffer {
  if (answer.type === 'status') return statusProtobuf(answer.status);
  const item = view.as ? PartialObjectMetadata : answer.kind.schema;
  // The time is for ages, which only Tables have, and those are never protobuf.
  const object = objectOf(answer, view, 0) as object;
  return encodeProtobuf(answer.type === 'list' ? listOf(item) : item, object);
}

export const statusProtobuf = (status: Status | Omit<Status, 'code'>): Buffer => encodeProtobuf(StatusSchema, status);

const lists = new WeakMap<StructSchema, StructSchema>();

/** PodList of Pod: all lists have the same two fields. */
function listOf(item: StructSchema): StructSchema {
  let schema = lists.get(item);
  if (!schema) {
    schema = struct(`${item.name}List`, { ...TypeMeta.fields, metadata: req(1, ListMeta), items: req(2, list(item)) });
    lists.set(item, schema);
  }
  return schema;
}

/** Events of a watch as frames. */
export function protobufFrames({ schema }: AnyKind, { as }: View): WatchFormat {
  if (as) {
    return {
      id: 'protobuf/partial',
      line: ({ type, payload }) =>
        encodeWatchEvent(type, encodeProtobuf(PartialObjectMetadata, partialMetadata(payload.object))),
    };
  }
  return {
    id: 'protobuf',
    line: ({ type, payload }) => encodeWatchEvent(type, encodeProtobuf(schema, payload.object)),
  };
}
