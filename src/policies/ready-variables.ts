import { schemaOf } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { INT, QUANTITY, STRING, listOf, mapOf, type CelType } from './cel/check/types.js';
import { typeOfSchema } from './cel/schema-types.js';

/*
 * What every policy may read as `variables.NAME`: written in CEL, so that a policy can be exported with them, and none
 * fails on any object that the schema admits. They never change their meaning; a new one gets a new name.
 */

export interface ReadyVariable {
  readonly name: string;
  readonly expression: string;
  /** As our schema knows it; the instance is the same for all kinds. */
  readonly type: CelType;
}

/** What makes up CPU, in the order in which it counts. */
const CPU_FIELDS = "['cores', 'sockets', 'threads']";
const CPU = 'variables.instance.domain.?cpu';
const RESOURCES = 'variables.instance.domain.?resources';

const VIRTUAL_MACHINE = 'VirtualMachine';
const INSTANCE = 'VirtualMachineInstance';

const nodeAt = (kind: 'VirtualMachine' | 'VirtualMachineInstance', ...path: readonly string[]): SchemaNode =>
  path.reduce<SchemaNode>((node, field) => node.properties?.[field] ?? {}, schemaOf(kind));

const spec = (...path: readonly string[]): CelType => typeOfSchema(nodeAt(INSTANCE, 'spec', ...path), INSTANCE);
const devices = (field: string): CelType => spec('domain', 'devices', field);

const lists = (name: string, from: string): string => `${from}.?${name}.orValue([])`;

const WHOLE_CPUS = 'int(variables.cpuQuantity.asApproximateFloat())';

export const READY_VARIABLES: readonly ReadyVariable[] = [
  {
    name: 'instance',
    expression: 'has(object.spec.template) ? object.spec.template.spec : object.spec',
    type: spec(),
  },
  {
    name: 'instanceMetadata',
    expression: 'has(object.spec.template) ? object.spec.template.?metadata.orValue({}) : object.metadata',
    type: typeOfSchema(nodeAt(INSTANCE, 'metadata'), INSTANCE),
  },
  { name: 'labels', expression: 'object.metadata.?labels.orValue({})', type: mapOf(STRING, STRING) },
  { name: 'volumes', expression: lists('volumes', 'variables.instance'), type: spec('volumes') },
  { name: 'networks', expression: lists('networks', 'variables.instance'), type: spec('networks') },
  { name: 'disks', expression: lists('disks', 'variables.instance.domain.?devices'), type: devices('disks') },
  {
    name: 'interfaces',
    expression: lists('interfaces', 'variables.instance.domain.?devices'),
    type: devices('interfaces'),
  },
  {
    name: 'dataVolumeTemplates',
    expression: lists('dataVolumeTemplates', 'object.spec'),
    type: typeOfSchema(nodeAt(VIRTUAL_MACHINE, 'spec', 'dataVolumeTemplates'), VIRTUAL_MACHINE),
  },
  {
    name: 'cpuQuantity',
    expression: `quantity(string(${RESOURCES}.?limits.?cpu.or(${RESOURCES}.?requests.?cpu).orValue('1')))`,
    type: QUANTITY,
  },
  {
    name: 'vcpus',
    expression:
      `${CPU_FIELDS}.exists(f, f in ${CPU}.orValue({})) ` +
      `? ${CPU}.?cores.orValue(1) * ${CPU}.?sockets.orValue(1) * ${CPU}.?threads.orValue(1) ` +
      // Rounded up. What is whole need not be so to isInteger(): 2000m is not.
      `: (quantity(string(${WHOLE_CPUS})).isLessThan(variables.cpuQuantity) ? ${WHOLE_CPUS} + 1 : ${WHOLE_CPUS})`,
    type: INT,
  },
  {
    name: 'guestMemory',
    expression:
      `quantity(string(variables.instance.domain.?memory.?guest.or(${RESOURCES}.?requests.?memory)` +
      `.or(${RESOURCES}.?limits.?memory).orValue('0')))`,
    type: QUANTITY,
  },
  {
    name: 'images',
    expression:
      'variables.volumes.filter(v, has(v.containerDisk)).map(v, v.containerDisk.image) + ' +
      'variables.dataVolumeTemplates.filter(d, has(d.spec.source) && has(d.spec.source.registry) && ' +
      "has(d.spec.source.registry.url)).map(d, d.spec.source.registry.url.replace('docker://', '')) + " +
      'variables.instance.domain.?firmware.?kernelBoot.?container.?image.optMap(i, [i]).orValue([])',
    type: listOf(STRING),
  },
  {
    name: 'userData',
    expression:
      "variables.volumes.map(v, v.?cloudInitNoCloud.?userData.or(v.?cloudInitConfigDrive.?userData).orValue(''))",
    type: listOf(STRING),
  },
];
