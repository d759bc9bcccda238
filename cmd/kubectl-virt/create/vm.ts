import { admit } from '../../../src/admission/admit.js';
import { describeCause } from '../../../src/api/cause.js';
import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import { tryQuantity } from '../../../src/api/quantity.js';
import type { Disk } from '../../../src/api/schema/disks.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { isDnsSubdomain } from '../../../src/validators/rule/names.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { type Io, warn } from '../io.js';
import { parseNamespace } from '../target.js';
import { admissionContext, clusterConfig } from '../offline/admission.js';
import { printAs } from '../output.js';
import { accessOf, type AccessFlags } from './access.js';
import { matcherOf, type MatcherFlags } from './matchers.js';
import { askedVolumes, type Asked, randomWord, sysprepVolumes, type VolumeFlags } from './volumes.js';

export interface VmFlags extends Pick<GlobalFlags, 'namespace'>, VolumeFlags, AccessFlags, MatcherFlags {
  name?: string;
  'run-strategy': string;
  'termination-grace-period': number;
  memory?: string;
  output: string;
}

/** That labels of a claim are not known without a cluster: nobody expects that of this command. */
const UNKNOWN_LABELS = 'W-INF-1';
const DEFAULT_MEMORY = '512Mi';

const check = ({ name, memory, instancetype, 'termination-grace-period': grace }: VmFlags): void => {
  if (name !== undefined && !isDnsSubdomain(name))
    throw new UsageError(`"${visibleLine(name)}" is not a valid name`, {
      remedy: 'Use lower-case letters, digits, "-" and ".".',
    });
  if (memory !== undefined && instancetype !== undefined)
    throw new UsageError('--memory and --instancetype exclude each other', {
      remedy: 'The instance type says how much memory the guest has.',
    });
  if (memory !== undefined && tryQuantity(memory) === undefined)
    throw new UsageError(`invalid --memory "${visibleLine(memory)}"`, { remedy: 'Write a size such as 2Gi.' });
  if (!Number.isInteger(grace) || grace < 0)
    throw new UsageError(`invalid --termination-grace-period ${grace}`, { remedy: 'Give whole seconds, 0 or more.' });
};

/** Without a bus where a preference may choose it. */
const diskOf = (name: string, bootOrder: number | undefined, mayPrefer: boolean): Disk => ({
  name,
  disk: mayPrefer ? {} : { bus: 'virtio' },
  ...(bootOrder === undefined ? {} : { bootOrder }),
});

/** @returns the object, as it would be written by hand */
const machineOf = async (io: Io, flags: VmFlags): Promise<Record<string, unknown>> => {
  const { name = `vm-${randomWord()}` } = flags;
  const namespace = flags.namespace === undefined ? undefined : parseNamespace(flags.namespace);
  const asked = askedVolumes(flags, name);
  const { volume: cloudInit, credentials } = await accessOf(io, flags);
  const instancetype = matcherOf('instancetype', flags, asked);
  const preference = matcherOf('preference', flags, asked);
  const sized = flags.instancetype !== undefined || instancetype?.isWanted === true;
  const memory = flags.memory ?? (sized ? undefined : DEFAULT_MEMORY);
  if (flags.memory !== undefined && instancetype?.isWanted === true)
    throw new UsageError('--memory stands beside an instance type that a volume is to name', {
      remedy: 'Leave one of them out.',
    });
  const mayPrefer = preference !== undefined;
  const volumes: Volume[] = [
    ...asked.map(({ volume }) => volume),
    ...sysprepVolumes(flags),
    ...(cloudInit === undefined ? [] : [cloudInit]),
  ];
  const disks = [
    ...asked.map(({ volume, bootOrder }: Asked) => diskOf(volume.name, bootOrder, mayPrefer)),
    ...(cloudInit === undefined ? [] : [diskOf(cloudInit.name, undefined, mayPrefer)]),
  ];
  const templates = asked.flatMap(({ template }) => template ?? []);
  return {
    apiVersion: `${GROUP}/${STORED_VERSION}`,
    kind: 'VirtualMachine',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      runStrategy: flags['run-strategy'],
      ...(instancetype === undefined ? {} : { instancetype: instancetype.matcher }),
      ...(preference === undefined ? {} : { preference: preference.matcher }),
      ...(templates.length === 0 ? {} : { dataVolumeTemplates: templates }),
      template: {
        spec: {
          domain: {
            devices: disks.length === 0 ? {} : { disks },
            ...(memory === undefined ? {} : { memory: { guest: memory } }),
          },
          terminationGracePeriodSeconds: flags['termination-grace-period'],
          ...(credentials.length === 0 ? {} : { accessCredentials: credentials }),
          ...(volumes.length === 0 ? {} : { volumes }),
        },
      },
    },
  };
};

/** `create vm`: prints the object, if admission takes it. */
export const createVm = async (io: Io, flags: VmFlags): Promise<number> => {
  check(flags);
  const object = await machineOf(io, flags);
  const context = admissionContext(clusterConfig(undefined), 'create vm');
  const { causes, warnings } = admit({ kind: 'VirtualMachine', operation: 'CREATE', object }, context);
  if (causes.length > 0)
    throw new CliError(`admission would refuse it:\n${causes.map(describeCause).map(visibleLine).join('\n')}`, {
      exitCode: ExitCode.failure,
      remedy: 'Give other values.',
    });
  for (const each of warnings.filter(({ id }) => id !== UNKNOWN_LABELS))
    warn(io, visibleLine(`${describeCause(each)} [${each.id}]`));
  await printAs(io, flags.output, object);
  return ExitCode.ok;
};
