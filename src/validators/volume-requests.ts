import type { Cause } from '../api/cause.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import type { AddVolumeOptions, VirtualMachineVolumeRequest } from '../api/schema/volume-requests.js';
import type { Volume } from '../api/schema/volumes.js';
import { differenceAt } from '../api/semantic-difference.js';
import { hotplugProblem } from './hotplug-disk.js';
import { duplicate, invalid, show, type Finding, type MachineSubject, type Rule } from './rule.js';

/*
 * `status.volumeRequests` of a VM: volumes to be added and removed. The rules that need the VMI (vr.add-vmi, vr.result-vmi,
 * vr.migrating) are not here: admission asks the API server nothing. Source: spec/admission.md §9.6.
 */

const LIST = 'status.volumeRequests';

const requestRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (
    request: VirtualMachineVolumeRequest,
    path: string,
    subject: MachineSubject,
    index: number,
  ) => readonly Finding[],
): Rule<MachineSubject> => ({
  id,
  kinds: ['VirtualMachine'],
  field: `${LIST}[]${field}`,
  source: `spec/admission.md ${source}`,
  since: '0.1',
  summary,
  check: (subject) =>
    (subject.vm.status?.volumeRequests ?? []).flatMap((request, i) => check(request, `${LIST}[${i}]`, subject, i)),
});

/** The first of two requests that say the same of one volume. */
const earlier = (
  { vm }: MachineSubject,
  index: number,
  kind: 'addVolumeOptions' | 'removeVolumeOptions',
): number | undefined => {
  const requests = vm.status?.volumeRequests ?? [];
  const name = requests[index]?.[kind]?.name;
  const first = requests.findIndex((request) => request[kind]?.name === name);
  return name === undefined || first === index ? undefined : first;
};

/** The volume that an added one becomes. */
const volumeOf = ({ name, volumeSource }: AddVolumeOptions): Volume => ({
  name,
  ...(volumeSource.dataVolume && { dataVolume: { ...volumeSource.dataVolume, hotpluggable: true } }),
  ...(volumeSource.persistentVolumeClaim && {
    persistentVolumeClaim: { ...volumeSource.persistentVolumeClaim, hotpluggable: true },
  }),
});

/** A request with both options or none is another rule's. */
const apply = (spec: VirtualMachineInstanceSpec, request: VirtualMachineVolumeRequest): VirtualMachineInstanceSpec => {
  const { addVolumeOptions: add, removeVolumeOptions: remove } = request;
  const { volumes = [] } = spec;
  const { devices } = spec.domain;
  const { disks = [] } = devices;
  const changed = (nextVolumes: Volume[], nextDisks: typeof disks): VirtualMachineInstanceSpec => ({
    ...spec,
    volumes: nextVolumes,
    domain: { ...spec.domain, devices: { ...devices, disks: nextDisks } },
  });
  if (remove) {
    const others = <T extends { name: string }>(list: readonly T[]): T[] =>
      list.filter(({ name }) => name !== remove.name);
    return changed(others(volumes), others(disks));
  }
  if (!add || volumes.some(({ name }) => name === add.name)) return spec;
  return changed([...volumes, volumeOf(add)], [...disks, { ...add.disk, name: add.name }]);
};

const key = ({ field, message }: Cause): string => `${field} ${message}`;

/** Where in the request stands what is wrong with the template that it makes. */
const fieldInRequest = (field: string, request: string, volume: number, disk: number): string => {
  const prefixes = [
    [`spec.template.spec.volumes[${volume}].name`, `${request}.addVolumeOptions.name`],
    [`spec.template.spec.volumes[${volume}]`, `${request}.addVolumeOptions.volumeSource`],
    [`spec.template.spec.domain.devices.disks[${disk}].name`, `${request}.addVolumeOptions.name`],
    [`spec.template.spec.domain.devices.disks[${disk}]`, `${request}.addVolumeOptions.disk`],
  ] as const;
  const known = prefixes.find(([prefix]) => field.startsWith(prefix));
  return known === undefined ? request : known[1] + field.slice(known[0].length);
};

