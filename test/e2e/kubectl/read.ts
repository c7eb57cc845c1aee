/** What a server says about itself, and how objects are shown. */
import type { Session } from '../../helpers/kubectl.ts';
import { at, configMap, controller, documents, pod, service } from './manifests.ts';

const discovery: Session = [
  'api-versions',
  'api-resources',
  'api-resources --namespaced=false --verbs=list,delete -o name --sort-by=name',
  'api-resources --api-group=authorization.k8s.io -o wide',
  'version',
  'version --client=false --short',
  'cluster-info',
  'get --raw /healthz',
  'get --raw /readyz?verbose',
  'get --raw /api',
  { argv: 'get --raw /nowhere', code: 1 },
  'explain rc',
  'explain pod.spec.containers.ports',
  'explain services.spec --recursive',
  { argv: 'explain nothing', code: 1 },
  { argv: 'explain pod.spec.nothing', code: 1 },
  { argv: 'get nothing', code: 1 },
  { argv: 'get deployments', code: 1 },
  'get componentstatuses',
];

const permissions: Session = [
  'auth can-i create pods',
  'auth can-i delete nodes/core-01',
  "auth can-i '*' '*' --all-namespaces",
  'auth can-i get /metrics',
  'auth can-i get pods --subresource=log --quiet',
  'auth can-i --list',
];

const get: Session = [
  { argv: 'get pods' },
  {
    argv: 'create -f -',
    stdin: documents(
      pod('back', 'app: back, tier: data'),
      pod('web', 'app: web, tier: front'),
      service('web', '10.0.200.1'),
      configMap('settings', 'color: blue, size: "3"', 'tier: front'),
    ),
  },
  { argv: 'wait pod --all --for=condition=Ready --timeout=20s' },
  'get pods',
  'get pod web',
  'get pods -o wide',
  'get pods --no-headers',
  'get pods -o name',
  'get pods --show-labels',
  'get pods -L app,tier',
  'get pods -l app=web',
  "get pods -l 'tier in (data,cache),app!=web'",
  'get pods -l app=none',
  'get pods --field-selector=metadata.name=web,status.phase=Running',
  { argv: 'get pods --field-selector=spec.nothing=web', code: 1 },
  "get pods --sort-by='{.metadata.labels.tier}' --chunk-size=1",
  'get pods --chunk-size=1 -o name',
  'get pods,services,configmaps -l tier=front',
  'get pod/web service/web -o name',
  'get all',
  'get pod web -o yaml',
  'get pods -o json',
  'get pods -o jsonpath=\'{range .items[*]}{.metadata.name}{"\\t"}{.spec.containers[0].image}{"\\n"}{end}\'',
  { argv: 'get pod web -o jsonpath-file=/dev/stdin', stdin: '{.spec.nodeName}{"\\n"}' },
  'get pods -o go-template=\'{{range .items}}{{.metadata.name}} {{len .spec.containers}}{{"\\n"}}{{end}}\'',
  { argv: 'get pod web -o go-template-file=/dev/stdin', stdin: '{{.status.phase}}{{"\\n"}}' },
  'get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image,NONE:.spec.nothing',
  { argv: 'get pods -o custom-columns-file=/dev/stdin', stdin: 'NAME           PHASE\n.metadata.name .status.phase\n' },
  'get endpoints web',
  'get nodes -o custom-columns=\'NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status\'',
  'get --raw /api/v1/namespaces/get/configmaps/settings',
  { argv: 'get pod nobody', code: 1 },
  'get pod nobody --ignore-not-found',
  { argv: 'get pod web nobody', code: 1 },
  { argv: 'get pods -o nothing', code: 1 },
  { argv: 'get --show-managed-fields pods', code: 1 },
  { argv: 'get configmaps -A -l tier=front' },
];

const watch: Session = [
  { argv: 'create -f -', stdin: configMap('settings', 'color: blue') },
  {
    argv: 'get configmap settings --watch',
    meanwhile: ['patch configmap settings -p {"data":{"size":"3"}}'],
    until: /settings +2 .*\n/,
  },
  {
    argv: 'get configmaps --watch --output-watch-events',
    meanwhile: ['create configmap another', 'label configmap another a=b', 'delete configmap another'],
    until: /DELETED.*\n/,
  },
  {
    argv: 'get configmaps --watch-only -o name',
    meanwhile: ['annotate configmap settings a=b'],
    until: /settings\n/,
  },
  {
    argv: 'get configmaps --watch-only --output-watch-events -o jsonpath={.type}:{.object.data}:',
    meanwhile: ['patch configmap settings -p {"data":{"color":"red"}}'],
    until: /red.*:/,
  },
];

const describe: Session = [
  {
    argv: 'create -f -',
    stdin: documents(
      at('core-03', pod('web', 'app: web')),
      service('web', '10.0.200.2'),
      configMap('settings', 'color: blue'),
    ),
  },
  'wait pod web --for=condition=Ready --timeout=20s',
  { argv: 'describe pod web', until: /started/ },
  { argv: 'describe service web', until: /Endpoints: +10/ },
  'describe configmap settings',
  { argv: 'create -f -', stdin: at('core-03', controller('store', 1)) },
  { argv: 'describe rc store', until: /1 Running[\s\S]*successfulCreate/ },
  'create secret generic key --from-literal=password=secret',
  'describe secret key',
  'create quota few --hard=pods=10,services=5',
  { argv: 'describe quota few', until: /pods +2/ },
  { argv: 'describe namespace describe', until: /pods +2/ },
  'describe serviceaccount default',
  'describe node core-03',
  'describe endpoints web',
  { argv: 'describe pod nobody', code: 1 },
  { argv: 'describe nothing', code: 1 },
  { argv: 'get events --field-selector=involvedObject.name=web', until: /started/ },
  'logs web',
  'logs web --tail=1 --timestamps',
  'logs -l app=web --prefix',
  { argv: 'logs web -c other', code: 1 },
  { argv: 'logs web --previous', code: 1 },
  { argv: 'top pods', code: 1 },
  { argv: 'top nodes', code: 1 },
];

export const readSessions: Record<string, Session> = { discovery, permissions, get, watch, describe };
