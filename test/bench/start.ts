import { readFileSync, readdirSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { kubectl, plugin } from '../e2e/support/kubectl.js';
import { machine, untilPhase } from '../e2e/support/machines.js';
import type { KubeClient } from '../../src/kube/client/client.js';
import { clientFor } from '../../src/kube/client/connect.js';
import { podPath, vmPath, vmiPath } from '../../src/kube/client/resources.js';
import type { KubernetesObject, Pod } from '../../src/kube/types.js';
import { agentTimes, type AgentTimes } from './agent-times.js';
import type { Promised } from './report.js';

/*
 * 20 starts, one after the other, on the cluster that KUBECONFIG names (npm run cluster -- up). Times are when the API
 * server told us; "ours" is the whole without what kubelet took for the pod and what libvirt took to start QEMU.
 */

const STARTS = Number(process.env['STARTS'] ?? 20);
const NAMESPACE = 'bench-start';

interface Marks {
  requested: number;
  writesToVm: number;
  writesToVmi: number;
  podCreated?: number;
  podScheduled?: number;
  podRunning?: number;
  scheduled?: number;
  running?: number;
}

const isTrue = (pod: Pod, type: string) =>
  pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** Follows one kind in the namespace and calls back with every state that the API server tells. */
const follow = async (
  client: KubeClient,
  path: string,
  signal: AbortSignal,
  seen: (object: KubernetesObject, type: string) => void,
): Promise<void> => {
  const { metadata } = await client.list<KubernetesObject>(path);
  const options = { query: { resourceVersion: metadata?.resourceVersion }, signal, inactivityMs: 600_000 };
  void (async () => {
    try {
      for await (const event of client.watch<KubernetesObject>(path, options)) {
        if (event.type !== 'BOOKMARK') seen(event.object, event.type);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  })();
};

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};
const spread = (values: readonly number[]): string =>
  `p50 ${(percentile(values, 0.5) / 1000).toFixed(2)} s, p95 ${(percentile(values, 0.95) / 1000).toFixed(2)} s`;

/** Memory that only this process has, MiB. */
const privateMib = (pid: string): number => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB/gm)].map((match) => Number(match[1]));
  return kib.reduce((sum, value) => sum + value, 0) / 1024;
};
const processes = (): { pid: string; cgroup: string; command: string }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid, cgroup: readFileSync(`/proc/${pid}/cgroup`, 'utf8'), command }];
      } catch {
        return []; // It ended meanwhile.
      }
    });

/**
 * Private memory of everything in the VM's pod but QEMU, and of the agent. Once while a second VM runs, as on any node
 * that is worth measuring: the code of libvirtd is then shared by both and belongs to neither. Once without.
 */
const memory = (vmi: VirtualMachineInstance): { helpers: number; detail: string; agent: number } => {
  const uid = Object.keys(vmi.status?.activePods ?? {})[0] ?? 'none';
  const all = processes();
  const own = all.filter(
    ({ cgroup, command }) => cgroup.includes(uid) && !/qemu-system/.test(command.split(' ')[0] ?? ''),
  );
  const parts = own.map(({ pid, command }) => ({ command, mib: privateMib(pid) }));
  const agent = all.find(({ command }) => /virt-agent\.cjs/.test(command));
  return {
    helpers: parts.reduce((sum, { mib }) => sum + mib, 0),
    detail: parts.map(({ command, mib }) => `${command.split(' ').slice(0, 2).join(' ')} ${mib.toFixed(1)}`).join(', '),
    agent: agent === undefined ? Number.NaN : privateMib(agent.pid),
  };
};