const diskProblem = ({ addVolumeOptions: add }: VirtualMachineVolumeRequest, path: string): Finding | undefined => {
  const problem = add && hotplugProblem(add.disk);
  return problem && invalid(`${path}.addVolumeOptions.disk${problem.below}`, problem.message);
};

/** What the requests break in the template, one after the other; what is wrong without them is reported there. */
const resultFindings = (subject: MachineSubject): Finding[] => {
  const requests = subject.vm.status?.volumeRequests ?? [];
  let spec = subject.vm.spec.template.spec;
  if (requests.length === 0 || spec === undefined) return [];
  const known = new Set(subject.templateCauses(spec).map(key));
  return requests.flatMap((request, i) => {
    if (spec === undefined || (request.addVolumeOptions && request.removeVolumeOptions)) return [];
    const [volume, disk] = [spec.volumes?.length ?? 0, spec.domain.devices.disks?.length ?? 0];
    spec = apply(spec, request);
    const fresh = subject.templateCauses(spec).filter((cause) => !known.has(key(cause)));
    for (const cause of fresh) known.add(key(cause));
    const path = `${LIST}[${i}]`;
    return fresh
      .map(({ type, field, message }) => {
        const own = fieldInRequest(field, path, volume, disk);
        return { type, field: own, message: own === path ? `would leave ${field} wrong: ${message}` : message };
      })
      .filter(({ field }) => field !== diskProblem(request, path)?.field);
  });
};

export const volumeRequestRules: readonly Rule<MachineSubject>[] = [
  requestRule('vr.both', '', '§9.6', 'a volume request that adds and removes', (request, path) =>
    request.addVolumeOptions && request.removeVolumeOptions
      ? [invalid(path, 'adds and removes at once: keep addVolumeOptions or removeVolumeOptions')]
      : [],
  ),
  requestRule('vr.none', '', '§9.6', 'a volume request that neither adds nor removes', (request, path) =>
    request.addVolumeOptions || request.removeVolumeOptions
      ? []
      : [invalid(path, 'neither adds nor removes: write addVolumeOptions or removeVolumeOptions')],
  ),
  ...(['addVolumeOptions', 'removeVolumeOptions'] as const).map((kind) =>
    requestRule(
      kind === 'addVolumeOptions' ? 'vr.add-dup' : 'vr.remove-dup',
      `.${kind}.name`,
      '§9.6',
      kind === 'addVolumeOptions' ? 'a volume that is to be added twice' : 'a volume that is to be removed twice',
      (request, path, subject, index) => {
        const first = earlier(subject, index, kind);
        return first === undefined
          ? []
          : [
              duplicate(
                `${path}.${kind}.name`,
                `volumeRequests[${first}] asks the same for volume ${show(request[kind]?.name)}: keep one of them`,
              ),
            ];
      },
    ),
  ),
  requestRule(
    'vr.add-disk',
    '.addVolumeOptions.disk',
    '§9.6, §8.3',
    'an added disk on a bus or with settings that a running VM cannot take',
    (request, path) => {
      const problem = diskProblem(request, path);
      return problem === undefined ? [] : [problem];
    },
  ),
  requestRule(
    'vr.add-template',
    '.addVolumeOptions.name',
    '§9.6',
    'an added volume with the name of another volume of the template',
    ({ addVolumeOptions: add }, path, { vm }) => {
      const known = vm.spec.template.spec?.volumes?.find(({ name }) => name === add?.name);
      if (
        !add ||
        !known ||
        differenceAt('VirtualMachineInstance', 'spec.volumes[]', volumeOf(add), known) === undefined
      )
        return [];
      return [
        invalid(
          `${path}.addVolumeOptions.name`,
          `${show(add.name)} is the name of another volume of the template: give the new one its own`,
        ),
      ];
    },
  ),
  {
    id: 'vr.result-template',
    kinds: ['VirtualMachine'],
    field: `${LIST}[]`,
    source: 'spec/admission.md §9.6',
    since: '0.1',
    summary: 'volume requests that would make the template one that the other rules refuse',
    check: resultFindings,
  },
];
