import assert from 'node:assert/strict';
import { policyWith } from '../../policies/support.js';
import { machine, newFiles, type Files } from './files.js';

describe('policy explain', () => {
  let files: Files;
  beforeEach(() => {
    files = newFiles();
    files.write('vm.yaml', machine(12));
    files.write(
      'size.yaml',
      policyWith({ matchConditions: [{ name: 'named', expression: "object.metadata.name != ''" }] }),
    );
  });
  afterEach(() => files.remove());
  const explain = (...args: readonly string[]) =>
    files.run('policy', 'explain', ...args, '-f', '@vm.yaml', '--policy', '@size.yaml');

  it('shows parts with values and costs, and the verdict', async () => {
    const { code, out } = await explain('vm-size');
    assert.equal(code, 1);
    assert.match(out, /^vm\.yaml:1: VirtualMachine web, action Enforce\n {2}matchConditions named:\n/);
    assert.match(
      out,
      /^ {2}validation vcpus:\n {4}variables\.vcpus <= 8 = false {2}\(cost \d+\)\n {6}variables\.vcpus = 12 {2}\(cost \d+\)\n/m,
    );
    assert.match(out, /^ {2}Enforce fail: spec\.template\.spec\.domain\.cpu\.cores: .*\[policy\/vm-size\/vcpus\]$/m);
  });
  it('as JSON too', async () => {
    const { objects } = JSON.parse((await explain('vm-size', '-o', 'json')).out);
    assert.deepEqual([objects[0].refused, objects[0].expressions[1].tree.value], [true, 'false']);
  });
  it('accepts what is accepted, and says where a policy is not for the object', async () => {
    files.write('vm.yaml', machine(2));
    const { code, out } = await explain('vm-size');
    assert.deepEqual([code, /^ {2}Nothing is violated\.$/m.test(out)], [0, true]);
    files.write('size.yaml', policyWith({ match: { names: ['db-*'] } }));
    assert.match((await explain('vm-size')).out, /The policy is not for it: match does not fit\./);
  });
  it("shows what each entry about the product's own rules does to the object", async () => {
    const builtin = [
      { rule: 'net.no-iface', action: 'Warn' },
      { warning: 'W-CPU-1', action: 'Enforce' },
      { warning: 'W-MEM-1', action: 'Off' },
    ];
    const lost = machine(2) as { spec: { template: { spec: { domain: object } } } };
    Object.assign(lost.spec.template.spec, { networks: [{ name: 'lost', pod: {} }] });
    Object.assign(lost.spec.template.spec.domain, { resources: { requests: { cpu: '100m', memory: '1Gi' } } });
    files.write('vm.yaml', lost);
    // In quotes, as JSON has it.
    files.write('size.yaml', JSON.stringify(policyWith({ validations: [], builtin })));
    const { code, out, err } = await explain('vm-size');
    assert.equal(code, 1, out + err);
    assert.match(
      out,
      /^ {2}builtin rule net\.no-iface, action Warn: told as a warning instead of refused\n {4}spec\.template\.spec\.networks\[0\]/m,
    );
    assert.match(out, /^ {2}builtin warning W-CPU-1, action Enforce: refused instead of told\n {4}spec\.template/m);
    assert.match(out, /^ {2}builtin warning W-MEM-1, action Off: the product has nothing to say\n/m);
    assert.match(out, /^ {2}Enforce fail: .*\[policy\/vm-size\/W-CPU-1\]$/m);
    const { objects } = JSON.parse((await explain('vm-size', '-o', 'json')).out);
    assert.deepEqual(objects[0].builtin[2], {
      ...{ what: 'warning W-MEM-1', action: 'Off', effect: 'the product has nothing to say', says: [] },
    });
    files.write('size.yaml', JSON.stringify(policyWith({ validations: [], builtin, action: 'Audit' })));
    assert.match(
      (await explain('vm-size')).out,
      /builtin rule net\.no-iface, action Warn: nothing is decided while the policy's action is Audit$/m,
    );
  });
  it('names what is missing', async () => {
    for (const [args, said] of [
      [['vm-sise'], /there is no policy vm-sise\nDid you mean vm-size\?/],
      [['vm-size', '--validation', 'vcpu'], /vm-size has no validation vcpu\nDid you mean vcpus\?/],
    ] as const) {
      const { code, err } = await explain(...args);
      assert.equal(code, 2);
      assert.match(err, said);
    }
    assert.match(
      (await files.run('policy', 'explain', 'vm-size', '-f', '@vm.yaml')).err,
      /no policy given\nName it with --policy/,
    );
    assert.match(
      (await files.run('policy', 'explain', 'vm-size', '-f', '@size.yaml', '--policy', '@size.yaml')).err,
      /there is no virtual machine among/,
    );
  });
  it('hides secrets, and shows them to who asks', async () => {
    const secret = machine(2) as { spec: { template: { spec: object } } };
    Object.assign(secret.spec.template.spec, {
      volumes: [{ name: 'seed', cloudInitNoCloud: { userData: 'hunter2' } }],
    });
    files.write('vm.yaml', secret);
    const expression = "variables.userData.all(u, u.lowerAscii() != 'hunter2')";
    files.write('size.yaml', policyWith({ validations: [{ name: 'a', expression }] }));
    const hidden = await explain('vm-size');
    // What the policy itself writes is no secret.
    assert.doesNotMatch(hidden.out.replaceAll("'hunter2'", ''), /hunter2/);
    assert.match(hidden.out, /u\.lowerAscii\(\) = <hidden>/);
    assert.match((await explain('vm-size', '--show-values')).out, /u\.lowerAscii\(\) = "hunter2"/);
  });
});
