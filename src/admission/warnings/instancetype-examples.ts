import type { Change } from '../../validators/rule/examples.js';

const kind = 'VirtualMachine' as const;
const preferring = (name: string): Change => ({ 'spec.preference': { name } });
const inferring = (name: string): Change => ({
  'spec.preference': { inferFromVolume: name },
  'spec.template.spec.volumes[2]': { name, persistentVolumeClaim: { claimName: name } },
});

/** An example of examples.ts, which spreads these. */
interface InstancetypeExample {
  readonly kind: 'VirtualMachine';
  readonly warns: readonly [change: Change, field: string];
  readonly silent: readonly Change[];
}

/** Of warnings about what a VM names. */
export const instancetypeExamples: Readonly<Record<string, InstancetypeExample>> = {
  'W-INF-1': { kind, warns: [inferring('data'), 'spec.preference.inferFromVolume'], silent: [preferring('fedora')] },
  'W-INST-1': { kind, warns: [preferring('beos'), 'spec.preference.name'], silent: [preferring('fedora')] },
};
