import { VOLUME_DESCRIPTIONS } from '../schema/volumes.js';
import { CORE } from './core.js';
import { DATA_VOLUMES } from './data-volumes.js';
import { DEVICES } from './devices.js';
import type { Descriptions } from './descriptions.js';
import { INSTANCETYPES } from './instancetypes.js';
import { KUBEVIRT } from './kubevirt.js';
import { KUBEVIRT_MIGRATION } from './kubevirt-migration.js';
import { MACHINES } from './machines.js';
import { POLICIES } from './policies.js';
import { STATUS } from './status.js';
import { VMI } from './vmi.js';

/** Every table; a definition is in one of them. */
export const DESCRIPTION_TABLES: readonly Descriptions[] = [
  VMI,
  DEVICES,
  VOLUME_DESCRIPTIONS,
  CORE,
  MACHINES,
  DATA_VOLUMES,
  STATUS,
  KUBEVIRT,
  KUBEVIRT_MIGRATION,
  POLICIES,
  INSTANCETYPES,
];
