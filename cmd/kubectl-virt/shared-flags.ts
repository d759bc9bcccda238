import type { Argument, Flag } from './flag.js';

/* Flags and arguments that several commands have. */

/** What `lint`, `explain` and `explain-admission` can print. */
export const TEXT_FORMATS = ['text', 'json', 'yaml'] as const;

export const TEXT_OUTPUT = {
  type: 'string',
  alias: 'o',
  describe: 'text, json or yaml',
  default: 'text',
  complete: TEXT_FORMATS,
} as const satisfies Flag;

/** An address of one or more manifests, and the cluster's settings for them. */
export const MANIFEST_FLAGS = {
  filename: {
    type: 'string',
    array: true,
    alias: 'f',
    describe: 'Manifest file, directory, or - for stdin',
    complete: 'file',
    stdin: true,
  },
  config: {
    type: 'string',
    describe: 'File with the KubeVirt object (the cluster settings)',
    complete: 'file',
    stdin: true,
  },
  instancetypes: {
    type: 'string',
    array: true,
    describe: 'Instance types and preferences that VMs name: a file or directory (those of the product are known)',
    complete: 'file',
  },
} as const satisfies Record<string, Flag>;

/** Of commands that print one object of the API. */
export const OBJECT_OUTPUT = {
  type: 'string',
  alias: 'o',
  describe: 'Output format: json or yaml',
  default: 'yaml',
  complete: ['json', 'yaml'],
} as const satisfies Flag;

/** Of `create instancetype` and `create preference`. */
export const CREATE_FLAGS = {
  name: { type: 'string', describe: 'Name of the object', complete: [] },
  namespaced: { type: 'boolean', describe: 'Of a namespace; otherwise of the cluster' },
  output: OBJECT_OUTPUT,
} as const satisfies Record<string, Flag>;

/** What policies are judged with. */
export const POLICY_FLAGS = {
  policy: {
    type: 'string',
    array: true,
    describe: 'Policies to judge by: a file, a directory, or cluster for those of the cluster',
    complete: 'file',
  },
  exceptions: {
    type: 'string',
    array: true,
    describe: 'Exceptions from them: a file or a directory (--policy cluster has its own)',
    complete: 'file',
  },
  'namespace-labels': {
    type: 'string',
    array: true,
    describe: 'Labels of the namespace, KEY=VALUE; without them policies that ask for it are not checked',
    complete: [],
  },
  now: {
    type: 'string',
    describe: 'The time to judge at, such as 2027-02-01T00:00:00Z; otherwise the present',
    complete: [],
  },
} as const satisfies Record<string, Flag>;

export const MANIFEST_FILES = {
  type: 'string',
  array: true,
  describe: 'Manifest files or directories, or - for stdin',
  complete: 'file',
} as const satisfies Argument;

/** Of `policy pause` and `policy resume`. */
export const POLICIES = {
  type: 'string',
  array: true,
  describe: 'NAME of a policy of the cluster, or vmpol/NAME for one of the namespace; none: all policies',
  complete: [],
} as const satisfies Argument;

const TARGET = { type: 'string', required: true, describe: 'NAME, vm/NAME, vmi/NAME or vm/NAME/NAMESPACE' } as const;

const TARGETS = { type: 'string', array: true, describe: TARGET.describe } as const;

/** The same, several of them. */
export const VM_TARGETS = { ...TARGETS, complete: 'vm' } as const satisfies Argument;
export const VMI_TARGETS = { ...TARGETS, complete: 'vmi' } as const satisfies Argument;

/** Of a command that acts on the VirtualMachine. */
export const VM_TARGET = { ...TARGET, complete: 'vm' } as const satisfies Argument;
/** Of a command that acts on the instance, which may be named by its VirtualMachine. */
export const VMI_TARGET = { ...TARGET, complete: 'vmi' } as const satisfies Argument;
