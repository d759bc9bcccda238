/*
 * Kernel same-page merging, as far as it is arithmetic: from the node's memory and what KSM does now to what it is to
 * do until the next look. Pure. Source: docs/reference/density-and-cpu.md §6.7.
 */

/** How eagerly the node merges. Defaults, or what the node's annotations say. */
export interface KsmSettings {
  /** Pages per scan that are added at each look under pressure, and taken away (it is negative) without. */
  readonly boost: number;
  readonly decay: number;
  readonly min: number;
  readonly max: number;
  /** With how many it starts. */
  readonly init: number;
  /** Milliseconds between scans on a node that uses 16 GiB; one that uses more sleeps less. */
  readonly sleepMs: number;
  /** Of the memory; with less of it available there is pressure. */
  readonly freeFraction: number;
}

export const KSM_OVERRIDES = {
  boost: 'kubevirt.io/ksm-pages-boost-override',
  decay: 'kubevirt.io/ksm-pages-decay-override',
  min: 'kubevirt.io/ksm-pages-min-override',
  max: 'kubevirt.io/ksm-pages-max-override',
  init: 'kubevirt.io/ksm-pages-init-override',
  sleepMs: 'kubevirt.io/ksm-sleep-ms-baseline-override',
  freeFraction: 'kubevirt.io/ksm-free-percent-override',
} as const satisfies Record<keyof KsmSettings, string>;

/** As much as the kernel takes of pages, and of milliseconds. */
const MOST = 2 ** 32 - 1;
const INTEGER = /^-?\d{1,10}$/;
const DECIMAL = /^\d{0,3}(?:\.\d{1,9})?$/;

/**
 * The settings of a node with these annotations. What is no number or out of bounds counts as the default, and where
 * that is not inside of them either as the lower bound.
 * @returns `problems`, a sentence for each annotation that does not count
 */
export const ksmSettings = (
  annotations: Readonly<Record<string, string>>,
): { readonly settings: KsmSettings; readonly problems: readonly string[] } => {
  const problems: string[] = [];
  const value = (name: keyof KsmSettings, preset: number, least: number, most: number): number => {
    const instead = least < preset && preset < most ? preset : least;
    const key = KSM_OVERRIDES[name];
    const text = Object.hasOwn(annotations, key) ? annotations[key]?.trim() : undefined;
    if (text === undefined) return instead;
    const form = name === 'freeFraction' ? DECIMAL : INTEGER;
    const number = text !== '' && form.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const shown = JSON.stringify(text.slice(0, 20));
    problems.push(`annotation ${key}: ${shown} is no number from ${least} to ${most}; ${instead} is used`);
    return instead;
  };
  const min = value('min', 64, 0, MOST);
  const max = value('max', 1250, min, MOST);
  const settings = {
    boost: value('boost', 300, 0, MOST),
    decay: value('decay', -50, -MOST, 0),
    min,
    max,
    init: value('init', 100, min, max),
    sleepMs: value('sleepMs', 100, 1, MOST),
    freeFraction: value('freeFraction', 0.2, 0, 1),
  };
  return { settings, problems };
};

export interface NodeMemory {
  readonly totalKiB: number;
  readonly availableKiB: number;
}

export interface KsmState {
  readonly running: boolean;
  /** Pages per scan. */
  readonly pages: number;
}

export type KsmStep =
  { readonly run: false } | { readonly run: true; readonly pages: number; readonly sleepMs: number };

const USED_AT_BASELINE_KIB = 16 * 1024 * 1024;
const STOP: KsmStep = { run: false };

const sleepOf = ({ totalKiB, availableKiB }: NodeMemory, { sleepMs }: KsmSettings): number => {
  const used = totalKiB - availableKiB;
  // By bigint: the product may be more than a number holds exactly.
  const scaled = used > 0 ? Number((BigInt(sleepMs) * BigInt(USED_AT_BASELINE_KIB)) / BigInt(used)) : MOST;
  // Without any sleep ksmd would have a CPU to itself.
  return Math.min(MOST, Math.max(scaled, Math.floor(sleepMs / 10), 1));
};

/** What KSM is to do until the next look. */
export const ksmStep = ({ running, pages }: KsmState, memory: NodeMemory, settings: KsmSettings): KsmStep => {
  const { boost, decay, min, max, init, freeFraction } = settings;
  const pressure = !(memory.availableKiB > memory.totalKiB * freeFraction);
  if (!running && !pressure) return STOP;
  const next = running ? pages + (pressure ? boost : decay) : init;
  if (!pressure && next < min) return STOP;
  return { run: true, pages: Math.min(Math.max(next, min), max), sleepMs: sleepOf(memory, settings) };
};
