/** What the verbs about the local cluster share: which one is meant, and lines that say what happens to it. */
import { clusterNameOf, dataDirOf } from '../cluster/paths.ts';
import type { Report } from '../cluster/progress.ts';
import type { Context } from './context.ts';
import { createReporter } from './progress.ts';

/** The data directory and the cluster's name: recorded there, given, or derived from the directory. */
export function clusterOf(flags: { 'data-dir'?: string | undefined; name?: string | undefined }): {
  dataDir: string;
  name: string;
} {
  const dataDir = dataDirOf({ dataDir: flags['data-dir'], name: flags.name });
  return { dataDir, name: clusterNameOf(dataDir, flags.name) };
}

/** `==> core-01: ready at 172.17.8.101`, one line a step, as Vagrant writes them. */
export function reportTo(context: Context, cluster: string): Report {
  const report = createReporter(context);
  return ({ machine = cluster, ...step }) => report({ ...step, machine });
}
