import type { KubeVirt } from '../../api/schema/kinds.js';
import { timestamp } from '../../api/timestamp.js';
import { errorMessage, isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { mergePatch } from '../../kube/client/patch.js';
import { daemonSetPath, deploymentPath, kubevirtPath } from '../../kube/client/resources.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { settingsObject } from '../../api/settings/settings-object.js';
import { installationStatus, isSettled, type Program, type Workload } from './status.js';

/** While something starts somebody waits for it; afterwards a look is four requests. */
const UNSETTLED_MS = 2_000;
const SETTLED_MS = 30_000;

const PROGRAMS = [
  { kind: 'Deployment', name: 'virt-webhook' },
  { kind: 'Deployment', name: 'virt-controller' },
  { kind: 'DaemonSet', name: 'virt-agent' },
] as const;
const pathOf = { Deployment: deploymentPath, DaemonSet: daemonSetPath };

export interface InstallationOptions {
  readonly client: Pick<KubeClient, 'get' | 'list' | 'patch'>;
  /** Where the programs and the KubeVirt object are. */
  readonly namespace: string;
  /** Of these programs. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the KubeVirt object's status up to date, if there is one.
 * @returns whether nothing is under way
 * @throws what the API server answers
 */
export const writeInstallationStatus = async (options: InstallationOptions): Promise<boolean> => {
  const { client, namespace, version, clock } = options;
  const object = settingsObject((await client.list<KubeVirt>(kubevirtPath(namespace))).items);
  if (object === undefined) return true;
  const programs: Program[] = await Promise.all(
    PROGRAMS.map(async ({ kind, name }) => ({
      kind,
      name,
      workload: await ifFound(client.get<Workload>(pathOf[kind](namespace, name))),
    })),
  );
  const { name = '', uid, resourceVersion, generation = 0 } = object.metadata ?? {};
  const before = object.status ?? {};
  const status = installationStatus(before, programs, { version, generation, now: timestamp(clock.now()) });
  const patch = mergePatch({ status: before }, { status });
  if (patch !== undefined)
    await client.patch(
      `${kubevirtPath(namespace, name)}/status`,
      { metadata: { uid, resourceVersion }, ...patch },
      'merge',
    );
  return isSettled(status);
};

/** Keeps it true until `signal` aborts. A failure is logged, and tried again at the next look. */
export const keepInstallationStatus = async (options: InstallationOptions, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    let settled: boolean;
    try {
      settled = await writeInstallationStatus(options);
    } catch (error) {
      settled = !isConflict(error) && !isNotFound(error);
      if (settled) options.log.warn({ error: errorMessage(error) }, 'status of the KubeVirt object not written');
    }
    await sleep(options.clock, settled ? SETTLED_MS : UNSETTLED_MS, signal);
  }
};
