/** Our configs as Docker's create options. Pure; every option that differs from Docker's default has its reason. */
import type Docker from 'dockerode';
import { adler32 } from '../../async/adler32.ts';
import { pick, type Random } from '../../async/random.ts';
import type { ContainerConfig, PodIdentity, PortBinding, SandboxConfig } from '../runtime.ts';
import { labels, labelsOf, type Place, sandboxName } from './labels.ts';
import { networkName } from './network.ts';
import { pauseImage } from './pause.ts';

export interface CreateContext extends Place {
  random: Random;
  /** Where host ports without a hostIP are bound; absent is every address of the host. */
  address?: string;
}

/** A container's output is kept in two files of at most this size each. */
const logConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } };

export function sandboxOptions(context: CreateContext, config: SandboxConfig): Docker.ContainerCreateOptions {
  const network = networkName(context.cluster);
  const onNetwork = {
    // With the host's network the pod has the host's name and resolver too.
    Hostname: config.hostname,
    ExposedPorts: Object.fromEntries(config.ports.map((port) => [portKey(port), {}])),
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: config.ip === undefined ? {} : { IPv4Address: config.ip } } },
    },
  };
  return {
    name: containerName(context, sandboxName, adler32(JSON.stringify([config.hostNetwork, config.ports])), config.pod),
    Image: pauseImage,
    Labels: labelsOf(context, config.pod, sandboxName, config.annotations),
    ...(config.hostNetwork ? {} : onNetwork),
    HostConfig: {
      NetworkMode: config.hostNetwork ? 'host' : network,
      // The containers of the pod join it; Docker's default is private.
      IpcMode: 'shareable',
      // An engine may be configured to start its own init; the pause program is one.
      Init: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none', Config: {} },
      ...(config.hostNetwork ? {} : { PortBindings: portBindings(config.ports, context.address) }),
      ...(config.dns && {
        Dns: [...config.dns.nameservers],
        DnsSearch: [...config.dns.searches],
        DnsOptions: [...config.dns.options],
      }),
    },
  };
}

export function containerOptions(
  context: CreateContext,
  sandboxID: string,
  config: ContainerConfig,
): Docker.ContainerCreateOptions {
  return {
    name: containerName(context, config.name, config.specHash, config.pod),
    Image: config.image,
    Labels: {
      ...labelsOf(context, config.pod, config.name, config.annotations),
      [labels.specHash]: config.specHash,
      [labels.sandboxID]: sandboxID,
    },
    ...(config.command && { Entrypoint: [...config.command] }),
    ...(config.args && { Cmd: [...config.args] }),
    ...(config.workingDir !== undefined && { WorkingDir: config.workingDir }),
    ...(config.user !== undefined && { User: config.user }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    Tty: config.tty,
    OpenStdin: config.stdin,
    // What `docker stop` without a time, and so a halt of the machine, gives it.
    StopTimeout: config.graceSeconds,
    // Health is the kubelet's business; an image's own check would only cost.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: `container:${sandboxID}`,
      IpcMode: `container:${sandboxID}`,
      Init: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: logConfig,
      Binds: config.mounts.map((m) => `${m.hostPath}:${m.containerPath}${m.readOnly ? ':ro' : ''}`),
      Privileged: config.privileged,
      ReadonlyRootfs: config.readOnlyRootFilesystem,
      CapAdd: [...config.addCapabilities],
      CapDrop: [...config.dropCapabilities],
      ...resources(config),
    },
  };
}

function resources({ cpuShares, cpuMillis, memoryBytes }: ContainerConfig): Docker.HostConfig {
  return {
    ...(cpuShares !== undefined && { CpuShares: cpuShares }),
    // A quota of a 100 ms period (of at least 1 ms, the kernel's least). Docker's NanoCpus refuses limits above the
    // host's cores, which a limit may well be.
    ...(cpuMillis !== undefined && { CpuPeriod: 100_000, CpuQuota: Math.max(1_000, cpuMillis * 100) }),
    // Without MemorySwap a container may swap as much again before it meets its limit.
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
  };
}

function portKey(port: PortBinding): string {
  return `${port.containerPort}/${port.protocol.toLowerCase()}`;
}

function portBindings(ports: readonly PortBinding[], address = ''): Docker.PortMap {
  const bindings: Record<string, Docker.PortBinding[]> = {};
  for (const port of ports) {
    const binding = { HostIp: port.hostIP || address, HostPort: String(port.hostPort) };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
}

/** `k8s_NAME.HASH_POD_NAMESPACE_UID_ATTEMPT` (Kubernetes 0.17; `_` is illegal in all parts, so they can be told apart). */
function containerName({ random }: CreateContext, name: string, hash: string, pod: PodIdentity): string {
  const attempt = pick(random, 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  return `k8s_${name}.${hash}_${pod.name}_${pod.namespace}_${pod.uid}_${attempt}`;
}
