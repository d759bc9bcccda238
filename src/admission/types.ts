import type { NodeOfPod } from '../agent-api/token.js';
import type { Cause } from '../api/cause.js';
import type { CheckedKind } from '../api/schema-check/check-schema.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { ForeignSource } from '../api/access/foreign-source.js';
import type { InstancetypeSource } from '../instancetypes/source.js';
import type { JsonPatchOperation } from './json-patch.js';
import type { AdmissionWarning } from './warnings/warning.js';

export interface AdmissionRequest {
  readonly kind: CheckedKind;
  readonly operation: 'CREATE' | 'UPDATE';
  /** JSON as the user wrote it: any shape. */
  readonly object: unknown;
  /** On UPDATE, the object as it is stored. */
  readonly oldObject?: unknown;
  readonly user?: RequestUser | undefined;
  /** Of the request; an object may omit its own. */
  readonly namespace?: string;
  /** Present: the write reaches the object's status only. */
  readonly subResource?: 'status';
}

export interface RequestUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  /** `userInfo.extra` of the review, as it came. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What a record of a requester is bound to. */
export interface RequesterFacts {
  readonly namespace: string;
  /** Absent for a VM that is being created. */
  readonly uid?: string;
  /** Of a VM that is being created; empty where the API server makes the name. */
  readonly name: string;
  readonly generateName: string;
  readonly user: RequestUser;
  readonly sources: readonly ForeignSource[];
}

export interface AdmissionContext {
  readonly config: ClusterConfig;
  readonly newUuid: () => string;
  /** RFC 3339. Absent: the beginning of 1970, for callers to whom the status of a new VMI does not matter. */
  readonly now?: () => string;
  /**
   * Where our programs' service accounts and the KubeVirt object live. Absent: the usual namespace; any for the object.
   */
  readonly installNamespace?: string;
  /** Name of the KubeVirt object whose settings are in force. Absent: there is none, or nobody knows. */
  readonly settingsObject?: string | undefined;
  /**
   * On which node a pod of an agent runs, for tokens that do not say it (before Kubernetes 1.30). Absent: none is
   * known.
   */
  readonly nodeOfPod?: NodeOfPod;
  /**
   * Writes down, so that nobody else could have, who answers for what a VM copies from other namespaces; undefined when
   * it cannot. Absent: nobody needs to know, as where there is no cluster.
   */
  readonly recordRequester?: (facts: RequesterFacts) => string | undefined;
  /**
   * The caller asks the API server for the rights of `permissionsOf`. Absent: a warning says for which namespaces
   * permissions will be checked.
   */
  readonly asksForRights?: boolean;
  /**
   * The answer goes to who applies the object. Absent: to who asks what there is to say of it, and is told everything.
   */
  readonly atApply?: boolean;
  /**
   * Where instance types, preferences and volumes are looked up. Absent: what comes with the product is known, and
   * nothing else.
   */
  readonly instancetypes?: InstancetypeSource | undefined;
  /** Leaves out the rule field.not-acted-on: for tests that compare the other rules with the reference. */
  readonly allowNotActedOn?: boolean;
}

export interface MutationOutcome {
  /** The defaulted object; the submitted one where there are causes. */
  readonly object: unknown;
  /** Turns the submitted object into `object`; empty where nothing changes. */
  readonly patch: readonly JsonPatchOperation[];
  /** Why defaulting was not possible; empty: it was. */
  readonly causes: readonly Cause[];
  /**
   * What the schema says of an object that could be defaulted: the API server will refuse it between the two halves, in
   * its own words, unless a default put it right.
   */
  readonly suspicions: readonly Cause[];
  /** What can only be said of an object without its defaults; none where there are causes. */
  readonly warnings: readonly AdmissionWarning[];
}

export interface ValidationOutcome {
  /** Everything that is wrong, in the order of the rules; empty: nothing. */
  readonly causes: readonly Cause[];
  /** What is allowed and should still be changed; none where there are causes. */
  readonly warnings: readonly AdmissionWarning[];
}

export interface AdmissionOutcome extends MutationOutcome, ValidationOutcome {
  readonly causes: readonly Cause[];
}
