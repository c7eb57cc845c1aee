/** The structs of the kinds as OpenAPI definitions, with the names and extensions that Kubernetes gives them. */
import type { Kind } from '../kind.ts';
import { type AnySchema, type Field, list, type Marks, req, type StructSchema, struct } from '../schema.ts';
import { Eviction } from '../types/eviction.ts';
import * as meta from '../types/meta.ts';
import { Scale } from '../types/scale.ts';
import { Condition } from '../types/service.ts';
import { fieldDoc, listDoc, structDoc } from './docs/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one list
type AnyKind = Kind<any>;
export type Json = Record<string, unknown>;

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Scalars that the original has types of their own for. */
const named: Readonly<Record<string, { name: string; schema: Json }>> = {
  'date-time': { name: `${metaPackage}.Time`, schema: { type: 'string', format: 'date-time' } },
  'micro-time': { name: `${metaPackage}.MicroTime`, schema: { type: 'string', format: 'date-time' } },
  quantity: { name: 'io.k8s.apimachinery.pkg.api.resource.Quantity', schema: { type: 'string' } },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: { type: 'string', format: 'int-or-string' },
  },
};
const anyName = `${metaPackage}.FieldsV1`;
export const patchName = `${metaPackage}.Patch`;
export const statusName = `${metaPackage}.Status`;
export const deleteOptionsName = `${metaPackage}.DeleteOptions`;

/** What the subresources of these names speak of. */
export const scaleType = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
export const scaleName = 'io.k8s.api.autoscaling.v1.Scale';
export const evictionType = { group: 'policy', version: 'v1', kind: 'Eviction' };
export const evictionName = 'io.k8s.api.policy.v1.Eviction';

const metaStructs = new Set<unknown>([...Object.values(meta), Condition]);

/** The definitions that some kinds need, and the names of those that answers and bodies refer to. */
export class Definitions {
  readonly #version: 2 | 3;
  readonly #names = new Map<StructSchema, string>();
  readonly #definitions = new Map<string, Json>();

  constructor(kinds: readonly AnyKind[], version: 2 | 3) {
    this.#version = version;
    for (const kind of kinds) {
      const type = { group: kind.group, version: kind.version, kind: kind.kind };
      const ofPackage = packageOf(kind);
      this.#addRoot(kind.schema, ofPackage, [type]);
      if (!kind.verbs || kind.verbs.includes('list')) {
        this.#addRoot(listSchema(kind), ofPackage, [{ ...type, kind: `${kind.kind}List` }], listDoc(kind.plural));
      }
    }
    const speaks = (subresource: 'scale' | 'eviction') => kinds.some((kind) => kind.subresources.includes(subresource));
    if (speaks('scale')) this.#addRoot(Scale, 'io.k8s.api.autoscaling.v1', [scaleType]);
    if (speaks('eviction')) this.#addRoot(Eviction, 'io.k8s.api.policy.v1', [evictionType]);
    const versions = [...new Map(kinds.map((kind) => [kind.apiVersion, kind])).values()];
    const deleteOptions = versions.map(({ group, version }) => ({ group, version, kind: 'DeleteOptions' }));
    this.#addRoot(meta.DeleteOptions, metaPackage, deleteOptions);
    this.#addRoot(meta.Status, metaPackage, [{ group: '', version: 'v1', kind: 'Status' }]);
    this.#definitions.set(patchName, { type: 'object', description: structDoc('Patch') });
  }

