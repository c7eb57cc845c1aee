/** The admission plug-ins by name. A new one is a file and a line here. */
import type { Random } from '../../async/random.ts';
import { alwaysAdmit } from './always-admit.ts';
import { alwaysDeny } from './always-deny.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceAutoProvision } from './namespace-auto-provision.ts';
import { namespaceExists } from './namespace-exists.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodePorts } from './node-ports.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { resourceQuota } from './resource-quota.ts';
import { securityContextDeny } from './security-context-deny.ts';
import { serviceAccount } from './service-account.ts';
import { serviceAddresses } from './service-addresses.ts';

export interface AdmissionDeps {
  portalNet: string;
  random: Random;
  createNamespace(name: string): Promise<void>;
}

/** In the order in which they are asked, however the user orders the names: what fills in comes before what counts. */
const plugins: Readonly<Record<string, (deps: AdmissionDeps) => AdmissionPlugin>> = {
  AlwaysAdmit: () => alwaysAdmit,
  AlwaysDeny: () => alwaysDeny,
  NamespaceAutoProvision: ({ createNamespace }) => namespaceAutoProvision(createNamespace),
  NamespaceExists: () => namespaceExists,
  NamespaceLifecycle: () => namespaceLifecycle,
  SecurityContextDeny: () => securityContextDeny,
  ServiceAccount: () => serviceAccount,
  LimitRanger: () => limitRanger,
  ResourceQuota: resourceQuota,
};

/** What does nothing until someone asks for it by an object, and what no cluster should be without. */
const standard = ['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'ResourceQuota'];

/** Throws on a name that no plug-in has. The addresses of services are no matter of choice. */
export function admissionPlugins(names: readonly string[] = standard, deps: AdmissionDeps): AdmissionPlugin[] {
  const unknown = names.filter((name) => !Object.hasOwn(plugins, name));
  if (unknown.length) {
    const known = Object.keys(plugins).join(', ');
    throw new Error(`unknown admission plug-in ${unknown.join(', ')}: there are ${known}`);
  }
  const chosen = Object.keys(plugins).filter((name) => names.includes(name));
  const allocators = [serviceAddresses(deps.portalNet, deps.random), nodePorts(deps.random)];
  return [...chosen.map((name) => plugins[name]!(deps)), ...allocators];
}
