import { POLICY_GROUP, POLICY_VERSION } from '../../../src/api/names.js';
import { POLICY_RESOURCE_KINDS } from '../../../src/api/policy/policy-kinds.js';
import { describeValue } from '../../../src/api/schema-check/describe-value.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import {
  compilePolicy,
  type CompiledPolicy,
  type CompilePolicyOptions,
  type PolicyCause,
} from '../../../src/policies/compile-policy.js';
import { readException, type KnownException } from '../../../src/policies/exceptions.js';
import { needsOf } from '../../../src/policies/needs.js';
import { inOrder } from '../../../src/policies/question.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';
import { findingIn, valueAt } from './finding.js';

/*
 * Policies and exceptions from files or a cluster, compiled by the code that the webhook compiles them with.
 */

const POLICY_OBJECTS = [...POLICY_RESOURCE_KINDS, 'PolicyTest'] as const;
type PolicyObject = (typeof POLICY_OBJECTS)[number];

export interface PolicySet {
  /** In the order in which they speak. */
  readonly policies: readonly CompiledPolicy[];
  readonly exceptions: readonly KnownException[];
  /** What each policy was read from. */
  readonly sources: ReadonlyMap<CompiledPolicy, Manifest>;
  /** What is wrong with them, and what may surprise. */
  readonly findings: readonly Finding[];
  /** Manifests of tests. */
  readonly tests: readonly Manifest[];
}

const KIND_RULE = 'manifest.kind';

const wrongKind = ({ object: { apiVersion, kind } }: Manifest): PolicyCause | undefined => {
  const type = 'FieldValueNotSupported';
  if (apiVersion !== `${POLICY_GROUP}/${POLICY_VERSION}`) {
    const message = `apiVersion is ${describeValue(apiVersion)}; write ${POLICY_GROUP}/${POLICY_VERSION}`;
    return { type, field: 'apiVersion', message, rule: KIND_RULE };
  }
  if (POLICY_OBJECTS.some((each) => each === kind)) return undefined;
  const near = typeof kind === 'string' ? suggest(kind, POLICY_OBJECTS) : undefined;
  const instead = near === undefined ? `write one of ${POLICY_OBJECTS.join(', ')}` : `did you mean "${near}"?`;
  return { type, field: 'kind', message: `kind is ${describeValue(kind)}; ${instead}`, rule: KIND_RULE };
};

/** What the API server says before the object comes to us. */
const wrongMetadata = ({ object }: Manifest, kind: PolicyObject): PolicyCause | undefined => {
  const name = valueAt(object, 'metadata.name');
  if (name === undefined || name === '') {
    const message = 'metadata.name is missing; give it a name';
    return { type: 'FieldValueRequired', field: 'metadata.name', message, rule: 'policy.name' };
  }
  const namespace = valueAt(object, 'metadata.namespace');
  if (kind !== 'VirtualMachineClusterPolicy' || namespace === undefined) return undefined;
  const message = `metadata.namespace is ${describeValue(namespace)}; leave it out, or write kind VirtualMachinePolicy`;
  return { type: 'FieldValueForbidden', field: 'metadata.namespace', message, rule: 'policy.namespace' };
};

/** What `kubectl apply -n` would write into an object that names no namespace. */
const inNamespace = (object: Record<string, unknown>, namespace: string): Record<string, unknown> =>
  valueAt(object, 'metadata.namespace') === undefined
    ? { ...object, metadata: { ...(object['metadata'] as object), namespace } }
    : object;

/** A user is judged at the VM: what virt-controller makes of it, virt-controller asks for. */
const surprises = (policy: CompiledPolicy): PolicyCause[] => {
  if (!needsOf(policy).user || !policy.kinds.includes('VirtualMachineInstance') || policy.kinds.length === 1) return [];
  const message =
    'the policy asks who the user is, and matches VirtualMachineInstance: those of VMs are made by virt-controller, ' +
    'which is the user then; name VirtualMachine alone to judge people';
  return [{ type: 'FieldValueInvalid', field: 'spec.match.kinds', message, rule: 'policy.subjects' }];
};

export interface ReadPolicyOptions {
  /** Of objects that name none. */
  readonly namespace: string;
  /** Whether what may surprise is looked for: for who writes them, not for who is judged by them. */
  readonly warn: boolean;
  /** Told of every evaluation what the parts of expressions gave. */
  readonly observe?: CompilePolicyOptions['observe'];
}

class Reader {
  readonly policies: CompiledPolicy[] = [];
  readonly sources = new Map<CompiledPolicy, Manifest>();
  readonly exceptions: KnownException[] = [];
  readonly findings: Finding[] = [];
  readonly tests: Manifest[] = [];
  private readonly names = new Set<string>();

  constructor(private readonly options: ReadPolicyOptions) {}

  read(manifest: Manifest): void {
    const wrong = wrongKind(manifest);
    if (wrong !== undefined) {
      this.error(manifest, wrong);
      return;
    }
    const kind = manifest.object['kind'] as PolicyObject;
    if (kind === 'PolicyTest') {
      this.tests.push(manifest);
      return;
    }
    const cause = wrongMetadata(manifest, kind);
    if (cause !== undefined) this.error(manifest, cause);
    else if (kind === 'VirtualMachinePolicyException') this.exception(manifest);
    else this.policy(manifest, kind);
  }

  private error(manifest: Manifest, cause: PolicyCause): void {
    this.findings.push(findingIn(manifest, cause, 'error'));
  }

  private exception(manifest: Manifest): void {
    const read = readException(inNamespace(manifest.object, this.options.namespace));
    if ('spec' in read) this.exceptions.push(read);
    else for (const cause of read) this.error(manifest, cause);
  }

  private policy(manifest: Manifest, kind: PolicyObject): void {
    const { object } = manifest;
    const { namespace, warn, observe } = this.options;
    const own = kind === 'VirtualMachinePolicy' ? inNamespace(object, namespace) : object;
    const { policy, causes, warnings } = compilePolicy(own, { warn, observe });
    for (const cause of causes) this.error(manifest, cause);
    const all = policy === undefined || !warn ? warnings : [...warnings, ...surprises(policy)];
    this.findings.push(...all.map((cause) => findingIn(manifest, cause, 'warning')));
    if (policy === undefined) return;
    const key = `${policy.namespace ?? ''}/${policy.name}`;
    if (this.names.has(key)) {
      const message = `metadata.name is ${describeValue(policy.name)}, as another policy's is; only one would stay`;
      this.error(manifest, { type: 'FieldValueDuplicate', field: 'metadata.name', message, rule: 'policy.name' });
      return;
    }
    this.names.add(key);
    this.policies.push(policy);
    this.sources.set(policy, manifest);
  }
}

export const readPolicySet = (manifests: readonly Manifest[], options: ReadPolicyOptions): PolicySet => {
  const reader = new Reader(options);
  for (const manifest of manifests) reader.read(manifest);
  const { policies, sources, exceptions, findings, tests } = reader;
  return { policies: inOrder(policies), sources, exceptions, findings, tests };
};
