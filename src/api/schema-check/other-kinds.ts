import type { Properties } from './place.js';

/* Fields that another kind has: what to say of one in an object that is taken for that kind. */

const POD = 'a Pod has it, a virtual machine does not: remove it';

/** Of the spec of one virtual machine instance. */
const IN_INSTANCE: Readonly<Record<string, string>> = {
  containers: `${POD}; what the guest starts from is a volume, such as a containerDisk`,
  initContainers: POD,
  restartPolicy: `${POD}; a VirtualMachine has runStrategy`,
  imagePullSecrets: `${POD}; a containerDisk has imagePullSecret`,
  serviceAccountName: `${POD}; a volume has serviceAccount`,
  ...Object.fromEntries(
    ['running', 'runStrategy', 'dataVolumeTemplates', 'instancetype', 'preference', 'template'].map((name) => [
      name,
      'a VirtualMachine has it, a VirtualMachineInstance does not: remove it, or write kind: VirtualMachine',
    ]),
  ),
  ...Object.fromEntries(
    ['replicas', 'selector'].map((name) => [name, 'a VirtualMachineInstanceReplicaSet has it: remove it here']),
  ),
};

const REPLICAS = 'a VirtualMachineInstanceReplicaSet has it, a VirtualMachine is one machine: remove it';

/** Of the spec of a VirtualMachine. */
const IN_MACHINE: Readonly<Record<string, string>> = {
  replicas: REPLICAS,
  selector: REPLICAS,
  strategy: 'a Deployment has it, a VirtualMachine does not: remove it',
};

/** Of a replica set's. */
const IN_REPLICAS: Readonly<Record<string, string>> = Object.fromEntries(
  ['running', 'runStrategy', 'dataVolumeTemplates', 'instancetype', 'preference'].map((name) => [
    name,
    'a VirtualMachine has it, a VirtualMachineInstanceReplicaSet does not: remove it',
  ]),
);

/** By a field that only this object has. */
const BY_FIELD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  domain: IN_INSTANCE,
  dataVolumeTemplates: IN_MACHINE,
  replicas: IN_REPLICAS,
};

/** What a VirtualMachine's spec has beside its template. */
const OF_MACHINE = ['running', 'runStrategy', 'dataVolumeTemplates', 'instancetype', 'preference'];

/** Another kind's spec, with a template where an instance is. */
export interface OtherSpec {
  /** Continues the path of the spec. */
  readonly text: string;
  /** The fields that are said with it. */
  readonly fields: readonly string[];
}

/** The spec of a kind that has a template, where an instance's is wanted. */
export const specOfOtherKind = (
  around: Readonly<Record<string, unknown>>,
  properties: Properties,
): OtherSpec | undefined => {
  const has = (name: string): boolean => Object.hasOwn(around, name);
  if (!Object.hasOwn(properties, 'domain') || has('domain') || !has('template')) return undefined;
  const fields = ['template', ...OF_MACHINE, 'replicas', 'selector', 'paused', 'updateVolumesStrategy'].filter(has);
  const kind = has('replicas') && !OF_MACHINE.some(has) ? 'VirtualMachineInstanceReplicaSet' : 'VirtualMachine';
  return { text: `is a ${kind}’s, with ${fields.join(', ')}: write kind: ${kind}`, fields };
};

/** Continues "is not a known field; " for a field that another kind has at such a place; undefined for all others. */
export const ofOtherKind = (key: string, properties: Properties): string | undefined => {
  for (const [field, texts] of Object.entries(BY_FIELD)) {
    if (Object.hasOwn(properties, field) && Object.hasOwn(texts, key)) return texts[key];
  }
  return undefined;
};
