import { ApiCommand, namespaceOf } from '../core/cli/base.ts';
import { complete, type NamesOf } from '../core/cli/completion.ts';

/** Longer than this nobody waits for a list of names. */
const patienceMs = 2000;

/** `__complete -- WORDS…`: one candidate a line, for the scripts of `completion`. */
export default class Complete extends ApiCommand {
  static override hidden = true;
  static override summary = 'Candidates for the last of the words';

  async run(): Promise<void> {
    const candidates = await complete(this.afterDashes, this.verbs, this.#namesOf);
    for (const candidate of candidates) this.print(candidate);
  }

  #namesOf: NamesOf = async (kind, words) => {
    const flags = { verbose: 0, ...connectionFlags(words) };
    try {
      const api = await this.connect(flags);
      const request = { verb: 'list', kind, namespace: namespaceOf(kind, api.namespace) || undefined } as const;
      const list = await api.client.transport.send(request, AbortSignal.timeout(patienceMs));
      return (list as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
    } catch {
      return []; // a shell has no place for the reason
    }
  };
}

/** The flags among the words typed so far that choose the server and the namespace. */
function connectionFlags(words: readonly string[]): Record<string, string> {
  const names: Record<string, string> = { '-n': 'namespace', '-s': 'server' };
  const flags: Record<string, string> = {};
  words.forEach((word, i) => {
    const [flag = '', value] = word.split('=');
    const name = names[flag] ?? /^--(namespace|server|context|kubeconfig|data-dir|name)$/.exec(flag)?.[1];
    if (name) flags[name] = value ?? words[i + 1] ?? '';
  });
  return flags;
}
