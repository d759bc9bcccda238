import assert from 'node:assert/strict';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { vmiId } from '../../../src/api/vmi/instance-label.js';
import { podMetadata } from '../../../src/launcher/metadata.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

let server: FakeApiServer;
let answer: (request: SeenRequest) => Answer;
before(async () => (server = await fakeApiServer({ answer: (request) => answer(request) })));
after(() => server.close());

const run = async (...args: string[]) => {
  const io = fakeIo();
  try {
    return { code: await main([...args, ...server.flags], io), out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};

const spec = (ports: object[] = []) => ({
  domain: { devices: { interfaces: [{ name: 'default', masquerade: {}, ports }] } },
  networks: [{ name: 'default', pod: {} }],
});
const metadata = { name: 'web', uid: 'u1' };
const vm = (ports?: object[]) => ({ metadata, spec: { template: { spec: spec(ports) } } });

/** What was sent to make a Service. */
const sent = (): { path: string; body: { spec: Record<string, unknown> } } => {
  const post = server.seen.find(({ method }) => method === 'POST');
  return { path: post?.path ?? '', body: post?.body as { spec: Record<string, unknown> } };
};

describe('kubectl virt expose', () => {
  beforeEach(() => {
    server.seen.length = 0;
    answer = ({ method, body }) => (method === 'POST' ? { code: 201, body } : { code: 200, body: vm() });
  });

  it('makes a Service that selects what only we write, and goes with the VM', async () => {
    const { code, out, err } = await run('expose', 'vm', 'web', '--name=web-ssh', '--port=22', '-n', 'prod');
    assert.deepEqual([code, out, err], [0, 'Service web-ssh successfully created for virtualmachine web\n', '']);
    assert.equal(sent().path, '/api/v1/namespaces/prod/services');
    assert.deepEqual(sent().body, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'web-ssh',
        namespace: 'prod',
        ownerReferences: [
          {
            apiVersion: 'kubevirt.io/v1',
            kind: 'VirtualMachine',
            name: 'web',
            uid: 'u1',
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
      spec: {
        type: 'ClusterIP',
        selector: { 'vmi.kubevirt.io/id': 'web' },
        ports: [{ protocol: 'TCP', port: 22 }],
      },
    });
  });

  it('takes the words of a list however they are written, as virtctl does', async () => {
    assert.equal(
      (await run('expose', 'vm/web', '--name=s', '--port=53', '--protocol', 'udp', '--type=nodeport')).code,
      0,
    );
    assert.deepEqual(sent().body.spec.ports, [{ protocol: 'UDP', port: 53 }]);
    assert.equal(sent().body.spec.type, 'NodePort');
    assert.match((await run('expose', 'vm/web', '--name=s', '--port=53', '--protocol=sctp')).err, /sctp/);
  });

  it('selects the label of the launcher pod, however long the name is, whatever the template says', () => {
    for (const name of ['web', 'a'.repeat(63), `${'long-'.repeat(20)}name`]) {
      const labels = { 'vmi.kubevirt.io/id': 'another' };
      const pod = podMetadata({ metadata: { name, uid: 'u', labels }, spec: { domain: { devices: {} } } });
      assert.equal(pod.labels['vmi.kubevirt.io/id'], vmiId(name));
      assert.ok(vmiId(name).length <= 63);
    }
  });

  it('takes the type in front, as a word, or none, and each kind by its own path', async () => {
    for (const [words, plural, selector] of [
      [['web'], 'virtualmachines', { 'vmi.kubevirt.io/id': 'web' }],
      [['vm/web/prod'], 'virtualmachines', { 'vmi.kubevirt.io/id': 'web' }],
      [['virtualmachineinstances', 'web'], 'virtualmachineinstances', { 'vmi.kubevirt.io/id': 'web' }],
      [['vmirs', 'web'], 'virtualmachineinstancereplicasets', { app: 'web' }],
    ] as const) {
      server.seen.length = 0;
      const set = { metadata, spec: { selector: { matchLabels: { app: 'web' } }, template: { spec: spec() } } };
      answer = ({ method, path, body }) =>
        method === 'POST'
          ? { code: 201, body }
          : {
              code: 200,
              body: path.includes('replicasets') ? set : path.includes('instances') ? { metadata, spec: spec() } : vm(),
            };
      assert.equal((await run('expose', ...words, '--name=s', '--port=80')).code, 0, words.join(' '));
      assert.match(server.seen[0]!.path, new RegExp(`/${plural}/web$`));
      assert.deepEqual(sent().body.spec.selector, selector);
    }
  });

  it('takes the ports that the interface lists, where none is given', async () => {
    answer = ({ method, body }) =>
      method === 'POST'
        ? { code: 201, body }
        : { code: 200, body: vm([{ port: 80 }, { port: 53, protocol: 'UDP', name: 'dns' }]) };
    await run('expose', 'vm/web', '--name=s', '--type=NodePort', '--ip-family=IPv4,IPv6', '--cluster-ip=None');
    assert.deepEqual(sent().body.spec, {
      type: 'NodePort',
      selector: { 'vmi.kubevirt.io/id': 'web' },
      ports: [
        { name: 'port-1', protocol: 'TCP', port: 80 },
        { name: 'port-2', protocol: 'UDP', port: 53 },
      ],
      clusterIP: 'None',
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
    });
    const closed = await run('expose', 'vm/web', '--name=s', '--port=8080', '--target-port=22', '--port-name=ssh');
    assert.match(closed.err, /Warning: port 22 \(TCP\) is not forwarded to the guest/);
    answer = () => ({ code: 200, body: vm() });
    assert.match((await run('expose', 'vm/web', '--name=s')).err, /couldn't find port via --port flag/);
  });

  it('sends nothing in a dry run of the client, and a rehearsal in one of the server', async () => {
    const client = await run('expose', 'vm/web', '--name=s', '--port=80', '--dry-run=client', '-o', 'json');
    assert.equal(JSON.parse(client.out).kind, 'Service');
    assert.equal(sent().path, '');
    await run('expose', 'vm/web', '--name=s', '--port=80', '--dry-run');
    assert.match(sent().path, /\?dryRun=All$/);
    assert.equal((await run('expose', 'vm/web', '--name=s', '--port=80', '-o', 'name')).out, 'service/s\n');
  });

  it('says what the server refuses, and what to do', async () => {
    for (const [code, remedy] of [
      [403, /You need the verb create on services in default/],
      [409, /Choose another --name/],
    ] as const) {
      answer = ({ method }) => (method === 'POST' ? status(code, 'No', 'services "s" no') : { code: 200, body: vm() });
      const { code: exit, err } = await run('expose', 'vm/web', '--name=s', '--port=80');
      assert.equal(exit, 1);
      assert.match(err, /^error: service creation failed: services "s" no\n/);
      assert.match(err, remedy);
    }
    answer = () => status(404, 'NotFound', 'virtualmachines "web" not found');
    assert.match(
      (await run('expose', 'web', '--name=s', '--port=80', '-n', 'x')).err,
      /namespace "x" does not exist|See what there is/,
    );
    const set = (selector: object) => ({ metadata, spec: { selector, template: { spec: spec() } } });
    answer = () => ({ code: 200, body: set({ matchExpressions: [{ key: 'a', operator: 'Exists' }] }) });
    assert.match(
      (await run('expose', 'vmirs/web', '--name=s', '--port=80')).err,
      /by expressions, which a Service cannot/,
    );
    answer = () => ({ code: 200, body: set({}) });
    assert.match((await run('expose', 'vmirs/web', '--name=s', '--port=80')).err, /by no labels/);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [['vm/web'], /the Service has no name/],
    [['vm/web', '--name=A'], /"A" is not a valid name/],
    [['vm/web', '--name=s', '--port=0'], /invalid --port "0"/],
    [['vm/web', '--name=s', '--port=80', '--target-port=99999'], /invalid --target-port "99999"/],
    [['vm/web', '--name=s', '--target-port=80'], /--target-port stands without --port/],
    [['vm/web', '--name=s', '--port=80', '--ip-family=IPv5'], /invalid --ip-family "IPv5"/],
    [['pod', 'web', '--name=s', '--port=80'], /unsupported resource type: pod\nUse vm, vmi or vmirs/],
    [['vm', '--name=s', '--port=80'], /the name behind vm is missing/],
    [['vm/web', '--name=s', '--port=80', '--type=Magic'], /Magic/],
    [['vm/web', '--name=s', '--port=80', '-o', 'xml'], /unsupported output format "xml"/],
  ];
  for (const [args, message] of wrong)
    it(`refuses ${args.join(' ')} without asking anybody`, async () => {
      const { code, err } = await run('expose', ...args);
      assert.equal(code, 1);
      assert.match(err, message);
      assert.deepEqual(server.seen, []);
    });
});

describe('kubectl virt permitted-devices', () => {
  const permitted = {
    pciHostDevices: [
      { pciVendorSelector: '10DE:1EB8', resourceName: 'nvidia.com/TU104', externalResourceProvider: true },
    ],
    usb: [{ resourceName: 'kubevirt.io/key', selectors: [{ vendor: '1234', product: '5678' }] }],
  };
  it('lists them, and says where there are none, or where the user may not see', async () => {
    answer = () => ({
      code: 200,
      body: { items: [{ spec: { configuration: { permittedHostDevices: permitted } } }] },
    });
    assert.equal(
      (await run('permitted-devices')).out,
      'RESOURCE           TYPE   DEVICE      OFFERED BY\n' +
        'nvidia.com/TU104   PCI    10DE:1EB8   another device plugin\n' +
        'kubevirt.io/key    USB    1234:5678   virt-agent\n',
    );
    assert.deepEqual(JSON.parse((await run('permitted-devices', '-o', 'json')).out), permitted);
    answer = () => ({ code: 200, body: { items: [] } });
    const none = await run('permitted-devices');
    assert.deepEqual([none.code, none.out], [0, '']);
    assert.match(none.err, /No device of a node is permitted/);
    answer = () => status(403, 'Forbidden', 'no');
    assert.match((await run('permitted-devices')).err, /You need the verb list on kubevirts/);
  });
});
