import { MULTUS } from '../api/multus.js';
import { Label } from '../api/names.js';
import { COMPUTE_CONTAINER } from './containers.js';
import { withoutKeptOff } from './keep-off.js';
import type { LauncherPodSpec } from './pod.js';
import { type Json, podEssence } from './pod-essence.js';
import { isOurChoice, RUNTIME_DEFAULT } from './seccomp.js';

/** As much of a pod as is compared: one of ours, or one that was found. */
export interface ComparedPod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly spec?: object | undefined;
}

export interface Tolerance {
  /**
   * The pod was made by an earlier version of ours, whose launcher image may be one of these and which may have set no
   * seccomp profile.
   */
  readonly earlierImages?: readonly string[];
}

/** By which a container leaves the confinement of AppArmor; a field since Kubernetes 1.30, an annotation before. */
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
/** Of a value that is not ours: enough to recognize it, not enough to fill an event with. */
const SHOWN = 80;

interface Difference {
  readonly path: string;
  readonly wanted: Json | undefined;
  readonly is: Json | undefined;
}

/**
 * The first thing that matters in which a found pod differs from the one that we would make, as
 * `spec.containers[compute].image is "a", not "b"`; undefined: none. What the API server and its admission plugins add
 * by themselves is no difference; a field that we do not know is one. Pure.
 */
export const podDifference = (
  built: ComparedPod,
  found: ComparedPod,
  tolerance: Tolerance = {},
): string | undefined => {
  const [wanted, is] = [essenceOf(built), essenceOf(found)];
  const difference =
    differenceOf(wanted, withOurChoice(asOfEarlier(is, wanted, tolerance), wanted), 'spec') ??
    placement(built, found) ??
    pullPolicy(built, found) ??
    annotations(built, found);
  return difference && `${difference.path} is ${show(difference.is)}, not ${show(difference.wanted)}`;
};

const essenceOf = ({ spec = {} }: ComparedPod): { readonly [key: string]: Json } => {
  const { affinity, ...rest } = spec as Pick<LauncherPodSpec, 'affinity'>;
  return podEssence({ ...rest, affinity: withoutKeptOff(affinity) });
};

const show = (value: Json | undefined): string => {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
};

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `containers[compute]` is understood sooner than `containers[0]`. */
const entryName = (entry: Json | undefined, index: number): string =>
  isObject(entry) && typeof entry['name'] === 'string' ? entry['name'] : String(index);

const differenceOf = (wanted: Json | undefined, is: Json | undefined, path: string): Difference | undefined => {
  if (isList(wanted) && isList(is)) {
    const indices = Array.from({ length: Math.max(wanted.length, is.length) }, (_, index) => index);
    return first(indices, (i) => differenceOf(wanted[i], is[i], `${path}[${entryName(wanted[i] ?? is[i], i)}]`));
  }
  if (isObject(wanted) && isObject(is)) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(is)])];
    return first(keys, (key) => differenceOf(own(wanted, key), own(is, key), `${path}.${key}`));
  }
  return wanted === is ? undefined : { path, wanted, is };
};

