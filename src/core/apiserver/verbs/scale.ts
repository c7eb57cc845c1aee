/** The `scale` subresource: the replicas of an object, apart from everything else it says. */
import { decodeObject } from '../../api/decode.ts';
import { Scale } from '../../api/kinds/scale.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ApiRequest } from '../../api/request.ts';
import { type Labels, selectorOfLabels } from '../../api/selectors.ts';
import { invalid } from '../../api/status.ts';
import { type Answer, ok } from '../answer.ts';
import type { Context } from '../context.ts';
import { readModifyWrite, type Wish } from '../read-modify-write.ts';
import { entryOf } from './get.ts';
import { patched, unsupportedPatch } from './patch.ts';

/** Kinds with this subresource count their pods in these members. */
interface Scalable extends KubeObject {
  spec: { replicas?: number | undefined; selector?: Labels | undefined };
  status: { replicas: number };
}

export function getScale(context: Context, request: ApiRequest): Answer {
  return answer(entryOf(context, request).object as unknown as Scalable);
}

export function updateScale(context: Context, request: ApiRequest): Promise<Answer> {
  const { body, duplicates, options = {} } = request;
  return write(context, request, () => decodeObject(Scale, body, options.fieldValidation ?? 'Warn', duplicates));
}

/** All patches but apply, which would need owners of single replicas. */
export async function patchScale(context: Context, request: ApiRequest): Promise<Answer> {
  if (request.patchType === 'apply') throw unsupportedPatch(['json', 'merge', 'strategic']);
  return write(context, request, (before) => patched({ ...request, kind: Scale }, scaleOf(before)));
}

type ScaleWish = (before: Scalable) => Wish | Promise<Wish>;

async function write(context: Context, request: ApiRequest, wish: ScaleWish): Promise<Answer> {
  const whole = { ...request, subresource: undefined };
  const { payload, warnings } = await readModifyWrite(context, whole, async (before) => {
    const old = before.object as unknown as Scalable;
    const { object, warnings: found } = await wish(old);
    const scale = object as Scale;
    const errors = Scale.validate?.(scale) ?? [];
    if (errors.length) throw invalid(Scale.kind, Scale.group, request.name ?? '', errors);
    return { object: withReplicas(old, scale), warnings: found };
  });
  return answer(payload.object as Scalable, warnings);
}

/** The revision and uid are those the caller knows, so that what is stale is refused as in every update. */
function withReplicas(old: Scalable, { metadata, spec }: Scale): Scalable {
  const object = structuredClone(old);
  const { resourceVersion, uid = old.metadata.uid } = metadata;
  object.metadata = { ...object.metadata, resourceVersion, uid };
  object.spec.replicas = spec.replicas ?? 0;
  return object;
}

function answer(object: Scalable, warnings: readonly string[] = []): Answer {
  const scale = scaleOf(object);
  return ok({ object: scale, wire: Buffer.from(JSON.stringify(scale)) }, Scale, warnings);
}

function scaleOf({ metadata, spec, status }: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: Scale.kind,
    apiVersion: Scale.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status.replicas, selector: selectorOfLabels(spec.selector ?? {}).toString() },
  };
}
