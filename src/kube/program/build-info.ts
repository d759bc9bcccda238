import { KUBEVIRT_RELEASE } from '../../api/names.js';
import type { Architecture } from '../../api/settings/cluster-config.js';

/** Filled in by scripts/build.mjs; the fallbacks are for running from source. */
declare const __VERSION__: string | undefined;
declare const __COMMIT__: string | undefined;
declare const __BUILD_DATE__: string | undefined;

/** Kubernetes' words for Node's, where they differ or Node has others too. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: 'amd64',
  arm64: 'arm64',
  s390x: 's390x',
  // Node runs on ppc64 in little-endian order only.
  ppc64: 'ppc64le',
};

/** An architecture of Node (`process.arch`) in Kubernetes' words. */
export const architectureOf = (arch: string): Architecture => ARCHITECTURES[arch] ?? 'amd64';

/** Of kubectl-virt itself. */
const version = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

/** What is built in, and what it runs on. */
export const buildInfo = {
  version,
  /**
   * What clients are told: the release of KubeVirt whose API this is, and ours as metadata, which no comparison looks
   * at. virtctl begins each failure with a banner where major and minor are not its own.
   */
  gitVersion: `${KUBEVIRT_RELEASE}+kubectl-virt.${version}`,
  commit: typeof __COMMIT__ === 'string' ? __COMMIT__ : '',
  buildDate: typeof __BUILD_DATE__ === 'string' ? __BUILD_DATE__ : '',
  /** Of this machine, and so of VMs in a cluster that says nothing on it. */
  architecture: architectureOf(process.arch),
  /** As kubectl prints it. */
  platform: `${process.platform}/${architectureOf(process.arch)}`,
} as const;
