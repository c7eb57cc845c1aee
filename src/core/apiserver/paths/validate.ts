import type { Component } from '../context.ts';
import type { RawAnswer } from './raw.ts';

/** /validate as Kubernetes 0.17 answers it, whatever it finds: 200, and JSON that says it is a text. */
export async function validateComponents(components: readonly Component[]): Promise<RawAnswer> {
  const found = components.map(async ({ name: component, check }) => {
    try {
      const msg = await check();
      if (msg === undefined) return { component, health: 'unknown', healthCode: 2 };
      return { component, health: 'success', msg, err: 'nil' };
    } catch (error) {
      return { component, health: 'failure', healthCode: 1, err: (error as Error).message };
    }
  });
  return { body: JSON.stringify(await Promise.all(found), null, 2) };
}
