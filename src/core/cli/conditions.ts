/** `wait --for=…`: what an object must be like. */
import type { KubeObject } from '../api/object.ts';
import { UsageError } from './errors.ts';
import { toText, valuesAt } from './printers/jsonpath.ts';
import { parseRelaxedPath } from './printers/jsonpath-parser.ts';

export interface Condition {
  /** True once the object, or its absence, is as wished. */
  met(object: KubeObject | undefined): boolean;
  /** The object must be there when the wait begins. */
  needsObject: boolean;
}

const examples = 'condition=Ready, condition=Ready=false, delete, create, jsonpath={.status.phase}=Running';

export function parseCondition(text: string): Condition {
  const [word, rest] = splitOnce(text);
  if (word === 'delete' && rest === undefined) return { met: (object) => object === undefined, needsObject: false };
  if (word === 'create' && rest === undefined) return { met: (object) => object !== undefined, needsObject: false };
  if (word === 'condition' && rest) return namedCondition(rest);
  if (word === 'jsonpath' && rest) return pathCondition(rest);
  throw new UsageError(`--for ${text}: use one of ${examples}`);
}

/** Types and values in any case, as kubectl takes them. */
function namedCondition(text: string): Condition {
  const [type, status = 'true'] = splitOnce(text);
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return {
    needsObject: true,
    met: (object) => {
      const { conditions = [] } =
        (object as { status?: { conditions?: { type: string; status: string }[] } })?.status ?? {};
      return conditions.some((c) => same(c.type, type) && same(c.status, status));
    },
  };
}

/** `{.path}=value`, or `{.path}` for any value. */
function pathCondition(text: string): Condition {
  const [, path, value] = /^(\{.*\}|[^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const parsed = parseRelaxedPath(path ?? '');
  return {
    needsObject: true,
    met: (object) => {
      const [found] = object ? valuesAt(parsed, object) : [];
      return found !== undefined && (value === undefined || toText(found) === value);
    },
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
