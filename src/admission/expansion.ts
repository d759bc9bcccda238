import { shortened } from '../api/cause.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import type { VirtualMachineInstancetypeSpec } from '../api/schema/instancetype.js';
import { applyInstancetype } from '../instancetypes/apply-instancetype.js';
import { expandMachine, type Applied } from '../instancetypes/expand.js';
import { hasMatchers, isFound, matcherOf, search, type Found, type Search } from '../instancetypes/find.js';
import { shortfalls } from '../instancetypes/requirements.js';
import { shippedSource } from '../instancetypes/shipped/index.js';
import { spreadOver, topologyOf } from '../instancetypes/topology.js';
import { instanceDraft } from '../mutators/clone.js';
import { invalid, notFound, type Finding } from '../validators/rule/finding.js';
import type { InstancetypeFindings } from '../validators/rule/subject.js';
import type { AdmissionContext } from './types.js';

/*
 * A VM that names an instance type or a preference, as it will run: every rule of a VMI looks at that one. What the
 * user wrote is not changed.
 */

export interface Expansion {
  /** With its matchers still in it. */
  readonly vm: VirtualMachine;
  readonly applied: Applied;
  /** Why it is refused. */
  readonly findings: InstancetypeFindings;
  /** What it names and is not there: it will not start before it is. */
  readonly missing: readonly { readonly field: string; readonly message: string }[];
}

type Context = Pick<AdmissionContext, 'config' | 'instancetypes'>;

/**
 * In the place of an instance type that nobody knows yet, so that nothing is said to be missing that it will bring.
 */
const STAND_IN: VirtualMachineInstancetypeSpec = { cpu: { guest: 1 }, memory: { guest: '1Gi' } };

const withStandIn = (vm: VirtualMachine): VirtualMachine => {
  const { metadata = {}, spec } = vm.spec.template;
  if (spec === undefined) return vm;
  const vmi = instanceDraft({ metadata, spec });
  applyInstancetype(STAND_IN, undefined, vmi);
  return { ...vm, spec: { ...vm.spec, template: { ...vm.spec.template, spec: vmi.spec } } };
};

const typeOf = ({ kind, name }: Found<'instancetype'>): string => `${kind} ${name}`;

const conflictFindings = (
  instancetype: Found<'instancetype'> | undefined,
  conflicts: ReturnType<typeof expandMachine>['conflicts'],
): Finding[] =>
  instancetype === undefined
    ? []
    : conflicts.map(({ path, gives }) =>
        invalid(
          `spec.template.${path}`,
          shortened(`is set, and ${typeOf(instancetype)} gives ${gives}: remove it, or name another instance type`),
        ),
      );

const spreadFindings = ({ instancetype, preference }: Applied): Finding[] => {
  if (instancetype === undefined || preference === undefined) return [];
  const { guest } = instancetype.spec.cpu;
  if (topologyOf(guest, preference.spec) !== undefined) return [];
  const parts = spreadOver(preference.spec);
  return [
    invalid(
      'spec.instancetype',
      shortened(
        `gives ${guest} vCPUs, which ${preference.kind} ${preference.name} spreads over ${parts}: choose an instance type with a multiple of ${parts}`,
      ),
    ),
  ];
};

const unusable = (found: Search<'instancetype'> | Search<'preference'>): Finding[] =>
  found !== undefined && !isFound(found as Search<'instancetype'>) && 'reason' in found && found.reason === 'unusable'
    ? [notFound(found.field, shortened(found.message))]
    : [];

const missing = (found: Search<'instancetype'> | Search<'preference'>): Expansion['missing'] =>
  found !== undefined && 'reason' in found && found.reason === 'missing'
    ? [{ ...found, message: shortened(found.message) }]
    : [];

/** Undefined where a VM names neither an instance type nor a preference. */
export const expansionOf = (
  machine: VirtualMachine,
  namespace: string | undefined,
  { config, instancetypes: source = shippedSource }: Context,
): Expansion | undefined => {
  if (!hasMatchers(machine)) return undefined;
  const where = namespace || (machine.metadata?.namespace ?? '');
  const size = search('instancetype', machine, where, source);
  const wish = search('preference', machine, where, source);
  const applied = {
    instancetype: isFound(size) ? size : undefined,
    preference: isFound(wish) ? wish : undefined,
  };
  const isOpen = matcherOf(machine, 'instancetype') !== undefined && applied.instancetype === undefined;
  const { vm, conflicts } = expandMachine(machine, applied, config);
  const { spec } = machine.spec.template;
  const short =
    applied.preference === undefined || spec === undefined || isOpen
      ? []
      : shortfalls(applied.preference.spec, applied.instancetype?.spec, spec);
  return {
    vm: isOpen ? withStandIn(vm) : vm,
    applied,
    findings: {
      conflicts: conflictFindings(applied.instancetype, conflicts),
      requirements: short.map(({ field, message }) => invalid(field, shortened(message))),
      spread: spreadFindings(applied),
      unusable: [...unusable(size), ...unusable(wish)],
    },
    missing: [...missing(size), ...missing(wish)],
  };
};

/** A VM as it will run; the same one where it names nothing. */
export const asItWillRun = (vm: VirtualMachine, namespace: string | undefined, context: Context): VirtualMachine =>
  expansionOf(vm, namespace, context)?.vm ?? vm;
