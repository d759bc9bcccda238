import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VolumeSourceKind } from '../../../src/api/vmi/volume-source.js';
import { buildBindingPod } from '../../../src/controller/data-volumes/binding-pod.js';
import { buildLauncherPod, type LauncherContext } from '../../../src/launcher/index.js';
import { instance } from '../../unit/controller/objects.js';

/*
 * The controls of Pod Security Standards' profile `restricted`, which holds those of `baseline`
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/), as of Kubernetes 1.36.
 */
type Tree = { readonly [key: string]: unknown };
const tree = (value: unknown): Tree => (typeof value === 'object' && value !== null ? (value as Tree) : {});
const list = (value: unknown): readonly Tree[] => (Array.isArray(value) ? (value as Tree[]) : []);

interface Subject {
  readonly spec: Tree;
  readonly annotations: Tree;
  readonly containers: readonly Tree[];
}
/** True: the pod passes. */
type Control = (pod: Subject) => boolean;

const context = (container: Tree): Tree => tree(container['securityContext']);
const places = ({ spec, containers }: Subject): Tree[] => [tree(spec['securityContext']), ...containers.map(context)];
const unset = (value: unknown): boolean => value === undefined || value === false;
/** By the pod for all of its containers, or by each of them; a container's word counts more. */
const each = ({ spec, containers }: Subject, key: string, isRight: (value: unknown) => boolean): boolean =>
  containers.every((container) => isRight(context(container)[key] ?? tree(spec['securityContext'])[key]));

