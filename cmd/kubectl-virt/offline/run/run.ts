import type { Socket } from 'node:net';
import { hostLabels, readHostCpu } from '../../../../src/agent/node/host-cpu.js';
import { LocalWorkspace } from '../../../../src/agent/workspace/local-workspace.js';
import type { ClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { hasTpm } from '../../../../src/api/vmi/devices.js';
import { gracePeriod } from '../../../../src/api/vmi/grace-period.js';
import { sourceOf } from '../../../../src/api/vmi/volume-sources.js';
import {
  buildDomain,
  DomainError,
  domainNotices,
  firmwareFiles,
  type DomainContext,
} from '../../../../src/domain/index.js';
import type { Connection } from 'node-libvirt';
import { describeEscape, parseEscape } from '../../console/escape.js';
import { guardTerminal } from '../../console/terminal.js';
import { parseDuration } from '../../duration.js';
import { CliError, ExitCode, Interrupted, UsageError } from '../../errors.js';
import { note } from '../../io.js';
import type { Io } from '../../io.js';
import { admitAll, clusterConfig, readConfig, renderFinding, requireAdmitted } from '../admission.js';
import type { AdmittedSet } from '../admission.js';
import type { RunFlags } from '../flags.js';
import { instanceOf } from '../instance.js';
import { readInstancetypes } from '../instancetypes.js';
import { noteExpansions } from '../note-expansions.js';
import { readManifests } from '../manifests.js';
import { attachInput, showConsole } from './attach.js';
import { connectLibvirt, Guest } from './guest.js';
import { kvmWorks } from './kvm.js';
import { emulatorName, findProgram, requireFirmware, requirePrograms, sessionUser } from './programs.js';
import type { SystemUser } from './programs.js';
import { makeRunDirectory } from './run-directory.js';
import type { RunDirectory } from './run-directory.js';
import { startSessionDaemon } from './session-daemon.js';
import { typeCommand } from './type-command.js';
import { checkContents } from './contents.js';
import { checkBindings, isKept, parseBindings, prepareLocalVolumes } from './volumes.js';
import type { Bindings } from './volumes.js';

/** libvirt's passt backend: from 9.2 on, and without the faults of its first year from 11 on. */
const PASST_LIBVIRT_MAJOR = 11;

interface Plan {
  readonly vmi: VirtualMachineInstance;
  readonly config: ClusterConfig;
  readonly bindings: Bindings;
  readonly others: AdmittedSet['others'];
}

const makePlan = async (io: Io, flags: RunFlags): Promise<Plan> => {
  const bindings = parseBindings(flags.volume ?? []);
  const config = clusterConfig(await readConfig(io, flags.config));
  const known = await readInstancetypes(io, flags);
  const { admitted, findings, others } = admitAll(await readManifests(io, flags), config, undefined, known);
  const runnable = admitted.filter(({ kind }) => kind === 'VirtualMachineInstance' || kind === 'VirtualMachine');
  const all = [...findings, ...runnable.flatMap((each) => each.findings)];
  requireAdmitted(all);
  for (const warning of all) note(io, renderFinding(warning));
  const [chosen, ...more] = runnable;
  if (chosen === undefined || more.length > 0) {
    throw new UsageError(`the manifests hold ${runnable.length} virtual machines`, { remedy: 'Give exactly one.' });
  }
  noteExpansions(io, [chosen], config);
  const vmi = instanceOf(chosen, config, flags.namespace ?? 'default');
  checkContents(vmi.spec);
  checkBindings(vmi.spec.volumes ?? [], bindings);
  return { vmi, config, bindings, others };
};

const needed = ({ vmi }: Plan): string[] => {
  const volumes = vmi.spec.volumes ?? [];
  const images = volumes.some((volume) => {
    const image = sourceOf(volume)?.source.image;
    return typeof image === 'object' && image.format === 'iso';
  });
  const tpm = hasTpm(vmi.spec.domain.devices.tpm) ? ['swtpm', 'swtpm_setup'] : [];
  return ['libvirtd', emulatorName(), 'qemu-img', ...(images ? ['xorriso'] : []), ...tpm];
};

interface Place {
  readonly directory: RunDirectory;
  readonly user: SystemUser | undefined;
  readonly connection: Connection;
}

const domainXml = async (
  io: Io,
  plan: Plan,
  { directory, user, connection }: Place,
): Promise<{ xml: string; serial: string }> => {
  const { vmi, bindings, others } = plan;
  const kvmAvailable = await kvmWorks(directory.cache, user);
  if (!kvmAvailable) note(io, 'KVM does not work here: the guest is emulated, which is several times slower.');
  const config = kvmAvailable ? plan.config : { ...plan.config, useEmulation: true };
  const workspace = new LocalWorkspace(directory.vm, user);
  const who = user === undefined ? 'you' : `the user ${user.name}`;
  const disks = await prepareLocalVolumes({
    ...{ vmi, workspace, bindings, config, others, who },
    user: user?.name ?? String(process.getuid?.()),
    note: (message) => note(io, message),
  });
  const major = Number((await connection.node.getLibVersion()).split('.')[0]);
  const passt = major >= PASST_LIBVIRT_MAJOR && findProgram('passt') !== undefined;
  try {
    const context: DomainContext = {
      config,
      paths: workspace.paths,
      kvmAvailable,
      node: { labels: hostLabels(kvmAvailable, readHostCpu()) },
      disks,
      network: { passt, attached: 'none' },
    };
    const xml = buildDomain(vmi, context);
    for (const { message } of domainNotices(vmi, context)) note(io, message);
    return { xml, serial: workspace.paths.serialSocket };
  } catch (error) {
    if (error instanceof DomainError) throw new CliError(error.message, { cause: error });
    throw error;
  }
};

/** Claims hold data that is to stay, so the guest may write it out; everything else is thrown away anyway. */
const graceOf = ({ vmi }: Plan): number => ((vmi.spec.volumes ?? []).some(isKept) ? gracePeriod(vmi) * 1000 : 0);

/** Until the user exits, the command is done or the guest is off. @returns what to report at the end */
const converse = async (io: Io, flags: RunFlags, name: string, serial: Socket, raw: () => void): Promise<string> => {
  const prompt = compilePrompt(flags.prompt);
  if (flags.command !== undefined) {
    const timeoutMs = parseDuration('timeout', flags.timeout, 's');
    await typeCommand({ console: serial, command: flags.command, prompt, timeoutMs });
    return `The command is done; ${name} is stopped and removed.`;
  }
  if (!flags.tty) {
    await new Promise<void>((resolve) => void serial.once('close', () => resolve()));
    return `${name} was powered off and is removed.`;
  }
  raw();
  const leaving = await attachInput(io, serial, parseEscape(flags.escape));
  return leaving === 'left'
    ? `Left the console; ${name} is stopped and removed.`
    : `${name} was powered off and is removed.`;
};

const compilePrompt = (text: string): RegExp => {
  try {
    return new RegExp(text);
  } catch {
    throw new UsageError(`--prompt "${text}" is not a regular expression`, { remedy: 'For example: --prompt "# $"' });
  }
};

const greet = (io: Io, flags: RunFlags, name: string): void => {
  const escape = parseEscape(flags.escape);
  const interactive = flags.tty && flags.command === undefined && io.stdin.isTTY && escape !== undefined;
  const leave = interactive ? ` ${describeEscape(escape)} leaves, stops it and removes its files.` : '';
  note(io, `Booting ${name} with libvirt on this machine.${leave}`);
};

/** Undoes things in reverse order, each even when one before it failed. */
class Cleanup {
  readonly #steps: (() => Promise<void> | void)[] = [];
  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }
  async run(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch {
        // The rest must be cleaned up all the same; what is left of this step is found by the next run.
      }
    }
  }
}

