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
import { notActedOnExamples } from './not-acted-on.js';
import { networksExamples } from './networks.js';
import { podMetadataExamples } from './pod-metadata.js';
import { probesExamples } from './probes.js';
import { replicaSetExamples } from './replica-set.js';
import { schedulingExamples } from './scheduling.js';
import { schemaExamples } from './schema.js';
import { dataVolumeTemplateExamples, virtualMachineExamples, volumeRequestExamples } from './virtual-machine.js';
import { virtletExamples } from './virtlet.js';
import { volumeSourcesExamples } from './volume-sources.js';
import { volumesExamples } from './volumes.js';
import type { ExampleTable } from './shared.js';

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
