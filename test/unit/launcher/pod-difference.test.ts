import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildLauncherPod, podDifference, podDigest } from '../../../src/launcher/index.js';
import { instance } from '../controller/objects.js';

type Tree = Record<string, unknown>;

const subject = (passt = false): VirtualMachineInstance => {
  const vmi = instance();
  if (passt) vmi.spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {} }];
  vmi.spec = {
    ...vmi.spec,
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    volumes: [
      { name: 'root', containerDisk: { image: 'debian:13', imagePullSecret: 'pull' } },
      { name: 'init', cloudInitNoCloud: { secretRef: { name: 'user-data' } } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'config', configMap: { name: 'settings' } },
      { name: 'token', serviceAccount: { serviceAccountName: 'guest' } },
    ],
  };
  return vmi;
};
const texts = new Map<string, string>();
const build = (launcherImage = 'launcher:2', passt = false) => {
  const key = `${launcherImage} ${passt}`;
  const text =
    texts.get(key) ??
    JSON.stringify(
      buildLauncherPod(subject(passt), { config: resolveClusterConfig(), launcherImage, imagePullPolicy: 'Never' }),
    );
  texts.set(key, text);
  return JSON.parse(text) as { metadata: Tree & { annotations: Record<string, string> }; spec: Tree };
};
const containers = (pod: { spec: Tree }, list = 'containers'): Tree[] => pod.spec[list] as Tree[];

/** As the API server gives it back: defaults filled in, admission plugins and the scheduler have been at it. */
const stored = (passt = false) => {
  const pod = build(undefined, passt);
  for (const container of [...containers(pod), ...containers(pod, 'initContainers')]) {
    container['terminationMessagePath'] = '/dev/termination-log';
    container['terminationMessagePolicy'] ??= 'File';
    container['imagePullPolicy'] ??= 'IfNotPresent';
    container['resources'] = { limits: { cpu: '7' }, requests: { cpu: '7' } };
  }
  for (const volume of pod.spec['volumes'] as Tree[]) {
    if (volume['configMap']) (volume['configMap'] as Tree)['defaultMode'] = 420;
    for (const source of ((volume['projected'] as Tree | undefined)?.['sources'] ?? []) as Tree[]) {
      for (const item of ((source['downwardAPI'] as Tree | undefined)?.['items'] ?? []) as Tree[])
        (item['fieldRef'] as Tree)['apiVersion'] = 'v1';
    }
  }
  Object.assign(pod.spec, {
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    serviceAccount: pod.spec['serviceAccountName'],
    nodeName: 'node-a',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    nodeSelector: { ...(pod.spec['nodeSelector'] as object), 'of-the-namespace': 'x' },
    tolerations: [...(pod.spec['tolerations'] as object[]), { key: 'node.kubernetes.io/not-ready' }],
    ephemeralContainers: [],
  });
  return pod;
};

const setAt = (tree: unknown, path: readonly (string | number)[], value: unknown): void => {
  const [key = '', ...rest] = path;
  const node = tree as Tree;
  if (rest.length === 0) node[key] = value;
  else setAt((node[key] ??= {}), rest, value);
};

