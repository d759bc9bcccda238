import { checkShape } from '../../../src/admission/schema.js';
import { PLACEHOLDERS, traceInstance, traceVirtualMachine } from '../../../src/admission/trace.js';
import type { AppliedDefault } from '../../../src/admission/trace.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { admitAll, clusterConfig, readConfig, renderFinding } from './admission.js';
import type { Admitted } from './admission.js';
import { nameOf } from './findings.js';
import type { Finding } from './findings.js';
import { describeChange } from './describe-change.js';
import type { CheckFlags } from './flags.js';
import { asInstance } from './instance.js';
import { readManifests } from './manifests.js';
import { readInstancetypes } from './instancetypes.js';
import { checkFormat, errorsIn, exitCodeOf, noteSummary, noteUnchecked, sorted } from './report.js';

/** What admission makes of one object. */
interface Explained {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly name: string;
  readonly accepted: boolean;
  /** Whether it has the shape of its kind; without it nothing is defaulted. */
  readonly shaped: boolean;
  /** Defaults that are written into the object itself. */
  readonly stored: readonly AppliedDefault[];
  /** Defaults of the VirtualMachineInstance that its template becomes, with the paths of that. */
  readonly instance: readonly AppliedDefault[];
  readonly findings: readonly Finding[];
}

type Defaults = Pick<Explained, 'stored' | 'instance'>;
const NONE: Defaults = { stored: [], instance: [] };

const machineDefaults = (admitted: Admitted, vm: VirtualMachine, config: ClusterConfig): Defaults => {
  const context = { config, ...PLACEHOLDERS };
  const stored = traceVirtualMachine(vm, context);
  return { stored: stored.applied, instance: instanceDefaults({ ...admitted, object: stored.object }, config) };
};

const instanceDefaults = (admitted: Admitted, config: ClusterConfig): readonly AppliedDefault[] => {
  const { spec } = admitted.object as VirtualMachine;
  if (spec.template.spec === undefined) return [];
  const instance = asInstance(admitted, nameOf(admitted.manifest.object) || 'unnamed', 'default', config);
  return traceInstance(instance as VirtualMachineInstance, { config, ...PLACEHOLDERS }).applied;
};

/** What is written where, of an object that has the shape of its kind, and nothing that is null. */
const defaultsOf = (admitted: Admitted, submitted: unknown, config: ClusterConfig): Defaults => {
  switch (admitted.kind) {
    case 'VirtualMachineInstance': {
      const { applied } = traceInstance(submitted as VirtualMachineInstance, { config, ...PLACEHOLDERS });
      return { stored: applied, instance: [] };
    }
    case 'VirtualMachine':
      return machineDefaults(admitted, submitted as VirtualMachine, config);
    case 'VirtualMachineInstanceReplicaSet':
      return { stored: [], instance: instanceDefaults(admitted, config) };
    case 'KubeVirt':
      return NONE;
  }
};

const explainOne = (admitted: Admitted, config: ClusterConfig): Explained => {
  const { kind, manifest, findings } = admitted;
  const { shaped, object: submitted } = checkShape(kind, manifest.object);
  return {
    ...{ file: manifest.file, line: manifest.positionOf('').line, kind, name: nameOf(manifest.object) },
    accepted: errorsIn(findings) === 0,
    shaped,
    ...(shaped ? defaultsOf(admitted, submitted, config) : NONE),
    findings: sorted(findings),
  };
};

const printDefaults = (io: Io, title: string, defaults: readonly AppliedDefault[]): void => {
  if (defaults.length === 0) return;
  print(io, `  ${title}`);
  for (const { id, summary, changes } of defaults) {
    print(io, `    ${id}: ${summary}`);
    for (const change of changes) print(io, `      ${describeChange(change)}`);
  }
};

const printExplained = (io: Io, explained: Explained): void => {
  const { kind, name, shaped, stored, instance, findings, accepted } = explained;
  print(io, `${explained.file}:${explained.line}: ${kind} ${name === '' ? '(no name)' : name}`);
  printDefaults(io, `Defaults, written into the ${kind}:`, stored);
  printDefaults(
    io,
    `Defaults of the VirtualMachineInstance that its template becomes, not stored in the ${kind}:`,
    instance,
  );
  if (!shaped) print(io, `  Not defaulted: it has not the shape of a ${kind}.`);
  else if (stored.length + instance.length === 0) print(io, '  No defaults.');
  print(io, accepted ? `  Accepted${findings.length > 0 ? ', with warnings:' : '.'}` : '  Refused:');
  for (const finding of findings) print(io, `    ${renderFinding(finding)}`);
};

/** `explain-admission`: which default wrote what, then what `lint` says. Exit codes as `lint`. */
export const explainAdmission = async (io: Io, flags: CheckFlags): Promise<number> => {
  checkFormat(flags.output);
  const config = clusterConfig(await readConfig(io, flags.config));
  const known = await readInstancetypes(io, flags);
  const set = admitAll(await readManifests(io, flags), config, undefined, known);
  const { admitted, findings, others } = set;
  const objects = admitted.map((each) => explainOne(each, config));
  const all = sorted([...findings, ...objects.flatMap((each) => each.findings)]);
  if (flags.output === 'text') {
    for (const each of objects) printExplained(io, each);
    for (const finding of sorted(findings)) print(io, renderFinding(finding));
  } else {
    await printAs(io, flags.output, { objects, findings: sorted(findings), skipped: others.length });
  }
  noteUnchecked(io, set, all);
  if (flags.output === 'text') noteSummary(io, admitted.length, all);
  return exitCodeOf(all, set.unchecked);
};
