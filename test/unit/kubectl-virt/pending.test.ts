import assert from 'node:assert/strict';
import { isCliError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildInstance } from '../../../src/controller/vm/instance.js';
import { defaultInstance } from '../../../src/mutators/instance.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { fakeApiServer, status, type FakeApiServer } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

const SPEC = 'spec.template.spec';
const machine = (change: Change): VirtualMachine =>
  manifest({ 'metadata.uid': 'vm-uid', ...change }, 'VirtualMachine') as unknown as VirtualMachine;
const runningFrom = (change: Change): VirtualMachineInstance =>
  defaultInstance(buildInstance(machine(change), false), {
    config: resolveClusterConfig(),
    newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
    now: () => '2026-01-01T00:00:00Z',
    refuse: () => assert.fail('refused'),
  });

describe('kubectl virt pending', () => {
  let server: FakeApiServer;
  afterEach(() => server.close());

  const pending = async (vm: Change, vmi: VirtualMachineInstance | undefined, ...args: string[]) => {
    server = await fakeApiServer({
      answer: ({ path }) => {
        if (path.endsWith('/kubevirts')) return { code: 200, body: { items: [] } };
        if (path.includes('/virtualmachineinstances/'))
          return vmi === undefined ? status(404, 'NotFound', 'gone') : { code: 200, body: vmi };
        return { code: 200, body: machine(vm) };
      },
    });
    const io = fakeIo();
    const code = await main(['pending', 'case', '-n', 'default', ...args, ...server.flags], io);
    assert.equal(code, 0, io.err());
    return io.out();
  };

  it('lists each field with what runs and what is wanted', async () => {
    const out = await pending(
      { [`${SPEC}.domain.memory`]: { guest: '2Gi' }, [`${SPEC}.hostname`]: 'other' },
      runningFrom({ [`${SPEC}.domain.memory`]: { guest: '1Gi' }, [`${SPEC}.nodeSelector`]: { a: 'b' } }),
    );
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {3,}/));
    assert.deepEqual(rows[0], ['FIELD', 'RUNNING', 'WANTED']);
    const of = (field: string) => rows.find(([name]) => name === field)?.slice(1);
    assert.deepEqual(of('spec.template.spec.domain.memory.guest'), ['1Gi', '2Gi']);
    assert.deepEqual(of('spec.template.spec.hostname'), ['<none>', 'other']);
    assert.deepEqual(of('spec.template.spec.nodeSelector'), ['{"a":"b"}', '<none>']);
  });
  it('says the same as JSON', async () => {
    const out = await pending({ [`${SPEC}.hostname`]: 'other' }, runningFrom({}), '-o', 'json');
    assert.deepEqual(JSON.parse(out), {
      namespace: 'default',
      name: 'case',
      running: true,
      pending: [{ field: 'spec.template.spec.hostname', running: null, wanted: 'other' }],
    });
  });
  it('says where nothing waits, however it is written', async () => {
    const out = await pending(
      { [`${SPEC}.domain.memory`]: { guest: '1024Mi' }, [`${SPEC}.affinity`]: {} },
      runningFrom({ [`${SPEC}.domain.memory`]: { guest: '1Gi' } }),
    );
    assert.equal(out, 'Nothing of case waits for a restart.\n');
  });
  it('says that a VM does not run, also where the VMI of its name has ended or is another’s', async () => {
    const text = 'case does not run: its next start takes everything.\n';
    assert.equal(await pending({}, undefined), text);
    await server.close();
    assert.equal(await pending({}, { ...runningFrom({}), status: { phase: 'Succeeded' } }), text);
    await server.close();
    const foreign = runningFrom({});
    assert.equal(await pending({}, { ...foreign, metadata: { ...foreign.metadata, ownerReferences: [] } }), text);
  });
  for (const [title, namespace, says] of [
    ['a VM that does not exist', 200, /"case" not found\nSee what there is: kubectl get virtualmachines -n default/],
    ['a namespace that does not exist', 404, /namespace "default" does not exist\n.*kubectl get namespaces/],
  ] as const)
    it(`says of ${title} what to do next`, async () => {
      server = await fakeApiServer({
        answer: ({ path }) =>
          path === '/api/v1/namespaces/default' && namespace === 200
            ? { code: 200, body: {} }
            : status(404, 'NotFound', 'virtualmachines.kubevirt.io "case" not found'),
      });
      await assert.rejects(main(['pending', 'case', '-n', 'default', ...server.flags], fakeIo()), (error: unknown) => {
        assert.ok(isCliError(error));
        assert.match(`${error.message}\n${error.remedy}`, says);
        return true;
      });
    });
});
