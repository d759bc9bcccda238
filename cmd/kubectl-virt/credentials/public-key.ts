import { createHash } from 'node:crypto';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { readText } from './read-secret-text.js';
import type { KeyFlags } from './flags.js';

/** A public key, a line of authorized_keys without options. */
export interface PublicKey {
  readonly line: string;
  /** What makes it this key: type and body, without the comment. */
  readonly identity: string;
}

const KEY = /^((?:ssh|ecdsa|sk)-[\w@.-]+) ([A-Za-z0-9+/]{16,}={0,3})(?: [^\p{Cc}]*)?$/u;

/** Undefined for a line that is none. */
export const parseKey = (line: string): PublicKey | undefined => {
  const [text = '', type = '', body = ''] = KEY.exec(line.trim()) ?? [];
  return text === '' ? undefined : { line: text, identity: `${type} ${body}` };
};

/** The key of a Secret's value that has this name is this one. */
export const dataKey = ({ identity }: PublicKey): string =>
  `ssh-key-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;

/** The one key that is named. @throws UsageError */
export const readKey = async (io: Io, { file, value }: KeyFlags): Promise<PublicKey> => {
  if ((file === undefined) === (value === undefined))
    throw new UsageError(`${file === undefined ? 'neither' : 'both'} --file and --value are given`, {
      remedy: 'Give the public key as one of them: -f ~/.ssh/id_ed25519.pub.',
    });
  const text = value ?? (await readText(io, file ?? ''));
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [key, ...more] = lines.map(parseKey);
  if (key !== undefined && more.length === 0) return key;
  throw new UsageError(`${file ?? '--value'} is not one public SSH key`, {
    remedy: text.includes('PRIVATE KEY')
      ? 'That is the private key: name the file beside it that ends in .pub.'
      : 'It is a line such as "ssh-ed25519 AAAA… me@home".',
  });
};
