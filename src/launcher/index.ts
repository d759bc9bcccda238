export { COMPUTE_CONTAINER, CONTAINER_VARIABLE, containerDiskContainer, gracePeriod } from './containers.js';
export type { LauncherContext } from './context.js';
export { hostName } from './metadata.js';
export { memoryOverhead } from './overhead.js';
export { buildLauncherPod, type LauncherPod, type LauncherPodSpec } from './pod.js';
