import assert from 'node:assert/strict';
import { minorOf, noInsecurePort, runtimeOf } from '../../cluster/kubernetes-version.js';

describe("the test bed's programs, by their version", () => {
  it('is read from what kubelet says of itself', () => {
    assert.equal(minorOf('Kubernetes v1.20.2\n'), 20);
    assert.equal(minorOf('Kubernetes v1.36.0-rc.1+k3s1'), 36);
    assert.throws(() => minorOf('kubelet: not found'), /no version of Kubernetes 1 in "kubelet: not found"/);
  });

  it('get no flag that their version does not know, and each that it needs', () => {
    const given = (minor: number) => {
      const { flags, config } = runtimeOf(minor, '/c.sock');
      return [
        ...Object.keys(noInsecurePort(minor)),
        ...flags.map((flag) => flag.split('=')[0]),
        ...Object.keys(config),
      ];
    };
    const endpoint = '--container-runtime-endpoint';
    assert.deepEqual(given(20), ['port', '--container-runtime', endpoint]);
    assert.deepEqual(given(23), ['--container-runtime', endpoint]);
    assert.deepEqual(given(24), [endpoint]);
    assert.deepEqual(given(27), ['containerRuntimeEndpoint']);
    for (const minor of [31, 35, 36]) assert.deepEqual(given(minor), ['containerRuntimeEndpoint', 'failCgroupV1']);
    assert.deepEqual(runtimeOf(36, '/c.sock').config, {
      containerRuntimeEndpoint: 'unix:///c.sock',
      failCgroupV1: false,
    });
  });
});
