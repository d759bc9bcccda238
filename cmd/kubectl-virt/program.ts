import type { Options } from 'yargs';
import { ACTIONS } from './commands/actions.js';
import type { ActFlags } from './commands/act.js';
import { CliError, ExitCode, isCliError } from './errors.js';
import type { GlobalFlags } from './global-flags.js';
import type { Io } from './io.js';
import { Program } from './parser.js';
import type { ConsoleFlags } from './console/flags.js';
import type { ExplainFlags, LintFlags, RenderFlags, RunFlags } from './offline/flags.js';
import type { VersionFlags } from './commands/version.js';

const OUTPUT: Options = { type: 'string', alias: 'o', describe: 'Output format: json or yaml' };
const TEXT_OUTPUT: Options = { ...OUTPUT, describe: 'text, json or yaml', default: 'text' };
const DRY_RUN: Options = { type: 'string', describe: 'none, client or server; alone it means server', default: 'none' };
const FILES: Options = {
  type: 'string',
  array: true,
  alias: 'f',
  describe: 'Manifest file, directory, or - for stdin',
};
const CONFIG: Options = { type: 'string', describe: 'File with the KubeVirt object (the cluster settings)' };
const TARGET: Options = { type: 'string', describe: 'NAME, vm/NAME, vmi/NAME or vm/NAME/NAMESPACE' };

const addActions = (program: Program, io: Io): void => {
  for (const action of ACTIONS) {
    const twoWords = action.command === 'pause' || action.command === 'unpause';
    program.add<ActFlags>({
      usage: `${action.command} <target>${twoWords ? ' [name]' : ''}`,
      describe: action.describe,
      positionals: {
        target: TARGET,
        ...(twoWords ? { name: { type: 'string', describe: 'Name, when TYPE is a word of its own' } } : {}),
      },
      options: {
        'dry-run': DRY_RUN,
        output: { ...OUTPUT, describe: 'Print the object afterwards: json, yaml or name' },
        ...(action.acceptsPaused === true
          ? { paused: { type: 'boolean', describe: 'Start with the vCPUs stopped' } }
          : {}),
        ...(action.gracePeriodField === undefined
          ? {}
          : {
              force: { type: 'boolean', describe: 'Do not wait for the guest; needs --grace-period' },
              'grace-period': { type: 'number', describe: 'Seconds that the guest has; only with --force' },
            }),
      },
      examples: action.examples,
      run: async (flags) => (await import('./commands/act.js')).act(io, action, flags),
    });
  }
};

const addConsole = (program: Program, io: Io): void => {
  program.add<ConsoleFlags>({
    usage: 'console <target>',
    describe: "Open a guest's serial console",
    positionals: { target: TARGET },
    options: {
      timeout: {
        type: 'string',
        default: '5',
        describe: 'How long to wait until the guest runs: minutes, or 90s; 0 tries once',
      },
      escape: { type: 'string', default: '^]', describe: 'Key that leaves the console: ^X, one character, or none' },
      'drain-timeout': {
        type: 'string',
        default: '5s',
        describe: 'When stdin is a pipe: how long to read on after its end',
      },
    },
    examples: [
      ['console web', 'Wait until web runs and open its console; ^] leaves it'],
      ['console vm/web/prod --escape ^A', 'A VM in the namespace prod, left with ^A'],
      ['console web < commands.txt', 'Type the lines of a file and print what the guest answers'],
    ],
    run: async (flags) => (await import('./console/command.js')).consoleCommand(io, flags),
  });
};

