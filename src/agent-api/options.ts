import { durationMs } from '../api/duration.js';
import type { OptionKind, OptionShape } from './subresource.js';
import { badRequest } from './status-error.js';

/** What each kind of value is in the object that was read. */
interface ValueOf {
  readonly boolean: boolean;
  readonly integer: number;
  readonly dryRun: readonly string[];
  /** As it is written: `durationMs` reads it. */
  readonly duration: string;
  readonly text: string;
  readonly words: readonly string[];
  readonly base64: string;
}

/** What a body of that shape means. */
export type OptionsOf<S extends OptionShape> = { readonly [K in keyof S]?: ValueOf[S[K]] };

/** Options whose shape only the action knows. */
export type Options = Readonly<Record<string, unknown>>;

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const fits: Readonly<Record<OptionKind, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  dryRun: (value) => Array.isArray(value) && value.every((entry) => entry === 'All'),
  duration: (value) => typeof value === 'string' && durationMs(value) !== undefined,
  text: (value) => typeof value === 'string',
  words: isWords,
  base64: (value) => typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value),
};
const wanted: Readonly<Record<OptionKind, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  dryRun: 'the list ["All"], the only dry run there is',
  duration: 'a time such as "5m0s"',
  text: 'a text',
  words: 'a list of texts',
  base64: 'bytes in base64',
};

/** Of a value that is wrong: enough to know it again. */
const MAX_SHOWN = 60;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
};

/**
 * The options in a body. A field that the operation does not know is refused, not ignored.
 * @throws StatusError 400 naming the field, the value and what to send instead
 */
export const readOptions = <S extends OptionShape>(document: Options, shape: S): OptionsOf<S> => {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document)) {
    if (key === 'kind' || key === 'apiVersion' || value === null) continue;
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (kind === undefined) {
      throw badRequest(
        `the body's field "${key.slice(0, MAX_SHOWN)}" is not known here; send ${Object.keys(shape).join(', ')} or nothing`,
      );
    }
    if (!fits[kind](value)) throw badRequest(`the body's field "${key}" is ${shown(value)}; send ${wanted[kind]}`);
    options[key] = value;
  }
  return options as OptionsOf<S>;
};
