import type { GPU } from '../../api/schema/devices.js';
import { because, duplicate, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, instanceRules, type RuleEntry } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';

/*
 * GPUs and host devices that are devices of a resource claim (DRA) instead of a device plugin's. Such a device has a
 * claim (`claimName`, `requestName`) and no `deviceName`.
 */

const LISTS = ['gpus', 'hostDevices'] as const;
type ListName = (typeof LISTS)[number];
/** Host devices have the same fields, as far as these rules look. */
type Device = Pick<GPU, 'name' | 'deviceName' | 'claimName' | 'requestName'>;

const GATES: Readonly<Record<ListName, string>> = { gpus: 'GPUsWithDRA', hostDevices: 'HostDevicesWithDRA' };
const NETWORK_GATE = 'NetworkDevicesWithDRA';

const hasClaim = ({ claimName, requestName }: Device): boolean => claimName !== undefined || requestName !== undefined;
const isDra = (device: Device): boolean => !device.deviceName && hasClaim(device);

type DeviceCheck = (device: Device, path: string, subject: InstanceSubject, list: ListName) => readonly Finding[];

const deviceRule = instanceRules<DeviceCheck>({
  field: `$.domain.devices.{${LISTS.join(',')}}[]`,
  source: '§6.10',
  run: (subject, check) => {
    const { devices } = subject.spec.domain;
    if (!devices.gpus && !devices.hostDevices) return NOTHING;
    return LISTS.flatMap((list) =>
      inEach(devices[list], `${subject.path}.domain.devices.${list}`, (device: Device, path) =>
        check(device, path, subject, list),
      ),
    );
  },
});

/** Plugin devices and claimed ones exclude each other among GPUs; which to keep has to be decided first. */
const isMixed = ({ spec }: InstanceSubject): boolean => {
  const { gpus = [] } = spec.domain.devices;
  return gpus.some(isDra) && gpus.some((gpu) => gpu.deviceName && !hasClaim(gpu));
};

/** Whether the claims of a list count: not where the list itself is refused for having any. */
const countsClaims = (subject: InstanceSubject, list: ListName): boolean =>
  subject.config.hasFeatureGate(GATES[list]) && !(list === 'gpus' && isMixed(subject));

const claimedRule = ({ check, ...rule }: RuleEntry<DeviceCheck>) =>
  deviceRule({
    ...rule,
    check: (device, path, subject, list) =>
      isDra(device) && subject.config.hasFeatureGate(GATES[list]) ? check(device, path, subject, list) : [],
  });

interface Use {
  readonly claimName: string;
  readonly requestName: string;
  readonly place: string;
}

/** Every complete use of a request of a claim, in the order GPUs, host devices, networks. */
const usesOf = (subject: InstanceSubject): Use[] => {
  const { spec, config } = subject;
  const { gpus, hostDevices } = spec.domain.devices;
  const hasNetworks = spec.networks?.some(({ resourceClaim }) => resourceClaim);
  if (!gpus && !hostDevices && !hasNetworks) return [];
  const use = (one: Partial<Pick<Device, 'claimName' | 'requestName'>>, place: string): Use[] =>
    one.claimName && one.requestName ? [{ claimName: one.claimName, requestName: one.requestName, place }] : [];
  const devices = LISTS.filter((list) => countsClaims(subject, list)).flatMap((list) =>
    (spec.domain.devices[list] ?? []).flatMap((device, i) =>
      isDra(device) ? use(device, `domain.devices.${list}[${i}]`) : [],
    ),
  );
  const networks = config.hasFeatureGate(NETWORK_GATE) ? (spec.networks ?? []) : [];
  return [
    ...devices,
    ...networks.flatMap(({ resourceClaim }, i) => use(resourceClaim ?? {}, `networks[${i}].resourceClaim`)),
  ];
};

