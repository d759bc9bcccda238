import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mutate } from '../../../src/admission/mutate.js';
import { permissionsOf } from '../../../src/admission/permissions/index.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { validate } from '../../../src/admission/validate.js';
import { Annotation } from '../../../src/api/names.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildDomain } from '../../../src/domain/index.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { EXAMPLES } from '../../../src/validators/examples.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { RULES } from '../../../src/validators/rules.js';
import { START_ANYWAY } from '../../../src/validators/start-anyway.js';
import { decide } from '../../../src/webhook/admission/routes.js';
import { decodeReview } from '../../../src/webhook/admission/review.js';
import { context as domainContext } from '../domain/fixtures.js';
import { anyPlan, nearlyPlan, requestOf } from './generators.js';
import { review } from './properties.js';

const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
};
const alice = { username: 'alice' };
const program = (name: string) => ({ username: `system:serviceaccount:kubevirt:${name}` });

const update = (old: Change, now: Change, more: Partial<AdmissionRequest> = {}): AdmissionRequest => {
  const kind = more.kind ?? 'VirtualMachine';
  const [object, oldObject] = [manifest({ ...old, ...now }, kind), manifest(old, kind)];
  return { kind, operation: 'UPDATE', object, oldObject, user: alice, namespace: 'default', ...more };
};

/** What both halves of admission answer, as the API server asks them. */
const answer = (request: AdmissionRequest, admission = context) => {
  const [mutated, validated] = (['mutate', 'validate'] as const).map(
    (phase) => decide(phase, decodeReview(review(request, 'uid')), admission).response,
  );
  assert.ok(mutated && validated);
  return { allowed: mutated.allowed && validated.allowed, warnings: validated.warnings ?? [] };
};
const refused = (request: AdmissionRequest, admission = context) =>
  validate(request, admission).causes.map(({ field }) => field);

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const deletion = (object: object): unknown =>
  (object as { metadata?: { deletionTimestamp?: unknown } }).metadata?.deletionTimestamp;

/** Rules on creation alone, and one that asks itself what was stored. */
const NOT_ON_UPDATE = [
  'vm.dvt-namespace',
  ...RULES.filter(({ operations }) => operations?.includes('UPDATE') === false).map(({ id }) => id),
];

const TEMPLATE = 'spec.template.spec';
const topology = (more: object = {}): Change => ({
  [`${TEMPLATE}.domain.cpu`]: { sockets: 4, maxSockets: 2, ...more },
});
const SOCKETS = `${TEMPLATE}.domain.cpu.sockets`;
const lenient = { ...context, allowNotActedOn: true };

