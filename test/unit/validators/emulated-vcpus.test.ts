import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { admit } from '../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';

const causes = (sockets: number, useEmulation: boolean) =>
  admit(
    {
      kind: 'VirtualMachineInstance',
      operation: 'CREATE',
      object: manifest({ 'spec.domain.cpu': { sockets, cores: 1, threads: 1 } }),
    },
    {
      config: resolveClusterConfig({ spec: { configuration: { developerConfiguration: { useEmulation } } } }),
      newUuid: () => '00000000-0000-4000-8000-000000000000',
    },
  ).causes;

describe('vCPUs of an emulated machine', () => {
  it('are at most 255', () => {
    assert.deepEqual(causes(255, true), []);
    assert.match(causes(256, true)[0]?.message ?? '', /256 vCPUs, and an emulated machine .* has room for 255/);
    assert.equal(causes(256, true).length, 1);
  });

  it('may be more with KVM', () => assert.deepEqual(causes(256, false), []));
});
