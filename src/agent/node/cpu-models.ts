import { closeSync, openSync, readSync } from 'node:fs';
import { CPU_FEATURES, CPU_MODELS } from '../../api/cpu-names.js';

/** The CPUs that guests can have on a node: names as libvirt has them. */
export interface CpuModels {
  readonly models: readonly string[];
  readonly features: readonly string[];
  /** The model of the host, as near as libvirt has a name for it. */
  readonly hostModel?: string;
}

export const NO_CPU_MODELS: CpuModels = { models: [], features: [] };

/** libvirt writes a tenth of it. */
const MAX_BYTES = 1 << 20;

/**
 * What `cpu-models.sh` wrote: domain capabilities and, after them, a CPU with every feature of the host's model. Only
 * names that are known: others cannot be asked for.
 */
export const parseCpuModels = (text: string): CpuModels => {
  const end = text.indexOf('</domainCapabilities>');
  if (end === -1) return NO_CPU_MODELS;
  const [capabilities, baseline] = [text.slice(0, end), text.slice(end)];
  const models = [...capabilities.matchAll(/<model usable='yes'[^>]*>([^<]+)<\/model>/g)].map(([, name = '']) => name);
  const features = [...baseline.matchAll(/<feature policy='require' name='([^']+)'\/>/g)].map(([, name = '']) => name);
  const hostMode = /<mode name='host-model' supported='yes'>([^]*?)<\/mode>/.exec(capabilities)?.[1] ?? '';
  const hostModel = /<model[^>]*>([^<]+)<\/model>/.exec(hostMode)?.[1];
  return {
    models: models.filter((name) => CPU_MODELS.has(name)),
    features: features.filter((name) => CPU_FEATURES.has(name)),
    ...(hostModel !== undefined && CPU_MODELS.has(hostModel) ? { hostModel } : {}),
  };
};

/** @param file Undefined or not there: nothing is known. */
export const readCpuModels = (file: string | undefined): CpuModels => {
  if (file === undefined) return NO_CPU_MODELS;
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return NO_CPU_MODELS;
  }
  try {
    const buffer = Buffer.alloc(MAX_BYTES);
    return parseCpuModels(buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MAX_BYTES, 0)));
  } finally {
    closeSync(descriptor);
  }
};
