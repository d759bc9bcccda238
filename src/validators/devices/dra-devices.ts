import type { GPU } from '../../api/schema/devices.js';
import { gateIsOff } from '../rule/feature-gate.js';
import {
  because,
  duplicate,
  inEach,
  instanceRule,
  invalid,
  required,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';

/*
 * GPUs and host devices that are devices of a resource claim (DRA) instead of a device plugin's. Such a device has a claim
 * (`claimName`, `requestName`) and no `deviceName`.
 */

const LISTS = ['gpus', 'hostDevices'] as const;
type ListName = (typeof LISTS)[number];
/** Host devices have the same fields, as far as these rules look. */
type Device = Pick<GPU, 'name' | 'deviceName' | 'claimName' | 'requestName'>;

const GATES: Readonly<Record<ListName, string>> = { gpus: 'GPUsWithDRA', hostDevices: 'HostDevicesWithDRA' };
const NETWORK_GATE = 'NetworkDevicesWithDRA';

const hasClaim = ({ claimName, requestName }: Device): boolean => claimName !== undefined || requestName !== undefined;
const isDra = (device: Device): boolean => !device.deviceName && hasClaim(device);

const deviceRule = (
  id: string,
  field: string,
  summary: string,
  check: (device: Device, path: string, subject: InstanceSubject, list: ListName) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.domain.devices.{${LISTS.join(',')}}[]${field}`, '§6.10', summary, (subject) => {
    const { devices } = subject.spec.domain;
    if (!devices.gpus && !devices.hostDevices) return [];
    return LISTS.flatMap((list) =>
      inEach(devices[list], `${subject.path}.domain.devices.${list}`, (device: Device, path) =>
        check(device, path, subject, list),
      ),
    );
  });

/** Plugin devices and claimed ones exclude each other among GPUs; which to keep has to be decided first. */
const isMixed = ({ spec }: InstanceSubject): boolean => {
  const { gpus = [] } = spec.domain.devices;
  return gpus.some(isDra) && gpus.some((gpu) => gpu.deviceName && !hasClaim(gpu));
};

/** Whether the claims of a list count: not where the list itself is refused for having any. */
const countsClaims = (subject: InstanceSubject, list: ListName): boolean =>
  subject.config.hasFeatureGate(GATES[list]) && !(list === 'gpus' && isMixed(subject));

const claimedRule: typeof deviceRule = (id, field, summary, check) =>
  deviceRule(id, field, summary, (device, path, subject, list) =>
    isDra(device) && subject.config.hasFeatureGate(GATES[list]) ? check(device, path, subject, list) : [],
  );

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
  instanceRule(
    'dra.gpu-mixed',
    '$.domain.devices.gpus',
    '§6.10',
    'GPUs of a device plugin beside GPUs of a resource claim',
    (subject) =>
      subject.spec.domain.devices.gpus && isMixed(subject)
        ? [
            invalid(
              `${subject.path}.domain.devices.gpus`,
              'some have a deviceName and some a claim: write deviceName for all of them, or claimName and requestName for all',
            ),
          ]
        : [],
  ),
  deviceRule(
    'dra.dev-empty',
    '.deviceName',
    'a GPU or host device of neither a device plugin nor a resource claim',
    (device, path) =>
      device.deviceName || hasClaim(device)
        ? []
        : [
            required(
              `${path}.deviceName`,
              `${show(device.name)} is no device yet: write the deviceName of a device plugin's resource, or claimName and requestName`,
            ),
          ],
  ),
  deviceRule('dra.dev-both', '', 'a GPU or host device of both a device plugin and a resource claim', (device, path) =>
    device.deviceName && hasClaim(device)
      ? [invalid(path, `${show(device.name)} has a deviceName and a claim: keep one of them`)]
      : [],
  ),
  deviceRule(
    'dra.gate',
    '',
    'a GPU or host device of a resource claim while its feature gate is off',
    (device, path, { config }, list) =>
      isDra(device) && !config.hasFeatureGate(GATES[list])
        ? [invalid(path, gateIsOff(GATES[list], 'write deviceName instead of the claim'))]
        : [],
  ),
  claimedRule('dra.dev-claim', '.claimName', 'a device of a resource claim without its name', (device, path) =>
    device.claimName ? [] : [required(`${path}.claimName`, 'is empty: write the name of an entry of resourceClaims')],
  ),
  claimedRule('dra.dev-request', '.requestName', 'a device of a resource claim without a request', (device, path) =>
    device.requestName
      ? []
      : [required(`${path}.requestName`, 'is empty: write the name of one of the requests of the claim')],
  ),
  instanceRule(
    'dra.request-unique',
    '$.{domain.devices.gpus[],domain.devices.hostDevices[],networks[].resourceClaim}',
    '§6.9, §6.10 (net.dra-dup, dra.dev-dup, dra.cross-dup)',
    'two devices or networks of one request of a resource claim',
    (subject) => {
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
  ),
  instanceRule(
    'dra.claims-listed',
    '$.resourceClaims',
    '§6.10',
    'a device of a resource claim that the VM does not have',
    (subject) => {
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
  ),
];
