import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { addressed } from '../../../cmd/kubectl-virt/doctor/addressed.js';
import { told } from '../../../cmd/kubectl-virt/doctor/check.js';
import { redact, redactText } from '../../../cmd/kubectl-virt/doctor/redact.js';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { INSTANCETYPE_RESOURCES } from '../../../src/api/instancetype/instancetype-kinds.js';
import { POLICY_RESOURCES } from '../../../src/api/policy/policy-kinds.js';
import { PRINTABLE_STATUSES } from '../../../src/controller/vm/printable-status.js';
import { WAITING_WORDS } from '../../../src/controller/vm/waiting-status.js';
import { clientVersion } from '../../../cmd/kubectl-virt/version-info.js';
import { selfSigned } from '../../support/self-signed.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

type World = Record<string, unknown>;

let server: FakeApiServer;
let answer: (request: SeenRequest) => Answer;
let ca: string;
before(async () => {
  server = await fakeApiServer({ answer: (request) => answer(request) });
  ca = Buffer.from(selfSigned(100).cert).toString('base64');
});
after(() => server.close());

const run = async (...args: string[]) => {
  const io = fakeIo();
  try {
    return { code: await main(['doctor', ...args, ...server.flags], io), out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};

const named = (...names: string[]) => ({ resources: names.map((name) => ({ name, kind: 'K', verbs: ['get'] })) });
const plurals = (table: Record<string, { plural: string }>) => Object.values(table).map(({ plural }) => plural);
const KUBEVIRT = 'kubevirts.kubevirt.io';
const crd = (name: string) => `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
const deployment = (ready = 2) => ({
  spec: {
    replicas: 2,
    template: { spec: { containers: [{ image: 'control:1', args: ['--launcher-image=launcher:1'] }] } },
  },
  status: { updatedReplicas: 2, readyReplicas: ready },
});
const apps = (name: string) => `/apis/apps/v1/namespaces/kubevirt/${name}`;
const admission = (kind: string) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/virt-webhook`;
const API_SERVICE = '/apis/apiregistration.k8s.io/v1/apiservices/v1.subresources.kubevirt.io';
const node = (name: string, labels: object = {}, ready = 'True') => ({
  metadata: { name, labels: { 'kubevirt.io/schedulable': 'true', 'kubevirt.io/kvm-usable': 'true', ...labels } },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

/** A cluster in which all is well, by path. */
const healthy = (): World => ({
  '/version': { major: '1', minor: '31' },
  [crd('virtnodes.kubevirt.io')]: { metadata: {} },
  [crd(KUBEVIRT)]: { metadata: {} },
  [crd('virtualmachines.kubevirt.io')]: { metadata: {} },
  '/apis/apps/v1/deployments': { items: [] },
  [API_SERVICE]: {
    spec: { service: { name: 'virt-webhook', namespace: 'kubevirt' } },
    status: { conditions: [{ type: 'Available', status: 'True' }] },
  },
  [apps('deployments/virt-webhook')]: deployment(),
  [apps('deployments/virt-controller')]: deployment(),
  [apps('daemonsets/virt-agent')]: {
    ...deployment(),
    status: { desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberReady: 1 },
  },
  [admission('validating')]: { webhooks: [{ name: 'a', clientConfig: { caBundle: ca } }] },
  [admission('mutating')]: { webhooks: [{ name: 'a', clientConfig: { caBundle: ca } }] },
  '/apis/kubevirt.io/v1': named(
    ...['virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancereplicasets', 'kubevirts', 'virtnodes'],
  ),
  '/apis/instancetype.kubevirt.io/v1beta1': named(...plurals(INSTANCETYPE_RESOURCES)),
  '/apis/policies.kubectl-virt.io/v1alpha1': named(...plurals(POLICY_RESOURCES)),
  '/apis/subresources.kubevirt.io/v1': named('virtualmachines/start', 'virtualmachineinstances/console'),
  '/apis/subresources.kubevirt.io/v1/version': { gitVersion: clientVersion.gitVersion },
  '/apis/kubevirt.io/v1/kubevirts': {
    items: [{ metadata: { name: 'kubevirt', namespace: 'kubevirt' }, spec: {}, status: { phase: 'Deployed' } }],
  },
  '/apis/kubevirt.io/v1/virtnodes': { items: [] },
  '/api/v1/nodes': { items: [node('n1')] },
  '/api/v1/nodes/n1': node('n1'),
  '/apis/storage.k8s.io/v1/storageclasses': {
    items: [{ metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }],
  },
  '/api/v1/namespaces/kubevirt/pods': { items: [] },
});

interface ToldOf {
  involvedObject: { kind: string; name: string };
}

/** What is not in the world does not exist; an Answer stands for itself. */
const serve = (world: World): void => {
  answer = ({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://x');
    // As the API server selects, and cuts.
    const wanted = (searchParams.get('fieldSelector') ?? '').split(',').map((each) => each.split('='));
    const events = world['events'] as ToldOf[] | undefined;
    if (pathname.endsWith('/events') && events !== undefined) {
      const fitting = events.filter(({ involvedObject }) =>
        wanted.every(([field, value]) =>
          field === 'involvedObject.name'
            ? involvedObject.name === value
            : field === 'involvedObject.kind'
              ? involvedObject.kind === value
              : true,
        ),
      );
      return { code: 200, body: { items: fitting.slice(0, Number(searchParams.get('limit'))) } };
    }
    if (pathname === '/apis/apps/v1/deployments') return { code: 200, body: { items: [] } };
    const found = world[pathname];
    if (found === undefined) return status(404, 'NotFound', `${pathname} not found`);
    return typeof found === 'object' && found !== null && 'code' in found && typeof found.code === 'number'
      ? (found as Answer)
      : { code: 200, body: found };
  };
};

const FORBIDDEN = status(403, 'Forbidden', 'you may not');

describe('kubectl virt doctor: the cluster', () => {
  it('finds nothing where nothing is wrong', async () => {
    serve(healthy());
    const { code, out } = await run();
    assert.equal(code, 0, out);
    assert.match(out, /^ok {7}cluster: Kubernetes 1\.31, with kubectl-virt and without KubeVirt$/m);
    for (const about of ['virt-webhook', 'virt-controller', 'virt-agent', 'admission', 'subresources', 'resources'])
      assert.match(out, new RegExp(`^ok {7}${about}: `, 'm'));
    for (const about of ['versions', 'images', 'settings', 'nodes', 'KVM', 'storage'])
      assert.match(out, new RegExp(`^ok {7}${about}: `, 'm'));
    assert.match(out, /\nNothing is wrong\.\n$/);
    const json = JSON.parse((await run('-o', 'json')).out);
    assert.equal(json.healthy, true);
  });

  const broken: [what: string, change: (world: World) => void, says: RegExp][] = [
    [
      'no installation',
      (world) => {
        for (const name of ['virtnodes.kubevirt.io', KUBEVIRT, 'virtualmachines.kubevirt.io'])
          world[crd(name)] = undefined;
        world[API_SERVICE] = undefined;
      },
      /PROBLEM {2}cluster: kubectl-virt is not installed\n.*→ kubectl apply -k overlays\/kubernetes-1\.31\//,
    ],
    [
      'the webhook down',
      (world) => {
        world[apps('deployments/virt-webhook')] = deployment(0);
        world['/api/v1/namespaces/kubevirt/pods'] = {
          items: [
            {
              status: {
                containerStatuses: [
                  {
                    name: 'virt-webhook',
                    state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } },
                  },
                ],
              },
            },
          ],
        };
        world[API_SERVICE] = {
          spec: { service: { name: 'virt-webhook' } },
          status: { conditions: [{ type: 'Available', status: 'False', message: 'no endpoints' }] },
        };
        world['/apis/subresources.kubevirt.io/v1/version'] = status(503, 'ServiceUnavailable', 'no endpoints');
      },
      /PROBLEM {2}virt-webhook: Deployment virt-webhook has 0 of 2 pods ready: container virt-webhook: ImagePullBackOff: Back-off pulling\n.*→ Until it runs nothing can be created[^]*PROBLEM {2}subresources: the API server does not reach virt-webhook: no endpoints/,
    ],
    [
      'a kind that is missing',
      (world) => (world['/apis/kubevirt.io/v1'] = named('virtualmachines', 'kubevirts')),
      /PROBLEM {2}resources: kubevirt\.io\/v1 lacks virtualmachineinstances, /,
    ],
    [
      'no admission',
      (world) => (world[admission('validating')] = undefined),
      /PROBLEM {2}admission: there is no ValidatingWebhookConfiguration virt-webhook/,
    ],
    [
      'no CA in it',
      (world) => (world[admission('mutating')] = { webhooks: [{ clientConfig: { caBundle: 'Cg==' } }] }),
      /PROBLEM {2}admission: MutatingWebhookConfiguration has no CA/,
    ],
    [
      'no KVM and no emulation',
      (world) => (world['/api/v1/nodes'] = { items: [node('n1', { 'kubevirt.io/kvm-usable': 'false' })] }),
      /PROBLEM {2}KVM: KVM works on no node, and useEmulation is off: no guest can start\n.*→ Use nodes with a \/dev\/kvm.*useEmulation: true/,
    ],
    [
      'no agent',
      (world) => {
        world['/api/v1/nodes'] = { items: [node('n1', { 'kubevirt.io/schedulable': 'false' })] };
        world['/apis/kubevirt.io/v1/virtnodes'] = {
          items: [{ metadata: { name: 'n1' }, spec: { heartbeat: new Date(Date.now() - 600_500).toISOString() } }],
        };
      },
      /PROBLEM {2}nodes: n1 takes no virtual machines, its virt-agent reported last 10m ago/,
    ],
    [
      'two settings',
      (world) => (world['/apis/kubevirt.io/v1/kubevirts'] = { items: [{ spec: {} }, { spec: {} }] }),
      /PROBLEM {2}settings: there are 2 KubeVirt objects/,
    ],
    [
      'a class for state that is not there',
      (world) =>
        (world['/apis/kubevirt.io/v1/kubevirts'] = {
          items: [{ spec: { configuration: { vmStateStorageClass: 'x' } } }],
        }),
      /PROBLEM {2}storage: vmStateStorageClass of the KubeVirt object is x, which does not exist/,
    ],
  ];
  for (const [what, change, says] of broken)
    it(`says what is broken, and what to do: ${what}`, async () => {
      const world = healthy();
      change(world);
      serve(world);
      const { code, out } = await run();
      assert.equal(code, 1, out);
      assert.match(out, says);
    });

  const suspect: [what: string, change: (world: World) => void, says: RegExp][] = [
    [
      'emulation',
      (world) => {
        world['/api/v1/nodes'] = { items: [node('n1', { 'kubevirt.io/kvm-usable': 'false' })] };
        const developerConfiguration = { useEmulation: true };
        world['/apis/kubevirt.io/v1/kubevirts'] = { items: [{ spec: { configuration: { developerConfiguration } } }] };
      },
      /WARNING {2}KVM: KVM works on no node: guests are emulated and slow/,
    ],
    [
      'another version',
      (world) => (world['/apis/subresources.kubevirt.io/v1/version'] = { gitVersion: 'v9.9.0' }),
      /WARNING {2}versions: the plugin is .*, virt-webhook v9\.9\.0/,
    ],
    [
      'a rollout that was done in part',
      (world) => {
        const other = { spec: { containers: [{ image: 'control:2' }] } };
        world[apps('deployments/virt-controller')] = { ...deployment(), spec: { replicas: 2, template: other } };
      },
      /WARNING {2}images: webhook, controller and agents are of different images: control:1, control:2/,
    ],
    [
      'no storage class',
      (world) => (world['/apis/storage.k8s.io/v1/storageclasses'] = { items: [] }),
      /WARNING {2}storage/,
    ],
    [
      'a replica less',
      (world) => (world[apps('deployments/virt-webhook')] = deployment(1)),
      /WARNING {2}virt-webhook: .*1 of 2/,
    ],
  ];
  for (const [what, change, says] of suspect)
    it(`warns, and does not fail: ${what}`, async () => {
      const world = healthy();
      change(world);
      serve(world);
      const { code, out } = await run();
      assert.equal(code, 0, out);
      assert.match(out, says);
    });

  it('takes a cluster without a KubeVirt object for what an installation is', async () => {
    const world = healthy();
    world['/apis/kubevirt.io/v1/kubevirts'] = { items: [] };
    serve(world);
    const { code, out } = await run();
    assert.equal(code, 0, out);
    assert.match(out, /^ok {7}settings: there is no KubeVirt object: every setting has its default$/m);
    world['/apis/kubevirt.io/v1/kubevirts'] = status(500, 'InternalError', 'etcd is away');
    serve(world);
    assert.match((await run()).out, /PROBLEM {2}settings: the KubeVirt objects cannot be listed: etcd is away\n(?! )/);
  });

  it('takes what cannot be read for neither there nor missing', async () => {
    const failing = status(500, 'InternalError', 'etcd is away');
    for (const [path, about] of [
      ['/apis/kubevirt.io/v1', 'resources'],
      ['/apis/subresources.kubevirt.io/v1', 'subresources'],
      ['/api/v1/nodes', 'nodes'],
      ['/apis/storage.k8s.io/v1/storageclasses', 'storage'],
    ] as const) {
      const world = healthy();
      world[path] = failing;
      serve(world);
      const { code, out } = await run();
      assert.equal(code, 1, out);
      assert.match(out, new RegExp(`^PROBLEM {2}${about}: .*etcd is away$`, 'm'));
      assert.doesNotMatch(out, /lacks|incompletely|there is no/);
      if (!path.includes('kubevirt.io')) continue;
      world[path] = FORBIDDEN;
      serve(world);
      const blind = await run();
      assert.equal(blind.code, 0, blind.out);
      assert.match(blind.out, new RegExp(`^unknown {2}${about}: .*get ${path}$`, 'm'));
    }
  });

  it('says of what the user may not see that he may not, and takes it for no fault', async () => {
    const world = healthy();
    for (const path of Object.keys(world))
      if (!path.startsWith('/version') && !/^\/apis\/[^/]+\/[^/]+$/.test(path)) world[path] = FORBIDDEN;
    serve(world);
    const { code, out } = await run();
    assert.equal(code, 0, out);
    assert.match(
      out,
      /^unknown {2}cluster: you may not see it: that takes the right to get customresourcedefinitions/m,
    );
    assert.match(out, /^unknown {2}virt-webhook: .*get deployments in kubevirt/m);
    assert.match(out, /^unknown {2}nodes: .*list nodes/m);
    assert.doesNotMatch(out, /PROBLEM/);
    assert.match(out, /\d+ not visible to you\.\n$/);
  });

  it('ends with 2 where nobody answers', async () => {
    const io = fakeIo();
    const failed = main(['doctor', '--server=http://127.0.0.1:1'], io);
    await assert.rejects(failed, (error) => isCliError(error) && error.exitCode === 2);
    answer = () => status(401, 'Unauthorized', 'who are you?');
    assert.equal((await run()).code, 2);
    assert.equal((await run('web', '-o', 'xml')).code, 2);
  });
});

const vm = (rest: object = {}, spec: object = { runStrategy: 'Always' }) => ({
  metadata: { name: 'web', namespace: 'default', uid: 'vm-1' },
  spec,
  ...rest,
});
const vmi = (phase: string, conditions: object[] = [], rest: object = {}) => ({
  metadata: { name: 'web', uid: 'vmi-1', ownerReferences: [{ kind: 'VirtualMachine', uid: 'vm-1' }] },
  spec: { domain: { devices: {} } },
  status: { phase, conditions, activePods: { p1: 'n1' }, ...rest },
});
const pod = (rest: object = {}) => ({
  metadata: { name: 'virt-launcher-web-x', uid: 'p1', ownerReferences: [{ name: 'web', uid: 'vmi-1' }] },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running', ...rest },
});
const at = (plural: string) => `/apis/kubevirt.io/v1/namespaces/default/${plural}/web`;
const VM = at('virtualmachines');
const VMI = at('virtualmachineinstances');
const PODS = '/api/v1/namespaces/default/pods';

describe('kubectl virt doctor: one VM', () => {
  const running = (): World => ({
    ...healthy(),
    '/api/v1/namespaces/default': {},
    [VM]: vm({ status: { printableStatus: 'Running' } }),
    [VMI]: vmi('Running', [{ type: 'AgentConnected', status: 'True' }]),
    [PODS]: { items: [pod()] },
  });

  it('walks to the guest of one that runs', async () => {
    serve(running());
    const { code, out } = await run('web');
    assert.equal(code, 0, out);
    assert.equal(
      out,
      [
        'ok       VM web: status Running',
        'ok       instance web: phase Running',
        'ok       pod virt-launcher-web-x: phase Running, on node n1',
        'ok       guest web: it runs; its guest agent answers',
        '',
        'Nothing is wrong.',
        '',
      ].join('\n'),
    );
  });

  const unsynchronized = (reason: string, message: string) => [
    { type: 'Synchronized', status: 'False', reason, message },
  ];

  const broken: [what: string, change: (world: World) => void, says: RegExp, links: number][] = [
    [
      'stopped',
      (world) => {
        const lastTermination = {
          reason: 'PoweredOff',
          message: 'The guest powered off',
          time: new Date(Date.now() - 7_200_500).toISOString(),
        };
        world[VM] = vm({ status: { printableStatus: 'Stopped', lastTermination } }, { runStrategy: 'Halted' });
        world[VMI] = undefined;
      },
      /PROBLEM {2}VM web: it is stopped, and nothing is to run: its run strategy is Halted; its last instance ended 120m ago: PoweredOff, The guest powered off\n.*→ kubectl virt start web -n default/,
      1,
    ],
    [
      'a claim that is missing',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'ErrorPvcNotFound' } });
        world[VMI] = vmi('Pending', unsynchronized('FailedPvcNotFound', 'volume root: claim data does not exist'));
      },
      /PROBLEM {2}instance web: FailedPvcNotFound: volume root: claim data does not exist\n.*→ create it/,
      2,
    ],
    [
      'a Secret that is missing',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'ErrorSecretNotFound' } });
        world[VMI] = vmi('Scheduling', unsynchronized('SecretNotFound', 'volume keys: Secret k does not exist'));
      },
      /PROBLEM {2}instance web: SecretNotFound: volume keys: Secret k does not exist\n.*→ create it; the pod is made again/,
      2,
    ],
    [
      'an image that cannot be pulled',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'ErrImagePull' } });
        world[VMI] = vmi(
          'Scheduling',
          unsynchronized('ErrImagePull', 'the image quay.io/nope of volume root cannot be pulled'),
        );
      },
      /PROBLEM {2}instance web: ErrImagePull: the image quay\.io\/nope.*\n.*→ name, tag, registry, pull secret/,
      2,
    ],
    [
      'no node that takes it',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'ErrorUnschedulable' } });
        world[VMI] = vmi('Scheduling', [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes: Insufficient memory; the VM asks for 1Ti',
          },
        ]);
      },
      /PROBLEM {2}pod virt-launcher-web-x: no node takes it: 0\/1 nodes: Insufficient memory; the VM asks for 1Ti\n.*→ the message of condition PodScheduled/,
      3,
    ],
    [
      'no KVM and no emulation',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'ErrorUnschedulable' } });
        world[VMI] = vmi('Scheduling', [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes: Insufficient devices.kubevirt.io/kvm',
          },
        ]);
      },
      /no node takes it: .*devices\.kubevirt\.io\/kvm\n.*→ Use nodes with a \/dev\/kvm that works.*useEmulation: true/,
      3,
    ],
    [
      'a guest that crashed',
      (world) => {
        const lastTermination = { reason: 'Crashed', message: 'The guest crashed', time: new Date().toISOString() };
        const conditions = [
          { type: 'Failure', status: 'True', reason: 'Crashed', message: 'The guest crashed: QEMU died' },
        ];
        world[VM] = vm(
          { status: { printableStatus: 'Stopped', lastTermination, conditions } },
          { runStrategy: 'Manual' },
        );
        world[VMI] = undefined;
      },
      /PROBLEM {2}VM web: Crashed: The guest crashed: QEMU died\n.*→ the message; kubectl virt console web -n default at the next start/,
      1,
    ],
    [
      'an instance that the controller does not make',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'Starting' } });
        world[VMI] = undefined;
        world[apps('deployments/virt-controller')] = deployment(0);
      },
      /PROBLEM {2}instance web: virt-controller has not made it\n.*→ See what follows\.\nPROBLEM {2}virt-controller: Deployment virt-controller has 0 of 2 pods ready/,
      3,
    ],
    [
      'an instance that the webhook keeps away',
      (world) => {
        const message = 'Error creating virtual machine instance: failed calling webhook: no endpoints available';
        world[VM] = vm({
          status: {
            printableStatus: 'Starting',
            conditions: [{ type: 'Failure', status: 'True', reason: 'FailedCreate', message }],
          },
        });
        world[VMI] = undefined;
        world[apps('deployments/virt-webhook')] = deployment(0);
      },
      /PROBLEM {2}VM web: FailedCreate: .*no endpoints available[^]*PROBLEM {2}virt-webhook: Deployment virt-webhook has 0 of 2/,
      2,
    ],
    [
      'a node whose agent is away',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'Starting' } });
        world[VMI] = vmi('Scheduled', [], { nodeName: 'n1' });
        world['/api/v1/nodes/n1'] = node('n1', { 'kubevirt.io/schedulable': 'false' });
      },
      /PROBLEM {2}nodes: n1 takes no virtual machines, its virt-agent has never reported/,
      4,
    ],
    [
      'a container that does not start',
      (world) => {
        const waiting = { reason: 'CreateContainerConfigError', message: 'secret "x" not found' };
        world[VM] = vm({ status: { printableStatus: 'Starting' } });
        world[VMI] = vmi('Scheduling');
        world[PODS] = { items: [pod({ containerStatuses: [{ name: 'compute', state: { waiting } }] })] };
      },
      /PROBLEM {2}pod virt-launcher-web-x: container compute: CreateContainerConfigError: secret "x" not found/,
      3,
    ],
    [
      'paused',
      (world) =>
        (world[VMI] = vmi('Running', [
          { type: 'Paused', status: 'True', reason: 'PausedIOError', message: 'disk full' },
        ])),
      /PROBLEM {2}guest web: it is paused: disk full\n.*→ repair the storage, then kubectl virt unpause web -n default$/m,
      4,
    ],
    [
      'pods that cannot be listed',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'Starting' } });
        world[VMI] = vmi('Scheduling');
        world[PODS] = status(500, 'InternalError', 'etcd is away');
      },
      /PROBLEM {2}pod: the pods of default cannot be listed: etcd is away$/m,
      3,
    ],
    [
      'a node that cannot be read',
      (world) => {
        world[VM] = vm({ status: { printableStatus: 'Starting' } });
        world[VMI] = vmi('Scheduled');
        world['/api/v1/nodes/n1'] = status(500, 'InternalError', 'etcd is away');
      },
      /PROBLEM {2}node n1: the node cannot be read: etcd is away$/m,
      4,
    ],
    [
      "an instance that is another's",
      (world) => {
        world[VM] = { ...vm({ status: { printableStatus: 'Starting' } }), metadata: { name: 'web', uid: 'vm-2' } };
        world[VMI] = vmi('Scheduled');
      },
      /PROBLEM {2}instance web: an instance of that name is there.*\n.*→ Delete it: kubectl delete vmi web -n default$/m,
      2,
    ],
    [
      'not there',
      (world) => {
        world[VM] = undefined;
        world[VMI] = undefined;
      },
      /PROBLEM {2}VM web: it does not exist in default\n.*→ See what there is: kubectl virt list -n default/,
      1,
    ],
    [
      'in no namespace',
      (world) => {
        world[VM] = undefined;
        world[VMI] = undefined;
        world['/api/v1/namespaces/default'] = undefined;
      },
      /PROBLEM {2}VM web: namespace "default" does not exist/,
      1,
    ],
  ];
  for (const [what, change, says, links] of broken)
    it(`names the first broken link and what to do: ${what}`, async () => {
      const world = running();
      change(world);
      serve(world);
      const { code, out } = await run('vm/web');
      assert.equal(code, 1, out);
      assert.match(out, says);
      assert.equal(out.split('\n').filter((line) => /^(ok|WARNING|PROBLEM|unknown)/.test(line)).length, links, out);
      const json = JSON.parse((await run('vm/web', '-o', 'json')).out);
      assert.equal(json.healthy, false);
    });

  it('puts name and namespace into the commands of the page of troubleshooting', () => {
    const at = (remedy: string) => addressed(remedy, 'web', 'prod');
    assert.equal(at('kubectl virt start web -n prod'), 'kubectl virt start web -n prod');
    assert.equal(at('kubectl virt stop --force ends it'), 'kubectl virt stop web -n prod --force ends it');
    assert.equal(at('then kubectl describe pvc'), 'then kubectl describe pvc -n prod');
    assert.equal(at('kubectl logs POD -c compute'), 'kubectl logs POD -n prod -c compute');
    for (const other of ['kubectl -n kubevirt describe pods', 'kubectl logs -n kubevirt deployment/virt-controller'])
      assert.equal(at(other), other);
  });

  it('warns of what a running guest suffers from', async () => {
    const world = running();
    const lastTermination = { reason: 'Crashed', message: 'boom', time: new Date(Date.now() - 60_500).toISOString() };
    world[VM] = vm({
      status: {
        printableStatus: 'Running',
        lastTermination,
        conditions: [{ type: 'RestartRequired', status: 'True' }],
      },
    });
    world[VMI] = vmi('Running', [
      { type: 'SoftwareEmulation', status: 'True', reason: 'KVMUnavailable', message: 'KVM does not work on n1' },
    ]);
    serve(world);
    const { code, out } = await run('web');
    assert.equal(code, 0);
    assert.match(out, /WARNING {2}guest web: KVM does not work on n1\n.*→ a node with a \/dev\/kvm that works/);
    assert.match(out, /WARNING {2}guest web: its last instance ended 60s ago: Crashed, boom/);
    assert.match(
      out,
      /WARNING {2}guest web: its template has changed.*\n.*→ See what: kubectl virt pending web -n default/,
    );
  });

  it('tells the last warnings of its events, and no others', async () => {
    const world = running();
    world[VM] = vm({ status: { printableStatus: 'Stopped' } }, { runStrategy: 'Halted' });
    world[VMI] = undefined;
    const event = (kind: string, name: string, reason: string, lastTimestamp: string) => ({
      reason,
      message: 'm',
      lastTimestamp,
      involvedObject: { kind, name },
    });
    world[PODS] = {
      items: [
        pod(),
        { metadata: { name: 'virt-launcher-web-2-x', ownerReferences: [{ name: 'web-2', uid: 'vmi-2' }] }, status: {} },
      ],
    };
    world['events'] = [
      // More than one page, of others.
      ...Array.from({ length: 600 }, (_, index) => event('Pod', `job-${index}`, 'Other', '2026-01-03')),
      event('Deployment', 'web', 'Other', '2026-01-03'),
      event('Pod', 'virt-launcher-web-2-x', 'Other', '2026-01-03'),
      event('VirtualMachine', 'web', 'Second', '2026-01-02'),
      event('VirtualMachineInstance', 'web', 'Third', '2026-01-03'),
      event('Pod', 'virt-launcher-web-x', 'First', '2026-01-01'),
    ];
    serve(world);
    const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
    const file = join(directory, 'web.tar.gz');
    const { out } = await run('web', '--bundle', file);
    assert.match(
      out,
      /Last warnings among its events:\n {2}2026-01-01 {2}Pod virt-launcher-web-x {2}First: m\n {2}2026-01-02 {2}VirtualMachine web {2}Second: m\n.*Third: m\n/,
    );
    assert.doesNotMatch(gunzipSync(readFileSync(file)).toString('latin1'), /Other/);
    rmSync(directory, { recursive: true });
    assert.doesNotMatch(out, /Other/);
  });

  it('goes on where the user may not see a link, and says so', async () => {
    const world = running();
    world[PODS] = FORBIDDEN;
    world[VM] = FORBIDDEN;
    serve(world);
    const { code, out } = await run('web');
    assert.equal(code, 0);
    assert.match(
      out,
      /^unknown {2}VM web: you may not see it: that takes the right to get virtualmachines in default$/m,
    );
    assert.match(out, /^unknown {2}pod: .*list pods in default$/m);
    assert.match(out, /^ok {7}guest web: it runs/m);
    // It may be stopped on purpose.
    world[VMI] = undefined;
    serve(world);
    const blind = await run('web');
    assert.deepEqual([blind.code, /PROBLEM/.test(blind.out)], [0, false], blind.out);
    world[VM] = status(500, 'InternalError', 'etcd is away');
    serve(world);
    assert.match((await run('web')).out, /PROBLEM {2}VM web: etcd is away/);
  });
});

