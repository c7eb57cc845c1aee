/** YAML in request bodies. Its parser is loaded when first needed. */
import type { Document } from 'yaml';
import { type ApiError, badRequest } from '../../api/status.ts';

/**
 * Throws at the first mistake. The parser would go on, and the time it takes for a text of nothing but mistakes grows
 * with the square of their number: minutes for a megabyte of quotation marks.
 */
export async function parseYamlText(text: string): Promise<unknown> {
  const { Composer, LineCounter, Parser } = await import('yaml');
  const lines = new LineCounter();
  let first: ApiError | undefined;
  const fail = (offset: number, why: string): never => {
    const { line, col } = lines.linePos(offset);
    // The parser catches what is thrown inside of collections, and reports that as a mistake of theirs.
    first ??= notYaml(`${why} at line ${line}, column ${col}`);
    throw first;
  };
  // The search for keys that come twice compares each with each: minutes for a long map.
  const composer = new Composer({ uniqueKeys: false, logLevel: 'error' });
  const onError = (source: Place, _code: string, message: string, isWarning?: boolean) => {
    if (!isWarning) fail(offsetOf(source), message);
  };
  Object.assign(composer, { onError });

  const documents: Document[] = [];
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'error') fail(token.offset, token.message);
    for (const document of composer.next(token)) documents.push(document as Document);
    if (documents.length > 1) fail(token.offset, 'there is more than one document');
  }
  documents.push(...([...composer.end(true, text.length)] as Document[]));
  const [document, second] = documents;
  if (second) throw notYaml('there is more than one document');
  return contentOf(document);
}

type Place = number | readonly number[] | { readonly offset: number };
const offsetOf = (place: Place): number =>
  typeof place === 'number' ? place : 'offset' in place ? place.offset : (place[0] ?? 0);

/** Aliases may fail to find what they name, or name too much. */
function contentOf(document: Document | undefined): unknown {
  try {
    return document?.toJS();
  } catch (error) {
    throw notYaml((error as Error).message);
  }
}

const notYaml = (why: string) => badRequest(`the body of the request is not YAML: ${why}`);
