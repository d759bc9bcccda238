import { EXPAND_RESOURCE } from '../../../src/agent-api/subresources.js';
import { SUBRESOURCE_GROUP } from '../../../src/api/names.js';
import { isRecord } from '../../../src/api/record.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import { readManifests } from '../offline/manifests.js';
import { printAs } from '../output.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';

export interface ExpandFlags extends GlobalFlags {
  filename?: string[];
  vm?: string;
  output: string;
}

/** The one VirtualMachine of the files. @throws CliError */
const readMachine = async (io: Io, flags: ExpandFlags): Promise<Record<string, unknown>> => {
  const { manifests, problems } = await readManifests(io, flags);
  const [problem] = problems;
  if (problem !== undefined) throw new CliError(`${problem.file}:${problem.line}: ${problem.message}`);
  const machines = manifests.filter(({ object }) => object.kind === 'VirtualMachine');
  const [first] = machines;
  if (first === undefined || machines.length > 1)
    throw new UsageError(`the manifests hold ${machines.length} VirtualMachines`, { remedy: 'Give exactly one.' });
  return first.object;
};

/** `expand`: what the cluster makes of a VM. */
export const expand = async (io: Io, flags: ExpandFlags): Promise<number> => {
  const isGiven = (flags.filename ?? []).length > 0;
  if (isGiven === (flags.vm !== undefined))
    throw new UsageError(isGiven ? '--filename and --vm exclude each other' : 'no virtual machine is named', {
      remedy: 'Give a manifest with -f, or the name of a stored one with --vm.',
    });
  if (flags.vm !== undefined) {
    const { name, namespace } = parseTarget(flags.vm);
    const client = await connectTo(io, flags, namespace);
    await printAs(io, flags.output, await client.get(subresourcePath('vm', client.namespace, name, 'expand-spec')));
    return ExitCode.ok;
  }
  const body = await readMachine(io, flags);
  const own = isRecord(body['metadata']) ? body['metadata']['namespace'] : undefined;
  const client = await connectTo(
    io,
    flags,
    flags.namespace ?? (typeof own === 'string' && own !== '' ? own : undefined),
  );
  const path = `/apis/${SUBRESOURCE_GROUP}/v1/namespaces/${client.namespace}/${EXPAND_RESOURCE}`;
  await printAs(io, flags.output, await client.request({ method: 'PUT', path, body }));
  return ExitCode.ok;
};
