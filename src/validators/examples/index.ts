import { accessCredentialsExamples } from './access-credentials.js';
import { clockExamples } from './clock.js';
import { cloudInitExamples } from './cloud-init.js';
import { cpuExamples } from './cpu.js';
import { devicesExamples } from './devices.js';
import { disksExamples } from './disks.js';
import { draExamples } from './dra.js';
import { firmwareExamples } from './firmware.js';
import { gateExamples } from './gates.js';
import { identityExamples } from './identity.js';
import { instanceUpdateExamples } from './instance-update.js';
import { interfacesExamples } from './interfaces.js';
import { kubevirtExamples } from './kubevirt.js';
import { machineExamples } from './machine.js';
import { memoryExamples } from './memory.js';
import { networksExamples } from './networks.js';
import { probesExamples } from './probes.js';
import { replicaSetExamples } from './replica-set.js';
import { schedulingExamples } from './scheduling.js';
import { virtletExamples } from './virtlet.js';
import { volumesExamples } from './volumes.js';
import type { ExampleTable } from './shared.js';
import { podMetadataExamples } from './pod-metadata.js';
import { dataVolumeTemplateExamples, virtualMachineExamples, volumeRequestExamples } from './virtual-machine.js';
import { volumeSourcesExamples } from './volume-sources.js';

/** Examples by the id of their rule. For documentation, `kubectl virt explain` and tests; the webhook does not load them. */
export const EXAMPLES: ExampleTable = {
  ...identityExamples,
  ...memoryExamples,
  ...machineExamples,
  ...firmwareExamples,
  ...cpuExamples,
  ...networksExamples,
  ...interfacesExamples,
  ...draExamples,
  ...devicesExamples,
  ...disksExamples,
  ...volumesExamples,
  ...cloudInitExamples,
  ...gateExamples,
  ...virtualMachineExamples,
  ...dataVolumeTemplateExamples,
  ...volumeRequestExamples,
  ...replicaSetExamples,
  ...instanceUpdateExamples,
  ...kubevirtExamples,
  ...accessCredentialsExamples,
  ...clockExamples,
  ...probesExamples,
  ...schedulingExamples,
  ...podMetadataExamples,
  ...volumeSourcesExamples,
  ...virtletExamples,
};
