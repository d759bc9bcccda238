import { because, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { instanceRules, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';

/*
 * GPUs of NVIDIA's Grace superchips, which share their memory with the CPU. The KubeVirt object's
 * `permittedHostDevices.pciHostDevices` says which resource is which PCI device. Source: docs/reference/admission.md
 * §6.12, §7.5.
 */

const GATE = 'GraceIOVirtualization';
const NVIDIA = '10DE';
const GRACE_DEVICES = ['2342', '2348', '2941'];
/** A selector that could be any device of NVIDIA. */
const ANY_DEVICE = '*';
const LISTS = ['gpus', 'hostDevices'] as const;

const hex = (text: string): string => text.trim().toUpperCase().replace(/^0X/, '');

type Kind = 'grace' | 'ambiguous';
const kindOf = (selector: string): Kind | undefined => {
  const [vendor = '', device = ''] = selector.split(':').map(hex);
  if (vendor !== NVIDIA) return undefined;
  if (GRACE_DEVICES.includes(device)) return 'grace';
  return device === ANY_DEVICE ? 'ambiguous' : undefined;
};

interface Requested {
  readonly deviceName: string;
  readonly path: string;
  readonly kind: Kind;
}

/**
 * The Grace devices, and those that may be some, that a VM asks for. Most clusters permit none and most VMs ask for
 * none.
 */
const requestedBy = ({ path, spec, config }: InstanceSubject): Requested[] => {
  const permitted = config.permittedHostDevices?.pciHostDevices;
  const { devices } = spec.domain;
  if (!permitted || (!devices.gpus && !devices.hostDevices)) return [];
  const kinds = new Map<string, Kind>();
  for (const { resourceName, pciVendorSelector } of permitted) {
    const kind = kindOf(pciVendorSelector);
    if (kind !== undefined && kinds.get(resourceName) !== 'grace') kinds.set(resourceName, kind);
  }
  return LISTS.flatMap((list) =>
    (devices[list] ?? []).flatMap(({ deviceName }, i) => {
      const kind = deviceName ? kinds.get(deviceName) : undefined;
      return deviceName && kind ? [{ deviceName, kind, path: `${path}.domain.devices.${list}[${i}]` }] : [];
    }),
  );
};

const deviceRule = instanceRules<(device: Requested, gateIsOn: boolean) => string | undefined>({
  field: `$.domain.devices.{${LISTS.join(',')}}[].deviceName`,
  source: '§6.12',
  run: (subject, check) =>
    requestedBy(subject).flatMap((device) => {
      const problem = check(device, subject.config.hasFeatureGate(GATE));
      return problem === undefined ? [] : [invalid(`${device.path}.deviceName`, problem)];
    }),
});

/** A rule on the VM that has a Grace device, where the gate is on. What it demands is the device's doing. */
/** Rules on the VM that has a Grace device, where the gate is on. What they demand is because of the device. */
const machineRule = instanceRules<(subject: InstanceSubject, device: Requested) => Finding | undefined>({
  source: '§6.12',
  run: (subject, check) => {
    const device = requestedBy(subject).find(({ kind }) => kind === 'grace');
    if (!device || !subject.config.hasFeatureGate(GATE)) return NOTHING;
    const found = check(subject, device);
    return found === undefined ? NOTHING : because(device.path, [found]);
  },
});

const needs = ({ deviceName }: Requested): string => `the NVIDIA Grace device ${show(deviceName)} needs`;

const otherGate = (id: string, gate: string): Rule<InstanceSubject> =>
  machineRule({
    id,
    field: '$.domain.devices.{gpus,hostDevices}[]',
    summary: `a Grace device while the feature gate ${gate} is off`,
    check: ({ config }, device) =>
      config.hasFeatureGate(gate) ? undefined : invalid(device.path, gateIsOff(gate, 'remove the Grace device')),
  });

/** Annotations that lay out the PCI devices in a way that a Grace device cannot have. */
const layoutRule = (id: string, annotation: string, summary: string, what: string): Rule<InstanceSubject> =>
  machineRule({
    id,
    field: `metadata.annotations[${annotation}]`,
    source: '§7.5',
    summary,
    check: ({ metadata, metadataPath }, device) =>
      metadata.annotations?.[annotation] === 'true'
        ? invalid(`${metadataPath}.annotations[${annotation}]`, `${needs(device)} ${what}: remove the annotation`)
        : undefined,
  });

export const graceRules = [
  deviceRule({
    id: 'grace.ambiguous',
    summary: 'a device that may or may not be a Grace one',
    check: ({ kind, deviceName }, gateIsOn) =>
      kind === 'ambiguous' && gateIsOn
        ? `${show(deviceName)} may be any NVIDIA device: write the exact device, such as "10DE:2342", in its pciVendorSelector of the KubeVirt object`
        : undefined,
  }),
  deviceRule({
    id: 'grace.gate',
    summary: 'a Grace device while its feature gate is off',
    check: ({ kind, deviceName }, gateIsOn) =>
      kind === 'grace' && !gateIsOn
        ? `${show(deviceName)} is an NVIDIA Grace device and ${gateIsOff(GATE, 'use another device')}`
        : undefined,
  }),
  machineRule({
    id: 'grace.arch',
    field: '$.architecture',
    summary: 'a Grace device on an architecture other than arm64',
    check: ({ path, spec }, device) =>
      spec.architecture === 'arm64'
        ? undefined
        : invalid(`${path}.architecture`, `${needs(device)} arm64, not ${show(spec.architecture ?? '')}: write arm64`),
  }),
  machineRule({
    id: 'grace.machine',
    field: '$.domain.machine.type',
    summary: 'a Grace device in a machine other than virt',
    check: ({ path, spec }, device) => {
      const type = spec.domain.machine?.type ?? '';
      // Another architecture has other machines: that is what has to change.
      return type.startsWith('virt') || spec.architecture !== 'arm64'
        ? undefined
        : invalid(`${path}.domain.machine.type`, `${needs(device)} a virt machine, not ${show(type)}: write virt`);
    },
  }),
  machineRule({
    id: 'grace.dedicated',
    field: '$.domain.cpu.dedicatedCpuPlacement',
    summary: 'a Grace device without dedicated CPUs',
    check: ({ path, spec }, device) =>
      spec.domain.cpu?.dedicatedCpuPlacement
        ? undefined
        : required(`${path}.domain.cpu.dedicatedCpuPlacement`, `${needs(device)} dedicated CPUs: write true here`),
  }),
  otherGate('grace.numa-gate', 'PCINUMAAwareTopology'),
  otherGate('grace.iommufd-gate', 'IOMMUFD'),
  layoutRule(
    'grace.root-complex',
    'kubevirt.io/placePCIDevicesOnRootComplex',
    'a Grace device with all PCI devices on the root complex',
    'a PCI port of its own and not the root complex',
  ),
  layoutRule(
    'grace.hole64',
    'kubevirt.io/disablePCIHole64',
    'a Grace device without the 64-bit PCI hole',
    'the 64-bit PCI hole',
  ),
];
