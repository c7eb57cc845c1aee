/** JSON patch (RFC 6902), by fast-json-patch: what it may be given, and what it may cost. */
import type { Operation } from 'fast-json-patch';
import { isObject } from '../decode-errors.ts';
import { ApiError, badRequest } from '../status.ts';

/** The limits of kube-apiserver. */
const operationsMax = 10_000;
/** `copy` can double a document again and again. */
const copiedBytesMax = 3 * 1024 * 1024;

/** The result of a patch; `target` stays as it is. The library is loaded by the first patch. */
export async function jsonPatch(target: object, patch: unknown): Promise<unknown> {
  const operations = operationsOf(patch);
  const { default: library } = await import('fast-json-patch');
  let document: unknown = library.deepClone(target);
  let copiedBytes = 0;
  for (const [index, operation] of operations.entries()) {
    try {
      if (operation.op === 'copy') copiedBytes += sizeOf(library.getValueByPointer(document, operation.from));
      if (copiedBytes > copiedBytesMax) throw refused();
      document = library.applyOperation(document, operation, true, true, true, index).newDocument;
    } catch {
      throw refused();
    }
  }
  return document;
}

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations');
  if (patch.length > operationsMax) {
    const message = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`;
    throw new ApiError('RequestEntityTooLarge', message, {});
  }
  for (const operation of patch) {
    if (!isObject(operation) || typeof operation['op'] !== 'string' || typeof operation['path'] !== 'string') {
      throw badRequest('every operation of a JSON patch must be an object with op and path');
    }
  }
  return patch;
}

const sizeOf = (value: unknown) => (value === undefined ? 0 : JSON.stringify(value).length);

/** The original does not pass on which operation failed. */
const refused = () => new ApiError('Invalid', 'the server rejected our request due to an error in our request', {});