const SAFE_SYSCTLS = [
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start'],
  ...['net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports'],
  ...[
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ],
];
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const CONTROLS: Readonly<Record<string, Control>> = {
  HostProcess: (pod) => places(pod).every((place) => unset(tree(place['windowsOptions'])['hostProcess'])),
  'Host Namespaces': ({ spec }) => ['hostNetwork', 'hostPID', 'hostIPC'].every((key) => unset(spec[key])),
  'Privileged Containers': ({ containers }) => containers.every((each) => unset(context(each)['privileged'])),
  Capabilities: ({ containers }) =>
    containers.every((container) => {
      const { drop, add = [] } = tree(context(container)['capabilities']);
      return (
        (drop as string[] | undefined)?.includes('ALL') === true &&
        (add as string[]).every((name) => name === 'NET_BIND_SERVICE')
      );
    }),
  'Volume Types': ({ spec }) =>
    list(spec['volumes']).every((volume) =>
      Object.keys(volume).every((key) => key === 'name' || VOLUMES.includes(key)),
    ),
  'Host Ports': ({ containers }) =>
    containers.every((each) => list(each['ports']).every(({ hostPort }) => hostPort === undefined || hostPort === 0)),
  'Host Probes / Lifecycle Hooks': ({ containers }) =>
    !/"host":/.test(
      JSON.stringify(
        containers.map(({ livenessProbe, readinessProbe, startupProbe, lifecycle }) => [
          livenessProbe,
          readinessProbe,
          startupProbe,
          lifecycle,
        ]),
      ),
    ),
  AppArmor: (pod) =>
    places(pod).every((place) =>
      [undefined, 'RuntimeDefault', 'Localhost'].includes(tree(place['appArmorProfile'])['type'] as string),
    ) &&
    Object.entries(pod.annotations).every(
      ([key, value]) => !key.startsWith('container.apparmor.security') || value !== 'unconfined',
    ),
  SELinux: (pod) =>
    places(pod).every((place) => {
      const { type, user, role } = tree(place['seLinuxOptions']);
      const types = [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
      return types.includes(type as string) && user === undefined && role === undefined;
    }),
  '/proc Mount Type': ({ containers }) =>
    containers.every((each) => [undefined, 'Default'].includes(context(each)['procMount'] as string)),
  Sysctls: ({ spec }) =>
    list(tree(spec['securityContext'])['sysctls']).every(({ name }) => SAFE_SYSCTLS.includes(name as string)),
  'Privilege Escalation': ({ containers }) =>
    containers.every((each) => context(each)['allowPrivilegeEscalation'] === false),
  'Running as Non-root': (pod) => each(pod, 'runAsNonRoot', (value) => value === true),
  'Running as Non-root user': (pod) => each(pod, 'runAsUser', (value) => value !== 0),
  Seccomp: (pod) =>
    each(pod, 'seccompProfile', (value) => ['RuntimeDefault', 'Localhost'].includes(tree(value)['type'] as string)),
};

const failed = ({ metadata, spec }: { metadata?: unknown; spec?: unknown }): string[] => {
  const subject: Subject = {
    spec: tree(spec),
    annotations: tree(tree(metadata)['annotations']),
    containers: ['containers', 'initContainers', 'ephemeralContainers'].flatMap((key) => list(tree(spec)[key])),
  };
  return Object.entries(CONTROLS).flatMap(([name, passes]) => (passes(subject) ? [] : [name]));
};

/** One of each kind, or why there is none. A kind that is new has to be put here before this compiles. */
const SOURCES: Readonly<Record<VolumeSourceKind, readonly Omit<Volume, 'name'>[] | 'refused at admission'>> = {
  cloudInitConfigDrive: [{ cloudInitConfigDrive: { secretRef: { name: 's' } } }],
  cloudInitNoCloud: [{ cloudInitNoCloud: { secretRef: { name: 's' }, networkDataSecretRef: { name: 'n' } } }],
  configMap: [{ configMap: { name: 'c', optional: true } }],
  containerDisk: [{ containerDisk: { image: 'debian:13', imagePullSecret: 's' } }],
  containerPath: 'refused at admission',
  dataVolume: [{ dataVolume: { name: 'd' } }],
  downwardAPI: [{ downwardAPI: { fields: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
  downwardMetrics: [{ downwardMetrics: {} }],
  emptyDisk: [{ emptyDisk: { capacity: '1Gi' } }],
  ephemeral: [
    { ephemeral: { persistentVolumeClaim: { claimName: 'block' } } },
    { ephemeral: { persistentVolumeClaim: { claimName: 'files' } } },
  ],
  hostDisk: [{ hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate', capacity: '1Gi' } }],
  memoryDump: 'refused at admission',
  persistentVolumeClaim: [
    { persistentVolumeClaim: { claimName: 'block' } },
    { persistentVolumeClaim: { claimName: 'files', readOnly: true } },
  ],
  secret: [{ secret: { secretName: 's' } }],
  serviceAccount: [{ serviceAccount: { serviceAccountName: 'a' } }],
  sysprep: [{ sysprep: { secret: { name: 's' } } }, { sysprep: { configMap: { name: 'c' } } }],
};

const vm = (volumes: Volume[], change: (spec: VirtualMachineInstance['spec']) => void = () => undefined) => {
  const vmi = instance();
  vmi.spec.volumes = volumes;
  change(vmi.spec);
  return vmi;
};
const settings: LauncherContext = {
  config: resolveClusterConfig(),
  launcherImage: 'launcher:1',
  claims: new Map([['block', { volumeMode: 'Block' }]] as never),
  unprivilegedPortsSysctl: true,
};

describe('attack: a privilege that a launcher pod does not need', () => {
  for (const [kind, sources] of Object.entries(SOURCES)) {
    if (sources === 'refused at admission') continue;
    for (const source of sources) {
      it(`is none with a volume ${JSON.stringify(source)}`, () => {
        // On the node's own file system: documented, and nobody gets it who may not create such pods.
        const exceptions = kind === 'hostDisk' ? ['Volume Types'] : [];
        assert.deepEqual(failed(buildLauncherPod(vm([{ name: 'v', ...source }]), settings)), exceptions);
      });
    }
  }

  const OPTIONS: Readonly<Record<string, (spec: VirtualMachineInstance['spec']) => void>> = {
    'no network card': ({ domain }) => void (domain.devices.interfaces = []),
    'the binding of passt': ({ domain }) => void (domain.devices.interfaces = [{ name: 'default', passtBinding: {} }]),
    ports: ({ domain }) =>
      void (domain.devices.interfaces = [{ name: 'default', masquerade: {}, ports: [{ port: 80 }] }]),
    'dedicated CPUs': ({ domain }) => void (domain.cpu = { cores: 2, dedicatedCpuPlacement: true }),
    'a node selector': (spec) => void (spec.nodeSelector = { zone: 'a' }),
    'an architecture': (spec) => void (spec.architecture = 'arm64'),
    'a priority class and tolerations': (spec) => {
      spec.priorityClassName = 'high';
      spec.tolerations = [{ operator: 'Exists' }];
    },
  };
  for (const [name, change] of Object.entries(OPTIONS)) {
    it(`is none with ${name}`, () => {
      const vmi = vm([{ name: 'v', containerDisk: { image: 'debian:13' } }], change);
      assert.deepEqual(failed(buildLauncherPod(vmi, settings)), []);
    });
  }

  it('is none of the pod that binds claims', () => {
    const vmi = vm([{ name: 'v', persistentVolumeClaim: { claimName: 'files' } }]);
    assert.deepEqual(failed(buildBindingPod(vmi, settings)), []);
  });

  it('is the seccomp profile alone while no node has ours, and then with passt only', () => {
    const nodes = [{ 'kubevirt.io/schedulable': 'true', 'kubernetes.io/arch': 'amd64' }];
    const passt = vm([], OPTIONS['the binding of passt']);
    assert.deepEqual(failed(buildLauncherPod(passt, { ...settings, nodes })), ['Seccomp']);
    for (const other of [vm([]), vm([], OPTIONS['no network card'])])
      assert.deepEqual(failed(buildLauncherPod(other, { ...settings, nodes })), []);
  });

  it('is found by each of these checks', () => {
    const { metadata, spec } = buildLauncherPod(vm([]), settings);
    const [compute] = spec.containers;
    const pod = (more: object) => ({ metadata, spec: { ...spec, ...more } });
    const secure = (more: object) =>
      pod({ containers: [{ ...compute, securityContext: { ...compute!.securityContext, ...more } }] });
    const attempts: Readonly<Record<string, { metadata?: unknown; spec: unknown }>> = {
      HostProcess: secure({ windowsOptions: { hostProcess: true } }),
      'Host Namespaces': pod({ hostPID: true }),
      'Privileged Containers': secure({ privileged: true }),
      Capabilities: secure({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
      'Volume Types': pod({ volumes: [{ name: 'h', hostPath: { path: '/' } }] }),
      'Host Ports': pod({ containers: [{ ...compute, ports: [{ hostPort: 80 }] }] }),
      'Host Probes / Lifecycle Hooks': pod({ containers: [{ ...compute, livenessProbe: { httpGet: { host: 'x' } } }] }),
      AppArmor: secure({ appArmorProfile: { type: 'Unconfined' } }),
      SELinux: secure({ seLinuxOptions: { type: 'spc_t' } }),
      '/proc Mount Type': secure({ procMount: 'Unmasked' }),
      Sysctls: pod({ securityContext: { ...spec.securityContext, sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
      'Privilege Escalation': secure({ allowPrivilegeEscalation: true }),
      'Running as Non-root': secure({ runAsNonRoot: false }),
      'Running as Non-root user': secure({ runAsUser: 0 }),
      Seccomp: secure({ seccompProfile: { type: 'Unconfined' } }),
    };
    assert.deepEqual(Object.keys(attempts), Object.keys(CONTROLS));
    for (const [name, attempt] of Object.entries(attempts)) assert.deepEqual(failed(attempt), [name]);
  });
});
