import { errorMessage } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { sleep, type Clock } from '../../kube/clock.js';
import { ifFound } from '../../kube/client/if-found.js';
import { SINCE } from '../../kube/client/server-version.js';
import type { Log } from '../../kube/program/log.js';
import { daemonSetPath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';

const AGENT = 'virt-agent';
/** A user may delete the DaemonSet and apply it again. */
const CHECK_MS = 300_000;

interface DaemonSet extends KubernetesObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly name: string;
          readonly securityContext?: { appArmorProfile?: object };
        }[];
      };
    };
  };
}

const UNCONFINED = { name: AGENT, securityContext: { appArmorProfile: { type: 'Unconfined' } } };

/**
 * Sets the agents' AppArmor profile where only the field for it counts. The manifest cannot name the field: kubectl and
 * API servers before 1.30 refuse it. With the runtime's own profile an agent may not look at the node's first process,
 * whose cgroup namespace it needs to put a command into a pod's cgroups v2. A profile that an administrator has set
 * stays.
 * @returns whether it wrote
 * @throws what the API server answers
 */
export const setAgentProfile = async (
  client: Pick<KubeClient, 'get' | 'patch'>,
  namespace: string,
): Promise<boolean> => {
  const path = daemonSetPath(namespace, AGENT);
  // It may be installed in parts, or under another name.
  const daemonSet = await ifFound(client.get<DaemonSet>(path));
  const agent = daemonSet?.spec?.template?.spec?.containers?.find(({ name }) => name === AGENT);
  if (agent === undefined || agent.securityContext?.appArmorProfile !== undefined) return false;
  await client.patch(path, { spec: { template: { spec: { containers: [UNCONFINED] } } } }, 'strategic');
  return true;
};

/** Keeps it set until `signal` aborts. A failure is logged, and tried again at the next look. */
export const keepAgentProfile = async (
  {
    client,
    namespace,
    clock,
    log,
  }: {
    readonly client: Pick<KubeClient, 'get' | 'patch'>;
    readonly namespace: string;
    readonly clock: Clock;
    readonly log: Log;
  },
  minor: number,
  signal: AbortSignal,
): Promise<void> => {
  if (minor < SINCE.appArmorField) return;
  while (!signal.aborted) {
    try {
      if (await setAgentProfile(client, namespace))
        log.info({ daemonSet: AGENT }, 'AppArmor profile of the agents set');
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'AppArmor profile of the agents not set');
    }
    await sleep(clock, CHECK_MS, signal);
  }
};