describe('a mistake that was stored', () => {
  const kept: readonly (readonly [what: string, change: Change])[] = [
    ['a label', { 'metadata.labels': { team: 'blue' } }],
    ['an annotation', { 'metadata.annotations': { note: 'x' } }],
    ['a finalizer', { 'metadata.finalizers': ['example.org/backup'] }],
    ['a start', { 'spec.runStrategy': 'Always' }],
    ['a change of something else', { [`${TEMPLATE}.domain.memory`]: { guest: '2Gi' } }],
    ['the same, otherwise written', topology({ features: [] })],
  ];
  for (const [what, change] of kept) {
    it(`does not hold ${what}, and a warning names it`, () => {
      const { allowed, warnings } = answer(update(topology(), change), lenient);
      assert.ok(allowed);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /^spec\.template\.spec\.domain\.cpu\.sockets: was stored so .*\[cpu\.max-sockets\]$/);
    });
  }
  it('is refused when it is changed and still wrong', () => {
    for (const cpu of [{ sockets: 6 }, { sockets: 3 }, { maxSockets: 1 }, { cores: 2 }])
      assert.deepEqual(refused(update(topology(), topology(cpu)), lenient), [SOCKETS], JSON.stringify(cpu));
  });
  it('is gone when it is put right', () => {
    const { allowed, warnings } = answer(update(topology(), topology({ sockets: 2 })), lenient);
    assert.ok(allowed);
    assert.ok(!warnings.some((warning) => warning.includes('stored')));
  });
  it('excuses no new one', () => {
    const change = { [`${TEMPLATE}.hostname`]: 'NO' };
    assert.deepEqual(refused(update(topology(), change), lenient), [`${TEMPLATE}.hostname`]);
  });
  it('is found again where its list entry has moved, and refused where another got it', () => {
    const [bad, good] = [
      { name: 'root', disk: { bus: 'floppy' } },
      { name: 'init', disk: { bus: 'virtio' } },
    ];
    const disks = (list: object[]): Change => ({ [`${TEMPLATE}.domain.devices.disks`]: list });
    assert.deepEqual(refused(update(disks([bad, good]), disks([good, bad]))), []);
    const swapped = [
      { ...bad, name: 'init' },
      { ...good, name: 'root' },
    ];
    assert.deepEqual(refused(update(disks([bad, good]), disks(swapped))), [
      `${TEMPLATE}.domain.devices.disks[0].disk.bus`,
    ]);
    assert.deepEqual(refused(update(disks([bad, good]), disks([bad, { name: 'init', disk: { bus: 'floppy' } }]))), [
      `${TEMPLATE}.domain.devices.disks[1].disk.bus`,
    ]);
  });
  it('may be a field that the API does not have, a word, or one that nothing acts on', () => {
    const old: Change = {
      [`${TEMPLATE}.flavour`]: 'x',
      [`${TEMPLATE}.domain.devices.clientPassthrough`]: {},
      [`${TEMPLATE}.evictionStrategy`]: 'Sometimes',
    };
    const { allowed, warnings } = answer(update(old, { 'metadata.labels': { a: 'b' } }));
    assert.ok(allowed);
    assert.equal(warnings.length, 3);
    assert.ok(answer(update(old, { [`${TEMPLATE}.terminationGracePeriodSeconds`]: 7 })).allowed);
    assert.deepEqual(refused(update(old, { [`${TEMPLATE}.flavour`]: 'y' })), [`${TEMPLATE}.flavour`]);
  });
  it('may be a value of another type: then nothing but metadata and the run state may change', () => {
    const old: Change = { [`${TEMPLATE}.domain.cpu`]: { cores: 'two' } };
    for (const change of [{ 'metadata.labels': { a: 'b' } }, { 'spec.runStrategy': 'Always' }])
      assert.ok(answer(update(old, change)).allowed, JSON.stringify(change));
    assert.ok(!answer(update(old, { [`${TEMPLATE}.serviceAccountName`]: 'admin' })).allowed);
    assert.ok(!answer(update(old, { [`${TEMPLATE}.domain.cpu`]: { cores: 'three' } })).allowed);
  });
  it('may be that of a replica set, of a VMI and of the settings', () => {
    const label = { 'metadata.labels': { a: 'b' } };
    const cases: [AdmissionRequest['kind'], Change][] = [
      ['VirtualMachineInstanceReplicaSet', { ...topology(), 'spec.replicas': -1 }],
      ['VirtualMachineInstance', { 'spec.domain.cpu': { cores: 'two' }, 'spec.flavour': 'x' }],
      ['KubeVirt', { 'spec.configuration.vmRolloutStrategy': 'Sometimes', 'metadata.namespace': 'other' }],
    ];
    for (const [kind, old] of cases) {
      const { allowed, warnings } = answer(update(old, label, { kind }));
      assert.ok(allowed, kind);
      assert.ok(warnings.length > 0, kind);
    }
    const scaled = update(cases[0]![1], { 'spec.replicas': 3 }, { kind: 'VirtualMachineInstanceReplicaSet' });
    assert.ok(answer(scaled, lenient).allowed);
  });
  it('in a status does not hold the controller from writing the rest of it', () => {
    const old: Change = { 'status.ready': 'yes' };
    const now: Change = { 'status.created': true };
    const request = update(old, now, { subResource: 'status', user: program('virt-controller') });
    assert.deepEqual(refused(request), []);
    assert.deepEqual(refused(update(old, { 'status.ready': 'no' }, { subResource: 'status' })), ['status.ready']);
  });
  it('holds nothing that is deleted', () => {
    const old: Change = { ...topology(), 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z' };
    assert.ok(answer(update(old, { 'metadata.finalizers': [] })).allowed);
    const gone = { ...review(update(topology(), {}), 'uid') };
    const request = { ...gone.request, operation: 'DELETE', object: null };
    assert.ok(decide('validate', decodeReview({ ...gone, request }), context).response.allowed);
  });

  it('never holds a change of metadata alone, whatever the object holds', () => {
    const property = fc.property(
      fc.oneof(anyPlan, nearlyPlan),
      fc.constantFrom('annotation', 'finalizer'),
      (plan, write) => {
        const { request, context: admission } = requestOf(plan, plan);
        const old = request.object as { metadata?: unknown } | null;
        fc.pre(isRecord(old) && (old.metadata === undefined || isRecord(old.metadata)));
        const before = (old.metadata ?? {}) as { annotations?: object };
        fc.pre(before.annotations === undefined || isRecord(before.annotations));
        const annotations = { ...before.annotations, note: 'x' };
        const metadata = write === 'annotation' ? { ...before, annotations } : { ...before, finalizers: ['a/b'] };
        const object = { ...old, metadata };
        const { kind, namespace } = request;
        const written: AdmissionRequest = { kind, operation: 'UPDATE', object, oldObject: old, user: alice };
        const { allowed, warnings } = answer(
          { ...written, ...(namespace === undefined ? {} : { namespace }) },
          admission,
        );
        assert.ok(allowed, 'held');
        assert.deepEqual(permissionsOf(written, admission), []);
        const fresh = validate({ ...written, operation: 'CREATE', oldObject: undefined }, admission).causes;
        const ofSpec = fresh.filter(
          ({ field, rule = '' }) => field.startsWith('spec.') && !NOT_ON_UPDATE.includes(rule),
        );
        const isWrong = kind !== 'VirtualMachineInstance' && ofSpec.length > 0;
        if (isWrong && deletion(old) === undefined) assert.ok(warnings.length > 0, 'silent');
      },
    );
    fc.assert(property, { numRuns: Number(process.env['FUZZ_CASES'] ?? 1000) });
  });
});

