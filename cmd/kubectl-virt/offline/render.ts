import { TAP } from '../../../src/api/vmi/guest-network.js';
import { imageName } from '../../../src/api/images.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import { visibleXml } from '../../../src/api/visible-text.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { hostLabels } from '../../../src/agent/node/host-cpu.js';
import { dedicatedCpuCount, dedicatedCpus } from '../../../src/api/vmi/dedicated-cpus.js';
import { topology } from '../../../src/api/vmi/guest-size.js';
import { isLimitedForLock } from '../../../src/api/vmi/memory-lock.js';
import { buildDomain, DomainError, domainNotices } from '../../../src/domain/index.js';
import type { DiskContext, DomainContext, ExclusiveCpus } from '../../../src/domain/index.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { CliError, ExitCode } from '../errors.js';
import { note } from '../io.js';
import type { Io } from '../io.js';
import { yamlText } from '../yaml-text.js';
import { buildInfo } from '../../../src/kube/program/build-info.js';
import { admitAll, clusterConfig, readConfig, renderFinding, requireAdmitted } from './admission.js';
import type { RenderFlags } from './flags.js';
import { instanceOf } from './instance.js';
import { readInstancetypes } from './instancetypes.js';
import { noteExpansions } from './note-expansions.js';
import { readManifests } from './manifests.js';
import { noteUnchecked } from './report.js';

/** Of nearly every file system. */
const ASSUMED_BLOCKS = { logical: 4096, physical: 4096, discardGranularity: 4096 };

/** What the agent finds out by looking at the images; without a node the usual is assumed, and said. */
const assumedDisks = (vmi: VirtualMachineInstance): Record<string, DiskContext> =>
  Object.fromEntries(
    (vmi.spec.volumes ?? []).map((volume): [string, DiskContext] => [
      volume.name,
      { format: volume.containerDisk ? 'qcow2' : 'raw', blockSize: ASSUMED_BLOCKS },
    ]),
  );

/** A node that nests guests, for VMs that want to (VirtletCPUModel). */
const ASSUMED_NODE = hostLabels(true, { vendor: 'Intel', nested: true });

/** As many CPUs as the VM is to have for itself, cores of as many threads as the guest's; undefined for other VMs. */
const assumedCpus = (vmi: VirtualMachineInstance): ExclusiveCpus | undefined => {
  const dedicated = dedicatedCpus(vmi);
  if (dedicated === undefined) return undefined;
  const { threads } = topology(vmi.spec);
  const allowed = Array.from({ length: dedicatedCpuCount(dedicated) }, (_, id) => id);
  const coreOf = (id: number): number => Math.floor(id / threads);
  const cpus = allowed.map((id) => ({ id, siblings: allowed.filter((other) => coreOf(other) === coreOf(id)) }));
  return { cells: [{ cpus }], allowed };
};

const domainXml = (io: Io, vmi: VirtualMachineInstance, config: ClusterConfig): string => {
  const exclusiveCpus = assumedCpus(vmi);
  const context: DomainContext = {
    config,
    paths: podPaths(vmi.metadata?.uid ?? ''),
    kvmAvailable: !config.useEmulation,
    node: { labels: ASSUMED_NODE },
    // As on a node whose agent may.
    lockMemory: isLimitedForLock(vmi.spec, config),
    disks: assumedDisks(vmi),
    // The MTU is that of the pod's own device, which nobody knows here.
    network: { passt: true, tap: { device: TAP } },
    ...(exclusiveCpus === undefined ? {} : { exclusiveCpus }),
  };
  try {
    const xml = buildDomain(vmi, context);
    for (const { message } of domainNotices(vmi, context)) note(io, message);
    if (exclusiveCpus !== undefined)
      note(io, `Assumed: the pod has the CPUs 0 to ${exclusiveCpus.allowed.length - 1} for itself.`);
    return visibleXml(xml);
  } catch (error) {
    if (error instanceof DomainError) throw new CliError(error.message, { cause: error });
    throw error;
  }
};

/** `render`: what the webhook, the controller or the agent would make of each object. */
export const render = async (io: Io, flags: RenderFlags): Promise<number> => {
  const config = clusterConfig(await readConfig(io, flags.config));
  const known = await readInstancetypes(io, flags);
  const set = admitAll(await readManifests(io, flags), config, undefined, known);
  const { admitted, findings } = set;
  const all = [...findings, ...admitted.flatMap((each) => each.findings)];
  requireAdmitted(all);
  for (const warning of all) note(io, renderFinding(warning));
  noteUnchecked(io, set, all);
  noteExpansions(io, admitted, config);
  const texts = admitted.map((each) => {
    if (flags.output === 'mutated') return yamlText(each.object);
    const vmi = instanceOf(each, config, flags.namespace ?? 'default');
    if (flags.output === 'domain') return domainXml(io, vmi, config);
    return yamlText(buildLauncherPod(vmi, { config, launcherImage: imageName('launcher', buildInfo.version) }));
  });
  if (flags.output === 'domain' && admitted.length > 0) {
    note(
      io,
      'Assumed: KVM works unless useEmulation is set, on an Intel CPU; containerDisks are qcow2 and PVCs raw files, in blocks of 4096 bytes.',
    );
  }
  io.stdout.write(
    texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join(flags.output === 'domain' ? '\n' : '---\n'),
  );
  return set.unchecked ? ExitCode.usage : ExitCode.ok;
};
