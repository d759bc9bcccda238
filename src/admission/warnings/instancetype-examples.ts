import type { Change } from '../../validators/rule/examples.js';
import type { WarningExample } from './warning-example.js';

const kind = 'VirtualMachine' as const;
const preferring = (name: string): Change => ({ 'spec.preference': { name } });
const inferring = (name: string): Change => ({
  'spec.preference': { inferFromVolume: name },
  'spec.template.spec.volumes[2]': { name, persistentVolumeClaim: { claimName: name } },
});

/** Of warnings about what a VM names. */
export const instancetypeExamples: Readonly<Record<string, WarningExample>> = {
  'W-INF-1': { kind, warns: [inferring('data'), 'spec.preference.inferFromVolume'], silent: [preferring('fedora')] },
  'W-INST-1': { kind, warns: [preferring('beos'), 'spec.preference.name'], silent: [preferring('fedora')] },
};
