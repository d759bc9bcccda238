import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { Probe } from '../api/schema/virtualmachineinstance.js';

/** Where the launcher image has src/launcher/virt-probe.sh. */
const HELPER = '/usr/bin/virt-probe';
/** Seconds: the helper itself takes some, and a guest's agent comes up after its kernel (KubeVirt's own additions). */
const MORE_TIME = 1;
const MORE_DELAY = 10;
/** The largest number of seconds that a pod may have. */
const MOST = 2 ** 31 - 1;

interface Times {
  readonly initialDelaySeconds: number;
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** A container's probe as the API server stores it: nothing is left for its defaults to fill in. */
export type ContainerProbe = Times &
  (
    | { readonly exec: { readonly command: readonly string[] } }
    | { readonly httpGet: Readonly<Record<string, unknown>> }
    | { readonly tcpSocket: { readonly port: string | number } }
  );

const timesOf = ({
  initialDelaySeconds = 0,
  timeoutSeconds = 1,
  periodSeconds = 10,
  successThreshold = 1,
  failureThreshold = 3,
}: Probe): Times => ({ initialDelaySeconds, timeoutSeconds, periodSeconds, successThreshold, failureThreshold });

const byAgent = (times: Times, question: readonly string[]): ContainerProbe => ({
  ...times,
  initialDelaySeconds: Math.min(times.initialDelaySeconds + MORE_DELAY, MOST),
  timeoutSeconds: Math.min(times.timeoutSeconds + MORE_TIME, MOST),
  exec: { command: [HELPER, String(times.timeoutSeconds), ...question] },
});

/**
 * A guest's probe as one of its container: kubelet asks the pod's address, where the guest is, or runs a helper that
 * asks the guest's agent. Undefined: it asks nothing.
 */
const containerProbe = (probe: Probe, ping: readonly string[] = ['ping']): ContainerProbe | undefined => {
  const times = timesOf(probe);
  const { exec, guestAgentPing, httpGet, tcpSocket } = probe;
  if (httpGet !== undefined) {
    const { path, port, scheme, httpHeaders } = httpGet;
    const headers = httpHeaders === undefined ? {} : { httpHeaders };
    return { ...times, httpGet: { path: path || '/', port, scheme: scheme || 'HTTP', ...headers } };
  }
  if (tcpSocket !== undefined) return { ...times, tcpSocket: { port: tcpSocket.port } };
  if (exec !== undefined) return byAgent(times, ['exec', ...(exec.command ?? [])]);
  return guestAgentPing === undefined ? undefined : byAgent(times, ping);
};

/** Kubelet ends the container of a guest that does not answer: it is told to power off. One that is paused need not. */
export const livenessProbe = ({ spec }: VirtualMachineInstance): { livenessProbe?: ContainerProbe } => {
  const probe = spec.livenessProbe && containerProbe(spec.livenessProbe, ['ping', 'or-paused']);
  return probe === undefined ? {} : { livenessProbe: probe };
};

/** Readiness of the guest is that of its container, and so of the pod, and of the Services that choose it. */
export const readinessProbe = ({ spec }: VirtualMachineInstance): { readinessProbe?: ContainerProbe } => {
  const probe = spec.readinessProbe && containerProbe(spec.readinessProbe);
  return probe === undefined ? {} : { readinessProbe: probe };
};
