/** Component statuses: whether a part of the control plane is well. Found out when asked, never stored. */
import { nameColumn, textColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { defineKind } from '../kind.ts';
import { ComponentStatus as schema } from '../types/component-status.ts';

export const ComponentStatus = defineKind<schema>({
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  schema,

  verbs: ['get', 'list'],

  columns: [
    nameColumn,
    textColumn('Status', 'Healthy, Unhealthy, or Unknown.', healthOf),
    textColumn('Message', 'What it says of itself.', (component) => healthy(component)?.message ?? ''),
    textColumn('Error', 'What went wrong when it was asked.', (component) => healthy(component)?.error ?? ''),
  ],
  describe(component) {
    const { labels, annotations } = component.metadata;
    const text = new Description().head(component).labels(0, labels).annotations(0, annotations);
    text.line(0, 'Conditions:').line(1, 'Type', 'Status', 'Message', 'Error');
    for (const { type, status, message = '', error = '' } of component.conditions ?? []) {
      text.line(1, type, status, message, error);
    }
    return text.toString();
  },

  example: {
    metadata: { name: 'etcd-0' },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  },
});
export type ComponentStatus = schema;

const words = { True: 'Healthy', False: 'Unhealthy', Unknown: 'Unknown' };

function healthy({ conditions }: schema) {
  return conditions?.find(({ type }) => type === 'Healthy');
}

function healthOf(component: schema): string {
  return words[healthy(component)?.status ?? 'Unknown'];
}
