/** Our own programs in the test bed: their images, the shipped manifests, and what a machine without KVM needs. */
import { fileURLToPath } from 'node:url';
import { buildImage, discardTopLayers } from '../../images/recipes.js';
import type { ImageName } from '../../images/recipes.js';
import { importImage } from './images.js';
import { kubectl } from './up.js';

const MANIFESTS = fileURLToPath(new URL('../../manifests', import.meta.url));
const NAMESPACE = 'kubevirt';
/** What `up` loads. */
const IMAGES: readonly ImageName[] = ['control', 'launcher', 'tinyGuest', 'disksGuest', 'debianGuest'];

/** Loads our images and applies the manifests that users apply; then waits until all of it is ready. */
export const installProduct = async (log: (line: string) => void): Promise<void> => {
  const fresh: string[] = [];
  for (const name of IMAGES) {
    if (await importImage(await buildImage(name, log))) fresh.push(name);
  }
  discardTopLayers();
  if (fresh.length > 0) log(`loaded images ${fresh.join(', ')}`);
  log('kubectl apply -k manifests/, and DataVolumes: there is no CDI here');
  await applyManifests(log);
  await kubectl(['apply', '-f', `${MANIFESTS}/data-volumes.yaml`]);
  if (fresh.includes('control')) {
    // The tag is the same, so the workloads do not see that its content is new.
    await kubectl([
      '--namespace',
      NAMESPACE,
      'rollout',
      'restart',
      'deployment/virt-webhook',
      'deployment/virt-controller',
      'daemonset/virt-agent',
    ]);
  }
  for (const workload of ['deployment/virt-webhook', 'deployment/virt-controller', 'daemonset/virt-agent']) {
    log(`waiting for ${workload}`);
    await rollout(workload);
  }
  // Admission checks the settings too, so they come when it answers.
  await kubectl(['apply', '-f', '-'], JSON.stringify(KUBEVIRT));
};

/** A machine that is busy with other stages may let the first request time out; applying is done again without harm. */
const ATTEMPTS = 3;
const applyManifests = async (log: (line: string) => void, attempt = 1): Promise<void> => {
  try {
    await kubectl(['apply', '-k', MANIFESTS]);
  } catch (error) {
    if (attempt === ATTEMPTS || !/[Tt]imeout|timed out/.test(String(error))) throw error;
    log('the API server was too slow: once more');
    await applyManifests(log, attempt + 1);
  }
};

const KUBEVIRT = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'KubeVirt',
  metadata: { name: 'kubevirt', namespace: NAMESPACE },
  // Two cores have room for the guests of several test files at once: most of the time they wait.
  spec: { configuration: { developerConfiguration: { useEmulation: true, cpuAllocationRatio: 100 } } },
};

const rollout = async (workload: string): Promise<void> => {
  try {
    await kubectl(['--namespace', NAMESPACE, 'rollout', 'status', workload, '--timeout=180s']);
  } catch (error) {
    const pods = await kubectl(['--namespace', NAMESPACE, 'get', 'pods', '--output=wide']);
    const logs = await kubectl(['--namespace', NAMESPACE, 'logs', workload, '--tail=30', '--all-containers']).catch(
      String,
    );
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${pods}\n${logs}`, { cause: error });
  }
};
