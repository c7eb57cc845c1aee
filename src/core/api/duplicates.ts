/** Members that stand twice in one JSON object. JSON.parse keeps the last of them and says nothing. */
import { joinPath } from './decode-errors.ts';

/** A message has room for this many. */
const foundMax = 100;

interface Frame {
  /** The members of an object so far; undefined for a list. */
  readonly names: Set<string> | undefined;
  /** The member or place of what comes next. */
  step: string | number;
  awaitsName: boolean;
}

/** `duplicate field "spec.replicas"`, each once. `json` must be what JSON.parse accepts. */
export function duplicateFields(json: string): string[] {
  const found = new Set<string>();
  const frames: Frame[] = [];
  for (let at = 0; at < json.length && found.size < foundMax; at++) {
    const frame = frames.at(-1);
    switch (json[at]) {
      case '{':
        frames.push({ names: new Set(), step: '', awaitsName: true });
        break;
      case '[':
        frames.push({ names: undefined, step: 0, awaitsName: false });
        break;
      case '}':
      case ']':
        frames.pop();
        break;
      case ',':
        if (frame?.names) frame.awaitsName = true;
        else if (frame) frame.step = Number(frame.step) + 1;
        break;
      case '"': {
        const end = endOfString(json, at);
        if (frame?.names && frame.awaitsName) {
          frame.step = JSON.parse(json.slice(at, end + 1)) as string;
          frame.awaitsName = false;
          const path = () => JSON.stringify(joinPath(frames.map(({ step }) => step)));
          if (frame.names.has(frame.step)) found.add(`duplicate field ${path()}`);
          frame.names.add(frame.step);
        }
        at = end;
      }
    }
  }
  return [...found];
}

function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

/** An odd number of backslashes stands before it. */
function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
