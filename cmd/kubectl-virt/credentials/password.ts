import { ExitCode, UsageError } from '../errors.js';
import { print, type Io } from '../io.js';
import type { CredentialFlags } from './flags.js';
import { readText } from './read-secret-text.js';
import { chosenSecret, requireUser, VmSecrets, wantsCreate } from './vm-secrets.js';

type PasswordFlags = CredentialFlags & { password?: string | undefined; file?: string | undefined };

/** As the agent will take it (src/agent/credentials/keys.ts). */
const MOST = 1024;

const readPassword = async (io: Io, { password, file }: PasswordFlags): Promise<string> => {
  if ((password === undefined) === (file === undefined))
    throw new UsageError(`${file === undefined ? 'neither' : 'both'} --password and --file are given`, {
      remedy: 'Give the password by one of them; -f - reads stdin, where nobody else sees it.',
    });
  const text = (password ?? (await readText(io, file ?? ''))).replace(/\r?\n$/, '');
  if (text !== '' && text.length <= MOST && !/\p{Cc}/u.test(text)) return text;
  throw new UsageError(`the password is empty, longer than ${MOST} characters, or has control characters`, {
    remedy: 'Choose another one.',
  });
};

/** `credentials set-password VM`. */
export const setPassword = async (io: Io, flags: PasswordFlags): Promise<number> => {
  const user = requireUser(flags.user);
  const create = wantsCreate(flags);
  const password = await readPassword(io, flags);
  const secrets = await VmSecrets.of(io, flags);
  if (create) {
    const name = await secrets.create(
      { named: flags.secret, suffix: 'password' },
      { [user]: password },
      (secretName) => ({
        userPassword: { source: { secret: { secretName } }, propagationMethod: { qemuGuestAgent: {} } },
      }),
    );
    print(io, `Put the password into the new Secret ${name}: ${user} of ${secrets.name} has it from its next start on`);
    return ExitCode.ok;
  }
  const found = secrets.credentials.flatMap(({ userPassword }) => userPassword?.source.secret?.secretName ?? []);
  const name = chosenSecret(secrets.name, [...new Set(found)], flags.secret, 'passwords');
  const secret = await secrets.changeable(name, flags.force);
  await secrets.change(name, secret, { [user]: password });
  print(io, `Put the password into Secret ${name}: the guest has it within two minutes, if its guest agent runs`);
  return ExitCode.ok;
};
