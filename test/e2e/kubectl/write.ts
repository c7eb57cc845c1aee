/** How objects come about, change and go. */
import type { Session } from '../../helpers/kubectl.ts';
import { configMap, controller, documents, pod, service } from './manifests.ts';

const yaml = (argv: string) => `${argv} -o yaml`;

const create: Session = [
  'create namespace team',
  'get namespace team --show-labels',
  { argv: 'create namespace team', code: 1 },
  { argv: 'create namespace Team', code: 1 },
  'delete namespace team',
  'create configmap settings --from-literal=color=blue --from-literal=size=3',
  yaml('get configmap settings'),
  'create secret generic key --from-literal=password=secret',
  'create secret docker-registry hub --docker-username=u --docker-password=p --docker-email=u@example.com',
  'get secrets',
  'create service clusterip inner --tcp=80:8080 --clusterip=10.0.201.1',
  'create service nodeport outer --tcp=80:8080 --node-port=31080',
  'create service loadbalancer balanced --tcp=443:8443',
  'create service externalname elsewhere --external-name=example.com',
  'get services -o custom-columns=NAME:.metadata.name,TYPE:.spec.type,PORT:.spec.ports[*].port,TARGET:.spec.ports[*].targetPort',
  'create quota few --hard=pods=2,configmaps=5',
  { argv: 'get quota few', until: /configmaps: 1/ },
  'create serviceaccount robot',
  'get serviceaccounts',
  { argv: 'create -f -', stdin: pod('web', 'app: web') },
  { argv: 'create -f -', stdin: pod('web', 'app: web'), code: 1 },
  { argv: 'create -f -', stdin: pod('Web'), code: 1 },
  { argv: 'create -f -', stdin: pod('wrong').replace('image:', 'picture:'), code: 1 },
  { argv: 'create -f - --validate=false', stdin: pod('wrong').replace('image:', 'picture:'), code: 1 },
  { argv: 'create -f -', stdin: 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n', code: 1 },
  'create configmap dry --from-literal=a=b --dry-run=client -o yaml',
  'create configmap dry --from-literal=a=b --dry-run=server -o name',
  'create configmap dry --from-literal=a=b --dry-run=server',
  { argv: 'get configmap dry', code: 1 },
  { argv: 'create --raw /api/v1/namespaces/create/configmaps -f -', stdin: configMapJson() },
];

function configMapJson(): string {
  return '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"raw"}}';
}

/** Kinds that are not served: kubectl has to say so. */
const missing: Session = [
  'create deployment web --image=web:1',
  'create job once --image=web:1',
  "create cronjob often --image=web:1 --schedule='* * * * *'",
  'create role reader --verb=get --resource=pods',
  'create rolebinding readers --role=reader --user=u',
  'create clusterrole reader --verb=get --resource=pods',
  'create clusterrolebinding readers --clusterrole=reader --user=u',
  'create poddisruptionbudget two --selector=app=web --min-available=2',
  'create priorityclass high --value=1000',
  'create ingress front --rule=example.com/=web:80',
  'rollout status deployment/web',
  'autoscale rc web --max=3',
].map((argv) => ({ argv, code: 1 }));

const run: Session = [
  `run web --image=web:1 --labels=app=web --port=8080 --env=COLOR=blue --overrides={"spec":{"nodeName":"core-01"}}`,
  'wait pod/web --for=condition=Ready --timeout=20s',
  "get pod web -o jsonpath='{.spec.containers[0].env[0]} {.spec.containers[0].ports[0].containerPort}'",
  'run dry --image=web:1 --dry-run=client -o yaml -- serve --port 80',
  'expose pod web --port=80 --target-port=8080 --cluster-ip=10.0.202.1',
  'get service web -o wide',
  { argv: 'expose pod web --port=80', code: 1 },
  'delete pod web --now',
];

/** When the objects are a second apart, their managers are too. */
const withoutTimes = { KUBECTL_EXTERNAL_DIFF: 'diff -u -N -Itime' };
const apply: Session = [
  { argv: 'apply -f -', stdin: configMap('settings', 'color: blue, size: "3"') },
  { argv: 'apply -f -', stdin: configMap('settings', 'color: blue, size: "3"') },
  { argv: 'diff -f -', stdin: configMap('settings', 'color: blue, size: "3"') },
  { argv: 'diff -f -', stdin: configMap('settings', 'color: red'), env: withoutTimes, code: 1 },
  { argv: 'apply -f - --dry-run=server', stdin: configMap('settings', 'color: red') },
  { argv: 'apply -f -', stdin: configMap('settings', 'color: red') },
  'get configmap settings -o jsonpath={.data}',
  'apply view-last-applied configmap settings',
  { argv: 'apply set-last-applied -f -', stdin: configMap('settings', 'color: red') },
  { argv: 'apply -f -', stdin: service('web', '10.0.203.1') },
  { argv: 'apply -f -', stdin: service('web', '10.0.203.1').replace('8080', '9090') },
  { argv: 'apply -f -', stdin: service('web', '10.0.203.2'), code: 1 },
  "get service web -o jsonpath='{.spec.ports}'",
  { argv: 'create -f -', stdin: configMap('plain', 'a: b') },
  { argv: 'apply -f -', stdin: configMap('plain', 'a: c') },
];

const prune: Session = [
  {
    argv: 'apply -f - -l set=one',
    stdin: documents(configMap('first', 'a: b', 'set: one'), configMap('second', 'a: b', 'set: one')),
  },
  // By itself kubectl looks for jobs, deployments and more, and gives up where there are none.
  { argv: 'apply -f - --prune -l set=one', stdin: configMap('first', 'a: b', 'set: one'), code: 1 },
  { argv: 'apply -f -', stdin: configMap('other', 'a: b', 'set: two') },
  {
    argv: 'apply -f - --prune -l set=one --prune-whitelist=core/v1/ConfigMap --dry-run=server',
    stdin: configMap('first', 'a: b', 'set: one'),
  },
  {
    argv: 'apply -f - --prune -l set=one --prune-whitelist=core/v1/ConfigMap',
    stdin: configMap('first', 'a: c', 'set: one'),
  },
  'get configmaps -o name',
];

const serverSide = (color: string) => configMap('shared', `color: ${color}`);
const ownership: Session = [
  { argv: 'apply --server-side -f -', stdin: serverSide('blue') },
  { argv: 'apply --server-side -f -', stdin: serverSide('blue') },
  { argv: 'apply --server-side --field-manager=other -f -', stdin: serverSide('red'), code: 1 },
  { argv: 'apply --server-side --field-manager=other --force-conflicts -f -', stdin: serverSide('red') },
  { argv: 'apply --server-side -f -', stdin: serverSide('green'), code: 1 },
  { argv: 'apply --server-side --dry-run=server --force-conflicts -f -', stdin: serverSide('green') },
  yaml('get configmap shared'),
  { argv: 'diff --server-side --field-manager=other -f -', stdin: serverSide('red') },
];

const change: Session = [
  { argv: 'create -f -', stdin: documents(pod('web', 'app: web'), configMap('settings', 'color: blue')) },
  'patch configmap settings -p {"data":{"size":"3"}}',
  'patch configmap settings -p {"data":{"size":"3"}}',
  'patch configmap settings --type=merge -p {"data":{"color":null}}',
  'patch configmap settings --type=json -p [{"op":"replace","path":"/data/size","value":"4"}]',
  { argv: 'patch configmap settings --type=json -p [{"op":"test","path":"/data/size","value":"5"}]', code: 1 },
  { argv: 'patch configmap settings --type=json -p [{"op":"remove","path":"/data/nothing"}]', code: 1 },
  { argv: 'patch configmap settings -p {"data":{"size":3}}', code: 1 },
  { argv: 'patch configmap nobody -p {}', code: 1 },
  'patch pod web -p {"spec":{"containers":[{"name":"main","image":"web:2"}]}}',
  'get pod web -o jsonpath={.spec.containers[*].image}',
  { argv: 'patch pod web -p {"spec":{"nodeName":"core-02"}}', code: 1 },
  'set image pod/web main=web:3',
  'label pod web tier=front',
  { argv: 'label pod web tier=back', code: 1 },
  'label pod web tier=back --overwrite',
  'label pod web tier-',
  { argv: 'label pod web tier=not/valid', code: 1 },
  'label pods --all stage=test',
  'annotate configmap settings note=first',
  'annotate configmap settings note=second --overwrite',
  'annotate configmap settings note-',
  'label configmap settings a=b --dry-run=server',
  'get configmap settings --show-labels',
  { argv: 'edit configmap settings', env: { EDITOR: 'sed -i /^..size/s/4/5/' } },
  { argv: 'edit configmap settings', env: { EDITOR: 'true' } },
  { argv: 'edit configmap settings', env: { EDITOR: 'false' }, code: 1 },
  'get configmap settings -o jsonpath={.data}',
  { argv: 'replace -f -', stdin: configMap('settings', 'color: green') },
  'get configmap settings -o jsonpath={.data}',
  { argv: 'replace -f -', stdin: configMap('nobody', 'a: b'), code: 1 },
  { argv: 'replace -f -', stdin: pod('web', 'app: web', 'web:4').replace('core-01', 'core-02'), code: 1 },
  { argv: 'replace --force -f -', stdin: pod('web', 'app: new') },
  'get pods --show-labels',
];

const scale: Session = [
  { argv: 'create -f -', stdin: controller('store', 2) },
  { argv: 'get rc store -o wide', until: /store +2 +2 +2/ },
  'scale rc store --replicas=3',
  { argv: 'get rc store', until: /store +3 +3 +3/ },
  { argv: 'scale rc store --current-replicas=5 --replicas=1', code: 1 },
  'scale rc store --current-replicas=3 --replicas=1 --timeout=20s',
  {
    argv: 'get pods -l app=store -o custom-columns=OWNER:.metadata.ownerReferences[0].name',
    until: /^OWNER\nstore\n$/,
  },
  'expose rc store --port=80 --target-port=8080 --name=shop --cluster-ip=10.0.204.1',
  'get service shop -o wide',
  { argv: 'scale rc nobody --replicas=1', code: 1 },
  { argv: 'rollout status rc/store', code: 1 },
  { argv: 'rollout history rc/store', code: 1 },
  { argv: 'rollout undo rc/store', code: 1 },
  { argv: 'rollout pause rc/store', code: 1 },
  { argv: 'rollout restart rc/store', code: 1 },
  'set image rc/store main=web:2',
  { argv: 'autoscale rc store --max=3', code: 1 },
];

const podsOf = (app: string) => `get pods -l app=${app} -o jsonpath={.items[*].metadata.ownerReferences}`;
const remove: Session = [
  { argv: 'create -f -', stdin: documents(controller('a', 1), controller('b', 1), controller('c', 1)) },
  { argv: 'get rc a b c', until: /a +1 +1 +1.*\nb +1 +1 +1.*\nc +1 +1 +1/ },
  'delete rc a --cascade=background',
  { argv: podsOf('a'), until: /^$/ },
  'delete rc b --cascade=foreground --timeout=20s',
  podsOf('b'),
  'delete rc c --cascade=orphan',
  { argv: 'get pods -l app=c -o custom-columns=OWNERS:.metadata.ownerReferences' },
  'delete pods -l app=c',
  { argv: 'create -f -', stdin: documents(configMap('x1', 'a: b'), configMap('x2', 'a: b'), configMap('x3', 'a: b')) },
  'delete configmap x1 --dry-run=server',
  'delete configmap x1 --dry-run=client',
  'delete configmap/x1 configmap/x2',
  { argv: 'delete -f -', stdin: configMap('x3', 'a: b') },
  { argv: 'delete configmap x1', code: 1 },
  'delete configmap x1 --ignore-not-found',
  'delete configmaps --all',
  { argv: 'create -f -', stdin: configMap('held', 'a: b').replace('name:', 'finalizers: [example.com/hold]\n  name:') },
  'delete configmap held --wait=false',
  { argv: 'wait configmap/held --for=delete --timeout=1s', code: 1 },
  {
    argv: 'wait configmap/held --for=delete --timeout=20s',
    meanwhile: ['patch configmap held --type=merge -p {"metadata":{"finalizers":null}}'],
  },
  { argv: 'create -f -', stdin: pod('web') },
  { argv: 'wait pod/web --for=condition=Nothing --timeout=1s', code: 1 },
  'wait pod/web --for=condition=Ready --timeout=20s',
  { argv: 'wait pod/nobody --for=condition=Ready', code: 1 },
  'delete pod web --grace-period=0 --force',
  { argv: 'wait pod/web --for=delete', code: 1 },
];

export const writeSessions: Record<string, Session> = {
  create,
  missing,
  run,
  apply,
  prune,
  ownership,
  change,
  scale,
  remove,
};
