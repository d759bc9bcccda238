import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import type { AdmissionWarning } from '../../../src/admission/warnings/warning.js';
import { resolveClusterConfig, type ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import { parseQuantity } from '../../../src/api/quantity.js';
import { buildDomain } from '../../../src/domain/index.js';
import type { XmlElement } from '../../../src/domain/xml.js';
import { buildLauncherPod, type LauncherPod } from '../../../src/launcher/index.js';
import { memoryOverhead } from '../../../src/launcher/overhead.js';
import { context as domainContext, UID } from '../domain/fixtures.js';
import { one, readXml } from '../domain/read-xml.js';

/* What a VMI as a user wrote it becomes: the pod and the domain that warnings are held against. */

export interface Rendered {
  readonly warnings: readonly AdmissionWarning[];
  readonly vmi: VirtualMachineInstance;
  readonly config: ClusterConfig;
  readonly pod: LauncherPod;
  readonly domain: XmlElement;
}

export const admissionContext = (configuration: KubeVirtConfiguration = {}): AdmissionContext => ({
  config: resolveClusterConfig({ metadata: {}, spec: { configuration } }),
  newUuid: () => UID,
});

const CPUS = Array.from({ length: 64 }, (_, id) => id);
const EXCLUSIVE = { cells: [{ cpus: CPUS.map((id) => ({ id, siblings: [id] })) }], allowed: CPUS };

/** Undefined for a VMI that is refused. */
export const render = (object: unknown, configuration: KubeVirtConfiguration = {}): Rendered | undefined => {
  const admission = admissionContext(configuration);
  const outcome = admit(
    { kind: 'VirtualMachineInstance', operation: 'CREATE', object, user: { username: 'alice' } },
    admission,
  );
  if (outcome.causes.length > 0) return undefined;
  const vmi = outcome.object as VirtualMachineInstance;
  const disks = Object.fromEntries((vmi.spec.volumes ?? []).map(({ name }) => [name, { format: 'qcow2' as const }]));
  const { config } = admission;
  return {
    warnings: outcome.warnings,
    vmi,
    config,
    pod: buildLauncherPod(vmi, { config, launcherImage: 'localhost/launcher' }),
    domain: readXml(buildDomain(vmi, domainContext({ config, disks, exclusiveCpus: EXCLUSIVE }))),
  };
};

const CLASS_RESOURCES = ['cpu', 'memory'];

/**
 * As Kubernetes computes it, of CPU and memory of every container; the API server copies a limit to a missing request.
 */
export const qosClassOf = ({ pod }: Rendered): 'Guaranteed' | 'Burstable' | 'BestEffort' => {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ resources }) => resources);
  const amounts = all.flatMap(({ requests, limits }) =>
    CLASS_RESOURCES.map((name) => ({ request: requests[name] ?? limits[name], limit: limits[name] })),
  );
  if (amounts.every(({ request, limit }) => request === undefined && limit === undefined)) return 'BestEffort';
  const equal = amounts.every(
    ({ request, limit }) =>
      limit !== undefined && request !== undefined && parseQuantity(request).equals(parseQuantity(limit)),
  );
  return equal ? 'Guaranteed' : 'Burstable';
};

const bytes = (text: string | undefined): bigint | undefined =>
  text === undefined ? undefined : parseQuantity(text).value();

/** Of the compute container, and of the guest in it. */
export const factsOf = (rendered: Rendered) => {
  const { requests, limits } = rendered.pod.spec.containers[0]!.resources;
  const overhead = memoryOverhead(rendered.vmi, rendered.config);
  return {
    vcpus: Number(one(rendered.domain, 'vcpu')!.children[0]),
    poolThreads:
      rendered.vmi.spec.domain.ioThreadsPolicy === 'supplementalPool'
        ? Number(one(rendered.domain, 'iothreads')?.children[0] ?? 0)
        : 0,
    guest: BigInt(one(rendered.domain, 'memory')!.children[0] as string),
    cpuRequest: requests['cpu']!,
    cpuLimit: limits['cpu'],
    memoryRequest: bytes(requests['memory'])!,
    memoryLimit: bytes(limits['memory']),
    overhead,
  };
};

/** Domain and pod as text, without the annotations that are copied: to see whether something changed them. */
export const textOf = ({ domain, pod }: Rendered): string => {
  return JSON.stringify([domain, { ...pod, metadata: { ...pod.metadata, annotations: {} } }]);
};
