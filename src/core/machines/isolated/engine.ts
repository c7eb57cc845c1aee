/** The Docker engine of an isolated machine: a dockerd of its own, in its namespace, with everything below its folder. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type DetachedProcess, detachedPid, startDetached, stopDetached } from '../../async/detached.ts';
import { type Place, placeOf } from './place.ts';

/** It takes half a second; one that has many containers to find again takes longer. */
const answersWithinMs = 60_000;

/** `enter` puts a command into the machine's namespace. Resolves when the engine answers. */
export async function startEngine(place: Place, enter: (command: string[]) => string[]): Promise<void> {
  const { run, dockerData, dockerSocket, dockerPid, dockerLog } = placeOf(place);
  for (const folder of [run, dockerData]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const process: DetachedProcess = { command: enter(engineCommand(place)), pidFile: dockerPid, log: dockerLog };
  startDetached(process);
  const deadline = performance.now() + answersWithinMs;
  while (!(await answers(dockerSocket))) {
    if (detachedPid(dockerPid) === undefined) {
      throw new Error(`dockerd of ${place.machine} ended: ${lastLine(dockerLog)}`);
    }
    if (performance.now() > deadline) {
      throw new Error(`dockerd of ${place.machine} does not answer: see ${dockerLog}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function engineCommand(place: Place): string[] {
  const { dockerData, dockerExec, dockerSocket, run } = placeOf(place);
  const { cluster, machine } = place;
  return [
    'dockerd',
    ...['--data-root', dockerData, '--exec-root', dockerExec, '--pidfile', join(run, 'docker.pid')],
    ...['--host', `unix://${dockerSocket}`, '--group', String(process.getgid?.() ?? 0)],
    // On hosts whose containerd is shared, the containers of each engine are still its own.
    ...['--containerd-namespace', `kubecfg-${cluster}-${machine}`],
    ...['--containerd-plugins-namespace', `kubecfg-${cluster}-${machine}-plugins`],
    ...['--cgroup-parent', cgroupOf(place), '--live-restore'],
    ...['--label', `kubecfg.cluster=${cluster}`, '--label', `kubecfg.machine=${machine}`],
    // Pods have their own network; nothing else runs here.
    ...['--bridge', 'none', '--log-level', 'warn'],
  ];
}

const cgroupOf = ({ cluster, machine }: Place): string => `/kubecfg-${cluster}-${machine}`;

/** Containers keep running (live restore) unless they were ended before. */
export function stopEngine(place: Place): Promise<void> {
  return stopDetached(placeOf(place).dockerPid, 15_000);
}

/** Ends every process of its containers at once. Whoever could start another must have ended before. */
export function killContainers(place: Place): void {
  for (const folder of cgroupsOf(place)) {
    for (const pid of processesBelow(folder)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended.
      }
    }
  }
}

function processesBelow(folder: string): number[] {
  const below = readEntries(folder).filter((entry) => entry.isDirectory());
  return [...pidsOf(join(folder, 'cgroup.procs')), ...below.flatMap(({ name }) => processesBelow(join(folder, name)))];
}

function pidsOf(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // The group is gone.
  }
}

/** One under each controller, or one for all of them (cgroup v2). */
function cgroupsOf(place: Place): string[] {
  const root = '/sys/fs/cgroup';
  return ['.', ...readEntries(root).map(({ name }) => name)].map((name) => join(root, name, cgroupOf(place)));
}

/** The groups that its containers were in: each is free when the last process in it has gone, which takes a moment. */
export async function removeCgroups(place: Place): Promise<void> {
  const deadline = performance.now() + groupsFreeWithinMs;
  for (const folder of cgroupsOf(place)) {
    while (!removeEmpty(folder) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const groupsFreeWithinMs = 5_000;

/** False when a process is in it, or below it. */
function removeEmpty(folder: string): boolean {
  for (const { name } of readEntries(folder).filter((entry) => entry.isDirectory())) removeEmpty(join(folder, name));
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const req = request({ socketPath, path: '/_ping', agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    });
    req.on('error', () => resolve(false));
    req.end();
  });
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) || 'it said nothing';
  } catch {
    return 'it left no log';
  }
}
