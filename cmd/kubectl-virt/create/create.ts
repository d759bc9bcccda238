import { checkInstancetype } from '../../../src/admission/instancetype-object.js';
import { describeCause } from '../../../src/api/cause.js';
import {
  CLUSTER_KINDS,
  INSTANCETYPE_GROUP,
  INSTANCETYPE_VERSION,
  type InstancetypeKind,
  type InstancetypeRole,
} from '../../../src/api/instancetype/instancetype-kinds.js';
import { isDnsSubdomain } from '../../../src/validators/rule/names.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { parseNamespace } from '../target.js';

interface CreateFlags extends Pick<GlobalFlags, 'namespace'> {
  name?: string;
  namespaced?: boolean;
  output: string;
}

export interface InstancetypeFlags extends CreateFlags {
  cpu?: number;
  memory?: string;
  iothreadspolicy?: string;
}

export interface PreferenceFlags extends CreateFlags {
  'cpu-topology'?: string;
  'volume-storage-class'?: string;
  'machine-type'?: string;
}

const OWN_KINDS = {
  instancetype: 'VirtualMachineInstancetype',
  preference: 'VirtualMachinePreference',
} as const satisfies Record<InstancetypeRole, InstancetypeKind>;

/** Prints the object, if admission takes it. */
const printObject = async (io: Io, role: InstancetypeRole, flags: CreateFlags, spec: object): Promise<number> => {
  const { name, namespaced = false } = flags;
  const namespace = flags.namespace === undefined ? undefined : parseNamespace(flags.namespace);
  if (name === undefined || !isDnsSubdomain(name))
    throw new UsageError(name === undefined ? 'no name is given' : `"${name}" is not a valid name`, {
      remedy: 'Give one with --name: lower-case letters, digits, "-" and ".".',
    });
  const kind = namespaced ? OWN_KINDS[role] : CLUSTER_KINDS[role];
  const metadata = { name, ...(namespaced && namespace !== undefined ? { namespace } : {}) };
  const object = { apiVersion: `${INSTANCETYPE_GROUP}/${INSTANCETYPE_VERSION}`, kind, metadata, spec };
  const { causes } = checkInstancetype({ kind, object });
  if (causes.length > 0)
    throw new CliError(causes.map(describeCause).join('\n'), {
      exitCode: ExitCode.usage,
      remedy: 'Give another value.',
    });
  await printAs(io, flags.output, object);
  return ExitCode.ok;
};

/** `create instancetype`. */
export const createInstancetype = (io: Io, flags: InstancetypeFlags): Promise<number> => {
  const { cpu, memory, iothreadspolicy } = flags;
  if (cpu === undefined || memory === undefined)
    throw new UsageError('an instance type has vCPUs and memory', { remedy: 'Give both: --cpu 2 --memory 4Gi.' });
  return printObject(io, 'instancetype', flags, {
    cpu: { guest: cpu },
    memory: { guest: memory },
    ...(iothreadspolicy === undefined ? {} : { ioThreadsPolicy: iothreadspolicy }),
  });
};

/** `create preference`. */
export const createPreference = (io: Io, flags: PreferenceFlags): Promise<number> => {
  const { 'cpu-topology': topology, 'volume-storage-class': storageClass, 'machine-type': machineType } = flags;
  return printObject(io, 'preference', flags, {
    ...(topology === undefined ? {} : { cpu: { preferredCPUTopology: topology } }),
    ...(machineType === undefined ? {} : { machine: { preferredMachineType: machineType } }),
    ...(storageClass === undefined ? {} : { volumes: { preferredStorageClassName: storageClass } }),
  });
};
