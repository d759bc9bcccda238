import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import type { Finding } from '../../../../cmd/kubectl-virt/offline/findings.js';
import { fakeIo } from '../fake-io.js';

const vm = (networkInterface: object | undefined, more: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'orders-db' },
  spec: {
    runStrategy: 'Always',
    template: {
      metadata: { labels: { app: 'orders-db' } },
      spec: {
        domain: {
          memory: { guest: '1Gi' },
          devices: networkInterface ? { interfaces: [{ name: 'default', passtBinding: {}, ...networkInterface }] } : {},
        },
        ...(networkInterface ? { networks: [{ name: 'default', pod: {} }] } : {}),
      },
    },
    ...more,
  },
});
const service = (port: object, selector: object = { app: 'orders-db' }, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'orders-db', ...metadata },
  spec: { selector, ports: [{ name: 'postgres', ...port }] },
});

describe('a Service beside the VM that it selects', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'services-'))));
  after(() => rmSync(directory, { recursive: true }));

  const lint = async (...objects: object[]): Promise<Finding[]> => {
    const file = join(directory, 'all.yaml');
    writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
    const io = fakeIo();
    assert.equal(await main(['lint', '-o', 'json', '-f', file], io), 0, io.out() + io.err());
    const { findings } = JSON.parse(io.out()) as { findings: Finding[] };
    return findings.filter(({ rule }) => rule === 'service.port');
  };
  const messages = async (...objects: object[]) => (await lint(...objects)).map(({ message }) => message);

  it('is told of a port that is not forwarded, and how to have it', async () => {
    const [found, ...others] = await lint(vm({}), service({ port: 5432 }));
    assert.deepEqual(others, []);
    assert.equal(found?.severity, 'warning');
    assert.equal(found.field, 'spec.ports[0].port');
    assert.match(found.message, /^TCP 5432 is not forwarded .* lists no ports .*ports: \[\{port: 5432\}\]/);
    assert.ok(found.message.length <= 300);
    assert.deepEqual(await messages(vm({ ports: [{ port: 5432 }] }), service({ port: 5432 })), []);
  });
  const closed: [string, object, object, RegExp][] = [
    ['by its targetPort', {}, { port: 80, targetPort: 5432 }, /TCP 5432 is not forwarded/],
    ['of a VM that writes no interface', {}, { port: 3306 }, /TCP 3306/],
    [
      'of another protocol',
      { ports: [{ port: 53 }] },
      { port: 53, protocol: 'UDP' },
      /add \{port: 53, protocol: UDP\}$/,
    ],
    [
      'that is not among those listed',
      { ports: [{ port: 80 }] },
      { port: 443 },
      /TCP 443 is not among .* add \{port: 443\}$/,
    ],
    [
      'by a name that no port has',
      { ports: [{ port: 80 }] },
      { port: 80, targetPort: 'web' },
      /"web" is the name of no TCP port/,
    ],
    ['of SCTP', {}, { port: 80, protocol: 'SCTP' }, /SCTP/],
  ];
  for (const [what, card, port, message] of closed) {
    it(`is told of a port ${what}`, async () => {
      const found = await messages(vm(what.includes('no interface') ? undefined : card), service(port));
      assert.equal(found.length, 1);
      assert.match(found[0]!, message);
    });
  }
  it('is told of nothing where all is forwarded', async () => {
    for (const port of [{ port: 22 }, { port: 5432, targetPort: 8080 }, { port: 53, protocol: 'UDP' }])
      assert.deepEqual(await messages(vm({}), service(port)), []);
    const tap = { passtBinding: undefined, masquerade: {} };
    for (const port of [{ port: 5432 }, { port: 80, protocol: 'SCTP' }])
      assert.deepEqual(await messages(vm(tap), service(port)), []);
    const named = vm({ ports: [{ name: 'db', port: 5432 }] });
    assert.deepEqual(await messages(named, service({ port: 5432, targetPort: 'db' })), []);
  });
  it('is looked at only where it selects the VM', async () => {
    const port = { port: 5432 };
    assert.deepEqual(await messages(vm({}), service(port, { app: 'other' })), []);
    assert.deepEqual(await messages(vm({}), { ...service(port), spec: { ports: [port] } }), []);
    assert.deepEqual(await messages(vm({}), service(port, {})), []);
    const elsewhere = { ...vm({}), metadata: { name: 'orders-db', namespace: 'a' } };
    assert.deepEqual(await messages(elsewhere, service(port, { app: 'orders-db' }, { namespace: 'b' })), []);
    assert.equal((await messages(vm({}), service(port, { 'vm.kubevirt.io/name': 'orders-db' }))).length, 1);
  });
  it('may have any shape', async () => {
    const odd = [7, null, [], { selector: 7 }, { selector: { app: 'orders-db' }, ports: [7, null, { port: {} }] }];
    for (const spec of odd) assert.deepEqual(await messages(vm({}), { ...service({}), spec }), []);
  });

  it('that writes no interfaces is told all that it has to write', async () => {
    const [message = ''] = await messages(vm(undefined), service({ port: 3389 }));
    assert.match(
      message,
      /it has no interfaces: write interfaces: \[\{name: default, masquerade: \{\}\}\] and networks/,
    );
    assert.match(message, / and networks: \[\{name: default, pod: \{\}\}\]$/);
    assert.ok(message.length <= 300);
    const [named = ''] = await messages(vm(undefined), service({ port: 80, targetPort: 'web' }));
    assert.match(named, /^leads to "web" of .*ports: \[\{name: web, port: NUMBER\}\]\}\] and networks: /);
  });

  it('is not called unchecked where its ports were compared', async () => {
    const notes = async (...objects: object[]): Promise<string> => {
      const file = join(directory, 'notes.yaml');
      writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
      const io = fakeIo();
      await main(['lint', '-f', file], io);
      return io.err();
    };
    assert.doesNotMatch(await notes(vm({}), service({ port: 80 })), /not checked/);
    assert.match(await notes(service({ port: 80 })), /not checked: v1 Service is of another API/);
    assert.match(await notes(vm({}), { ...service({ port: 80 }), spec: {} }), /not checked: v1 Service/);
  });
});
