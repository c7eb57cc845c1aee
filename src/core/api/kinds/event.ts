/** Events: what a component saw or did, kept for an hour or as long as the server is told. */
import { nameColumn, none, numberColumn, textColumn, wide } from '../columns.ts';
import { Description, describeTime } from '../describe.ts';
import { firstSeen, lastSeen } from '../describe-events.ts';
import { age } from '../duration.ts';
import { defineKind } from '../kind.ts';
import type { FieldError } from '../status.ts';
import { Event as schema } from '../types/event.ts';
import { invalidValue } from '../validation/errors.ts';

export const Event = defineKind<schema>({
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema,

  createOnUpdate: true,
  expires: true,

  validate: validateNamespaces,

  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source.component || event.reportingComponent || '',
    type: (event) => event.type ?? '',
  },
  columns: [
    textColumn('Last Seen', 'Time since it was last seen.', (event, now) => age(lastSeen(event), now)),
    textColumn('Type', 'Normal or Warning.', (event) => event.type ?? ''),
    textColumn('Reason', 'Why, in one word.', (event) => event.reason ?? ''),
    textColumn('Object', 'What it is about.', objectOf),
    wide(textColumn('Subobject', 'The part it is about.', (event) => event.involvedObject.fieldPath ?? '')),
    wide(textColumn('Source', 'Who saw it, and where.', sourceOf)),
    textColumn('Message', 'What happened, in words.', (event) => (event.message ?? '').trim()),
    wide(textColumn('First Seen', 'Time since it was first seen.', (event, now) => age(firstSeen(event), now))),
    wide(numberColumn('Count', 'How often it was seen.', countOf)),
    wide(nameColumn),
  ],
  describe(event) {
    const text = new Description().head(event);
    text.labels(0, event.metadata.labels).annotations(0, event.metadata.annotations);
    text
      .line(0, 'Type:', event.type ?? '')
      .line(0, 'Reason:', event.reason ?? '')
      .line(0, 'Object:', objectOf(event));
    text.line(0, 'Source:', sourceOf(event) || none).line(0, 'Count:', countOf(event));
    text.line(0, 'First Seen:', describeTime(firstSeen(event))).line(0, 'Last Seen:', describeTime(lastSeen(event)));
    return text.line(0, 'Message:', event.message ?? '').toString();
  },

  example: {
    metadata: { name: 'web.17a2b3c4d5e6f708', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', apiVersion: 'v1' },
    reason: 'Scheduled',
    message: 'Successfully assigned default/web to core-01',
    source: { component: 'default-scheduler' },
    firstTimestamp: '2026-11-25T10:00:00Z',
    lastTimestamp: '2026-11-25T10:00:00Z',
    count: 1,
    type: 'Normal',
  },
});
export type Event = schema;

function objectOf({ involvedObject: { kind = '', name = '' } }: schema): string {
  return `${kind.toLowerCase()}/${name}`;
}

function countOf({ series, count }: schema): number {
  return series?.count || count || 1;
}

function sourceOf({ source, reportingComponent, reportingInstance }: schema): string {
  return [source.component || reportingComponent, source.host || reportingInstance].filter(Boolean).join(', ');
}

/** An event lies in the namespace of what it is about; events about cluster-scoped objects lie in `default`. */
function validateNamespaces({ metadata, involvedObject }: schema): FieldError[] {
  const expected = involvedObject.namespace || 'default';
  if (metadata.namespace === expected) return [];
  const detail = `does not match event.namespace${involvedObject.namespace ? '' : ', which must be "default" for an object without one'}`;
  return [invalidValue('involvedObject.namespace', involvedObject.namespace ?? '', detail)];
}
