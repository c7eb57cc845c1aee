/** The grammar of image names (distribution/reference): [REGISTRY/]REPOSITORY[:TAG][@DIGEST]. */
import { ImageError } from './runtime.ts';

// A first part is a registry only when it cannot be a repository: it has a dot or a port, or it is localhost.
const registry = '(?:localhost|(?=[^/]*[.:])[A-Za-z0-9.-]+)(?::\\d+)?/';
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const tag = '\\w[\\w.-]{0,127}';
const digest = '[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}';
const grammar = new RegExp(
  `^(?<repository>(?<registry>${registry})?${part}(?:/${part})*)(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`,
);

export interface ImageName {
  registry: string;
  /** With the registry in front when the name has one. */
  repository: string;
  /** A tag, or the digest where the name has one. */
  reference: string;
}

export function parseImageName(image: string): ImageName {
  const parts = grammar.exec(image)?.groups;
  if (!parts) throw new ImageError('InvalidImageName', `invalid image name "${image}"`);
  return {
    registry: parts['registry']?.slice(0, -1) ?? 'docker.io',
    repository: parts['repository']!,
    reference: parts['digest'] ?? parts['tag'] ?? 'latest',
  };
}
