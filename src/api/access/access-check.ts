import {
  accessKey,
  accessWords,
  permissionKey,
  resourceWord,
  type Access,
  type Permission,
  type UserInfo,
} from './access.js';
import { shortened, type Cause } from '../cause.js';

/** Whether the user has the right; rejects when it could not be asked. */
export type Ask = (access: Access) => Promise<boolean>;

/**
 * Different questions for one object. A user with the right to create pods needs one for all of his own namespace, and
 * one for each source elsewhere; more than this is work for an administrator, or an attack.
 */
export const MAX_QUESTIONS = 64;
/** Questions of one object at once: a round trip each, and others ask too. */
const AT_ONCE = 8;

/** A name in a message. */
const named = (name: string): string => JSON.stringify(name.length > 63 ? `${name.slice(0, 62)}…` : name);

const cause = ({ field }: Permission, message: string, rule: string): Cause => ({
  type: 'FieldValueForbidden',
  field,
  message: shortened(message),
  rule,
});

/** Ends with what an administrator types. */
const denial = (permission: Permission, { username }: UserInfo): Cause => {
  const { uses, anyOf } = permission;
  const [first] = anyOf;
  const rights = anyOf.map(accessWords).join(' or ');
  const role = `kubectl create role NAME -n ${first.namespace} --verb=${first.verb} --resource=${resourceWord(first)}`;
  const message = `uses ${uses}, for which ${named(username)} lacks the right in namespace ${first.namespace}: ${rights}; grant one (${role}, and a rolebinding)`;
  return cause(permission, message, 'access.denied');
};

const MAX_ERROR = 100;
const unanswered = (permission: Permission, { username }: UserInfo, error: unknown): Cause => {
  const why = (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR);
  const message = `uses ${permission.uses}, and the API server could not be asked whether ${named(username)} may: ${why}; try again`;
  return cause(permission, message, 'access.not-asked');
};

/** Each question is put once, and no more of them than {@link MAX_QUESTIONS}. */
const bounded = (ask: Ask): Ask => {
  const asked = new Map<string, Promise<boolean>>();
  return (access) => {
    const key = accessKey(access);
    const known = asked.get(key);
    if (known !== undefined) return known;
    if (asked.size >= MAX_QUESTIONS)
      return Promise.reject(new Error(`the object needs more than ${MAX_QUESTIONS} different rights`));
    const answer = ask(access);
    asked.set(key, answer);
    return answer;
  };
};

type Verdict = { readonly allowed: boolean } | { readonly error: unknown };

const verdictOn = async ({ anyOf }: Permission, ask: Ask): Promise<Verdict> => {
  try {
    for (const access of anyOf) if (await ask(access)) return { allowed: true };
    return { allowed: false };
  } catch (error) {
    return { error };
  }
};

/**
 * Asks for all that is needed, and answers why the user may not: each place that needs what he lacks, or what could not
 * be asked.
 */
export const checkPermissions = async (
  permissions: readonly Permission[],
  user: UserInfo,
  askOnce: Ask,
): Promise<Cause[]> => {
  const ask = bounded(askOnce);
  const different = [...new Map(permissions.map((permission) => [permissionKey(permission), permission])).entries()];
  const verdicts = new Map<string, Verdict>();
  const work = async (): Promise<void> => {
    for (let next = different.shift(); next !== undefined; next = different.shift()) {
      const [key, permission] = next;
      verdicts.set(key, await verdictOn(permission, ask));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return permissions.flatMap((permission) => {
    const verdict = verdicts.get(permissionKey(permission));
    if (verdict === undefined) return [unanswered(permission, user, 'it was not asked')];
    if ('error' in verdict) return [unanswered(permission, user, verdict.error)];
    return verdict.allowed ? [] : [denial(permission, user)];
  });
};
