import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { portNumber } from '../../../src/agent-api/forward.js';
import { connectTo } from '../connect.js';
import { CliError, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { SshFlags } from './flags.js';
import { globalWords, ownWords, proxyCommand } from './proxy-command.js';
import { userOf, type Remote } from './remote.js';

/** Flags of ours that have the name of one of kubectl's. */
const OWN = ['username'];
const KNOWN_HOSTS = 'kubectl_virt_known_hosts';

/** How the local ssh or scp reaches a guest. */
export interface Way {
  /** Flags for either of them. */
  readonly flags: readonly string[];
  /** `[USER@]HOST`, as they are told. */
  readonly host: string;
}

/** Of a host name: what a file of host keys may have in a name. */
const keyName = (text: string): string => text.replace(/[^\w.-]/g, '_');

/** A file's name as ssh reads an option's value: split at blanks, and with what follows a percent sign replaced. */
const optionFile = (file: string): string => {
  const literal = file.replaceAll('%', '%%');
  return /[\s"']/.test(literal) ? `"${literal.replace(/["\\]/g, '\\$&')}"` : literal;
};

const knownHosts = (io: Io, flags: SshFlags): string => {
  const file = flags['known-hosts'] ?? join(io.env['HOME'] ?? homedir(), '.ssh', KNOWN_HOSTS);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch {
    // ssh says that it cannot keep the key, and goes on.
  }
  return file;
};

/**
 * Guests are told apart by name, namespace and cluster, and their keys are kept in a file of their own: what is in
 * ~/.ssh/known_hosts is of machines that have an address.
 * @throws CliError
 */
export const wayTo = async (io: Io, flags: SshFlags, { user: named, target }: Remote): Promise<Way> => {
  if (portNumber(flags.port) === undefined)
    throw new UsageError(`invalid --port "${flags.port}"`, { remedy: 'Write a number from 1 to 65535.' });
  // Names the namespace and the server; nothing is asked yet.
  const { namespace, server } = await connectTo(io, { ...flags, username: undefined }, target.namespace);
  const { kind = 'vmi', name } = target;
  const user = userOf(named, flags.username, io.env);
  const proxy = proxyCommand(ownWords(process), globalWords(flags, OWN), {
    target: `${kind}/${name}/${namespace}`,
    port: flags.port,
  });
  const identity = flags['identity-file'];
  return {
    flags: [
      ...['-o', `ProxyCommand=${proxy}`],
      // Of an option that is given twice ssh takes the first.
      ...(flags['local-ssh-opts'] ?? []),
      ...['-o', `UserKnownHostsFile=${optionFile(knownHosts(io, flags))}`],
      // The name of a connection that ssh shares is made of host, port and user, which VMs of two clusters may have in
      // common: what the user has set for all hosts would lead into the other one, with no key asked for.
      ...['-o', 'ControlPath=none'],
      // Names that can be read are in no way secret here, and can be removed.
      ...['-o', 'HashKnownHosts=no'],
      ...['-o', `HostKeyAlias=${keyName(`${name}.${namespace}.${server.replace(/^\w+:\/\//, '')}`)}`],
      // The API server vouches for the way there, so the first key is the guest's.
      ...['-o', 'StrictHostKeyChecking=accept-new'],
      ...(identity === undefined ? [] : ['-i', identity]),
    ],
    host: `${user === undefined ? '' : `${user}@`}${kind}.${name}.${namespace}`,
  };
};

/** Runs a program of this machine on this terminal. @returns its exit code @throws CliError when there is none */
export const runLocal = (io: Io, program: 'ssh' | 'scp', args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    // ^C is for the program, which gets it too.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    const child = spawn(program, args, { stdio: 'inherit', env: io.env });
    const end = (settle: () => void): void => {
      process.off('SIGINT', ignore);
      settle();
    };
    child.on('error', (error) =>
      end(() =>
        reject(
          new CliError(`${program} cannot be started: ${error.message}`, {
            remedy: `Install OpenSSH's client (package openssh-client), or use any other by ${io.program} port-forward.`,
          }),
        ),
      ),
    );
    child.on('close', (code, signal) =>
      end(() => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))),
    );
  });
