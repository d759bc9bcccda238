import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  annotatedTopology,
  annotatedVcpus,
  parseSystemUuid,
  isVirtletKey,
  parseVcpuCount,
  wantsNestedHostModel,
} from '../../../../src/api/virtlet/annotations.js';

const withAnnotations = (annotations: Record<string, string>) => ({ annotations });

describe('api/virtlet/annotations', () => {
  it('counts vCPUs as Virtlet did: a sign may be there, zero and less are one', () => {
    const counts = { '1': 1, '255': 255, '+2': 2, '0': 1, '-3': 1, '007': 7, '256': undefined, '2.0': undefined };
    for (const [text, count] of Object.entries({ ...counts, ' 2': undefined, '': undefined, '1e2': undefined }))
      assert.equal(annotatedVcpus(withAnnotations({ VirtletVCPUCount: text })), count, text);
    fc.assert(fc.property(fc.integer({ min: -1e9 + 1, max: 1e9 - 1 }), (n) => assert.equal(parseVcpuCount(`${n}`), n)));
  });

  it('reads UUIDs in every spelling, and none of another shape', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        for (const text of [uuid, uuid.toUpperCase(), `urn:uuid:${uuid}`, `{${uuid}}`, ` ${uuid}\n`])
          assert.equal(parseSystemUuid(text), uuid);
        for (const text of [`${uuid}0`, uuid.slice(1), `{${uuid}`, `${uuid}}`, `x${uuid}`])
          assert.equal(parseSystemUuid(text), undefined, text);
      }),
    );
    assert.equal(parseSystemUuid('00000000-0000-0000-0000-000000000000'), undefined);
    assert.equal(parseSystemUuid('ffffffff-ffff-ffff-ffff-ffffffffffff'), undefined);
  });

  it('takes the count before the topology of the setting, and its dies for sockets', () => {
    const setting = { VirtletLibvirtCPUSetting: 'topology: {sockets: 2, dies: 2, cores: 3, threads: 1}' };
    assert.deepEqual(annotatedTopology(withAnnotations(setting)), { sockets: 4, cores: 3, threads: 1 });
    assert.deepEqual(annotatedTopology(withAnnotations({ ...setting, VirtletVCPUCount: '12' })), {
      sockets: 12,
      cores: 1,
      threads: 1,
    });
    assert.equal(annotatedTopology(withAnnotations({ VirtletLibvirtCPUSetting: 'mode: host-model' })), undefined);
    assert.equal(annotatedTopology(undefined), undefined);
  });

  it('nests for host-model, unless a setting wins', () => {
    assert.equal(wantsNestedHostModel(withAnnotations({ VirtletCPUModel: 'host-model' })), true);
    assert.equal(wantsNestedHostModel(withAnnotations({ VirtletCPUModel: '' })), false);
    const both = { VirtletCPUModel: 'host-model', VirtletLibvirtCPUSetting: 'mode: maximum' };
    assert.equal(wantsNestedHostModel(withAnnotations(both)), false);
    assert.equal(wantsNestedHostModel(withAnnotations({ ...both, VirtletLibvirtCPUSetting: '{}' })), true);
  });

  it('knows Virtlet’s keys, also where their case is wrong', () => {
    for (const key of ['VirtletVCPUCount', 'VirtletDiskDriver', 'virtletCPUModel']) assert.ok(isVirtletKey(key));
    for (const key of ['virtlet.cloud/x', 'MyVirtletKey', 'Virtlet']) assert.ok(!isVirtletKey(key));
  });
});
