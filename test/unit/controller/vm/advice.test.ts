import assert from 'node:assert/strict';
import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { adviceMessage } from '../../../../src/controller/vm/advice.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../../src/validators/rule/examples.js';

const said = (change: Change): string | undefined =>
  adviceMessage(manifest(change, 'VirtualMachine') as unknown as VirtualMachine, resolveClusterConfig());

describe('advice about a VM that starts', () => {
  it('is what applying it did not say, with ids', () => {
    const change = {
      'spec.template.spec.domain.cpu': { cores: 2 },
      'spec.template.spec.domain.resources.requests.cpu': 1,
    };
    assert.match(said(change) ?? '', /^domain\.cpu: 2 vCPUs share 1 of CPU; .* \[W-CPU-1\]; domain\..* \[W-CPU-3\]$/);
  });
  it('is nothing for a plain VM, and none where it starts again and again', () => {
    assert.equal(said({}), undefined);
    const failing = {
      'spec.template.spec.domain.cpu': { cores: 2 },
      'status.startFailure': { consecutiveFailCount: 3 },
    };
    assert.equal(said(failing), undefined);
  });
});
