import type { CheckedKind } from '../../api/schema-check/check-schema.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { ForeignSource } from '../../api/access/foreign-source.js';
import type { KubeVirt, VirtualMachine } from '../../api/schema/kinds.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import type { Position } from '../../api/yaml/lines.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';

/** What a warning found. */
export interface Remark {
  /** True JSON path. */
  readonly field: string;
  /** What will happen and what to write instead; continues "FIELD: ". */
  readonly message: string;
  /** Where in the text that is the field's value, for who has the manifest before him. */
  readonly within?: Position;
}

/** What is admitted and yet needs a warning, as admission answers it. */
export interface AdmissionWarning extends Remark {
  /** Stable: the key for documentation and for switching it off. */
  readonly id: string;
}

/** A VMI with its defaults (but for {@link Warning.ofWhatIsWritten}), or a template as it was written. */
export interface InstanceSubject {
  readonly path: string;
  readonly metadataPath: string;
  readonly metadata: ObjectMeta;
  readonly spec: VirtualMachineInstanceSpec;
  /** An instance type says how large it is: its author chose that, and who names it may request nothing beside. */
  readonly isSized?: boolean;
}

export interface WarningSubject {
  readonly apiVersion: string;
  /** The object's own metadata. */
  readonly metadata: ObjectMeta;
  /** Absent for a KubeVirt object, and for a template without a spec. */
  readonly instance?: InstanceSubject | undefined;
  /** `spec.running` of a VirtualMachine. */
  readonly running?: boolean | undefined;
  /** `instancetype` and `preference` of a VirtualMachine. */
  readonly matchers?: Pick<VirtualMachine['spec'], 'instancetype' | 'preference'> | undefined;
  /** What those name and is not there; each message continues its field. */
  readonly missing?: readonly Remark[] | undefined;
  /**
   * What the templates of a VirtualMachine copy from other namespaces; absent where the API server is asked about it.
   */
  readonly elsewhere?: readonly ForeignSource[] | undefined;
  readonly kubevirt?: KubeVirt | undefined;
  readonly config: ClusterConfig;
}

/** One warning: data for the documentation and a pure check, which never throws on an object that was admitted. */
export interface Warning {
  /** `W-` with the names of docs/reference/density-and-cpu.md §8.4 where it has one. */
  readonly id: string;
  readonly kinds: readonly CheckedKind[];
  /**
   * Where it is told unless the cluster says otherwise. `apply`: at once, of what is a mistake or will surprise.
   * `lint`: by `kubectl virt lint` and by an event at the VM's start, of what may well be meant so: a plain, sensible
   * VM is admitted in silence.
   */
  readonly told: 'apply' | 'lint';
  /** For the documentation: when it is given. */
  readonly when: string;
  readonly source: string;
  /**
   * About what a default would write too: of a VMI it is said before defaulting, when it can still be told who wrote it
   * (and before any rule has looked at it: its check throws on nothing that has the shape of its kind).
   */
  readonly ofWhatIsWritten?: true;
  readonly check: (subject: WarningSubject) => readonly Remark[];
}

const INSTANCES: readonly CheckedKind[] = [
  'VirtualMachineInstance',
  'VirtualMachine',
  'VirtualMachineInstanceReplicaSet',
];

/** A warning about a VMI or a template. The check gives one remark, several or none. */
export const instanceWarning = (
  id: string,
  told: Warning['told'],
  source: string,
  when: string,
  check: (instance: InstanceSubject, config: ClusterConfig) => Remark | readonly Remark[] | undefined,
): Warning => ({
  id,
  told,
  kinds: INSTANCES,
  when,
  source,
  check: ({ instance, config }) => [(instance && check(instance, config)) ?? []].flat(),
});

export const kubevirtWarning = (
  id: string,
  told: Warning['told'],
  source: string,
  when: string,
  check: (kubevirt: KubeVirt, config: ClusterConfig) => readonly Remark[],
): Warning => ({
  id,
  told,
  kinds: ['KubeVirt'],
  when,
  source,
  check: ({ kubevirt, config }) => (kubevirt ? check(kubevirt, config) : []),
});
