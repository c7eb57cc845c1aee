/** Where an answer that came through a relay points: back through the relay, where it means its own server. */

export class Links {
  /** The path of the relay, without a slash at its end. */
  readonly prefix: string;
  readonly #hosts: ReadonlySet<string>;

  /** `hosts`: all names under which the page may speak of its own server. */
  constructor(prefix: string, hosts: readonly string[]) {
    this.prefix = prefix;
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** Relative targets stay; those of other servers, too. Never with a host, since a proxy may stand before us as well. */
  url(target: string): string {
    const [, host, behind = ''] = /^\s*(?:(?:https?:)?\/\/([^/?#]*))?(.*)$/is.exec(target) ?? [];
    if (host === undefined ? !behind.startsWith('/') : !this.#hosts.has(host.toLowerCase())) return target;
    const path = behind.startsWith('/') ? behind : `/${behind}`;
    return this.#covers(path) ? path : this.prefix + path;
  }

  /**
   * The original left cookies alone: one for `/` then goes to whatever else the API server relays to, and one for `/app`
   * never comes back. Those named `__Host-` must have no other path.
   */
  cookie(text: string): string {
    if (text.startsWith('__Host-')) return text;
    return text
      .split(';')
      .filter((part) => !/^\s*domain\s*=/i.test(part))
      .map((part) => {
        const [, path] = /^\s*path\s*=\s*(\/.*?)\s*$/i.exec(part) ?? [];
        return path === undefined || this.#covers(path) ? part : ` Path=${this.prefix}${path}`;
      })
      .join(';');
  }

  #covers(path: string): boolean {
    return path.startsWith(this.prefix) && /^([/?#]|$)/.test(path.slice(this.prefix.length));
  }
}
