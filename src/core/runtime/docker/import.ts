/** Makes an image from files that we hold: no build, no registry. */
import { ask, type Docker, EngineError } from './client.ts';
import { jsonLines } from './json-lines.ts';
import { type TarEntry, tar } from './tar.ts';

export interface ImageConfig {
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: Readonly<Record<string, string>>;
  workingDir?: string;
}

/** The image has one layer with these files. It is made once; an image of that name that is there already stays. */
export async function importRootfs(
  docker: Docker,
  name: string,
  files: () => readonly TarEntry[] | Promise<readonly TarEntry[]>,
  config: ImageConfig,
): Promise<void> {
  if (await hasImage(docker, name)) return;
  const colon = name.lastIndexOf(':');
  const options = { repo: name.slice(0, colon), tag: name.slice(colon + 1), changes: changes(config) };
  // The types know no array of changes and no buffer as a file; dockerode sends both.
  const archive = tar(await files()) as unknown as string;
  const stream = await ask(docker.importImage(archive, options));
  for await (const line of jsonLines(stream)) {
    const { error } = line as { error?: string };
    if (error !== undefined) throw new Error(`importing ${name}: ${error}`);
  }
}

async function hasImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await ask(docker.getImage(name).inspect());
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.statusCode === 404) return false;
    throw error;
  }
}

/** The config in Dockerfile words, the only form the engine takes it in. */
function changes({ entrypoint, cmd, env, workingDir }: ImageConfig): string[] {
  return [
    ...(entrypoint ? [`ENTRYPOINT ${JSON.stringify(entrypoint)}`] : []),
    ...(cmd ? [`CMD ${JSON.stringify(cmd)}`] : []),
    ...Object.entries(env ?? {}).map(([key, value]) => `ENV ${key}=${JSON.stringify(value)}`),
    ...(workingDir === undefined ? [] : [`WORKDIR ${workingDir}`]),
  ];
}
