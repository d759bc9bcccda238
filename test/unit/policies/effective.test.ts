import assert from 'node:assert/strict';
import { effectiveSpec } from '../../../src/admission/effective.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { compilePolicy, describePolicyCause } from '../../../src/policies/compile-policy.js';
import type { PolicyKind } from '../../../src/policies/environments.js';
import type { Verdict } from '../../../src/policies/finding.js';
import { compiledPolicy, exceptionWith, judge, policyWith, problemsOf } from './support.js';

const KINDS = {
  VirtualMachineInstance: { path: 'spec', of: (spec: object) => spec },
  VirtualMachine: {
    path: 'spec.template.spec',
    of: (spec: object) => ({ runStrategy: 'Always', template: { spec } }),
  },
  VirtualMachineInstanceReplicaSet: {
    path: 'spec.template.spec',
    of: (spec: object) => ({
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec },
    }),
  },
} as const;

const of = (kind: PolicyKind, spec: object): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec: KINDS[kind].of(spec),
});

/** What nobody who writes one leaves out. */
const spec = (domain: object = {}, rest: object = {}): object => ({ domain: { devices: {}, ...domain }, ...rest });

const clusterWith = (configuration: object) => resolveClusterConfig({ spec: { configuration } });

const rule = (expression: string, more: object = {}) =>
  compiledPolicy({ validations: [{ name: 'one', expression }], ...more });

interface Asked {
  readonly old?: object;
  readonly configuration?: object;
  readonly more?: object;
}

const asked = (expression: string, object: object, { old, configuration = {}, more }: Asked = {}): Verdict => {
  const { kind } = object as { kind: PolicyKind };
  const effective = effectiveSpec(kind, { config: clusterWith(configuration) });
  return judge([rule(expression, more)], object, { effective, ...(old !== undefined && { oldObject: old }) });
};

const warningsOf = (expression: string): string[] =>
  compilePolicy(policyWith({ validations: [{ name: 'one', expression }] })).warnings.map(describePolicyCause);

