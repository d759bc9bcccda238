import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const DVT = 'spec.dataVolumeTemplates';
const resources = { requests: { storage: '2Gi' } };
const storage = { resources };
const pvc = { accessModes: ['ReadWriteOnce'], resources };
const http = { url: 'https://a.example/b.qcow2' };

/** The template's second volume uses the DataVolume. */
const one = (spec: object): Change => ({
  [DVT]: [{ metadata: { name: 'data' }, spec }],
  'spec.template.spec.volumes[1]': { name: 'init', dataVolume: { name: 'data' } },
});
const from = (source: object): Change => one({ source, storage });
const field = (below: string): string => `${DVT}[0].spec.${below}`;
const refuse = (change: Change, below: string) => [change, field(below)] as const;
const copied = { pvc: { namespace: 'images', name: 'golden' } };

export const dataVolumeSpecExamples: ExampleTable = {
  'dvt.size': {
    why: 'The VM would stay without its disk.',
    kind,
    accepts: [
      one({ source: { http }, storage }),
      one({ source: copied, storage: {} }),
      one({ sourceRef: { kind: 'DataSource', name: 'fedora' }, storage: {} }),
    ],
    refuses: [
      refuse(one({ source: { http }, storage: {} }), 'storage.resources.requests.storage'),
      refuse(one({ source: { blank: {} }, pvc: { accessModes: ['ReadWriteOnce'] } }), 'pvc.resources.requests.storage'),
      refuse(
        one({ source: { http }, storage: { resources: { requests: { storage: '0' } } } }),
        'storage.resources.requests.storage',
      ),
      refuse(
        one({ source: { http }, storage: { resources: { requests: { storage: '-1Gi' } } } }),
        'storage.resources.requests.storage',
      ),
    ],
  },
  'dvt.access-modes': {
    kind,
    accepts: [one({ source: { http }, pvc }), one({ source: { http }, storage: { ...storage, accessModes: [] } })],
    refuses: [
      refuse(one({ source: { http }, pvc: { resources } }), 'pvc.accessModes'),
      refuse(one({ source: { http }, pvc: { resources, accessModes: ['RWO'] } }), 'pvc.accessModes[0]'),
      refuse(
        one({ source: { http }, pvc: { resources, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] } }),
        'pvc.accessModes',
      ),
      refuse(
        one({ source: { http }, storage: { resources, accessModes: ['ReadWriteMany', 'readWriteOnce'] } }),
        'storage.accessModes[1]',
      ),
    ],
  },
  'dvt.storage-class': {
    kind,
    accepts: [
      one({ source: { http }, storage: { resources, storageClassName: 'fast.example' } }),
      one({ source: { http }, storage: { resources, storageClassName: '' } }),
    ],
    refuses: [
      refuse(one({ source: { http }, storage: { resources, storageClassName: 'Fast' } }), 'storage.storageClassName'),
      refuse(one({ source: { http }, pvc: { ...pvc, storageClassName: 'a b' } }), 'pvc.storageClassName'),
    ],
  },
  'dvt.url': {
    kind,
    accepts: [from({ http }), from({ s3: { url: 'https://s3.example/bucket/image' } }), from({ upload: {} })],
    refuses: [
      refuse(from({ http: { url: 'a.example/b.qcow2' } }), 'source.http.url'),
      refuse(from({ http: { url: 'ftp://a.example/b.qcow2' } }), 'source.http.url'),
      refuse(from({ http: { url: '' } }), 'source.http.url'),
      refuse(from({ s3: { url: 'bucket/image' } }), 'source.s3.url'),
    ],
  },
  'dvt.registry': {
    kind,
    accepts: [
      from({ registry: { url: 'docker://a.example/b:c' } }),
      from({ registry: { url: 'oci-archive://disk.tar', pullMethod: 'pod' } }),
      from({ registry: { imageStream: 'fedora', pullMethod: 'node' } }),
    ],
    refuses: [
      refuse(from({ registry: { url: 'a.example/b:c' } }), 'source.registry.url'),
      refuse(from({ registry: { url: 'https://a.example/b:c' } }), 'source.registry.url'),
      refuse(from({ registry: { url: 'docker://a.example/B c' } }), 'source.registry.url'),
      refuse(from({ registry: {} }), 'source.registry.url'),
      refuse(from({ registry: { url: 'docker://a.example/b', imageStream: 'b' } }), 'source.registry.imageStream'),
      refuse(from({ registry: { url: 'docker://a.example/b', pullMethod: 'Node' } }), 'source.registry.pullMethod'),
    ],
  },
  'dvt.content-type': {
    kind,
    accepts: [one({ source: { http }, storage, contentType: 'archive' }), from({ blank: {} })],
    refuses: [
      refuse(one({ source: { http }, storage, contentType: 'qcow2' }), 'contentType'),
      refuse(one({ source: { blank: {} }, storage, contentType: 'archive' }), 'contentType'),
      refuse(
        one({ source: { registry: { url: 'docker://a.example/b' } }, storage, contentType: 'archive' }),
        'contentType',
      ),
    ],
  },
  'dvt.incomplete': {
    kind,
    accepts: [from(copied), one({ sourceRef: { kind: 'DataSource', name: 'fedora' }, storage })],
    refuses: [
      refuse(from({ pvc: { namespace: 'images', name: '' } }), 'source.pvc.name'),
      refuse(from({ snapshot: { namespace: '', name: 'a' } }), 'source.snapshot.namespace'),
      refuse(one({ sourceRef: { kind: 'PersistentVolumeClaim', name: 'a' }, storage }), 'sourceRef.kind'),
      refuse(one({ sourceRef: { kind: 'DataSource', name: '' }, storage }), 'sourceRef.name'),
    ],
  },
};
