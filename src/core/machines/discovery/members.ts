/** What a discovery URL tells of the cluster that forms under it. */
export interface Formation {
  /** How many members the cluster is made for. */
  size: number;
  /** Those that have registered, the first ones first; never more than `size`. */
  members: { id: string; name: string; peerUrl: string }[];
}

interface Answer {
  message?: string;
  node?: { value?: string; nodes?: { key?: string; value?: string; createdIndex?: number }[] };
}

const timeoutMs = 30_000;

/** Throws with words for the user when nobody answers, or the token is unknown. */
export async function formationUnder(discoveryUrl: string, signal?: AbortSignal): Promise<Formation> {
  const url = trimmed(discoveryUrl);
  const size = Number((await ask(`${url}/_config/size`, url, { signal })).node?.value);
  if (!Number.isInteger(size) || size < 1) throw new Error(`${url}: the token has no size that a cluster could have`);
  const { node } = await ask(url, url, { signal });
  const nodes = [...(node?.nodes ?? [])].sort((a, b) => (a.createdIndex ?? 0) - (b.createdIndex ?? 0));
  // `core-01=https://172.17.8.101:2380`, and more of that after a comma when it listens at several addresses.
  const members = nodes.flatMap(({ key = '', value = '' }) => {
    const [, name, peerUrl] = /^([^=,]+)=([^,]+)/.exec(value) ?? [];
    return name && peerUrl ? [{ id: key.slice(key.lastIndexOf('/') + 1), name, peerUrl }] : [];
  });
  // Members that came too late are told so after they registered.
  return { size, members: members.slice(0, size) };
}

/** Takes back a registration, so that the member may come again: etcd refuses one that it knows. */
export async function withdraw(discoveryUrl: string, id: string): Promise<void> {
  const url = trimmed(discoveryUrl);
  await ask(`${url}/${id}`, url, { method: 'DELETE' });
}

const trimmed = (url: string) => url.replace(/\/+$/, '');

interface Asking {
  signal?: AbortSignal | undefined;
  method?: string;
}

async function ask(path: string, url: string, { signal, method = 'GET' }: Asking): Promise<Answer> {
  const given = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { method, signal: signal ? AbortSignal.any([given, signal]) : given });
    text = await response.text();
  } catch (e) {
    const { message, cause } = e as Error;
    throw new Error(`${new URL(url).origin} does not answer: ${(cause as Error | undefined)?.message ?? message}`);
  }
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    throw new Error(`${new URL(url).origin} is no discovery service: 'kubecfg discovery new' prints a discovery URL`);
  }
  if (response.status === 404) {
    throw new Error(
      `the token of ${new URL(url).origin} is unknown or has expired: get a new one with 'kubecfg discovery new'`,
    );
  }
  if (!response.ok) throw new Error(`${new URL(url).origin} answers ${answer.message ?? response.status}`);
  return answer;
}
