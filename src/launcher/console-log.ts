import { pullPolicy } from '../api/images.js';
import { podPaths, SERIAL_LOG } from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { logsSerialConsole } from '../api/vmi/serial-log.js';
import { CONFINED, nameOf, type Container } from './containers.js';
import type { LauncherContext } from './pod-input.js';
import { consoleLogResources } from './resources.js';

/** KubeVirt's name: `kubectl logs POD -c guest-console-log`. */
export const CONSOLE_LOG_CONTAINER = 'guest-console-log';

/** Prints what the guest says on its serial console (console-log.sh); none unless the VM asks for it. */
export const consoleLog = (vmi: VirtualMachineInstance, context: LauncherContext): Container[] => {
  const { serialLog } = podPaths(vmi.metadata?.uid ?? '');
  if (!logsSerialConsole(vmi.spec.domain.devices) || serialLog === undefined) return [];
  return [
    {
      name: CONSOLE_LOG_CONTAINER,
      image: context.launcherImage,
      imagePullPolicy: pullPolicy(context.launcherImage, context.imagePullPolicy ?? context.config.imagePullPolicy),
      command: ['/usr/bin/virt-console-log', serialLog],
      env: [nameOf(CONSOLE_LOG_CONTAINER)],
      resources: consoleLogResources(vmi, context),
      volumeMounts: [{ name: SERIAL_LOG.name, mountPath: SERIAL_LOG.path }],
      securityContext: CONFINED,
    },
  ];
};
