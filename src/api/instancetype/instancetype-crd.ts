import { structuralSchema, type Column, type Describe } from '../crd.js';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_RESOURCES,
  INSTANCETYPE_VERSION,
  type InstancetypeKind,
} from './instancetype-kinds.js';
import { INSTANCETYPE_SCHEMAS } from './instancetype-schema.js';

/* The CustomResourceDefinitions of instance types and preferences. */

const SIZES =
  'CPU and memory, and what goes with them, for the virtual machines that name it. What it sets, their templates must leave open.';
const WISHES =
  'Buses, models, firmware and features for the virtual machines that name it: it fills what their templates leave open, and never replaces what they say.';

const DESCRIPTIONS: Readonly<Record<InstancetypeKind, string>> = {
  VirtualMachineInstancetype: `${SIZES} For VMs of its own namespace.`,
  VirtualMachineClusterInstancetype: `${SIZES} For VMs of all namespaces.`,
  VirtualMachinePreference: `${WISHES} For VMs of its own namespace.`,
  VirtualMachineClusterPreference: `${WISHES} For VMs of all namespaces.`,
};

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const COLUMNS = {
  instancetype: [
    { name: 'CPU', type: 'integer', jsonPath: '.spec.cpu.guest' },
    { name: 'Memory', type: 'string', jsonPath: '.spec.memory.guest' },
    age,
  ],
  preference: [age],
} as const satisfies Record<string, readonly Column[]>;

/** `virtualmachineinstancetypes.instancetype.kubevirt.io` */
const instancetypeCrdName = (kind: InstancetypeKind): string =>
  `${INSTANCETYPE_RESOURCES[kind].plural}.${INSTANCETYPE_GROUP}`;

/** The CustomResourceDefinition of a kind, ready to be written as YAML. */
export const instancetypeDefinition = (kind: InstancetypeKind, describe: Describe): Record<string, unknown> => {
  const { plural, isNamespaced, shortNames, role } = INSTANCETYPE_RESOURCES[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: instancetypeCrdName(kind), labels: { 'kubevirt.io': '' } },
    spec: {
      group: INSTANCETYPE_GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [...shortNames],
      },
      scope: isNamespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: INSTANCETYPE_VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: COLUMNS[role],
          schema: {
            openAPIV3Schema: structuralSchema(INSTANCETYPE_SCHEMAS[kind], DESCRIPTIONS[kind], describe, new Map()),
          },
        },
      ],
    },
  };
};
