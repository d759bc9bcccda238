/*
 * Rights that a request needs beyond those on the VM itself: what our programs create or read for a user he must be
 * allowed to create or read by hand. Admission computes them, the webhook and virt-controller ask the API server.
 */

/**
 * Who is acted for, as the API server names him in an AdmissionReview (`userInfo`) and takes him in a
 * SubjectAccessReview.
 */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Verbs of policies that are ours: delete or loosen, pause, make exceptions. */
export type PolicyVerb = 'weaken' | 'pause' | 'except';

/** `resourceAttributes` of a SubjectAccessReview. */
export interface Access {
  readonly verb: 'create' | 'get' | PolicyVerb;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace: string;
  /** Absent: the right has to hold for every name. */
  readonly name?: string;
}

/** What a request needs, and the field that asks for it. */
export interface Permission {
  /** True JSON path. */
  readonly field: string;
  /** What is used: a noun phrase such as `Secret "db"`. */
  readonly uses: string;
  /** What is used, where no right names it: another one is asked about anew. */
  readonly thing?: string;
  /** One of them is enough. The first is the usual one, and is asked for first. */
  readonly anyOf: readonly [Access, ...Access[]];
}

/**
 * `pods`, `serviceaccounts/token`, `datavolumes.cdi.kubevirt.io/source`: as `kubectl create role --resource` takes it.
 */
export const resourceWord = ({ group, resource, subresource }: Access): string =>
  `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;

/** `create pods`, `get secrets db`. */
export const accessWords = (access: Access): string =>
  `${access.verb} ${resourceWord(access)}${access.name === undefined ? '' : ` ${access.name}`}`;

/** One text for each different question. */
export const accessKey = ({ verb, group, resource, subresource = '', namespace, name = '' }: Access): string =>
  JSON.stringify([verb, group, resource, subresource, namespace, name]);

/** Equal for two permissions that the same rights satisfy. */
export const permissionKey = ({ anyOf }: Permission): string => anyOf.map(accessKey).join('');

/** Equal for two uses of one thing by the same rights: who stored one has been asked about it. */
export const useKey = (permission: Permission): string => `${permissionKey(permission)} ${permission.thing ?? ''}`;
