/** Where a relayed answer points. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkRewriter } from '../../../../src/core/apiserver/relays/html.ts';
import { Links } from '../../../../src/core/apiserver/relays/links.ts';

const prefix = '/api/v1/namespaces/default/pods/web/proxy';
const links = new Links(prefix, ['localhost:8080', '10.1.2.3:80', '10.1.2.3']);

/** Through the rewriter, in chunks of the given length. */
async function rewritten(page: string | Buffer, chunkLength = 7): Promise<Buffer> {
  const bytes = Buffer.from(page as string);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkLength) chunks.push(bytes.subarray(at, at + chunkLength));
  return buffer(Readable.from(chunks).pipe(new LinkRewriter((url) => links.url(url))));
}

test('what means the own server leads through the relay; all else stays', () => {
  const cases: [string, string][] = [
    ['/', `${prefix}/`],
    ['/a/b?x=/y#z', `${prefix}/a/b?x=/y#z`],
    ['http://10.1.2.3/a', `${prefix}/a`],
    ['http://10.1.2.3:80', `${prefix}/`],
    ['//10.1.2.3?q', `${prefix}/?q`],
    ['HTTP://LocalHost:8080/a/', `${prefix}/a/`],
    [`http://localhost:8080${prefix}/a`, `${prefix}/a`],
    [`${prefix}/a`, `${prefix}/a`],
    [prefix, prefix],
    [`${prefix}ish`, `${prefix}${prefix}ish`],
    ['a/b', 'a/b'],
    ['../a', '../a'],
    ['?q', '?q'],
    ['#top', '#top'],
    ['', ''],
    ['http://10.1.2.3:81/a', 'http://10.1.2.3:81/a'],
    ['https://example.org/', 'https://example.org/'],
    ['//cdn.example.org/x.js', '//cdn.example.org/x.js'],
    ['///x', '///x'],
    ['mailto:me@example.org', 'mailto:me@example.org'],
    ['javascript:go("/")', 'javascript:go("/")'],
  ];
  for (const [target, expected] of cases) assert.equal(links.url(target), expected, target);
});

test('cookies come back to whoever set them', () => {
  const cases: [string, string][] = [
    ['sid=1', 'sid=1'],
    ['sid=1; Path=/', `sid=1; Path=${prefix}/`],
    ['sid=1;path=/app; HttpOnly; Secure', `sid=1; Path=${prefix}/app; HttpOnly; Secure`],
    ['sid=a=/b; Domain=10.1.2.3; Max-Age=5', 'sid=a=/b; Max-Age=5'],
    [`sid=1; Path=${prefix}/app`, `sid=1; Path=${prefix}/app`],
    ['__Host-sid=1; Path=/; Secure', '__Host-sid=1; Path=/; Secure'],
  ];
  for (const [cookie, expected] of cases) assert.equal(links.cookie(cookie), expected);
});

test('links of a page, however they are written and cut into pieces', async () => {
  const page = `<!DOCTYPE html><HTML manifest=/app.cache><head><base href='/'><title><a href="/no"></title>
    <link rel=stylesheet href = "/s.css"><script src="/x.js">if (a < b) "<a href='/no'>"</script>
    <!-- <a href="/no"> --><style>a { background: url(/no) }</style></head>
    <A CLASS=x HREF="/a?b=1&amp;c=2" title="a > b href='/no'">é 1 < 2</A><a href>empty</a><a title=it's href=/b>b</a>
    <img alt='<' src=/i.png><form action="http://10.1.2.3/post"><video poster="/p" src="v.mp4">
    <p data-href="/no" href="/no"></p><a href="https://example.org/">away</a></HTML`;
  const expected = `<!DOCTYPE html><HTML manifest=${prefix}/app.cache><head><base href='${prefix}/'><title><a href="/no"></title>
    <link rel=stylesheet href = "${prefix}/s.css"><script src="${prefix}/x.js">if (a < b) "<a href='/no'>"</script>
    <!-- <a href="/no"> --><style>a { background: url(/no) }</style></head>
    <A CLASS=x HREF="${prefix}/a?b=1&amp;c=2" title="a > b href='/no'">é 1 < 2</A><a href>empty</a><a title=it's href=${prefix}/b>b</a>
    <img alt='<' src=${prefix}/i.png><form action="${prefix}/post"><video poster="${prefix}/p" src="v.mp4">
    <p data-href="/no" href="/no"></p><a href="https://example.org/">away</a></HTML`;
  for (const length of [1, 2, 3, 7, 50, 10_000]) {
    assert.equal((await rewritten(page, length)).toString(), expected, `in pieces of ${length}`);
  }
});

test('a page without links of its own passes byte for byte, and any page comes out the same in any pieces', async () => {
  const parts = [
    '<a href="/x">',
    '<a href=',
    "'",
    '"',
    '>',
    '<!--',
    '-->',
    '<script',
    '</script>',
    '<',
    ' /y ',
    'é',
    '=',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...parts)), fc.integer({ min: 1, max: 9 }), async (words, length) => {
      const page = words.join('');
      assert.deepEqual(await rewritten(page, length), await rewritten(page, 10_000));
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const page = Buffer.from(bytes.filter((byte) => byte !== 0x2f));
      assert.deepEqual(await rewritten(page, 5), page);
    }),
    { numRuns: 100 },
  );
});

test('what stands before an open tag is not held back, and a tag without an end takes neither time nor memory', async () => {
  const rewriter = new LinkRewriter((url) => links.url(url));
  rewriter.write('<p>now<a hre');
  assert.equal(rewriter.read()?.toString(), '<p>now');
  rewriter.write('f="/x">');
  assert.equal(rewriter.read()?.toString(), `<a href="${prefix}/x">`);

  for (const filler of ['a', ' ', '"', 'a=', `a "`, "='"]) {
    const page = `<a ${filler.repeat(200_000 / filler.length)}`;
    const before = performance.now();
    assert.equal((await rewritten(page, 16_384)).toString(), page);
    assert.equal((await rewritten(`${page.slice(0, 60_000)}>`, 16_384)).toString(), `${page.slice(0, 60_000)}>`);
    assert.ok(performance.now() - before < 2000, `${filler}: ${performance.now() - before} ms`);
  }
});
