/** Containers: `command` and `args` were `entrypoint` and `command`, and limits had fields of their own. */
import { amountsOf, decodeBytes, decodeMilliCores, encodeBytes, encodeMilliCores } from './amounts.ts';
import { list, type Members, membersOf, type Pair, type Rules, same, struct, words } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';

export function container(version: OlderVersion): Pair {
  const inline = isInline(version);
  const amounts = amountsOf(version);
  return struct(
    {
      name: same,
      image: same,
      command: inline ? ['entrypoint', same] : same,
      args: inline ? ['command', same] : same,
      workingDir: same,
      ports: list(containerPort),
      env: list(envVar(version)),
      resources: struct({ limits: amounts, requests: amounts }),
      volumeMounts: list(volumeMount(version)),
      livenessProbe: probe,
      readinessProbe: probe,
      lifecycle: struct({ postStart: handler, preStop: handler }),
      terminationMessagePath: same,
      imagePullPolicy: inline ? pullPolicyWords : same,
      securityContext,
    },
    {
      encode(old, value) {
        if (inline) encodeLimits(old, value);
        encodePrivileges(old);
      },
      decode(value, old) {
        if (inline) decodeLimits(value, old);
        decodePrivileges(value, old);
        if (isUntagged(value.image)) value.imagePullPolicy ??= 'IfNotPresent';
      },
    },
  );
}

/**
 * Only images named `…:latest` were always pulled at 0.17; today one without a tag is, too, and a script with an image that
 * was made here would wait for it for ever.
 */
function isUntagged(image: unknown): boolean {
  return typeof image === 'string' && image !== '' && !/[:@]/.test(image.slice(image.lastIndexOf('/')));
}

const containerPort = struct({ name: same, hostPort: same, containerPort: same, protocol: same, hostIP: same });

const pullPolicyWords = words({ Always: 'PullAlways', Never: 'PullNever', IfNotPresent: 'PullIfNotPresent' });

/** Paths of fields were named in v1beta3, where those that a container could ask for read as in v1. */
const fieldRef = struct({ apiVersion: words({ v1: 'v1beta3' }), fieldPath: same });

function envVar(version: OlderVersion): Pair {
  return withDuplicate(version, 'name', 'key', { name: same, value: same, valueFrom: struct({ fieldRef }) });
}

function volumeMount(version: OlderVersion): Pair {
  return withDuplicate(version, 'mountPath', 'path', { name: same, readOnly: same, mountPath: same });
}

/** v1beta1 still had the first names of some members beside the newer ones; v1beta2 dropped them. */
function withDuplicate(version: OlderVersion, name: string, first: string, rules: Rules): Pair {
  if (version !== 'v1beta1') return struct(rules);
  return struct(rules, {
    encode(old) {
      old[first] = old[name];
    },
    decode(value, old) {
      value[name] ||= old[first];
    },
  });
}

const handlers = {
  exec: struct({ command: same }),
  httpGet: struct({ path: same, port: same, host: same }),
  tcpSocket: struct({ port: same }),
};
const handler = struct(handlers);
const probe = struct({ ...handlers, initialDelaySeconds: same, timeoutSeconds: same });

const capabilities = struct({ add: same, drop: same });
const securityContext = struct({
  capabilities,
  privileged: same,
  seLinuxOptions: struct({ user: same, role: same, type: same, level: same }),
  runAsUser: same,
});

/** `cpu` and `memory` of the container itself count where `resources` does not say. */
function encodeLimits(old: Members, { resources }: Members): void {
  const limits = membersOf(membersOf(resources).limits);
  old.cpu = encodeMilliCores(limits.cpu);
  old.memory = encodeBytes(limits.memory);
}

function decodeLimits(value: Members, old: Members): void {
  const [cpu, memory] = [decodeMilliCores(old.cpu), decodeBytes(old.memory)];
  if (cpu === undefined && memory === undefined) return;
  const resources = membersOf(value.resources);
  const limits = { ...(cpu && { cpu }), ...(memory && { memory }), ...membersOf(resources.limits) };
  value.resources = { ...resources, limits };
}

/** `privileged` and `capabilities` moved into the security context; for a while they were in both places. */
function encodePrivileges(old: Members): void {
  const { privileged, capabilities: allowed = {} } = membersOf(old.securityContext);
  if (privileged) old.privileged = true;
  old.capabilities = allowed;
}

function decodePrivileges(value: Members, old: Members): void {
  const context = { ...membersOf(value.securityContext) };
  if (old.privileged === true) context.privileged ??= true;
  const { add, drop } = membersOf(old.capabilities);
  if (add || drop) context.capabilities ??= capabilities.decode(old.capabilities);
  if (value.securityContext || Object.keys(context).length) value.securityContext = context;
}
