import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import {
  buildLauncherPod,
  containerDiskContainer,
  memoryOverhead,
  type LauncherContext,
} from '../../../src/launcher/index.js';

const UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const MEBIBYTE = 1024n * 1024n;

const config = (configuration: KubeVirtConfiguration = {}) =>
  resolveClusterConfig({ metadata: {}, spec: { configuration } });

const context = (changes: Partial<LauncherContext> = {}): LauncherContext => ({
  config: config(),
  launcherImage: 'localhost/kubectl-virt/launcher:1',
  ...changes,
});

type Spec = VirtualMachineInstance['spec'];
const vmi = (
  spec: Partial<Omit<Spec, 'domain'>> = {},
  domain: Partial<Spec['domain']> = {},
): VirtualMachineInstance => ({
  metadata: { name: 'web', namespace: 'shop', uid: UID },
  spec: { architecture: 'amd64', ...spec, domain: { memory: { guest: '1Gi' }, devices: {}, ...domain } },
});
const images: Spec['volumes'] = [
  { name: 'root', containerDisk: { image: 'debian:13', imagePullPolicy: 'IfNotPresent', imagePullSecret: 'mine' } },
  { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'user' }, networkDataSecretRef: { name: 'net' } } },
  { name: 'tools', containerDisk: { image: 'tools:1', imagePullSecret: 'mine' } },
];

const pod = (subject: VirtualMachineInstance, changes: Partial<LauncherContext> = {}) =>
  buildLauncherPod(subject, context(changes));
const compute = (subject: VirtualMachineInstance, changes: Partial<LauncherContext> = {}) =>
  pod(subject, changes).spec.containers[0]!;

