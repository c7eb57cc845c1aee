/** What `-o` can name, for verbs that print whole objects. Tables are in ./table.ts. Imports api and the errors of cli. */
import { kindOf } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/object.ts';
import { UsageError } from '../errors.ts';

/** The text for the objects a verb got: one object, or a list of any number. */
export type ObjectPrinter = (answer: { objects: readonly KubeObject[]; single: boolean }) => string;

export const outputFormats = 'wide|json|yaml|name|jsonpath=TEMPLATE|custom-columns=SPEC';

/**
 * The printer of an `-o` value; undefined for none and for `wide`, which are Tables. Reads templates at once: a wrong
 * one is found before the server is asked. Loads only what the format needs.
 */
export async function objectPrinter(output: string | undefined, noHeaders = false): Promise<ObjectPrinter | undefined> {
  if (output === undefined || output === 'wide') return undefined;
  const equals = output.indexOf('=');
  const format = equals < 0 ? output : output.slice(0, equals);
  const argument = equals < 0 ? undefined : output.slice(equals + 1);
  const { listOf, toJson, yamlPrinter } = await import('./structured.ts');
  const whole: (a: Parameters<ObjectPrinter>[0]) => object = ({ objects, single }) =>
    single && objects.length === 1 ? objects[0]! : listOf(objects);
  switch (format) {
    case 'json':
      return (answer) => toJson(whole(answer));
    case 'yaml': {
      const print = await yamlPrinter();
      return (answer) => print(whole(answer));
    }
    case 'name':
      return ({ objects }) => objects.map((object) => `${resourceName(object)}\n`).join('');
    case 'jsonpath': {
      if (!argument) throw new UsageError("-o jsonpath needs a template: -o jsonpath='{.metadata.name}'");
      const print = (await import('./jsonpath.ts')).jsonpathPrinter(argument);
      return (answer) => print(whole(answer));
    }
    case 'custom-columns': {
      const print = (await import('./custom-columns.ts')).customColumnsPrinter(argument ?? '', noHeaders);
      return ({ objects }) => print(objects);
    }
    default:
      throw new UsageError(`output format "${output}" not recognized: use ${outputFormats}`);
  }
}

/** `pod/web`, `deployment.apps/web`: how messages and `-o name` call an object. */
export function resourceName(object: KubeObject): string {
  const { kind = '', apiVersion = 'v1', metadata } = object;
  const known = kindOf(apiVersion, kind);
  const word = known ? qualified(known) : kind.toLowerCase();
  return `${word}/${metadata.name ?? ''}`;
}

/** `pod`, `deployment.apps`. */
export function qualified({ singular, group }: { singular: string; group: string }): string {
  return group ? `${singular}.${group}` : singular;
}
