import { createHash } from 'node:crypto';
import type { Condition } from '../../../src/api/vmi/condition.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { Controller } from '../../../src/controller/controller.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { namespacePath, nodePath, podPath, vmiPath } from '../../../src/kube/client/resources.js';
import type { KubernetesObject, KubernetesList, Pod } from '../../../src/kube/types.js';
import { API_VERSION } from '../../../src/kube/client/resources.js';
import { type TestApiServer, until } from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';

/** Writes of one program to one resource, as the API server was asked to make them. */
export interface Write {
  method: string;
  path: string;
}

/** Nothing here schedules or runs pods: a test plays kubelet and agent, and the API server is real. */
export class ControllerCluster {
  writes: Write[] = [];
  private controller: Controller | undefined;

  private constructor(
    readonly server: TestApiServer,
    readonly client: KubeClient,
  ) {}

  static async start(): Promise<ControllerCluster> {
    const server = await sharedApiServer();
    const client = await server.client();
    await client.create(namespacePath(), { metadata: { name: 'kubevirt' } });
    await client.create(nodePath(), { metadata: { name: 'node-a' } });
    return new ControllerCluster(server, client);
  }

  async startController(settings: { progressPort?: number } = {}): Promise<Controller> {
    const client = await this.server.client();
    const request = client.request.bind(client);
    client.request = <T>(...args: Parameters<KubeClient['request']>): Promise<T> => {
      const [method, path] = args;
      if (method !== 'GET') this.writes.push({ method, path });
      return request<T>(...args);
    };
    this.controller = new Controller({
      architecture: 'amd64',
      client,
      namespace: 'kubevirt',
      settings: { launcherImage: 'launcher:test', ...settings },
      log: process.env.TEST_LOG
        ? {
            ...silentLog,
            warn: (fields, message) => console.error(message, fields),
            error: (fields, message) => console.error(message, fields),
          }
        : silentLog,
    });
    await this.controller.startCaches();
    this.controller.startWork();
    return this.controller;
  }

  async stopController(): Promise<void> {
    const controller = this.controller;
    this.controller = undefined;
    await controller?.stop();
  }

  async stop(): Promise<void> {
    await this.stopController();
    this.client.close();
    await this.server.stop();
  }

  writesTo(
    kind: 'virtualmachines/' | 'virtualmachineinstances' | 'pods' | 'datavolumes' | 'persistentvolumeclaims',
  ): string[] {
    return this.writes.filter(({ path }) => path.includes(`/${kind}`)).map(({ method, path }) => `${method} ${path}`);
  }

  /** Repeats until the check does not throw; answers what it returned. */
  eventually<T>(what: string, check: () => Promise<T> | T, timeoutMs = 120_000): Promise<T> {
    return until(what, this.server.directory, check, timeoutMs);
  }

  vmi(name: string): Promise<VirtualMachineInstance> {
    return this.client.get<VirtualMachineInstance>(vmiPath('default', name));
  }

  async launcherPods(): Promise<Pod[]> {
    const { items } = await this.client.list<Pod>(podPath('default'), {
      query: { labelSelector: 'kubevirt.io=virt-launcher' },
    });
    return items;
  }

  /** The pod of this VMI, once it is there. */
  pod(name: string): Promise<Pod> {
    return this.eventually(`the pod of ${name} exists`, async () => {
      const vmi = await this.vmi(name);
      const pods = await this.launcherPods();
      const own = pods.filter((pod) => pod.metadata?.labels?.['kubevirt.io/created-by'] === vmi.metadata?.uid);
      if (own.length !== 1) throw new Error(`${own.length} pods`);
      return own[0]!;
    });
  }

  /** As scheduler and kubelet: places the pod and runs its containers. */
  async runPod(pod: Pod, ip = '10.0.0.7'): Promise<void> {
    const { name } = pod.metadata!;
    await this.client.create(podPath('default', name, 'binding'), {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { apiVersion: 'v1', kind: 'Node', name: 'node-a' },
    });
    await this.setPodStatus(pod, {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      qosClass: 'Burstable',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
      containerStatuses: (pod.spec?.containers ?? []).map(({ name: container, image = '' }) => ({
        name: container,
        image,
        imageID: image,
        ready: true,
        restartCount: 0,
        containerID: `containerd://${createHash('sha256').update(container).digest('hex')}`,
        state: { running: {} },
      })),
    });
  }

  setPodStatus(pod: Pod, status: NonNullable<Pod['status']>): Promise<unknown> {
    return this.client.patch(podPath('default', pod.metadata?.name, 'status'), { status }, 'merge');
  }

  /** As kubelet: the pod's processes have ended and the object goes. */
  removePod(pod: Pod): Promise<unknown> {
    return this.client.delete(podPath('default', pod.metadata?.name), { gracePeriodSeconds: 0 });
  }

  /** As the agent: what it found out about the guest. */
  agentSays(name: string, phase: 'Running' | 'Succeeded' | 'Failed', conditions: Condition[] = []): Promise<unknown> {
    return this.eventually(`the agent can write ${phase}`, async () => {
      const vmi = await this.vmi(name);
      const others = (vmi.status?.conditions ?? []).filter(({ type }) => !conditions.some((c) => c.type === type));
      const entry = { phase, phaseTransitionTimestamp: new Date().toISOString().replace(/\.\d+/, '') };
      await this.client.patch(
        vmiPath('default', name),
        {
          metadata: { resourceVersion: vmi.metadata?.resourceVersion },
          status: {
            phase,
            conditions: [...others, ...conditions],
            phaseTransitionTimestamps: [...(vmi.status?.phaseTransitionTimestamps ?? []), entry],
          },
        },
        'merge',
      );
    });
  }

  async phase(name: string, phase: string): Promise<VirtualMachineInstance> {
    return this.eventually(`${name} is ${phase}`, async () => {
      const vmi = await this.vmi(name);
      if (vmi.status?.phase !== phase) throw new Error(`phase is ${vmi.status?.phase ?? 'unset'}`);
      return vmi;
    });
  }

  async gone(path: string): Promise<void> {
    await this.eventually(`${path} is gone`, async () => {
      const left = await this.client.get<KubernetesObject>(path).catch((error: unknown) => {
        if ((error as { code?: number }).code === 404) return undefined;
        throw error;
      });
      if (left) throw new Error(JSON.stringify(left.metadata));
    });
  }

  events(): Promise<KubernetesList<{ reason: string; message: string; type: string; count: number }>> {
    return this.client.list('/api/v1/namespaces/default/events');
  }
}

/** A manifest after admission's defaults, as far as the controller reads them. */
export const instanceSpec = (): VirtualMachineInstance['spec'] => ({
  architecture: 'amd64',
  terminationGracePeriodSeconds: 5,
  networks: [{ name: 'default', pod: {} }],
  domain: {
    memory: { guest: '128Mi' },
    cpu: { sockets: 1, cores: 1, threads: 1 },
    devices: { interfaces: [{ name: 'default', masquerade: {} }] },
  },
});

export const machine = (name: string, spec: Partial<VirtualMachine['spec']>): VirtualMachine => ({
  apiVersion: API_VERSION,
  kind: 'VirtualMachine',
  metadata: { name, namespace: 'default' },
  spec: { template: { metadata: { labels: { app: name } }, spec: instanceSpec() }, ...spec },
});