describe('a stored VM that takes what only some may use', () => {
  const hostDisk: Change = {
    [`${TEMPLATE}.volumes[1]`]: { name: 'init', hostDisk: { path: '/etc/shadow', type: 'Disk' } },
  };
  const vmi = (change: Change, user: string): AdmissionRequest => {
    const object = mutate(
      { kind: 'VirtualMachineInstance', operation: 'CREATE', object: manifest(change), user: alice },
      context,
    ).object;
    return { kind: 'VirtualMachineInstance', operation: 'CREATE', object, user: program(user), namespace: 'default' };
  };

  it('can be labelled, and asked to start, but its VMI is refused: the feature gate holds', () => {
    assert.ok(answer(update(hostDisk, { 'spec.runStrategy': 'Always' }), lenient).allowed);
    const made = vmi(
      { 'spec.volumes[1]': { name: 'init', hostDisk: { path: '/x', type: 'Disk' } } },
      'virt-controller',
    );
    assert.ok(refused(made, lenient).length > 0);
  });
  it('gives nobody a right: what an update adds beside it is asked for', () => {
    const wrong: Change = { ...topology(), [`${TEMPLATE}.serviceAccountName`]: 'a' };
    const request = update(wrong, { [`${TEMPLATE}.serviceAccountName`]: 'admin' });
    assert.deepEqual(
      permissionsOf(request, context).map(({ field }) => field),
      [`${TEMPLATE}.serviceAccountName`],
    );
  });
  it('keeps the record of who answers for it, also where it cannot be read', () => {
    const old: Change = {
      'spec.dataVolumeTemplates': 7,
      'metadata.annotations': { [Annotation.requestedBy]: 'signed' },
    };
    const forged = { 'metadata.annotations': { [Annotation.requestedBy]: 'forged', note: 'x' } };
    const { object, causes } = mutate(update(old, forged), { ...context, recordRequester: () => 'never' });
    assert.deepEqual(causes, []);
    assert.deepEqual((object as VirtualMachineInstance).metadata?.annotations, {
      note: 'x',
      [Annotation.requestedBy]: 'signed',
    });
  });
  it('starts in spite of mistakes that hurt nobody, where virt-controller makes the VMI from it', () => {
    const wrong: Change = { 'spec.domain.cpu': { sockets: 4, maxSockets: 2 } };
    assert.deepEqual(refused(vmi(wrong, 'virt-controller'), lenient), []);
    for (const other of ['virt-agent', 'default'])
      assert.deepEqual(refused(vmi(wrong, other), lenient), ['spec.domain.cpu.sockets'], other);
  });
});

describe('rules that hold no start of what was stored', () => {
  for (const id of START_ANYWAY) {
    it(`${id}: what they refuse makes a domain and a pod`, () => {
      const { refuses, gates = [] } = EXAMPLES[id]!;
      const config = resolveClusterConfig({
        spec: { configuration: { developerConfiguration: { featureGates: [...gates] } } },
      });
      for (const [change] of refuses) {
        const object = manifest({ ...change, 'metadata.uid': context.newUuid() });
        const { object: made } = mutate(
          { kind: 'VirtualMachineInstance', operation: 'CREATE', object, user: alice },
          { ...context, config },
        );
        const vmi = made as VirtualMachineInstance;
        assert.ok(buildDomain(vmi, domainContext({ config })));
        assert.ok(buildLauncherPod(vmi, { config, launcherImage: 'launcher:1' }));
      }
    });
  }
});