const own = (object: { readonly [key: string]: Json }, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const first = <T>(list: readonly T[], look: (entry: T) => Difference | undefined): Difference | undefined => {
  for (const entry of list) {
    const difference = look(entry);
    if (difference) return difference;
  }
  return undefined;
};

type JsonObject = { readonly [key: string]: Json };

/** The pod with each container as `change` makes it of the found one and of ours in its place. */
const withContainers = (
  is: JsonObject,
  wanted: JsonObject,
  change: (container: JsonObject, ours: JsonObject) => JsonObject,
): JsonObject => {
  const lists = ['containers', 'initContainers'].flatMap((key): [string, Json][] => {
    const [list, ours] = [own(is, key), own(wanted, key)];
    if (!isList(list) || !isList(ours)) return [];
    const changed = list.map((entry, index) => {
      const today = ours[index];
      return isObject(entry) && isObject(today) ? change(entry, today) : entry;
    });
    return [[key, changed]];
  });
  return { ...is, ...Object.fromEntries(lists) };
};

/** Of a pod's or a container's securityContext. */
const profileOf = (place: JsonObject): Json | undefined => {
  const context = own(place, 'securityContext');
  return isObject(context) ? own(context, 'seccompProfile') : undefined;
};

const withProfile = (place: JsonObject, profile: Json | undefined): JsonObject => {
  const context = own(place, 'securityContext');
  if (!isObject(context)) return place;
  const { seccompProfile: before, ...rest } = context;
  if (before === profile) return place;
  return { ...place, securityContext: profile === undefined ? rest : { ...rest, seccompProfile: profile } };
};

/**
 * The found pod as today's version would have made it, as far as an earlier one may differ: in our image, and in having
 * set no profile.
 */
const asOfEarlier = (is: JsonObject, wanted: JsonObject, { earlierImages }: Tolerance): JsonObject => {
  if (earlierImages === undefined) return is;
  const profiled = (place: JsonObject, today: JsonObject): JsonObject =>
    profileOf(place) === undefined ? withProfile(place, profileOf(today)) : place;
  const containers = withContainers(is, wanted, (container, today) => {
    const image = own(container, 'image');
    const replaced = typeof image === 'string' && earlierImages.includes(image) && isOurImage(today, wanted);
    return profiled(replaced ? { ...container, image: own(today, 'image') ?? null } : container, today);
  });
  return profiled(containers, wanted);
};

/**
 * The profile of `compute` with passt depends on the nodes of the moment (`seccomp.ts`): none or one of ours, whose
 * files nobody but the nodes' agents can write. A pod that was made a moment earlier is ours with either.
 */
const withOurChoice = (is: JsonObject, wanted: JsonObject): JsonObject =>
  withContainers(is, wanted, (container, today) =>
    own(today, 'name') === COMPUTE_CONTAINER &&
    isOurChoice(profileOf(container)) &&
    mayHaveBeen(profileOf(container), profileOf(today))
      ? withProfile(container, profileOf(today))
      : container,
  );

/** One of ours stands for the runtime's own too: a version that knew of no tap asked for it. */
const mayHaveBeen = (found: Json | undefined, today: Json | undefined): boolean =>
  isOurChoice(today) || (found !== undefined && isObject(today) && today['type'] === RUNTIME_DEFAULT.type);

/**
 * The launcher image stands in compute and in the init container; a containerDisk's image is the user's and never
 * changes.
 */
const isOurImage = (container: { readonly [key: string]: Json }, wanted: { readonly [key: string]: Json }): boolean => {
  const [compute] = isList(wanted['containers']) ? wanted['containers'] : [];
  return isObject(compute) && own(compute, 'image') === own(container, 'image');
};

const specOf = ({ spec }: ComparedPod): { readonly [key: string]: Json } =>
  (spec ?? {}) as { readonly [key: string]: Json };

/** Plugins may add to these, and nothing may be missing. */
const placement = (built: ComparedPod, found: ComparedPod): Difference | undefined => {
  const [wanted, is] = [specOf(built), specOf(found)];
  const [selector, foundSelector] = [wanted['nodeSelector'] ?? {}, is['nodeSelector'] ?? {}];
  if (!isObject(selector) || !isObject(foundSelector)) return undefined;
  // The selector for the profile belongs to the profile, and no user asked for it.
  const places = Object.keys(selector).filter((name) => name !== Label.seccompProfile);
  const key = places.find((name) => own(foundSelector, name) !== own(selector, name));
  if (key !== undefined) {
    return { path: `spec.nodeSelector[${key}]`, wanted: own(selector, key), is: own(foundSelector, key) };
  }
  const { priorityClassName: priority } = wanted;
  if (typeof priority === 'string' && priority !== '' && is['priorityClassName'] !== priority)
    return { path: 'spec.priorityClassName', wanted: priority, is: is['priorityClassName'] };
  const [secrets, foundSecrets] = [wanted['imagePullSecrets'] ?? [], is['imagePullSecrets'] ?? []];
  const names = (list: Json): string[] => (isList(list) ? list.map(entryName) : []);
  const missing = names(secrets).find((name) => !names(foundSecrets).includes(name));
  return missing === undefined ? undefined : { path: 'spec.imagePullSecrets', wanted: missing, is: foundSecrets };
};

/** Always is what the plugin AlwaysPullImages makes of every pod, and asks no less of a registry. */
const pullPolicy = (built: ComparedPod, found: ComparedPod): Difference | undefined =>
  first(['containers', 'initContainers'], (key) => {
    const [wanted, is] = [specOf(built)[key], specOf(found)[key]];
    if (!isList(wanted) || !isList(is)) return undefined;
    return first(
      wanted.map((entry, index) => [entry, is[index]] as const),
      ([ours, theirs]) => {
        if (!isObject(ours) || !isObject(theirs)) return undefined;
        const [policy, foundPolicy] = [ours['imagePullPolicy'], theirs['imagePullPolicy']];
        if (policy === undefined || policy === foundPolicy || foundPolicy === 'Always') return undefined;
        return { path: `spec.${key}[${entryName(ours, 0)}].imagePullPolicy`, wanted: policy, is: foundPolicy };
      },
    );
  });

/** Those that loosen confinement, or connect the pod to networks. */
const annotations = (built: ComparedPod, found: ComparedPod): Difference | undefined => {
  const [wanted, is] = [built.metadata?.annotations ?? {}, found.metadata?.annotations ?? {}];
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(is)])].filter(
    (key) => key.startsWith(APPARMOR) || key === MULTUS.networks || key === MULTUS.default,
  );
  return first(keys, (key) => differenceOf(wanted[key], is[key], `metadata.annotations[${key}]`));
};
