import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { admit } from '../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../src/api/cluster-config.js';
import { isQuantity, parseQuantity } from '../../../src/api/quantity.js';

/*
 * The reference's verdicts (KubeVirt v1.9). CORPUS names the file; without it the
 * test is skipped (the corpus is not part of the package).
 */
const FILE = process.env['CORPUS'] ?? new URL('../../../../shared/corpus/admission.jsonl', import.meta.url).pathname;

interface Case {
  name: string;
  gates: string[];
  object: Record<string, unknown>;
  mutated: Record<string, unknown> | null;
  allowed: boolean;
}

/** The reference refuses the bus that it chose itself (sata); here the disk gets one that works (docs/admission.md). */
const REFUSED_BY_ITS_OWN_DEFAULT = ['iothread-ded-nobus'];
/** Objects that the reference decodes with zero values and this project refuses by schema: they are not defaulted. */
const REFUSED_BY_SCHEMA = /noname|boot-neg|type-string|no-devices|no-spec/;
/** Refused by both; the reference makes 4294967295 sockets of a negative CPU, and amd64's machine of ppc64le. */
const SENSELESS_DEFAULT = /cpu-(req|limit)-neg|arch-ppc64le/;

const QUANTITIES = ['memory', 'cpu', 'guest', 'maxGuest', 'capacity'];
/** Quantities by value; empty objects that the reference's typed encoder adds are no difference; a hostDisk's zero neither. */
const normal = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value !== 'object' || value === null) {
    return QUANTITIES.includes(key) && isQuantity(value) ? parseQuantity(value).toString() : value;
  }
  const entries = Object.entries(value)
    .map(([name, child]) => [name, normal(child, name)] as const)
    .filter(([name, child]) => !(name === 'resources' && Object.keys(child as Record<string, unknown>).length === 0))
    .filter(([name, child]) => !(name === 'capacity' && child === '0'));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** What the corpus writes as `<random uuid>`. */
const RANDOM_UUID = '5d307ca9-b3ef-428c-8861-06e72d69f223';

const admitCase = ({ object, gates }: Case) =>
  admit(
    { kind: 'VirtualMachineInstance', operation: 'CREATE', object, user: { username: 'alice' } },
    {
      config: resolveClusterConfig({
        spec: { configuration: { developerConfiguration: { featureGates: gates } } },
      }),
      newUuid: () => RANDOM_UUID,
      allowNotActedOn: true,
    },
  );

describe('the reference’s corpus', function () {
  if (!existsSync(FILE)) {
    it('is not here');
    return;
  }
  const cases = readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll('<random uuid>', RANDOM_UUID)) as Case);

  it('is judged alike, but for what differs on purpose', () => {
    const different = cases
      .filter((one) => (admitCase(one).causes.length === 0) !== one.allowed)
      .map(({ name }) => name);
    assert.deepEqual(different, REFUSED_BY_ITS_OWN_DEFAULT);
  });

  it('is defaulted alike, but for the CPU model, which belongs to the node (design §5)', () => {
    const different = cases.flatMap((one) => {
      if (one.mutated === null || REFUSED_BY_SCHEMA.test(one.name) || SENSELESS_DEFAULT.test(one.name)) return [];
      const ours = { ...(admitCase(one).object as Record<string, unknown>), status: undefined };
      const theirs = structuredClone(one.mutated) as { spec: { domain: { cpu: Record<string, unknown> } } };
      const asked = (one.object as { spec: { domain: { cpu?: Record<string, unknown> } } }).spec.domain.cpu?.['model'];
      if (asked === undefined && theirs.spec.domain.cpu['model'] === 'host-model')
        delete theirs.spec.domain.cpu['model'];
      return JSON.stringify(normal(JSON.parse(JSON.stringify(ours)))) === JSON.stringify(normal(theirs))
        ? []
        : [one.name];
    });
    assert.deepEqual(different, REFUSED_BY_ITS_OWN_DEFAULT);
  });
});
