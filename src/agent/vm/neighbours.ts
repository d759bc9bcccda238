import { isAgentPhase } from '../../agent-api/instance-status.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { vcpuCount } from '../../api/vmi/guest-size.js';
import { objectKey } from '../../kube/types.js';
import type { StartNotice } from './start-notice.js';

/* What a VM that is about to start has to do with the other VMs of its node. Pure. */

/** A start that has to wait for another VM to end: tried again, and reported by a name of its own. */
export class StartRefusal extends Error {
  constructor(
    readonly reason: 'DuplicateSystemUUID' | 'VCPUOvercommitRefused',
    message: string,
  ) {
    super(message);
    this.name = 'StartRefusal';
  }
}

export interface Neighbourhood {
  readonly node: string;
  /** Physical cores of the node; 0: not known. */
  readonly cores: number;
  /** All VMs of the node, the one that starts among them. */
  readonly vmis: readonly VirtualMachineInstance[];
}

const uuidOf = ({ spec }: VirtualMachineInstance): string | undefined => spec.domain.firmware?.uuid?.toLowerCase();

/** Those that run or are to be started here, the VM itself not among them. */
const others = (vmi: VirtualMachineInstance, { vmis }: Neighbourhood): VirtualMachineInstance[] =>
  vmis.filter(({ metadata, status }) => metadata?.uid !== vmi.metadata?.uid && isAgentPhase(status?.phase));

const createdAt = ({ metadata }: VirtualMachineInstance): string =>
  `${metadata?.creationTimestamp ?? ''} ${metadata?.uid ?? ''}`;

/** One that runs; of two that wait, the one that was there first. */
const goesFirst = (other: VirtualMachineInstance, vmi: VirtualMachineInstance): boolean =>
  other.status?.phase === 'Running' || createdAt(other) < createdAt(vmi);

const sumOfVcpus = (vmis: readonly VirtualMachineInstance[]): number =>
  vmis.reduce((sum, { spec }) => sum + vcpuCount(spec), 0);

const overcommit = (vmi: VirtualMachineInstance, hood: Neighbourhood, most: number): string | undefined => {
  // Those that wait to be started are not in the way of one another.
  const running = others(vmi, hood).filter(({ status }) => status?.phase === 'Running');
  const total = sumOfVcpus([...running, vmi]);
  if (hood.cores === 0 || total <= most * hood.cores) return undefined;
  return `${total} vCPUs share the ${hood.cores} physical cores of node ${hood.node}, more than ${most} for each (maxVCPUsPerCore of the cluster's configuration)`;
};

/** @throws StartRefusal */
export const requireRoom = (vmi: VirtualMachineInstance, hood: Neighbourhood, config: ClusterConfig): void => {
  const uuid = uuidOf(vmi);
  const twin = uuid && others(vmi, hood).find((other) => uuidOf(other) === uuid && goesFirst(other, vmi));
  if (twin)
    throw new StartRefusal(
      'DuplicateSystemUUID',
      `spec.domain.firmware.uuid: SMBIOS UUID ${uuid} is already used on node ${hood.node} by VirtualMachineInstance ${objectKey(twin)}: stop that one, or give this one another UUID`,
    );
  const tooMany = config.enforceVcpusPerCore ? overcommit(vmi, hood, config.maxVcpusPerCore) : undefined;
  if (tooMany !== undefined)
    throw new StartRefusal(
      'VCPUOvercommitRefused',
      `${tooMany}: the VM waits until others end, because enforceVCPUsPerCore is set`,
    );
};

/** What the owner of a VM hears that starts all the same. */
export const cpuNotices = (vmi: VirtualMachineInstance, hood: Neighbourhood, config: ClusterConfig): StartNotice[] => {
  const count = vcpuCount(vmi.spec);
  const many = overcommit(vmi, hood, config.maxVcpusPerCore);
  return [
    ...(hood.cores > 0 && count > hood.cores
      ? [
          {
            type: 'Warning',
            reason: 'GuestVCPUsExceedCores',
            message: `the guest has ${count} vCPUs, node ${hood.node} has ${hood.cores} physical cores: some guests misbehave where vCPUs outnumber cores`,
          } as const,
        ]
      : []),
    ...(many === undefined
      ? []
      : [{ type: 'Warning', reason: 'VCPUOvercommit', message: `${many}: expect guests to be slow` } as const]),
  ];
};