/**
 * `run`: admission, then the domain in a libvirtd of our own, its console attached; everything is removed at the end.
 */
export const run = async (io: Io, flags: RunFlags): Promise<number> => {
  parseEscape(flags.escape);
  const plan = await makePlan(io, flags);
  requirePrograms(needed(plan));
  requireFirmware(firmwareFiles(plan.vmi));
  const name = plan.vmi.metadata?.name ?? '';
  const cleanup = new Cleanup();
  const abort = new AbortController();
  const interrupted = new Promise<never>((_resolve, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error));
  });
  interrupted.catch(() => undefined);
  const terminal = guardTerminal({ stdin: io.stdin, onSignal: (code) => abort.abort(new Interrupted(code)) });
  const until = <T>(work: Promise<T>): Promise<T> => Promise.race([work, interrupted]);
  try {
    const user = sessionUser();
    const directory = makeRunDirectory(user);
    process.on('exit', directory.remove);
    cleanup.add(() => {
      directory.remove();
      process.off('exit', directory.remove);
    });
    const daemon = await startSessionDaemon(directory, user);
    cleanup.add(() => daemon.stop());
    const connection = await until(connectLibvirt(directory.runtime));
    cleanup.add(() => connection.close());
    const { xml, serial: path } = await until(domainXml(io, plan, { directory, user, connection }));
    greet(io, flags, name);
    const guest = await until(Guest.start(connection, xml));
    cleanup.add(() => guest.stop(graceOf(plan)));
    const serial = await until(guest.serial(path));
    cleanup.add(() => void serial.destroy());
    showConsole(io, serial);
    await guest.resume();
    const farewell = await until(converse(io, flags, name, serial, terminal.raw));
    terminal.restore();
    note(io, `\n${farewell}`);
    return ExitCode.ok;
  } finally {
    terminal.restore();
    await cleanup.run();
    terminal.release();
    io.stdin.pause();
  }
};
