/** Tokens with which machines join: secrets of kube-system, as Kubernetes keeps its bootstrap tokens. */
import { randomBytes } from 'node:crypto';
import { parseToken, type Token, tokenName, tokenNamespace, tokenType } from '../api/join.ts';
import { Secret } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isNotFound } from '../api/status.ts';
import { timestamp } from '../api/time.ts';
import type { Connection } from './connection.ts';
import { CliError } from './errors.ts';

const idLength = 6;
/** 26 of 36 characters are 134 bits. */
const secretLength = 26;

export interface TokenInfo {
  id: string;
  /** RFC 3339; undefined when it never does. */
  expires: string | undefined;
  description: string;
}

/** The token, which nobody can ask for again. `ttlMs` 0 is for ever. */
export async function createToken(
  { client }: Connection,
  { ttlMs, description, now }: { ttlMs: number; description: string; now: number },
): Promise<string> {
  const { id, secret }: Token = { id: randomText(idLength), secret: randomText(secretLength) };
  const stringData: Record<string, string> = {
    'token-id': id,
    'token-secret': secret,
    // What it is good for, and nothing else.
    'usage-bootstrap-authentication': 'true',
    ...(ttlMs > 0 && { expiration: timestamp(now + ttlMs) }),
    ...(description && { description }),
  };
  await client.create(Secret, {
    metadata: { name: tokenName(id), namespace: tokenNamespace },
    type: tokenType,
    stringData,
  });
  return `${id}.${secret}`;
}

export async function listTokens({ client }: Connection): Promise<TokenInfo[]> {
  const { items } = await client.list(Secret, tokenNamespace, { fieldSelector: `type=${tokenType}` });
  return (items as Stored<Secret>[]).map((secret) => ({
    id: field(secret, 'token-id'),
    expires: field(secret, 'expiration') || undefined,
    description: field(secret, 'description'),
  }));
}

/** By its id, or the whole token. */
export async function deleteToken({ client }: Connection, text: string): Promise<string> {
  const id = parseToken(text)?.id ?? text;
  try {
    await client.delete(Secret, tokenNamespace, tokenName(id));
  } catch (error) {
    if (isNotFound(error)) throw new CliError(`there is no token ${id}`);
    throw error;
  }
  return id;
}

const field = ({ data }: Stored<Secret>, key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString();

/** Characters of a-z0-9, all alike likely. */
function randomText(length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // Bytes beyond the last whole round of the alphabet would make its first characters likelier.
      if (byte < 252 && text.length < length) text += alphabet[byte % 36];
    }
  }
  return text;
}
