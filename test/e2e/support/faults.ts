/** Killing things for real, and looking at what must have survived it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { vmiPath } from '../../../src/kube/client/resources.js';
import { api, get, list, remove } from './api.js';
import { ConsoleSession } from './console.js';
import { kubectl, until } from './kubectl.js';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

export const PRODUCT = 'kubevirt';
export type Program = 'virt-agent' | 'virt-controller' | 'virt-webhook';

/** Those that are not on their way out. */
export const podsOf = async (program: Program): Promise<Pod[]> =>
  (await list<Pod>(PRODUCT, 'pod', `kubevirt.io=${program}`)).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );

/** Host pids of a pod's processes whose command line matches. Source: the pod's uid is part of its cgroups' names. */
export const hostPids = (podUid: string, command: RegExp): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(podUid)) return false;
        return command.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        return false;
      }
    });

/** What a test waits for before it strikes comes within seconds; a busy machine takes longer. */
const STRIKE_MS = 120_000;

/** A kill -9 that is ready: {@link strike} does not look anything up any more. */
export interface Strike {
  readonly pods: readonly Pod[];
  readonly strike: () => void;
}

/** Prepares to kill every process of this program, all replicas at once. */
export const aim = async (program: Program, among?: readonly Pod[]): Promise<Strike> => {
  const pods = among ?? (await podsOf(program));
  const pids = pods.flatMap(({ metadata }) => hostPids(metadata.uid, new RegExp(`${program}\\.cjs`)));
  assert.ok(
    pids.length >= pods.length && pods.length > 0,
    `${program} runs in ${pods.length} pods, pids ${pids.join()}`,
  );
  return { pods, strike: () => pids.forEach((pid) => process.kill(pid, 'SIGKILL')) };
};

export const restartsOf = ({ status }: Pod): number =>
  status.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
const isReady = ({ status }: Pod): boolean => status.containerStatuses?.every(({ ready }) => ready) ?? false;

/** Waits until each of the pods that were struck has come back by itself, by a restart or a successor. */
export const untilBack = (program: Program, before: readonly Pod[], seconds = 90): Promise<true> =>
  until(
    `${program} back`,
    async () => {
      const now = await podsOf(program);
      return (
        now.length >= before.length &&
        now.every((pod) => {
          const old = before.find(({ metadata }) => metadata.uid === pod.metadata.uid);
          return isReady(pod) && (old === undefined || restartsOf(pod) > restartsOf(old));
        })
      );
    },
    { seconds, namespace: PRODUCT },
  );

/** A fresh pod instead of a struck one: kubelet waits ever longer before it restarts the same one again. */
export const renew = async (program: Program): Promise<void> => {
  const before = await podsOf(program);
  await remove(PRODUCT, 'pod', ...before.map(({ metadata }) => metadata.name));
  await until(
    `fresh ${program}`,
    async () => {
      const now = await podsOf(program);
      const fresh = now.filter(({ metadata }) => !before.some((old) => old.metadata.uid === metadata.uid));
      return fresh.length >= before.length && fresh.every(isReady);
    },
    { namespace: PRODUCT },
  );
};

/** Calls `strike` the moment the VMI's watch shows `wanted` (a phase, or `deleting`). */
export const strikeWhen = async (
  namespace: string,
  name: string,
  wanted: string,
  strike: () => void,
): Promise<void> => {
  const client = await api();
  const isWanted = ({ metadata, status }: VirtualMachineInstance): boolean =>
    metadata?.name === name &&
    (wanted === 'deleting' ? metadata.deletionTimestamp !== undefined : status?.phase === wanted);
  const { items, metadata } = await client.list<VirtualMachineInstance>(vmiPath(namespace));
  if (items.some(isWanted)) {
    strike();
    return;
  }
  const query = { resourceVersion: metadata?.resourceVersion };
  const options = { query, signal: AbortSignal.timeout(STRIKE_MS), inactivityMs: STRIKE_MS };
  const seen: string[] = [];
  for await (const { type, object } of client.watch<VirtualMachineInstance>(vmiPath(namespace), options)) {
    if (type === 'BOOKMARK') continue;
    if (object.metadata?.name === name) seen.push(object.status?.phase ?? '');
    if (!isWanted(object)) continue;
    strike();
    return;
  }
  throw new Error(`VMI ${name} never was ${wanted}: ${seen.join()}`);
};

/** The files of a memory cgroup by which its limit is set and its use is told, v2 first. */
const MEMORY_FILES = [
  ['/sys/fs/cgroup', 'memory.max', 'memory.current'],
  ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes'],
] as const;

/**
 * Has the kernel kill QEMU for its memory: the limit of its pod's cgroup becomes what is used already, and its guest
 * wants more. Kubelet sets no limit anew.
 */
