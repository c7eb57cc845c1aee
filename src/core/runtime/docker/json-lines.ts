/** Docker's streams of JSON objects (events, pulls, imports): one object a line, in chunks cut anywhere. */
import { StringDecoder } from 'node:string_decoder';

export async function* jsonLines(stream: AsyncIterable<string | Buffer>): AsyncIterable<unknown> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}
