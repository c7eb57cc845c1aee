/** Templates of pods in `describe`. */
import { type Description, pairs } from '../../describe.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import { describeContainers } from './describe-containers.ts';
import { describeVolumes } from './describe-volumes.ts';

export function describeTemplate(text: Description, { metadata, spec }: PodTemplateSpec): void {
  text.line(0, 'Pod Template:');
  text.values(1, 'Labels', pairs(metadata.labels, '='));
  if (spec.initContainers) describeContainers(text, 1, 'Init Containers', spec.initContainers);
  describeContainers(text, 1, 'Containers', spec.containers);
  describeVolumes(text, 1, spec.volumes);
}
