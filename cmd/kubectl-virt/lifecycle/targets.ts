import type { ApiClient } from '../client/client.js';
import { listAll, METADATA_ALONE } from '../client/list.js';
import { UsageError } from '../errors.js';
import { objectPath } from '../paths.js';
import { parseKind, parseTarget } from '../target.js';
import type { Target } from '../target.js';
import type { ActFlags } from './act-flags.js';
import type { Action } from './action.js';

/** Whether a word is a type, as the first of `pause vm web`. */
const isKind = (word: string): boolean => /^v(m|mi|irtualmachine|irtualmachineinstance)s?$/i.test(word);

/** The targets that are named. @throws UsageError for none, and for names beside a selector */
export const namedTargets = (action: Action, flags: ActFlags, program: string): readonly Target[] => {
  const { targets: words = [], selector, all = false } = flags;
  const [first = '', ...rest] = words;
  const isSelected = selector !== undefined || all;
  if (words.length === 0 && !isSelected)
    throw new UsageError(`${action.name}: an argument is missing`, {
      remedy: `Name a virtual machine, or choose several with -l LABEL=VALUE or --all. See: ${program} ${action.name} --help`,
    });
  if (isSelected && words.length > 0)
    throw new UsageError(`${action.name}: names stand beside ${all ? '--all' : '--selector'}`, {
      remedy: 'Give names, or a selector, or --all.',
    });
  // To the API server it means everything, and so would `-l "$SEL"` of a variable that is not set.
  if (selector?.trim() === '')
    throw new UsageError(`${action.name}: the selector is empty, which would choose every virtual machine`, {
      remedy: 'Give -l LABEL=VALUE; if all of the namespace are meant, say --all.',
    });
  if (selector !== undefined && all)
    throw new UsageError('--selector and --all exclude each other', { remedy: 'Keep one of them.' });
  const typed = action.takesTypeWord === true && rest.length > 0 && isKind(first);
  const targets = typed
    ? rest.map((word) => ({ ...parseTarget(word), kind: parseKind(first) }))
    : words.map((word) => parseTarget(word));
  for (const { kind, name } of targets)
    if (action.on === 'vm' && kind === 'vmi')
      throw new UsageError(`${action.name} acts on a VirtualMachine, not on a VirtualMachineInstance`, {
        remedy: `Name the VM: vm/${name}. An instance without a VM starts when it is created and stops when it is deleted.`,
      });
  return targets;
};

interface Named {
  readonly metadata?: { readonly name?: string };
}

/** The objects of the namespace that the selector chooses, or all. */
export const selectedTargets = async (
  client: ApiClient,
  { on }: Action,
  selector: string | undefined,
): Promise<readonly Target[]> => {
  const listed = await listAll<Named>(client, objectPath(on, client.namespace), {
    selector,
    accept: METADATA_ALONE,
  });
  const names = listed.flatMap(({ metadata }) => metadata?.name ?? []);
  // A name of the server's, checked as one that was typed.
  return names.map((name) => ({ ...parseTarget(name), kind: on }));
};
