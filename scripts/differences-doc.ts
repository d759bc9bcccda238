import { describeNotActedOn, VMI_SPEC_NOT_ACTED_ON, VM_SPEC_NOT_ACTED_ON } from '../src/api/settings/acted-on.js';
import { NOT_ACTED_ON_ANNOTATIONS } from '../src/api/vmi/kubevirt-annotations.js';
import { DIFFERENCES } from './differences.js';

const notActedOn = (): string[] => {
  const fields = [
    ...VM_SPEC_NOT_ACTED_ON.map((one) => ({ ...one, path: `spec.${one.path}` })),
    ...VMI_SPEC_NOT_ACTED_ON.map((one) => ({ ...one, path: `$.${one.path}` })),
  ];
  const reasons = new Map<string, string[]>();
  for (const one of fields) {
    const field = describeNotActedOn(one, (text) => `\`${text}\``);
    reasons.set(one.reason, [...(reasons.get(one.reason) ?? []), field]);
  }
  return [...reasons].map(([reason, paths]) => `| ${reason} | ${paths.join(', ')} |`);
};

const GROUPS = {
  null: 'Defaults',
  default: 'Defaults',
  schema: 'Causes',
  field: 'Causes',
  once: 'Causes',
  empty: 'Defaults',
  dvt: 'DataVolume templates',
  more: 'What is refused here and not by KubeVirt',
  less: 'What KubeVirt refuses and is accepted here',
  update: 'Updates',
  evict: 'Evictions, and pods that are deleted',
  state: 'States and commands',
  settings: 'Settings',
  domain: 'Domains',
  pod: 'Pods',
} as const;

const tables = (): string[] =>
  [...new Set(Object.values(GROUPS))].flatMap((title) => {
    const rows = DIFFERENCES.filter(({ id }) => GROUPS[groupOf(id)] === title);
    if (rows.length === 0) return [];
    return [
      `## ${title}`,
      '',
      '| KubeVirt | here | why |',
      '| --- | --- | --- |',
      ...rows.map(({ kubevirt, here, why }) => `| ${kubevirt} | ${here} | ${why} |`),
      '',
    ];
  });

type Group = keyof typeof GROUPS;
const isGroup = (word: string): word is Group => Object.hasOwn(GROUPS, word);

/** @throws Error for a row that would stand in no table */
const groupOf = (id: string): Group => {
  const [word = ''] = id.split('.');
  if (!isGroup(word)) throw new Error(`difference ${id} belongs to none of ${Object.keys(GROUPS).join(', ')}`);
  return word;
};

const annotationRows = (): string[] =>
  Object.entries(NOT_ACTED_ON_ANNOTATIONS).map(([key, { why }]) => `| \`${key}\` | ${why} |`);

/** docs/differences.md. */
export const differencesDocument = (): string =>
  [
    '<!-- Made by `npm run generate` from scripts/differences.ts and src/api/settings/acted-on.ts. Do not edit. -->',
    '',
    '# Where this differs from KubeVirt',
    '',
    'These tables list what differs on purpose; messages are always our own. In admission all else is meant to be the same: the same verdict, a cause on the same',
    'field or one below it, the same object after the defaults. The tests hold this against KubeVirt’s own verdicts on 275 manifests',
    '([test/corpus](../test/corpus/README.md)) and against what its specification says about some hundreds more: a difference that is not in these tables fails them,',
    'and so does a row that no case shows any more. Of domains, pods, updates and evictions nothing of KubeVirt’s is recorded: there each row is held by a test of its',
    'own, and what is found to differ besides is a defect or a row to come.',
    '',
    '`$` is `spec` of a VirtualMachineInstance and `spec.template.spec` of the other kinds.',
    '',
    ...tables(),
    '## Fields that are not acted on yet',
    '',
    'KubeVirt acts on these; here they are refused by name (`field.not-acted-on`), because nothing is silently ignored.',
    '',
    '| why | fields |',
    '| --- | --- |',
    ...notActedOn(),
    '',
    '## Annotations that are not acted on',
    '',
    'KubeVirt acts on these annotations of an instance or a template; here they get the warning W-ANN-4, and two of them are refused while their feature gate is off.',
    '',
    '| annotation | what that means |',
    '| --- | --- |',
    ...annotationRows(),
    '',
  ].join('\n');
