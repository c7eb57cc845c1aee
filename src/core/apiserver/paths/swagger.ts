/** /swaggerapi/, the description of the API as of 2014, and /swagger-ui/, today's browser for it; neither needs a network. */
import { kinds } from '../../api/kinds/index.ts';
import { noSuchResource } from '../../api/status.ts';
import type { Discovery } from '../discovery.ts';
import type { RawAnswer } from './raw.ts';
import { apiVersionsByGroup } from './resources.ts';

const root = '/swaggerapi';

export function addSwagger(discovery: Discovery): void {
  const load = () => import('../../api/openapi/index.ts');
  const listing = async (): Promise<RawAnswer> => ({
    body: (await load()).swaggerListing([...rootPaths.keys()], 'v1'),
  });
  discovery.add(`${root}/`, async (path, _query, { host }) => {
    if (path === `${root}/`) return listing();
    const rootPath = path.slice(root.length);
    const apiVersion = rootPaths.get(rootPath);
    if (apiVersion === undefined) throw noSuchResource();
    const served = kinds.filter((kind) => kind.apiVersion === apiVersion);
    return { body: (await load()).swaggerDeclaration(served, rootPath, `http://${host ?? 'localhost'}`) };
  });
  discovery.add('/swagger-ui/', (path) => {
    if (path !== '/swagger-ui/' && path !== '/swagger-ui/index.html') throw noSuchResource();
    return { body: page, contentType: 'text/html; charset=utf-8' };
  });
}

/** `/api/v1`, `/apis/apps/v1`, and the version below each. */
const rootPaths = new Map<string, string>();
for (const [group, versions] of apiVersionsByGroup) {
  for (const apiVersion of versions) rootPaths.set(`/${group ? 'apis' : 'api'}/${apiVersion}`, apiVersion);
}

/** Without a validator: the original would send the document to a server elsewhere to have it judged. */
const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>kubecfg: the API</title>
<link rel="stylesheet" href="/static/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/static/swagger-ui/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: '/openapi/v2',
  validatorUrl: null,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
});
</script>
</body>
</html>
`;
