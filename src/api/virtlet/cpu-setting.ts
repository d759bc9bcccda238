import { checkCpuSetting } from './cpu-setting-checks.js';
import { cpuSettingShape, type CpuSetting } from './cpu-setting-shape.js';
import type { Problem } from './problem.js';
import { MAX_YAML_LENGTH, readYamlTree } from './yaml-tree.js';

/*
 * Annotation VirtletLibvirtCPUSetting: libvirt's `<cpu>` as YAML. Source: docs/reference/user-guides.md §2.1,
 * docs/reference/density-and-cpu.md §1.4. Shape and words are checked here; whether a host has a model or a feature is
 * libvirt's to say.
 */

export interface CpuSettingOutcome {
  /** To be acted on only where there are no problems. */
  readonly setting: CpuSetting;
  readonly problems: readonly Problem[];
}

const read = (written: string): CpuSettingOutcome => {
  const tree = readYamlTree(written);
  if ('problem' in tree) return { setting: {}, problems: [{ kind: 'syntax', message: tree.problem }] };
  const problems: Problem[] = [];
  const value = cpuSettingShape(tree.root, '', problems) ?? {};
  // What could not be read is not there to be checked: its absence would be a second cause of one mistake.
  return { setting: value, problems: problems.length > 0 ? problems : checkCpuSetting(value) };
};

let last: { written: string; outcome: CpuSettingOutcome } | undefined;

/**
 * What the annotation says. Never throws. An empty text or map is no setting (`{}`). The outcome for the last text is
 * kept, because several rules and defaults ask about the same one.
 */
export const readCpuSetting = (written: string): CpuSettingOutcome => {
  if (last?.written === written) return last.outcome;
  const outcome = read(written);
  // Not a foreign text of any length, only one that was read.
  last = written.length <= MAX_YAML_LENGTH ? { written, outcome } : undefined;
  return outcome;
};

/** Number of CPUs that the setting's topology describes; undefined without one. */
export const settingVcpus = ({ topology }: CpuSetting): number | undefined =>
  topology && Object.values(topology).reduce((product, count) => product * count, 1);
