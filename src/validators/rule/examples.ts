import type { RuleKind } from './subject.js';

/**
 * What documentation says of a rule besides the rule's own table, and what its test runs: at least one manifest that it
 * accepts (more where it has a boundary) and two that it refuses. A change is written as dotted paths set on one valid
 * manifest of the kind; documentation shows these paths only, so a change sets whatever makes the example plain. A path
 * that is set to undefined is absent.
 */
export type Change = Readonly<Record<string, unknown>>;
export interface Examples {
  /** Why the rule exists, where its summary does not say it: whole sentences. */
  readonly why?: string;
  /** What is created or changed. Absent: a VirtualMachineInstance. */
  readonly kind?: RuleKind;
  /** Accepted without any cause. The first one is the first of `refuses` put right: they stand side by side. */
  readonly accepts: readonly Change[];
  /**
   * The change, and the field of its one cause. Where an example cannot help having more than one mistake: the ids of
   * the other rules that refuse it.
   */
  readonly refuses: readonly (readonly [change: Change, field: string, others?: readonly string[]])[];
  /** An update: the object as it is stored, as a change of the valid manifest. Absent: a creation. */
  readonly old?: Change;
  /** Who asks. Absent: an ordinary user. */
  readonly user?: string;
  /** The node that the user's token names. */
  readonly node?: string;
  /** Name of the KubeVirt object in force. */
  readonly settingsObject?: string;
  readonly gates?: readonly string[];
  /** More of the KubeVirt object's `spec.configuration`. */
  readonly config?: Readonly<Record<string, unknown>>;
}
export type ExampleTable = Readonly<Record<string, Examples>>;

/* Paths and values that many examples share. */

export const D = 'spec.domain.devices.disks[0]';
export const DEV = 'spec.domain.devices';
export const V = 'spec.volumes[0]';
export const REQ = 'spec.domain.resources.requests';
export const LIM = 'spec.domain.resources.limits';
export const CPU = 'spec.domain.cpu';
export const CI = 'spec.volumes[1].cloudInitNoCloud';
export const image = { image: 'registry.example/disk:v1' };
export const root = { name: 'root', containerDisk: image };
export const label64 = 'a'.repeat(64);
export const pinned = { [`${CPU}.dedicatedCpuPlacement`]: true };
export const cpus = (request: unknown, limit: unknown) => ({
  ...pinned,
  [`${REQ}.cpu`]: request,
  [`${LIM}.cpu`]: limit,
});
export const extra = (volume: object) => ({ 'spec.volumes[2]': { name: 'x', ...volume } });
/** The first volume is another one than the manifest's; the disk stays. */
export const volume = (source: object) => ({ [V]: { name: 'root', ...source } });
/** The first disk is another one than the manifest's; the volume stays. */
export const disk = (target: object) => ({ [D]: { name: 'root', ...target } });
export const iface = (more: object) => ({
  [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {}, ...more }],
  'spec.networks': [{ name: 'default', pod: {} }],
});
/** Interfaces and networks, whole. */
export const connected = (interfaces: readonly object[], networks: readonly object[]) => ({
  [`${DEV}.interfaces`]: interfaces,
  'spec.networks': networks,
});
export const IF = `${DEV}.interfaces[0]`;
export const custom = (sizes: object) => ({ [`${D}.blockSize`]: { custom: sizes } });
export const dns = (config: object) => ({ 'spec.dnsConfig': config });
export const lun = (source: object) => ({ ...disk({ lun: { bus: 'scsi' } }), ...volume(source) });
