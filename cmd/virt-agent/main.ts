import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DeviceResource } from '../../src/api/names.js';
import { Agent } from '../../src/agent/agent.js';
import { serveStreams } from '../../src/agent/api/serving.js';
import { givesExclusiveCpus } from '../../src/agent/pod/exclusive-cpus.js';
import { readCpuModels } from '../../src/agent/node/cpu-models.js';
import { readKvmState } from '../../src/agent/node/kvm.js';
import { PodLauncher } from '../../src/agent/pod/pod-launcher.js';
import { domainOf } from '../../src/agent/vm/session.js';
import { SeccompProfileFile } from '../../src/agent/node/seccomp-profile-file.js';
import { DevicePlugin } from '../../src/agent/device-plugin/device-plugin.js';
import { Diallers } from '../../src/agent/network/diallers.js';
import { networkThread } from '../../src/agent/network/network-thread.js';
import { objectKey } from '../../src/kube/types.js';
import { commandThread } from '../../src/agent/workspace/command-thread.js';
import { HealthServer } from '../../src/kube/program/health-server.js';
import { serveLiveness } from '../../src/kube/program/liveness/liveness.js';
import { watchLoop } from '../../src/kube/program/loop-lateness.js';
import { parseListen } from '../../src/kube/http-server/listen.js';
import { watchProcessErrors } from '../../src/kube/program/process-errors.js';
import { buildInfo } from '../../src/kube/program/build-info.js';
import { programClient } from '../../src/kube/program/program-client.js';
import { programLog } from '../../src/kube/program/program-log.js';
import { parseFlags } from './flags.js';

/**
 * The devices have no limit of their own; kubelet wants a number. More VMs than this fit on no node (kubelet's pod
 * limit is 110).
 */
const SHARES = 1000;

/** The agent shares the node's PID namespace, and its own /dev is a container's. */
const isOnNode = (device: string): boolean => existsSync(`/proc/1/root${device}`);

const flags = parseFlags(process.argv.slice(2));
const log = programLog('virt-agent', flags.logLevel, { fields: { node: flags.nodeName } });
const registry = new Registry();
collectDefaultMetrics({ register: registry });
watchProcessErrors(log, registry);
watchLoop(registry, log);

function die(error: unknown): never {
  log.fatal({ error }, 'agent cannot start');
  process.exit(1);
}

const main = async (): Promise<void> => {
  await serveLiveness({ listen: flags.livenessListen, log });
  const kvm = readKvmState(flags.kvmResultFile);
  log.info({ usable: kvm.usable, reason: kvm.reason }, 'KVM');
  const client = await programClient(flags.kubeconfig, { userAgent: 'virt-agent', log });
  const run = commandThread(log);
  const networks = networkThread(log);
  const diallers = new Diallers();
  const seccomp = new SeccompProfileFile(flags.seccompDir, log);
  const agent = new Agent({
    client,
    nodeName: flags.nodeName,
    namespace: flags.namespace,
    architecture: buildInfo.architecture,
    kvm,
    exclusiveCpus: () => givesExclusiveCpus(dirname(flags.kubeletPodsDir)),
    cpuModels: readCpuModels(flags.cpuModelsFile),
    seccompProfile: () => seccomp.digest(),
    cgroups: flags.cgroupDir,
    log,
    registry,
    launcher: (vmi, pod) =>
      new PodLauncher({
        pod,
        vmiUid: vmi.metadata?.uid ?? '',
        namespace: vmi.metadata?.namespace ?? '',
        domain: domainOf(vmi),
        podsDirectory: flags.kubeletPodsDir,
        run,
        networks,
        diallers,
        warn: (problem) => log.warn({ vmi: objectKey(vmi), problem }, 'the guest’s network was not set up again'),
      }),
  });
  // VMs run whether or not their streams can be served.
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
  const plugins = [
    { resource: DeviceResource.kvm, devices: ['/dev/kvm'], count: kvm.usable ? SHARES : 0 },
    { resource: DeviceResource.tun, devices: ['/dev/net/tun', '/dev/vhost-net'].filter(isOnNode), count: SHARES },
  ].map((one) => new DevicePlugin({ ...one, directory: flags.devicePluginsDir, log }));
  for (const plugin of plugins) await plugin.start();
  await agent.start();
  log.info({}, 'agent ready');

  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'agent stops; VMs run on');
    await serving.stop();
    for (const plugin of plugins) plugin.stop();
    await agent.stop();
    await health.stop();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
};

main().catch(die);
