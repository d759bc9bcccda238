import { GLOBAL_FLAGS } from '../global-flags.js';
import type { Flag } from '../flag.js';

/** One word for a shell of this system, and for ssh, which replaces what follows a percent sign. */
const quoted = (word: string, platform: NodeJS.Platform): string => {
  const literal = word.replaceAll('%', '%%');
  if (platform === 'win32') return /^[\w%+,./:=@\\-]+$/.test(word) ? literal : `"${literal.replaceAll('"', '\\"')}"`;
  return /^[\w%+,./:=@-]+$/.test(word) ? literal : `'${literal.replaceAll("'", "'\\''")}'`;
};

/** kubectl's flags that were given, as they are given again. @param own that mean something else here */
export const globalWords = (flags: Readonly<Record<string, unknown>>, own: readonly string[]): string[] =>
  Object.entries<Flag>(GLOBAL_FLAGS).flatMap(([name, flag]) => {
    const value = flags[name];
    if (value === undefined || own.includes(name) || ('default' in flag && flag.default === value)) return [];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => `--${name}=${String(one)}`);
  });

/**
 * What ssh runs to reach the guest: this very program, as it was called.
 * @param self words that call it
 */
export const proxyCommand = (
  self: readonly string[],
  words: readonly string[],
  { target, port }: { readonly target: string; readonly port: string },
  platform: NodeJS.Platform = process.platform,
): string =>
  [...self, 'port-forward', '--stdio=true', ...words, target, port].map((one) => quoted(one, platform)).join(' ');

/** The words that call the plugin as it runs now. */
export const ownWords = ({ execPath, execArgv, argv }: NodeJS.Process): readonly string[] => [
  execPath,
  ...execArgv,
  ...argv.slice(1, 2),
];
