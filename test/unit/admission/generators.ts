import fc from 'fast-check';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { CHECKED_KINDS, schemaOf, type CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { FEATURE_GATES } from '../../../src/api/settings/feature-gates.js';
import { isObjectMeta, type SchemaNode } from '../../../src/api/schema-check/schema-node.js';
import { EXAMPLES } from '../../../src/validators/examples.js';
import { base, manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { readCorpus } from '../../corpus/corpus.js';
import { answerTo, SPEC_CASES } from '../../corpus/spec-cases/index.js';

/*
 * Objects for the properties of admission: valid ones, nearly valid ones, garbage. An object is a plan: one valid
 * manifest, some changes that are valid each for itself, some edits. Edits come from the schemas (every place, with
 * values of its type, wrong ones and absurd ones) and from every manifest that the corpus and the examples hold. A plan
 * is a few small numbers, so it is cheap to make a million of them, and fast-check shrinks it to the edit that matters.
 */

type Step = string | number;
export interface Edit {
  readonly path: readonly Step[];
  /** {@link REMOVE}: takes away what is there. */
  readonly value: unknown;
}
export const REMOVE = Symbol('remove');

/** What users write, right and wrong, wherever a text belongs. */
const TEXTS = [
  '',
  'a',
  'root',
  'default',
  'virtio',
  'A_b',
  ' ',
  'a.b',
  'a'.repeat(64),
  'x'.repeat(300),
  'ä\n"<&',
  '-1',
  '/a/../b',
];
const NUMBERS = [-1, 0, 1, 2, 4, 512, 65_536, 2 ** 31, 2 ** 32, 1e21, 1.5, -0];
const QUANTITIES = [
  '1Gi',
  '1024Mi',
  '1.5Gi',
  '512M',
  '1e9',
  '0.5',
  '500m',
  '0',
  '-1',
  '+2',
  2,
  '',
  'much',
  '1n',
  '16Ei',
  '9'.repeat(40),
  '1e100',
  '1e-99',
];
const WRONG = [null, 'text', 7, true, [], {}, [null], [{}, {}], { a: { b: ['c'] } }];

const valuesOf = (node: SchemaNode): readonly unknown[] => {
  if (node['x-kubernetes-int-or-string']) return node.pattern === undefined ? [80, 'http', '', -1] : QUANTITIES;
  switch (node.type) {
    case 'string':
      if (node.enum) return [...node.enum, 'Bogus', ''];
      return node.format === 'date-time' ? ['2026-01-31T12:00:00Z', 'yesterday'] : TEXTS;
    case 'integer':
    case 'number':
      return NUMBERS;
    case 'boolean':
      return [true, false];
    case 'array':
      return [
        [],
        [{ name: 'root' }, { name: 'root' }],
        Array.from({ length: 300 }, (_, i) => ({ name: `n${i}` })),
        ['a', 'a'],
      ];
    default:
      return [{}];
  }
};

const METADATA: readonly Edit[] = [
  ...[undefined, '', 'A b', 'x'.repeat(300)].map((value) => ({ path: ['metadata', 'name'], value })),
  ...[{}, { a: '' }, { valueOf: 'x', toString: 'y' }, { 'kubevirt.io/nodeName': 'n' }, { 'a b': 'c d' }].map(
    (value) => ({
      path: ['metadata', 'labels'],
      value,
    }),
  ),
  ...[{ 'kubevirt.io/ignitiondata': '{}' }, { 'hooks.kubevirt.io/hookSidecars': '[]' }, { a: 'x'.repeat(3000) }].map(
    (value) => ({
      path: ['metadata', 'annotations'],
      value,
    }),
  ),
  { path: ['metadata', 'finalizers'], value: ['kubevirt.io/foregroundDeleteVirtualMachine'] },
  { path: ['metadata', 'deletionTimestamp'], value: '2026-01-31T12:00:00Z' },
  { path: ['metadata', 'namespace'], value: 'other' },
].map((edit) => (edit.value === undefined ? { ...edit, value: REMOVE } : edit));

/** Every place below a node, with every value that is worth trying there. */
const schemaEdits = (node: SchemaNode, path: readonly Step[]): Edit[] => {
  if (isObjectMeta(node)) return METADATA.map((edit) => ({ ...edit, path: [...path.slice(0, -1), ...edit.path] }));
  const here = [...valuesOf(node), ...WRONG, REMOVE].map((value) => ({ path, value }));
  const unknown = node.properties ? [{ path: [...path, 'flavour'], value: 'x' }] : [];
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) => schemaEdits(child, [...path, name]));
  const items = node.items ? [0, 1].flatMap((index) => schemaEdits(node.items!, [...path, index])) : [];
  const keys = node.additionalProperties ? ['cpu', 'memory', 'valueOf'] : [];
  const values = keys.flatMap((key) => schemaEdits(node.additionalProperties!, [...path, key]));
  return [...here, ...unknown, ...below, ...items, ...values];
};

