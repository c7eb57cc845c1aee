/** The base of all verbs: the flags they share, the context they run in, and the connection of those that need a server. */
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Kind } from '../api/kind.ts';
import { type Connection, chooseTarget, openConnection } from './connection.ts';
import type { Context } from './context.ts';
import type { VerbTable } from './verb-table.ts';

export interface Surroundings {
  context: Context;
  verbs: VerbTable;
  afterDashes: readonly string[];
}

/** Headings of the root help page, in order; every verb stands under one. */
export const groups = ['Cluster', 'Objects', 'Watching', 'Settings'] as const;

export abstract class BaseCommand extends Command {
  static group: (typeof groups)[number] = 'Objects';
  static override baseFlags = {
    verbose: Flags.integer({
      char: 'v',
      aliases: ['v'],
      default: 0,
      helpGroup: 'GLOBAL',
      helpValue: 'LEVEL',
      description: '6 names each request on stderr, 8 shows the stack of an error',
    }),
  };
  /** What `completion` offers after the verb; `resource` is TYPE, then names. */
  static completes: 'resource' | 'file' | 'none' = 'none';

  #surroundings: Surroundings | undefined;

  /** Runs the verb, and what must happen after it in any case. */
  async execute(surroundings: Surroundings): Promise<void> {
    this.#surroundings = surroundings;
    await this.run();
  }

  get context(): Context {
    return this.#surroundings!.context;
  }
  /** All verbs, for help and completion. */
  get verbs(): VerbTable {
    return this.#surroundings!.verbs;
  }
  /** The words behind `--`. */
  get afterDashes(): readonly string[] {
    return this.#surroundings!.afterDashes;
  }

  print(text: string): void {
    this.context.stdout.write(`${text}\n`);
  }
  /** Notes, progress and warnings: whoever reads stdout wants the result alone. */
  note(text: string): void {
    this.context.stderr.write(`${text}\n`);
  }
}

/** Which cluster of this machine is meant; `up` and the client verbs share them. */
export const clusterFlags = {
  'data-dir': Flags.string({
    helpGroup: 'GLOBAL',
    helpValue: 'DIR',
    description: 'where the local cluster keeps its data (default $KUBECFG_DATA_DIR, then ~/.kubecfg/NAME)',
  }),
  name: Flags.string({
    helpGroup: 'GLOBAL',
    helpValue: 'NAME',
    description: 'name of the local cluster (default kubecfg)',
  }),
  kubeconfig: Flags.string({
    helpGroup: 'GLOBAL',
    helpValue: 'FILE',
    description: 'kubeconfig file (default $KUBECONFIG, then ~/.kube/config)',
  }),
};

export interface ConnectionFlags {
  server?: string | undefined;
  namespace?: string | undefined;
  'all-namespaces'?: boolean | undefined;
  context?: string | undefined;
  kubeconfig?: string | undefined;
  'data-dir'?: string | undefined;
  name?: string | undefined;
  verbose: number;
}

/** A verb that talks to an API server. */
export abstract class ApiCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    ...clusterFlags,
    server: Flags.string({
      char: 's',
      // kubecfg 0.7.2: -h HOST
      charAliases: ['h'],
      helpGroup: 'GLOBAL',
      helpValue: 'URL',
      description: 'API server (default $KUBERNETES_MASTER, kubeconfig, the local daemon, then embedded)',
    }),
    context: Flags.string({ helpGroup: 'GLOBAL', helpValue: 'NAME', description: 'kubeconfig context to use' }),
    namespace: Flags.string({
      char: 'n',
      aliases: ['ns'],
      helpGroup: 'GLOBAL',
      helpValue: 'NS',
      description: 'namespace to work in',
    }),
  };

  #connection: Connection | undefined;

  async connect(flags: ConnectionFlags): Promise<Connection> {
    this.context.verbosity = flags.verbose;
    const target = chooseTarget(flags, this.context);
    const connect = this.context.connect ?? ((t) => openConnection(t, this.context));
    this.#connection = await connect(await target);
    return this.#connection;
  }

  override async execute(surroundings: Surroundings): Promise<void> {
    try {
      await super.execute(surroundings);
      await this.#connection?.settle();
    } finally {
      await this.#connection?.close();
    }
  }
}

/** The namespace to ask in: '' for kinds that have none. */
export const namespaceOf = (kind: Kind, namespace: string): string => (kind.namespaced ? namespace : '');
