/** Gets images from registries, with credentials that `docker login` left in ~/.docker/config.json. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseImageName } from '../image-name.ts';
import { ImageError, type ImageInfo, type PullProgress, RuntimeGoneError } from '../runtime.ts';
import { ask, type Docker, EngineError, translated } from './client.ts';
import { jsonLines } from './json-lines.ts';

export async function inspectImage(docker: Docker, image: string): Promise<ImageInfo | undefined> {
  parseImageName(image);
  try {
    const { Id, Config } = await ask(docker.getImage(image).inspect());
    return { id: `docker://${Id}`, user: Config.User };
  } catch (error) {
    if (error instanceof EngineError && error.statusCode === 404) return undefined;
    throw error;
  }
}

export async function pullImage(
  docker: Docker,
  image: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const name = parseImageName(image);
  const layers = new Map<string, { current: number; total: number }>();
  try {
    const authconfig = await credentials(name.registry);
    const options = {
      fromImage: name.repository,
      // Without one the engine would bring all tags of the repository.
      tag: name.reference,
      abortSignal: signal,
      ...(authconfig && { authconfig }),
    };
    const stream = await ask(docker.createImage(options));
    for await (const line of jsonLines(stream)) {
      const step = line as PullStep;
      if (step.error !== undefined) throw new EngineError(500, step.error);
      count(layers, step);
      onProgress({ ...sum(layers), status: step.status });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw explained(image, name.registry, translated(error));
  }
}

interface PullStep {
  /** Of the layer; the first line has the tag here. */
  id?: string;
  status: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

/** Only downloads count: extracting starts again at zero and would make the sum fall. */
function count(layers: Map<string, { current: number; total: number }>, step: PullStep): void {
  const { current, total } = step.progressDetail ?? {};
  if (step.id === undefined) return;
  if (step.status === 'Downloading' && current !== undefined && total !== undefined) {
    layers.set(step.id, { current, total });
  } else if (step.status === 'Download complete') {
    const { total: size = 0 } = layers.get(step.id) ?? {};
    layers.set(step.id, { current: size, total: size });
  }
}

function sum(layers: ReadonlyMap<string, { current: number; total: number }>): { current: number; total: number } {
  const all = { current: 0, total: 0 };
  for (const { current, total } of layers.values()) {
    all.current += current;
    all.total += total;
  }
  return all;
}

/** Says what is wrong first; the engine's own words are long and begin with the least of it. */
function explained(image: string, registry: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RuntimeGoneError) return error;
  const { message } = error;
  if (/not found|manifest unknown|does not exist|name unknown/i.test(message) && !/no such host|dial /.test(message)) {
    return new ImageError('ErrImagePull', `image "${image}" not found in ${registry}, or it needs credentials`);
  }
  const unreachable = /(?:dial|lookup|no such host|i\/o timeout|connection refused|Client\.Timeout).*/s.exec(message);
  if (unreachable) {
    return new ImageError('ErrImagePull', `registry ${registry} cannot be reached: ${unreachable[0].trim()}`);
  }
  return new ImageError('ErrImagePull', `pulling image "${image}": ${message}`);
}

/** What `docker login` stored in the file itself; credential helpers are not asked. */
async function credentials(registry: string): Promise<{ username: string; password: string } | undefined> {
  const file = join(process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const { auths = {} } = JSON.parse(text) as { auths?: Record<string, { auth?: string }> };
  const key = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  const auth = auths[key]?.auth;
  if (!auth) return undefined;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
  return { username, password: password.join(':') };
}
