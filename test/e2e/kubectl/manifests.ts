/** Objects that several sessions make. Pods name their machine, so that what is shown of them is always the same. */

const labelled = (labels: string) => (labels ? `\n  labels: {${labels}}` : '');

export const configMap = (name: string, data: string, labels = '') => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}${labelled(labels)}
data: {${data}}
`;

export const pod = (name: string, labels = '', image = 'web:1') => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}${labelled(labels)}
spec:
  nodeName: core-01
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${image}
    ports:
    - containerPort: 8080
`;

export const controller = (name: string, replicas: number) => `apiVersion: v1
kind: ReplicationController
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  selector: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      nodeName: core-01
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: web:1
`;

export const service = (name: string, clusterIP: string) => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  clusterIP: ${clusterIP}
  selector: {app: ${name}}
  ports:
  - port: 80
    targetPort: 8080
`;

/** The same on another machine. */
export const at = (machine: string, manifest: string) => manifest.replaceAll('core-01', machine);

export const documents = (...texts: readonly string[]) => texts.join('---\n');
