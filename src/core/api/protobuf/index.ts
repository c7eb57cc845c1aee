/**
 * Objects in protobuf: request bodies of kubectl, and answers for whoever asks. One walk over the schema for all kinds.
 * May import the rest of core/api.
 */
export { decodeProtobuf, encodeProtobuf, encodeWatchEvent, protobufType, type Typed } from './envelope.ts';
