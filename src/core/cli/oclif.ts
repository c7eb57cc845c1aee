/**
 * oclif without its search for plugins: our verbs come from one table, so its configuration is a few constants.
 * Loading the real one costs a client command more than everything else it does.
 */
import { Config } from '@oclif/core/config';
import type { PJSON } from '@oclif/core/interfaces';
import { version } from './version.ts';

export class VerbConfig extends Config {
  override bin = 'kubecfg';
  override name = 'kubecfg';
  override version = version;
  override topicSeparator = ' ' as const;
  override platform = process.platform;
  override pjson = { name: 'kubecfg', version, oclif: {} } as PJSON;

  constructor() {
    super({ root: '' });
  }

  /** There is nobody who could listen. */
  override async runHook(): Promise<{ successes: never[]; failures: never[] }> {
    return { successes: [], failures: [] };
  }
}
