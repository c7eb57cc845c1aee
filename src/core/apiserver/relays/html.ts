/** Rewrites the links of a page while it passes. Everything else stays byte for byte, whatever its encoding. */
import { Transform, type TransformCallback } from 'node:stream';

/** Attributes that hold a URL, by element, as the original has them (kubernetes pkg/util/proxy/transport.go). */
const linkAttributes = new Map(
  Object.entries({
    a: ['href'],
    applet: ['codebase'],
    area: ['href'],
    audio: ['src'],
    base: ['href'],
    blockquote: ['cite'],
    body: ['background'],
    button: ['formaction'],
    command: ['icon'],
    del: ['cite'],
    embed: ['src'],
    form: ['action'],
    frame: ['longdesc', 'src'],
    head: ['profile'],
    html: ['manifest'],
    iframe: ['longdesc', 'src'],
    img: ['longdesc', 'src', 'usemap'],
    input: ['src', 'usemap', 'formaction'],
    ins: ['cite'],
    link: ['href'],
    object: ['classid', 'codebase', 'data', 'usemap'],
    q: ['cite'],
    script: ['src'],
    source: ['src'],
    video: ['poster', 'src'],
  }),
);

interface RawEnd {
  readonly end: RegExp;
  /** Of what `end` finds. */
  readonly length: number;
}

/** What stands in these is no markup. */
const rawElements = new Map<string, RawEnd>([
  ['script', { end: /<\/script/i, length: 8 }],
  ['style', { end: /<\/style/i, length: 7 }],
  ['textarea', { end: /<\/textarea/i, length: 10 }],
  ['title', { end: /<\/title/i, length: 7 }],
]);
/** A longer tag passes as it is. */
const tagLengthMax = 64 * 1024;

export class LinkRewriter extends Transform {
  readonly #rewrite: (url: string) => string;
  /** The end of what came, as long as it is open what it is. */
  #rest = '';
  /** How much of it was looked at as a tag, and the quote it is in. */
  #looked = 0;
  #quote = '';
  /** What ends the text that is no markup. */
  #until: RawEnd | undefined;

  constructor(rewrite: (url: string) => string) {
    super();
    this.#rewrite = rewrite;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    // One character for each byte: markup is ASCII, and the rest is not looked at.
    this.#rest += chunk.toString('latin1');
    const out: string[] = [];
    for (let piece = this.#take(); piece; piece = this.#take()) out.push(piece);
    done(null, Buffer.from(out.join(''), 'latin1'));
  }

  override _flush(done: TransformCallback): void {
    done(null, Buffer.from(this.#rest, 'latin1'));
  }

  /** The next piece that is complete; '' when more has to come first. */
  #take(): string {
    if (this.#until !== undefined) return this.#takeRaw(this.#until);
    const start = this.#rest.indexOf('<');
    if (start !== 0) return this.#cut(start < 0 ? this.#rest.length : start);
    if (['<', '<!', '<!-'].includes(this.#rest)) return '';
    if (this.#rest.startsWith('<!--')) {
      this.#until = { end: /-->/, length: 3 };
      return this.#cut(4);
    }
    return /^<[a-z]/i.test(this.#rest.slice(0, 2)) ? this.#takeTag() : this.#cut(1);
  }

  #takeRaw({ end, length }: RawEnd): string {
    const at = this.#rest.search(end);
    // It may have begun to arrive.
    if (at < 0) return this.#cut(Math.max(0, this.#rest.length - length + 1));
    this.#until = undefined;
    return this.#cut(at + length);
  }

  #takeTag(): string {
    const end = this.#tagEnd();
    if (end === undefined) return this.#rest.length > tagLengthMax ? this.#cut(this.#rest.length) : '';
    const tag = this.#cut(end);
    const [, name = ''] = /^<([^\s/>]+)/.exec(tag) ?? [];
    const element = name.toLowerCase();
    this.#until = rawElements.get(element);
    const attributes = linkAttributes.get(element);
    return attributes ? rewriteAttributes(tag, attributes, this.#rewrite) : tag;
  }

  /** Behind the `>` that is in no quotes. Quotes begin a value only; elsewhere they are characters as others. */
  #tagEnd(): number | undefined {
    const rest = this.#rest;
    for (let at = Math.max(1, this.#looked); at < rest.length; at++) {
      const character = rest[at]!;
      if (this.#quote) {
        if (character === this.#quote) this.#quote = '';
      } else if (character === '>') return at + 1;
      else if ((character === '"' || character === "'") && /=\s*$/.test(rest.slice(Math.max(0, at - 20), at))) {
        this.#quote = character;
      }
    }
    this.#looked = rest.length;
    return undefined;
  }

  #cut(length: number): string {
    const piece = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    this.#looked = 0;
    this.#quote = '';
    return piece;
  }
}

/**
 * Name, what is between, and the value with its quotes: quoted values are passed over as a whole. A name is looked for
 * at the beginning of words only, or a long one would be tried from each of its characters.
 */
const attribute = /(?<=[\s"'/])([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)/g;

function rewriteAttributes(tag: string, names: readonly string[], rewrite: (url: string) => string): string {
  return tag.replace(attribute, (whole, name: string, equals: string, value: string) => {
    if (!names.includes(name.toLowerCase())) return whole;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    return `${name}${equals}${quote}${rewrite(quote ? value.slice(1, -1) : value)}${quote}`;
  });
}
