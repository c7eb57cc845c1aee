/** Pods: containers that share one network identity, placed on one node once. */
import { eventsAbout } from '../describe-events.ts';
import { defineKind } from '../kind.ts';
import { Pod as schema } from '../types/pod.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { validatePodSpec } from '../validation/pod-spec.ts';
import { podColumns } from './pod/columns.ts';
import { defaultPodSpec } from './pod/defaults.ts';
import { describePod } from './pod/describe.ts';
import { qosClassOf } from './pod/qos.ts';
import { isFinished } from './pod/row.ts';
import { validatePodUpdate } from './pod/update.ts';

export const Pod = defineKind<schema>({
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema,

  subresources: ['status', 'binding', 'eviction', 'log', 'proxy'],
  generation: true,
  deleteAnswersObject: true,
  /** A pod that no node has, or that has ended, needs no time to end. */
  gracePeriodSeconds(pod, asked) {
    if (!pod.spec.nodeName || isFinished(pod)) return 0;
    const seconds = asked ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    return seconds < 0 ? 1 : seconds;
  },

  defaults: ({ spec }) => defaultPodSpec(spec),
  prepareForCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  },
  validate: (pod) => [...validateClosedValues(schema, pod), ...validatePodSpec('spec', pod.spec)],
  validateUpdate: (pod, old, subresource) =>
    subresource === '' ? validatePodUpdate(pod, old) : validateClosedValues(schema, pod),

  selectableFields: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    // The name of spec.nodeName before v1beta3.
    'spec.host': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => `${pod.spec.hostNetwork ?? false}`,
    'status.phase': (pod) => pod.status.phase ?? '',
    'status.podIP': (pod) => pod.status.podIP ?? '',
    'status.podIPs': (pod) => (pod.status.podIPs ?? []).map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': (pod) => pod.status.nominatedNodeName ?? '',
  },
  columns: podColumns,
  rowConditions({ status: { phase } }) {
    if (phase !== 'Succeeded' && phase !== 'Failed') return [];
    const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
    return [{ type: 'Completed', status: 'True', reason: phase, message }];
  },
  related: (pod) => ({ events: eventsAbout('Pod', pod) }),
  describe: describePod,

  example: {
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: {
      containers: [
        {
          name: 'nginx',
          image: 'nginx:1.27',
          ports: [{ name: 'http', containerPort: 80 }],
          env: [{ name: 'MODE', value: 'demo' }],
          resources: { limits: { cpu: '500m', memory: '128Mi' } },
          volumeMounts: [{ name: 'cache', mountPath: '/var/cache/nginx' }],
          readinessProbe: { httpGet: { port: 'http' } },
        },
      ],
      volumes: [{ name: 'cache', emptyDir: {} }],
    },
  },
});
export type Pod = schema;
