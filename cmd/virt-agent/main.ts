import { dirname } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { DeviceResource, INSTALL_NAMESPACE } from '../../src/api/names.js';
import { Agent } from '../../src/agent/agent.js';
import { serveStreams } from '../../src/agent/api/serving.js';
import { givesExclusiveCpus } from '../../src/agent/pod/exclusive-cpus.js';
import { readKvmState } from '../../src/agent/node/kvm.js';
import { PodLauncher } from '../../src/agent/pod/pod-launcher.js';
import { domainOf } from '../../src/agent/vm/session.js';
import { SeccompProfileFile } from '../../src/agent/node/seccomp-profile-file.js';
import { DevicePlugin } from '../../src/agent/device-plugin/device-plugin.js';
import { KubeClient } from '../../src/kube/client/client.js';
import { HealthServer } from '../../src/kube/program/health-server.js';
import { parseListen } from '../../src/kube/http-server/listen.js';
import { watchProcessErrors } from '../../src/kube/program/process-errors.js';
import { programLog } from '../../src/kube/program/program-log.js';

/** KVM has no limit of its own; kubelet wants a number. More VMs than this fit on no node (kubelet's pod limit is 110). */
const KVM_SHARES = 1000;

const flags = yargs(hideBin(process.argv))
  .scriptName('virt-agent')
  .usage('$0: runs the VMs of one node (a DaemonSet; see docs/agent.md)')
  .options({
    'node-name': { type: 'string', default: process.env.NODE_NAME, demandOption: true, describe: 'this node' },
    namespace: {
      type: 'string',
      default: process.env.POD_NAMESPACE ?? INSTALL_NAMESPACE,
      describe: 'where the KubeVirt object is',
    },
    listen: { type: 'string', default: ':8186', describe: 'consoles and state changes, for the webhook (mutual TLS)' },
    'metrics-listen': { type: 'string', default: ':8185', describe: '/healthz, /readyz, /metrics (plain HTTP)' },
    'kubelet-pods-dir': { type: 'string', default: '/var/lib/kubelet/pods', describe: "kubelet's directory of pods" },
    'device-plugins-dir': {
      type: 'string',
      default: '/var/lib/kubelet/device-plugins',
      describe: "kubelet's directory of device plugins; /dev/kvm is offered there",
    },
    'seccomp-dir': {
      type: 'string',
      default: '/var/lib/kubelet/seccomp/kubectl-virt',
      describe: "our part of kubelet's directory of seccomp profiles; the one for launcher pods is written there",
    },
    'kvm-result-file': { type: 'string', describe: 'result of kvm-self-test.sh; without it KVM is not used' },
    passt: { type: 'boolean', default: true, describe: 'libvirt in the launcher image is 9.2 or newer' },
    kubeconfig: { type: 'string', describe: 'credentials; default: the pod’s own' },
    'log-level': { choices: ['debug', 'info', 'warn', 'error'] as const, default: 'info' as const },
  })
  .strict()
  .version(false)
  .parseSync();

const log = programLog({ level: flags.logLevel, base: { node: flags.nodeName } });
const registry = new Registry();
collectDefaultMetrics({ register: registry });
watchProcessErrors(log, registry);

function die(error: unknown): never {
  log.fatal({ error: error instanceof Error ? error.message : String(error) }, 'agent cannot start');
  process.exit(1);
}

const main = async (): Promise<void> => {
  const kvm = readKvmState(flags.kvmResultFile);
  log.info({ usable: kvm.usable, reason: kvm.reason }, 'KVM');
  const client = await KubeClient.fromDefault({ kubeconfig: flags.kubeconfig, userAgent: 'virt-agent' });
  const seccomp = new SeccompProfileFile(flags.seccompDir, log);
  const agent = new Agent({
    client,
    nodeName: flags.nodeName,
    namespace: flags.namespace,
    kvm,
    passt: flags.passt,
    exclusiveCpus: () => givesExclusiveCpus(dirname(flags.kubeletPodsDir)),
    seccompProfile: () => seccomp.digest(),
    log,
    registry,
    launcher: (vmi, pod) =>
      new PodLauncher({
        pod,
        vmiUid: vmi.metadata?.uid ?? '',
        domain: domainOf(vmi),
        podsDirectory: flags.kubeletPodsDir,
      }),
  });
  // VMs run whether or not anybody can look at them.
  const serving = serveStreams({
    client,
    agent,
    node: flags.nodeName,
    namespace: flags.namespace,
    address: parseListen(flags.listen),
    log,
  });
  serving.failed.catch(die);
  const notReady = () => agent.notReady() ?? serving.notReady();
  const health = new HealthServer({ listen: flags.metricsListen, notReady, registry, log });
  await health.start();
  const kvmDevice = new DevicePlugin({
    directory: flags.devicePluginsDir,
    resource: DeviceResource.kvm,
    device: '/dev/kvm',
    count: kvm.usable ? KVM_SHARES : 0,
    log,
  });
  await kvmDevice.start();
  await agent.start();
  log.info({}, 'agent ready');

  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'agent stops; VMs run on');
    await serving.stop();
    kvmDevice.stop();
    await agent.stop();
    await health.stop();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
};

main().catch(die);
