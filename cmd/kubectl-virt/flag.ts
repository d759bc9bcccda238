/*
 * Flags and arguments as data: what the parser, the help, completion and the page of commands are made from.
 */

/** What completion offers: the text and, where it helps, what it is about. */
export type Candidate = readonly [text: string, about?: string];

/** Kinds of values that completion can list: completion/values.ts says how. */
export type ValueKind = 'file' | 'vm' | 'vmi' | 'namespace' | 'context' | 'cluster' | 'user' | 'command';

/** How a value is completed: by its kind, from a list (an empty one for free text), or by what the command looks up. */
export type ValueCompletion = ValueKind | readonly string[] | (() => Promise<readonly Candidate[]>);

interface Described {
  readonly describe: string;
}

interface Listed {
  /** Whether it may be given several times. */
  readonly array?: true;
}

/** A value is one of a fixed list, which is refused otherwise, or anything, with what completion offers for it. */
type Values = { readonly choices: readonly string[] } | { readonly complete: ValueCompletion };

interface Switch extends Described {
  readonly type: 'boolean';
  readonly default?: boolean;
  readonly alias?: string;
}

type WithValue = Described &
  Listed &
  Values & {
    readonly type: 'string' | 'number';
    readonly default?: string | number;
    readonly alias?: string;
    /** What the flag means without a value. It then never takes the next word for one: `--flag=VALUE`. */
    readonly alone?: string;
    /** The value may be `-`, for stdin. */
    readonly stdin?: true;
    /** A choice is one however it is written, as virtctl takes it: `tcp`. */
    readonly anyCase?: true;
    /** The value may begin with a dash. */
    readonly dashes?: true;
  };

/** Without its dashes it is the key in `Flags`. */
export type Flag = Switch | WithValue;
export type Flags = Readonly<Record<string, Flag>>;

/** A word after the command's name. */
export type Argument = Described &
  Listed &
  Values & {
    readonly type: 'string';
    readonly required?: true;
    /** All words behind `--`, as they are: the last of a command's, and a list. */
    readonly behindDashes?: true;
  };
/** In the order of the words. */
export type Arguments = Readonly<Record<string, Argument>>;

type ValueOf<F> = F extends { choices: readonly (infer Choice)[] }
  ? Choice
  : F extends { type: 'number' }
    ? number
    : F extends { type: 'boolean' }
      ? boolean
      : string;
type OneOrMore<F> = F extends { array: true } ? ValueOf<F>[] : ValueOf<F>;
type AlwaysThere = { readonly default: unknown } | { readonly required: true };

/** What the parser makes of flags or arguments: their values by their names. */
export type ValuesOf<Fs> = {
  -readonly [Name in keyof Fs as Fs[Name] extends AlwaysThere ? Name : never]: OneOrMore<Fs[Name]>;
} & {
  -readonly [Name in keyof Fs as Fs[Name] extends AlwaysThere ? never : Name]?: OneOrMore<Fs[Name]>;
};

/** What a value is completed with. */
export const completionOf = (value: Flag | Argument): ValueCompletion | undefined =>
  'choices' in value ? value.choices : 'complete' in value ? value.complete : undefined;

/** How a flag is written: one that is on unless it is switched off is only ever written as `--no-NAME`. */
export const writtenName = (name: string, flag: Flag): string =>
  `--${flag.type === 'boolean' && flag.default === true ? 'no-' : ''}${name}`;
