/** Watch events as Tables and as metadata alone. */

import type { Stored } from '../../api/object.ts';
import { encodeWatchEvent, protobufType } from '../../api/protobuf/index.ts';
import type { RequestOptions } from '../../api/request.ts';
import type { Status } from '../../api/status.ts';
import { partialMetadata, tableOf } from '../../api/table.ts';
import type { Clock } from '../../async/clock.ts';
import type { AnyKind } from '../entry.ts';
import { protobufFrames, statusProtobuf } from '../protobuf.ts';
import type { View } from '../render.ts';
import { eventLine, jsonLines, type WatchFormat, type WatchItem } from './item.ts';

/** The formats of a stream: its first event, and all that follow. Only the first tells the columns of a Table. */
export interface StreamFormats {
  readonly contentType: string;
  readonly first: WatchFormat;
  readonly rest: WatchFormat;
  /** The event that ends a watch before its time. */
  error(status: Status): Buffer;
}

export function formatsOf(kind: AnyKind, view: View & { media?: string }, clock: Clock): StreamFormats {
  if (view.media === 'protobuf') {
    const frames = protobufFrames(kind, view);
    const error = (status: Status) => encodeWatchEvent('ERROR', statusProtobuf(status));
    return { contentType: `${protobufType};stream=watch`, first: frames, rest: frames, error };
  }
  const { dialect } = view;
  const error = (status: Status) =>
    eventLine('ERROR', Buffer.from(JSON.stringify(dialect ? dialect.error(status) : status)));
  return { contentType: 'application/json', ...linesOf(kind, view, clock), error };
}

function linesOf(kind: AnyKind, view: View, clock: Clock): { first: WatchFormat; rest: WatchFormat } {
  switch (view.as) {
    case 'Table':
      return {
        first: tableLines(kind, view.includeObject, clock, true),
        rest: tableLines(kind, view.includeObject, clock, false),
      };
    case 'PartialObjectMetadata':
      return { first: partialLines, rest: partialLines };
  }
  const lines = view.dialect?.watchFormat ?? jsonLines;
  return { first: lines, rest: lines };
}

const partialLines: WatchFormat = {
  id: 'partial',
  line: (item) => transformed(item, partialMetadata(item.payload.object)),
};

function tableLines(
  kind: AnyKind,
  includeObject: RequestOptions['includeObject'],
  clock: Clock,
  withColumns: boolean,
): WatchFormat {
  return {
    id: `table/${includeObject ?? 'Metadata'}/${withColumns}`,
    line(item) {
      const { object } = item.payload;
      const rows = item.type === 'BOOKMARK' ? [] : [object as Stored];
      const metadata = { resourceVersion: object.metadata.resourceVersion };
      const options = { now: clock.now(), metadata, withColumns, ...(includeObject && { includeObject }) };
      return transformed(item, tableOf(kind, rows, options));
    },
  };
}

const transformed = ({ type }: WatchItem, object: unknown) => eventLine(type, Buffer.from(JSON.stringify(object)));
