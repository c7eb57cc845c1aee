/** Query parameters become request options. Unknown ones are ignored, as Kubernetes does. */
import type { RequestOptions } from '../../api/request.ts';
import { badRequest, invalid } from '../../api/status.ts';
import { notSupported } from '../../api/validation/errors.ts';
import { logParameters, optionParameters } from '../../client/paths.ts';

export function optionsOf(query: URLSearchParams): RequestOptions {
  const options: RequestOptions = read(query, optionParameters);
  if (query.has('dryRun')) options.dryRun = dryRun(query.getAll('dryRun'));
  const { fieldValidation, includeObject } = options;
  known('fieldValidation', fieldValidation, ['Ignore', 'Warn', 'Strict']);
  known('includeObject', includeObject, ['None', 'Metadata', 'Object']);
  return options;
}

export const logOptionsOf = (query: URLSearchParams) => read(query, logParameters);

function read(query: URLSearchParams, parameters: Readonly<Record<string, 'text' | 'number' | 'boolean'>>) {
  const out: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const type = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (type && text !== '') out[name] = convert(name, text, type);
  }
  return out;
}

function convert(name: string, text: string, type: 'text' | 'number' | 'boolean'): string | number | boolean {
  if (type === 'text') return text;
  if (type === 'boolean') return isTrue(text);
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`${name}: ${JSON.stringify(text)} is not a whole number`);
}

/** Everything but these is true, as in apimachinery's conversion of queries. */
export const isTrue = (text: string): boolean => text !== 'false' && text !== '0' && text !== 'False';

export function dryRun(values: readonly unknown[]): boolean {
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined) {
    throw invalid('CreateOptions', 'meta.k8s.io', '', [notSupported('dryRun', values, ['All'])]);
  }
  return values.length > 0;
}

function known(name: string, value: string | undefined, values: readonly string[]): void {
  if (value !== undefined && !values.includes(value)) {
    throw badRequest(`${name}: ${JSON.stringify(value)} is not one of ${values.join(', ')}`);
  }
}
