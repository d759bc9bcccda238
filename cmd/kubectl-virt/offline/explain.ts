import { describeNotActedOn } from '../../../src/api/settings/acted-on.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import { CONCERNS, WARNINGS_CONCERN } from '../../../src/explain/concerns.js';
import { sourceAnchors } from '../../../src/explain/source.js';
import { entryOf } from '../../../src/explain/entries.js';
import type { Entry, IndexEntry } from '../../../src/explain/entry.js';
import { INSTANCE_DEFAULTS } from '../../../src/mutators/instance.js';
import { CliError, ExitCode } from '../errors.js';
import { note, print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { describeChange } from './describe-change.js';
import { ALL } from './explained-ids.js';
import type { ExplainFlags } from './flags.js';
import { LINT_ENTRIES } from './lint-entries.js';
import { checkFormat } from './report.js';

const WIDTH = 10;

const listed = ({ summary }: IndexEntry): string => summary.replace(/^(Refuses|Warns:) /, '').replace(/\.$/, '');

const printList = (io: Io, entries: readonly IndexEntry[]): void => {
  const width = Math.max(...entries.map(({ id }) => id.length));
  for (const title of new Set(['Manifest files', ...CONCERNS.map((one) => one.title), WARNINGS_CONCERN, 'Others'])) {
    const group = entries.filter(({ concern }) => concern === title);
    const [first] = group;
    if (first === undefined) continue;
    print(io, first.type === 'rule' ? `${title}, refused:` : `${title}:`);
    for (const entry of group) print(io, `  ${entry.id.padEnd(width)}  ${listed(entry)}`);
  }
};

const fact = (name: string, text: string | undefined): string[] =>
  text === undefined ? [] : [`${`${name}:`.padEnd(WIDTH)}${text}`];

const block = (title: string, text: string | undefined): string[] =>
  text === undefined
    ? []
    : [
        '',
        `${title}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`),
      ];

const noteOf = (fields: readonly string[]): string | undefined =>
  fields.length === 0
    ? undefined
    : `This version does not act on ${fields.join(' and ')} yet and refuses that first (field.not-acted-on).`;

const fieldLegend = (field: string | undefined): string | undefined =>
  field?.startsWith('$.') === true
    ? `${field}   ($: spec of a VirtualMachineInstance, spec.template.spec of the others)`
    : field;

const SETTINGS = 'SETTINGS (spec.configuration of the KubeVirt object)';

const exampleLines = ({ example, run, warning, withoutExample, fields = [] }: Entry): string[] => [
  ...block(SETTINGS, example?.settings ?? run?.settings),
  ...block('ASKED BY', example?.by),
  ...block('STORED', example?.stored),
  ...block('REFUSED', example?.refused),
  ...(example?.causes ?? []).map((cause) => `  → ${cause}`),
  ...block('ACCEPTED', example?.accepted),
  ...block('SUBMITTED', run?.submitted),
  ...(run?.changes ?? []).map((change) => `  → ${describeChange(change)}`),
  ...block('WARNED', warning?.warned),
  ...(warning?.warnings ?? []).map((text) => `  → ${text}`),
  ...block('NOT WARNED', warning?.silent),
  ...block('NOTE', withoutExample ?? noteOf(example?.notActedOn ?? [])),
  ...fields.flatMap(({ kind, list, total, actedOn }) =>
    block(
      `FIELDS (below spec of a ${kind}${total === undefined ? '' : `: ${actedOn} of its ${total} are acted on`})`,
      list.map((one) => `${describeNotActedOn(one)}: ${one.reason}`).join('\n'),
    ),
  ),
];

const printEntry = (io: Io, entry: Entry): void => {
  const { id, type, summary, why, field, kinds, operations, since, source, order } = entry;
  const lines = [
    ...fact(type.toUpperCase(), id),
    ...fact('WHAT', summary),
    ...fact('WHY', why),
    ...fact('FIELD', fieldLegend(field)),
    ...fact('KINDS', kinds?.join(', ')),
    ...fact('WHEN', operations?.map((operation) => operation.toLowerCase()).join(', ')),
    ...fact('STEP', order === undefined ? undefined : `${order} of ${INSTANCE_DEFAULTS.length}`),
    ...fact('SINCE', since),
    ...fact('SOURCE', source && sourceAnchors(source)),
    ...exampleLines(entry),
  ];
  for (const line of lines) print(io, line);
};

/** What was meant: an id nearly like it, or those that have the word in them. */
const nearTo = (word: string): string[] => {
  const ids = ALL.map(({ id }) => id);
  const near = suggest(word, ids);
  if (near !== undefined) return [near];
  const wanted = word.toLowerCase();
  return ids.filter((id) => id.includes(wanted)).slice(0, 5);
};

const unknown = (io: Io, word: string): CliError => {
  const near = nearTo(word);
  const remedy =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : `See them all: ${io.program} explain. For fields of the API: kubectl explain vmi.spec`;
  return new CliError(`there is no rule, default or warning "${word}"`, { remedy });
};

/** `explain [ID]`: one rule, default or warning; those of a group (`disk`); without a word, the list of all. */
export const explain = async (io: Io, { id, output }: ExplainFlags): Promise<number> => {
  checkFormat(output);
  const entry = id === undefined ? undefined : (LINT_ENTRIES.find((one) => one.id === id) ?? entryOf(id));
  const list = ALL.filter((one) => id === undefined || one.id.startsWith(`${id}.`) || one.id.startsWith(`${id}-`));
  if (id !== undefined && entry === undefined && list.length === 0) throw unknown(io, id);
  if (output !== 'text') await printAs(io, output, entry ?? list);
  else if (entry !== undefined) printEntry(io, entry);
  else {
    printList(io, list);
    note(io, `One of them, with an example: ${io.program} explain ${list[0]?.id ?? ''}`);
  }
  return ExitCode.ok;
};
