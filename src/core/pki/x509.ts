/** The library for certificates, made ready at first use: it takes 94 ms to load, and few processes need it. */
import { webcrypto } from 'node:crypto';

let loaded: Promise<typeof import('@peculiar/x509')> | undefined;

export function x509(): Promise<typeof import('@peculiar/x509')> {
  loaded ??= load();
  return loaded;
}

async function load() {
  // Its dependency injection needs this first.
  await import('reflect-metadata');
  const library = await import('@peculiar/x509');
  // Its types want the browser's name for the same thing.
  library.cryptoProvider.set(webcrypto as never);
  return library;
}
