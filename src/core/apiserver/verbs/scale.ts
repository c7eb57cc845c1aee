/** The `scale` subresource: the replicas of an object, apart from everything else it says. */
import { decodeObject } from '../../api/decode.ts';
import { Scale } from '../../api/kinds/scale.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ApiRequest } from '../../api/request.ts';
import { type Labels, selectorOfLabels } from '../../api/selectors.ts';
import { invalid } from '../../api/status.ts';
import { nonNegative } from '../../api/validation/errors.ts';
import { type Answer, ok } from '../answer.ts';
import type { Context } from '../context.ts';
import { readModifyWrite, type Wish } from '../read-modify-write.ts';
import { applied, configOf } from './apply.ts';
import { entryOf } from './get.ts';
import { patched } from './patch.ts';

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

export async function patchScale(context: Context, request: ApiRequest): Promise<Answer> {
  if (request.patchType === 'apply') return applyScale(context, request);
  return write(context, request, (before) => patched({ ...request, kind: Scale }, scaleOf(before)));
}

/** Who applies a scale applies the replicas of the object, and owns them. */
async function applyScale(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind } = request;
  const { metadata, spec = {} } = configOf(Scale, request) as Partial<Scale> & KubeObject;
  const { replicas = 0 } = spec;
  check(request, { spec: { replicas } });
  const config = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, spec: { replicas } };
  const whole = wholeOf(request);
  const { payload } = await readModifyWrite(context, whole, ({ object }) => applied(context, whole, config, object));
  return answer(payload.object as Scalable);
}

type ScaleWish = (before: Scalable) => Wish | Promise<Wish>;

async function write(context: Context, request: ApiRequest, wish: ScaleWish): Promise<Answer> {
  const { payload, warnings } = await readModifyWrite(context, wholeOf(request), async (before) => {
    const old = before.object as unknown as Scalable;
    const { object, warnings: found } = await wish(old);
    const scale = object as Scale;
    check(request, scale);
    return { object: withReplicas(old, scale), warnings: found };
  });
  return answer(payload.object as Scalable, warnings);
}

/** The object is written with everything that belongs to an update of it. */
const wholeOf = (request: ApiRequest): ApiRequest => ({ ...request, subresource: undefined, through: 'scale' });

function check({ name = '' }: ApiRequest, { spec }: Pick<Scale, 'spec'>): void {
  const errors = nonNegative('spec.replicas', spec.replicas);
  if (errors.length) throw invalid(Scale.kind, Scale.group, name, errors);
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
