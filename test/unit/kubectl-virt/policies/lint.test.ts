import assert from 'node:assert/strict';
import { policyWith } from '../../policies/support.js';
import { exception, machine, newFiles, type Files } from './files.js';

describe('lint with policies', () => {
  let files: Files;
  beforeEach(() => {
    files = newFiles();
    files.write('vm.yaml', machine(12));
    files.write('size.yaml', policyWith({}));
  });
  afterEach(() => files.remove());
  const lint = (...args: readonly string[]) => files.run('lint', '-f', '@vm.yaml', ...args);

  it('refuses what a policy refuses, at its place in the file', async () => {
    const { code, out } = await lint('--policy', '@size.yaml');
    assert.equal(code, 1);
    assert.match(
      out,
      /^vm\.yaml:11:11: error: spec\.template\.spec\.domain\.cpu\.cores: variables\.vcpus <= 8 is false: variables\.vcpus is 12 \[policy\/vm-size\/vcpus\]$/m,
    );
  });

  it('warns of what a policy warns of, with the day on which it will be refused, and is silent where it only counts', async () => {
    files.write(
      'size.yaml',
      policyWith({ action: 'Warn', rollout: [{ from: '2027-02-01T00:00:00Z', action: 'Enforce' }] }),
    );
    const warned = await lint('--policy', '@size.yaml', '--now', '2027-01-01T00:00:00Z');
    assert.equal(warned.code, 0);
    assert.match(warned.out, /: warning: .*is 12; it will be refused from 2027-02-01 \[policy\/vm-size\/vcpus\]$/m);
    assert.equal((await lint('--policy', '@size.yaml', '--now', '2027-02-01T00:00:00Z')).code, 1);
    files.write('size.yaml', policyWith({ action: 'Audit' }));
    const audited = await lint('--policy', '@size.yaml');
    assert.equal(audited.code, 0);
    assert.doesNotMatch(audited.out, /vm-size/);
  });

  it("knows what policies make of the product's own rules and warnings", async () => {
    const vm = machine(2) as { spec: { template: { spec: Record<string, unknown> } } };
    vm.spec.template.spec['networks'] = [{ name: 'lost', pod: {} }];
    files.write('vm.yaml', vm);
    const plain = await lint();
    assert.equal(plain.code, 1);
    assert.match(plain.out, /: error: .* \[net\.no-iface\]$/m);
    const builtin = (...entries: object[]) =>
      files.write('own.yaml', policyWith({ validations: [], builtin: entries }));
    builtin({ rule: 'net.no-iface', action: 'Warn' });
    const { code, out } = await lint('--policy', '@own.yaml');
    assert.equal(code, 0, out);
    assert.match(out, /: warning: .* \[policy\/vm-size\/net\.no-iface\]$/m);
    assert.doesNotMatch(out, /\[net\.no-iface\]/);
    builtin({ rule: 'disk.cache', action: 'Warn' });
    const fixed = await files.run('lint', '-f', '@own.yaml');
    assert.equal(fixed.code, 1);
    assert.match(fixed.out, /own\.yaml:\d+:\d+: error: spec\.builtin\[0\]\.rule is disk\.cache, which is fixed/);
  });

  it('knows the defaults of the cluster that --config describes, as tests and explanations do', async () => {
    const expression = "effective.evictionStrategy == 'LiveMigrate' && effective.domain.cpu.sockets == 1";
    files.write('size.yaml', policyWith({ validations: [{ name: 'vcpus', expression }] }));
    files.write('kubevirt.yaml', {
      ...{ apiVersion: 'kubevirt.io/v1', kind: 'KubeVirt', metadata: { name: 'kubevirt', namespace: 'kubevirt' } },
      spec: { configuration: { evictionStrategy: 'LiveMigrate' } },
    });
    const test = (config: object, verdict: string): string =>
      files.write('a.policytest.yaml', {
        ...{ apiVersion: 'policies.kubectl-virt.io/v1alpha1', kind: 'PolicyTest', policies: ['size.yaml'], ...config },
        cases: [{ name: 'one', object: { file: 'vm.yaml' }, expect: { verdict } }],
      });
    const explain = ['policy', 'explain', 'vm-size', '-f', '@vm.yaml', '--policy', '@size.yaml'];
    const config = ['--config', '@kubevirt.yaml'];

    const refused = await lint('--policy', '@size.yaml');
    assert.equal(refused.code, 1);
    // Where it would be written.
    assert.match(
      refused.out,
      /: error: spec\.template\.spec\.evictionStrategy: .* is "None" \[policy\/vm-size\/vcpus\]$/m,
    );
    assert.equal((await files.run('policy', 'test', test({}, 'Deny'))).code, 0);
    const explained = await files.run(...explain);
    assert.deepEqual([explained.code, /effective\.evictionStrategy = "None"/.test(explained.out)], [1, true]);

    assert.equal((await lint('--policy', '@size.yaml', ...config)).code, 0);
    assert.equal((await files.run('policy', 'test', test({ config: 'kubevirt.yaml' }, 'Allow'))).code, 0);
    const allowed = await files.run(...explain, ...config);
    assert.deepEqual([allowed.code, /effective\.evictionStrategy = "LiveMigrate"/.test(allowed.out)], [0, true]);
  });

  it('knows exceptions, and their end', async () => {
    files.write('exception.yaml', exception());
    const given = ['--policy', '@size.yaml', '--exceptions', '@exception.yaml', '--now'];
    const before = await lint(...given, '2027-01-30T23:59:59Z');
    assert.equal(before.code, 0);
    assert.match(before.err, /vm\.yaml:1: policy\/vm-size\/vcpus is excepted by db-bigger: /);
    assert.equal((await lint(...given, '2027-01-31T00:00:00Z')).code, 1);
    assert.equal((await lint(...given, '2027-01-30T00:00:00Z', '-n', 'other')).code, 1);
  });

  it('says what it could not check, and what to give', async () => {
    const asks = "request.userInfo.username != 'alice' || namespaceObject.metadata.name == 'x'";
    files.write('who.yaml', policyWith({ validations: [{ name: 'who', expression: asks }] }, { name: 'who' }));
    const said = await lint('--policy', '@who.yaml');
    assert.equal(said.code, 0);
    assert.match(said.err, /^vm\.yaml:1: not checked: policy who needs --namespace-labels and --as$/m);
    assert.equal((await lint('--policy', '@who.yaml', '--strict')).code, 2);
    const given = ['--namespace-labels', 'env=prod', '--as'];
    assert.equal((await lint('--policy', '@who.yaml', '--strict', ...given, 'bob')).code, 0);
    assert.equal((await lint('--policy', '@who.yaml', '--strict', ...given, 'alice')).code, 1);
  });

  it('does not ask for what cannot matter', async () => {
    const match = { kinds: ['VirtualMachine'], names: ['db-*'], subjects: [{ kind: 'User', name: 'alice' }] };
    files.write('who.yaml', policyWith({ match }));
    const { code, err } = await lint('--policy', '@who.yaml', '--strict');
    assert.deepEqual([code, /not checked/.test(err)], [0, false]);
  });

  it('judges by labels of the namespace', async () => {
    files.write('size.yaml', policyWith({ match: { namespaceSelector: { matchLabels: { env: 'prod' } } } }));
    assert.equal((await lint('--policy', '@size.yaml', '--namespace-labels', 'env=prod,a=b')).code, 1);
    assert.equal((await lint('--policy', '@size.yaml', '--namespace-labels', 'env=dev')).code, 0);
  });

  it('has no say where the webhook has none', async () => {
    assert.equal((await lint('--policy', '@size.yaml', '-n', 'kube-system')).code, 0);
    assert.equal((await lint('--policy', '@size.yaml', '-n', 'kubevirt')).code, 0);
    assert.equal((await lint('--policy', '@size.yaml', '-n', 'shop')).code, 1);
  });

  it('does not judge by policies that are wrong, absent or no policies', async () => {
    files.write('bad.yaml', policyWith({ validations: [{ name: 'a', expression: 'variables.vcpsu < 1' }] }));
    const bad = await lint('--policy', '@bad.yaml');
    assert.equal(bad.code, 2);
    assert.match(bad.err, /nothing was judged by them:\nbad\.yaml:\d+:\d+: error: .*did you mean "vcpus"\?/);
    const none = await lint('--policy', '@vm.yaml');
    assert.equal(none.code, 2);
    assert.match(none.err, /there is no policy in .*vm\.yaml/);
    assert.equal((await lint('--policy', '@gone.yaml')).code, 2);
  });

  it('refuses flags that are wrong, or mean nothing', async () => {
    for (const [args, said] of [
      [['--exceptions', '@size.yaml'], /--exceptions stands alone/],
      [['--policy', '@size.yaml', '--now', 'tomorrow'], /invalid --now "tomorrow"\nWrite a time such as/],
      [['--policy', '@size.yaml', '--namespace-labels', 'prod'], /invalid --namespace-labels "prod"\nWrite KEY=VALUE/],
    ] as const) {
      const { code, err } = await lint(...args);
      assert.equal(code, 2);
      assert.match(err, said);
    }
  });
});

