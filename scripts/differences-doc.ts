import { describeNotActedOn, VMI_SPEC_NOT_ACTED_ON, VM_SPEC_NOT_ACTED_ON } from '../src/api/settings/acted-on.js';
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
  default: 'Defaults',
  schema: 'Causes',
  field: 'Causes',
  once: 'Causes',
  more: 'What is refused here and not by KubeVirt',
  less: 'What KubeVirt refuses and is accepted here',
  update: 'Updates',
  evict: 'Evictions, and pods that are deleted',
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

const groupOf = (id: string): keyof typeof GROUPS => id.split('.')[0] as keyof typeof GROUPS;

/** docs/differences.md. */
export const differencesDocument = (): string =>
  [
    '<!-- Made by `npm run generate` from scripts/differences.ts and src/api/settings/acted-on.ts. Do not edit. -->',
    '',
    '# Where admission differs from KubeVirt',
    '',
    'Everything else is meant to be the same: the same verdict, a cause on the same field or one below it, the same object after the defaults. The tests hold this',
    'against KubeVirt’s own verdicts on 275 manifests ([test/corpus](../test/corpus/README.md)) and against what its specification says about some hundreds more: a',
    'difference that is not in these tables fails them, and so does a row of these tables that no case shows any more. Messages are always our own.',
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
  ].join('\n');
