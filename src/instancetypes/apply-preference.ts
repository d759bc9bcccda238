import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type {
  FeaturePreferences,
  FirmwarePreferences,
  VirtualMachinePreferenceSpec,
} from '../api/schema/preference.js';
import type { DomainSpec } from '../api/schema/virtualmachineinstance.js';
import { applyDevicePreferences } from './apply-devices.js';
import { freeAnnotations } from './reserved-annotations.js';

/*
 * What a preference makes of a VMI (docs/instance-types.md): it fills what is open and never conflicts. Two settings
 * replace what the template says, as in KubeVirt, where "unset" cannot be told from "off" there: preferredAcpi and
 * preferredDisableHotplug.
 */

type Preference = VirtualMachinePreferenceSpec;

const clock = ({ clock: wished }: Preference, { domain }: VirtualMachineInstance['spec']): void => {
  if (wished === undefined) return;
  const { preferredClockOffset: offset, preferredTimer: timer } = wished;
  const found = domain.clock ?? {};
  if (offset !== undefined && found.utc === undefined && !found.timezone)
    domain.clock = {
      ...found,
      ...(offset.utc === undefined ? {} : { utc: offset.utc }),
      ...timezoneOf(offset.timezone),
    };
  if (timer !== undefined && found.timer === undefined) domain.clock = { ...domain.clock, timer };
};

const timezoneOf = (timezone: string | undefined) => (timezone ? { timezone } : {});

const cpuFeatures = ({ cpu }: Preference, { domain }: VirtualMachineInstance['spec']): void => {
  const wished = cpu?.preferredCPUFeatures ?? [];
  const found = domain.cpu?.features ?? [];
  const more = wished.filter(({ name }) => !found.some((one) => one.name === name));
  if (more.length > 0) domain.cpu = { ...domain.cpu, features: [...found, ...more] };
};

/** Enlightenment by enlightenment. */
const hyperv = ({ preferredHyperv }: FeaturePreferences, domain: DomainSpec): void => {
  if (preferredHyperv === undefined) return;
  const features = (domain.features ??= {});
  features.hyperv = { ...preferredHyperv, ...features.hyperv };
};

const features = ({ features: wished }: Preference, { domain }: VirtualMachineInstance['spec']): void => {
  if (wished === undefined) return;
  const { preferredAcpi, preferredApic, preferredKvm, preferredPvspinlock, preferredSmm } = wished;
  const draft = (domain.features ??= {});
  if (preferredAcpi !== undefined) draft.acpi = preferredAcpi;
  if (preferredApic !== undefined) draft.apic ??= preferredApic;
  if (preferredKvm !== undefined) draft.kvm ??= preferredKvm;
  if (preferredPvspinlock !== undefined) draft.pvspinlock ??= preferredPvspinlock;
  if (preferredSmm !== undefined) draft.smm ??= preferredSmm;
  hyperv(wished, domain);
};

/** EFI with what the two deprecated fields say. */
const oldEfi = ({ preferredUseEfi, preferredUseSecureBoot }: FirmwarePreferences, domain: DomainSpec): void => {
  const firmware = (domain.firmware ??= {});
  if (preferredUseEfi && firmware.bootloader === undefined) firmware.bootloader = { efi: {} };
  const efi = firmware.bootloader?.efi;
  if (preferredUseSecureBoot !== undefined && efi !== undefined) efi.secureBoot ??= preferredUseSecureBoot;
};

const firmware = ({ firmware: wished }: Preference, { domain }: VirtualMachineInstance['spec']): void => {
  if (wished === undefined) return;
  const draft = (domain.firmware ??= {});
  if (wished.preferredUseBios) draft.bootloader ??= { bios: {} };
  const bios = draft.bootloader?.bios;
  if (wished.preferredUseBiosSerial !== undefined && bios !== undefined)
    bios.useSerial ??= wished.preferredUseBiosSerial;
  if (wished.preferredEfi !== undefined) draft.bootloader ??= { efi: wished.preferredEfi };
  else oldEfi(wished, domain);
};

const machine = ({ machine: wished }: Preference, { domain }: VirtualMachineInstance['spec']): void => {
  const type = wished?.preferredMachineType;
  if (type && !domain.machine?.type) domain.machine = { ...domain.machine, type };
};

const whole = (wished: Preference, spec: VirtualMachineInstance['spec']): void => {
  if (wished.preferredSubdomain) spec.subdomain ||= wished.preferredSubdomain;
  if (wished.preferredArchitecture) spec.architecture ||= wished.preferredArchitecture;
  if (wished.preferredTerminationGracePeriodSeconds !== undefined)
    spec.terminationGracePeriodSeconds ??= wished.preferredTerminationGracePeriodSeconds;
  if (wished.preferredLaunchSecurity !== undefined) spec.domain.launchSecurity ??= wished.preferredLaunchSecurity;
};

const annotations = (wished: Preference, vmi: VirtualMachineInstance): void => {
  const given = freeAnnotations(wished.annotations);
  if (given.length === 0) return;
  const metadata = (vmi.metadata ??= {});
  metadata.annotations = Object.fromEntries([...given, ...Object.entries(metadata.annotations ?? {})]);
};

/** Applies a preference to a VMI that may be written into, and that has its default devices already. */
export const applyPreference = (preference: VirtualMachinePreferenceSpec, vmi: VirtualMachineInstance): void => {
  const { spec } = vmi;
  clock(preference, spec);
  cpuFeatures(preference, spec);
  applyDevicePreferences(preference.devices ?? {}, spec);
  features(preference, spec);
  firmware(preference, spec);
  machine(preference, spec);
  whole(preference, spec);
  annotations(preference, vmi);
};
