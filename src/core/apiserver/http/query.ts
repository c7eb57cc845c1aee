/** Query parameters become request options. Unknown ones are ignored, as Kubernetes does. */
import type { RequestOptions } from '../../api/request.ts';
import { badRequest, invalid } from '../../api/status.ts';
import { notSupported } from '../../api/validation/errors.ts';
import { optionParameters } from '../../client/paths.ts';
import { readParameters } from '../../client/query.ts';

export function optionsOf(query: URLSearchParams): RequestOptions {
  const options: RequestOptions = readParameters(query, optionParameters);
  if (query.has('dryRun')) options.dryRun = dryRun(query.getAll('dryRun'));
  const { fieldValidation, includeObject } = options;
  known('fieldValidation', fieldValidation, ['Ignore', 'Warn', 'Strict']);
  known('includeObject', includeObject, ['None', 'Metadata', 'Object']);
  return options;
}

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
