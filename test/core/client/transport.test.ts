import { createHttpTransport } from '../../../src/core/client/http.ts';
import { transportContract } from '../../contract/transport.ts';

transportContract('in-process', async (server) => server.transport);

transportContract('HTTP', async (server) => {
  const { host, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return createHttpTransport({ server: `http://${host}:${port}` });
});
