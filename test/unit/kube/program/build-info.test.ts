import assert from 'node:assert/strict';
import { KUBEVIRT_RELEASE } from '../../../../src/api/names.js';
import { architectureOf, buildInfo } from '../../../../src/kube/program/build-info.js';
import { discoveryDocuments } from '../../../../src/webhook/subresources/discovery.js';

describe('build information', () => {
  it("names architectures in Kubernetes' words", () => {
    assert.deepEqual(['x64', 'arm64', 's390x', 'ppc64'].map(architectureOf), ['amd64', 'arm64', 's390x', 'ppc64le']);
    assert.equal(architectureOf('riscv64'), 'amd64');
    assert.equal(buildInfo.platform, `${process.platform}/${buildInfo.architecture}`);
  });

  it("tells clients KubeVirt's release first, which virtctl compares with its own, and ours as metadata", () => {
    // As virtctl does: what stands before the metadata, without the v.
    const [release = '', own] = buildInfo.gitVersion.split('+');
    assert.match(release, /^v1\.\d+\.\d+$/);
    assert.equal(release, KUBEVIRT_RELEASE);
    assert.equal(own, `kubectl-virt.${buildInfo.version}`);
    assert.match(own, /^[0-9A-Za-z.-]+$/, "what a version's metadata may be made of");
    for (const path of ['v1', 'v1alpha3'])
      assert.equal(
        (discoveryDocuments(buildInfo).get(`/apis/subresources.kubevirt.io/${path}/version`) as { gitVersion: string })
          .gitVersion,
        buildInfo.gitVersion,
      );
  });
});