/** Every way that is known to make a pod something else than what was asked for. */
const CHANGES: readonly [path: readonly (string | number)[], value: unknown][] = [
  [['hostNetwork'], true],
  [['hostPID'], true],
  [['hostIPC'], true],
  [['hostUsers'], false],
  [['shareProcessNamespace'], false],
  [['serviceAccountName'], 'admin'],
  [['automountServiceAccountToken'], true],
  [['runtimeClassName'], 'other'],
  [['hostname'], 'other'],
  [['hostAliases'], [{ ip: '10.0.0.1', hostnames: ['registry'] }]],
  [['dnsConfig'], { nameservers: ['10.6.6.6'] }],
  [['restartPolicy'], 'Always'],
  [['activeDeadlineSeconds'], 5],
  [['schedulerName'], 'mine'],
  [['ephemeralContainers'], [{ name: 'debug', image: 'evil:1' }]],
  [['fieldOfTomorrow'], true],
  [['securityContext', 'runAsUser'], 0],
  [['securityContext', 'runAsNonRoot'], false],
  [['securityContext', 'fsGroup'], 0],
  [['securityContext', 'supplementalGroups'], [6]],
  [['securityContext', 'seLinuxOptions'], { type: 'spc_t' }],
  [['securityContext', 'seccompProfile'], { type: 'Unconfined' }],
  [['securityContext', 'sysctls'], [{ name: 'kernel.shm_rmid_forced', value: '1' }]],
  [['volumes', 0, 'emptyDir'], { medium: 'Memory' }],
  [['volumes', 0, 'hostPath'], { path: '/' }],
  [['volumes', 7], { name: 'host', hostPath: { path: '/' } }],
  [['nodeSelector', 'kubevirt.io/schedulable'], 'false'],
  [['imagePullSecrets'], []],
  ...(['containers', 'initContainers'] as const).flatMap((list): [readonly (string | number)[], unknown][] => [
    [[list, 0, 'name'], 'other'],
    [[list, 0, 'image'], 'evil:1'],
    [[list, 0, 'imagePullPolicy'], 'IfNotPresent'],
    [[list, 0, 'command'], ['/bin/sh']],
    [
      [list, 0, 'args'],
      ['-c', 'id'],
    ],
    [[list, 0, 'workingDir'], '/proc'],
    [[list, 0, 'env'], [{ name: 'LD_PRELOAD', value: '/x.so' }]],
    [[list, 0, 'envFrom'], [{ secretRef: { name: 's' } }]],
    [[list, 0, 'lifecycle'], { postStart: { exec: { command: ['id'] } } }],
    [[list, 0, 'livenessProbe'], { exec: { command: ['id'] } }],
    [[list, 0, 'restartPolicy'], 'Always'],
    [[list, 0, 'volumeMounts', 0, 'mountPath'], '/usr'],
    [[list, 0, 'volumeMounts', 0, 'readOnly'], true],
    [[list, 0, 'volumeMounts', 0, 'subPath'], '..'],
    [[list, 0, 'volumeMounts', 0, 'mountPropagation'], 'Bidirectional'],
    [[list, 0, 'volumeDevices'], [{ name: 'd', devicePath: '/dev/sda' }]],
    [[list, 0, 'securityContext', 'privileged'], true],
    [[list, 0, 'securityContext', 'runAsUser'], 0],
    [[list, 0, 'securityContext', 'allowPrivilegeEscalation'], true],
    [[list, 0, 'securityContext', 'capabilities'], { add: ['SYS_ADMIN'], drop: ['ALL'] }],
    [[list, 0, 'securityContext', 'capabilities'], {}],
    [[list, 0, 'securityContext', 'procMount'], 'Unmasked'],
    [[list, 0, 'securityContext', 'seccompProfile'], { type: 'Unconfined' }],
    [[list, 3], { name: 'extra', image: 'evil:1' }],
  ]),
];

