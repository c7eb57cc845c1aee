/** Single rules in Docker's tables, which stay iptables' own: each carries a comment by which it is found again. */
import { runProcess } from '../async/process.ts';
import { ignoreFailure } from './failures.ts';

export interface Rule {
  table: 'filter' | 'nat';
  chain: string;
  match: readonly string[];
  /** Says whose it is. */
  comment: string;
}

/** Lets through what matches, before any other rule of the chain; harmless when it is there. */
export async function ensureAccepted(rule: Rule): Promise<void> {
  await iptables('-C', rule).catch(() => iptables('-I', rule));
}

export async function removeAccepted(rule: Rule): Promise<void> {
  await iptables('-D', rule).catch(ignoreFailure);
}

/** Where rules for forwarded packets may be. Docker leaves the first to others; without Docker there is the second. */
export const forwardChains = ['DOCKER-USER', 'FORWARD'] as const;

export async function forwardChain(): Promise<string> {
  const [dockers, general] = forwardChains;
  return (await rulesOf(dockers)) ? dockers : general;
}

/** The rules of a chain as `iptables -A` takes them; undefined when there is no such chain. */
export async function rulesOf(chain: string): Promise<string[] | undefined> {
  try {
    return (await runProcess('iptables', ['-w', '-S', chain])).split('\n').filter(Boolean);
  } catch (e) {
    ignoreFailure(e);
    return undefined;
  }
}

const iptables = (action: string, { table, chain, match, comment }: Rule) =>
  runProcess('iptables', [
    ...['-w', '-t', table, action, chain, ...match],
    ...['-m', 'comment', '--comment', comment, '-j', 'ACCEPT'],
  ]);
