import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CHECKED_KINDS, checkSchema } from '../../../../src/api/schema-check/check-schema.js';
import { suggest } from '../../../../src/api/schema-check/suggest.js';

const vmi = (spec: object = {}, more: object = {}): unknown => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'one', labels: { a: 'b' } },
  spec: { domain: { devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }] } }, ...spec },
  ...more,
});
const devices = (value: object): unknown => vmi({ domain: { devices: value } });
const check = (object: unknown) =>
  checkSchema('VirtualMachineInstance', object).map(({ rule, field, message }) => ({ rule, field, message }));
const only = (object: unknown) => {
  const causes = check(object);
  assert.equal(causes.length, 1, JSON.stringify(causes));
  return causes[0]!;
};

const memoryOf = (guest: string): object => ({ domain: { devices: {}, memory: { guest } } });

describe('api/check-schema', () => {
  it('accepts a valid object', () => assert.deepEqual(check(vmi()), []));

  it('says where an unknown field is and what was meant', () => {
    const near = only(devices({ disk: [] }));
    assert.equal(near.field, 'spec.domain.devices.disk');
    assert.match(near.message, /did you mean "disks"\?/);
    assert.match(only(vmi({ disks: [] })).message, /it belongs in spec.domain.devices$/);
    assert.match(only(vmi({}, { extra: 1 })).message, /^extra is not a known field/);
    assert.match(only(devices({ interfaces: [{ name: 'x', masquerade: { a: 1 } }] })).message, /has no fields/);
  });

  it('reports what is missing at the place where it should be', () => {
    assert.equal(only(devices({ disks: [{}] })).field, 'spec.domain.devices.disks[0].name');
    assert.equal(only({}).field, 'spec');
    assert.equal(only({ spec: {} }).rule, 'schema.required');
  });

  const mistakes: [string, object, string, RegExp][] = [
    ['a number in quotes', { terminationGracePeriodSeconds: '5' }, 'schema.type', /write 5 without quotes/],
    [
      'a boolean in quotes',
      { domain: { devices: { rng: {}, blockMultiQueue: 'True' } } },
      'schema.type',
      /write true without/,
    ],
    ['a text without quotes', { hostname: 5 }, 'schema.type', /write "5" in quotes/],
    ['null as an item of a list', { volumes: [null] }, 'schema.type', /remove the item/],
    ['null for what is required', { domain: null }, 'schema.required', /missing/],
    ['a fraction', { terminationGracePeriodSeconds: 1.5 }, 'schema.type', /whole number/],
    ['a negative count', { domain: { devices: {}, cpu: { cores: -1 } } }, 'schema.range', /write 0 or more/],
    ['a count too large', { domain: { devices: {}, cpu: { cores: 2 ** 33 } } }, 'schema.range', /or less/],
    ['a malformed quantity', { domain: { devices: {}, memory: { guest: '1gb' } } }, 'schema.quantity', /"1gb".*1Gi/],
    ['a quantity that is a list', { domain: { devices: {}, memory: { guest: [] } } }, 'schema.type', /a list/],
    ['a word not in the list', { dnsPolicy: 'default' }, 'schema.enum', /did you mean "Default"/],
    ['an object for a list', { volumes: {} }, 'schema.type', /not a list/],
    ['a list for an object', { domain: [] }, 'schema.type', /not an object/],
    ['an item for its list', { networks: { name: 'a', pod: {} } }, 'schema.type', /write "- " before its first field/],
    ['a list for its one item', { affinity: [{ nodeAffinity: {} }] }, 'schema.type', /write its item without "- "/],
    ['an amount for the memory', { domain: { devices: {}, memory: '2Gi' } }, 'schema.type', /write \{guest: "2Gi"\}/],
    ['a number for the CPU', { domain: { devices: {}, cpu: 2 } }, 'schema.type', /write \{cores: 2\}/],
    ['true for a setting', { networks: [{ name: 'a', pod: true }] }, 'schema.type', /write \{\}/],
    ['a name for a claim', { volumes: [{ name: 'a', dataVolume: 'b' }] }, 'schema.type', /write \{name: "b"\}/],
    ['a text for a list of texts', { dnsConfig: { nameservers: '1.1.1.1' } }, 'schema.type', /write \["1.1.1.1"\]/],
    ['a word for a boolean', { domain: { devices: { blockMultiQueue: 'yes' } } }, 'schema.type', /write true$/],
    ['seconds with their unit', { terminationGracePeriodSeconds: '30s' }, 'schema.type', /; write 30$/],
    ['cores with their name', { domain: { devices: {}, cpu: { cores: '2 cores' } } }, 'schema.type', /; write 2$/],
    ['minutes', { terminationGracePeriodSeconds: '5m' }, 'schema.type', /; write a whole number$/],
    ['items by their names', { volumes: { a: {} } }, 'schema.type', /; write "- name: a" in place of "a:"$/],
    ['what is missing and has no settings', { domain: {} }, 'schema.required', /; write devices: \{\}$/],
    ['bytes', memoryOf('4GB'), 'schema.quantity', /; write "4Gi" \(powers of 1024\) or "4G" \(of 1000\)$/],
    ['a small unit', memoryOf('512 mib'), 'schema.quantity', /; write "512Mi"$/],
    ['a comma', memoryOf('1,5Gi'), 'schema.quantity', /; write "1.5Gi"$/],
    ['no unit of any kind', memoryOf('4 apples'), 'schema.quantity', /; write a number with one of the units/],
    ['too many items', { networks: Array.from({ length: 257 }, () => 1) }, 'schema.max-items', /257.*256/],
  ];
  for (const [what, spec, rule, message] of mistakes) {
    it(`reports ${what}`, () => {
      const cause = only(vmi(spec));
      assert.equal(cause.rule, rule);
      assert.match(cause.message, message);
    });
  }

  it('reports a repeated key of a keyed list', () => {
    const cause = only(vmi({ resourceClaims: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }));
    assert.equal(cause.rule, 'schema.duplicate');
    assert.equal(cause.field, 'spec.resourceClaims[2]');
  });
  it('does not call repeated what is missing or of a wrong type', () => {
    const claims = check(vmi({ resourceClaims: [{}, {}, { name: null }, { name: 7 }, { name: [] }, { name: [] }] }));
    assert.deepEqual(
      claims.map(({ field, rule }) => [field, rule]),
      [
        ['spec.resourceClaims[0].name', 'schema.required'],
        ['spec.resourceClaims[1].name', 'schema.required'],
        ['spec.resourceClaims[2].name', 'schema.required'],
        ['spec.resourceClaims[3].name', 'schema.type'],
        ['spec.resourceClaims[4].name', 'schema.type'],
        ['spec.resourceClaims[5].name', 'schema.type'],
      ],
    );
    const qemuGuestAgent = { users: ['a', 7, 7, null, null, 'a'] };
    const users = check(
      vmi({ accessCredentials: [{ sshPublicKey: { source: {}, propagationMethod: { qemuGuestAgent } } }] }),
    );
    assert.deepEqual(
      users.map(({ field, rule }) => [field.replace(/.*(?=users)/, ''), rule]),
      [
        ['users[1]', 'schema.type'],
        ['users[2]', 'schema.type'],
        ['users[3]', 'schema.type'],
        ['users[4]', 'schema.type'],
        ['users[5]', 'schema.duplicate'],
      ],
    );
  });

  it('takes null for absent, as the API server does', () => {
    assert.deepEqual(check(vmi({ affinity: null, hostname: null, nodeSelector: { a: null } })), []);
    assert.deepEqual(check(vmi({}, { metadata: { annotations: null, labels: null }, status: null })), []);
  });

  it('lets unknown fields of status be, but checks the known ones, and all of metadata', () => {
    assert.deepEqual(check(vmi({}, { status: { later: true } })), []);
    assert.equal(only(vmi({}, { status: { phase: 1 } })).field, 'status.phase');
    assert.equal(only(vmi({}, { metadata: { runStrategy: 'Always' } })).rule, 'schema.unknown');
    assert.equal(
      only(vmi({}, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a' }] } })).field,
      'metadata.ownerReferences[0].uid',
    );
    assert.equal(only(vmi({}, { metadata: { labels: { a: 1 } } })).field, 'metadata.labels.a');
    assert.equal(only(vmi({}, { metadata: { annotations: { 'a.b/c': 1 } } })).field, 'metadata.annotations[a.b/c]');
  });

  it('finds all errors at once, in order', () => {
    const causes = check({ spec: { hostname: 1, domain: { device: {} } }, status: 5 });
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['spec.hostname', 'spec.domain.device', 'status'],
    );
  });

  it('survives hostile input', () => {
    const proto = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{},"spec":{"__proto__":{},"domain":{"devices":{}}}}',
    ) as unknown;
    assert.deepEqual(
      check(proto).map(({ field }) => field),
      ['__proto__', 'constructor', 'spec.__proto__'],
    );
    let deep: unknown = {};
    for (let i = 0; i < 100_000; i += 1) deep = { a: deep };
    assert.equal(only(vmi({ deep })).field, 'spec.deep');
    assert.equal(check(vmi({ tolerations: Array.from({ length: 100_000 }, () => 1) })).length, 1001);
    assert.equal(check(vmi({ ['x'.repeat(100_000)]: 1 })).length, 1);
  });

  it('never throws, whatever JSON comes', () =>
    fc.assert(
      fc.property(fc.constantFrom(...CHECKED_KINDS), fc.jsonValue(), (kind, value) => {
        assert.ok(Array.isArray(checkSchema(kind, value)));
        assert.ok(Array.isArray(checkSchema(kind, { spec: value, status: value })));
      }),
    ));

  it('suggests only what is near', () => {
    assert.equal(suggest('memroy', ['memory', 'cpu']), 'memory');
    assert.equal(suggest('CPU', ['memory', 'cpu']), 'cpu');
    assert.equal(suggest('nothing', ['memory', 'cpu']), undefined);
  });
});
