import { JsonDouble } from '../../../../src/policies/cel/values/json.js';

/*
 * The objects of the vectors. `big` is an exact integer, as in Kubernetes; JSON.parse would have rounded it.
 */

export const VM = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: {
    name: 'web',
    namespace: 'shop',
    labels: { 'app.kubernetes.io/name': 'web', owner: 'team-a', 'cost-center': '42' },
    annotations: { note: 'Grüße 🎉', 'backup.example.com/plan': 'daily' },
    creationTimestamp: '2026-03-01T10:00:00Z',
    generation: 3,
  },
  spec: {
    runStrategy: 'Always',
    dataVolumeTemplates: [
      {
        metadata: { name: 'root' },
        spec: {
          storage: { storageClassName: 'fast', resources: { requests: { storage: '30Gi' } } },
          source: { registry: { url: 'docker://registry.example.com/os/debian:12' } },
        },
      },
    ],
    template: {
      metadata: { labels: { 'kubevirt.io/vm': 'web' } },
      spec: {
        terminationGracePeriodSeconds: 180,
        evictionStrategy: 'LiveMigrate',
        nodeSelector: { zone: 'a' },
        domain: {
          cpu: { cores: 2, sockets: 2, threads: 1, model: 'host-model' },
          memory: { guest: '4Gi' },
          resources: { requests: { memory: '2Gi', cpu: '500m' }, limits: { memory: '4096Mi', cpu: 2 } },
          devices: {
            disks: [
              { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
              { name: 'seed', cdrom: { bus: 'sata' } },
            ],
            autoattachGraphicsDevice: true,
            interfaces: [
              {
                name: 'default',
                masquerade: {},
                macAddress: '02:00:00:aa:bb:cc',
                ports: [{ port: 22 }, { port: 80 }],
              },
            ],
          },
          firmware: {
            uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223',
            bootloader: { efi: { secureBoot: true } },
          },
          features: { smm: { enabled: true } },
        },
        networks: [{ name: 'default', pod: {} }],
        dnsConfig: { nameservers: ['10.0.0.10', '2001:db8::1'] },
        volumes: [
          { name: 'root', dataVolume: { name: 'root' } },
          {
            name: 'seed',
            cloudInitNoCloud: { userData: '#cloud-config\npassword: secret\nchpasswd: { expire: False }' },
          },
        ],
      },
    },
  },
};

export const BARE = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'bare', namespace: 'shop' },
  spec: { running: true, template: { spec: { domain: { devices: {} } } } },
};

export const ODD = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'odd', labels: {}, annotations: { a__b: 'x', 'k-d': 'y' } },
  spec: {
    domain: {
      cpu: { cores: 4 },
      memory: { guest: '1.5G' },
      ratio: 1.5,
      whole: new JsonDouble(2),
      nothing: null,
      big: 9007199254740993n,
    },
    volumes: [],
    list: [[1, 2], [3]],
  },
};

export const NAMESPACE = {
  metadata: { name: 'shop', labels: { env: 'prod', 'max-vcpu': '8' } },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};

export const REQUEST = {
  kind: { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine' },
  name: 'web',
  namespace: 'shop',
  operation: 'UPDATE',
  dryRun: false,
  userInfo: {
    username: 'system:serviceaccount:ci:deployer',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    extra: { team: ['a'] },
  },
};

export const PARAMS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  data: { maxCores: '8', registries: 'registry.example.com,quay.io/approved' },
};