export const draDeviceRules = [
  instanceRule({
    id: 'dra.gpu-mixed',
    field: '$.domain.devices.gpus',
    source: '§6.10',
    summary: 'GPUs of a device plugin beside GPUs of a resource claim',
    check: (subject) =>
      subject.spec.domain.devices.gpus && isMixed(subject)
        ? [
            invalid(
              `${subject.path}.domain.devices.gpus`,
              'some have a deviceName and some a claim: write deviceName for all of them, or claimName and requestName for all',
            ),
          ]
        : [],
  }),
  deviceRule({
    id: 'dra.dev-empty',
    field: '.deviceName',
    summary: 'a GPU or host device of neither a device plugin nor a resource claim',
    check: (device, path) =>
      device.deviceName || hasClaim(device)
        ? []
        : [
            required(
              `${path}.deviceName`,
              `${show(device.name)} is no device yet: write the deviceName of a device plugin's resource, or claimName and requestName`,
            ),
          ],
  }),
  deviceRule({
    id: 'dra.dev-both',
    summary: 'a GPU or host device of both a device plugin and a resource claim',
    check: (device, path) =>
      device.deviceName && hasClaim(device)
        ? [invalid(path, `${show(device.name)} has a deviceName and a claim: keep one of them`)]
        : [],
  }),
  deviceRule({
    id: 'dra.gate',
    summary: 'a GPU or host device of a resource claim while its feature gate is off',
    check: (device, path, { config }, list) =>
      isDra(device) && !config.hasFeatureGate(GATES[list])
        ? [invalid(path, gateIsOff(GATES[list], 'write deviceName instead of the claim'))]
        : [],
  }),
  claimedRule({
    id: 'dra.dev-claim',
    field: '.claimName',
    summary: 'a device of a resource claim without its name',
    check: (device, path) =>
      device.claimName ? [] : [required(`${path}.claimName`, 'is empty: write the name of an entry of resourceClaims')],
  }),
  claimedRule({
    id: 'dra.dev-request',
    field: '.requestName',
    summary: 'a device of a resource claim without a request',
    check: (device, path) =>
      device.requestName
        ? []
        : [required(`${path}.requestName`, 'is empty: write the name of one of the requests of the claim')],
  }),
  instanceRule({
    id: 'dra.request-unique',
    field: '$.{domain.devices.gpus[],domain.devices.hostDevices[],networks[].resourceClaim}',
    source: '§6.9, §6.10 (net.dra-dup, dra.dev-dup, dra.cross-dup)',
    summary: 'two devices or networks of one request of a resource claim',
    check: (subject) => {
      const uses = usesOf(subject);
      const twins = earlierTwins(uses, ({ claimName, requestName }) => JSON.stringify([claimName, requestName]));
      return uses.flatMap(({ claimName, requestName, place }, i) => {
        const twin = twins[i] === undefined ? undefined : uses[twins[i]];
        return twin === undefined
          ? []
          : [
              duplicate(
                `${subject.path}.${place}`,
                `request ${show(requestName)} of claim ${show(claimName)} is that of ${twin.place} already: give each its own`,
              ),
            ];
      });
    },
  }),
  instanceRule({
    id: 'dra.claims-listed',
    field: '$.resourceClaims',
    source: '§6.10',
    summary: 'a device of a resource claim that the VM does not have',
    check: (subject) => {
      const { path, spec } = subject;
      const { devices } = spec.domain;
      if (!devices.gpus && !devices.hostDevices) return [];
      const known = new Set(spec.resourceClaims?.map(({ name }) => name));
      return LISTS.filter((list) => countsClaims(subject, list)).flatMap((list) =>
        (devices[list] ?? []).flatMap((device, i) => {
          const { claimName } = device;
          if (!isDra(device) || !claimName || known.has(claimName)) return [];
          // A missing claim is said once, however many devices use it.
          known.add(claimName);
          return because(`${path}.domain.devices.${list}[${i}]`, [
            invalid(
              `${path}.resourceClaims`,
              `has no entry ${show(claimName)}, which ${list}[${i}] uses: add it, or write the name of one that is there`,
            ),
          ]);
        }),
      );
    },
  }),
];
