import type { RuleKind } from '../rule.js';

/**
 * Examples of a rule, for its documentation and its test: at least one manifest that it accepts (at its boundary, where there
 * is one), two that it refuses. A change is written as dotted paths set on one valid manifest of the kind.
 */
export type Change = Readonly<Record<string, unknown>>;
export interface Examples {
  /** What is created or changed. Absent: a VirtualMachineInstance. */
  readonly kind?: RuleKind;
  readonly accepts: readonly Change[];
  /** The change, and the field of the one cause that this rule gives. The first one stands in the documentation. */
  readonly refuses: readonly (readonly [change: Change, field: string])[];
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
export const iface = (more: object) => ({
  [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {}, ...more }],
  'spec.networks': [{ name: 'default', pod: {} }],
});
export const IF = `${DEV}.interfaces[0]`;
export const custom = (sizes: object) => ({ [`${D}.blockSize`]: { custom: sizes } });
export const dns = (config: object) => ({ 'spec.dnsConfig': config });
export const lun = (volume: object) => ({
  [D]: { name: 'root', lun: { bus: 'scsi' } },
  [V]: { name: 'root', ...volume },
});
