import { ACTIONS } from '../commands/actions.js';

interface CompletedFlag {
  readonly describe: string;
  readonly alias?: string;
  readonly boolean?: boolean;
  /** Fixed values, or `file`. */
  readonly values?: readonly string[] | 'file';
}

type CompletedFlags = Readonly<Record<string, CompletedFlag>>;

/** Command words and what they do. A test compares this with the parser's own commands. */
export const COMMANDS: readonly (readonly [string, string])[] = [
  ...ACTIONS.map(({ command, describe }) => [command, describe] as const),
  ['console', "Open a guest's serial console"],
  ['lint', 'Check manifests offline'],
  ['explain', 'Explain an admission rule or default'],
  ['explain-admission', 'Show the defaults that a manifest gets'],
  ['render', 'Show what becomes of a manifest'],
  ['run', 'Run an instance on this machine'],
  ['version', 'Print versions'],
  ['completion', 'Print a completion script'],
  ['options', 'List the flags of every command'],
];

const output = (...values: string[]): CompletedFlag => ({ describe: 'Output format', alias: 'o', values });
const manifests = {
  filename: { describe: 'Manifest file', alias: 'f', values: 'file' },
  config: { describe: 'File with the KubeVirt object', values: 'file' },
} as const;

const actionFlags = Object.fromEntries(
  ACTIONS.map((action): [string, CompletedFlags] => [
    action.command,
    {
      'dry-run': { describe: 'Rehearse only', boolean: true, values: ['none', 'client', 'server'] },
      output: output('json', 'yaml', 'name'),
      ...(action.acceptsPaused === true ? { paused: { describe: 'Start with the vCPUs stopped', boolean: true } } : {}),
      ...(action.gracePeriodField === undefined
        ? {}
        : {
            force: { describe: 'Do not wait for the guest', boolean: true },
            'grace-period': { describe: 'Seconds that the guest has', values: ['0'] },
          }),
    },
  ]),
);

/** The flags of each command, besides the global ones. */
export const COMMAND_FLAGS: Readonly<Record<string, CompletedFlags>> = {
  ...actionFlags,
  console: {
    timeout: { describe: 'How long to wait until the guest runs', values: ['0', '5', '30s'] },
    escape: { describe: 'Key that leaves', values: ['^]', '^A', 'none'] },
    'drain-timeout': { describe: 'Reading after the end of a piped stdin', values: ['5s'] },
  },
  lint: { ...manifests, output: output('text', 'json', 'yaml') },
  explain: { output: output('text', 'json', 'yaml') },
  'explain-admission': { ...manifests, output: output('text', 'json', 'yaml') },
  render: { ...manifests, output: output('mutated', 'pod', 'domain') },
  run: {
    ...manifests,
    volume: { describe: 'NAME=PATH of a local image', values: 'file' },
    'no-tty': { describe: 'Only print the console', boolean: true },
    command: { describe: 'Type this into the guest', values: [] },
    prompt: { describe: "Regular expression of the guest's prompt", values: [] },
    timeout: { describe: 'How long until the guest is ready', values: ['3m'] },
    escape: { describe: 'Key that leaves', values: ['^]', '^A'] },
  },
  version: { client: { describe: 'Only the plugin', boolean: true }, output: output('json', 'yaml') },
  completion: {},
};
