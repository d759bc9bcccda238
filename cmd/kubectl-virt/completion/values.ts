import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import { isVisibleLine } from '../../../src/api/visible-text.js';
import type { Command } from '../command.js';
import { connectTo } from '../connect.js';
import type { Candidate, ValueCompletion, ValueKind } from '../flag.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import { loadKubeconfig } from '../../../src/kube/kubeconfig/load.js';
import { objectPath } from '../paths.js';
import type { TargetKind } from '../target.js';
import { Directive } from './candidates.js';
import type { Completion } from './candidates.js';

/** Enough to choose from, and one page for the API server. */
const LIST_LIMIT = 500;

/** What is known of the command line when a value is completed. */
export interface Place {
  readonly io: Io;
  readonly commands: readonly Command[];
  /** kubectl's flags so far. */
  readonly flags: GlobalFlags;
  /** What of the value is there. */
  readonly current: string;
  /** The command's words before it. */
  readonly before: readonly string[];
}

/** What a shell would act on, or read as its end, were it typed for the user: no name that one completes has it. */
const ACTED_ON = /[\s"'`$\\|&;<>(){}[\]*?!#~^]/;

/** The names among these that may stand on a command line as they are: one with a line feed would be two candidates. */
const harmless = (names: readonly unknown[]): string[] =>
  names.filter((name): name is string => typeof name === 'string' && isVisibleLine(name) && !ACTED_ON.test(name));

const candidates = (list: readonly Candidate[]): Completion => ({
  candidates: list.map(([text, about]) => (about === undefined ? text : `${text}\t${about}`)),
  directive: Directive.noFiles,
});
const names = (list: readonly unknown[]): Completion => ({ candidates: harmless(list), directive: Directive.noFiles });

/** The names in a list, without transferring the objects. */
const listNames = async ({ io, flags }: Place, path: (namespace: string) => string): Promise<string[]> => {
  const client = await connectTo(io, flags);
  const list = await client.get<{ items?: { metadata?: { name?: string } }[] }>(
    `${path(client.namespace)}?limit=${LIST_LIMIT}`,
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  );
  return harmless((list.items ?? []).map(({ metadata }) => metadata?.name));
};

const VM_WORD = /^v(m|irtualmachine)s?$/i;
const VMI_WORD = /^v(mi|irtualmachineinstance)s?$/i;
const REPLICA_SET_WORD = /^(vmirss?|virtualmachineinstancereplicasets?)$/i;
const kindOfWord = (word: string): TargetKind | undefined =>
  VM_WORD.test(word) ? 'vm' : VMI_WORD.test(word) ? 'vmi' : undefined;

/** `NAME` of the kind that is meant, or `TYPE/NAME` of the type that is written. */
const targets = async (place: Place, kind: TargetKind): Promise<Completion> => {
  const [type = ''] = /^[a-z]+(?=\/)/i.exec(place.current) ?? [];
  const written = kindOfWord(type);
  // `pause vmi web`: the type as a word of its own.
  const [first = ''] = place.before;
  // `expose vmirs front`, the one command that takes them.
  const isSet = REPLICA_SET_WORD.test(type === '' ? first : type);
  const found = await listNames(place, (namespace) =>
    isSet
      ? `/apis/${GROUP}/${STORED_VERSION}/namespaces/${namespace}/virtualmachineinstancereplicasets`
      : objectPath(written ?? kindOfWord(first) ?? kind, namespace),
  );
  const offered = written === undefined && (type === '' || !isSet) ? found : found.map((name) => `${type}/${name}`);
  return names(offered.filter((name) => !place.before.includes(name)));
};

const kubeconfigNames =
  (kind: 'context' | 'cluster' | 'user') =>
  async ({ io, flags }: Place): Promise<Completion> =>
    names([...(await loadKubeconfig(flags.kubeconfig, io.env))[`${kind}s`].keys()]);

/** Each once; of a first of two words, what those commands are about. */
const firstWords = (commands: readonly Command[]): readonly Candidate[] => [
  ...new Map(
    commands.map(({ name, describe, group }): readonly [string, string] => {
      const [word = name] = name.split(' ');
      return [word, word === name ? describe : group];
    }),
  ),
];

const BY_KIND: Readonly<Record<ValueKind, (place: Place) => Completion | Promise<Completion>>> = {
  file: () => ({ candidates: [], directive: 0 }),
  vm: (place) => targets(place, 'vm'),
  vmi: (place) => targets(place, 'vmi'),
  namespace: async (place) => names(await listNames(place, () => '/api/v1/namespaces')),
  context: kubeconfigNames('context'),
  cluster: kubeconfigNames('cluster'),
  user: kubeconfigNames('user'),
  command: ({ commands }) => candidates(firstWords(commands)),
};

/** What the value may be. */
export const completeValue = async (completion: ValueCompletion, place: Place): Promise<Completion> => {
  if (typeof completion === 'string') return BY_KIND[completion](place);
  return candidates(typeof completion === 'function' ? await completion() : completion.map((text) => [text]));
};
