/** From a container of a spec to what the runtime is told. */
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { Container } from '../../api/types/container.ts';
import type { ContainerConfig, ImageInfo, Mount } from '../../runtime/runtime.ts';
import { annotation } from '../plan/instances.ts';
import { specHash } from '../plan/spec-hash.ts';
import { ConfigError } from './config-error.ts';
import { expand } from './expand.ts';
import { engineResources } from './resources.ts';

export interface ContainerInput {
  pod: Stored<Pod>;
  container: Container;
  image: ImageInfo;
  variables: ReadonlyMap<string, string>;
  mounts: readonly Mount[];
  terminationLog?: string;
  sandboxID: string;
  restartCount: number;
  backOffSeconds: number;
}

/** Throws ConfigError when the spec forbids what would happen. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, variables } = input;
  const { namespace, name, uid } = pod.metadata;
  const expanded = (texts: readonly string[] | undefined) => texts?.map((text) => expand(text, variables));
  const [command, args] = [expanded(container.command), expanded(container.args)];
  const user = userOf(input);
  const { privileged, readOnlyRootFilesystem, capabilities } = container.securityContext ?? {};
  return {
    pod: { namespace, name, uid },
    name: container.name,
    specHash: specHash(container),
    image: container.image ?? '',
    ...(command?.length && { command }),
    // A command without arguments drops those of the image.
    ...((args?.length || command?.length) && { args: args ?? [] }),
    ...(container.workingDir && { workingDir: container.workingDir }),
    env: [...variables].map(([key, text]) => ({ name: key, value: text })),
    mounts: input.mounts,
    ...engineResources(container.resources),
    ...(user && { user }),
    privileged: !!privileged,
    readOnlyRootFilesystem: !!readOnlyRootFilesystem,
    addCapabilities: capabilities?.add ?? [],
    dropCapabilities: capabilities?.drop ?? [],
    tty: !!container.tty,
    stdin: !!container.stdin,
    graceSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
    annotations: {
      [annotation.restartCount]: String(input.restartCount),
      [annotation.backOffSeconds]: String(input.backOffSeconds),
      [annotation.sandbox]: input.sandboxID,
      ...(input.terminationLog && { [annotation.terminationLog]: input.terminationLog }),
      ...(container.terminationMessagePolicy && { [annotation.terminationPolicy]: container.terminationMessagePolicy }),
    },
  };
}

/** `UID`, `UID:GID` or nothing; the container's wishes come before the pod's. */
function userOf({ pod, container, image }: ContainerInput): string {
  const wishes = { ...pod.spec.securityContext, ...container.securityContext };
  const { runAsUser, runAsGroup, runAsNonRoot } = wishes;
  const user = runAsUser === undefined ? image.user : String(runAsUser);
  if (runAsNonRoot && isRoot(user)) {
    const ofImage = 'container has runAsNonRoot and image will run as root';
    throw new ConfigError(runAsUser === undefined ? ofImage : "container's runAsUser breaks non-root policy");
  }
  if (runAsGroup !== undefined) return `${user || '0'}:${runAsGroup}`;
  return runAsUser === undefined ? '' : user;
}

const isRoot = (user: string) => /^(0|root)?(:|$)/.test(user);
