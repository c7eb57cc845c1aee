import type { Docs } from './docs.ts';

const required = 'Must hold when the pod is placed; later changes do not matter.';
const preferred = 'Where this holds is better, by the weights.';

export const schedulingDocs: Docs = {
  Affinity: {
    '': 'Where a pod wants to run.',
    nodeAffinity: 'Which machines are wanted.',
    podAffinity: 'Near which pods it wants to be.',
    podAntiAffinity: 'Away from which pods it wants to be.',
  },
  NodeAffinity: {
    '': 'Which machines are wanted.',
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  },
  PodAffinity: {
    '': 'Near which pods it wants to be.',
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  },
  PodAntiAffinity: {
    '': 'Away from which pods it wants to be.',
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  },
  PreferredSchedulingTerm: {
    '': 'A wish about machines.',
    weight: 'From 1 to 100: how much it counts.',
    preference: 'What the machine should be like.',
  },
  WeightedPodAffinityTerm: {
    '': 'A wish about pods.',
    weight: 'From 1 to 100: how much it counts.',
    podAffinityTerm: 'Which pods, and how near.',
  },
  PodAffinityTerm: {
    '': 'Pods, and what counts as near.',
    labelSelector: 'The pods.',
    namespaces: "Their namespaces; the pod's own unless given.",
    topologyKey: 'Machines with the same value of this label are one place.',
    namespaceSelector: 'Their namespaces, by labels.',
    matchLabelKeys: 'Labels whose values must be those of the pod itself.',
    mismatchLabelKeys: 'Labels whose values must not be those of the pod itself.',
  },
  NodeSelector: {
    '': 'Selects machines; one of the terms must hold.',
    nodeSelectorTerms: 'The terms.',
  },
  NodeSelectorTerm: {
    '': 'Conditions on a machine; all must hold.',
    matchExpressions: 'Conditions on its labels.',
    matchFields: 'Conditions on its fields; metadata.name only.',
  },
  NodeSelectorRequirement: {
    '': 'One condition on a machine.',
    key: 'The label or field.',
    operator: 'In, NotIn, Exists, DoesNotExist, or Gt and Lt for numbers.',
    values: 'The values to compare with.',
  },
  Toleration: {
    '': 'Taints that do not keep a pod away.',
    key: 'Key of the taint; all keys when empty.',
    operator: 'Equal compares the value, Exists does not.',
    value: 'Value of the taint.',
    effect: 'Effect of the taint; all effects when empty.',
    tolerationSeconds: 'For NoExecute: how long it may stay; for ever unless given.',
  },
  TopologySpreadConstraint: {
    '': 'How evenly pods are to be spread.',
    maxSkew: 'The most and the least crowded place may differ by so many pods.',
    topologyKey: 'Machines with the same value of this label are one place.',
    whenUnsatisfiable: 'DoNotSchedule waits, ScheduleAnyway takes the best there is.',
    labelSelector: 'The pods that are counted.',
    minDomains: 'There should be at least so many places.',
    nodeAffinityPolicy: 'Whether machines the pod cannot go to are counted: Honor or Ignore.',
    nodeTaintsPolicy: 'Whether machines with taints are left out: Honor or Ignore.',
    matchLabelKeys: 'Labels whose values must be those of the pod itself.',
  },
};
