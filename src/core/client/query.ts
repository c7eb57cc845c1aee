/** The other direction of ./paths.ts: query parameters become options. Unknown ones are ignored, as Kubernetes does. */
import type { LogOptions } from '../api/request.ts';
import { badRequest } from '../api/status.ts';
import { logParameters, type ParameterType } from './paths.ts';

/** Throws BadRequest, naming the parameter. */
export function readParameters(query: URLSearchParams, parameters: Readonly<Record<string, ParameterType>>) {
  const out: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const type = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (type && text !== '') out[name] = convert(name, text, type);
  }
  return out;
}

export const logOptionsOf = (query: URLSearchParams): LogOptions => readParameters(query, logParameters);

function convert(name: string, text: string, type: ParameterType): string | number | boolean {
  switch (type) {
    case 'text':
      return text;
    case 'boolean':
      return isTrue(text);
    case 'number':
      if (/^-?\d{1,15}$/.test(text)) return Number(text);
      throw badRequest(`${name}: ${JSON.stringify(text)} is not a whole number`);
    case 'time':
      if (rfc3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
      throw badRequest(`${name}: ${JSON.stringify(text)} is not a time such as 2026-11-25T10:00:00Z`);
  }
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Everything but these is true, as in apimachinery's conversion of queries. */
export const isTrue = (text: string): boolean => text !== 'false' && text !== '0' && text !== 'False';