const addOffline = (program: Program, io: Io): void => {
  program
    .add<LintFlags>({
      usage: 'lint [files..]',
      describe: 'Check manifests offline, with the admission rules of the cluster',
      positionals: {
        files: { type: 'string', array: true, describe: 'Manifest files or directories, or - for stdin' },
      },
      options: { filename: FILES, config: CONFIG, output: TEXT_OUTPUT },
      examples: [
        ['lint -f vm.yaml', 'FILE:LINE:COLUMN, rule, message and remedy of every finding'],
        ['lint -f manifests/ --config kubevirt.yaml', 'A directory, with the settings of a cluster'],
      ],
      epilogue: 'Exit code: 0 no findings, 1 findings, 2 wrong usage or unreadable files.',
      run: async (flags) => (await import('./offline/index.js')).lint(io, flags),
    })
    .add<ExplainFlags>({
      usage: 'explain [id]',
      describe: 'Explain an admission rule, default or warning, or list them all',
      positionals: {
        id: { type: 'string', describe: 'What lint prints in brackets, such as disk.floppy; or a group, such as disk' },
      },
      options: { output: TEXT_OUTPUT },
      examples: [
        ['explain', 'All rules, defaults and warnings, a line each'],
        ['explain disk.lun-source', 'What it refuses and why, an example, and the same put right'],
        ['explain mut.disk-bus', 'What a default writes, and when'],
        ['explain field.not-acted-on', 'The fields that this version does not act on yet'],
      ],
      epilogue: 'For the fields of the API: kubectl explain vmi.spec',
      run: async (flags) => (await import('./offline/index.js')).explain(io, flags),
    })
    .add<LintFlags>({
      usage: 'explain-admission [files..]',
      describe: 'Show which defaults a manifest gets, and what is refused',
      positionals: {
        files: { type: 'string', array: true, describe: 'Manifest files or directories, or - for stdin' },
      },
      options: { filename: FILES, config: CONFIG, output: TEXT_OUTPUT },
      examples: [
        ['explain-admission -f vm.yaml', 'Every default that is applied, in order: path, old and new value'],
        ['explain-admission -f vm.yaml --config kubevirt.yaml', 'With the settings of a cluster'],
      ],
      epilogue: 'Exit code: 0 no findings, 1 findings, 2 wrong usage or unreadable files.',
      run: async (flags) => (await import('./offline/index.js')).explainAdmission(io, flags),
    })
    .add<RenderFlags>({
      usage: 'render [files..]',
      describe: 'Show the defaulted object, launcher pod or domain XML of a manifest',
      positionals: { files: { type: 'string', array: true, describe: 'Manifest files, or - for stdin' } },
      options: {
        filename: FILES,
        config: CONFIG,
        output: { ...OUTPUT, describe: 'What to print', choices: ['mutated', 'pod', 'domain'], default: 'mutated' },
      },
      examples: [
        ['render -f vm.yaml', 'The object as the cluster would store it'],
        ['render -f vm.yaml -o domain', 'The libvirt domain of its instance'],
      ],
      run: async (flags) => (await import('./offline/index.js')).render(io, flags),
    })
    .add<RunFlags>({
      usage: 'run [files..]',
      describe: 'Run an instance on this machine with libvirt, without a cluster',
      positionals: { files: { type: 'string', array: true, describe: 'Manifest file, or - for stdin' } },
      options: {
        filename: FILES,
        config: CONFIG,
        volume: {
          type: 'string',
          array: true,
          describe: 'NAME=PATH: local image for a PVC or containerDisk volume; can be repeated',
        },
        tty: { type: 'boolean', default: true, describe: 'Attach the terminal; --no-tty only prints the console' },
        command: {
          type: 'string',
          describe: 'Type this into the guest once it is ready, print its output and stop the guest',
        },
        prompt: {
          type: 'string',
          default: '[#$>] ?$',
          describe: "Regular expression of the guest's prompt, for --command",
        },
        timeout: {
          type: 'string',
          default: '3m',
          describe: 'How long the guest may take until it is ready, for --command',
        },
        escape: {
          type: 'string',
          default: '^]',
          describe: 'Key that leaves and stops the guest: ^X or one character',
        },
      },
      examples: [
        ['run -f vmi.yaml', 'Boot it, with its console; ^] stops it'],
        ['run -f vmi.yaml --volume root=disk.qcow2', 'With a local image as the volume root'],
        ['run -f vmi.yaml --no-tty --command uptime', 'Boot it, run a command in it, stop it'],
      ],
      run: async (flags) => (await import('./offline/index.js')).run(io, flags),
    });
};

const addTheRest = (program: Program, io: Io): void => {
  program
    .add<VersionFlags>({
      usage: 'version',
      describe: 'Print the versions of the plugin and of what the cluster runs',
      options: {
        client: { type: 'boolean', default: false, describe: 'Only the plugin; asks no server' },
        output: OUTPUT,
      },
      examples: [
        ['version', 'Both versions'],
        ['version --client -o json', "The plugin's own, as JSON"],
      ],
      run: async (flags) => (await import('./commands/version.js')).version(io, flags),
    })
    .add<{ shell: string }>({
      usage: 'completion <shell>',
      describe: 'Print a completion script for your shell',
      positionals: { shell: { type: 'string', choices: ['bash', 'zsh', 'fish', 'powershell'], describe: 'Shell' } },
      examples: [['completion bash', 'The script; load it with: source <(kubectl-virt completion bash)']],
      epilogue:
        'kubectl itself completes "kubectl virt" when kubectl_complete-virt is on the PATH; this script is for calling kubectl-virt directly.',
      run: async ({ shell }) => (await import('./completion/scripts.js')).completionScript(io, shell),
    })
    .add<GlobalFlags>({ usage: 'options', describe: false, run: () => Promise.resolve(program.showOptions()) })
    .add<GlobalFlags & { of?: string }>({
      usage: 'help [of]',
      describe: false,
      positionals: { of: { type: 'string', describe: 'Command' } },
      run: ({ of }) => main(of === undefined ? ['--help'] : [of, '--help'], io),
    });
};

/**
 * Runs one command line. Errors come as exceptions (CliError and what is unforeseen); the caller prints them.
 * @returns the exit code
 */
export const main = async (args: readonly string[], io: Io): Promise<number> => {
  // Completion gets half-written command lines, which no parser can read: it has its own.
  if (args[0] === '__complete') return (await import('./completion/complete.js')).complete(io, args.slice(1));
  const program = new Program(io, args);
  addActions(program, io);
  addConsole(program, io);
  addOffline(program, io);
  addTheRest(program, io);
  try {
    return await program.parse();
  } catch (error) {
    // For these 1 means findings (issue 2 §6), so everything else must be another code.
    const finds = args[0] === 'lint' || args[0] === 'explain-admission';
    if (finds && isCliError(error) && error.exitCode === ExitCode.failure) {
      throw new CliError(error.message, { remedy: error.remedy, exitCode: ExitCode.usage, cause: error });
    }
    throw error;
  }
};
