import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { scrape } from '../../support/program-metrics.js';
import { podsOf } from './faults.js';

/** What one VM uses. */
export interface Use {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};

/** Of the whole pod: every container of it. */
const podCpuSeconds = (pid: string): number => {
  const lines = text(`/proc/${pid}/cgroup`).split('\n');
  const pathOf = (line: string | undefined): string => line?.slice(line.indexOf(':', 3) + 1) ?? '';
  const v1 = lines.find((line) => /^\d+:(?:cpu,)?cpuacct[,:]/.test(line));
  // Below the container's there may be cgroups of its threads.
  const pod = (path: string): string => /^(.*[/-]pod[^/]*)/.exec(path)?.[1] ?? dirname(path);
  if (v1 !== undefined) {
    const [mount = ''] = ['cpuacct', 'cpu,cpuacct'].filter((name) =>
      existsSync(`/sys/fs/cgroup/${name}/cpuacct.usage`),
    );
    return Number(text(`/sys/fs/cgroup/${mount}${pod(pathOf(v1))}/cpuacct.usage`)) / 1e9;
  }
  const path = pathOf(lines.find((line) => line.startsWith('0::'))?.replace('0::', '00:'));
  return Number(/^usage_usec (\d+)$/m.exec(text(`/sys/fs/cgroup${pod(path)}/cpu.stat`))?.[1] ?? NaN) / 1e6;
};

/** What the kernel itself says of every VM of this machine, by the name of its domain. */
export const kernelFigures = (): ReadonlyMap<string, Use> =>
  new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const domain = /guest=([^,\0]+),/.exec(text(`/proc/${pid}/cmdline`))?.[1];
        if (domain === undefined) return [];
        const rss = /^Rss:\s+(\d+) kB$/m.exec(text(`/proc/${pid}/smaps_rollup`))?.[1];
        const use = { residentBytes: Number(rss ?? NaN) * 1024, cpuSeconds: podCpuSeconds(pid) };
        return Number.isFinite(use.residentBytes + use.cpuSeconds) ? [[domain, use] as const] : [];
      }),
  );

/** All series that the agent shows of its VMs. */
export const agentSeries = async (): Promise<ReadonlyMap<string, number>> => {
  const [agent] = await podsOf('virt-agent');
  return scrape(`http://${agent?.status.podIP ?? ''}:8080`);
};

/** What the agent says of the same. */
export const agentFigures = (series: ReadonlyMap<string, number>): ReadonlyMap<string, Use> => {
  const found = new Map<string, Use>();
  for (const [name, residentBytes] of series) {
    const [, labels = ''] = /^kubevirt_vmi_memory_resident_bytes(\{.*\})$/.exec(name) ?? [];
    const [, namespace = '', vm = ''] = /namespace="([^"]+)",name="([^"]+)"/.exec(labels) ?? [];
    const cpuSeconds = series.get(`kubevirt_vmi_cpu_usage_seconds_total${labels}`);
    if (vm !== '' && cpuSeconds !== undefined) found.set(`${namespace}_${vm}`, { residentBytes, cpuSeconds });
  }
  return found;
};
