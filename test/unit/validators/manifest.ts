import type { Change } from './examples.js';

/** One valid VMI. */
export const base = (): Record<string, unknown> => ({
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

const set = (object: Record<string, unknown>, path: string, value: unknown): void => {
  const steps = path.replaceAll('[', '.').replaceAll(']', '').split('.');
  let at: Record<string, unknown> = object;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  at[steps.at(-1)!] = value;
};

/** The valid VMI with paths set; undefined members vanish, as they do in JSON. */
export const manifest = (change: Change): Record<string, unknown> => {
  const object = base();
  for (const [path, value] of Object.entries(change)) set(object, path, structuredClone(value));
  return JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
};
