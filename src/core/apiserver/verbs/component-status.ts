/** GET componentstatuses: asks the components themselves, at that moment. */
import { ComponentStatus } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { ApiRequest } from '../../api/request.ts';
import { parseFieldSelector, parseLabelSelector } from '../../api/selectors.ts';
import { notFound } from '../../api/status.ts';
import type { ComponentCondition } from '../../api/types/component-status.ts';
import type { Timer } from '../../async/clock.ts';
import { type Answer, ok } from '../answer.ts';
import type { Component, Context } from '../context.ts';
import { bytesOfOne } from '../items.ts';

/** A part that does not answer within this time is not well. */
const answerWithinMs = 5000;

export async function componentStatuses(context: Context, { name, options = {} }: ApiRequest): Promise<Answer> {
  if (name !== undefined) {
    const component = context.components.find((one) => one.name === name);
    if (!component) throw notFound(ComponentStatus, name);
    const object = await statusOf(context, component);
    return ok({ object, wire: Buffer.from(JSON.stringify(object)) }, ComponentStatus);
  }
  const labels = parseLabelSelector(options.labelSelector ?? '');
  const fields = parseFieldSelector(ComponentStatus, options.fieldSelector ?? '');
  const all = await Promise.all(context.components.map((component) => statusOf(context, component)));
  const selected = all.filter((object) => labels.matches(object.metadata.labels) && fields.matches(object));
  return {
    type: 'list',
    kind: ComponentStatus,
    metadata: { resourceVersion: String(context.cache.revision) },
    entries: selected.map((object) => ({ object })),
    items: () =>
      bytesOfOne(Buffer.from(selected.map(({ kind: _, apiVersion: __, ...item }) => JSON.stringify(item)).join())),
    code: 200,
    warnings: [],
  };
}

/** Never stored, so it has neither uid nor revision. */
async function statusOf(context: Context, component: Component): Promise<Stored<ComponentStatus>> {
  const object: ComponentStatus = {
    kind: ComponentStatus.kind,
    apiVersion: ComponentStatus.apiVersion,
    metadata: { name: component.name },
    conditions: [{ type: 'Healthy', ...(await health(context, component)) }],
  };
  return object as Stored<ComponentStatus>;
}

async function health({ clock }: Context, component: Component): Promise<Omit<ComponentCondition, 'type'>> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = clock.after(answerWithinMs, () => reject(new Error(`no answer within ${answerWithinMs / 1000} s`)));
  });
  try {
    const message = await Promise.race([component.check(), late]);
    if (message === undefined) return { status: 'Unknown', message: 'it does not run in this process' };
    return { status: 'True', message };
  } catch (error) {
    return { status: 'False', error: (error as Error).message };
  } finally {
    timer?.cancel();
  }
}
