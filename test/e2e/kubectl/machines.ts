/** Machines out of work and back. */
import type { Session } from '../../helpers/kubectl.ts';
import { at, controller, pod } from './manifests.ts';

const state = 'get node core-02 -o custom-columns=NAME:.metadata.name,CORDONED:.spec.unschedulable,TAINTS:.spec.taints';

const machines: Session = [
  'get nodes core-01 core-02',
  'get nodes -l kubernetes.io/hostname=core-02',
  'cordon core-02',
  'cordon core-02',
  'get node core-02',
  'uncordon core-02',
  state,
  'taint node core-02 dedicated=db:NoSchedule',
  { argv: 'taint node core-02 dedicated=web:NoSchedule', code: 1 },
  'taint node core-02 dedicated=web:NoSchedule --overwrite',
  state,
  'taint node core-02 dedicated-',
  'label node core-02 disk=fast',
  'label node core-02 disk-',
  { argv: 'create -f -', stdin: at('core-02', pod('alone')) },
  'wait pod/alone --for=condition=Ready --timeout=20s',
  { argv: 'drain core-02', code: 1 },
  'drain core-02 --force --dry-run=client',
  'drain core-02 --force --timeout=30s',
  { argv: 'create -f -', stdin: at('core-02', controller('store', 1)) },
  { argv: 'get rc store', until: /store +1 +1 +1/ },
  // Where no other session has pods: what they show of theirs is always the same.
  'patch rc store -p {"spec":{"template":{"spec":{"nodeName":"core-04"}}}}',
  'drain core-02 --timeout=30s',
  { argv: 'get pods -l app=store --field-selector=spec.nodeName=core-04', until: /1\/1 +Running/ },
  { argv: 'drain nobody', code: 1 },
  'uncordon core-02',
  state,
];

export const machineSessions: Record<string, Session> = { machines };
