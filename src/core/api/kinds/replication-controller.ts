/** Replication controllers: a number of equal pods. */
import { ageColumn, nameColumn, none, numberColumn, textColumn, wide } from '../columns.ts';
import { Description } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { defineKind, type Related } from '../kind.ts';
import type { Stored } from '../object.ts';
import { formatLabels, selectorOfLabels } from '../selectors.ts';
import type { Pod } from '../types/pod.ts';
import { ReplicationController as schema } from '../types/replication-controller.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { invalidValue, nonNegative, notSupported, required } from '../validation/errors.ts';
import { validateLabels } from '../validation/labels.ts';
import { validatePodTemplate } from '../validation/pod-template.ts';
import { defaultPodSpec } from './pod/defaults.ts';
import { describeTemplate } from './pod/describe-template.ts';

export const ReplicationController = defineKind<schema>({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema,

  subresources: ['status', 'scale'],
  generation: true,
  // Deleting one leaves its pods alone, as ever; `stop` resizes it to 0 first.
  defaultPropagation: 'Orphan',

  defaults({ metadata, spec }) {
    spec.replicas ??= 1;
    const labels = spec.template?.metadata.labels;
    if (labels && !spec.selector) spec.selector = { ...labels };
    if (labels && !metadata.labels) metadata.labels = { ...labels };
    if (spec.template) defaultPodSpec(spec.template.spec);
  },
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
  },
  validate: (controller) => [...validateClosedValues(schema, controller), ...validateSpec(controller)],
  validateUpdate: (controller, _old, subresource) =>
    subresource === '' ? [] : [...validateClosedValues(schema, controller), ...validateStatus(controller)],

  selectableFields: { 'status.replicas': ({ status }) => `${status.replicas}` },
  columns: [
    nameColumn,
    numberColumn('Desired', 'Pods there should be.', ({ spec }) => spec.replicas ?? 0),
    numberColumn('Current', 'Pods there are.', ({ status }) => status.replicas),
    numberColumn('Ready', 'Pods that are ready.', ({ status }) => status.readyReplicas ?? 0),
    ageColumn,
    wide(textColumn('Containers', 'Names of the containers of the template.', (rc) => joined(rc, 'name'))),
    wide(textColumn('Images', 'Images of the containers of the template.', (rc) => joined(rc, 'image'))),
    wide(textColumn('Selector', 'Labels the pods have.', ({ spec }) => formatLabels(spec.selector))),
  ],
  related: (controller) => ({
    pods: { plural: 'pods', labelSelector: selectorOfLabels(controller.spec.selector ?? {}).toString() },
    events: eventsAbout('ReplicationController', controller),
  }),
  describe,

  example: {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { app: 'web' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
      },
    },
  },
});
export type ReplicationController = schema;

function joined({ spec }: schema, member: 'name' | 'image'): string {
  return (spec.template?.spec.containers ?? []).map((container) => container[member]).join(',') || none;
}

function validateSpec({ spec }: schema) {
  const { selector = {}, template } = spec;
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateLabels('spec.selector', selector),
  ];
  if (!Object.keys(selector).length) errors.push(required('spec.selector'));
  if (!template) return [...errors, required('spec.template')];

  const { labels = {} } = template.metadata;
  errors.push(...validatePodTemplate('spec.template', template));
  if (!selectorOfLabels(selector).matches(labels)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels, detail));
  }
  // The pods must be there for good; the controller would replace those that end anyway.
  const { restartPolicy } = template.spec;
  if (restartPolicy && restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  return errors;
}

function validateStatus({ status }: schema) {
  const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;
  const errors = counts.flatMap((name) => nonNegative(`status.${name}`, status[name]));
  for (const name of counts) {
    const count = status[name] ?? 0;
    if (count <= status.replicas) continue;
    errors.push(invalidValue(`status.${name}`, count, 'cannot be greater than status.replicas'));
  }
  return errors;
}

function describe(controller: Stored<schema>, related: Related): string {
  const { metadata, spec, status } = controller;
  const text = new Description();
  text.head(controller).line(0, 'Selector:', formatLabels(spec.selector));
  text.labels(0, metadata.labels).annotations(0, metadata.annotations);
  text.line(0, 'Replicas:', `${status.replicas} current / ${spec.replicas ?? 0} desired`);
  text.line(0, 'Pods Status:', podsByPhase((related['pods'] ?? []) as readonly Stored<Pod>[]));
  if (spec.template) {
    describeTemplate(text, spec.template);
  }
  return text.toString();
}

function podsByPhase(pods: readonly Stored<Pod>[]): string {
  const inPhase = (phase: string) => pods.filter((pod) => pod.status.phase === phase).length;
  const parts = { Running: 'Running', Pending: 'Waiting', Succeeded: 'Succeeded', Failed: 'Failed' };
  return Object.entries(parts)
    .map(([phase, word]) => `${inPhase(phase)} ${word}`)
    .join(' / ');
}
