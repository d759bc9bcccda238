/** containerd and kubelet: configuration for a machine that may lack CAP_SYS_RESOURCE, systemd and cgroup v2. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ImageTag } from '../../images/recipes.js';
import { certificatePath, keyPath } from './certificates.js';
import { kubernetesMinor, runtimeOf } from './kubernetes-version.js';
import { cniConfiguration, writePlugins } from './network.js';
import type { Program } from './processes.js';
import { CGROUP, KUBERNETES_BIN, NODE_ADDRESS, NODE_NAME, paths } from './settings.js';

const containerdConfig = (restrictOomScore: boolean): string => `version = 2
root = ${JSON.stringify(paths.containerdRoot)}
state = ${JSON.stringify(paths.containerdState)}
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.tracing"]
[grpc]
  address = ${JSON.stringify(paths.containerdSocket)}
[ttrpc]
  address = ${JSON.stringify(`${paths.containerdSocket}.ttrpc`)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${JSON.stringify(ImageTag.pause)}
  restrict_oom_score_adj = ${restrictOomScore}
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  device_ownership_from_security_context = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${JSON.stringify(paths.cniPlugins)}
    conf_dir = ${JSON.stringify(paths.cniConfig)}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    discard_unpacked_layers = true
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;

const kubeletConfig = (): unknown => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: NODE_ADDRESS,
  healthzBindAddress: '127.0.0.1',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: certificatePath('ca') },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: certificatePath('kubelet'),
  tlsPrivateKeyFile: keyPath('kubelet'),
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${CGROUP}`,
  failSwapOn: false,
  oomScoreAdj: 0,
  maxPods: 250,
  // For VMs with dedicated CPUs. Of the part that is reserved kubelet makes one whole CPU, which everything else keeps
  // in any case.
  cpuManagerPolicy: 'static',
  systemReserved: { cpu: '100m' },
  // No kube-proxy here, and nobody else's packet filter is touched.
  makeIPTablesUtilChains: false,
  // A test machine's disk may be nearly full; its pods stay.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  // There is no registry: an image that was collected would not come back.
  imageMinimumGCAge: '87600h',
  registryPullQPS: 0,
  eventRecordQPS: 0,
  kubeAPIQPS: 50,
  kubeAPIBurst: 100,
  serializeImagePulls: false,
  ...runtimeOf(kubernetesMinor(), paths.containerdSocket).config,
});

/** Bit 24 of the effective capabilities: without CAP_SYS_RESOURCE runc cannot lower a pod's OOM score. */
const CAP_SYS_RESOURCE = 24n;
export const mayRaisePriority = (status: string): boolean => {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(status);
  return ((BigInt(`0x${match?.[1] ?? '0'}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
};

export const writeNodeFiles = (processStatus: string): void => {
  for (const directory of [paths.config, paths.cniConfig, paths.kubelet])
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(path.join(paths.config, 'containerd.toml'), containerdConfig(!mayRaisePriority(processStatus)));
  writeFileSync(path.join(paths.config, 'kubelet.json'), JSON.stringify(kubeletConfig(), null, 2));
  writeFileSync(path.join(paths.cniConfig, '10-kubectl-virt.conflist'), cniConfiguration());
  writePlugins();
};

export const containerd: Program = {
  name: 'containerd',
  command: 'containerd',
  args: ['--config', path.join(paths.config, 'containerd.toml')],
};

export const kubelet: Program = {
  name: 'kubelet',
  command: path.join(KUBERNETES_BIN, 'kubelet'),
  get args() {
    return [
      `--config=${path.join(paths.config, 'kubelet.json')}`,
      `--kubeconfig=${path.join(paths.config, 'kubelet.kubeconfig')}`,
      `--root-dir=${paths.kubelet}`,
      `--cert-dir=${path.join(paths.kubelet, 'pki')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
      ...runtimeOf(kubernetesMinor(), paths.containerdSocket).flags,
    ];
  },
};
