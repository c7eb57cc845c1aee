/**
 * Documents whose shape costs more than their length: nested so deep that whoever walks them runs out of stack, or of so
 * many members that every copy takes seconds. Found in the bytes, before anything is made of them.
 */
import { ApiError, badRequest } from '../../api/status.ts';

/** No API object is nearly as deep. */
const depthMax = 200;
const membersMax = 100_000;
/** Each level has an opening and a closing bracket: shorter texts cannot be too deep. */
const harmlessBytes = 2 * depthMax;

const tooDeep = () => badRequest(`the body of the request is nested more than ${depthMax} levels deep`);
const tooMany = () =>
  new ApiError('RequestEntityTooLarge', `the body of the request has more than ${membersMax} members`, {});

const [quote, backslash, comma, newline] = [0x22, 0x5c, 0x2c, 0x0a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What is no JSON at all is not told here. */
export function checkJsonShape(text: Buffer): void {
  const { length } = text;
  if (length <= harmlessBytes) return;
  let depth = 0;
  let members = 0;
  for (let i = 0; i < length; i++) {
    const c = text[i];
    if (c === quote) {
      for (i++; i < length && text[i] !== quote; i++) if (text[i] === backslash) i++;
    } else if (c === openBrace || c === openBracket) {
      if (++depth > depthMax) throw tooDeep();
    } else if (c === closeBrace || c === closeBracket) {
      depth--;
    } else if (c === comma && ++members > membersMax) {
      throw tooMany();
    }
  }
}

/** YAML, before its parser spends seconds on a hundred thousand nodes; no more than a guess at how many there are. */
export function checkYamlSize(text: Buffer): void {
  let nodes = 0;
  for (const c of text) if (c === newline || c === comma || c === openBracket || c === openBrace) nodes++;
  if (nodes > membersMax) throw tooMany();
}

/** What was parsed from YAML. It may share parts, so that it grows when it is copied. */
export function checkShape(document: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: document, depth: 0 }];
  let members = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (value === null || typeof value !== 'object') continue;
    if (depth >= depthMax) throw tooDeep();
    const inside = Object.values(value);
    members += inside.length;
    if (members > membersMax) throw tooMany();
    for (const member of inside) open.push({ value: member, depth: depth + 1 });
  }
}
