/** Asks a discovery service, ours or another, for a token. */

const timeoutMs = 30_000;
/** More than any URL of a token. */
const answerCharsMax = 1000;

/** The URL of a new token; throws with the service's own words where it has none. */
export async function requestToken(server: string, size: number, signal?: AbortSignal): Promise<string> {
  const url = `${server.replace(/\/+$/, '')}/new?size=${size}`;
  const given = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal: signal ? AbortSignal.any([given, signal]) : given });
    text = (await response.text()).trim();
  } catch (e) {
    const { message, cause } = e as Error;
    throw new Error(`${server} does not answer: ${(cause as Error | undefined)?.message ?? message}`);
  }
  if (response.ok && /^https?:\/\/\S+\/[a-f0-9]{32}$/.test(text)) return text;
  const words = text.split('\n', 1)[0]!.slice(0, answerCharsMax);
  if (response.ok) throw new Error(`${server} is no discovery service: it answers ${JSON.stringify(words)}`);
  throw new Error(`${server} gives no token: ${words || `status ${response.status}`}`);
}
