/** Pod templates: a pod to be, kept under a name for whoever makes pods of it. */
import { nameColumn, textColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { defineKind } from '../kind.ts';
import { formatLabels } from '../selectors.ts';
import { PodTemplate as schema } from '../types/pod-template.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { validatePodTemplate } from '../validation/pod-template.ts';
import { defaultPodSpec } from './pod/defaults.ts';
import { describeTemplate } from './pod/describe-template.ts';

export const PodTemplate = defineKind<schema>({
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  schema,

  generation: true,
  deleteAnswersObject: true,

  defaults: ({ template }) => defaultPodSpec(template.spec),
  validate: (object) => [...validateClosedValues(schema, object), ...validatePodTemplate('template', object.template)],

  columns: [
    nameColumn,
    textColumn('Containers', 'Names of the containers.', ({ template }) =>
      template.spec.containers.map(({ name }) => name).join(','),
    ),
    textColumn('Images', 'Images of the containers.', ({ template }) =>
      template.spec.containers.map(({ image }) => image).join(','),
    ),
    textColumn('Pod Labels', 'Labels the pods get.', ({ template }) => formatLabels(template.metadata.labels)),
  ],
  describe(object) {
    const { labels, annotations } = object.metadata;
    const text = new Description().head(object).labels(0, labels).annotations(0, annotations);
    describeTemplate(text, object.template);
    return text.toString();
  },

  example: {
    metadata: { name: 'web', namespace: 'default' },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'nginx', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
    },
  },
});
export type PodTemplate = schema;
