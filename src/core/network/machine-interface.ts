/**
 * Local machines get real addresses (172.17.8.101 …) on an interface of ours, so that two machines can publish the same
 * host port. It is a bridge without ports: not every kernel has the dummy device, each that runs Docker has bridges. The
 * portal range is routed to the same interface: packets to a portal address then always find a route, and the service
 * proxy's rules turn them before they would be dropped there.
 */
import { ProcessError, runProcess } from '../async/process.ts';
import { ignoreExisting, ignoreFailure } from './failures.ts';
import { interfaceName } from './interface-name.ts';

export interface MachineInterface {
  cluster: string;
  addresses: readonly string[];
  portalNet: string;
}

const deviceName = (cluster: string) => interfaceName('kc', cluster);

/**
 * Makes or completes the interface; harmless when it is there. Returns why the addresses stay nominal where the host
 * does not allow it (no root, no `ip` program), undefined when they are real.
 */
export async function createMachineInterface(wanted: MachineInterface): Promise<string | undefined> {
  const dev = deviceName(wanted.cluster);
  const lines = [
    `link set dev ${dev} up alias kubecfg.cluster=${wanted.cluster}`,
    ...wanted.addresses.map((address) => `address replace ${address}/32 dev ${dev}`),
    `route replace ${wanted.portalNet} dev ${dev}`,
  ];
  try {
    await runProcess('ip', ['link', 'add', 'dev', dev, 'type', 'bridge']).catch(ignoreExisting);
    await runProcess('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
    return undefined;
  } catch (e) {
    if (e instanceof ProcessError) return e.message;
    throw e;
  }
}

/** Removes the interface with its addresses and route; harmless when there is none. */
export async function removeMachineInterface(cluster: string): Promise<void> {
  await runProcess('ip', ['link', 'delete', 'dev', deviceName(cluster)]).catch(ignoreFailure);
}