describe('what a found pod differs in from the one that was asked for', () => {
  it('is nothing where the API server, its plugins and the scheduler have written', () => {
    assert.equal(podDifference(build(), stored()), undefined);
    assert.equal(podDigest(build().spec), podDigest(stored().spec));
  });

  for (const [path, value] of CHANGES) {
    it(`is found at ${path.join('.')} (${JSON.stringify(value)})`, () => {
      const found = stored();
      setAt(found.spec, path, value);
      assert.match(podDifference(build(), found) ?? '', /^spec\..* is .*, not /);
    });
  }

  it('is found wherever anything of ours is missing', () => {
    for (const list of ['containers', 'initContainers'] as const) {
      for (const key of Object.keys(containers(build(), list)[0]!)) {
        if (['ports', 'resources', 'imagePullPolicy', 'terminationMessagePolicy'].includes(key)) continue;
        const found = stored();
        containers(found, list)[0]![key] = undefined;
        assert.notEqual(podDifference(build(), found), undefined, key);
      }
    }
  });

  it('is found on another network', () => {
    const found = {
      ...build(),
      metadata: { ...build().metadata, annotations: { 'k8s.v1.cni.cncf.io/networks': 'x' } },
    };
    assert.match(podDifference(build(), found) ?? '', /cncf\.io\/networks\] is "x", not absent/);
  });

  it('is found under AppArmor, and names the container', () => {
    const found = stored();
    const key = 'container.apparmor.security.beta.kubernetes.io/compute';
    found.metadata.annotations = { ...found.metadata.annotations, [key]: 'unconfined' };
    assert.match(podDifference(build(), found) ?? '', /apparmor.*compute\] is "unconfined", not absent/);
    const swapped = stored();
    containers(swapped)[0]!['image'] = 'evil:1';
    assert.equal(podDifference(build(), swapped), 'spec.containers[compute].image is "evil:1", not "launcher:2"');
  });

  it('is found in any place of the spec that matters, whatever is written there', function () {
    this.timeout(300_000);
    const leaves: (string | number)[][] = [];
    const walk = (node: unknown, path: (string | number)[]): void => {
      if (typeof node !== 'object' || node === null) leaves.push(path);
      else for (const [key, child] of Object.entries(node)) walk(child, [...path, key]);
    };
    walk(build().spec, []);
    const digest = podDigest(build().spec);
    const place = (path: readonly (string | number)[]): string => path.join('.');
    const mattering = leaves.filter(
      (path) => !/\.(ports|resources)\.|^tolerations|imagePullPolicy$|sizeLimit$|seccomp-profile$/.test(place(path)),
    );
    assert.ok(mattering.length > 60);
    fc.assert(
      fc.property(fc.constantFrom(...mattering), fc.string({ minLength: 1 }), (path, value) => {
        const found = stored();
        setAt(found.spec, path, `${value}!`);
        assert.notEqual(podDifference(build(), found), undefined, place(path));
        if (!/^(nodeSelector|imagePullSecrets)/.test(place(path)))
          assert.notEqual(podDigest(found.spec), digest, place(path));
      }),
      { numRuns: 300 },
    );
  });

  const setProfile = (pod: { spec: Tree }, list: string, index: number, profile: unknown): void => {
    (containers(pod, list)[index]!['securityContext'] as Tree)['seccompProfile'] = profile;
  };

  it('is not the profile of a compute container that was made when its nodes had none, or another of ours', () => {
    const other = { type: 'Localhost', localhostProfile: `kubectl-virt/launcher-${'a'.repeat(32)}.json` };
    // Of a version that knew of no tap; none at all is no other's.
    const earlier = stored();
    setProfile(earlier, 'containers', 0, other);
    assert.equal(podDifference(build(), earlier), undefined);
    setProfile(earlier, 'containers', 0, undefined);
    assert.match(podDifference(build(), earlier) ?? '', /seccompProfile/);
    for (const profile of [undefined, other]) {
      const [found, wanted] = [stored(true), build(undefined, true)];
      setProfile(found, 'containers', 0, profile);
      delete (found.spec['nodeSelector'] as Tree)['kubevirt.io/seccomp-profile'];
      assert.equal(podDifference(build(undefined, true), found), undefined);
      setProfile(wanted, 'containers', 0, profile);
      assert.equal(podDifference(wanted, stored(true)), undefined);
    }
    for (const profile of [
      { type: 'Localhost', localhostProfile: 'mine.json' },
      { type: 'Localhost', localhostProfile: `kubectl-virt/../launcher-${'a'.repeat(32)}.json` },
      { type: 'Localhost' },
      { type: 'Unconfined' },
    ]) {
      const found = stored();
      setProfile(found, 'containers', 0, profile);
      assert.match(podDifference(build(), found) ?? '', /compute\]\.securityContext\.seccompProfile/);
    }
    // The others' does not depend on anything.
    for (const [list, index] of [
      ['containers', 1],
      ['initContainers', 0],
    ] as const) {
      const found = stored();
      setProfile(found, list, index, undefined);
      assert.match(podDifference(build(), found) ?? '', /seccompProfile is absent/);
    }
  });

  it('is no reason to disown a pod of an earlier version: its image is on a list, a profile was not set then', () => {
    const today = build('launcher:3');
    const earlierImages = ['launcher:1', 'launcher:2'];
    const bare = stored();
    for (const container of [...containers(bare), ...containers(bare, 'initContainers')])
      delete (container['securityContext'] as Tree)['seccompProfile'];
    delete (bare.spec['nodeSelector'] as Tree)['kubevirt.io/seccomp-profile'];
    assert.equal(podDifference(today, bare, { earlierImages }), undefined);
    assert.equal(podDifference(today, stored(), { earlierImages }), undefined);
    assert.match(podDifference(today, stored()) ?? '', /image/);
    assert.match(podDifference(today, stored(), { earlierImages: ['launcher:1'] }) ?? '', /compute\]\.image/);
    // The list is for our image: the one of a containerDisk is the user's and has not changed.
    const disk = stored();
    containers(disk)[1]!['image'] = 'launcher:2';
    assert.match(podDifference(today, disk, { earlierImages }) ?? '', /volumeroot\]\.image/);
    const unconfined = stored();
    (unconfined.spec['securityContext'] as Tree)['seccompProfile'] = { type: 'Unconfined' };
    assert.match(podDifference(today, unconfined, { earlierImages }) ?? '', /seccompProfile/);
  });
});
