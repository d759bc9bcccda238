import { agentCredentials } from '../../api/vmi/access-credentials.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { keysOf, passwordOf } from './keys.js';

/** A command of the guest agent's protocol. */
export interface AgentCommand {
  readonly execute: 'guest-ssh-add-authorized-keys' | 'guest-set-user-password';
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Each costs the guest's agent some milliseconds, and one that hangs five seconds. */
const MAX_USERS = 64;

/**
 * What the guest's agent has to be told: of each user all keys, in place of those that are there, and passwords. Pure.
 * @param secrets what each Secret holds
 * @throws Error
 */
export const agentCommands = (
  { spec }: VirtualMachineInstance,
  secrets: ReadonlyMap<string, ReadonlyMap<string, Buffer>>,
): AgentCommand[] => {
  const [keys, passwords] = [new Map<string, Set<string>>(), new Map<string, string>()];
  for (const { secretName, users } of agentCredentials(spec)) {
    const values = secrets.get(secretName) ?? new Map<string, Buffer>();
    if (users === undefined) {
      for (const [user, value] of values) passwords.set(user, passwordOf(secretName, user, value));
      continue;
    }
    const own = keysOf(secretName, values.values());
    for (const user of users) keys.set(user, new Set([...(keys.get(user) ?? []), ...own]));
  }
  if (keys.size + passwords.size > MAX_USERS) throw new Error(`credentials of more than ${MAX_USERS} users`);
  return [
    ...[...keys].map(([username, own]): AgentCommand => ({
      execute: 'guest-ssh-add-authorized-keys',
      arguments: { username, keys: [...own], reset: true },
    })),
    ...[...passwords].map(([username, password]): AgentCommand => ({
      execute: 'guest-set-user-password',
      arguments: { username, password: Buffer.from(password, 'utf8').toString('base64'), crypted: false },
    })),
  ];
};
