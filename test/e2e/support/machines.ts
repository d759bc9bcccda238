import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { imageName } from '../../../src/api/images.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { apply, get, list, remove, type Kind } from './api.js';
import { until } from './kubectl.js';

export const TINY_GUEST = imageName('guest-tiny', 'latest');

export type InstanceSpec = VirtualMachineInstance['spec'];

/** A VMI spec for the tiny guest: boots to a shell on its serial console within seconds, under TCG too. */
export const tinySpec = (changes: Partial<InstanceSpec> = {}): InstanceSpec => ({
  terminationGracePeriodSeconds: 30,
  domain: {
    devices: {
      autoattachGraphicsDevice: false,
      disks: [{ name: 'root', disk: { bus: 'virtio' } }],
    },
    resources: { requests: { memory: '128Mi' } },
  },
  volumes: [{ name: 'root', containerDisk: { image: TINY_GUEST, imagePullPolicy: 'Never' } }],
  ...changes,
});

/** With an address of the guest's own behind the pod's; the cluster's default, `bridge`, gives it the pod's. */
export const tapSpec = (binding: 'masquerade' | 'bridge' = 'masquerade'): InstanceSpec => {
  const spec = tinySpec();
  spec.domain.devices.interfaces = [{ name: 'default', [binding]: {} }];
  spec.networks = [{ name: 'default', pod: {} }];
  return spec;
};

export const instance = (namespace: string, name: string, spec = tinySpec()): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace },
  spec,
});

export const machine = (
  namespace: string,
  name: string,
  strategy: Pick<VirtualMachine['spec'], 'running' | 'runStrategy'> = { running: false },
  spec = tinySpec(),
): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name, namespace },
  spec: { ...strategy, template: { metadata: { labels: { app: name } }, spec } },
});

export const phaseOf = async (namespace: string, name: string): Promise<string | undefined> =>
  (await get<VirtualMachineInstance>(namespace, 'vmi', name))?.status?.phase;

/** Waits for a phase; a VMI that has ended in another one will not get there, so that fails at once. */
export const untilPhase = (namespace: string, name: string, wanted: string, seconds = 360): Promise<string> =>
  until(`VMI ${name} in phase ${wanted}`, async () => ((await phaseOf(namespace, name)) === wanted ? wanted : false), {
    seconds,
    namespace,
  });

export const untilGone = (namespace: string, kind: Kind, name: string, seconds = 240): Promise<true> =>
  until(`${kind} ${name} gone`, async () => (await get(namespace, kind, name)) === undefined, { seconds, namespace });

/** Deletes and waits until nothing is left of it. */
export const removeWhole = async (namespace: string, kind: Kind, names: readonly string[], seconds = 240) => {
  /** By uid: a VM that always runs has another VMI of the same name at once. */
  const uid = async (name: string) => (await get<KubernetesObject>(namespace, kind, name))?.metadata?.uid;
  const one = async (name: string): Promise<void> => {
    const before = await uid(name);
    if (before === undefined) return;
    await remove(namespace, kind, name);
    await until(`${kind} ${name} deleted`, async () => (await uid(name)) !== before, { seconds, namespace });
  };
  await Promise.all(names.map(one));
};

/**
 * Makes an empty namespace; waits where one of that name is still being deleted, of this run or one that was killed.
 */
export const makeNamespace = async (name: string): Promise<void> => {
  await removeWhole('', 'namespace', [name], 300);
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};

/** A namespace of the suite's own, deleted with everything in it. That all of them go is looked at in the end. */
export const useNamespace = (name: string): string => {
  before(`namespace ${name}`, async function () {
    this.timeout(900_000);
    await makeNamespace(name);
  });
  after(`namespace ${name}`, () => remove('', 'namespace', name));
  return name;
};

interface Event {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** Waits for an event about an object and gives its message. */
export const untilEvent = (namespace: string, name: string, reason: string, seconds = 240): Promise<string> =>
  until(
    `event ${reason} of ${name}`,
    async () => {
      const events = await list<Event>(namespace, 'event');
      return events.find((event) => event.involvedObject.name === name && event.reason === reason)?.message;
    },
    { seconds, namespace },
  );
