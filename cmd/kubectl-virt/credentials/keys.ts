import { CliError, ExitCode } from '../errors.js';
import { print, type Io } from '../io.js';
import type { KeyFlags } from './flags.js';
import { dataKey, parseKey, readKey, type PublicKey } from './public-key.js';
import { chosenSecret, requireUser, VmSecrets, wantsCreate, type Secret } from './vm-secrets.js';

/** How the guest gets what is changed: kubelet brings a changed Secret within a minute and a half, the agent then. */
const SOON = 'the guest has it within two minutes, if its guest agent runs';

const textOf = (value: string): string => Buffer.from(value, 'base64').toString('utf8');

/** The Secrets with a user's keys, or the one that is named, however its keys reach the guest. */
const keySecrets = ({ credentials }: VmSecrets, user: string, named: string | undefined): string[] => [
  ...new Set(
    credentials.flatMap(({ sshPublicKey }) => {
      const name = sshPublicKey?.source.secret?.secretName;
      const ofUser = sshPublicKey?.propagationMethod.qemuGuestAgent?.users.includes(user) === true;
      return name !== undefined && (ofUser || name === named) ? [name] : [];
    }),
  ),
];

const holds = (value: string, { identity }: PublicKey): boolean =>
  textOf(value)
    .split('\n')
    .some((line) => parseKey(line)?.identity === identity);

/** `credentials add-ssh-key VM`. */
export const addKey = async (io: Io, flags: KeyFlags): Promise<number> => {
  const user = requireUser(flags.user);
  const create = wantsCreate(flags);
  const key = await readKey(io, flags);
  const secrets = await VmSecrets.of(io, flags);
  if (create) {
    const propagationMethod = { qemuGuestAgent: { users: [user] } };
    const name = await secrets.create(
      { named: flags.secret, suffix: 'ssh-key' },
      { [dataKey(key)]: key.line },
      (secretName) => ({ sshPublicKey: { source: { secret: { secretName } }, propagationMethod } }),
    );
    print(io, `Added the key to the new Secret ${name}: ${user} of ${secrets.name} has it from its next start on`);
    return ExitCode.ok;
  }
  const found = keySecrets(secrets, user, flags.secret);
  const name = chosenSecret(secrets.name, found, flags.secret, `keys of ${user}`);
  const secret = await secrets.changeable(name, flags.force);
  const { data = {} } = secret;
  if (Object.values(data).some((value) => holds(value, key))) {
    print(io, `Secret ${name} has the key already`);
    return ExitCode.ok;
  }
  await secrets.change(name, secret, { [dataKey(key)]: key.line });
  print(io, `Added the key to Secret ${name}: ${SOON}`);
  return ExitCode.ok;
};

/** What of a Secret changes when a key goes. */
const without = ({ data = {} }: Secret, key: PublicKey): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => holds(value, key))
      .map(([name, value]) => {
        const left = textOf(value)
          .split('\n')
          .filter((line) => parseKey(line)?.identity !== key.identity);
        return [name, left.some((line) => line.trim() !== '') ? left.join('\n') : null];
      }),
  );

/** `credentials remove-ssh-key VM`. */
export const removeKey = async (io: Io, flags: KeyFlags): Promise<number> => {
  const user = requireUser(flags.user);
  const key = await readKey(io, flags);
  const secrets = await VmSecrets.of(io, flags);
  const found = keySecrets(secrets, user, flags.secret).filter(
    (name) => flags.secret === undefined || name === flags.secret,
  );
  let removed = 0;
  for (const name of found) {
    const secret = await secrets.changeable(name, flags.force);
    const changes = without(secret, key);
    if (Object.keys(changes).length === 0) continue;
    await secrets.change(name, secret, changes);
    removed += 1;
    print(io, `Removed the key from Secret ${name}: ${SOON}`);
  }
  if (removed > 0) return ExitCode.ok;
  const where = found.length === 0 ? 'it has none for this user' : found.join(', ');
  throw new CliError(`no Secret of VirtualMachine ${secrets.name} has the key for ${user} (${where})`, {
    remedy: 'See spec.template.spec.accessCredentials of the VM, and name a Secret with --secret.',
  });
};
