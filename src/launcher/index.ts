export {
  COMPUTE_CONTAINER,
  CONTAINER_VARIABLE,
  containerDiskContainer,
  containerDisks,
  gracePeriod,
} from './containers.js';
export type { LauncherContext } from './pod-input.js';
export { hostName } from './metadata.js';
export { memoryOverhead } from './overhead.js';
export { podDifference } from './pod-difference.js';
export { podDigest } from './pod-essence.js';
export { CONFINED } from './containers.js';
export { asksForOtherProfile } from './seccomp.js';
export { LAUNCHER_PROFILE } from './seccomp-profile.js';
export { generatedName, launcherPodName } from './pod-name.js';
export { buildLauncherPod, type LauncherPod, type LauncherPodSpec } from './pod.js';