/** Every part of a manifest that somebody wrote, to be put into others at its place. */
const partsOf = (value: unknown, path: readonly Step[]): Edit[] => {
  const below = Array.isArray(value)
    ? value.flatMap((item, i) => partsOf(item, [...path, i]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => partsOf(child, [...path, key]))
      : [];
  return path.length < 2 ? below : [{ path, value }, ...below];
};

const without = <T>(list: readonly T[], key: (item: T) => string): T[] => [
  ...new Map(list.map((item) => [key(item), item])).values(),
];
const distinct = (edits: readonly Edit[]): Edit[] =>
  without(edits, ({ path, value }) => `${path.join('/')} ${value === REMOVE ? 'remove' : JSON.stringify(value)}`);

const exampleManifests = (kind: CheckedKind): unknown[] =>
  Object.values(EXAMPLES)
    .filter((examples) => (examples.kind ?? 'VirtualMachineInstance') === kind)
    .flatMap(({ accepts, refuses, old }) => [...accepts, ...refuses.map(([change]) => change), ...(old ? [old] : [])])
    .map((change) => manifest(change, kind));

const instanceManifests = (): unknown[] => [
  ...readCorpus().map(({ object }) => object),
  ...SPEC_CASES.filter(({ kind }) => kind === undefined).map(({ change }) => manifest(change)),
  ...exampleManifests('VirtualMachineInstance'),
];

/** The edits of a VMI at the place of a template. */
const inTemplate = (edits: readonly Edit[]): Edit[] =>
  edits.map(({ path, value }) => ({ path: path[0] === 'status' ? path : ['spec', 'template', ...path], value }));

interface Edits {
  /** From manifests that somebody wrote. */
  readonly real: readonly Edit[];
  /** From the schema. */
  readonly all: readonly Edit[];
}

const isTemplate = ({ path }: Edit): boolean => path[1] === 'template' && path[2] === 'spec';

const editsOf = (kind: CheckedKind, instance: Edits | undefined): Edits => {
  const own = distinct(schemaEdits(schemaOf(kind), [])).filter(
    // Of the status, which is as large as the spec and hardly read, the upper part.
    ({ path }) => path.length > 0 && (path[0] !== 'status' || path.length <= 3),
  );
  if (instance === undefined)
    return { real: distinct(instanceManifests().flatMap((one) => partsOf(one, []))), all: own };
  if (kind === 'KubeVirt')
    return { real: distinct(exampleManifests(kind).flatMap((one) => partsOf(one, []))), all: own };
  const ofExamples = distinct(exampleManifests(kind).flatMap((one) => partsOf(one, [])));
  return {
    real: [...ofExamples, ...inTemplate(instance.real)],
    all: [...own.filter((edit) => !isTemplate(edit)), ...inTemplate(instance.all)],
  };
};

const EDITS = ((): Readonly<Record<CheckedKind, Edits>> => {
  const instance = editsOf('VirtualMachineInstance', undefined);
  const entries = CHECKED_KINDS.map((kind) => [
    kind,
    kind === 'VirtualMachineInstance' ? instance : editsOf(kind, instance),
  ]);
  return Object.fromEntries(entries) as Record<CheckedKind, Edits>;
})();

/** Parts of a manifest that go together: of two changes in one area only the first is made. */
const AREAS: readonly (readonly [RegExp, string])[] = [
  [/^spec\.domain\.resources$/, 'cpu memory'],
  [/^spec\.domain\.(cpu|resources\.\w+\.cpu|devices\.blockMultiQueue)/, 'cpu'],
  [/^spec\.domain\.(memory|resources)/, 'memory'],
  [/^spec\.(volumes|accessCredentials|serviceAccountName|domain\.devices\.(disks|filesystems))/, 'storage'],
  [/^spec\.(networks|\w+Probe|startStrategy|domain\.devices\.(interfaces|autoattachPodInterface))/, 'network'],
  [/^spec\.(architecture|resourceClaims|domain\.(machine|firmware|features|launchSecurity|devices\.))/, 'hardware'],
  [/^spec\.dns/, 'dns'],
];
const areasOf = (change: Change): string[] =>
  Object.keys(change).flatMap((path) => AREAS.find(([pattern]) => pattern.test(path))?.[1].split(' ') ?? [path]);

/** Another architecture changes what everything else may be. */
const isPlain = (change: Change): boolean => change['spec.architecture'] === undefined && !('status' in change);

/** Changes of the valid manifest that admission accepts one by one. */
const OPTIONS: readonly (readonly [change: Change, areas: readonly string[]])[] = [
  ...SPEC_CASES.filter(({ kind, config, gates, annotations }) => !kind && !config && !gates && !annotations)
    .filter((one) => isPlain(one.change) && answerTo(one).causes.length === 0)
    .map(({ change }): [Change, string[]] => [change, areasOf(change)]),
];

/** Faster than structuredClone for values of this size; -0 becomes 0, as in every JSON. */
const copy = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;

const set = (object: Record<string, unknown>, { path, value }: Edit): void => {
  let at: Record<Step, unknown> = object;
  path.forEach((step, i) => {
    // A list has no holes.
    const key = Array.isArray(at) && typeof step === 'number' ? Math.min(step, at.length) : step;
    if (i === path.length - 1) {
      if (value !== REMOVE) at[key] = copy(value);
      else if (!Array.isArray(at)) Reflect.deleteProperty(at, key);
      else if (typeof key === 'number') at.splice(key, 1);
      return;
    }
    const child = Object.hasOwn(at, key) ? at[key] : undefined;
    if (typeof child !== 'object' || child === null) at[key] = typeof path[i + 1] === 'number' ? [] : {};
    at = at[key] as Record<Step, unknown>;
  });
};

/** How an object is made. */
export interface Plan {
  readonly how: 'valid' | 'nearly' | 'garbage';
  readonly kind: CheckedKind;
  readonly options: readonly number[];
  readonly edits: readonly (readonly [table: 'real' | 'all', index: number])[];
  /** What an edited object stands on, instead of the valid manifest. */
  readonly ground?: unknown;
  /** Who asks for what, in which cluster. */
  readonly setting: number;
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** The changes of a plan that go together. */
const chosen = (options: readonly number[]): Change => {
  const taken = new Set<string>();
  const changes: Change[] = [];
  for (const [change, areas] of options.map((index) => at(OPTIONS, index))) {
    if (areas.some((area) => taken.has(area))) continue;
    for (const area of areas) taken.add(area);
    changes.push(change);
  }
  return Object.assign({}, ...changes) as Change;
};

const ofKind = (kind: CheckedKind, change: Change): Record<string, unknown> => {
  if (kind === 'VirtualMachineInstance') return manifest(change);
  if (kind === 'KubeVirt') return base(kind);
  const instance = manifest(change);
  const object = base(kind) as { spec: { template: { spec: unknown } } };
  object.spec.template.spec = instance['spec'];
  return object;
};

/** The object of a plan, fresh each time. */
export const build = ({ kind, options, edits, ground }: Plan): unknown => {
  const fresh = ground === undefined ? ofKind(kind, chosen(options)) : copy(ground);
  // Edits need an object; whatever else was sent is sent as it is.
  if (typeof fresh !== 'object' || fresh === null || Array.isArray(fresh)) return fresh;
  const object = fresh as Record<string, unknown>;
  for (const [table, index] of edits) set(object, at(EDITS[kind][table], index));
  return object;
};

const UUID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const contextOf = (configuration: object, more: Partial<AdmissionContext> = {}): AdmissionContext => ({
  config: resolveClusterConfig({ metadata: { name: 'kubevirt' }, spec: { configuration } }),
  newUuid: () => UUID,
  now: () => '2026-11-25T00:00:00Z',
  ...more,
});

/** Every rule, whether its field is acted on or not: what valid objects are judged by. */
export const LENIENT = contextOf({}, { allowNotActedOn: true });

const CONTEXTS: readonly AdmissionContext[] = [
  LENIENT,
  contextOf({}),
  contextOf({ developerConfiguration: { featureGates: [...FEATURE_GATES.keys()] } }, { allowNotActedOn: true }),
  contextOf(
    {
      vmRolloutStrategy: 'Stage',
      cpuRequest: '200m',
      network: { defaultNetworkInterface: 'masquerade', permitBridgeInterfaceOnPodNetwork: false },
      architectureConfiguration: { defaultArchitecture: 'arm64' },
      developerConfiguration: { disabledFeatureGates: [...FEATURE_GATES.keys()] },
    },
    { allowNotActedOn: true },
  ),
  contextOf({
    network: { defaultNetworkInterface: 'slirp' },
    liveUpdateConfiguration: { maxCpuSockets: 2, maxGuest: '2Gi' },
  }),
];
const USERS = ['alice', 'system:serviceaccount:kubevirt:virt-controller', 'system:serviceaccount:kubevirt:virt-agent'];

/** The request of a plan and the cluster in which it is made; updates change `old`. */
export const requestOf = (plan: Plan, old: Plan): { request: AdmissionRequest; context: AdmissionContext } => {
  const { kind, setting, how } = plan;
  const object = build(plan);
  if (how === 'valid') {
    return { context: LENIENT, request: { kind, operation: 'CREATE', object, user: { username: 'alice' } } };
  }
  const user = { username: at(USERS, Math.trunc(setting / 5)) };
  const request = { kind, object, user, namespace: 'default' } as const;
  const context = at(CONTEXTS, setting);
  if (setting % 4 !== 0) return { context, request: { ...request, operation: 'CREATE' } };
  const ofStatus = setting % 8 === 0 && kind !== 'VirtualMachineInstance' ? { subResource: 'status' as const } : {};
  return { context, request: { ...request, operation: 'UPDATE', oldObject: build({ ...old, kind }), ...ofStatus } };
};

const numbers = (maxLength: number, minLength = 0) => fc.array(fc.nat(1_000_000), { minLength, maxLength });
const editList = (minLength: number, maxLength: number) =>
  fc.array(fc.tuple(fc.constantFrom('real' as const, 'all' as const), fc.nat(1_000_000)), { minLength, maxLength });
const instanceKinds = fc.constantFrom<CheckedKind>(
  'VirtualMachineInstance',
  'VirtualMachineInstance',
  'VirtualMachine',
  'VirtualMachineInstanceReplicaSet',
);
const kinds = fc.oneof(
  { weight: 9, arbitrary: instanceKinds },
  { weight: 1, arbitrary: fc.constant<CheckedKind>('KubeVirt') },
);
const setting = fc.nat(119);

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, -1, 1e21, '', 'a', '1Gi'),
    fc.array(tie('value'), { maxLength: 4 }),
    // `__proto__` and `constructor` never get here: the body with such a key is refused.
    fc.dictionary(
      fc.constantFrom('spec', 'metadata', 'domain', 'template', 'volumes', 'name', 'valueOf', 'status', '0'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

export const validPlan: fc.Arbitrary<Plan> = fc.record({
  how: fc.constant('valid' as const),
  kind: instanceKinds,
  options: numbers(6),
  edits: fc.constant([]),
  setting: fc.constant(0),
});
const nearly = (options: number, edits: number): fc.Arbitrary<Plan> =>
  fc.record({
    how: fc.constant('nearly' as const),
    kind: kinds,
    options: numbers(options),
    edits: editList(1, edits),
    setting,
  });
/** Every fourth is the valid manifest with one edit: one mistake, one cause. */
export const nearlyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: nearly(3, 4) },
  { weight: 1, arbitrary: nearly(0, 1) },
);
export const garbagePlan: fc.Arbitrary<Plan> = fc.record({
  how: fc.constant('garbage' as const),
  kind: kinds,
  options: numbers(2),
  edits: editList(5, 25),
  ground: fc.option(json, { nil: undefined }),
  setting,
});

/** Half of all nearly valid: there the rules are. */
export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: validPlan },
  { weight: 5, arbitrary: nearlyPlan },
  { weight: 2, arbitrary: garbagePlan },
);

/** How many edits there are, for reports. */
export const editCount = (kind: CheckedKind): number => EDITS[kind].real.length + EDITS[kind].all.length;
export const optionCount = OPTIONS.length;
