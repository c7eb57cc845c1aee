/** Containers in `describe`, of a pod with its states or of a template without. */
import { type Description, describeTime, sorted } from '../../describe.ts';
import type { Container, EnvVarSource, Probe } from '../../types/container.ts';
import type { ContainerState, ContainerStatus } from '../../types/container-status.ts';

export function describeContainers(
  text: Description,
  level: number,
  title: string,
  containers: readonly Container[],
  statuses?: readonly ContainerStatus[],
): void {
  text.line(level, `${title}:`);
  for (const container of containers) {
    text.line(level + 1, `${container.name}:`);
    const status = statuses?.find((s) => s.name === container.name);
    describeWhat(text, level + 2, container, status);
    if (status) describeStatus(text, level + 2, status);
    describeHow(text, level + 2, container);
  }
}

function describeWhat(
  text: Description,
  level: number,
  container: Container,
  status: ContainerStatus | undefined,
): void {
  const { image = '', ports = [], command = [], args = [] } = container;
  if (status) text.line(level, 'Container ID:', status.containerID ?? '');
  text.line(level, 'Image:', image);
  if (status) text.line(level, 'Image ID:', status.imageID);
  const plural = ports.length > 1 ? 's' : '';
  const join = (numbers: string[]) => numbers.join(', ') || '<none>';
  text.line(level, `Port${plural}:`, join(ports.map((p) => `${p.containerPort}/${p.protocol}`)));
  text.line(level, `Host Port${plural}:`, join(ports.map((p) => `${p.hostPort ?? 0}/${p.protocol}`)));
  if (command.length) text.line(level, 'Command:');
  for (const word of command) text.line(level + 1, word);
  if (args.length) text.line(level, 'Args:');
  for (const word of args) text.line(level + 1, word);
}

function describeStatus(text: Description, level: number, status: ContainerStatus): void {
  describeState(text, level, 'State', status.state);
  if (status.lastState.terminated) describeState(text, level, 'Last State', status.lastState);
  text.line(level, 'Ready:', status.ready ? 'True' : 'False');
  text.line(level, 'Restart Count:', status.restartCount);
}

function describeState(
  text: Description,
  level: number,
  key: string,
  { running, waiting, terminated }: ContainerState,
): void {
  if (running) {
    text.line(level, `${key}:`, 'Running').line(level + 1, 'Started:', describeTime(running.startedAt));
  } else if (terminated) {
    text.line(level, `${key}:`, 'Terminated');
    if (terminated.reason) text.line(level + 1, 'Reason:', terminated.reason);
    if (terminated.message) text.line(level + 1, 'Message:', terminated.message);
    text.line(level + 1, 'Exit Code:', terminated.exitCode);
    if (terminated.signal) text.line(level + 1, 'Signal:', terminated.signal);
    text.line(level + 1, 'Started:', describeTime(terminated.startedAt));
    text.line(level + 1, 'Finished:', describeTime(terminated.finishedAt));
  } else {
    text.line(level, `${key}:`, 'Waiting');
    if (waiting?.reason) text.line(level + 1, 'Reason:', waiting.reason);
    if (waiting?.message) text.line(level + 1, 'Message:', waiting.message);
  }
}

function describeHow(text: Description, level: number, container: Container): void {
  describeAmounts(text, level, 'Limits', container.resources.limits);
  describeAmounts(text, level, 'Requests', container.resources.requests);
  if (container.livenessProbe) text.line(level, 'Liveness:', probeText(container.livenessProbe));
  if (container.readinessProbe) text.line(level, 'Readiness:', probeText(container.readinessProbe));
  if (container.startupProbe) text.line(level, 'Startup:', probeText(container.startupProbe));

  const { env = [], envFrom = [], volumeMounts = [] } = container;
  if (envFrom.length) text.line(level, 'Environment Variables from:');
  for (const { configMapRef, secretRef, prefix } of envFrom) {
    const [name, type] = secretRef ? [secretRef.name, 'Secret'] : [configMapRef?.name, 'ConfigMap'];
    const optional = `Optional: ${(secretRef ?? configMapRef)?.optional ?? false}`;
    text.line(level + 1, name ?? '', `${type}${prefix ? ` with prefix '${prefix}'` : ''}`, optional);
  }
  text.line(level, 'Environment:', ...(env.length ? [] : ['<none>']));
  for (const { name, value, valueFrom } of env) {
    text.line(level + 1, `${name}:`, valueFrom ? sourceText(valueFrom) : (value ?? ''));
  }
  text.line(level, 'Mounts:', ...(volumeMounts.length ? [] : ['<none>']));
  for (const { name, mountPath, readOnly, subPath } of volumeMounts) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path="${subPath}"`] : [])].join(',');
    text.line(level + 1, `${mountPath} from ${name} (${flags})`);
  }
}

function describeAmounts(text: Description, level: number, key: string, amounts?: Record<string, string>): void {
  if (!amounts || !Object.keys(amounts).length) return;
  text.line(level, `${key}:`);
  for (const [name, amount] of sorted(amounts)) text.line(level + 1, `${name}:`, amount);
}

function sourceText({ fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef }: EnvVarSource): string {
  if (fieldRef) return `(${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`;
  if (resourceFieldRef) return `(${resourceFieldRef.containerName ?? ''}:${resourceFieldRef.resource})`;
  const [ref, type] = secretKeyRef ? [secretKeyRef, 'secret'] : [configMapKeyRef, 'config map'];
  return ref ? `<set to the key '${ref.key}' in ${type} '${ref.name}'> Optional: ${ref.optional ?? false}` : '';
}

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`. */
function probeText(probe: Probe): string {
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 1,
    periodSeconds = 10,
    successThreshold = 1,
    failureThreshold = 3,
  } = probe;
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s`;
  return `${handlerText(probe)} ${times} #success=${successThreshold} #failure=${failureThreshold}`;
}

function handlerText({ exec, httpGet, tcpSocket, grpc }: Probe): string {
  if (exec) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '/' } = httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`;
  return grpc ? `grpc <pod>:${grpc.port} ${grpc.service ?? ''}` : 'unknown';
}
