/**
 * Objects in protobuf as they travel: four bytes that tell, then runtime.Unknown, which holds kind and apiVersion and the
 * object's message. Watches send length-prefixed WatchEvents, whose objects stand in envelopes of their own.
 */
import { opt, type StructSchema, str, struct } from '../schema.ts';
import { badRequest } from '../status.ts';
import { readMessage, writeMessage } from './message.ts';
import { Malformed, Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

const magic = Buffer.from('k8s\0', 'latin1');

/** The type in the envelope, runtime.TypeMeta: meta/v1's numbers its fields the other way round. */
const EnvelopeType = struct('TypeMeta', { apiVersion: opt(1, str), kind: opt(2, str) });

export interface Typed {
  kind?: string | undefined;
  apiVersion?: string | undefined;
}

/** `object` in its envelope; `schema` is that of its kind. */
export function encodeProtobuf(schema: StructSchema, object: Typed): Buffer {
  const writer = new Writer();
  writer.messageField(2, () => writeMessage(schema, object, writer));
  writer.messageField(1, () => writeMessage(EnvelopeType, object, writer));
  writer.bytes(magic);
  return writer.finish();
}

/** One event of a watch: its length in four bytes, then WatchEvent with the enveloped object as RawExtension. */
export function encodeWatchEvent(type: string, object: Buffer): Buffer {
  const writer = new Writer();
  writer.messageField(2, () => writer.messageField(1, () => writer.bytes(object)));
  writer.stringField(1, type);
  const { length } = writer;
  writer.bytes([length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]);
  return writer.finish();
}

/** What a request body says, in the form of JSON. `schemaOf` knows the kinds that may come. */
export function decodeProtobuf(
  bytes: Buffer,
  schemaOf: (apiVersion: string, kind: string) => StructSchema | undefined,
): object {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw refused('it does not begin with the bytes "k8s\\0"');
  try {
    const { type, message } = open(bytes.subarray(magic.length));
    const { apiVersion = '', kind = '' } = type;
    const schema = schemaOf(apiVersion, kind);
    if (!schema) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    const object = { kind, apiVersion };
    readMessage(schema, new Reader(message), object);
    return object;
  } catch (error) {
    throw error instanceof Malformed ? refused(error.message) : error;
  }
}

function open(unknown: Buffer): { type: Typed; message: Buffer } {
  const reader = new Reader(unknown);
  const type: Typed = {};
  let message: Buffer = Buffer.alloc(0);
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 2) readMessage(EnvelopeType, new Reader(reader.bytes()), type);
    else if (number === 2 && wire === 2) message = reader.bytes();
    else reader.skip(wire);
  }
  return { type, message };
}

const refused = (why: string) => badRequest(`the body of the request is not a protobuf object: ${why}`);
