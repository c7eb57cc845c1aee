/** What the types of the keys cannot say. */
import { parsePairs } from '../pairs.ts';
import { decodeContent } from './content.ts';
import type { Finding } from './findings.ts';
import type { CloudConfig } from './keys.ts';

/** `lineOf` a key, or of the nearest key above it that stands in the file. */
export function checkRules(config: CloudConfig, lineOf: (key: string) => number): Finding[] {
  const findings: Finding[] = [];
  const add = (kind: Finding['kind'], key: string, message: string, hint?: string) =>
    findings.push({ line: lineOf(key), kind, key, message, ...(hint && { hint }) });

  const { hostname, coreos = {}, users = [], write_files = [] } = config;
  if (hostname !== undefined && !hostNameForm.test(hostname))
    add('error', 'hostname', `invalid value ${hostname}`, 'allowed: letters, digits, - and ., 64 at most');
  for (const section of ['etcd', 'etcd2'] as const) {
    const url = coreos[section]?.discovery;
    if (url !== undefined && !isHttpUrl(url))
      add(
        'warning',
        `coreos.${section}.discovery`,
        'discovery URL is not valid',
        'such as http://127.0.0.1:8087/TOKEN',
      );
  }
  const { wrong } = parsePairs(coreos.fleet?.metadata ?? '');
  for (const part of wrong)
    add('warning', 'coreos.fleet.metadata', `${JSON.stringify(part)} is ignored`, 'such as region=us-west,disk=ssd');
  for (const [i, { name, drop_ins = [] }] of (coreos.units ?? []).entries()) {
    if (!name) add('warning', `coreos.units[${i}]`, 'a unit without a name is skipped');
    for (const [j, dropIn] of drop_ins.entries()) {
      if (!dropIn.name || !dropIn.content)
        add('warning', `coreos.units[${i}].drop_ins[${j}]`, 'a drop-in without a name or content is skipped');
    }
  }
  for (const [i, { name }] of users.entries()) {
    if (!name) add('warning', `users[${i}]`, 'a user without a name is skipped');
  }
  for (const [i, { path, content = '', encoding = '' }] of write_files.entries()) {
    const key = `write_files[${i}]`;
    if (!path) add('error', key, 'a file needs a path');
    else if (/^\/?usr(\/|$)/.test(path))
      add('error', `${key}.path`, 'file cannot be written to a read-only filesystem');
    try {
      decodeContent(content, encoding);
    } catch (e) {
      add('error', `${key}.content`, (e as Error).message);
    }
  }
  return findings;
}

const hostNameForm = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/;

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
