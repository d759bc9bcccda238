/** What is sent: reviews as an API server writes them, managed fields included. */

type Json = Record<string, unknown>;

/** `f:` keys for everything an object has, as the API server keeps them for server-side apply. */
const fieldsOf = (value: unknown): Json => {
  if (Array.isArray(value)) {
    return Object.fromEntries(
      value.map((item: unknown) => [
        `k:${JSON.stringify({ name: (item as Json)['name'] })}`,
        { '.': {}, ...fieldsOf(item) },
      ]),
    );
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, fieldsOf(child)]));
};

const object = (kind: string, name: string, spec: Json, metadata: Json = {}): Json => ({
  apiVersion: 'kubevirt.io/v1',
  kind,
  metadata: {
    name,
    namespace: 'default',
    uid: '0d4f6a4e-52c7-4a4c-9d43-8b3c2f4f1a55',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: name, 'app.kubernetes.io/part-of': 'bench' },
    managedFields: [
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'kubevirt.io/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': fieldsOf(spec) },
      },
    ],
    ...metadata,
  },
  spec,
});

const disks = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `disk-${i}`, disk: { bus: 'virtio' } }));
const volumes = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const name = `disk-${i}`;
    if (i === 1) return { name, cloudInitNoCloud: { userData: '#cloud-config\nhostname: bench\nssh_pwauth: true\n' } };
    if (i % 2 === 0) return { name, containerDisk: { image: `registry.example/team/disk-${i}:v1` } };
    return { name, emptyDisk: { capacity: '2Gi' } };
  });

const instanceSpec = (diskCount: number, more: Json = {}): Json => ({
  terminationGracePeriodSeconds: 30,
  domain: {
    cpu: { cores: 2 },
    devices: {
      disks: disks(diskCount),
      interfaces: [{ name: 'default', masquerade: {}, model: 'virtio' }],
      rng: {},
    },
    machine: { type: 'q35' },
    resources: { requests: { memory: '2Gi', cpu: '1' }, limits: { memory: '4Gi' } },
  },
  networks: [{ name: 'default', pod: {} }],
  volumes: volumes(diskCount),
  ...more,
});

/** 256 disks, affinity terms and annotations until the object's JSON has half a million bytes. */
const largeInstance = (): Json => {
  const terms = Array.from({ length: 100 }, (_, i) => ({
    weight: 1 + (i % 100),
    preference: {
      matchExpressions: Array.from({ length: 8 }, (__, j) => ({
        key: `example.com/key-${i}-${j}`,
        operator: 'In',
        values: ['a', 'b', 'c'],
      })),
    },
  }));
  const spec = instanceSpec(256, {
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } },
  });
  const annotations: Record<string, string> = {};
  const large = object('VirtualMachineInstance', 'large', spec, { annotations, managedFields: [] });
  const missing = 500_000 - JSON.stringify(large).length;
  // An API server takes 256 KiB of annotations at most.
  for (let i = 0; i < 1000; i += 1)
    annotations[`example.com/note-${i}`] = 'x'.repeat(Math.min(230, missing / 1000 - 30));
  const tolerations = [];
  for (let size = JSON.stringify(large).length; size < 500_000; size += 70)
    tolerations.push({ key: `example.com/taint-${tolerations.length}`, operator: 'Exists', effect: 'NoSchedule' });
  spec['tolerations'] = tolerations;
  return large;
};

export interface Case {
  readonly name: string;
  readonly kind: string;
  readonly object: Json;
}

const vmSpec = { runStrategy: 'Halted', template: { metadata: { labels: { app: 'bench' } }, spec: instanceSpec(20) } };

export const CASES: readonly Case[] = [
  {
    name: 'VMI of 4 disks',
    kind: 'VirtualMachineInstance',
    object: object('VirtualMachineInstance', 'small', instanceSpec(4)),
  },
  { name: 'VM of 20 disks', kind: 'VirtualMachine', object: object('VirtualMachine', 'medium', vmSpec) },
  { name: 'VMI of 500 KB', kind: 'VirtualMachineInstance', object: largeInstance() },
];

const RESOURCES: Readonly<Record<string, string>> = {
  VirtualMachine: 'virtualmachines',
  VirtualMachineInstance: 'virtualmachineinstances',
};

/** The body of one call, as Kubernetes' API server sends it for a user's creation. */
export const reviewOf = (kind: string, submitted: unknown): Buffer => {
  const resource = { group: 'kubevirt.io', version: 'v1', resource: RESOURCES[kind] };
  const named = { group: 'kubevirt.io', version: 'v1', kind };
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '5b2b1b8a-8b8f-4b5c-9e55-5c2f0f6e8c11',
      kind: named,
      resource,
      requestKind: named,
      requestResource: resource,
      name: 'bench',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'alice', uid: '17', groups: ['developers', 'system:authenticated'] },
      object: submitted,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-create' },
    },
  };
  return Buffer.from(JSON.stringify(review));
};
