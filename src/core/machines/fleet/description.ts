/** What /discovery answers: the API in Google's format. `$ENDPOINT` is for its reader to replace. */

const text = { type: 'string' } as const;
const query = (name: string) => ({ [name]: { ...text, location: 'query' } });

export const description = {
  kind: 'discovery#restDescription',
  discoveryVersion: 'v1',
  id: 'fleet:v1',
  name: 'schema',
  version: 'v1',
  title: 'fleet API',
  protocol: 'rest',
  rootUrl: '$ENDPOINT/',
  servicePath: 'fleet/v1/',
  baseUrl: '$ENDPOINT/fleet/v1/',
  basePath: '/fleet/v1/',
  batchPath: 'batch',
  parameters: {},
  schemas: {
    Machine: {
      id: 'Machine',
      type: 'object',
      properties: {
        id: { ...text, required: true },
        primaryIP: { ...text, required: true },
        metadata: { type: 'object', properties: {}, additionalProperties: text },
      },
    },
    MachinePage: {
      id: 'MachinePage',
      type: 'object',
      properties: {
        machines: { type: 'array', required: true, items: { $ref: 'Machine' } },
        nextPageToken: text,
      },
    },
  },
  resources: {
    Machines: {
      methods: {
        List: {
          id: 'fleet.Machine.List',
          description: 'Retrieve a page of Machine objects.',
          httpMethod: 'GET',
          path: 'machines',
          parameters: query('nextPageToken'),
          response: { $ref: 'MachinePage' },
        },
      },
    },
  },
};
