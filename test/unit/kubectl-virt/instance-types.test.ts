import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, type FakeApiServer } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

const VM = (instancetype: string, more = '') => `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: web, namespace: a}
spec:
  runStrategy: Always
  instancetype: ${instancetype}
  ${more}
  template:
    spec:
      domain: {devices: {}}
      volumes: [{name: root, dataVolume: {name: root}}]
`;
const SIZE = `apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineInstancetype
metadata: {name: mine, namespace: a}
spec: {cpu: {guest: 3}, memory: {guest: 3Gi}}
`;

describe('kubectl virt and instance types', () => {
  let directory = '';
  let server: FakeApiServer | undefined;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'instance-types-'))));
  after(() => rmSync(directory, { recursive: true }));
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const run = async (...args: string[]) => {
    const io = fakeIo();
    try {
      return { code: await main(args, io), out: io.out(), err: io.err() };
    } catch (error) {
      // As the program itself prints it.
      return { code: 2, out: io.out(), err: String(error) };
    }
  };

  describe('without a cluster', () => {
    it('takes them from the same files, from --instancetypes, and from the set of the product', async () => {
      const own = '{name: mine, kind: virtualmachineinstancetype}';
      const together = await run('lint', '-f', write('both.yaml', `${SIZE}---\n${VM(own)}`));
      assert.equal(together.code, 0, together.out);
      assert.match(together.err, /VirtualMachineInstancetype mine: .*"sockets":3.*\n2 objects checked, 0 errors/s);
      const alone = write('vm.yaml', VM(own));
      assert.match((await run('lint', '-f', alone)).out, /neither among these files nor .*\[W-INST-1\]/);
      const beside = await run('lint', '-f', alone, '--instancetypes', write('size.yaml', SIZE));
      assert.equal(beside.code, 0, beside.out);
      assert.doesNotMatch(beside.out, /W-INST-1/);
      const shipped = await run('render', '-o', 'domain', '-f', write('u1.yaml', VM('{name: u1.medium}')));
      assert.match(shipped.out, /<memory unit="b">4294967296<\/memory>/);
      assert.match(shipped.err, /VirtualMachineClusterInstancetype u1\.medium/);
    });

    it('takes none of another namespace', async () => {
      const elsewhere = SIZE.replace('namespace: a', 'namespace: b');
      const { out } = await run(
        'lint',
        '-f',
        write('b.yaml', `${elsewhere}---\n${VM('{name: mine, kind: VirtualMachineInstancetype}')}`),
      );
      assert.match(out, /\[W-INST-1\]/);
    });

    it('says what conflicts, where it stands', async () => {
      const text = VM('{name: u1.medium}').replace('{devices: {}}', '{devices: {}, memory: {guest: 1Gi}}');
      const { code, out } = await run('lint', '-f', write('conflict.yaml', text));
      assert.equal(code, 1);
      assert.match(
        out,
        /:10:\d+: error: spec\.template\.spec\.domain\.memory\.guest: is set, and .* gives the memory \(4Gi\)/,
      );
    });

    it('infers from the labels of a template, and admits what only a cluster knows', async () => {
      const templates = `dataVolumeTemplates: [{metadata: {name: root, labels: {instancetype.kubevirt.io/default-instancetype: u1.small}}, spec: {source: {blank: {}}, storage: {resources: {requests: {storage: 1Gi}}}}}]`;
      const inferred = await run('render', '-f', write('infer.yaml', VM('{inferFromVolume: root}', templates)));
      assert.deepEqual((parse(inferred.out) as { spec: { instancetype: object } }).spec.instancetype, {
        name: 'u1.small',
      });
      const unknown = await run('lint', '-f', write('unknown.yaml', VM('{inferFromVolume: root}')));
      assert.equal(unknown.code, 0);
      assert.match(unknown.out, /\[W-INF-1\]/);
    });

    it('checks them themselves', async () => {
      const wrong = SIZE.replace('guest: 3Gi', 'guest: 3Gi, overcommitPercent: 200');
      const { code, out } = await run('lint', '-f', write('wrong.yaml', wrong));
      assert.equal(code, 1);
      assert.match(out, /:4:\d+: error: spec\.memory\.overcommitPercent is 200.*\[instancetype\.overcommit\]/);
      const old = SIZE.replace('v1beta1', 'v1alpha1');
      assert.match(
        (await run('lint', '-f', write('old.yaml', old))).out,
        /is not served: write instancetype\.kubevirt\.io\/v1beta1/,
      );
      const kind = SIZE.replace('kind: VirtualMachineInstancetype', 'kind: VirtualMachineInstanceType');
      assert.match(
        (await run('lint', '-f', write('kind.yaml', kind))).out,
        /did you mean "VirtualMachineInstancetype"/,
      );
    });

    it('prints new ones that pass its own check', async () => {
      const size = await run('create', 'instancetype', '--name', 'small', '--cpu', '2', '--memory', '4Gi');
      assert.equal(size.code, 0, size.err);
      const wish = await run('create', 'preference', '--name', 'wish', '--cpu-topology', 'cores', '--namespaced');
      assert.equal((parse(wish.out) as { kind: string }).kind, 'VirtualMachinePreference');
      for (const [name, { out }] of Object.entries({ size, wish })) {
        const { code, out: said } = await run('lint', '-f', write(`${name}.yaml`, out));
        assert.deepEqual([code, said], [0, '']);
      }
      for (const args of [
        ['create', 'instancetype', '--name', 'small'],
        ['create', 'instancetype', '--cpu', '2', '--memory', '4Gi'],
        ['create', 'instancetype', '--name', 'Small', '--cpu', '2', '--memory', '4Gi'],
        ['create', 'instancetype', '--name', 'small', '--cpu', '0', '--memory', '4Gi'],
        ['create', 'instancetype', '--name', 'small', '--cpu', '2', '--memory', 'much'],
      ])
        assert.notEqual((await run(...args)).code, 0, args.join(' '));
    });
  });

  it('asks the cluster to expand what is given, and what is stored', async () => {
    server = await fakeApiServer({ answer: () => ({ code: 200, body: { kind: 'VirtualMachine' } }) });
    const given = await run('expand', '-f', write('vm.yaml', VM('{name: u1.small}')), ...server.flags);
    assert.deepEqual([given.code, given.out], [0, 'kind: VirtualMachine\n'], given.err);
    await run('expand', '--vm', 'web', '-n', 'b', '-o', 'json', ...server.flags);
    assert.deepEqual(
      server.seen.map(({ method, path }) => `${method} ${path}`),
      [
        'PUT /apis/subresources.kubevirt.io/v1/namespaces/a/expand-vm-spec',
        'GET /apis/subresources.kubevirt.io/v1/namespaces/b/virtualmachines/web/expand-spec',
      ],
    );
    assert.equal((server.seen[0]?.body as { metadata: { name: string } }).metadata.name, 'web');
    assert.notEqual((await run('expand', ...server.flags)).code, 0);
    assert.notEqual((await run('expand', '--vm', 'web', '-f', 'x', ...server.flags)).code, 0);
  });
});
