import type { Environment } from '../../../src/kube/kubeconfig/types.js';
import { UsageError } from '../errors.js';
import { parseTarget, type Target } from '../target.js';

/** Whom ssh is to speak to. */
export interface Remote {
  readonly user: string | undefined;
  readonly target: Target;
}

/** What ssh could take for a flag, or a shell or ssh itself for something else. */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*$/;

/** @throws UsageError */
const checkUser = (user: string): string => {
  if (USER.test(user)) return user;
  throw new UsageError(`"${user}" is not a valid user name`, { remedy: 'Name a user of the guest.' });
};

/** `[USER@]TARGET`. Source: docs/reference/control.md §1.2. @throws UsageError */
export const parseRemote = (text: string): Remote => {
  const at = text.lastIndexOf('@');
  if (at < 0) return { user: undefined, target: parseTarget(text) };
  const remedy = 'Write [USER@]vm/NAME[/NAMESPACE].';
  if (at === 0) throw new UsageError("expected username before '@'", { remedy });
  if (at === text.length - 1) throw new UsageError("expected target after '@'", { remedy });
  return { user: checkUser(text.slice(0, at)), target: parseTarget(text.slice(at + 1)) };
};

/** The user that is named, that of the flag, or that of this machine; undefined: whom ssh takes. @throws UsageError */
export const userOf = (named: string | undefined, flag: string | undefined, env: Environment): string | undefined => {
  const user = named ?? flag;
  if (user !== undefined && user !== '') return checkUser(user);
  return [env['USER'], env['USERNAME'], env['LOGNAME']].find((one) => one !== undefined && USER.test(one));
};
