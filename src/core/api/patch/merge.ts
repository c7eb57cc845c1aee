/** JSON merge patch (RFC 7386). */
import { isObject } from '../decode-errors.ts';
import { setOwn } from '../scalars.ts';
import { badRequest } from '../status.ts';

/** No API object is nearly as deep; deeper patches would end in a stack overflow. */
const depthMax = 200;

/** The result of a patch. Neither argument changes; parts the patch does not touch are shared with `target`. */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (depth > depthMax) throw badRequest(`the patch is nested more than ${depthMax} levels deep`);
  if (!isObject(patch)) return patch;
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else setOwn(out, key, mergePatch(Object.hasOwn(out, key) ? out[key] : undefined, value, depth + 1));
  }
  return out;
}
