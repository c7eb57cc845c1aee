/** What strategic merge patches must know of the older versions: the lists that merge item by item, and by which member. */
import { type AnySchema, any, type Field, list, opt, type StructSchema, struct } from '../schema.ts';
import { isInline, type OlderVersion } from './version.ts';

/** Numbers are for protobuf, which those versions did not speak. */
const at = (schema: AnySchema): Field => opt(0, schema);
const holder = (fields: Readonly<Record<string, AnySchema>>): StructSchema =>
  struct('', Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, at(schema)])));
const mergedBy = (patchMergeKey: string, items: AnySchema): Field =>
  opt(0, list(items), { patchStrategy: 'merge', patchMergeKey });

const container = struct('', { ports: mergedBy('containerPort', any), env: mergedBy('name', any) });
const podSpec = struct('', { containers: mergedBy('name', container), volumes: mergedBy('name', any) });
const inlineSpec = holder({ manifest: podSpec });

/** By the kind of v1. */
const shapes: Readonly<Record<string, StructSchema>> = {
  Pod: holder({ spec: podSpec }),
  PodTemplate: holder({ template: holder({ spec: podSpec }) }),
  ReplicationController: holder({ spec: holder({ template: holder({ spec: podSpec }) }) }),
};
const inlineShapes: Readonly<Record<string, StructSchema>> = {
  Pod: holder({ desiredState: inlineSpec }),
  ReplicationController: holder({ desiredState: holder({ podTemplate: holder({ desiredState: inlineSpec }) }) }),
};
/** Kinds without such lists. */
const plain = holder({});

export function mergeKeys(version: OlderVersion, kind: string): StructSchema {
  return (isInline(version) ? inlineShapes : shapes)[kind] ?? plain;
}
