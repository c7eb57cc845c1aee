/** The grammar of image names (distribution/reference): [REGISTRY/]REPOSITORY[:TAG][@DIGEST]. */
import { ImageError } from './runtime.ts';

const registry = '[A-Za-z0-9.-]+(?::\\d+)?/';
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const tag = ':\\w[\\w.-]{0,127}';
const digest = '@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}';
const reference = new RegExp(`^(?:${registry})?${part}(?:/${part})*(?:${tag})?(?:${digest})?$`);

export function checkImageName(image: string): void {
  if (!reference.test(image)) throw new ImageError('InvalidImageName', `invalid image name "${image}"`);
}
