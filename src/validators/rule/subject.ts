import type { Cause } from '../../api/cause.js';
import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../api/schema/kinds.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { Finding } from './finding.js';
import type { Indexed } from './lookup.js';

/* What rules look at. */

export type RuleKind = 'VirtualMachine' | 'VirtualMachineInstance' | 'VirtualMachineInstanceReplicaSet' | 'KubeVirt';
export type Operation = 'CREATE' | 'UPDATE';

/** What every rule may know about the request. */
export interface Request {
  readonly operation: Operation;
  readonly config: ClusterConfig;
  /** The request comes from one of our own programs (their service accounts may do what users may not). */
  readonly byOurPrograms: boolean;
  /** Present: that program is the agent of a node; its name where the token contains it. */
  readonly agent?: { readonly node?: string } | undefined;
}

/**
 * A VMI, or a template looked at as the VMI that it will become: defaulted, and with the paths of the object that the
 * user wrote. `path` is `spec` or `spec.template.spec`; `metadataPath` likewise.
 */
export interface InstanceSubject extends Request, Indexed {
  readonly path: string;
  readonly metadataPath: string;
  readonly metadata: ObjectMeta;
  readonly spec: VirtualMachineInstanceSpec;
}

/** An object of any kind, by its own metadata. */
export interface ObjectSubject extends Request {
  readonly metadata: ObjectMeta;
  /** It is a VMI, whose metadata its pod gets too. */
  readonly isInstance: boolean;
}

/** A stored object: an older version may have stored it, so anything may be missing. */
export type Stored<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Stored<T[K]> }
    : T;

/** What is wrong with a VM because of the instance type or preference that it names, by the rule that says it. */
export interface InstancetypeFindings {
  readonly conflicts: readonly Finding[];
  readonly requirements: readonly Finding[];
  readonly spread: readonly Finding[];
  readonly unusable: readonly Finding[];
}

export interface MachineSubject extends Request, Indexed {
  readonly vm: VirtualMachine;
  readonly old?: Stored<VirtualMachine> | undefined;
  /** The template's spec as the VMI that it will become; absent where the template has none. */
  readonly defaulted?: VirtualMachineInstanceSpec | undefined;
  /** Namespace of the request; the object may omit its own. */
  readonly namespace?: string | undefined;
  /** Absent where it names none. */
  readonly instancetypes?: InstancetypeFindings | undefined;
  /** What the rules of a VMI find in a template with this spec: for what changes a template later. */
  readonly templateCauses: (spec: VirtualMachineInstanceSpec) => readonly Cause[];
}

export interface ReplicaSetSubject extends Request {
  readonly replicaSet: VirtualMachineInstanceReplicaSet;
}

/** Rules on who may write read `vmi` and `old` whatever they hold: an older version may have stored them. */
export interface InstanceUpdateSubject extends Request {
  readonly vmi: VirtualMachineInstance;
  readonly old: VirtualMachineInstance;
  /** Where the spec first says something else than the stored one; undefined: nowhere. */
  readonly changed: string | undefined;
}

export interface KubeVirtSubject extends Request {
  readonly kubevirt: KubeVirt;
  readonly namespace?: string | undefined;
  /** Where the one object must be for its settings to count; undefined where nobody knows. */
  readonly installNamespace: string | undefined;
  /** Name of the object in force, if there is one. */
  readonly settingsObject?: string | undefined;
}
