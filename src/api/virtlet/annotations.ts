import type { CPU } from '../schema/cpu-memory.js';
import type { ObjectMeta } from '../schema/meta.js';
import { canonicalUuid, standsForNoUuid } from '../uuid.js';
import type { CpuSetting } from './cpu-setting-shape.js';
import { readCpuSetting, settingVcpus } from './cpu-setting.js';

/*
 * The four annotations of Virtlet that are acted on. Source: docs/reference/user-guides.md §2,
 * docs/reference/density-and-cpu.md §1–§3. They stand on a VirtualMachineInstance or in a template's metadata.
 */

export const VirtletAnnotation = {
  vcpuCount: 'VirtletVCPUCount',
  cpuModel: 'VirtletCPUModel',
  cpuSetting: 'VirtletLibvirtCPUSetting',
  systemUuid: 'VirtletSystemUUID',
} as const;
export type VirtletKey = (typeof VirtletAnnotation)[keyof typeof VirtletAnnotation];
export const VIRTLET_KEYS: readonly VirtletKey[] = Object.values(VirtletAnnotation);

/** A key that is Virtlet's, acted on or not, also where its case is wrong. */
export const isVirtletKey = (key: string): boolean => /^virtlet[a-z]/i.test(key);

type Annotated = Pick<ObjectMeta, 'annotations'> | undefined;

export const virtletValue = (metadata: Annotated, key: VirtletKey): string | undefined => {
  const annotations = metadata?.annotations;
  return annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
};

/** As in Virtlet: what KVM of its time could do. */
export const MAX_VCPUS = 255;

/** A count as written; undefined: no whole number. It may be zero, negative or too large. */
export const parseVcpuCount = (text: string): number | undefined =>
  /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;

/** The vCPUs that VirtletVCPUCount asks for; zero and less are 1, as in Virtlet. Undefined: none, or no valid count. */
export const annotatedVcpus = (metadata: Annotated): number | undefined => {
  const text = virtletValue(metadata, VirtletAnnotation.vcpuCount);
  const count = text === undefined ? undefined : parseVcpuCount(text);
  return count === undefined || count > MAX_VCPUS ? undefined : Math.max(count, 1);
};

/** The CPU setting to act on; undefined where there is none, or an empty one, or one that is refused. */
export const cpuSettingOf = (metadata: Annotated): CpuSetting | undefined => {
  const text = virtletValue(metadata, VirtletAnnotation.cpuSetting);
  if (text === undefined) return undefined;
  const { setting, problems } = readCpuSetting(text);
  return problems.length > 0 || Object.keys(setting).length === 0 ? undefined : setting;
};

/**
 * Of a setting with `dies` or `clusters` the sockets are as many as keep the number of CPUs: `cpu` has no such parts.
 */
const settingTopology = (metadata: Annotated): CPU | undefined => {
  const setting = cpuSettingOf(metadata);
  const vcpus = setting && settingVcpus(setting);
  const { cores = 1, threads = 1 } = setting?.topology ?? {};
  return vcpus === undefined ? undefined : { sockets: vcpus / (cores * threads), cores, threads };
};

/**
 * The topology that the annotations ask for where `spec.domain.cpu` has none: VirtletVCPUCount sockets, else the
 * topology of the CPU setting (docs/reference/density-and-cpu.md §3.3).
 */
export const annotatedTopology = (metadata: Annotated): CPU | undefined => {
  const sockets = annotatedVcpus(metadata);
  return sockets === undefined ? settingTopology(metadata) : { sockets, cores: 1, threads: 1 };
};

/** `host-model` with nested virtualization was asked for, and no CPU setting that would win over it. */
export const wantsNestedHostModel = (metadata: Annotated): boolean =>
  virtletValue(metadata, VirtletAnnotation.cpuModel) === 'host-model' && cpuSettingOf(metadata) === undefined;

/**
 * The UUID of a text as `firmware.uuid` holds it, in lower case with hyphens; `urn:uuid:`, braces and capitals are
 * read, as in Virtlet. Undefined for a text that is none, and for one that stands for none.
 */
export const parseSystemUuid = (text: string): string | undefined => {
  const uuid = canonicalUuid(text);
  return uuid === undefined || standsForNoUuid(uuid) ? undefined : uuid;
};

/** The UUID that VirtletSystemUUID asks for, canonical; undefined: none, or no UUID. */
export const annotatedUuid = (metadata: Annotated): string | undefined => {
  const text = virtletValue(metadata, VirtletAnnotation.systemUuid);
  return text === undefined ? undefined : parseSystemUuid(text);
};
