import type { RuleKind } from './subject.js';
import type { Change } from './examples.js';

type Manifest = Record<string, unknown>;

const instance = (): Manifest => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'case', namespace: 'default' },
  spec: {
    architecture: 'amd64',
    domain: {
      devices: {
        disks: [
          { name: 'root', disk: { bus: 'virtio' } },
          { name: 'init', disk: { bus: 'virtio' } },
        ],
      },
      resources: { requests: { memory: '1Gi' } },
    },
    volumes: [
      { name: 'root', containerDisk: { image: 'registry.example/disk:v1' } },
      { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
    ],
  },
});

/** The template of the other kinds is the VMI's spec. */
const templateOf = (labels: Readonly<Record<string, string>>) => ({ metadata: { labels }, spec: instance()['spec'] });

const BASES: Readonly<Record<RuleKind, () => Manifest>> = {
  VirtualMachineInstance: instance,
  VirtualMachine: () => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'case', namespace: 'default' },
    spec: { runStrategy: 'Halted', template: templateOf({ vm: 'case' }) },
  }),
  VirtualMachineInstanceReplicaSet: () => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceReplicaSet',
    metadata: { name: 'case', namespace: 'default' },
    spec: { replicas: 1, selector: { matchLabels: { set: 'case' } }, template: templateOf({ set: 'case' }) },
  }),
  KubeVirt: () => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: { configuration: {} },
  }),
};

/** One valid manifest of a kind. */
export const base = (kind: RuleKind = 'VirtualMachineInstance'): Manifest => BASES[kind]();

const set = (object: Record<string, unknown>, path: string, value: unknown): void => {
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  let at: Record<string, unknown> = object;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  at[steps.at(-1) ?? ''] = value;
};

/** The valid manifest with paths set; undefined members vanish, as they do in JSON. */
export const manifest = (change: Change, kind?: RuleKind): Manifest => {
  const object = base(kind);
  for (const [path, value] of Object.entries(change)) set(object, path, structuredClone(value));
  return JSON.parse(JSON.stringify(object)) as Manifest;
};
