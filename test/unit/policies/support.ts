import { effectiveSpec } from '../../../src/admission/effective.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { describeCause } from '../../../src/api/cause.js';
import { compilePolicy, describePolicyCause, type CompiledPolicy } from '../../../src/policies/compile-policy.js';
import { readException, type KnownException } from '../../../src/policies/exceptions.js';
import { verdictOf, type Verdict, type VerdictInput } from '../../../src/policies/verdict.js';

/*
 * Policies, objects and verdicts for tests.
 */

export const NOW = Date.parse('2026-12-01T00:00:00Z');

export const policyWith = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind: 'VirtualMachineClusterPolicy',
  metadata: { name: 'vm-size', ...metadata },
  spec: { action: 'Enforce', validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 8' }], ...spec },
});

export const compiledPolicy = (spec: object, metadata: object = {}): CompiledPolicy => {
  const { policy, causes } = compilePolicy(policyWith(spec, metadata));
  if (policy === undefined) throw new Error(causes.map(describePolicyCause).join('\n'));
  return policy;
};

export const problemsOf = (spec: object): string[] => compilePolicy(policyWith(spec)).causes.map(describeCause);

export const vmWith = (cores: number, metadata: object = {}): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, ...metadata },
  spec: { runStrategy: 'Always', template: { spec: { domain: { cpu: { cores }, devices: {} } } } },
});

type Given = Partial<Omit<VerdictInput, 'subject'>> & { readonly subject?: Partial<VerdictInput['subject']> };

/** As the webhook has it: resolved when the settings change, not at each request. */
const CONFIG = resolveClusterConfig();

export const judge = (policies: readonly CompiledPolicy[], object: object, given: Given = {}): Verdict => {
  const { metadata, kind } = object as { metadata: { name: string; namespace: string; labels?: object }; kind: string };
  const { subject, ...others } = given;
  return verdictOf({
    subject: {
      kind: kind as 'VirtualMachine',
      operation: given.oldObject === undefined ? 'CREATE' : 'UPDATE',
      name: metadata.name,
      namespace: metadata.namespace,
      labels: (metadata.labels ?? {}) as Record<string, string>,
      namespaceLabels: { env: 'prod' },
      user: { username: 'alice', groups: ['developers'] },
      ...subject,
    },
    object,
    oldObject: null,
    request: { operation: 'CREATE', userInfo: { username: 'alice', groups: ['developers'] } },
    namespaceObject: { metadata: { name: 'shop', labels: { env: 'prod' } } },
    policies,
    effective: effectiveSpec(kind as 'VirtualMachine', { config: CONFIG }),
    exceptions: [],
    now: NOW,
    ...others,
  });
};

export const exceptionWith = (spec: object, namespace = 'shop'): KnownException => {
  const read = readException({
    apiVersion: 'policies.kubectl-virt.io/v1alpha1',
    kind: 'VirtualMachinePolicyException',
    metadata: { name: 'db-bigger', namespace },
    spec: {
      policies: [{ name: 'vm-size' }],
      match: { names: ['web*'] },
      reason: 'Reporting database until it is split',
      owner: 'team-db@example.com',
      expiresAt: '2026-12-20T00:00:00Z',
      ...spec,
    },
  });
  if (!('spec' in read)) throw new Error(read.map(describeCause).join('\n'));
  return read;
};
