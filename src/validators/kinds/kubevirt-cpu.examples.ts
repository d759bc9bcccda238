import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'KubeVirt' as const;
const C = 'spec.configuration';
const set = (path: string, value: unknown): Change => ({ [`${C}.${path}`]: value });
const field = (path: string): string => `${C}.${path}`;
/** One setting: values that work, and values that do not. */
const setting = (path: string, accepted: readonly unknown[], refused: readonly unknown[]) => ({
  kind,
  accepts: accepted.map((value) => set(path, value)),
  refuses: refused.map((value) => [set(path, value), field(path)] as const),
});

export const kubevirtCpuExamples: ExampleTable = {
  'kv.vcpus-per-core': setting('maxVCPUsPerCore', [1, 10, 40], [0, -10]),
  'kv.emulator-percent': setting('cpuTuning.emulatorPercent', [1, 80, 100], [0, 101, -1]),
  'kv.emulator-split': setting('cpuTuning.emulatorSplitPercent', [1, 40, 99], [0, 100]),
  'kv.cpu-model': setting('cpuModel', ['', 'host-passthrough', 'Skylake-Server-IBRS'], ['Skylake Server', 'a;b']),
  'kv.cpu-model-names': {
    kind,
    accepts: [set('minCPUModel', 'Haswell'), set('obsoleteCPUModels', { '486': true, pentiumpro: true, EPYC: false })],
    refuses: [
      [set('minCPUModel', 'Haswel'), field('minCPUModel')],
      [set('minCPUModel', 'host-model'), field('minCPUModel')],
      [set('obsoleteCPUModels', { '487': true }), field('obsoleteCPUModels[487]')],
    ],
  },
  'kv.node-configs': {
    kind,
    accepts: [set('nodeConfigs', [{ cpuModel: 'EPYC', nodeSelector: { 'a.example/cpu': 'amd' }, priority: 1 }])],
    refuses: [
      [set('nodeConfigs', [{ nodeSelector: { a: 'b' } }]), field('nodeConfigs[0].cpuModel')],
      [set('nodeConfigs', [{ cpuModel: 'no model' }]), field('nodeConfigs[0].cpuModel')],
      [
        set('nodeConfigs', [{ cpuModel: 'EPYC', nodeSelector: { 'no key': 'b' } }]),
        field('nodeConfigs[0].nodeSelector[no key]'),
      ],
      [
        set('nodeConfigs', [{ cpuModel: 'EPYC', nodeSelector: { a: 'no value!' } }]),
        field('nodeConfigs[0].nodeSelector[a]'),
      ],
    ],
  },
};
