import { AGENT_PORT } from '../../src/agent-api/identity.js';
import { programFlags } from '../program-flags.js';

/** @param argv words after the program's name */
export const parseFlags = (argv: readonly string[]) =>
  programFlags('virt-agent', 'Runs the VMs of one node (a DaemonSet; see docs/agent.md).', argv)
    .options({
      'node-name': { type: 'string', default: process.env.NODE_NAME, demandOption: true, describe: 'This node' },
      listen: {
        type: 'string',
        default: `:${AGENT_PORT}`,
        describe: 'Consoles and state changes, for the webhook (mutual TLS)',
      },
      'metrics-listen': {
        type: 'string',
        default: ':8185',
        describe: 'HOST:PORT of /healthz, /readyz and /metrics (plain HTTP)',
      },
      'kubelet-pods-dir': { type: 'string', default: '/var/lib/kubelet/pods', describe: "Kubelet's directory of pods" },
      'device-plugins-dir': {
        type: 'string',
        default: '/var/lib/kubelet/device-plugins',
        describe: "Kubelet's directory of device plugins; /dev/kvm is offered there",
      },
      'seccomp-dir': {
        type: 'string',
        default: '/var/lib/kubelet/seccomp/kubectl-virt',
        describe: "Our part of kubelet's directory of seccomp profiles; the one for launcher pods is written there",
      },
      'cpu-models-file': {
        type: 'string',
        describe: 'What cpu-models.sh wrote: the CPUs that guests can have; without it no VM that names one comes here',
      },
      'cgroup-dir': {
        type: 'string',
        default: '/sys/fs/cgroup',
        describe: "The node's cgroups: what runs beside pods is measured there",
      },
      'kvm-result-file': { type: 'string', describe: 'Result of kvm-self-test.sh; without it KVM is not used' },
    })
    .parseSync();
