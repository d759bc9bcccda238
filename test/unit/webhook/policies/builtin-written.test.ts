import assert from 'node:assert/strict';
import { policy, PolicyApi } from './support.js';

const WEAKEN = 'weaken virtualmachineclusterpolicies/vm-size@';
const SOFTENING = { validations: [], builtin: [{ rule: 'net.no-iface', action: 'Off' }] };

describe("A policy about the product's own rules", () => {
  let api: PolicyApi;
  beforeEach(async () => {
    api = new PolicyApi();
    await api.start();
  });
  afterEach(() => api.stop());

  it('softens them, from the first, with the verb to weaken alone', async () => {
    const object = policy(SOFTENING);
    const words = /^spec\.builtin\[0\]\.action is Off for net\.no-iface and was Enforce, which weakens the policy: /;
    assert.match(await api.refusal({ object }), words);
    assert.match(await api.refusal({ oldObject: policy({ action: 'Off' }), object }), words);
    assert.deepEqual(api.asked, [WEAKEN, WEAKEN]);
    api.rights.add(WEAKEN);
    await api.admits({ object });
    assert.equal(api.events.length, 1);
  });

  it('hardens warnings by whoever may write it', async () => {
    await api.admits({ object: policy({ builtin: [{ warning: 'W-CPU-1', action: 'Enforce' }] }) });
    assert.deepEqual(api.asked, []);
  });

  it('is none of a namespace, and names no rule that is fixed', async () => {
    const object = { ...policy(SOFTENING, { namespace: 'shop' }), kind: 'VirtualMachinePolicy' };
    assert.match(await api.refusal({ object }), /^spec\.builtin is for policies of the cluster alone; take it out$/);
    const fixed = policy({ validations: [], builtin: [{ rule: 'upd.spec', action: 'Off' }] });
    assert.match(await api.refusal({ object: fixed }), /^spec\.builtin\[0\]\.rule is upd\.spec, which is fixed: /);
    assert.deepEqual(api.asked, []);
  });

  it('is told what YAML makes of Off without quotes', async () => {
    const object = policy({ validations: [], builtin: [{ rule: 'net.no-iface', action: false }] });
    assert.equal(
      await api.refusal({ object }),
      'spec.builtin[0].action is false, as YAML reads Off without quotes; write "Off"',
    );
  });
});