const waitFor = async (what: string, done: () => boolean, seconds = 180): Promise<void> => {
  const end = Date.now() + seconds * 1000;
  while (!done()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

interface Sample {
  readonly marks: Required<Marks>;
  readonly agent: AgentTimes;
}

interface Settled extends ReturnType<typeof memory> {
  readonly quietWrites: number;
}

/**
 * @param quietMs how long nothing is done with the VM that runs before its memory is looked at; undefined: not at all
 */
const oneStart = async (client: KubeClient, name: string, quietMs: number | undefined) => {
  await kubectl(['apply', '-f', '-'], JSON.stringify(machine(NAMESPACE, name)));
  // The VM's own first status is not part of a start.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const marks: Marks = { requested: 0, writesToVm: 0, writesToVmi: 0 };
  let gone = false;
  let quiet = false;
  /** From here on it is the deletion's writes that come. */
  let stopping = false;
  let quietWrites = 0;
  const ending = new AbortController();
  await follow(client, vmPath(NAMESPACE), ending.signal, (object, type) => {
    if (object.metadata?.name !== name || type !== 'MODIFIED') return;
    if (quiet) quietWrites++;
    else if (marks.requested > 0 && !stopping) marks.writesToVm++;
  });
  await follow(client, vmiPath(NAMESPACE), ending.signal, (object, type) => {
    const vmi = object as VirtualMachineInstance;
    if (vmi.metadata?.name !== name) return;
    if (type === 'DELETED') gone = true;
    if (quiet) quietWrites++;
    else if (!stopping) marks.writesToVmi++;
    if (vmi.status?.phase === 'Scheduled') marks.scheduled ??= Date.now();
    if (vmi.status?.phase === 'Running') marks.running ??= Date.now();
  });
  await follow(client, podPath(NAMESPACE), ending.signal, (object) => {
    const pod = object as Pod;
    if (!pod.metadata?.name?.startsWith(`virt-launcher-${name}-`)) return;
    marks.podCreated ??= Date.now();
    if (isTrue(pod, 'PodScheduled')) marks.podScheduled ??= Date.now();
    if (pod.status?.phase === 'Running') marks.podRunning ??= Date.now();
  });
  marks.requested = Date.now();
  const { code, stderr } = await plugin(['start', name, '-n', NAMESPACE]);
  if (code !== 0) throw new Error(stderr);
  await waitFor(`${name} runs`, () => marks.running !== undefined);
  // What follows the phase (readiness, the guest agent) still belongs to the start.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const agent = await agentTimes(NAMESPACE, name);
  let settled: Settled | undefined;
  if (quietMs !== undefined) {
    quiet = true;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    const vmi = await client.get<VirtualMachineInstance>(vmiPath(NAMESPACE, name));
    settled = { ...memory(vmi), quietWrites };
  }
  stopping = true;
  quiet = false;
  await kubectl(['-n', NAMESPACE, 'delete', 'vm', name, '--timeout=120s']);
  await waitFor(`${name} is gone`, () => gone);
  ending.abort();
  return { sample: { marks: marks as Required<Marks>, agent } satisfies Sample, settled };
};

const startCompanion = async (): Promise<void> => {
  await kubectl(['apply', '-f', '-'], JSON.stringify(machine(NAMESPACE, 'companion', { runStrategy: 'Always' })));
  await untilPhase(NAMESPACE, 'companion', 'Running');
};

const phases = ({ marks, agent }: Sample) => {
  const kubelet = marks.podRunning - marks.podCreated;
  const whole = marks.running - marks.requested;
  return {
    whole,
    podScheduled: marks.podScheduled - marks.podCreated,
    podRunning: marks.podRunning - marks.podScheduled,
    handOver: marks.scheduled - marks.podRunning,
    volumes: agent.volumesMs,
    domain: agent.startMs,
    ours: whole - kubelet - agent.startMs,
  };
};

export const benchStart = async (): Promise<Promised[]> => {
  const client = await clientFor({});
  await kubectl(['create', 'namespace', NAMESPACE]);
  try {
    const samples: Sample[] = [];
    let [alone, settled]: (Settled | undefined)[] = [];
    for (let i = 1; i <= STARTS; i++) {
      if (i === STARTS) await startCompanion();
      const result = await oneStart(client, `vm-${i}`, i === STARTS ? 60_000 : i === 1 ? 5_000 : undefined);
      samples.push(result.sample);
      if (i === 1) alone = result.settled;
      else settled = result.settled;
      const { whole, ours } = phases(result.sample);
      process.stdout.write(`start ${i}/${STARTS}: ${whole} ms, ours ${ours} ms\n`);
    }
    const all = samples.map(phases);
    for (const key of ['whole', 'podScheduled', 'podRunning', 'handOver', 'volumes', 'domain'] as const) {
      process.stdout.write(`        ${key}: ${spread(all.map((each) => each[key]))}\n`);
    }
    const most = (key: 'writesToVm' | 'writesToVmi') => Math.max(...samples.map(({ marks }) => marks[key]));
    const ours = all.map((each) => each.ours);
    const { helpers, detail, agent, quietWrites } = settled ?? {
      helpers: NaN,
      detail: '',
      agent: NaN,
      quietWrites: NaN,
    };
    return [
      {
        name: `start requested → VMI Running, our part of ${STARTS} starts`,
        limit: 'p95 1 s',
        figure: spread(ours),
        kept: percentile(ours, 0.95) <= 1000,
      },
      {
        name: 'private memory per running VM of everything in its pod except QEMU',
        limit: '8 MiB',
        figure: `${helpers.toFixed(1)} MiB (${detail})`,
        kept: helpers <= 8,
      },
      {
        name: 'the same of the only VM on its node',
        limit: '20 MiB',
        figure: `${alone?.helpers.toFixed(1) ?? '?'} MiB (${alone?.detail ?? ''})`,
        kept: (alone?.helpers ?? NaN) <= 20,
      },
      {
        name: 'private memory of the agent with 2 VMs',
        limit: '100.4 MiB',
        figure: `${agent.toFixed(1)} MiB`,
        kept: agent <= 100.4,
      },
      {
        name: 'API writes per VM start to the VMI, its creation included',
        limit: '6',
        figure: String(most('writesToVmi')),
        kept: most('writesToVmi') <= 6,
      },
      {
        // The start request itself, which changes the VM's run strategy, is the user's.
        name: 'API writes per VM start to the VM, besides the request',
        limit: '3',
        figure: String(most('writesToVm') - 1),
        kept: most('writesToVm') - 1 <= 3,
      },
      {
        name: 'API writes to VM and VMI in a minute of nothing changing',
        limit: '0',
        figure: String(quietWrites),
        kept: quietWrites === 0,
      },
    ];
  } finally {
    await kubectl(['delete', 'namespace', NAMESPACE, '--timeout=120s']);
    client.close();
  }
};
