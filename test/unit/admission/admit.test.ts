import assert from 'node:assert/strict';
import fc from 'fast-check';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { admit } from '../../../src/admission/admit.js';
import { makePatch } from '../../../src/admission/json-patch.js';
import { mutate } from '../../../src/admission/mutate.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { validate } from '../../../src/admission/validate.js';
import { renderWarning } from '../../../src/admission/warnings/index.js';
import { CHECKED_KINDS } from '../../../src/api/schema-check/check-schema.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { EXAMPLES } from '../../../src/validators/examples.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

const DISK = 'spec.domain.devices.disks[0]';
const UUID = '7d9c3a9e-8c6c-4b52-9a52-0f6d0f0e9c11';
const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => UUID,
  now: () => '2026-11-22T00:00:00Z',
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

const applied = (before: unknown, patch: readonly unknown[]): unknown =>
  fastJsonPatch.applyPatch(structuredClone(before), structuredClone(patch) as Operation[], true).newDocument;

const create = (object: unknown, kind: AdmissionRequest['kind'] = 'VirtualMachineInstance'): AdmissionRequest =>
  deepFreeze({ kind, operation: 'CREATE', object, user: { username: 'alice' } });

const vm = (spec: object, template = manifest({})): Record<string, unknown> => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'default' },
  spec: JSON.parse(
    JSON.stringify({ runStrategy: 'Halted', template: { metadata: {}, spec: template['spec'] }, ...spec }),
  ) as object,
});

/** Every change that any rule's examples make, in random combinations: valid, nearly valid and wrong manifests. */
const changes: Change[] = Object.values(EXAMPLES)
  .filter(({ kind, old }) => (kind === undefined || kind === 'VirtualMachineInstance') && old === undefined)
  .flatMap(({ accepts, refuses }) => [...accepts, ...refuses.map(([change]) => change)]);
const combined = fc.array(fc.constantFrom(...changes), { maxLength: 4 }).map((list) => {
  try {
    return manifest(Object.assign({}, ...list) as Change);
  } catch {
    // Two changes that exclude each other (one sets a member of what the other made a text).
    return manifest(list[0] ?? {});
  }
});

