import { tryQuantity } from '../../api/quantity.js';
import { SWAP_BEHAVIORS, type KubeletMemorySettings } from '../../api/virt-node/virt-node.js';
import { isRecord } from '../../api/record.js';

/*
 * What a kubelet was told about memory: by its command line, its configuration file and the files that are laid over
 * that, in this order of precedence. What is not told is kubelet's default. Pure. Source:
 * docs/reference/density-and-cpu.md §6.5, §6.6, §6.8.
 */

type Json = Readonly<Record<string, unknown>>;

/** 100Mi: what kubelet keeps free where nobody says anything. */
const DEFAULT_HARD = 100 * 1024 * 1024;
const MEMORY = 'memory.available';

/** Laid over each other as kubelet does: maps are merged, null takes away, all else replaces. */
const overlay = (under: unknown, over: unknown): unknown => {
  if (!isRecord(over)) return over;
  const merged = new Map(Object.entries(isRecord(under) ? under : {}));
  for (const [name, value] of Object.entries(over)) {
    if (value === null) merged.delete(name);
    else merged.set(name, overlay(merged.get(name), value));
  }
  return Object.fromEntries(merged);
};

/** The last value of a flag of kubelet: `--name=value` or `--name value`. */
export const flagOf = (argv: readonly string[], name: string): string | undefined => {
  const at = argv.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = argv[at];
  if (word === undefined) return undefined;
  return word === `--${name}` ? argv[at + 1] : word.slice(`--${name}=`.length);
};

/** `a<1,b=2` → a: 1, b: 2. */
const pairs = (text: string | undefined, sign: string): Json | undefined =>
  text === undefined
    ? undefined
    : Object.fromEntries(
        text
          .split(',')
          .map((pair) => pair.split(sign))
          .filter(([name, value]) => name !== undefined && value !== undefined)
          .map(([name = '', value]) => [name.trim(), value?.trim()]),
      );

/** The command line as the configuration that it stands for. */
const asConfiguration = (argv: readonly string[]): Json => {
  const failSwapOn = flagOf(argv, 'fail-swap-on') ?? (argv.includes('--fail-swap-on') ? 'true' : undefined);
  const grace = flagOf(argv, 'eviction-max-pod-grace-period');
  const told = {
    evictionHard: pairs(flagOf(argv, 'eviction-hard'), '<'),
    evictionSoft: pairs(flagOf(argv, 'eviction-soft'), '<'),
    evictionSoftGracePeriod: pairs(flagOf(argv, 'eviction-soft-grace-period'), '='),
    evictionMaxPodGracePeriod: grace === undefined ? undefined : Number(grace),
    systemReserved: pairs(flagOf(argv, 'system-reserved'), '='),
    kubeReserved: pairs(flagOf(argv, 'kube-reserved'), '='),
    failSwapOn: failSwapOn === undefined ? undefined : failSwapOn !== 'false',
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
};

/** A flag replaces a whole field: of a map that is in the file nothing is left. */
const effective = (argv: readonly string[], files: readonly unknown[]): Json => {
  const file = files.reduce<unknown>((under, over) => overlay(under, over), {});
  return { ...(isRecord(file) ? file : {}), ...asConfiguration(argv) };
};

/** What a number cannot hold exactly no machine has. */
const bytesOf = (value: unknown): number => {
  const quantity = typeof value === 'string' || typeof value === 'number' ? tryQuantity(value) : undefined;
  const bytes = Number(quantity?.value() ?? 0n);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
};

const thresholdOf = (value: unknown, memoryBytes: number): number => {
  const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? bytesOf(value) : Math.floor((memoryBytes * Number(percent)) / 100);
};

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Go's durations, `1m30s`, in whole seconds. */
const secondsOf = (value: unknown): number | undefined => {
  if (typeof value !== 'string' || !/^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s)){1,4}$/.test(value)) return undefined;
  const parts = [...value.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return Math.round(parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0), 0));
};

const hardOf = (configuration: Json, memoryBytes: number): number => {
  const { evictionHard, mergeDefaultEvictionSettings } = configuration;
  if (!isRecord(evictionHard)) return DEFAULT_HARD;
  // Who names any threshold has switched off the defaults of all others.
  if (evictionHard[MEMORY] === undefined) return mergeDefaultEvictionSettings === true ? DEFAULT_HARD : 0;
  return thresholdOf(evictionHard[MEMORY], memoryBytes);
};

const field = (configuration: Json, name: string, key: string): unknown => {
  const map = configuration[name];
  return isRecord(map) ? map[key] : undefined;
};

/**
 * @param argv kubelet's command line
 * @param files its configuration file and those over it, parsed
 * @param memoryBytes of the node, for thresholds in per cent
 */
export const kubeletSettings = (
  argv: readonly string[],
  files: readonly unknown[],
  memoryBytes: number,
): KubeletMemorySettings => {
  const configuration = effective(argv, files);
  const soft = thresholdOf(field(configuration, 'evictionSoft', MEMORY), memoryBytes);
  const softGrace = secondsOf(field(configuration, 'evictionSoftGracePeriod', MEMORY));
  const grace = configuration['evictionMaxPodGracePeriod'];
  const swap = field(configuration, 'memorySwap', 'swapBehavior');
  return {
    evictionHardBytes: hardOf(configuration, memoryBytes),
    ...(soft > 0 ? { evictionSoftBytes: soft } : {}),
    ...(soft > 0 && softGrace !== undefined ? { evictionSoftGraceSeconds: softGrace } : {}),
    evictionMaxPodGraceSeconds: Number.isSafeInteger(grace) ? Number(grace) : 0,
    systemReservedBytes: bytesOf(field(configuration, 'systemReserved', 'memory')),
    kubeReservedBytes: bytesOf(field(configuration, 'kubeReserved', 'memory')),
    failSwapOn: configuration['failSwapOn'] !== false,
    swapBehavior: SWAP_BEHAVIORS.find((known) => known === swap) ?? 'NoSwap',
  };
};
