/** Under which name a client writes. */
import type { ApiRequest, RequestOptions } from '../../api/request.ts';
import { invalid } from '../../api/status.ts';
import { managerProblems } from '../../api/validation/managed-fields.ts';

/** Who gives no name is known by that of his program; who applies has to give one. */
export function withManager({ verb, patchType, options = {} }: ApiRequest, userAgent = ''): RequestOptions {
  const { fieldManager } = options;
  if (fieldManager === undefined)
    return patchType === 'apply' ? options : { ...options, fieldManager: nameOf(userAgent) };
  const errors = managerProblems('fieldManager', fieldManager);
  const optionsKind = { create: 'CreateOptions', update: 'UpdateOptions' }[verb as 'create'] ?? 'PatchOptions';
  if (errors.length) throw invalid(optionsKind, 'meta.k8s.io', '', errors);
  return options;
}

/** `kubectl` of `kubectl/v1.32.4 (linux/amd64)`. */
function nameOf(userAgent: string): string {
  const name = userAgent.split('/', 1)[0] ?? '';
  return name === '' || managerProblems('', name).length ? 'unknown' : name;
}
