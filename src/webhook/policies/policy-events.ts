import { POLICY_GROUP, POLICY_VERSION } from '../../api/names.js';
import type { Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import type { KubernetesObject } from '../../kube/types.js';
import { TenantMemory } from '../../kube/work/tenant-memory.js';
import type { CompiledPolicy } from '../../policies/compile-policy.js';
import type { Finding } from '../../policies/finding.js';
import type { Owner } from './owner-source.js';
import type { PolicySnapshot } from './snapshot.js';

/** One event of a policy and validation. */
const EVERY_MS = 5 * 60_000;
/** Of one request: who violates more gets them from the answer. */
const MAX_OF_REQUEST = 5;

interface Told {
  at: number;
  /** Since then. */
  refused: number;
}

/** What a refused request was about. */
export interface RefusedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Events of refusals, on the policy: of one of a namespace with the object and why; of one of the cluster, whose events
 * others read too, with the namespace alone.
 */
export class PolicyEvents {
  private readonly told = new TenantMemory<Told>();

  constructor(
    private readonly recorder: Pick<EventRecorder, 'event'>,
    private readonly clock: Clock,
  ) {}

  refused(findings: readonly Finding[], object: RefusedObject, snapshot: PolicySnapshot): void {
    for (const finding of findings.slice(0, MAX_OF_REQUEST)) this.refusal(finding, object, snapshot);
  }

  letBe({ object, kind }: Owner, findings: readonly Finding[]): void {
    const [first] = findings;
    if (first === undefined) return;
    const more = findings.length > 1 ? `, and ${findings.length - 1} more` : '';
    const message = `started although it violates policy ${first.policy.name}, which is newer or was excepted: ${first.field}: ${first.message}${more}; it will be refused when this is changed and still violates`;
    this.recorder.event({ apiVersion: 'kubevirt.io/v1', kind, ...object }, 'Warning', 'PolicyRatcheted', message);
  }

  private refusal(finding: Finding, object: RefusedObject, snapshot: PolicySnapshot): void {
    const { policy, name } = finding;
    const tenant = policy.namespace ?? '';
    const key = `${policy.name}/${name}`;
    const now = this.clock.now();
    const before = this.told.get(tenant, key);
    if (before !== undefined && now - before.at < EVERY_MS) {
      before.refused += 1;
      return;
    }
    this.told.set(tenant, key, { at: now, refused: 0 });
    const since =
      before === undefined || before.refused === 0 ? '' : `, and ${before.refused} more since the last event`;
    const what =
      policy.namespace === undefined
        ? `a ${object.kind} in namespace ${object.namespace}`
        : `${object.kind} ${object.name}: ${finding.field}: ${finding.message}`;
    this.recorder.event(referenceTo(policy, snapshot), 'Warning', 'PolicyRefused', `${name} refused ${what}${since}`);
  }
}

const referenceTo = (policy: CompiledPolicy, snapshot: PolicySnapshot): KubernetesObject => {
  const { name, namespace } = policy;
  const { uid } = snapshot.identityOf(policy) ?? {};
  return {
    apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`,
    kind: namespace === undefined ? 'VirtualMachineClusterPolicy' : 'VirtualMachinePolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
  };
};
