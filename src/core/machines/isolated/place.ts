/** Where an isolated machine keeps its things on this host. */
import { join } from 'node:path';

export interface Place {
  cluster: string;
  machine: string;
  /** Folder of the machine below the cluster's data directory. */
  dir: string;
}

export function placeOf({ cluster, machine, dir }: Place) {
  // Paths of sockets hold 107 bytes at most (sockaddr_un), and what is in here means nothing after a reboot.
  const run = join('/run/kubecfg', cluster, machine);
  return {
    run,
    dockerData: join(dir, 'docker'),
    dockerExec: join(run, 'docker'),
    dockerSocket: join(run, 'docker.sock'),
    dockerPid: join(run, 'dockerd.pid'),
    dockerLog: join(dir, 'dockerd.log'),
    /** What the machine has changed of the host's files, and the mount that shows both as one. */
    changes: join(dir, 'changes'),
    work: join(dir, 'work'),
    root: join(dir, 'root'),
    /** Data directory of the machine's own daemon. */
    data: join(dir, 'data'),
    daemonPid: join(run, 'daemon.pid'),
    daemonLog: join(dir, 'daemon.log'),
  };
}