  /** By name, in the order of names. */
  get all(): Record<string, Json> {
    return Object.fromEntries([...this.#definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  ref(name: string): Json {
    return { $ref: `#/${this.#version === 2 ? 'definitions' : 'components/schemas'}/${name}` };
  }

  #addRoot(schema: StructSchema, ofPackage: string, types: readonly GroupVersionKind[], description?: string): void {
    const name = this.#nameOf(schema, ofPackage);
    const definition = { ...this.#definitions.get(name), ...(description && { description }) };
    this.#definitions.set(name, { ...definition, 'x-kubernetes-group-version-kind': types });
  }

  /** A struct belongs to the group of the first kind that has it. */
  #nameOf(schema: StructSchema, ofPackage: string): string {
    let name = this.#names.get(schema);
    if (!name) {
      name = `${metaStructs.has(schema) ? metaPackage : ofPackage}.${schema.name}`;
      this.#names.set(schema, name);
      this.#definitions.set(name, this.#structOf(schema, ofPackage));
    }
    return name;
  }

  #structOf(schema: StructSchema, ofPackage: string): Json {
    const fields = Object.entries(schema.fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const required = fields.filter(([, field]) => isRequired(field)).map(([name]) => name);
    return {
      description: structDoc(schema.name),
      type: 'object',
      ...(required.length && { required }),
      properties: Object.fromEntries(
        fields.map(([name, field]) => [name, this.#property(schema, name, field, ofPackage)]),
      ),
      ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    };
  }

  #property(owner: StructSchema, name: string, field: Field, ofPackage: string): Json {
    const { $ref, ...type } = this.#typeOf(field.schema, ofPackage);
    // Whatever stands beside a reference does not count in version 3.
    const reference = this.#version === 3 ? { allOf: [{ $ref }] } : { $ref };
    const description = fieldDoc(field.inlined?.name ?? owner.name, name);
    const byDefault = field.marks.default === undefined ? {} : { default: field.marks.default };
    return { description, ...type, ...($ref !== undefined && reference), ...byDefault, ...extensionsOf(field.marks) };
  }

  #typeOf(schema: AnySchema, ofPackage: string): Json {
    switch (schema.type) {
      case 'struct':
        return this.ref(this.#nameOf(schema, ofPackage));
      case 'list':
        return { type: 'array', items: this.#typeOf(schema.items, ofPackage) };
      case 'map':
        return { type: 'object', additionalProperties: this.#typeOf(schema.values, ofPackage) };
      case 'any':
        return this.#namedRef(anyName, { type: 'object' });
    }
    const own = named[schema.format ?? ''];
    if (own) return this.#namedRef(own.name, own.schema);
    // In version 2 the original does not list them.
    const values = this.#version === 3 && schema.values ? { enum: [...schema.values].sort() } : {};
    return { type: schema.type, ...(schema.format && { format: schema.format }), ...values };
  }

  #namedRef(name: string, schema: Json): Json {
    const description = structDoc(name.slice(name.lastIndexOf('.') + 1));
    this.#definitions.set(name, { description, ...schema });
    return this.ref(name);
  }
}

/** What the original's tags make required: always written, and no struct or time that may be empty. */
const isRequired = ({ always, schema }: Field): boolean =>
  always && schema.type !== 'struct' && !(schema.type === 'string' && /time$/.test(schema.format ?? ''));

function extensionsOf(marks: Marks): Json {
  const { patchStrategy, patchMergeKey, listType, listMapKeys, mapType, structType } = marks;
  return {
    ...(patchStrategy && { 'x-kubernetes-patch-strategy': patchStrategy }),
    ...(patchMergeKey && { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(listType && { 'x-kubernetes-list-type': listType }),
    ...(listMapKeys && { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...((mapType ?? structType) && { 'x-kubernetes-map-type': mapType ?? structType }),
  };
}

function listSchema(kind: AnyKind): StructSchema {
  const fields = { ...meta.TypeMeta.fields, metadata: req(1, meta.ListMeta), items: req(2, list(kind.schema)) };
  return struct(`${kind.kind}List`, fields);
}

/** `io.k8s.api.core.v1`: of a group, the first word counts. */
const packageOf = ({ group, version }: AnyKind) => `io.k8s.api.${group.split('.')[0] || 'core'}.${version}`;

export const definitionName = (kind: AnyKind, suffix: '' | 'List' = '') =>
  `${packageOf(kind)}.${kind.schema.name}${suffix}`;
