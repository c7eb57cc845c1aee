/** /static/: the files that come with the program, by name. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { noSuchResource } from '../../api/status.ts';
import { folderListing } from '../../async/folder-listing.ts';
import type { Discovery } from '../discovery.ts';
import type { RawAnswer } from './raw.ts';

interface StaticFile {
  readonly contentType: string;
  /** Where npm has put it, when the program runs out of its source tree. */
  readonly source: string;
}

const swaggerUi = 'swagger-ui-dist';
const files: Readonly<Record<string, StaticFile>> = {
  'swagger-ui/swagger-ui-bundle.js': {
    contentType: 'text/javascript; charset=utf-8',
    source: `${swaggerUi}/swagger-ui-bundle.js`,
  },
  'swagger-ui/swagger-ui.css': { contentType: 'text/css; charset=utf-8', source: `${swaggerUi}/swagger-ui.css` },
};

export function addStatic(discovery: Discovery): void {
  discovery.add('/static/', (path) => {
    const name = path.slice('/static/'.length);
    if (name === '') return folderListing(Object.keys(files));
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!file) throw noSuchResource();
    return read(name, file);
  });
}

/** The build puts the files beside the program. */
async function read(name: string, { contentType, source }: StaticFile): Promise<RawAnswer> {
  const body = await readFile(join(import.meta.dirname, 'static', name)).catch(() => readFromPackage(source));
  return { body, contentType, headers: { 'Cache-Control': 'max-age=3600' } };
}

async function readFromPackage(source: string): Promise<Buffer> {
  try {
    return await readFile(createRequire(join(import.meta.dirname, 'static.js')).resolve(source));
  } catch {
    throw noSuchResource();
  }
}
