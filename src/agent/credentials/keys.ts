/** More than anybody has, and less than would make a long command of the guest's agent. */
const MAX_KEYS = 256;
/** A key of RSA with 16,384 bits has 2.8 KiB. */
const MAX_KEY = 8 * 1024;

const hasControls = (text: string): boolean => /\p{Cc}/u.test(text);

/**
 * The SSH keys of a Secret: one or more in each value, a line each; empty lines and comments are none.
 * @throws Error that names the Secret, and none of what it holds
 */
export const keysOf = (secretName: string, values: Iterable<Buffer>): string[] => {
  const lines = [...values].flatMap((value) => value.toString('utf8').split('\n'));
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length > MAX_KEYS) throw new Error(`Secret ${secretName} has more than ${MAX_KEYS} SSH keys`);
  if (keys.some((key) => key.length > MAX_KEY || hasControls(key)))
    throw new Error(`Secret ${secretName} has a line that is no SSH key: too long, or with control characters`);
  return keys;
};

/**
 * A password, without the end of the line that a file brings.
 * @throws Error that names the Secret and the user alone
 */
export const passwordOf = (secretName: string, user: string, value: Buffer): string => {
  const text = value.toString('utf8').replace(/\r?\n$/, '');
  if (text === '' || text.length > 1024 || hasControls(text))
    throw new Error(
      `Secret ${secretName}: the password of ${user} is empty, longer than 1024 characters, or has control characters`,
    );
  return text;
};
