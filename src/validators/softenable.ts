import { START_ANYWAY } from './start-anyway.js';

/*
 * Rules that a policy of the cluster may soften to a warning or less. All others are fixed: what they refuse would not
 * start, would reach the host or another's rights, would break another VM, or would be something else than was asked
 * for; a new rule is fixed until it is named here. Of these the guest runs as it would without the mistake, which tests
 * show by making its domain and its pod: each is one of START_ANYWAY too.
 */
export const SOFTENABLE: ReadonlySet<string> = new Set([
  // The guest gets its sockets; none can be added while it runs.
  'cpu.max-sockets',
  // Manifests that came from Virtlet and say the same twice: the field counts, the annotation says nothing.
  'ann.vcpu-count-conflict',
  'ann.system-uuid-conflict',
  // A network that no card is connected to: often left over from a template.
  'net.no-iface',
]);

/** By what their ids begin with; the first that fits. */
const WHY_FIXED: readonly (readonly [prefix: string, why: string])[] = [
  ['schema.', 'what it refuses cannot be read'],
  ['field.', 'the VM would not be what was asked for'],
  ['upd.', 'it holds who may change what'],
  ['meta.', 'it keeps the labels and names that programs rely on'],
  ['kv.', 'it is about the KubeVirt object, which no policy is for'],
  // Texts that programs read at each apply must stay small, whoever lets them in.
  ['ci.', 'it keeps what is read at each apply small'],
];

/** Why a rule cannot be softened; undefined: it can. */
export const whyFixed = (id: string): string | undefined => {
  if (SOFTENABLE.has(id) && START_ANYWAY.has(id)) return undefined;
  return (
    WHY_FIXED.find(([prefix]) => id.startsWith(prefix))?.[1] ??
    'what it refuses would not start, or would reach beyond the VM'
  );
};
