import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { CHECKED_KINDS } from '../../../src/api/check-schema.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { resolveClusterConfig } from '../../../src/api/cluster-config.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { MAX_MESSAGE } from '../../../src/validators/rule.js';
import { RULES } from '../../../src/validators/rules.js';
import { EXAMPLES } from '../../../src/validators/examples/index.js';
import { manifest } from '../../../src/validators/examples/manifest.js';
import type { Change, Examples } from '../../../src/validators/examples/shared.js';

const configOf = ({ gates = [], config = {} }: Partial<Examples>) =>
  resolveClusterConfig({
    spec: { configuration: { developerConfiguration: { featureGates: gates }, ...config } },
  } as unknown as KubeVirt);

const causesOf = (change: Change, examples: Partial<Examples>) => {
  const { kind = 'VirtualMachineInstance', old, user = 'alice', node, settingsObject } = examples;
  const extra = node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node] };
  const stored = old === undefined ? {} : { oldObject: manifest(old, kind) };
  const operation = old === undefined ? 'CREATE' : 'UPDATE';
  return admit(
    { kind, operation, object: manifest(change, kind), ...stored, user: { username: user, extra } },
    {
      config: configOf(examples),
      newUuid: () => '00000000-0000-4000-8000-000000000000',
      allowNotActedOn: true,
      installNamespace: INSTALL_NAMESPACE,
      settingsObject,
    },
  ).causes;
};

/** Rules that defaulting keeps from ever firing (spec/admission.md §7.2), and the one that these tests leave out. */
const UNREACHABLE = ['map.volume-unused', 'field.not-acted-on'];
/** Rules on who writes, whatever is written: see the tests of admission. */
const ON_THE_WRITER = ['upd.node-name', 'upd.node-owner'];

describe('the table of rules', () => {
  for (const kind of CHECKED_KINDS) {
    it(`accept the manifest on which the examples of ${kind} are built`, () => {
      assert.deepEqual(causesOf({}, { kind }), []);
    });
  }

  it('each have examples, ids are unique', () => {
    const ids = RULES.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const without = [...UNREACHABLE, ...ON_THE_WRITER];
    const missing = ids.filter((id) => !(id in EXAMPLES) && !without.includes(id));
    assert.deepEqual(missing, []);
    assert.deepEqual(
      Object.keys(EXAMPLES).filter((id) => !ids.includes(id)),
      [],
    );
  });

  for (const [id, examples] of Object.entries(EXAMPLES)) {
    describe(id, () => {
      it('has one accepting and two refusing examples', () => {
        assert.ok(examples.accepts.length >= 1 && examples.refuses.length >= 2);
      });
      examples.accepts.forEach((change, i) => {
        it(`accepts ${i}`, () => {
          assert.deepEqual(
            causesOf(change, examples).filter(({ rule }) => rule === id),
            [],
          );
        });
      });
      examples.refuses.forEach(([change, field], i) => {
        it(`refuses ${i}: ${field}`, () => {
          const causes = causesOf(change, examples);
          const own = causes.filter(({ rule }) => rule === id);
          assert.deepEqual(
            own.map((cause) => cause.field),
            [field],
            JSON.stringify(causes),
          );
          // One mistake, one cause: rules on the other kinds and on updates are all there is to say about their examples.
          if ((examples.kind ?? examples.old) !== undefined) assert.equal(causes.length, 1, JSON.stringify(causes));
          for (const { message } of own) assert.ok(message.length > 10 && message.length <= MAX_MESSAGE, message);
          assert.equal(causes.filter((cause) => cause.field === field && cause.rule === id).length, 1);
        });
      });
    });
  }
});
