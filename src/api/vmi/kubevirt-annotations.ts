import { Annotation } from '../names.js';
import type { ObjectMeta } from '../schema/meta.js';

/*
 * KubeVirt's annotations that a user may write on an instance, or in a template's metadata, and what they mean here.
 * Source: `staging/src/kubevirt.io/api/core/v1/types.go`. One that KubeVirt's programs write themselves is not here.
 */

type Annotated = Pick<ObjectMeta, 'annotations'> | undefined;

/** Switches, each with the values by which KubeVirt switches it on. */
const SWITCHES = {
  /** Every PCI device without an address of its own on bus 0. */
  'kubevirt.io/placePCIDevicesOnRootComplex': /^true$/,
  /** No 64-bit window for PCI devices: old Windows does not boot with it. */
  'kubevirt.io/disablePCIHole64': /^true$/i,
  /** The balloon gives no freed pages back to the node. */
  'kubevirt.io/free-page-reporting-disabled': /^true$/,
  /** Probes that ping the guest's agent succeed, for as long as it is there. */
  'kubevirt.io/pause-guest-agent-probes': /^true$/,
} as const satisfies Readonly<Record<string, RegExp>>;
export type SwitchAnnotation = keyof typeof SWITCHES;

const valueOf = (metadata: Annotated, key: string): string | undefined => {
  const annotations = metadata?.annotations;
  return annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
};

/** Whether the annotation switches on what it is about. */
export const isSwitchedOn = (metadata: Annotated, key: SwitchAnnotation): boolean =>
  SWITCHES[key].test(valueOf(metadata, key) ?? '');

export const SWITCH_ANNOTATIONS = Object.keys(SWITCHES) as readonly SwitchAnnotation[];

/** Values that plainly leave a switch off. */
const OFF = /^(false|)$/i;

/** A value that somebody wrote to switch something on, and that does not. */
export const isUnreadSwitch = (key: SwitchAnnotation, value: string): boolean =>
  !SWITCHES[key].test(value) && !OFF.test(value);

/** Acted on whatever their value is. */
const OTHER_ACTED_ON: readonly string[] = [Annotation.emulatorThreadEvenParity];

const MIGRATION = 'VMs are not migrated yet';
const FOR_TESTS = 'it is for KubeVirt’s own tests';

/**
 * What nothing acts on here, and what that means for the VM; `unless`: values that ask for what is so anyway. Absent
 * are those whose wish is always fulfilled: `kubevirt.io/nonroot` (no VM runs as root) and
 * `kubevirt.io/image-volume-skip-digest-resolution` (none is resolved).
 */
export const NOT_ACTED_ON_ANNOTATIONS: Readonly<Record<string, { readonly why: string; readonly unless?: RegExp }>> = {
  'kubevirt.io/ignitiondata': {
    why: 'the guest gets no Ignition data, so it is not set up by them; use cloudInitNoCloud or cloudInitConfigDrive',
  },
  'hooks.kubevirt.io/hookSidecars': { why: 'no sidecar is run, so none changes the domain or the cloud-init data' },
  'kubevirt.io/memfd': {
    why: 'guest memory is ordinary memory, whatever is written here',
    unless: /^false$/,
  },
  'kubevirt.io/pci-interface-slot-count': { why: 'no PCI slots are kept for interfaces that may come' },
  'kubevirt.io/create-migration-target': { why: 'this version receives no VM from another cluster; the VM starts' },
  'kubevirt.io/allow-pod-bridge-network-live-migration': { why: MIGRATION, unless: /^false$/i },
  'kubevirt.io/migrationUnschedulablePodTimeoutSeconds': { why: MIGRATION },
  'kubevirt.io/migrationPendingPodTimeoutSeconds': { why: MIGRATION },
  'kubevirt.io/migrationUtilityVolumesTimeoutSeconds': { why: MIGRATION },
  'kubevirt.io/keep-launcher-alive-after-failure': {
    why: 'the pod of a VM that failed ends; its log is kept as that of any pod',
    unless: /^false$/i,
  },
  'kubevirt.io/libvirt-log-filters': { why: 'libvirt logs what it logs for every VM' },
  'kubevirt.io/func-test-force-launcher-migration-failure': { why: FOR_TESTS },
  'kubevirt.io/func-test-block-migration-target-preparation': { why: FOR_TESTS },
  'kubevirt.io/func-test-migration-target-image-override': { why: FOR_TESTS },
  'kubevirt.io/func-test-virt-launcher-fail-fast': { why: FOR_TESTS },
  'kubevirt.io/func-test-ignore-migration-backoff': { why: FOR_TESTS },
  'kubevirt.io/func-test-memory-hotplug-fail': { why: FOR_TESTS },
};

const IN_TEMPLATES = new Set<string>([
  ...SWITCH_ANNOTATIONS,
  ...OTHER_ACTED_ON,
  ...Object.keys(NOT_ACTED_ON_ANNOTATIONS),
]);

/** Read on an instance, or where its template is: on a VirtualMachine itself it means nothing. */
export const isInstanceAnnotation = (key: string): boolean => IN_TEMPLATES.has(key);
export const INSTANCE_ANNOTATIONS: readonly string[] = [...IN_TEMPLATES];
