import { HEARTBEAT_MS } from '../../agent-api/node-report.js';
import type { CpuVendor, NodeDensity, VirtNode, VirtNodeSpec } from '../../api/virt-node/virt-node.js';
import { isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { API_VERSION, nodePath, virtNodePath } from '../../kube/client/resources.js';
import type { Node } from '../../kube/types.js';
import { Recurring } from '../../kube/work/recurring.js';
import type { KsmReport } from './ksm.js';

/**
 * What is so on the node; `cpuVendor` undefined: not one that is listed; `seccompProfile` undefined: it is not in
 * kubelet's directory.
 */
export interface NodeFacts {
  readonly kvmUsable: boolean;
  readonly nestedVirtualization: boolean;
  readonly cpuManager: boolean;
  readonly cpuVendor: CpuVendor | undefined;
  readonly seccompProfile: string | undefined;
  /** CPUs that guests can have. */
  readonly cpuModels: string[];
  readonly cpuFeatures: string[];
  readonly hostModel: string | undefined;
  /** Undefined: not looked at yet. What the agent before us reported stands. */
  readonly ksm: KsmReport | undefined;
  readonly density: NodeDensity | undefined;
}

/**
 * Keeps the VirtNode of this node current: the only object besides VMIs and events that an agent writes. Nothing waits
 * for it: where it cannot be written, VMs that are here run on.
 */
export class NodeReporter {
  private readonly work: Recurring;

  constructor(
    private readonly options: {
      readonly client: Pick<KubeClient, 'get' | 'create' | 'patch'>;
      readonly node: string;
      /** Asked each time, because a kernel module may be reloaded. */
      readonly facts: () => NodeFacts;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {
    const { clock, log } = options;
    this.work = new Recurring({
      turn: () => this.report(),
      // Agents that were started together do not stay in step.
      pause: () => HEARTBEAT_MS * (1 - clock.random() / 10),
      // Never longer than a heartbeat: who could not report for a while must not be late when he can again.
      retry: { first: 500, most: HEARTBEAT_MS },
      failed: 'node not reported, trying again',
      clock,
      log,
    });
  }

  start(): void {
    this.work.start();
  }

  stop(): Promise<void> {
    return this.work.stop();
  }

  /** Reports now. @returns the report as it is after that. @throws ApiError */
  async report(): Promise<VirtNode> {
    const { client, node, facts, clock } = this.options;
    const spec = { heartbeat: new Date(clock.now()).toISOString(), ...facts() };
    try {
      return await client.patch<VirtNode>(virtNodePath(node), { spec: asPatch(spec) }, 'merge');
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return this.create(spec);
    }
  }

  /** Owned by the Node, so that it is deleted with it; a new Node of the same name gets a new one. */
  private async create(spec: VirtNodeSpec): Promise<VirtNode> {
    const { client, node } = this.options;
    const { metadata } = await client.get<Node>(nodePath(node));
    const owner = { apiVersion: 'v1', kind: 'Node', name: node, uid: metadata?.uid ?? '' };
    const object: VirtNode = {
      apiVersion: API_VERSION,
      kind: 'VirtNode',
      metadata: { name: node, ownerReferences: [owner] },
      spec,
    };
    return client.create<VirtNode>(virtNodePath(), object);
  }
}

/** A merge patch that takes away what was so before: null for what is absent now. */
const asPatch = ({ cpuVendor, seccompProfile, hostModel, density, ...rest }: VirtNodeSpec): object => ({
  ...rest,
  cpuVendor: cpuVendor ?? null,
  seccompProfile: seccompProfile ?? null,
  hostModel: hostModel ?? null,
  ...(density === undefined ? {} : { density: densityPatch(density) }),
});

const densityPatch = ({ kubelet, ...density }: NodeDensity): object => ({
  ...density,
  allocatableBytes: density.allocatableBytes ?? null,
  kubelet:
    kubelet === undefined
      ? null
      : {
          ...kubelet,
          evictionSoftBytes: kubelet.evictionSoftBytes ?? null,
          evictionSoftGraceSeconds: kubelet.evictionSoftGraceSeconds ?? null,
        },
});
