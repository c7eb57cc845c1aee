/** One end of a measurement: `serve` answers at port 9000, `ask HOST` prints bytes per second and round trips in microseconds. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const port = 9000;
const sendForMs = 1_000;
const roundTrips = 3_000;

/** A client that says `e` first gets everything back; one that says `s` is told, once it ends, how much came. */
function serve(): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.once('data', (first) => {
      if (first[0] === 'e'.charCodeAt(0)) {
        socket.write(first);
        socket.pipe(socket);
        return;
      }
      let bytes = first.length;
      socket.on('data', (part) => {
        bytes += part.length;
      });
      socket.on('end', () => socket.end(String(bytes)));
    });
  });
  server.listen(port, '0.0.0.0', () => console.log('serving'));
}

async function open(host: string, purpose: string): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  socket.write(purpose);
  return socket;
}

async function bytesPerSecond(host: string): Promise<number> {
  const socket = await open(host, 's');
  const chunk = Buffer.alloc(256 * 1024);
  const begin = performance.now();
  while (performance.now() - begin < sendForMs) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.end();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return Number(answer.toString()) / ((performance.now() - begin) / 1_000);
}

async function microseconds(host: string): Promise<{ median: number; p99: number }> {
  const socket = await open(host, 'e');
  await once(socket, 'data');
  const took: number[] = [];
  for (let i = 0; i < roundTrips; i++) {
    const begin = performance.now();
    socket.write('x');
    await once(socket, 'data');
    took.push((performance.now() - begin) * 1_000);
  }
  socket.destroy();
  took.sort((a, b) => a - b);
  return { median: took[roundTrips / 2]!, p99: took[Math.floor(roundTrips * 0.99)]! };
}

const [task, host = ''] = process.argv.slice(2);
if (task === 'serve') serve();
else console.log(JSON.stringify({ bytesPerSecond: await bytesPerSecond(host), ...(await microseconds(host)) }));