describe('effective', () => {
  for (const kind of Object.keys(KINDS) as PolicyKind[]) {
    const { path } = KINDS[kind];

    it(`is the spec of the VMI with its defaults: ${kind}`, () => {
      for (const expression of [
        'effective.domain.cpu.cores == 1 && effective.domain.cpu.sockets == 4 && effective.domain.cpu.threads == 1',
        "effective.domain.machine.type == 'q35' && effective.architecture == 'amd64'",
        "effective.domain.devices.disks[0].disk.bus == 'sata' && effective.networks[0].name == 'default'",
        "effective.volumes[0].containerDisk.imagePullPolicy == 'Always' && effective.domain.memory.guest == '2Gi'",
        // As the object was before.
        `object.${path}.?domain.cpu.hasValue() == false`,
      ]) {
        const resources = { requests: { cpu: '4', memory: '2Gi' } };
        const volumes = [{ name: 'root', containerDisk: { image: 'registry.example.com/os' } }];
        const configuration = { machineType: 'q35', architectureConfiguration: { defaultArchitecture: 'amd64' } };
        const { findings } = asked(expression, of(kind, spec({ resources }, { volumes })), { configuration });
        assert.deepEqual(findings, [], expression);
      }
    });

    it(`fails at the place in the object, whether written there or not: ${kind}`, () => {
      const written = asked('effective.domain.cpu.cores <= 8', of(kind, spec({ cpu: { cores: 16 } })));
      assert.deepEqual(
        written.causes.map(({ field, message }) => [field, message]),
        [[`${path}.domain.cpu.cores`, 'effective.domain.cpu.cores <= 8 is false: effective.domain.cpu.cores is 16']],
      );
      const made = asked('effective.domain.cpu.sockets <= 8', of(kind, spec({ resources: { limits: { cpu: 12 } } })));
      assert.deepEqual(
        made.causes.map(({ field }) => field),
        [`${path}.domain.cpu.sockets`],
      );
    });

    it(`is ratcheted by the stored object's own defaults: ${kind}`, () => {
      const large = of(kind, spec({ resources: { limits: { cpu: 12 } } }));
      const expression = 'effective.domain.cpu.sockets <= 8';
      assert.equal(asked(expression, large, { old: of(kind, spec()) }).causes.length, 1);
      const stored = asked(expression, large, { old: large });
      assert.deepEqual([stored.causes, stored.findings.map(({ outcome }) => outcome)], [[], ['ratcheted']]);
    });

    it(`has what the cluster is configured to write: ${kind}`, () => {
      const expression = "effective.evictionStrategy == 'LiveMigrate'";
      const configuration = { evictionStrategy: 'LiveMigrate' };
      assert.equal(asked(expression, of(kind, spec())).causes.length, 1);
      assert.equal(asked(expression, of(kind, spec()), { configuration }).causes.length, 0);
      assert.equal(
        asked(expression, of(kind, spec({}, { evictionStrategy: 'None' })), { configuration }).causes.length,
        1,
      );
    });
  }

  it('counts what a topology leaves out as 1, as the guest gets it', () => {
    const vm = of('VirtualMachine', spec({ cpu: { sockets: 2 } }));
    assert.deepEqual(asked('effective.domain.cpu.cores * effective.domain.cpu.sockets == 2', vm).findings, []);
  });

  it('has no chance in it', () => {
    const expression = "effective.domain.firmware.uuid == '00000000-0000-0000-0000-000000000000'";
    assert.deepEqual(asked(expression, of('VirtualMachine', spec())).findings, []);
  });

  it('is found through variables, lists and exceptions', () => {
    const disks = [
      { name: 'a', disk: {} },
      { name: 'b', disk: { bus: 'virtio' } },
    ];
    const vm = of('VirtualMachine', spec({ devices: { disks } }));
    const variables = [{ name: 'buses', expression: 'effective.domain.devices.disks' }];
    const expression = "variables.buses.all(d, d.disk.bus == 'virtio')";
    const { causes } = asked(expression, vm, { more: { variables } });
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['spec.template.spec.domain.devices.disks[0].disk.bus'],
    );
    const effective = effectiveSpec('VirtualMachine', { config: resolveClusterConfig() });
    const exceptions = [
      exceptionWith({ conditions: [{ name: 'two', expression: 'effective.domain.devices.disks.size() == 2' }] }),
    ];
    const { findings } = judge([rule(expression, { variables })], vm, { effective, exceptions });
    assert.deepEqual(
      findings.map(({ outcome }) => outcome),
      ['excepted'],
    );
  });

  it('is made once for an object, and only where a policy asks', () => {
    const calls: unknown[] = [];
    const make = effectiveSpec('VirtualMachine', { config: resolveClusterConfig() });
    const effective = (object: unknown): unknown => {
      calls.push(object);
      return make(object);
    };
    const vm = of('VirtualMachine', spec({ cpu: { cores: 16 } }));
    const old = structuredClone(vm);
    judge([rule('variables.vcpus <= 8')], vm, { effective, oldObject: old });
    assert.deepEqual(calls, []);
    const small = rule('effective.domain.cpu.cores <= 8 && effective.domain.cpu.cores > 0');
    judge([small, small, rule("effective.evictionStrategy != ''")], vm, { effective, oldObject: old });
    assert.deepEqual(calls, [vm, old]);
  });

  it('is an error of an object that has not the shape of its kind', () => {
    for (const broken of [of('VirtualMachine', spec({ cpu: 'many' })), of('VirtualMachine', [])]) {
      const { causes } = asked('effective.domain.cpu.cores <= 8', broken);
      assert.match(causes[0]?.message ?? '', /could not be evaluated: the object has not the shape of its kind/);
    }
  });

  it('is typed by the schema of the VMI', () => {
    assert.deepEqual(problemsOf({ validations: [{ name: 'one', expression: 'effective.domain.cpu.coers <= 8' }] }), [
      'spec.validations[0].expression: 1:22: VirtualMachineInstance has no field "coers" in effective.domain.cpu; ' +
        'did you mean "cores"?',
    ]);
    const wrong = problemsOf({ validations: [{ name: 'one', expression: "effective.domain.cpu.cores == 'x'" }] });
    assert.match(wrong[0] ?? '', /found no matching overload for '==' applied to \(int, string\)/);
    assert.match(
      problemsOf({ validations: [{ name: 'one', expression: 'effective.template == 1' }] })[0] ?? '',
      /has no field "template"/,
    );
  });

  it('needs no guard where a default always writes, and one elsewhere', () => {
    for (const expression of [
      'effective.domain.cpu.cores <= 8',
      "effective.domain.machine.type == 'q35'",
      'effective.domain.devices.?disks.orValue([]).size() == 0 || effective.domain.features.acpi.enabled',
      "!has(effective.volumes) || effective.volumes.all(v, !has(v.containerDisk) || v.containerDisk.imagePullPolicy != '')",
    ])
      assert.deepEqual(warningsOf(expression), [], expression);
    for (const [expression, field] of [
      ["effective.hostname == 'x'", 'hostname'],
      ["effective.domain.memory.guest == '1Gi'", 'guest'],
      ["effective.domain.cpu.model == 'x'", 'model'],
      ['effective.domain.devices.disks.size() < 5', 'disks'],
    ] as const)
      assert.match(warningsOf(expression).join(), new RegExp(`${field} may be absent`), expression);
    // The object as it was written needs all of them.
    assert.match(warningsOf('variables.instance.domain.cpu.cores <= 8').join(), /cpu may be absent/);
  });
});
