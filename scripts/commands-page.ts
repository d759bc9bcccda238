import { COMMAND_GROUPS, epilogueOf, inHelpOrder, usageOf } from '../cmd/kubectl-virt/command.js';
import type { Command } from '../cmd/kubectl-virt/command.js';
import { writtenName } from '../cmd/kubectl-virt/flag.js';
import type { Argument, Flag } from '../cmd/kubectl-virt/flag.js';
import { GLOBAL_FLAGS } from '../cmd/kubectl-virt/global-flags.js';

/** docs/commands.md: every command of the plugin with its arguments, flags and examples, as `--help` shows them. */

/** Of a table: a bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

const flagCell = (name: string, flag: Flag): string => {
  const short = flag.alias === undefined ? '' : `\`-${flag.alias}\`, `;
  return `${short}\`${writtenName(name, flag)}\``;
};

const valueCell = (value: Flag | Argument): string => {
  if ('choices' in value) return value.choices.join(', ');
  const kind = value.type === 'boolean' ? '' : value.type;
  return 'array' in value ? `${kind}, several` : kind;
};

const defaultCell = (flag: Flag): string =>
  flag.type === 'boolean' || flag.default === undefined ? '' : `\`${flag.default}\``;

const flagTable = (flags: Readonly<Record<string, Flag>>): string[] => [
  '| Flag | Value | Default | |\n| --- | --- | --- | --- |',
  ...Object.entries(flags).map(
    ([name, flag]) =>
      `| ${flagCell(name, flag)} | ${valueCell(flag)} | ${cell(defaultCell(flag))} | ${cell(flag.describe)} |`,
  ),
  '',
];

const argumentTable = (command: Command): string[] => [
  '| Argument | Value | |\n| --- | --- | --- |',
  ...Object.entries(command.arguments).map(
    ([name, argument]) => `| \`${name}\` | ${valueCell(argument)} | ${cell(argument.describe)} |`,
  ),
  '',
];

const examples = (command: Command): string[] => {
  const width = Math.max(...command.examples.map(([line]) => line.length));
  return [
    '```',
    ...command.examples.map(([line, about]) => `kubectl virt ${line.padEnd(width)}   # ${about}`),
    '```',
    '',
  ];
};

const section = (command: Command): string[] => [
  `### ${command.name}\n`,
  `${command.describe}.\n`,
  `    kubectl virt ${usageOf(command)}\n`,
  ...(Object.keys(command.arguments).length > 0 ? argumentTable(command) : []),
  ...(Object.keys(command.flags).length > 0 ? flagTable(command.flags) : []),
  ...examples(command),
  ...[epilogueOf(command)].flatMap((text) => (text === undefined ? [] : [`${text}\n`])),
];

const INTRO = `<!-- Made by \`npm run generate\` from cmd/kubectl-virt/commands. Do not edit. -->
# Commands of the plugin

Every command of \`kubectl virt\` with its arguments and flags, as \`kubectl virt COMMAND --help\` shows them. What they do, with output and
errors, is on [the page of the plugin](kubectl-virt.md).
`;

/** The page of these commands. */
export const commandsPage = (commands: readonly Command[]): string => {
  const ordered = inHelpOrder(commands);
  return [
    INTRO,
    ...COMMAND_GROUPS.flatMap((group) => [
      `## ${group}\n`,
      ...ordered.filter((command) => command.group === group).flatMap(section),
    ]),
    '## Flags of every command\n',
    "kubectl's own. `kubectl virt options` lists them.\n",
    ...flagTable(GLOBAL_FLAGS),
  ].join('\n');
};
