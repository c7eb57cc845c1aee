/** Objects made from words: `create pod NAME --image=I`, `run NAME --image=I --replicas=3`. */
import * as Flags from '@oclif/core/flags';
import type { Pod, ReplicationController, Service } from '../api/kinds/index.ts';
import type { Draft } from '../api/object.ts';
import { UsageError } from './errors.ts';

export const podFlags = {
  image: Flags.string({ helpValue: 'IMAGE', description: 'image of the container' }),
  port: Flags.string({
    char: 'p',
    helpValue: 'PORT',
    description: 'container port, or HOSTPORT:PORT; several are joined by commas',
  }),
  hostport: Flags.integer({ helpValue: 'PORT', dependsOn: ['port'], description: 'port of the machine for --port' }),
  env: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'KEY=VALUE',
    description: 'environment variable; may be given several times',
  }),
  labels: Flags.string({ char: 'l', helpValue: 'KEY=VALUE,…', description: 'labels instead of run=NAME' }),
  command: Flags.boolean({ description: 'the words after -- are the command, not its arguments' }),
};

export interface PodWishes {
  name: string;
  image: string;
  port?: string | undefined;
  hostport?: number | undefined;
  env?: string[] | undefined;
  labels?: string | undefined;
  command?: boolean | undefined;
  words: readonly string[];
}

export function podFor(wishes: PodWishes, restartPolicy?: 'OnFailure' | 'Never'): Draft<Pod> {
  const metadata = { name: wishes.name, labels: labelsOf(wishes) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: [containerOf(wishes)], ...(restartPolicy ? { restartPolicy } : {}) },
  };
}

/** `run` of 0.17: selector and template carry the same labels as the controller. */
export function controllerFor(wishes: PodWishes, replicas: number): Draft<ReplicationController> {
  const labels = labelsOf(wishes);
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: wishes.name, labels },
    spec: {
      replicas,
      selector: labels,
      template: { metadata: { labels }, spec: { containers: [containerOf(wishes)] } },
    },
  };
}

export function serviceFor(wishes: PodWishes, port: number): Draft<Service> {
  const labels = labelsOf(wishes);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: wishes.name, labels },
    spec: { selector: labels, ports: [{ port }] },
  };
}

function labelsOf({ name, labels }: PodWishes): Record<string, string> {
  return labels ? Object.fromEntries(labels.split(',').map((pair) => splitPair(pair, '--labels'))) : { run: name };
}

function containerOf({ name, image, env = [], command, words, ...ports }: PodWishes) {
  const variables = env.map((pair) => {
    const [key, value] = splitPair(pair, '--env');
    return { name: key, value };
  });
  const portList = portsOf(ports);
  return {
    // Names of containers are lower case, those of old controllers need not be (kubecfg 0.7.2).
    name: name.toLowerCase(),
    image,
    ...(variables.length > 0 ? { env: variables } : {}),
    ...(portList.length > 0 ? { ports: portList } : {}),
    ...(words.length > 0 ? { [command ? 'command' : 'args']: [...words] } : {}),
  };
}

function portsOf({
  port,
  hostport,
}: Pick<PodWishes, 'port' | 'hostport'>): { containerPort: number; hostPort?: number }[] {
  return (port ?? '')
    .split(',')
    .filter(Boolean)
    .map((spec) => {
      const numbers = spec.split(':').map(Number);
      if (numbers.length > 2 || !numbers.every(Number.isInteger)) {
        throw new UsageError(`--port ${spec}: use PORT or HOSTPORT:PORT, such as 8080:80`);
      }
      const containerPort = numbers.at(-1)!;
      const hostPort = numbers.length === 2 ? numbers[0]! : hostport;
      return hostPort ? { containerPort, hostPort } : { containerPort };
    });
}

function splitPair(pair: string, flag: string): [string, string] {
  const equals = pair.indexOf('=');
  if (equals <= 0) throw new UsageError(`${flag} ${pair}: use KEY=VALUE`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
