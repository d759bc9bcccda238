import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { StatusError } from '../../../../src/agent-api/status-error.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { discoveryDocuments } from '../../../../src/webhook/subresources/discovery.js';
import { expandedMachine, readMachine } from '../../../../src/webhook/subresources/expansion.js';
import { parseNamespacePath } from '../../../../src/webhook/subresources/request-path.js';
import { authorizeFor, type SubjectAccessReview } from '../../../../src/webhook/subresources/authorization.js';
import { shippedSource } from '../../../../src/instancetypes/shipped/index.js';
import { fakeSource } from '../../instancetypes/fake-source.js';

const config = resolveClusterConfig();
const context = { config, instancetypes: shippedSource };
const vm = (
  spec: object = {},
  domain: object = { devices: {} },
  metadata: object = { name: 'web', namespace: 'a' },
) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata,
  spec: { runStrategy: 'Always', template: { spec: { domain } }, ...spec },
});
const refusal = (written: unknown, given: Parameters<typeof expandedMachine>[2] = context): StatusError => {
  try {
    expandedMachine(written, 'a', given);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
  return assert.fail('expanded');
};
const fieldsOf = ({ details }: StatusError): unknown => details?.causes?.map(({ field }) => field);

describe('the expansion of a VM for who asks', () => {
  it('names neither instance type nor preference any more', () => {
    const made = expandedMachine(
      vm({ instancetype: { name: 'u1.large' }, preference: { name: 'fedora' } }),
      'a',
      context,
    );
    assert.ok(!('instancetype' in made.spec) && !('preference' in made.spec));
    const { cpu, memory, devices } = made.spec.template.spec!.domain;
    assert.deepEqual([cpu?.sockets, memory?.guest, devices.rng], [2, '8Gi', {}]);
    assert.equal(made.metadata?.name, 'web');
  });

  it('leaves a VM as it is that names nothing', () => {
    const plain = vm();
    assert.deepEqual(expandedMachine(plain, 'a', context).spec, plain.spec);
  });

  it('is refused with a cause for each field', () => {
    const size = { instancetype: { name: 'u1.large' } };
    const conflicting = refusal(vm(size, { devices: {}, cpu: { cores: 1 }, memory: { guest: '1Gi' } }));
    assert.equal(conflicting.code, 400);
    assert.deepEqual(fieldsOf(conflicting), [
      'spec.template.spec.domain.cpu.cores',
      'spec.template.spec.domain.memory.guest',
    ]);
    assert.deepEqual(fieldsOf(refusal(vm({ instancetype: { name: 'none' } }))), ['spec.instancetype.name']);
    assert.deepEqual(fieldsOf(refusal(vm({ instancetype: { inferFromVolume: 'none' } }))), [
      'spec.instancetype.inferFromVolume',
    ]);
    const small = { instancetype: { name: 'u1.small' }, preference: { name: 'windows.11' } };
    assert.deepEqual(fieldsOf(refusal(vm(small))), ['spec.instancetype', 'spec.instancetype']);
    for (const broken of [undefined, null, 1, 'x', [], {}, { spec: {} }, vm({ template: 1 })])
      assert.equal(refusal(broken).code, 400, JSON.stringify(broken));
  });

  it('reads nothing of a namespace that the request is not about', () => {
    const named = vm({ instancetype: { name: 'theirs', kind: 'VirtualMachineInstancetype' } });
    const objects = {
      'VirtualMachineInstancetype/b/theirs': { spec: { cpu: { guest: 7 }, memory: { guest: '1Gi' } } },
    };
    const source = { config, instancetypes: fakeSource({ objects }) };
    assert.deepEqual(fieldsOf(refusal(named, source)), ['spec.instancetype.name']);
    const elsewhere = { ...named, metadata: { name: 'web', namespace: 'b' } };
    assert.match(refusal(elsewhere, source).message, /is of namespace b, and the request of a/);
  });

  it('believes no uid and no status of a body, and reads none that is larger than a VM', async () => {
    const sent = {
      ...vm({}, { devices: {} }, { name: 'web', uid: 'theirs' }),
      status: { instancetypeRef: { name: 'x' } },
    };
    const body = (text: string, length = text.length): IncomingMessage =>
      Object.assign(Readable.from([Buffer.from(text)]), {
        headers: { 'content-type': 'application/json', 'content-length': String(length) },
      }) as unknown as IncomingMessage;
    assert.deepEqual(await readMachine(body(JSON.stringify(sent))), vm({}, { devices: {} }, { name: 'web' }));
    await assert.rejects(readMachine(body('{}', 2 ** 21)), /larger than 1572864 bytes: send one VM/);
  });

  it('is asked for below a namespace, with a right of its own', async () => {
    const path = '/apis/subresources.kubevirt.io/v1/namespaces/a/expand-vm-spec';
    assert.deepEqual(parseNamespacePath(path), { version: 'v1', namespace: 'a' });
    for (const other of [`${path}/x`, path.replace('v1', 'v9'), path.replace('/a/', '//'), path.replace('expand', 'x')])
      assert.equal(parseNamespacePath(other), undefined, other);
    const [, document] = [...discoveryDocuments({ gitVersion: '', commit: '', buildDate: '', platform: '' })].find(
      ([where]) => where === '/apis/subresources.kubevirt.io/v1',
    )!;
    assert.ok(JSON.stringify(document).includes('"expand-vm-spec"'));
    const reviews: SubjectAccessReview[] = [];
    const reviewer = {
      review: (review: SubjectAccessReview) => {
        reviews.push(review);
        return Promise.resolve({ allowed: false });
      },
    };
    const user = { username: 'ann', groups: [], extra: {} };
    const attributes = { version: 'v1', namespace: 'a', resource: 'expand-vm-spec', verb: 'update' };
    await assert.rejects(
      authorizeFor(reviewer, user, attributes),
      /User "ann" cannot update resource "expand-vm-spec"/,
    );
    assert.deepEqual(reviews[0]?.spec.resourceAttributes, { group: 'subresources.kubevirt.io', ...attributes });
  });
});
