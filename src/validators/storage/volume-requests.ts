import type { Cause } from '../../api/cause.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import type { AddVolumeOptions, VirtualMachineVolumeRequest } from '../../api/schema/volume-requests.js';
import type { Volume } from '../../api/schema/volumes.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { hotplugProblem } from './hotplug-disk.js';
import { findNamed } from '../rule/lookup.js';
import { duplicate, invalid, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { MachineSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * `status.volumeRequests` of a VM: volumes to be added and removed. The rules that need the VMI (vr.add-vmi,
 * vr.result-vmi, vr.migrating) are not here: admission asks the API server nothing. Source: docs/reference/admission.md
 * §9.6.
 */

const LIST = 'status.volumeRequests';
/** As the schema has it for a template that is written with them. */
const MAX_DISKS = 256;

type RequestCheck = (request: VirtualMachineVolumeRequest, path: string, index: number) => readonly Finding[];

/**
 * A rule on each request. What a check needs to know of the whole VM it finds out once: there is no limit to how many
 * there are.
 */
const requestRule = ruleFamily<MachineSubject, (subject: MachineSubject) => RequestCheck>({
  kinds: ['VirtualMachine'],
  field: `${LIST}[]`,
  source: '§9.6',
  run: (subject, checkOf) => inEach(subject.vm.status?.volumeRequests, LIST, checkOf(subject)),
});

/** The first request of each name. */
const firstOfName = (
  { vm }: MachineSubject,
  kind: 'addVolumeOptions' | 'removeVolumeOptions',
): ReadonlyMap<string | undefined, number> => {
  const first = new Map<string | undefined, number>();
  for (const [i, request] of (vm.status?.volumeRequests ?? []).entries()) {
    const name = request[kind]?.name;
    if (!first.has(name)) first.set(name, i);
  }
  return first;
};

/** The volume that an added one becomes. */
const volumeOf = ({ name, volumeSource }: AddVolumeOptions): Volume => ({
  name,
  ...(volumeSource.dataVolume && { dataVolume: { ...volumeSource.dataVolume, hotpluggable: true } }),
  ...(volumeSource.persistentVolumeClaim && {
    persistentVolumeClaim: { ...volumeSource.persistentVolumeClaim, hotpluggable: true },
  }),
});

interface Result {
  readonly spec: VirtualMachineInstanceSpec;
  /** Which request added the disk and volume of a name. */
  readonly addedBy: ReadonlyMap<string, number>;
}

/** A template's spec after all requests. One with both options or none is another rule's. */
const applied = (spec: VirtualMachineInstanceSpec, requests: readonly VirtualMachineVolumeRequest[]): Result => {
  let volumes = [...(spec.volumes ?? [])];
  let disks = [...(spec.domain.devices.disks ?? [])];
  const names = new Set(volumes.map(({ name }) => name));
  const addedBy = new Map<string, number>();
  for (const [i, { addVolumeOptions: add, removeVolumeOptions: remove }] of requests.entries()) {
    if (add && remove) continue;
    if (remove) {
      volumes = volumes.filter(({ name }) => name !== remove.name);
      disks = disks.filter(({ name }) => name !== remove.name);
      names.delete(remove.name);
      addedBy.delete(remove.name);
    } else if (add && !names.has(add.name)) {
      volumes.push(volumeOf(add));
      disks.push({ ...add.disk, name: add.name });
      names.add(add.name);
      addedBy.set(add.name, i);
    }
  }
  const devices = { ...spec.domain.devices, disks };
  return { spec: { ...spec, volumes, domain: { ...spec.domain, devices } }, addedBy };
};

const key = ({ field, message }: Cause): string => `${field} ${message}`;

const PLACE = /^spec\.template\.spec\.(domain\.devices\.disks|volumes)\[(\d+)\](.*)$/;

/** Where in the requests stands what is wrong with the template that they make. */
const fieldInRequests = (
  field: string,
  { spec, addedBy }: Result,
  requests: readonly VirtualMachineVolumeRequest[],
): string => {
  const [, list, index, below = ''] = PLACE.exec(field) ?? [];
  const items: readonly { name: string }[] | undefined =
    list === undefined ? [] : list === 'volumes' ? spec.volumes : spec.domain.devices.disks;
  const request = addedBy.get(items?.[Number(index)]?.name ?? '');
  if (request === undefined) return requests.length === 1 ? `${LIST}[0]` : LIST;
  const options = `${LIST}[${request}].addVolumeOptions`;
  if (below === '.name') return `${options}.name`;
  return `${options}.${list === 'volumes' ? 'volumeSource' : 'disk'}${below}`;
};

const diskProblem = ({ addVolumeOptions: add }: VirtualMachineVolumeRequest, path: string): Finding | undefined => {
  const problem = add && hotplugProblem(add.disk);
  return problem && invalid(`${path}.addVolumeOptions.disk${problem.below}`, problem.message);
};

/** What the requests together break in the template; what is wrong without them is reported there. */
const resultFindings = (subject: MachineSubject): Finding[] => {
  const requests = subject.vm.status?.volumeRequests ?? [];
  const { spec } = subject.vm.spec.template;
  if (requests.length === 0 || spec === undefined) return [];
  const result = applied(spec, requests);
  const most = Math.max(result.spec.volumes?.length ?? 0, result.spec.domain.devices.disks?.length ?? 0);
  if (most > MAX_DISKS)
    return [invalid(LIST, `would give the VM ${most} disks, and it can have ${MAX_DISKS}: ask for fewer`)];
  const known = new Set(subject.templateCauses(spec).map(key));
  const fresh = subject.templateCauses(result.spec).filter((cause) => !known.has(key(cause)));
  if (fresh.length === 0) return [];
  const said = new Set(requests.map((request, i) => diskProblem(request, `${LIST}[${i}]`)?.field));
  return fresh.flatMap(({ type, field, message }) => {
    const own = fieldInRequests(field, result, requests);
    if (said.has(own)) return [];
    const isPlain = own.includes('.addVolumeOptions.');
    return [{ type, field: own, message: isPlain ? message : `would leave ${field} wrong: ${message}` }];
  });
};

export const volumeRequestRules: readonly Rule<MachineSubject>[] = [
  requestRule({
    id: 'vr.both',
    summary: 'a volume request that adds and removes',
    check: () => (request, path) =>
      request.addVolumeOptions && request.removeVolumeOptions
        ? [invalid(path, 'adds and removes at once: keep addVolumeOptions or removeVolumeOptions')]
        : [],
  }),
  requestRule({
    id: 'vr.none',
    summary: 'a volume request that neither adds nor removes',
    check: () => (request, path) =>
      request.addVolumeOptions || request.removeVolumeOptions
        ? []
        : [invalid(path, 'neither adds nor removes: write addVolumeOptions or removeVolumeOptions')],
  }),
  ...(['addVolumeOptions', 'removeVolumeOptions'] as const).map((kind) =>
    requestRule({
      id: kind === 'addVolumeOptions' ? 'vr.add-dup' : 'vr.remove-dup',
      field: `.${kind}.name`,
      summary:
        kind === 'addVolumeOptions' ? 'a volume that is to be added twice' : 'a volume that is to be removed twice',
      check: (subject) => {
        const firsts = firstOfName(subject, kind);
        return (request, path, index) => {
          const name = request[kind]?.name;
          const first = firsts.get(name);
          return name === undefined || first === undefined || first === index
            ? []
            : [
                duplicate(
                  `${path}.${kind}.name`,
                  `volumeRequests[${first}] asks the same for volume ${show(name)}: keep one of them`,
                ),
              ];
        };
      },
    }),
  ),
  requestRule({
    id: 'vr.add-disk',
    field: '.addVolumeOptions.disk',
    source: '§9.6, §8.3',
    summary: 'an added disk on a bus or with settings that a running VM cannot take',
    check: () => (request, path) => {
      const problem = diskProblem(request, path);
      return problem === undefined ? [] : [problem];
    },
  }),
  requestRule({
    id: 'vr.add-template',
    field: '.addVolumeOptions.name',
    summary: 'an added volume with the name of another volume of the template',
    check:
      (subject) =>
      ({ addVolumeOptions: add }, path) => {
        const known = add && findNamed(subject, subject.vm.spec.template.spec?.volumes, add.name);
        if (!known || differenceAt('VirtualMachineInstance', 'spec.volumes[]', volumeOf(add), known) === undefined)
          return [];
        return [
          invalid(
            `${path}.addVolumeOptions.name`,
            `${show(add.name)} is the name of another volume of the template: give the new one its own`,
          ),
        ];
      },
  }),
  {
    id: 'vr.result-template',
    kinds: ['VirtualMachine'],
    field: `${LIST}[]`,
    source: 'docs/reference/admission.md §9.6',
    since: '0.1',
    summary: 'volume requests that would make the template one that the other rules refuse',
    check: resultFindings,
  },
];