export const runOutOfMemory = async (namespace: string, name: string): Promise<void> => {
  const [pod] = await launchersOf(namespace, name);
  const [pid] = hostPids(pod?.metadata.uid ?? '', new RegExp(QEMU));
  assert.ok(pid !== undefined, `no QEMU of ${name}`);
  const [, place = ''] =
    /^\d+:(?:|[\w,]*\bmemory\b[\w,]*):(\/.*kubepods.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? [];
  const console = new ConsoleSession(namespace, name);
  try {
    await console.shell();
    const files = MEMORY_FILES.find(([at, file]) => existsSync(`${at}${place}/${file}`));
    assert.ok(files, `no memory cgroup at ${place}`);
    const [root, limit, usage] = files;
    const used = Number(readFileSync(`${root}${place}/${usage}`, 'utf8'));
    writeFileSync(`${root}${place}/${limit}`, `${used + 4 * 1024 * 1024}`);
    console.type('mkdir -p /full; mount -t tmpfs full /full; dd if=/dev/zero of=/full/x bs=1M count=100\r');
    await console.ended(120);
  } finally {
    await console.close();
  }
};

interface ObjectEvent {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly uid?: string };
}

/** Waits for an event about one object, not about others that had its name before. */
export const untilEventOf = (namespace: string, uid: string | undefined, reason: string): Promise<string> =>
  until(
    `event ${reason} of ${uid ?? '?'}`,
    async () => {
      const events = await list<ObjectEvent>(namespace, 'event');
      return events.find((event) => event.involvedObject.uid === uid && event.reason === reason)?.message;
    },
    { namespace, seconds: 20 },
  );

export const vmiOf = (namespace: string, name: string): Promise<VirtualMachineInstance | undefined> =>
  get<VirtualMachineInstance>(namespace, 'vmi', name);

/** The launcher pods of a VM's present VMI that are not on their way out. */
export const launchersOf = async (namespace: string, name: string): Promise<Pod[]> =>
  list<Pod>(namespace, 'pod', `kubevirt.io=virt-launcher,vm.kubevirt.io/name=${name}`);

/** Prints pid and stat of every process of the pod. */
const STATS = 'for d in /proc/[0-9]*; do read -r line <"$d/stat" 2>/dev/null && echo "$line"; done; true';

/** In the compute container; kubectl exec works on any cluster. */
const inLauncher = async (namespace: string, name: string, script: string): Promise<string> => {
  const pods = await launchersOf(namespace, name);
  const pod = pods.find(({ status }) => status.phase === 'Running');
  if (pod === undefined) throw new Error(`VM ${name} has no running pod among ${pods.length}`);
  return kubectl(['-n', namespace, 'exec', pod.metadata.name, '-c', 'compute', '--', 'sh', '-c', script]);
};

/** pid and start time of the pod's processes of this name (as the kernel cuts it: 15 characters). */
export const processesIn = async (namespace: string, name: string, command: string): Promise<string[]> =>
  (await inLauncher(namespace, name, STATS))
    .split('\n')
    .filter((line) => line.includes(`(${command.slice(0, 15)})`))
    .map((line) => `${line.split(' ')[0] ?? ''} ${line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`);

export const killIn = async (namespace: string, name: string, command: string): Promise<void> => {
  const pids = (await processesIn(namespace, name, command)).map((entry) => entry.split(' ')[0] ?? '');
  assert.equal(pids.length, 1, `processes ${command}: ${pids.join()}`);
  await inLauncher(namespace, name, `kill -9 ${pids.join(' ')}`);
};

export const QEMU = 'qemu-system-x86_64';

/** What identifies one life of one guest: its VMI, its only pod, its only QEMU, started once. */
export interface Life {
  readonly vmi: string;
  readonly pod: string;
  readonly qemu: string;
}

/** Reads it, and makes sure that there is one of each and was no second start. */
export const lifeOf = async (namespace: string, name: string): Promise<Life> => {
  const [vmi, pods] = [await vmiOf(namespace, name), await launchersOf(namespace, name)];
  assert.equal(vmi?.status?.phase, 'Running');
  const own = pods.filter(({ metadata }) => metadata.labels?.['kubevirt.io/created-by'] === vmi.metadata?.uid);
  assert.equal(own.length, 1, `pods of the VMI: ${own.map(({ metadata }) => metadata.name).join()}`);
  const qemus = await processesIn(namespace, name, QEMU);
  assert.equal(qemus.length, 1, `QEMU processes: ${qemus.join()}`);
  const starts = await inLauncher(
    namespace,
    name,
    `grep -c 'starting up libvirt' "$XDG_CACHE_HOME/libvirt/qemu/log/${namespace}_${name}.log"`,
  );
  assert.equal(starts.trim(), '1', 'the domain was started once');
  return { vmi: vmi.metadata?.uid ?? '', pod: own[0]?.metadata.uid ?? '', qemu: qemus[0] ?? '' };
};

/** Nothing of these kinds is left, but for what is in every namespace. */
export const untilNothingLeft = (namespace: string, name: string, seconds = 60): Promise<true> =>
  until(
    `nothing left of ${name}`,
    async () => {
      const [vmi, pods] = [await vmiOf(namespace, name), await launchersOf(namespace, name)];
      return vmi === undefined && pods.length === 0;
    },
    { seconds, namespace },
  );

/** No QEMU and no libvirtd of that pod is left on the node. */
export const assertNoProcesses = (podUid: string): void => {
  assert.deepEqual(hostPids(podUid, /qemu-system|libvirtd/), [], 'processes of a pod that is gone');
};