describe('launcher pod', () => {
  it('carries names that lead back to its VMI', () => {
    const subject = vmi();
    subject.metadata!.labels = { app: 'web', 'kubevirt.io': 'mine' };
    subject.metadata!.annotations = { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    assert.deepEqual(pod(subject).metadata, {
      generateName: 'virt-launcher-web-',
      namespace: 'shop',
      labels: {
        app: 'web',
        'kubevirt.io': 'virt-launcher',
        'kubevirt.io/created-by': UID,
        'vm.kubevirt.io/name': 'web',
        'vmi.kubevirt.io/id': 'web',
      },
      annotations: {
        note: 'x',
        'kubevirt.io/domain': 'web',
        'kubectl.kubernetes.io/default-container': 'compute',
        'descheduler.alpha.kubernetes.io/request-evict-only': '',
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          name: 'web',
          uid: UID,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
  });

  it('shortens a name that no label could hold', () => {
    const subject = vmi();
    subject.metadata!.name = 'a'.repeat(80);
    const { labels } = pod(subject).metadata;
    assert.equal(labels['vmi.kubevirt.io/id'], `${'a'.repeat(54)}-86f33652`);
    assert.equal(labels['vm.kubevirt.io/name']?.length, 63);
  });

  it('is unprivileged in every container', () => {
    const { spec } = pod(vmi({ volumes: images }));
    assert.deepEqual(spec.securityContext, {
      runAsUser: 107,
      runAsGroup: 107,
      runAsNonRoot: true,
      fsGroup: 107,
      fsGroupChangePolicy: 'OnRootMismatch',
    });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.shareProcessNamespace, true);
  });

  it('frees low ports for passt only where kubelet lets it', () => {
    assert.deepEqual(pod(vmi(), { unprivilegedPortsSysctl: true }).spec.securityContext['sysctls'], [
      { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
    ]);
  });

  it('outlives the grace period of its guest by 30 s', () => {
    assert.equal(pod(vmi()).spec.terminationGracePeriodSeconds, 60);
    assert.equal(pod(vmi({ terminationGracePeriodSeconds: 0 })).spec.terminationGracePeriodSeconds, 30);
  });

  it('puts compute first, then a container per containerDisk, and brings their busybox along', () => {
    const { spec } = pod(vmi({ volumes: images }));
    assert.deepEqual(
      spec.containers.map(({ name, image, imagePullPolicy }) => [name, image, imagePullPolicy]),
      [
        ['compute', 'localhost/kubectl-virt/launcher:1', 'Never'],
        ['volumeroot', 'debian:13', 'IfNotPresent'],
        ['volumetools', 'tools:1', undefined],
      ],
    );
    assert.equal(spec.containers[1]!.command?.[0], '/init/usr/bin/busybox');
    assert.deepEqual(
      spec.initContainers?.map(({ command }) => command),
      [['/bin/cp', '/bin/busybox', '/init/usr/bin/busybox']],
    );
    assert.deepEqual(spec.imagePullSecrets, [{ name: 'mine' }]);
    for (const { name, env } of spec.containers) assert.deepEqual(env[0], { name: 'VIRT_CONTAINER', value: name });
  });

  it('gives the container of each image a label of its own, whatever characters the volume has', () => {
    const long = 'a'.repeat(63);
    const names = ['a_b', 'a-b', 'a__b', 'a_b-', 'vmi-shared_disk', long, `${long.slice(1)}b`];
    const volumes = names.map((name) => ({ name, containerDisk: { image: 'debian:13' } }));
    const containers = pod(vmi({ volumes })).spec.containers.slice(1);
    assert.equal(new Set(containers.map(({ name }) => name)).size, names.length);
    for (const { name, env } of containers) {
      assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      // By this the agent finds it.
      assert.deepEqual(env, [{ name: 'VIRT_CONTAINER', value: name }]);
    }
    assert.equal(containers[1]?.name, 'volumea-b');
    assert.match(containers[0]?.name ?? '', /^volume-a-b-[0-9a-f]{10}$/);
    assert.deepEqual(
      containers.map(({ name }) => name),
      names.map(containerDiskContainer),
    );
  });

  it('holds the image of a kernel like those of disks, with the secret of its registry', () => {
    const container = {
      image: 'registry.example/kernel:1',
      imagePullPolicy: 'Always' as const,
      imagePullSecret: 'kernels',
      kernelPath: '/boot/vmlinuz',
    };
    const subject = vmi({ volumes: images });
    subject.spec.domain.firmware = { kernelBoot: { container } };
    const { containers, imagePullSecrets, initContainers } = pod(subject).spec;
    const [disk, kernel] = containers.slice(-2);
    assert.deepEqual(imagePullSecrets, [{ name: 'mine' }, { name: 'kernels' }]);
    assert.equal(initContainers?.length, 1);
    assert.deepEqual(
      [kernel?.name, kernel?.image, kernel?.imagePullPolicy],
      ['kernel-boot', container.image, 'Always'],
    );
    assert.deepEqual(kernel?.command, disk?.command);
    assert.deepEqual(kernel?.securityContext, disk?.securityContext);
    subject.spec.volumes = [];
    assert.deepEqual(
      pod(subject).spec.containers.map(({ name }) => name),
      ['compute', 'kernel-boot'],
    );
    assert.equal(pod(subject).spec.initContainers?.length, 1);
  });

  it('translates the names of no two volumes to one', () => {
    const letters = fc.constantFrom('a', 'b', '-', '_');
    const name = fc.array(letters, { maxLength: 62 }).map((middle) => `a${middle.join('')}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        const containers = names.map(containerDiskContainer);
        assert.equal(new Set(containers).size, names.length);
        for (const container of containers) assert.ok(container.length <= 63 && !container.includes('_'), container);
      }),
    );
  });

  it('has no init container without images', () => {
    assert.equal(pod(vmi()).spec.initContainers, undefined);
  });

  it('mounts the Secrets of cloud-init where the agent reads them', () => {
    const subject = vmi({ volumes: images });
    const volume = pod(subject).spec.volumes.find(({ name }) => name === 'volumeseed');
    assert.deepEqual(volume, {
      name: 'volumeseed',
      projected: { defaultMode: 0o440, sources: [{ secret: { name: 'user' } }, { secret: { name: 'net' } }] },
    });
    const mount = compute(subject).volumeMounts.find(({ name }) => name === 'volumeseed');
    assert.deepEqual(mount, {
      name: 'volumeseed',
      mountPath: '/var/run/kubevirt-private/secret/seed',
      readOnly: true,
    });
  });

  it('tells the entrypoint what it needs', () => {
    const env = Object.fromEntries(
      compute(vmi({ terminationGracePeriodSeconds: 7 })).env.map((e) => [e.name, e.value]),
    );
    assert.equal(env['DOMAIN_NAME'], 'shop_web');
    assert.equal(env['VMI_UID'], UID);
    assert.equal(env['GRACE_PERIOD_SECONDS'], '7');
    assert.equal(env['XDG_RUNTIME_DIR'], '/var/run/kubevirt-private/run');
  });

  it('goes where guests may nest, for a VM that wants to, unless emulation is allowed', () => {
    const nested = (annotations: Record<string, string>, changes: Partial<LauncherContext> = {}) => {
      const subject = vmi();
      subject.metadata!.annotations = annotations;
      return pod(subject, changes).spec.nodeSelector['kubevirt.io/nested-virtualization'];
    };
    const wanted = { VirtletCPUModel: 'host-model' };
    assert.equal(nested(wanted), 'true');
    assert.equal(nested({}), undefined);
    assert.equal(nested({ ...wanted, VirtletLibvirtCPUSetting: 'mode: host-passthrough' }), undefined);
    const emulation = { config: config({ developerConfiguration: { useEmulation: true } }) };
    assert.equal(nested(wanted, emulation), undefined);
  });

  it('goes to nodes that are ready for VMs, and where the VMI and the cluster say; the cluster has the last word', () => {
    const subject = vmi({ nodeSelector: { disk: 'ssd', rack: '7' } });
    const where = config({ developerConfiguration: { nodeSelectors: { disk: 'any', room: '1' } } });
    assert.deepEqual(pod(subject, { config: where }).spec.nodeSelector, {
      'kubevirt.io/schedulable': 'true',
      'kubernetes.io/arch': 'amd64',
      room: '1',
      disk: 'any',
      rack: '7',
    });
  });

  it('passes on what the VMI says about its pod, and nothing it does not say', () => {
    const said = {
      affinity: { nodeAffinity: {} },
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.0.0.1'] },
      priorityClassName: 'high',
      schedulerName: 'mine',
      subdomain: 'sub',
      hostname: 'host',
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    } as const;
    const { spec } = pod(vmi(structuredClone(said) as unknown as Partial<Spec>));
    for (const [name, value] of Object.entries(said)) {
      assert.deepEqual((spec as unknown as Record<string, unknown>)[name], value, name);
    }
    assert.deepEqual(
      Object.entries(pod(vmi()).spec).filter(([, value]) => value === undefined),
      [],
    );
  });

  it('asks for KVM unless emulation is allowed', () => {
    assert.equal(compute(vmi()).resources.limits['devices.kubevirt.io/kvm'], '1');
    const emulation = config({ developerConfiguration: { useEmulation: true } });
    assert.equal(compute(vmi(), { config: emulation }).resources.limits['devices.kubevirt.io/kvm'], undefined);
  });
});

describe('launcher resources', () => {
  // Twice 1Gi/512 = 4, fixed 86, one vCPU 2, graphics 16.
  const OVERHEAD = 108n;

  it('adds up the overhead term by term', () => {
    const plain = memoryOverhead(vmi(), config());
    assert.equal(plain, OVERHEAD * MEBIBYTE);
    const more = (domain: Partial<Spec['domain']>, configuration: KubeVirtConfiguration = {}) =>
      (memoryOverhead(vmi({}, domain), config(configuration)) - plain) / MEBIBYTE;
    assert.equal(more({ cpu: { cores: 4 } }), 6n);
    assert.equal(more({ devices: { autoattachGraphicsDevice: false } }), -16n);
    assert.equal(more({ memory: { guest: '2Gi' } }), 4n);
    const disks = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    assert.equal(more({ devices: { disks } }), 3n);
    const pool = { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: 4 } } as const;
    assert.equal(more(pool), 4n);
    const card = (binding: object) => more({ devices: { interfaces: [{ name: 'n', ...binding }] } });
    assert.deepEqual([card({ passtBinding: {} }), card({ masquerade: {} })], [24n, 0n]);
    assert.equal(more({ memory: { guest: '1Gi', reservedOverhead: { addedOverhead: '5Mi' } } }), 5n);
    assert.equal(more({ resources: { limits: { memory: '1Gi' } } }), 24n);
    assert.equal(more({}, { developerConfiguration: { useEmulation: true } }), 94n);
    assert.equal(more({}, { additionalGuestMemoryOverheadRatio: '1.5' }), 54n);
    assert.equal(more({}, { additionalGuestMemoryOverheadRatio: 'much' }), 0n);
  });

  for (const [what, resources, requests, limits] of [
    ['nothing', undefined, { cpu: '100m', memory: '1132Mi', 'ephemeral-storage': '50M' }, {}],
    [
      'less memory than the guest has',
      { requests: { memory: '512Mi', cpu: '250m' } },
      { cpu: '250m', memory: '620Mi', 'ephemeral-storage': '50M' },
      {},
    ],
    [
      'the overhead to be overcommitted',
      { requests: { memory: '1024M' }, overcommitGuestOverhead: true },
      { cpu: '100m', memory: '1024M', 'ephemeral-storage': '50M' },
      {},
    ],
    [
      'a memory limit alone, which makes it Guaranteed',
      { limits: { memory: '1Gi' } },
      { cpu: '1', memory: '1156Mi', 'ephemeral-storage': '50M' },
      { cpu: '1', memory: '1156Mi' },
    ],
    [
      'limit and request that differ',
      { requests: { memory: '1Gi' }, limits: { memory: '2Gi', cpu: 2, 'ephemeral-storage': '1G' } },
      { cpu: '2', memory: '1134Mi', 'ephemeral-storage': '50M' },
      { cpu: '2', memory: '2158Mi', 'ephemeral-storage': '1050M' },
    ],
  ] as const) {
    it(`for a VMI that asks for ${what}`, () => {
      // 256Mi for libvirt's files, twice 16Mi for small ones, 100Mi for logs.
      const withKvm = { 'ephemeral-storage': '388Mi', ...limits, 'devices.kubevirt.io/kvm': '1' };
      assert.deepEqual(compute(vmi({}, { resources })).resources, { requests, limits: withKvm });
    });
  }

  it('overcommits memory and CPU as the cluster says', () => {
    const configuration = { developerConfiguration: { memoryOvercommit: 150, cpuAllocationRatio: 4 } };
    const { requests } = compute(vmi({}, { memory: { guest: '3Gi' }, cpu: { cores: 2 } }), {
      config: config(configuration),
    }).resources;
    // 3072 × 100 ÷ 150, plus an overhead of 86 + 4 + 16 + 12.
    assert.equal(requests['memory'], `${2048 + 118}Mi`);
    assert.equal(requests['cpu'], '500m');
  });

  it('sets limits of its own where a quota of the namespace wants them', () => {
    const { limits } = compute(vmi(), { namespaceHasMemoryQuota: true, namespaceHasCpuQuota: true }).resources;
    assert.equal(limits['memory'], '2264Mi');
    assert.equal(limits['cpu'], '1');
    const labels = { 'alpha.kubevirt.io/auto-memory-limits-ratio': '1.5' };
    const tight = compute(vmi(), { namespaceHasMemoryQuota: true, namespaceLabels: labels }).resources;
    assert.equal(tight.limits['memory'], '1698Mi');
  });

  it('has CPU for the threads of a supplemental I/O pool too, and for no other policy', () => {
    const pool = { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: 3 } } as const;
    const cpuOf = (domain: Partial<Spec['domain']>, more: Partial<LauncherContext> = {}) => {
      const { requests, limits } = compute(vmi({}, domain), more).resources;
      return [requests['cpu'], limits['cpu']];
    };
    assert.deepEqual(cpuOf(pool), ['400m', undefined]);
    assert.deepEqual(cpuOf(pool, { namespaceHasCpuQuota: true }), ['400m', '4']);
    assert.deepEqual(cpuOf({ ...pool, resources: { limits: { memory: '1Gi' } } }), ['4', '4']);
    assert.deepEqual(cpuOf({ ...pool, resources: { requests: { cpu: '250m' } } }), ['250m', undefined]);
    assert.deepEqual(cpuOf({ ...pool, ioThreadsPolicy: 'shared' }), ['100m', undefined]);
  });

  it('keeps every container of a Guaranteed pod at its limit', () => {
    const { spec } = pod(vmi({ volumes: images }, { resources: { limits: { memory: '1Gi' } } }));
    for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      assert.equal(resources.requests['memory'], resources.limits['memory'], name);
      assert.equal(resources.requests['cpu'], resources.limits['cpu'], name);
    }
  });
});
