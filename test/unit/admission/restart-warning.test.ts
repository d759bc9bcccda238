import assert from 'node:assert/strict';
import { restartWarnings } from '../../../src/admission/warnings/restart.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { renderWarning } from '../../../src/admission/warnings/index.js';

const vm = (cores: number, status: VirtualMachine['status'] = { printableStatus: 'Running' }): VirtualMachine => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    runStrategy: 'Always',
    template: { spec: { domain: { cpu: { cores }, devices: {}, memory: { guest: '1Gi' } } } },
  },
  status,
});
const said = (object: VirtualMachine, oldObject: VirtualMachine | undefined, username = 'alice'): string[] =>
  restartWarnings(
    { kind: 'VirtualMachine', operation: oldObject ? 'UPDATE' : 'CREATE', object, oldObject, user: { username } },
    { config: resolveClusterConfig(), installNamespace: 'kubevirt' },
  ).map(renderWarning);

describe('a change of a VM whose guest runs', () => {
  it('is told to take effect with a restart, by its field', () => {
    assert.deepEqual(said(vm(2), vm(1)), [
      'spec.template.spec.domain.cpu.cores: takes effect when the guest is started again: kubectl virt restart [W-RUN-1]',
    ]);
    const two = vm(2);
    two.spec.template.spec!.domain.memory = { guest: '2Gi' };
    assert.match(said(two, vm(1)).join(), /again, and 1 more: kubectl/);
  });

  it('says nothing where nothing changes, by meaning too, and where no guest goes on', () => {
    const same = vm(1);
    same.spec.template.spec!.domain.memory = { guest: '1024Mi' };
    assert.deepEqual(said(same, vm(1)), []);
    assert.deepEqual(said({ ...vm(1), spec: { ...vm(1).spec, runStrategy: 'Halted' } }, vm(1)), []);
    for (const printableStatus of ['Stopped', 'Starting', 'ErrImagePull', 'CrashLoopBackOff'])
      assert.deepEqual(said(vm(2), vm(1, { printableStatus })), [], printableStatus);
    assert.deepEqual(said(vm(2), undefined), []);
  });

  it('says nothing of a cable, which is plugged while it runs, and of a card that is to be there or not', () => {
    const withCard = (state: string): VirtualMachine => {
      const one = vm(1);
      one.spec.template.spec!.domain.devices = { interfaces: [{ name: 'a', masquerade: {}, state }] };
      return one;
    };
    assert.deepEqual(said(withCard('down'), withCard('up')), []);
    assert.match(said(withCard('absent'), withCard('up')).join(), /interfaces\[0\]\.state: takes effect when/);
  });

  it('says nothing of a field that the condition names, which may be put back', () => {
    const message = 'a non-live-updatable field was changed in the template spec: spec.template.spec.domain.cpu.cores';
    const conditions = [{ type: 'RestartRequired' as const, status: 'True' as const, message }];
    assert.deepEqual(said(vm(1), vm(2, { printableStatus: 'Running', conditions })), []);
  });
});
