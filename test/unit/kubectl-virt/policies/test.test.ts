import assert from 'node:assert/strict';
import { policyWith } from '../../policies/support.js';
import { exception, machine, newFiles, type Files } from './files.js';

const RULE = 'policy/vm-size/vcpus';

describe('policy test', () => {
  let files: Files;
  beforeEach(() => {
    files = newFiles();
    files.write('size.yaml', policyWith({}));
    files.write('vm.yaml', machine(2));
  });
  afterEach(() => files.remove());

  const cores = (number: number): object => ({
    file: 'vm.yaml',
    set: { 'spec.template.spec.domain.cpu.cores': number },
  });
  const fine = { name: 'fine', object: cores(8), expect: { verdict: 'Allow' } };
  const large = { name: 'large', object: cores(9), expect: { verdict: 'Deny', causes: [{ rule: RULE }] } };
  const test = (cases: readonly object[], more: object = {}): string =>
    files.write('a.policytest.yaml', {
      apiVersion: 'policies.kubectl-virt.io/v1alpha1',
      kind: 'PolicyTest',
      policies: ['size.yaml'],
      cases,
      ...more,
    });
  const run = (...args: readonly string[]) => files.run('policy', 'test', '@a.policytest.yaml', ...args);

  it('passes what is as expected', async () => {
    test([fine, large]);
    assert.deepEqual(await run(), {
      code: 0,
      out: 'a.policytest.yaml\n  ok      fine\n  ok      large\n',
      err: '2 cases: 2 passed, 0 failed\n',
    });
  });

  it("judges the product's own rules as policies decide about them", async () => {
    const builtin = [
      { rule: 'net.no-iface', action: 'Warn' },
      { warning: 'W-CPU-1', action: 'Enforce' },
    ];
    files.write('size.yaml', policyWith({ validations: [], builtin }));
    const lost = { file: 'vm.yaml', set: { 'spec.template.spec.networks': [{ name: 'lost', pod: {} }] } };
    const poor = { 'spec.template.spec.domain.resources': { requests: { cpu: '100m', memory: '1Gi' } } };
    const refused = { verdict: 'Deny', causes: [{ rule: 'policy/vm-size/W-CPU-1' }] };
    const [warned] = [{ verdict: 'Warn', causes: [{ rule: 'policy/vm-size/net.no-iface' }] }];
    test([
      { name: 'a', object: { file: 'vm.yaml', set: poor }, expect: refused },
      {
        name: 'b',
        object: { file: 'vm.yaml', set: { ...lost.set, 'spec.template.spec.domain.cpu.cores': 1 } },
        expect: warned,
      },
    ]);
    const { code, out } = await run();
    assert.equal(code, 0, out);
  });

  it('fails what is not, and says why', async () => {
    const cases: [object, RegExp][] = [
      [
        { ...large, expect: { verdict: 'Allow' } },
        /verdict Deny, expected Allow\n +found: policy\/vm-size\/vcpus at spec/,
      ],
      [{ ...large, expect: { verdict: 'Deny', causes: [] } }, /found, and not expected: policy\/vm-size\/vcpus/],
      [
        { ...fine, expect: { verdict: 'Allow', causes: [{ rule: RULE }] } },
        /expected, and not found: policy\/vm-size\/vcpus/,
      ],
      [{ ...large, expect: { verdict: 'Deny', causes: [{ rule: RULE }, { rule: RULE }] } }, /expected, and not found/],
      [
        { ...large, expect: { verdict: 'Deny', causes: [{ rule: RULE, field: 'spec' }] } },
        /not found: policy\/vm-size\/vcpus at spec\n/,
      ],
      [{ ...large, expect: { verdict: 'Deny', causes: [{ rule: RULE, contains: 'x' }] } }, /not found: .* with "x"/],
      [{ ...large, expect: { verdict: 'Deny', excepted: [{ rule: RULE }] } }, /not excepted: policy/],
    ];
    for (const [one, said] of cases) {
      test([one]);
      const { code, out } = await run();
      assert.equal(code, 1);
      assert.match(out, /^ {2}FAILED /m);
      assert.match(out, said);
    }
  });

  it('knows verdicts, exceptions, time, namespaces, users and updates', async () => {
    files.write('exception.yaml', exception());
    const expression =
      "request.userInfo.groups.exists(g, g == 'admins') || namespaceObject.metadata.labels['env'] == 'dev'";
    files.write(
      'who.yaml',
      policyWith({ action: 'Warn', validations: [{ name: 'who', expression }] }, { name: 'who' }),
    );
    files.write(
      'err.yaml',
      policyWith(
        { validations: [{ name: 'err', expression: 'variables.instance.hostname.size() > 0' }] },
        { name: 'err' },
      ),
    );
    const who = { rule: 'policy/who/who' };
    const user = { name: 'alice', groups: ['admins'] };
    const excepted = { verdict: 'Allow', causes: [], excepted: [{ rule: RULE, exception: 'db-bigger' }] };
    test(
      [
        { ...large, namespace: 'default', user, expect: excepted },
        { ...large, name: 'elsewhere', namespace: 'dev', expect: { verdict: 'Deny', causes: [{ rule: RULE }] } },
        { ...fine, expect: { verdict: 'Warn', causes: [who] }, namespace: 'default' },
        { ...fine, name: 'dev', namespace: 'dev' },
        { name: 'stored', namespace: 'dev', object: cores(9), oldObject: cores(9), expect: { verdict: 'Warn' } },
      ],
      {
        policies: ['size.yaml', 'who.yaml'],
        exceptions: ['exception.yaml'],
        now: '2027-01-30T00:00:00Z',
        namespaces: { default: { labels: { env: 'prod' } }, dev: { labels: { env: 'dev' } } },
        user: { name: 'bob' },
      },
    );
    const said = await run();
    assert.deepEqual([said.code, said.out.match(/FAILED/)], [0, null], said.out);
    test([{ ...fine, expect: { verdict: 'Error', causes: [{ rule: 'policy/err/err' }] } }], { policies: ['err.yaml'] });
    assert.equal((await run()).code, 0);
  });

  it('counts what is covered', async () => {
    test([fine]);
    const half = await run('--coverage');
    assert.deepEqual(
      [half.code, half.err],
      [0, `1 case: 1 passed, 0 failed\n  ${RULE}: none that fails\nCoverage: 0% of 1 validation\n`],
    );
    assert.equal((await run('--min-coverage', '1')).code, 1);
    test([fine, large]);
    assert.equal((await run('--min-coverage', '100')).code, 0);
    assert.equal((await run('--min-coverage', '101')).code, 2);
  });

  it('says which sides of an expression were always the same, and where they stand', async () => {
    const lines = (...of: string[]): string => `${of.join('\n')}\n`;
    files.write(
      'size.yaml',
      lines(
        'apiVersion: policies.kubectl-virt.io/v1alpha1',
        'kind: VirtualMachineClusterPolicy',
        'metadata: {name: vm-size}',
        'spec:',
        '  action: Enforce',
        '  variables:',
        '    - {name: mine, expression: "has(object.metadata.labels) && \'team\' in object.metadata.labels"}',
        '  validations:',
        '    - name: vcpus',
        '      expression: |',
        '        variables.vcpus <= 8 ||',
        '          (variables.mine ? variables.vcpus <= 16 : variables.vcpus < 1)',
        "      messageExpression: \"variables.mine ? 'a' : 'b'\"",
      ),
    );
    test([fine, large]);
    const { code, err } = await run('--coverage', '--min-coverage', '100');
    assert.equal(code, 0, 'they do not count');
    assert.equal(
      err,
      lines(
        '2 cases: 2 passed, 0 failed',
        `  ${RULE}: covered`,
        '  size.yaml:7:33: && never true: has(object.metadata.labels)',
        "  size.yaml:7:64: && never looked at: 'team' in object.metadata.labels",
        '  size.yaml:12:12: || never true: variables.mine ? variables.vcpus <= 16 : variables.vcpus < 1',
        '  size.yaml:12:12: ?: never true: variables.mine',
        '  size.yaml:13:27: ?: never true: variables.mine',
        'Branches: 1 of 6 sides both ways (not counted)',
        'Coverage: 100% of 1 validation',
      ),
    );
    const { branches } = JSON.parse((await run('-o', 'json')).out) as { branches: object[] };
    assert.deepEqual(branches[2], {
      ...{ file: 'size.yaml', line: 11, column: 9, field: 'spec.validations[0].expression', operator: '||' },
      ...{ text: 'variables.vcpus <= 8', whenTrue: 1, whenFalse: 1 },
    });
    const small = { 'metadata.labels': { team: 'a' }, 'spec.template.spec.domain.cpu.cores': 16 };
    const other = { 'metadata.labels': { a: 'b' }, 'spec.template.spec.domain.cpu.cores': 16 };
    test([
      ...[fine, large],
      { name: 'a', object: { file: 'vm.yaml', set: small }, expect: { verdict: 'Allow' } },
      { name: 'b', object: { file: 'vm.yaml', set: other }, expect: { verdict: 'Deny' } },
      {
        name: 'c',
        object: { file: 'vm.yaml', set: { ...small, 'spec.template.spec.domain.cpu.cores': 17 } },
        expect: { verdict: 'Deny' },
      },
    ]);
    assert.match((await run('--coverage')).err, /^Branches: 6 of 6 sides both ways \(not counted\)$/m);
  });

  it("says which entries about the product's own rules had something to decide", async () => {
    const builtin = [
      { rule: 'net.no-iface', action: 'Off' },
      { warning: 'W-CPU-1', action: 'Enforce' },
    ];
    // In quotes, as JSON has it.
    files.write('size.yaml', JSON.stringify(policyWith({ validations: [], builtin })));
    const one = { 'spec.template.spec.domain.cpu.cores': 1 };
    const lost = { ...one, 'spec.template.spec.networks': [{ name: 'lost', pod: {} }] };
    const allowed = { name: 'a', object: { file: 'vm.yaml', set: lost }, expect: { verdict: 'Allow' } };
    test([allowed]);
    const { code, err, out } = await run('--min-coverage', '51');
    assert.equal(code, 1, out);
    assert.match(err, /^ {2}policy\/vm-size\/net\.no-iface: covered$/m);
    assert.match(err, /^ {2}policy\/vm-size\/W-CPU-1: none about which it decides$/m);
    assert.match(err, /^Coverage: 50% of 0 validations and 2 rules of the product$/m);
    const poor = { 'spec.template.spec.domain.resources': { requests: { cpu: '100m', memory: '1Gi' } } };
    test([allowed, { name: 'b', object: { file: 'vm.yaml', set: poor }, expect: { verdict: 'Deny' } }]);
    assert.equal((await run('--min-coverage', '100')).code, 0);
    const json = JSON.parse((await run('-o', 'json')).out) as { builtin: object[] };
    assert.deepEqual(json.builtin, [
      { rule: 'policy/vm-size/net.no-iface', action: 'Off', decided: 1 },
      { rule: 'policy/vm-size/W-CPU-1', action: 'Enforce', decided: 1 },
    ]);
  });

  it('lets an object pass that is being deleted, as the webhook does', async () => {
    const deleted = (number: number): object => ({
      file: 'vm.yaml',
      set: {
        'spec.template.spec.domain.cpu.cores': number,
        'metadata.deletionTimestamp': '2026-12-01T00:00:00Z',
        'metadata.finalizers': ['example.com/backup'],
      },
    });
    const passes = { verdict: 'Allow', causes: [] };
    test([
      { name: 'updated', object: deleted(16), oldObject: deleted(2), expect: passes },
      { name: 'alone', object: deleted(16), expect: passes },
      { name: 'stored alone', object: cores(16), oldObject: deleted(16), expect: passes },
    ]);
    const { code, out } = await run();
    assert.equal(code, 0, out);
    for (const [one, said] of [
      [{ object: deleted(16), oldObject: cores(2) }, /metadata\.deletionTimestamp: the stored object has none/],
      [
        { object: deleted(16), operation: 'CREATE' },
        /metadata\.deletionTimestamp: what is created is not being deleted/,
      ],
    ] as const) {
      test([{ name: 'odd', ...one, expect: passes }]);
      const wrong = await run();
      assert.equal(wrong.code, 2);
      assert.match(wrong.out, said);
    }
  });

  it('an error of the file is no failed case', async () => {
    const cases: [object[], object, RegExp][] = [
      [[], {}, /error: .*cases/],
      [
        [{ ...large, expect: { verdict: 'Deny', causes: [{ rule: 'policy/vm-sise/vcpus' }] } }],
        {},
        /which no policy here has; did you mean policy\/vm-size\/vcpus\?/,
      ],
      [[{ ...fine, expect: { verdict: 'Alow' } }], {}, /expect\.verdict/],
      [[{ ...fine, expect: { verdict: 'Allow', cause: [] } }], {}, /cause is not a known field; did you mean "causes"/],
      [
        [{ ...fine, expect: { verdict: 'Allow', patch: [] } }],
        {},
        /patch: policies do not change objects in this version/,
      ],
      [[fine, fine], {}, /cases\[1\]\.name is "fine", as another is/],
      [[{ ...fine, operation: 'UPDATE' }], {}, /an UPDATE has an oldObject/],
      [[{ ...fine, object: { file: 'gone.yaml' } }], {}, /cannot read .*gone\.yaml/],
      [[{ ...fine, object: { file: 'size.yaml' } }], {}, /size\.yaml holds no virtual machine/],
      [[{ ...fine, object: { fil: 'vm.yaml' } }], {}, /fil is not a known field/],
      [
        [{ ...fine, object: { file: 'vm.yaml', set: { 'spec.template[x]y.z': 1 } } }],
        {},
        /set spec\.template\[x\]y\.z: it is no path/,
      ],
      [
        [{ ...fine, object: { file: 'vm.yaml', set: { 'metadata.name.x': 1 } } }],
        {},
        /metadata\.name\.x: name is "web", no object/,
      ],
      [[{ ...fine, object: { file: 'vm.yaml', set: { spec: 1 } } }], {}, /VirtualMachine has not its form: /],
      [[{ ...fine, object: { apiVersion: 'v1', kind: 'Pod' } }], {}, /the object is no VirtualMachine/],
      [[fine], { policies: ['gone.yaml'] }, /cannot read .*gone\.yaml/],
      [[fine], { policies: ['vm.yaml'] }, /there is no policy in/],
      [[fine], { now: 'yesterday' }, /error: now /],
      [[fine], { polices: [] }, /polices is not a known field; did you mean "policies"/],
    ];
    for (const [list, more, said] of cases) {
      test(list, more);
      const { code, out } = await run();
      assert.equal(code, 2, `${JSON.stringify([list, more])} ${out}`);
      assert.match(out, said);
    }
    files.write('size.yaml', policyWith({ match: { namespaceSelector: { matchLabels: { a: 'b' } } } }));
    test([fine]);
    assert.match((await run()).out, /policy vm-size asks for the namespace; write namespaces: \{default: /);
    files.write('size.yaml', policyWith({ match: { subjects: [{ kind: 'User', name: 'a' }] } }));
    assert.match((await run()).out, /policy vm-size asks who the user is; write user: /);
  });

  it('no test is no pass', async () => {
    for (const [args, said] of [
      [['@size.yaml'], /kind is "VirtualMachineClusterPolicy"; a file of tests has kind PolicyTest/],
      [['@gone.yaml'], /cannot read gone\.yaml/],
      [['@'], /there is no test in/],
    ] as const) {
      const { code, out, err } = await files.run('policy', 'test', ...args);
      assert.equal(code, 2);
      assert.match(out + err, said);
    }
    files.write('a.policytest.yaml', '');
    assert.equal((await run()).code, 2);
    test([fine]);
    assert.equal((await files.run('policy', 'test', '@')).code, 0);
    assert.match(
      (await run('-o', 'xml')).err,
      /unsupported output format "xml"\nUse -o table, -o json, -o junit, -o sarif/,
    );
  });

  it('writes JSON, JUnit and SARIF', async () => {
    test([fine, { ...large, name: 'wrong', expect: { verdict: 'Allow' } }]);
    const json = JSON.parse((await run('-o', 'json')).out) as {
      files: { cases: { passed: boolean; verdict: string }[] }[];
      coverage: object[];
    };
    const cases = json.files[0]?.cases.map(({ passed, verdict }) => [passed, verdict]);
    assert.deepEqual(cases, [
      [true, 'Allow'],
      [false, 'Deny'],
    ]);
    assert.deepEqual(json.coverage, [{ rule: RULE, passed: 1, failed: 1 }]);
    const { out: xml, code } = await run('-o', 'junit');
    assert.equal(code, 1);
    assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="2" failures="1" errors="0">\n/);
    assert.match(
      xml,
      /<testcase classname="a\.policytest\.yaml" name="wrong" [^>]*>\n +<failure message="verdict Deny/,
    );
    const sarif = JSON.parse((await run('-o', 'sarif')).out) as {
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: {
          ruleId: string;
          locations: { physicalLocation: { region: { startLine: number; startColumn: number } } }[];
        }[];
      }[];
    };
    const [one] = sarif.runs;
    assert.equal(one?.results.length, 1);
    const [result] = one.results;
    assert.equal(result?.ruleId, RULE);
    assert.ok(one.tool.driver.rules.some(({ id }) => id === RULE));
    const { startLine, startColumn } = result.locations[0]!.physicalLocation.region;
    assert.deepEqual([startLine > 5, startColumn], [true, 5]);
  });
});
