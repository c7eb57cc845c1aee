/** The environment of a container (kubelet's makeEnvironmentVariables): services, envFrom, env, in this order. */
import type { Pod, Service } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { Container, EnvFromSource, EnvVar } from '../../api/types/container.ts';
import type { Client } from '../../client/client.ts';
import { ConfigError } from './config-error.ts';
import { notThere, readData, type SourceKind } from './config-maps.ts';
import { fieldValue, type PodPlace, resourceValue } from './downward.ts';
import { expand } from './expand.ts';
import { serviceEnv } from './service-env.ts';

export interface EnvInput {
  pod: Stored<Pod>;
  container: Container;
  place: PodPlace;
  hostname: string;
  client: Client;
  /** Services of the pod's namespace and of `default`. */
  services: Iterable<Stored<Service>>;
}

/** Throws ConfigError when something it needs is not there. */
export async function environment(input: EnvInput): Promise<Map<string, string>> {
  const { pod, container, hostname } = input;
  const links = pod.spec.enableServiceLinks !== false;
  const variables = serviceEnv({ namespace: pod.metadata.namespace, links, services: input.services });
  variables.set('HOSTNAME', hostname);
  for (const source of container.envFrom ?? []) await addAll(variables, input, source);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await valueFrom(input, variable) : expand(variable.value ?? '', variables);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return variables;
}

async function addAll(variables: Map<string, string>, input: EnvInput, source: EnvFromSource): Promise<void> {
  const ref = source.secretRef ?? source.configMapRef;
  const kind: SourceKind = source.secretRef ? 'Secret' : 'ConfigMap';
  const data = await read(input, { kind, name: ref?.name ?? '', optional: ref?.optional });
  for (const [key, bytes] of data ?? []) variables.set(`${source.prefix ?? ''}${key}`, bytes.toString());
}

/** Undefined leaves the variable out: its optional source is not there. */
async function valueFrom(input: EnvInput, { name, valueFrom: from = {} }: EnvVar): Promise<string | undefined> {
  const { pod, place } = input;
  if (from.fieldRef) return fieldValue(pod, place, from.fieldRef.fieldPath);
  if (from.resourceFieldRef)
    return resourceValue(containerOf(input, from.resourceFieldRef.containerName), from.resourceFieldRef, place);
  const ref = from.secretKeyRef ?? from.configMapKeyRef;
  if (!ref)
    throw new ConfigError(`env ${name}: this kubelet does not know its valueFrom (${Object.keys(from).join(', ')})`);
  const kind: SourceKind = from.secretKeyRef ? 'Secret' : 'ConfigMap';
  const source = ref.name ?? '';
  const data = await read(input, { kind, name: source, optional: ref.optional });
  const bytes = data?.get(ref.key);
  if (bytes || ref.optional) return bytes?.toString();
  throw new ConfigError(`couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace}/${source}`);
}

function containerOf({ pod, container }: EnvInput, name: string | undefined): Container {
  const found = name
    ? [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((c) => c.name === name)
    : container;
  if (!found) throw new ConfigError(`resourceFieldRef: the pod has no container ${name}`);
  return found;
}

async function read(
  { client, pod }: EnvInput,
  { kind, name, optional }: { kind: SourceKind; name: string; optional: boolean | undefined },
): Promise<Map<string, Buffer> | undefined> {
  const data = await readData(client, { kind, namespace: pod.metadata.namespace, name });
  if (!data && !optional) throw notThere(kind, name);
  return data;
}
