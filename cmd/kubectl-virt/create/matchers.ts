import { CLUSTER_KINDS, type InstancetypeRole } from '../../../src/api/instancetype/instancetype-kinds.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { isDnsSubdomain } from '../../../src/validators/rule/names.js';
import { UsageError } from '../errors.js';
import type { Asked } from './volumes.js';

export interface MatcherFlags {
  instancetype?: string;
  'infer-instancetype'?: boolean;
  'infer-instancetype-from'?: string;
  preference?: string;
  'infer-preference'?: boolean;
  'infer-preference-from'?: string;
}

export interface Matcher {
  readonly matcher: Readonly<Record<string, string>>;
  /** The user said so: without such labels the VM is refused. */
  readonly isWanted: boolean;
}

const excluding = (one: string, other: string): UsageError =>
  new UsageError(`--${one} and --${other} exclude each other`, { remedy: 'Keep one of them.' });

const named = (role: InstancetypeRole, text: string): Matcher => {
  const parts = text.split('/');
  const [first = '', second] = parts;
  const name = second ?? first;
  const wanted = CLUSTER_KINDS[role].toLowerCase();
  const kinds = [wanted, wanted.replace('cluster', '')];
  if (parts.length > 2 || !isDnsSubdomain(name) || (second !== undefined && !kinds.includes(first.toLowerCase())))
    throw new UsageError(`invalid --${role} "${visibleLine(text)}"`, {
      remedy: `Write NAME, ${kinds[0] ?? ''}/NAME or ${kinds[1] ?? ''}/NAME.`,
    });
  return { matcher: { ...(second === undefined ? {} : { kind: first.toLowerCase() }), name }, isWanted: true };
};

/** What the VM's instance type or preference is to be; undefined: none. @throws UsageError */
export const matcherOf = (
  role: InstancetypeRole,
  flags: MatcherFlags,
  asked: readonly Asked[],
): Matcher | undefined => {
  const { [role]: text, [`infer-${role}` as const]: infer, [`infer-${role}-from` as const]: from } = flags;
  if (text !== undefined) {
    if (from !== undefined) throw excluding(role, `infer-${role}-from`);
    if (infer === true) throw excluding(role, `infer-${role}`);
    return named(role, text);
  }
  if (from !== undefined) {
    if (infer === false) throw excluding(`no-infer-${role}`, `infer-${role}-from`);
    const found = asked.find(({ volume }) => volume.name === from);
    if (found?.mayName !== true)
      throw new UsageError(
        found === undefined
          ? `--infer-${role}-from: there is no volume "${visibleLine(from)}"`
          : `--infer-${role}-from: the volume "${visibleLine(from)}" has no labels to name one`,
        { remedy: 'Name a volume of --volume-pvc, or of --volume-import with type pvc, snapshot, ds or registry.' },
      );
    return { matcher: { inferFromVolume: from }, isWanted: true };
  }
  if (infer === false) return undefined;
  const [first] = asked;
  if (infer === true && first?.mayName !== true)
    throw new UsageError(`--infer-${role}: the volume that the guest boots from has no labels to name one`, {
      remedy: 'Boot from --volume-pvc, or --volume-import with type pvc, snapshot, ds or registry.',
    });
  if (first?.mayName !== true) return undefined;
  const { name } = first.volume;
  return infer === true
    ? { matcher: { inferFromVolume: name }, isWanted: true }
    : { matcher: { inferFromVolume: name, inferFromVolumeFailurePolicy: 'Ignore' }, isWanted: false };
};
