import type { AppliedChange } from '../src/admission/trace.js';
import { describeNotActedOn } from '../src/api/settings/acted-on.js';
import { CONCERNS } from '../src/explain/concerns.js';
import { entryOf } from '../src/explain/entries.js';
import { INDEX } from '../src/explain/listing.js';
import type { Entry, IndexEntry } from '../src/explain/entry.js';
import { SOFTENABLE } from '../src/validators/softenable.js';
import { sourceLinks } from '../src/explain/source.js';

/** docs/rules.md and docs/defaults.md, from the tables of rules and defaults and their examples. */

const NOTICE = '<!-- Made by `npm run generate` from src/validators, src/mutators and src/explain. Do not edit. -->\n';
const SHORT: Readonly<Record<string, string>> = {
  VirtualMachineInstance: 'VMI',
  VirtualMachine: 'VM',
  VirtualMachineInstanceReplicaSet: 'replica set',
};

const code = (text: string): string => `\`${text}\``;
const yaml = (text: string): string => `\`\`\`yaml\n${text}\`\`\`\n`;
/** Dots are lost in the anchors that GitHub makes of headings. */
const anchor = (id: string): string => `<a id="${id}"></a>\n\n### ${id}\n`;

const value = (shown: unknown): string => (shown === undefined ? 'absent' : code(JSON.stringify(shown)));
const change = ({ path, before, after }: AppliedChange): string =>
  `* ${code(path)}: ${value(before)} → ${after === undefined ? 'removed' : value(after)}`;

const facts = ({ id, field, kinds = [], operations, since, source }: Entry): string =>
  [
    ...(field === undefined ? [] : [field.includes(' ') ? field : code(field)]),
    `on ${kinds.map((kind) => SHORT[kind] ?? kind).join(', ')}`,
    ...(operations === undefined ? [] : [operations.map((one) => one.toLowerCase()).join(', ')]),
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(source === undefined ? [] : [`source: ${sourceLinks(source)}`]),
    SOFTENABLE.has(id) ? 'a policy may soften it' : 'fixed',
  ].join(' · ');

const settings = (text: string | undefined): string[] =>
  text === undefined ? [] : ['With these settings in the KubeVirt object (`spec.configuration`):\n', yaml(text)];

const notActedOn = (fields: readonly string[]): string[] =>
  fields.length === 0
    ? []
    : [
        `This version does not act on ${fields.map(code).join(' and ')} yet and refuses that first ` +
          '([field.not-acted-on](#field.not-acted-on)).\n',
      ];

const exampleOf = ({ example, withoutExample }: Entry): string[] => {
  if (example === undefined) return [`${withoutExample ?? ''}\n`];
  return [
    ...settings(example.settings),
    ...(example.by === undefined ? [] : [`Asked by ${code(example.by)}.\n`]),
    ...(example.stored === undefined ? [] : ['Stored:\n', yaml(example.stored)]),
    'Refused:\n',
    yaml(example.refused),
    ...example.causes.map((cause) => `> ${cause}\n`),
    'Accepted:\n',
    yaml(example.accepted),
    ...notActedOn(example.notActedOn),
  ];
};

const fieldsOf = ({ fields = [] }: Entry): string[] =>
  fields.flatMap(({ kind, list }) => [
    `Below ${code('spec')} of a ${kind}:\n`,
    '| Field | Reason |\n| --- | --- |',
    `${list.map((one) => `| ${describeNotActedOn(one, code)} | ${one.reason} |`).join('\n')}\n`,
  ]);

const ruleSection = (entry: Entry): string =>
  [
    anchor(entry.id),
    [entry.summary, entry.why ?? ''].join(' ').trim(),
    '',
    `${facts(entry)}\n`,
    ...exampleOf(entry),
    ...fieldsOf(entry),
  ].join('\n');

const entriesOf = (list: readonly IndexEntry[]): Entry[] =>
  list.map(({ id }) => {
    const entry = entryOf(id);
    if (entry === undefined) throw new Error(`${id} is in the index and has no entry`);
    return entry;
  });

const grouped = (): { title: string; entries: Entry[] }[] =>
  CONCERNS.map(({ title }) => ({
    title,
    entries: entriesOf(INDEX.filter(({ type, concern }) => type === 'rule' && concern === title)),
  })).filter(({ entries }) => entries.length > 0);

const RULES_INTRO = `# Rules

What admission refuses, one entry for each rule: in the cluster, in \`kubectl virt lint\`, \`render\` and \`run\`. \`kubectl virt explain
RULE\` shows the same. [Defaults](defaults.md) come before rules: templates of VMs and replica sets are looked at as the VMIs that they will
become.

* \`$\` is \`spec\` of a VMI, and \`spec.template.spec\` of VMs and replica sets.
* Examples show the part of a manifest that matters, of a VMI unless they say otherwise, and what this version answers. Lists show the items
  that matter.
* A rule that is *fixed* holds whatever policies say. [A policy](policies.md#the-products-own-rules) of the cluster may soften the few others.
* Sources are sections of [the reference](reference/README.md); "this project": KubeVirt has no such rule.

What is admitted with a word of advice is on [its own page](warnings.md), with how to switch it off. The annotations that came with Virtlet, whose rules
are \`ann.*\` below, are explained in [Coming from Virtlet](virtlet.md). Where KubeVirt would have answered otherwise is in [differences](differences.md).
`;

export const rulesPage = (): string => {
  const groups = grouped();
  const index = groups.flatMap(({ title, entries }) => [
    `**${title}**\n`,
    ...entries.map(({ id, summary }) => `* [${id}](#${id}): ${summary.replace(/^Refuses /, '').replace(/\.$/, '')}`),
    '',
  ]);
  const sections = groups.flatMap(({ title, entries }) => [`## ${title}\n`, ...entries.map(ruleSection)]);
  return [NOTICE, RULES_INTRO, '## Index\n', ...index, ...sections].join('\n');
};

const defaultSection = (entry: Entry): string => {
  const { id, summary, why, run, order } = entry;
  const place = order === undefined ? 'on VM · create' : `on VMI · create · step ${order}`;
  return [
    anchor(id),
    [summary, why ?? ''].join(' ').trim(),
    '',
    `${place}\n`,
    ...(run === undefined
      ? []
      : [...settings(run.settings), yaml(run.submitted), `${run.changes.map(change).join('\n')}\n`]),
  ].join('\n');
};

const DEFAULTS_INTRO = `# Defaults

What admission writes into an object that is created, where the user has written nothing. \`kubectl virt explain-admission -f FILE\` lists the
defaults that a manifest gets, \`kubectl virt explain mut.disk-bus\` shows one.

* A VirtualMachineInstance gets all of them, in this order: later ones build on earlier ones. On update nothing is defaulted.
* A VirtualMachine gets only \`mut.vm-firmware\`, in its template: a manifest kept in git sees no drift. Templates of replica sets are stored
  as submitted. Both get the others when a VirtualMachineInstance is made from the template.
* Defaulting twice changes nothing. There is no default CPU model: it belongs to the node.
`;

export const defaultsPage = (): string => {
  const entries = entriesOf(INDEX.filter(({ type }) => type === 'default'));
  const rows = entries.map(({ id, summary, order }) => `| ${order ?? ''} | [\`${id}\`](#${id}) | ${summary} |`);
  return [
    NOTICE,
    DEFAULTS_INTRO,
    '| Step | Default | What |\n| --- | --- | --- |',
    `${rows.join('\n')}\n`,
    ...entries.map(defaultSection),
  ].join('\n');
};
