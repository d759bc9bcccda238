import { blockSizeRules } from './block-size.js';
import { cloudInitRules } from './cloud-init.js';
import { cpuRules, pinningRules } from './cpu.js';
import { dataVolumeTemplateRules } from './data-volume-templates.js';
import { diskVolumeRules } from './disk-volumes.js';
import { diskRules } from './disks.js';
import { dnsRules, identityRules } from './identity.js';
import { instanceUpdateRules } from './instance-update.js';
import { machineRules } from './machine.js';
import { memoryRules } from './memory.js';
import { metadataRules } from './metadata.js';
import { multiqueueRules } from './multiqueue.js';
import { interfaceRules, networkRules } from './networks.js';
import { notActedOnRule } from './not-acted-on.js';
import { replicaSetRules } from './replica-set.js';
import type { InstanceSubject, Rule } from './rule.js';
import { virtualMachineRules } from './virtual-machine.js';
import { volumeRules } from './volumes.js';

/** The rules of a VMI that is created, and of every template, in the order in which causes are reported. */
export const INSTANCE_RULES: readonly Rule<InstanceSubject>[] = [
  ...identityRules,
  ...memoryRules,
  ...machineRules,
  ...cpuRules,
  ...pinningRules,
  ...networkRules,
  ...interfaceRules,
  ...diskVolumeRules,
  ...diskRules,
  ...blockSizeRules,
  ...multiqueueRules,
  ...volumeRules,
  ...cloudInitRules,
  ...dnsRules,
  ...metadataRules,
];

export const VIRTUAL_MACHINE_RULES = [...virtualMachineRules, ...dataVolumeTemplateRules];
export const REPLICA_SET_RULES = replicaSetRules;
export const INSTANCE_UPDATE_RULES = instanceUpdateRules;

/** Everything that documentation says about a rule. */
export type RuleDescription = Omit<Rule<never>, 'check'>;

/** The one table of rules, for documentation, `lint` and tests. */
export const RULES: readonly RuleDescription[] = [
  notActedOnRule,
  ...INSTANCE_RULES,
  ...VIRTUAL_MACHINE_RULES,
  ...REPLICA_SET_RULES,
  ...INSTANCE_UPDATE_RULES,
];
