import { open, type FileHandle } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { GROUP } from '../../../src/api/names.js';
import type { Hypervisor, DomainChange } from '../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../src/agent/pod/launcher.js';
import { LibvirtHypervisor } from '../../../src/agent/hypervisor/libvirt-hypervisor.js';
import { Reconciler } from '../../../src/agent/vm/reconciler.js';
import { SessionTable } from '../../../src/agent/vm/session-table.js';
import { connectSocketPath } from '../../../src/agent/pod/sockets.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import { systemClock } from '../../../src/kube/clock.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { WorkQueue } from '../../../src/kube/work/work-queue.js';
import { requireAdmitted } from '../../unit/admission/own-write.js';
import type { SessionLibvirtd } from '../support/session-libvirtd.js';

export const KEY = 'default/web';
export const NODE = 'node-1';

/** RFC 7386. */
const merge = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key);
    else result.set(key, merge(result.get(key), value));
  return Object.fromEntries(result);
};

/** One VMI as the API server holds it: versions, preconditions, admission, a count of writes. */
export class OneVmi {
  writes: object[] = [];
  events: string[] = [];
  private version = 1;
  changed: () => void = () => undefined;

  constructor(public object: VirtualMachineInstance | undefined) {
    this.set(object);
  }

  set(object: VirtualMachineInstance | undefined): void {
    this.version += 1;
    this.object = object && {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.version) },
    };
    this.changed();
  }

  delete(): void {
    const metadata = { ...this.object?.metadata, deletionTimestamp: new Date().toISOString() };
    this.set({ ...this.object, metadata } as VirtualMachineInstance);
  }

  patch = <T>(_path: string, patch: object): Promise<T> => {
    const { metadata } = patch as VirtualMachineInstance;
    if (metadata?.resourceVersion !== this.object?.metadata?.resourceVersion)
      return Promise.reject(new ApiError({ code: 409, reason: 'Conflict', message: 'it was changed' }));
    this.writes.push(patch);
    const object = merge(this.object, patch) as VirtualMachineInstance;
    const resource = 'virtualmachineinstances';
    requireAdmitted({ program: 'virt-agent', node: NODE, resource, object, oldObject: this.object });
    this.set(object);
    return Promise.resolve(this.object as T);
  };

  event = (_object: object, _type: string, reason: string): void => {
    this.events.push(reason);
  };

  get phase(): string | undefined {
    return this.object?.status?.phase;
  }

  condition(type: string): string | undefined {
    return this.object?.status?.conditions?.find((condition) => condition.type === type)?.message;
  }
}

/** A session libvirtd in place of a launcher pod. */
export class LocalLauncher implements Launcher {
  ended = false;
  terminated = false;
  private readonly local: LocalWorkspace;

  constructor(
    private readonly daemon: SessionLibvirtd,
    private readonly domain: string,
    private readonly image: string | undefined,
  ) {
    this.local = new LocalWorkspace(join(daemon.directory, 'vm'), { uid: daemon.uid, gid: daemon.uid });
  }

  alive = (): Promise<boolean> => Promise.resolve(!this.ended);
  result = (): undefined => undefined;
  toldToStop = (): boolean => false;
  workspace = (): Promise<LocalWorkspace> => Promise.resolve(this.local);
  /** No namespace of its own: QEMU's user network. */
  readonly network = {
    setUp: () => Promise.resolve(undefined),
    resume: () => undefined,
    dial: () => Promise.reject(new Error('no pod in this test')),
    release: () => undefined,
  };
  tuneCpu = (): Promise<undefined> => Promise.resolve(undefined);
  takeKvm = (): Promise<boolean> => Promise.resolve(false);
  exclusiveCpus = (): Promise<never> => Promise.reject(new Error('no exclusive CPUs in this test'));
  raiseMemoryLock = (): Promise<{ denied: string }> => Promise.resolve({ denied: 'nobody is root in this test' });
  scheduleRealtime = (): Promise<{ denied: string }> => Promise.resolve({ denied: 'nobody is root in this test' });
  takeBlockDevice = (): Promise<void> => Promise.resolve();
  oomKills = (): Promise<number | undefined> => Promise.resolve(undefined);
  usage = (): Promise<never> => Promise.reject(new Error('no pod in this test'));
  makeDiskFile = (): Promise<void> => Promise.reject(new Error('nobody is root in this test'));

