import { UsageError } from './errors.js';

export type TargetKind = 'vm' | 'vmi';

/** What a command acts on. `kind` and `namespace` are undefined where the user left them out. */
export interface Target {
  readonly kind: TargetKind | undefined;
  readonly name: string;
  readonly namespace: string | undefined;
}

const KINDS: Readonly<Record<string, TargetKind>> = {
  vm: 'vm',
  vms: 'vm',
  virtualmachine: 'vm',
  virtualmachines: 'vm',
  vmi: 'vmi',
  vmis: 'vmi',
  virtualmachineinstance: 'vmi',
  virtualmachineinstances: 'vmi',
};

const FORMS = 'Write NAME, vm/NAME, vmi/NAME or vm/NAME/NAMESPACE.';

/**
 * A path segment must not be able to leave its place in the URL. Same rule as DNS-1123 subdomains, without its lengths.
 */
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

const checkName = (what: 'name' | 'namespace', value: string): string => {
  if (value === '') throw new UsageError(`${what} cannot be empty`, { remedy: FORMS });
  if (!NAME.test(value)) {
    throw new UsageError(`"${value}" is not a valid ${what}`, {
      remedy: 'Use lower-case letters, digits, "-" and ".", starting and ending with a letter or digit.',
    });
  }
  return value;
};

export const parseKind = (text: string): TargetKind => {
  const kind = KINDS[text.toLowerCase()];
  if (kind === undefined) {
    throw new UsageError(`unsupported resource type '${text}'`, { remedy: 'Use vm or vmi.' });
  }
  return kind;
};

/**
 * `NAME`, `TYPE/NAME` or `TYPE/NAME/NAMESPACE`; TYPE in any case, singular, plural or short.
 * Source: docs/reference/control.md §1.2 (every form is accepted by every command).
 * @throws UsageError with the texts of that section
 */
export const parseTarget = (text: string): Target => {
  if (text === '') throw new UsageError('target cannot be empty', { remedy: FORMS });
  const parts = text.split('/');
  if (parts.length > 3) throw new UsageError(`target "${text}" is not valid with more than two '/'`, { remedy: FORMS });
  const [first = '', name, namespace] = parts;
  if (name === undefined) return { kind: undefined, name: checkName('name', first), namespace: undefined };
  return {
    kind: parseKind(first),
    name: checkName('name', name),
    namespace: namespace === undefined ? undefined : checkName('namespace', namespace),
  };
};

/** The value of `-n`: a leading `ns/`, `namespace/` or `namespaces/` is dropped. */
export const parseNamespace = (text: string): string => checkName('namespace', text.replace(/^(ns|namespaces?)\//, ''));
