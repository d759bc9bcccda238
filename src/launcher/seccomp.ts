import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { usesPasst } from '../api/vmi/guest-network.js';
import { LAUNCHER_PROFILE, SECCOMP_DIRECTORY } from './seccomp-profile.js';

/** As a pod's securityContext has it since Kubernetes 1.19. */
export type SeccompProfile =
  { readonly type: 'RuntimeDefault' } | { readonly type: 'Localhost'; readonly localhostProfile: string };

export const RUNTIME_DEFAULT: SeccompProfile = { type: 'RuntimeDefault' };
const OURS: SeccompProfile = {
  type: 'Localhost',
  localhostProfile: `${SECCOMP_DIRECTORY}/${LAUNCHER_PROFILE.fileName}`,
};

/** Of any version. */
const OUR_FILE = new RegExp(`^${SECCOMP_DIRECTORY}/launcher-[0-9a-f]{32}\\.json$`);

type Labels = Readonly<Record<string, string>>;

/** QEMU's call for it is one that the runtime's own profile refuses. */
const bindsMemory = ({ spec }: VirtualMachineInstance): boolean =>
  spec.domain.cpu?.numa?.guestMappingPassthrough !== undefined;

/**
 * There are nodes that the pod's own selector permits, and none of them has the profile: their agents are of a
 * version that knows of none, or of one with another profile. A pod that asked for it would wait until they are
 * updated. One node is enough to ask for it: else a single node that leaves its label out would take the profile from
 * all others' pods.
 */
const isNowhere = (selector: Labels, nodes: readonly Labels[]): boolean => {
  const wanted = Object.entries(selector);
  const candidates = nodes.filter((labels) => wanted.every(([key, value]) => labels[key] === value));
  return (
    candidates.length > 0 && candidates.every((labels) => labels[Label.seccompProfile] !== LAUNCHER_PROFILE.digest)
  );
};

/**
 * The seccomp profile of the compute container, and the nodes where kubelet has it. The runtime's own everywhere but
 * with passt or NUMA passthrough, which that one does not let start; then ours, on nodes whose agent reports it; none
 * while no node that the VM could be scheduled to has it. Pure.
 *
 * @param nodes their labels; undefined: not known, then the profile is taken to be there.
 */
export const computeSeccomp = (
  vmi: VirtualMachineInstance,
  selector: Record<string, string>,
  nodes: readonly Labels[] | undefined,
): { readonly profile: SeccompProfile | undefined; readonly nodeSelector: Record<string, string> } => {
  if (!usesPasst(vmi) && !bindsMemory(vmi)) return { profile: RUNTIME_DEFAULT, nodeSelector: selector };
  if (nodes !== undefined && isNowhere(selector, nodes)) return { profile: undefined, nodeSelector: selector };
  return { profile: OURS, nodeSelector: { ...selector, [Label.seccompProfile]: LAUNCHER_PROFILE.digest } };
};

/**
 * Whether a pod that no node has taken yet asks for another profile than its VMI's pod would now: the agents were
 * updated meanwhile, or rolled back. The node selector, which is set together with the profile, shows which.
 */
export const asksForOtherProfile = (
  vmi: VirtualMachineInstance,
  selector: Readonly<Record<string, string>>,
  nodes: readonly Labels[],
): boolean => {
  const { [Label.seccompProfile]: asked, ...others } = selector;
  return computeSeccomp(vmi, others, nodes).nodeSelector[Label.seccompProfile] !== asked;
};

/** Whether it is what {@link computeSeccomp} may say of a pod with passt, in this version or another. */
export const isOurChoice = (profile: unknown): boolean => {
  if (profile === undefined) return true;
  if (typeof profile !== 'object' || profile === null) return false;
  const { type, localhostProfile } = profile as { readonly type?: unknown; readonly localhostProfile?: unknown };
  return type === 'Localhost' && typeof localhostProfile === 'string' && OUR_FILE.test(localhostProfile);
};
