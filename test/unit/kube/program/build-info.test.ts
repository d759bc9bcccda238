import assert from 'node:assert/strict';
import { architectureOf, buildInfo } from '../../../../src/kube/program/build-info.js';

describe('build information', () => {
  it("names architectures in Kubernetes' words", () => {
    assert.deepEqual(['x64', 'arm64', 's390x', 'ppc64'].map(architectureOf), ['amd64', 'arm64', 's390x', 'ppc64le']);
    assert.equal(architectureOf('riscv64'), 'amd64');
    assert.equal(buildInfo.platform, `${process.platform}/${buildInfo.architecture}`);
  });
});