describe('lint of policies', () => {
  let files: Files;
  beforeEach(() => (files = newFiles()));
  afterEach(() => files.remove());
  const bad = `apiVersion: policies.kubectl-virt.io/v1alpha1
kind: VirtualMachineClusterPolicy
metadata: {name: vm-size}
spec:
  action: Warn
  validations:
    - name: one
      expression: >-
        variables.vcpus <= 8 &&
          object.spec.template.spec.domain.cpu.coers <= 8
    - {name: two, expression: "variables.vcpsu <= 1"}
`;

  for (const command of [['lint'], ['policy', 'lint']])
    it(`${command.join(' ')} names line and column in the file, in every style of YAML`, async () => {
      files.write('p.yaml', bad);
      const { code, out } = await files.run(...command, '-f', '@p.yaml');
      assert.equal(code, 1);
      assert.match(
        out,
        /^p\.yaml:10:48: error: spec\.validations\[0\]\.expression: .*did you mean "cores"\? \[policy\.expression\]\n {6}object\..*\n {43}\^~~~~$/m,
      );
      assert.match(out, /^p\.yaml:11:42: error: .*"vcpsu"; did you mean "vcpus"/m);
    });

  it('accepts what is right', async () => {
    files.write('p.yaml', policyWith({}));
    assert.deepEqual(await files.run('lint', '-f', '@p.yaml'), {
      code: 0,
      out: '',
      err: '1 object checked, 0 errors, 0 warnings\n',
    });
  });

  it('a field that may be absent is a warning, and an error with --strict', async () => {
    files.write(
      'p.yaml',
      policyWith({ validations: [{ name: 'a', expression: 'object.spec.template.spec.domain.cpu.cores < 9' }] }),
    );
    const said = await files.run('policy', 'lint', '-f', '@p.yaml');
    assert.equal(said.code, 0);
    assert.match(said.out, /: warning: spec\.validations\[0\]\.expression: .*may be absent/);
    assert.equal((await files.run('policy', 'lint', '--strict', '-f', '@p.yaml')).code, 1);
  });

  it('warns of a policy that asks for people and gets virt-controller', async () => {
    const match = { subjects: [{ kind: 'Group', name: 'developers' }] };
    files.write('p.yaml', policyWith({ match }));
    assert.match(
      (await files.run('policy', 'lint', '-f', '@p.yaml')).out,
      /warning: .*made by virt-controller.*\[policy\.subjects\]/,
    );
    files.write('p.yaml', policyWith({ match: { ...match, kinds: ['VirtualMachine'] } }));
    assert.equal((await files.run('policy', 'lint', '-f', '@p.yaml')).out, '');
  });

  it('every mistake in what it is has its message', async () => {
    const base = policyWith({}) as Record<string, object>;
    const cases: [object, RegExp][] = [
      [
        { ...base, kind: 'VirtualMachineClusterPolcy' },
        /:2:1: error: kind is "VirtualMachineClusterPolcy"; did you mean "VirtualMachineClusterPolicy"\?/,
      ],
      [
        { ...base, apiVersion: 'policies.kubectl-virt.io/v1' },
        /:1:1: error: apiVersion is "policies.kubectl-virt.io\/v1"; write policies.kubectl-virt.io\/v1alpha1/,
      ],
      [{ ...base, metadata: {} }, /error: metadata\.name is missing; give it a name/],
      [
        { ...base, metadata: { name: 'a', namespace: 'b' } },
        /metadata\.namespace is "b"; leave it out, or write kind VirtualMachinePolicy/,
      ],
      [exception({ match: {} }), /spec\.match is for every object; write names or an objectSelector/],
    ];
    for (const [object, said] of cases) {
      files.write('p.yaml', object);
      const { code, out } = await files.run('policy', 'lint', '-f', '@p.yaml');
      assert.equal(code, 1);
      assert.match(out, said);
    }
    files.write('p.yaml', policyWith({}));
    files.write('q.yaml', policyWith({}));
    assert.match(
      (await files.run('policy', 'lint', '@p.yaml', '@q.yaml')).out,
      /^q\.yaml:4:\d+: error: .*as another policy's is/m,
    );
    files.write('vm.yaml', machine(1));
    const none = await files.run('policy', 'lint', '-f', '@vm.yaml');
    assert.deepEqual([none.code, /there is no policy among these files/.test(none.err)], [2, true]);
  });
});