describe('kubectl virt doctor --bundle', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'doctor-'))));
  after(() => rmSync(directory, { recursive: true }));

  /** Names and contents of a tar archive. */
  const read = (file: string): Map<string, string> => {
    const bytes = gunzipSync(readFileSync(file));
    const files = new Map<string, string>();
    for (let from = 0; bytes[from] !== 0;) {
      const size = parseInt(bytes.subarray(from + 124, from + 135).toString(), 8);
      const name = bytes
        .subarray(from, from + 100)
        .toString()
        .replace(/\0.*$/s, '');
      files.set(name, bytes.subarray(from + 512, from + 512 + size).toString());
      from += 512 + Math.ceil(size / 512) * 512;
    }
    return files;
  };

  it('holds what was looked at, without secrets, user data and environment', async () => {
    const SECRET = 'geheim-7391';
    const world: World = {
      ...healthy(),
      [VM]: {
        ...vm({ status: { printableStatus: 'Running' } }),
        metadata: {
          name: 'web',
          uid: 'vm-1',
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': SECRET,
            'kubevirt.io/ignitiondata': SECRET,
            'example.org/a': SECRET,
          },
          managedFields: [SECRET],
        },
        spec: {
          dataVolumeTemplates: [
            {
              spec: { source: { http: { url: `https://me:${SECRET}@host/d?sig=${SECRET}`, extraHeaders: [SECRET] } } },
            },
          ],
          template: {
            spec: {
              domain: { firmware: { kernelBoot: { kernelArgs: SECRET } } },
              readinessProbe: { exec: { command: [SECRET] }, httpGet: { httpHeaders: [{ value: SECRET }] } },
              volumes: [
                { cloudInitNoCloud: { userData: SECRET, networkData: SECRET, secretRef: { name: 'kept' } } },
                { cloudInitConfigDrive: { userDataBase64: SECRET, networkDataBase64: SECRET } },
              ],
              accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'kept-too' } } } }],
            },
          },
        },
      },
      [VMI]: vmi('Running'),
      [PODS]: {
        items: [
          {
            ...pod(),
            spec: {
              containers: [
                {
                  name: 'compute',
                  args: [SECRET],
                  command: [SECRET],
                  env: [{ name: 'KEPT_NAME', value: SECRET }],
                  envFrom: [SECRET],
                },
              ],
            },
          },
        ],
      },
      '/api/v1/namespaces/default/events': {
        items: [
          {
            message: `Bearer ${SECRET}`,
            involvedObject: { name: 'web' },
          },
        ],
      },
      '/api/v1/namespaces/kubevirt/pods': { items: [{ metadata: { name: 'virt-webhook-1' }, spec: {}, status: {} }] },
      '/api/v1/namespaces/kubevirt/pods/virt-webhook-1/log': {
        code: 200,
        body: `{"msg":"get https://u:${SECRET}@x/"}\n`,
      },
    };
    serve(world);
    const file = join(directory, 'web.tar.gz');
    const { err } = await run('web', '--bundle', file);
    assert.match(err, /Wrote .*web\.tar\.gz: \d+ files\. Read it before you hand it on/);
    const files = read(file);
    assert.ok(files.has('kubectl-virt-doctor/doctor.json'));
    assert.ok([...files.keys()].some((name) => name.startsWith('kubectl-virt-doctor/logs/virt-webhook-1')));
    const all = [...files.values()].join('\n');
    assert.ok(!all.includes(SECRET), all.slice(all.indexOf(SECRET) - 200, all.indexOf(SECRET) + 20));
    for (const kept of ['kept', 'kept-too', 'KEPT_NAME', 'virt-launcher-web-x']) assert.ok(all.includes(kept), kept);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (const { method, path } of server.seen) {
      assert.equal(method, 'GET');
      assert.doesNotMatch(path, /\/(secrets|configmaps)\b/);
    }
  });

  it('tells of a CA that was not renewed, and of one that has ended', async () => {
    const world = healthy();
    serve(world);
    const { Date: RealDate } = globalThis;
    const at = async (days: number): Promise<string> => {
      const now = RealDate.now;
      RealDate.now = () => now() + days * 86_400_000;
      try {
        return (await run()).out;
      } finally {
        RealDate.now = now;
      }
    };
    assert.match(
      await at(95),
      /WARNING {2}admission: the CA in ValidatingWebhookConfiguration ends in 4 days and was not/,
    );
    assert.match(await at(103), /PROBLEM {2}admission: the CA in MutatingWebhookConfiguration ended 3 days ago/);
  });

  it('stays small, whatever the cluster holds', async () => {
    const world = healthy();
    const label = 'x'.repeat(100_000);
    world['/api/v1/nodes'] = { items: Array.from({ length: 200 }, (_, index) => node(`n${index}`, { label })) };
    serve(world);
    const file = join(directory, 'large.tar.gz');
    assert.equal((await run('--bundle', file)).code, 0);
    const bytes = gunzipSync(readFileSync(file));
    assert.ok(bytes.length < 9 * 1024 * 1024, `${bytes.length}`);
    const nodes = [...read(file)].find(([name]) => name.includes('nodes'))![1];
    assert.match(nodes, /cut here, because the file is too large/);
  });

  it('replaces a file or a link that is there, and gives nobody else a right to it', async () => {
    serve(healthy());
    const [file, link, elsewhere] = ['open.tar.gz', 'link.tar.gz', 'elsewhere'].map((each) => join(directory, each));
    writeFileSync(file!, 'old', { mode: 0o644 });
    writeFileSync(elsewhere!, 'kept');
    symlinkSync(elsewhere!, link!);
    for (const path of [file!, link!]) {
      assert.equal((await run('--bundle', path)).code, 0);
      assert.ok(read(path).has('kubectl-virt-doctor/doctor.json'));
      const { mode } = lstatSync(path);
      assert.equal(mode & 0o777, 0o600, path);
    }
    assert.equal(readFileSync(elsewhere!, 'utf8'), 'kept');
    const { code, err } = await run('--bundle', directory);
    assert.equal(code, 2);
    assert.match(err, /cannot write .*: it is there and no file/);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('says where it cannot be written', async () => {
    serve(healthy());
    const { code, err } = await run('--bundle', join(directory, 'no', 'such.tar.gz'));
    assert.equal(code, 2);
    assert.match(err, /cannot write .*such\.tar\.gz/);
  });

  it('leaves out of texts what looks like a secret', () => {
    const PEM = '-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----';
    for (const text of [
      'login with password=SECRET failed',
      'login with Password: SECRET failed',
      'passphrase = "SECRET and SECRET"',
      `{"passwd":"a\\"SECRET"}`,
      `{"msg":"{\\"apiKey\\": \\"SECRET\\"}"}`,
      'AWS_SECRET_ACCESS_KEY=SECRET',
      'api-key: SECRET',
      'access_token=SECRET&x',
      'token: eyJhbGciOiJIUzI1NiJ9.eyJSECRET.SECRET_-x',
      'got eyJhbGciOiJIUzI1NiJ9.eyJSECRETSECRET.SECRET_-x here',
      `key ${PEM} end`,
      PEM.replaceAll('\n', '\\n'),
      '-----BEGIN PRIVATE KEY-----\nSECRET',
      `LS0tLS1CRUdJTiBQUklWQVRFSECRET`,
      'https://me:SECRET@SECRET@host/disk',
      'https://me:SECRET/SECRET@host/disk',
      'https://host/disk?sig=SECRET',
    ])
      assert.doesNotMatch(redactText(text), /SECRET(?!_ACCESS)/, text);
    for (const text of [
      'volume keys: Secret k does not exist',
      'image docker://quay.io:443/disks/debian@sha256:abc is pulled',
      'https://10.0.0.1:6443/api',
      'KVM works on no node',
    ])
      assert.equal(redactText(text), text);
  });

  it('takes no long time over a text, whatever it repeats', () => {
    const before = process.cpuUsage();
    for (const piece of [
      'a',
      'key',
      'eyJ',
      '-----BEGIN A-----',
      'a://',
      'a://b:',
      'pass="',
      'password=\\',
      'basic ',
      ' ',
    ])
      redactText(piece.repeat(256_000 / piece.length));
    const { user } = process.cpuUsage(before);
    assert.ok(user < 10_000_000, `${user / 1000} ms`);
  });

  it('redacts by the name of a field too', () => {
    const annotations = { 'kubevirt.io/vm-generation': '1', 'kubevirt.io/other': 'a', 'x/is-default-class': 'b' };
    assert.deepEqual(
      redact({
        metadata: { annotations },
        parameters: { user: 'a' },
        mountOptions: ['b'],
        csi: { driver: 'd', volumeAttributes: { c: 'c' } },
        flexVolume: { options: { d: 'd' } },
        httpGet: { port: 80, path: '/health?x' },
      }),
      {
        metadata: {
          annotations: {
            'kubevirt.io/vm-generation': '1',
            'kubevirt.io/other': '<redacted>',
            'x/is-default-class': '<redacted>',
          },
        },
        parameters: '<redacted>',
        mountOptions: '<redacted>',
        csi: { driver: 'd', volumeAttributes: '<redacted>' },
        flexVolume: { options: '<redacted>' },
        httpGet: { port: 80, path: '<redacted>' },
      },
    );

    assert.deepEqual(
      redact({ apiToken: 'a', adminPassword: 'b', secretName: 'c', nested: [{ private_key: 'd' }], secret: 'e' }),
      {
        apiToken: '<redacted>',
        adminPassword: '<redacted>',
        secretName: 'c',
        nested: [{ private_key: '<redacted>' }],
        secret: '<redacted>',
      },
    );
  });
});

describe('what the doctor knows of reasons', () => {
  it('is what the page of troubleshooting says, for every status and reason that is written', () => {
    for (const { word } of PRINTABLE_STATUSES) assert.ok(told('status', word), word);
    for (const { reason } of WAITING_WORDS) assert.ok(told('condition', `Synchronized/${reason}`)?.remedy, reason);
    for (const reason of ['Crashed', 'OOMKilled', 'FailedToStart', 'Evicted'])
      assert.ok(told('end', reason)?.remedy, reason);
    assert.equal(told('status', 'toString'), undefined);
  });
});