describe('admission', () => {
  describe('patches', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    it('turn any JSON object into any other', () => {
      fc.assert(
        fc.property(fc.dictionary(fc.string(), json), fc.dictionary(fc.string(), json), (one, other) => {
          const [before, after] = JSON.parse(JSON.stringify([one, other])) as [object, object];
          // fast-json-patch refuses __proto__ by itself; bodies that have it never get this far.
          fc.pre(!JSON.stringify([before, after]).includes('__proto__'));
          assert.deepEqual(applied(before, makePatch(before, after)), after);
        }),
      );
    });
    it('are empty between equals', () => {
      fc.assert(fc.property(json, (value) => assert.deepEqual(makePatch(value, structuredClone(value)), [])));
    });
    it('do not tell -0 from 0, which JSON can write and nobody means', () => {
      assert.deepEqual(makePatch(JSON.parse('{"a":-0}'), { a: 0 }), []);
    });
    it('name the exact path and escape it', () => {
      assert.deepEqual(makePatch({ a: { 'x/y~': 1, z: [1, 2] } }, { a: { 'x/y~': 2, z: [1, 3, 4] } }), [
        { op: 'replace', path: '/a/x~1y~0', value: 2 },
        { op: 'replace', path: '/a/z/1', value: 3 },
        { op: 'add', path: '/a/z/2', value: 4 },
      ]);
    });
  });

  describe('of generated manifests', () => {
    it('never throws, never changes its arguments, the patch makes the object', () => {
      fc.assert(
        fc.property(combined, (object) => {
          const request = create(object);
          const outcome = admit(request, context);
          assert.deepEqual(applied(object, outcome.patch), JSON.parse(JSON.stringify(outcome.object)));
          for (const { message, field } of outcome.causes) assert.ok(message !== '' && !field.includes('undefined'));
        }),
        { numRuns: 300 },
      );
    });
    it('defaults once: mutate(mutate(x)) = mutate(x)', () => {
      fc.assert(
        fc.property(combined, (object) => {
          const once = mutate(create(object), context);
          fc.pre(once.causes.length === 0);
          const twice = mutate(create(once.object), {
            ...context,
            now: () => '2027-01-01T00:00:00Z',
            newUuid: () => 'other',
          });
          assert.deepEqual(twice.patch, []);
        }),
        { numRuns: 300 },
      );
    });
    it('gives a template the causes of a VMI, at the template’s paths', () => {
      fc.assert(
        fc.property(combined, (object) => {
          const fields = (request: AdmissionRequest) =>
            admit(request, context)
              .causes.map(({ field }) => field)
              .sort();
          const metadata = object['metadata'] as Record<string, unknown>;
          const template = {
            metadata: { labels: metadata['labels'] ?? {}, annotations: metadata['annotations'] ?? {} },
            spec: object['spec'],
          };
          const machine = { ...vm({}), spec: { runStrategy: 'Halted', template } };
          // A template has no name, owners or finalizers: what is said of them is an object's own.
          const others = { name: 'web', namespace: 'default', ...template.metadata };
          const ofInstance = fields(create({ ...object, metadata: others }));
          const moved = ofInstance.map((field) => `spec.template.${field}`).sort();
          const own = fields(create(machine, 'VirtualMachine')).filter((field) => !field.endsWith('memory.maxGuest'));
          assert.deepEqual(
            own,
            moved.filter((field) => !field.endsWith('memory.maxGuest')),
          );
        }),
        { numRuns: 150 },
      );
    });
  });

  describe('of garbage', () => {
    const garbage = fc.oneof(
      fc.jsonValue(),
      fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue(), status: fc.jsonValue() }),
      fc.record({
        spec: fc.record({
          domain: fc.jsonValue(),
          volumes: fc.jsonValue(),
          networks: fc.jsonValue(),
          template: fc.jsonValue(),
        }),
      }),
      fc.record({
        spec: fc.record({ domain: fc.record({ devices: fc.record({ disks: fc.array(fc.jsonValue()) }) }) }),
      }),
    );
    it('never throws', () => {
      fc.assert(
        fc.property(
          garbage,
          garbage,
          fc.constantFrom(...CHECKED_KINDS),
          fc.constantFrom('CREATE' as const, 'UPDATE' as const),
          fc.constantFrom(
            'alice',
            ...['virt-agent', 'virt-controller'].map((name) => `system:serviceaccount:kubevirt:${name}`),
          ),
          fc.constantFrom(undefined, 'status' as const),
          fc.jsonValue(),
          (object, oldObject, kind, operation, username, subResource, names) => {
            const user = { username, extra: { 'authentication.kubernetes.io/node-name': names } };
            const request = { kind, operation, object: deepFreeze(object), oldObject: deepFreeze(oldObject), user };
            admit({ ...request, ...(subResource && { subResource }) }, context);
          },
        ),
        { numRuns: 500 },
      );
    });
  });

  describe('of a VMI', () => {
    it('refuses a floppy, blockMultiQueue without CPUs and a lun of a containerDisk', () => {
      const object = manifest({
        'spec.domain.devices.disks[0]': { name: 'root', lun: { bus: 'scsi' } },
        'spec.domain.devices.disks[1]': { name: 'init', floppy: {} },
        'spec.domain.devices.blockMultiQueue': true,
      });
      assert.deepEqual(
        admit(create(object), context).causes.map(({ rule }) => rule),
        ['disk.lun-source', 'disk.floppy', 'disk.multiqueue-cpu'],
      );
    });
    it('takes the page’s names with "_", and no other characters', () => {
      // The example of I/O threads, docs/reference/user-guides.md §3.7.
      const empty = ['emptydisk', 'emptydisk2', 'emptydisk3', 'emptydisk4', 'emptydisk5', 'emptydisk6'];
      const shared = {
        apiVersion: 'kubevirt.io/v1alpha3',
        kind: 'VirtualMachineInstance',
        metadata: { labels: { special: 'vmi-shared' }, name: 'vmi-shared' },
        spec: {
          domain: {
            ioThreadsPolicy: 'shared',
            cpu: { cores: 2 },
            devices: {
              disks: [
                { disk: { bus: 'virtio' }, name: 'vmi-shared_disk' },
                ...empty.map((name, i) => ({
                  disk: { bus: 'virtio' },
                  name,
                  ...(i < 2 ? { dedicatedIOThread: true } : {}),
                })),
              ],
            },
            machine: { type: '' },
            resources: { requests: { memory: '64M' } },
          },
          volumes: [
            { name: 'vmi-shared_disk', persistentVolumeClaim: { claimName: 'vmi-shared_pvc' } },
            ...empty.map((name) => ({ emptyDisk: { capacity: '1Gi' }, name })),
          ],
        },
      };
      assert.deepEqual(admit(create(shared), { ...context, allowNotActedOn: true }).causes, []);
      assert.deepEqual(
        admit(create(shared), context).causes.filter(({ rule }) => rule !== 'field.not-acted-on'),
        [],
      );
      for (const name of ['_a', 'a_', 'A', 'a.b', 'a b', 'ä', '', 'a/b', 'a'.repeat(64)]) {
        const { causes } = admit(create(manifest({ 'spec.volumes[0].name': name, [`${DISK}.name`]: name })), context);
        assert.deepEqual(
          causes.map(({ field }) => field),
          [`${DISK}.name`],
          name,
        );
        assert.match(
          causes[0]?.message ?? '',
          /cannot be the name of a disk: write at most 63 lower-case letters, digits, "-" and "_"/,
        );
      }
    });
    it('drops a status that the user made up', () => {
      const object = { ...manifest({}), status: { phase: 'Running', nodeName: 'theirs' } };
      const { status } = mutate(create(object), context).object as { status: Record<string, unknown> };
      assert.equal(status['phase'], 'Pending');
      assert.equal(status['nodeName'], undefined);
    });
    it('judges a realtime mask beside a topology that says no number of vCPUs', () => {
      const mask = { 'spec.domain.cpu.realtime': { mask: '0-1' } };
      const wrong: readonly Change[] = [
        { 'spec.domain.cpu.cores': -1 },
        { 'spec.domain.cpu': { cores: 512, sockets: 512, threads: 512, realtime: { mask: '0' } } },
      ];
      for (const change of wrong) {
        const { causes } = admit(create(manifest({ ...mask, ...change })), context);
        assert.ok(causes.length > 0, JSON.stringify(change));
        assert.ok(!causes.some(({ rule }) => rule === 'cpu.realtime-mask'), JSON.stringify(change));
      }
    });
    it('says once that a field is not acted on, and nothing about what is below it', () => {
      const { causes } = admit(create(manifest({ 'spec.utilityVolumes': [{}] })), context);
      assert.deepEqual(
        causes.map(({ field, rule }) => [field, rule]),
        [['spec.utilityVolumes', 'field.not-acted-on']],
      );
    });
    it('is refused for an architecture that cannot be started, and not for what a default makes of it', () => {
      const causesFor = (change: Change, kind?: 'VirtualMachine') =>
        admit(create(manifest(change, kind), kind), context).causes;
      for (const name of ['arm64', 's390x', 'arm65']) {
        const causes = causesFor({ 'spec.architecture': name });
        assert.deepEqual(
          causes.map(({ field }) => field),
          ['spec.architecture'],
        );
        assert.match(causes[0]?.message ?? '', new RegExp(`does not act on "${name}" yet .*: write amd64$`));
      }
      assert.deepEqual(
        causesFor({ 'spec.template.spec.architecture': 'arm64' }, 'VirtualMachine').map(({ field }) => field),
        ['spec.template.spec.architecture'],
      );
      // What the user wrote is told all the same.
      const efi = { 'spec.domain.firmware.bootloader.efi': { secureBoot: true } };
      assert.deepEqual(
        causesFor({ 'spec.architecture': 'arm64', ...efi }).map(({ field }) => field),
        ['spec.architecture', 'spec.domain.firmware.bootloader.efi.secureBoot'],
      );
    });

    it('that is updated may not change its spec or status, unless by our programs', () => {
      const oldObject = mutate(create(manifest({})), context).object as Record<string, unknown>;
      const object = { ...structuredClone(oldObject), status: { phase: 'Failed' } } as Record<string, unknown>;
      (object['spec'] as Record<string, unknown>)['hostname'] = 'other';
      const update = (username: string): AdmissionRequest => ({
        kind: 'VirtualMachineInstance',
        operation: 'UPDATE',
        object,
        oldObject,
        user: { username },
      });
      assert.deepEqual(
        validate(update('alice'), context).causes.map(({ field }) => field),
        ['spec.hostname'],
      );
      assert.deepEqual(
        (mutate(update('alice'), context).object as Record<string, unknown>)['status'],
        oldObject['status'],
      );
      const ours = update('system:serviceaccount:kubevirt:virt-controller');
      assert.deepEqual(validate(ours, context).causes, []);
      assert.deepEqual(mutate(ours, context).patch, []);
    });
    it('with a wrong type gets the schema’s causes only', () => {
      const { causes, patch } = admit(create(manifest({ 'spec.domain.cpu.cores': 'four' })), context);
      assert.deepEqual(
        causes.map(({ field }) => field),
        ['spec.domain.cpu.cores'],
      );
      assert.deepEqual(patch, []);
    });
    it('without a required field gets the rules’ causes too, but for what follows from it', () => {
      const incomplete = manifest({
        'spec.volumes[2]': { name: 'data', emptyDisk: {} },
        'spec.volumes[3]': { containerDisk: { image: 'img' } },
        'spec.domain.devices.disks[2]': { name: 'unnamed', disk: {} },
        'spec.hostname': 'A',
        'spec.domain.cpu.features': [{ name: 'avx', policy: 'maybe' }],
      });
      const { causes, patch } = admit(create(incomplete), { ...context, allowNotActedOn: true });
      assert.deepEqual(
        causes.map(({ field }) => field),
        [
          'spec.volumes[2].emptyDisk.capacity',
          'spec.volumes[3].name',
          'spec.hostname',
          'spec.domain.cpu.features[0].policy',
        ],
      );
      assert.deepEqual(patch, []);
    });
    it('without devices, and templates without a domain, can be read too', () => {
      const without = manifest({ 'spec.domain.devices': undefined, 'spec.hostname': 'A' });
      assert.deepEqual(
        admit(create(without), context).causes.map(({ field }) => field),
        ['spec.domain.devices', 'spec.hostname'],
      );
      const template = vm({ running: true, template: { spec: { hostname: 'A' } } });
      assert.deepEqual(
        admit(create(template, 'VirtualMachine'), context).causes.map(({ field }) => field),
        ['spec.template.spec.domain', 'spec.template.spec.hostname', 'spec.running'],
      );
    });
    it('without a field below one that is not acted on is told of that one only', () => {
      const { causes } = admit(create(manifest({ 'spec.volumes[2]': { name: 'x', memoryDump: {} } })), context);
      assert.deepEqual(
        causes.map(({ field }) => field),
        ['spec.volumes[2].memoryDump'],
      );
    });
    it('with an unknown field gets the rules’ causes too', () => {
      const { causes } = admit(create(manifest({ 'spec.flavour': 'x', 'spec.hostname': 'A' })), context);
      assert.deepEqual(
        causes.map(({ field }) => field),
        ['spec.flavour', 'spec.hostname'],
      );
    });
  });

  describe('of a VirtualMachine', () => {
    const fields = (object: unknown) =>
      admit(create(object, 'VirtualMachine'), context).causes.map(({ field }) => field);
    it('writes UUID and serial number into the template, nothing else', () => {
      const { patch } = mutate(create(vm({}), 'VirtualMachine'), context);
      assert.deepEqual(patch, [
        { op: 'add', path: '/spec/template/spec/domain/firmware', value: { uuid: UUID, serial: UUID } },
      ]);
    });
    it('writes no UUID beside the one of the annotation, which every VMI gets', () => {
      const metadata = { annotations: { VirtletSystemUUID: '53008994-44C0-4017-AD44-9C49758083DA' } };
      const machine = vm({ template: { metadata, spec: manifest({})['spec'] } });
      const { patch } = mutate(create(machine, 'VirtualMachine'), context);
      assert.deepEqual(patch, [{ op: 'add', path: '/spec/template/spec/domain/firmware', value: { serial: UUID } }]);
      assert.deepEqual(fields(machine), []);
    });
    it('warns of what an eviction does by a strategy that asks for more than a shutdown', () => {
      const warnings = (strategy: string) =>
        admit(create(manifest({ 'spec.evictionStrategy': strategy })), context)
          .warnings.map(renderWarning)
          .join();
      assert.match(warnings('LiveMigrate'), /^spec\.evictionStrategy: .* an eviction is refused.* None/);
      assert.match(warnings('LiveMigrateIfPossible'), / an eviction shuts the guest down .* None/);
      assert.match(warnings('External'), /is refused and only marks the VM \(status\.evacuationNodeName\)/);
      assert.equal(warnings('None'), '');
    });
    it('warns of running, refuses it beside runStrategy, and neither', () => {
      assert.deepEqual(
        admit(create(vm({ runStrategy: undefined, running: true }), 'VirtualMachine'), context).warnings.length,
        1,
      );
      assert.deepEqual(fields(vm({ running: true })), ['spec.running']);
      assert.deepEqual(fields(vm({ runStrategy: undefined })), ['spec.runStrategy']);
      assert.deepEqual(fields(vm({ runStrategy: 'Sometimes' })), ['spec.runStrategy']);
    });
    it('that is being deleted may lose its finalizers, whatever it holds', () => {
      const object = {
        ...vm({ runStrategy: 'Sometimes' }),
        metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' },
      };
      assert.deepEqual(
        validate({ kind: 'VirtualMachine', operation: 'UPDATE', object, oldObject: object }, context).causes,
        [],
      );
    });
    it('lets finalizers go from an object that goes, whatever its shape, of a VMI by our own programs', () => {
      const metadata = { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' };
      const going = (kind: AdmissionRequest['kind'], username: string, stored: unknown = 7): number => {
        const object = { apiVersion: 'kubevirt.io/v1', kind, metadata, spec: { template: 7, domain: 7 } };
        const oldObject = { ...object, spec: { template: stored, domain: stored } };
        const request: AdmissionRequest = { kind, operation: 'UPDATE', object, oldObject, user: { username } };
        return mutate(request, context).causes.length + validate(request, context).causes.length;
      };
      const controller = 'system:serviceaccount:kubevirt:virt-controller';
      assert.equal(going('VirtualMachine', 'alice'), 0);
      assert.equal(going('VirtualMachineInstance', controller), 0);
      // Whatever it holds, nobody else changes it on the way.
      assert.equal(going('VirtualMachineInstance', 'alice'), 0);
      assert.notEqual(going('VirtualMachineInstance', 'alice', 8), 0);
    });
    it('is told of a maxGuest that hotplug cannot reach', () => {
      const template = manifest({ 'spec.domain.memory': { guest: '1Gi', maxGuest: '1025Mi' } });
      assert.deepEqual(fields(vm({}, template)), ['spec.template.spec.domain.memory.maxGuest']);
      // What excludes hotplug is said beside it.
      const domain = { cpu: { cores: 1, realtime: {} }, memory: { guest: '1Gi', maxGuest: '2Gi' } };
      const realtime = manifest({ 'spec.domain.memory': domain.memory, 'spec.domain.cpu': domain.cpu });
      const { causes } = admit(create(vm({}, realtime), 'VirtualMachine'), { ...context, allowNotActedOn: true });
      assert.match(causes.find(({ rule }) => rule === 'vm.lu-memory')?.message ?? '', /remove cpu\.realtime/);
    });
  });

  describe('of a replica set', () => {
    const replicaSet = (selector: object, labels: object, replicas = 1) => ({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstanceReplicaSet',
      metadata: { name: 'set' },
      spec: { replicas, selector, template: { metadata: { labels }, spec: manifest({})['spec'] } },
    });
    const fields = (object: unknown) =>
      admit(create(object, 'VirtualMachineInstanceReplicaSet'), context).causes.map(({ field }) => field);
    it('accepts a selector that selects its template', () => {
      assert.deepEqual(fields(replicaSet({ matchLabels: { a: 'b' } }, { a: 'b' })), []);
      assert.deepEqual(
        fields(replicaSet({ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, { a: 'b' }, 0)),
        [],
      );
    });
    it('refuses one that does not, one that cannot be read, and negative replicas', () => {
      assert.deepEqual(fields(replicaSet({ matchLabels: { a: 'b' } }, { a: 'c' })), ['spec.selector']);
      assert.deepEqual(fields(replicaSet({ matchExpressions: [{ key: 'a', operator: 'Is' }] }, {})), [
        'spec.selector.matchExpressions[0].operator',
      ]);
      assert.deepEqual(fields(replicaSet({}, {}, -1)), ['spec.replicas']);
    });
  });
});
