import { accessCredentialsExamples } from './guest-access/access-credentials.examples.js';
import { clockExamples } from './machine/clock.examples.js';
import { cloudInitExamples } from './guest-access/cloud-init.examples.js';
import { cpuExamples } from './cpu-memory/cpu.examples.js';
import { devicesExamples } from './devices/devices.examples.js';
import { disksExamples } from './storage/disks.examples.js';
import { draExamples } from './devices/dra-devices.examples.js';
import { firmwareExamples } from './machine/firmware.examples.js';
import { gateExamples } from './storage/storage-gates.examples.js';
import { identityExamples } from './machine/identity.examples.js';
import { instanceUpdateExamples } from './updates/instance-update.examples.js';
import { interfacesExamples } from './network/interfaces.examples.js';
import { kubevirtExamples } from './kinds/kubevirt.examples.js';
import { machineExamples } from './machine/machine.examples.js';
import { memoryExamples } from './cpu-memory/memory.examples.js';
import { notActedOnExamples } from './not-acted-on.examples.js';
import { networksExamples } from './network/networks.examples.js';
import { podMetadataExamples } from './metadata/pod-metadata.examples.js';
import { probesExamples } from './guest-access/probes.examples.js';
import { replicaSetExamples } from './kinds/replica-set.examples.js';
import { schedulingExamples } from './scheduling/scheduling.examples.js';
import { schemaExamples } from './schema.examples.js';
import {
  dataVolumeTemplateExamples,
  virtualMachineExamples,
  volumeRequestExamples,
} from './kinds/virtual-machine.examples.js';
import { virtletExamples } from './cpu-memory/virtlet.examples.js';
import { volumeSourcesExamples } from './storage/volume-sources.examples.js';
import { volumesExamples } from './storage/volumes.examples.js';
import type { ExampleTable } from './rule/examples.js';

/** Rules that no manifest can show, and why. */
export const WITHOUT_EXAMPLE: Readonly<Record<string, string>> = {
  'map.volume-unused':
    'The default `mut.volume-disk` gives a disk to every volume that has none, so that this cannot happen.',
  'schema.too-many': 'It stands at the end of a long list of other errors.',
  'upd.node-name': 'It is about who writes, whatever is written.',
  'upd.node-owner': 'It is about who writes, whatever is written.',
};

/** Examples of what is checked before the rules of the table: the schema, and fields that nothing acts on. */
export const EARLIER_EXAMPLES: ExampleTable = { ...schemaExamples, ...notActedOnExamples };

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