  async connect(onChange: (change: DomainChange) => void): Promise<Hypervisor> {
    const socket = await connectSocketPath(this.daemon.directory, ['run', 'libvirt', 'libvirt-sock']);
    return LibvirtHypervisor.open(socket, this.domain, onChange);
  }

  imageSource(): Promise<{ file: string }> {
    return this.image === undefined
      ? Promise.reject(new Error('no image in this test'))
      : Promise.resolve({ file: this.image });
  }

  screen = (): Promise<never> => Promise.reject(new Error('nobody looks at the screen in this test'));
  kernelImage = (): Promise<never> => Promise.reject(new Error('no image of a kernel in this test'));

  console(): Promise<Socket> {
    return Promise.resolve(createConnection(this.local.paths.serialSocket));
  }

  metricsDisk(volume: string): Promise<FileHandle> {
    return open(this.local.paths.downwardMetrics(volume), 'r+');
  }

  metricsPort(): Promise<Socket> {
    return Promise.resolve(createConnection(this.local.paths.downwardMetricsSocket));
  }

  terminate(): Promise<void> {
    this.terminated = true;
    return Promise.resolve();
  }
}

/** One life of an agent: killed, it leaves everything as it is. */
export class AgentLife {
  readonly queue: WorkQueue;
  readonly sessions: SessionTable;

  constructor(
    readonly api: OneVmi,
    launcher: Launcher,
    useEmulation = true,
  ) {
    const spec = { configuration: { developerConfiguration: { useEmulation } } };
    const config = resolveClusterConfig({ spec });
    this.sessions = new SessionTable({
      nodeName: NODE,
      launcher: () => launcher,
      clock: systemClock,
      changed: (key, afterMs) => (afterMs > 0 ? this.queue.addAfter(key, afterMs) : this.queue.add(key)),
    });
    const reconciler = new Reconciler({
      client: api,
      events: api,
      sessions: this.sessions,
      get: () => api.object,
      startContext: () => ({ config, kvmUsable: false, nodeLabels: {}, nodeHasSwap: false, passt: false }),
      clock: systemClock,
      log: silentLog,
    });
    this.queue = new WorkQueue({ name: 'test', handler: reconciler.handle, workers: 4 });
    api.changed = () => this.queue.add(KEY);
    this.queue.start();
    this.queue.add(KEY);
  }

  /** As a kill would: nothing is said to anybody, only the sockets close. */
  async kill(): Promise<void> {
    this.api.changed = () => undefined;
    const stopped = this.queue.stop();
    await this.sessions.releaseAll();
    await stopped;
  }
}

export const scheduledVmi = (change: Partial<VirtualMachineInstance['spec']> = {}): VirtualMachineInstance => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'default', uid: '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001' },
  spec: {
    architecture: 'amd64',
    terminationGracePeriodSeconds: 2,
    domain: {
      machine: { type: 'q35' },
      memory: { guest: '64Mi' },
      resources: { requests: { memory: '64Mi' } },
      firmware: { uuid: '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0002' },
      devices: {
        disks: [{ name: 'scratch', disk: { bus: 'virtio' } }],
        interfaces: [{ name: 'default', masquerade: {} }],
      },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [{ name: 'scratch', emptyDisk: { capacity: '1Mi' } }],
    ...change,
  },
  status: {
    phase: 'Scheduled',
    activePods: { 'pod-uid': NODE },
    nodeName: NODE,
    launcherPod: { name: 'virt-launcher-web', uid: 'pod-uid', containers: [{ name: 'compute', id: 'c1' }] },
  },
});

export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  seconds = 120,
): Promise<void> => {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
