import { WARNINGS } from '../admission/warnings/index.js';
import { SCHEMA_RULES } from '../api/schema-check/schema-rules.js';
import { INSTANCE_DEFAULTS } from '../mutators/instance.js';
import { virtualMachineIdentity, virtualMachineInference } from '../mutators/virtual-machine.js';
import { RULES } from '../validators/rules.js';
import { concernOf, WARNINGS_CONCERN } from './concerns.js';
import type { IndexEntry } from './entry.js';

const RULE_INDEX: readonly IndexEntry[] = [
  ...Object.entries(SCHEMA_RULES).map(([id, { summary }]) => ({ id, summary })),
  ...RULES,
].map(({ id, summary }) => ({ id, type: 'rule', concern: concernOf(id), summary: `Refuses ${summary}.` }));

const DEFAULT_INDEX: readonly IndexEntry[] = [
  virtualMachineIdentity,
  virtualMachineInference,
  ...INSTANCE_DEFAULTS,
].map(({ id, summary }) => ({
  ...{ id, type: 'default', concern: concernOf(id), summary },
}));

const WARNING_INDEX: readonly IndexEntry[] = WARNINGS.map(({ id, when }) => ({
  ...{ id, type: 'warning', concern: WARNINGS_CONCERN, summary: `Warns: ${when}.` },
}));

/** Everything that has an id: rules, defaults and warnings, each in the order in which they work. */
export const INDEX: readonly IndexEntry[] = [...RULE_INDEX, ...DEFAULT_INDEX, ...WARNING_INDEX];
