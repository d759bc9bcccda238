/** Names, addresses and directories of the test bed: one place, so that `down` removes exactly what `up` made. */
import path from 'node:path';

/** Everything of the running cluster lies below this directory; `down` removes it. */
export const CLUSTER_DIR = process.env.KUBECTL_VIRT_CLUSTER_DIR ?? '/var/lib/kubectl-virt-cluster';
/** What is worth keeping between runs: Kubernetes' programs, image layers, guests. */
export const CACHE_DIR = process.env.KUBECTL_VIRT_CACHE ?? '/var/cache/kubectl-virt';
/** Where Kubernetes' programs are built to. */
export const BUILT_KUBERNETES_BIN = path.join(CACHE_DIR, 'kubernetes', 'bin');
/** The programs that are run: of any version from 1.20 to 1.36, all of one. */
export const KUBERNETES_BIN = process.env.KUBECTL_VIRT_KUBERNETES_BIN ?? BUILT_KUBERNETES_BIN;
/** The first process of each pod's sandbox is ours, whatever the version. */
export const PAUSE = path.join(CACHE_DIR, 'kubernetes', 'pause');

/**
 * Set in the environment of every process that we start, so that `down` finds those whose pid file was never written.
 */
export const MARKER = 'KUBECTL_VIRT_CLUSTER';

export const NODE_NAME = 'node1';
/** Exists only on this machine; no address of it is routed outside, and nothing is masqueraded. */
export const BRIDGE = 'kubectl-virt0';
export const POD_SUBNET = '10.98.0.0/22';
/**
 * Networks that pods select beside their own, each a bridge that leads nowhere else: one on which nobody gives
 * addresses, and one that gives them.
 */
export const ATTACHED_NETWORKS = {
  lan: { bridge: 'kubectl-virt1' },
  given: { bridge: 'kubectl-virt2', subnet: '10.98.8.0/24' },
} as const;
/**
 * The node's address: the bridge's own. Every server of the control plane that a pod needs listens here and only here.
 */
export const NODE_ADDRESS = '10.98.0.1';
export const NODE_PREFIX = 22;
export const SERVICE_SUBNET = '10.96.0.0/16';
/** ClusterIP of the `kubernetes` service: the first address of {@link SERVICE_SUBNET}. */
export const API_CLUSTER_ADDRESS = '10.96.0.1';
export const API_PORT = 6443;
export const ETCD_URL = 'http://127.0.0.1:12379';
export const ETCD_PEER_URL = 'http://127.0.0.1:12380';
/** Parent cgroup of all pods, in every hierarchy; `down` kills what is left in it. */
export const CGROUP = 'kubectl-virt';
export const IPTABLES_CHAIN = 'KUBECTL-VIRT';

/** Where kubelet keeps pods: the usual place, because the shipped manifests mount it. */
export const KUBELET_DIR = '/var/lib/kubelet';

const inside = (...parts: string[]): string => path.join(CLUSTER_DIR, ...parts);

export const paths = {
  certificates: inside('certificates'),
  logs: inside('logs'),
  pids: inside('pids'),
  config: inside('config'),
  etcd: inside('etcd'),
  containerdRoot: inside('containerd'),
  containerdState: inside('containerd-state'),
  containerdSocket: inside('containerd.sock'),
  kubelet: KUBELET_DIR,
  cniConfig: inside('cni'),
  cniPlugins: inside('cni-plugins'),
  hostLocal: inside('host-local'),
  /** What `up` found on the machine before it changed anything. */
  before: inside('before.json'),
  kubeconfig: inside('admin.kubeconfig'),
  audit: inside('logs', 'audit.log'),
} as const;

/** Fixed by kubelet, containerd and libcni whatever their flags say: `down` removes those that `up` did not find. */
export const FOREIGN_DIRECTORIES = [
  KUBELET_DIR,
  '/var/log/pods',
  '/var/log/containers',
  '/var/lib/cni',
  '/run/containerd',
];
