/** Namespaces: names are unique within one; deleting it deletes all that is in it. */
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { defineKind } from '../kind.ts';
import { Namespace as schema } from '../types/namespace.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { invalidBecause } from '../validation/errors.ts';
import { qualifiedNameProblems } from '../validation/names.ts';

/** Says its name, so that selectors can name namespaces. */
const nameLabel = 'kubernetes.io/metadata.name';

export const Namespace = defineKind<schema>({
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  nameForm: 'label',
  schema,

  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status', 'finalize'],
  deleteAnswersObject: true,

  defaults({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) namespace.spec.finalizers = [...finalizers, 'kubernetes'];
  },
  /** Whoever holds a finalizer lets go of it through `finalize`. */
  prepareForUpdate(namespace, old) {
    if (old.spec.finalizers) namespace.spec.finalizers = old.spec.finalizers;
    else delete namespace.spec.finalizers;
  },
  validate: (namespace) => [
    ...validateClosedValues(schema, namespace),
    ...(namespace.spec.finalizers ?? []).flatMap((name, i) =>
      invalidBecause(`spec.finalizers[${i}]`, name, qualifiedNameProblems(name)),
    ),
  ],
  validateUpdate: (namespace, _old, subresource) => (subresource ? validateClosedValues(schema, namespace) : []),

  selectableFields: { 'status.phase': ({ status }) => status.phase ?? '' },
  columns: [
    nameColumn,
    textColumn('Status', 'Active, or Terminating while its content is deleted.', ({ status }) => status.phase ?? ''),
    ageColumn,
  ],
  describe(namespace) {
    const { metadata, status } = namespace;
    const text = new Description().head(namespace).labels(0, metadata.labels).annotations(0, metadata.annotations);
    text.line(0, 'Status:', status.phase ?? '');
    if (status.conditions?.length) {
      text.line(0, 'Conditions:').line(1, 'Type', 'Status', 'Reason', 'Message');
      for (const { type, status: is, reason = '', message = '' } of status.conditions)
        text.line(1, type, is, reason, message);
    }
    return text.toString();
  },

  example: { metadata: { name: 'team-a' } },
});
export type Namespace = schema;
