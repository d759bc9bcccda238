import { CPU, type ExampleTable } from '../rule/examples.js';

export const cpuModelExamples: ExampleTable = {
  'cpu.feature-name': {
    why: 'libvirt knows a feature by one name, in lower case, and the launcher image brings its own libvirt.',
    accepts: [
      { [`${CPU}.features`]: [{ name: 'avx2' }, { name: 'sse4.1', policy: 'disable' }] },
      { [`${CPU}.features`]: [{ name: 'vmx' }] },
    ],
    refuses: [
      [{ [`${CPU}.features`]: [{ name: 'AVX2' }] }, `${CPU}.features[0].name`],
      [{ [`${CPU}.features`]: [{ name: 'avx2' }, { name: 'avx-2048' }] }, `${CPU}.features[1].name`],
    ],
  },
  'cpu.feature-twice': {
    accepts: [{ [`${CPU}.features`]: [{ name: 'aes' }, { name: 'avx' }] }],
    refuses: [
      [{ [`${CPU}.features`]: [{ name: 'aes' }, { name: 'aes' }] }, `${CPU}.features[1].name`],
      [{ [`${CPU}.features`]: [{ name: 'aes' }, { name: 'aes', policy: 'disable' }] }, `${CPU}.features[1].name`],
    ],
  },
  'cpu.model': {
    why: "The launcher image brings its own libvirt and QEMU, so the models that they have are known. Whether a node's CPU can do what a model has, only the node knows.",
    accepts: [{ [`${CPU}.model`]: 'Haswell' }, { [`${CPU}.model`]: 'host-model' }, { [`${CPU}.model`]: 'maximum' }],
    refuses: [
      [{ [`${CPU}.model`]: 'haswell' }, `${CPU}.model`],
      [{ [`${CPU}.model`]: 'Pentium 4' }, `${CPU}.model`],
    ],
  },
  'cpu.apic': {
    accepts: [{ [`${CPU}.model`]: 'pentium' }, { [`${CPU}.features`]: [{ name: 'apic' }] }],
    refuses: [
      [{ [`${CPU}.model`]: '486' }, `${CPU}.model`],
      [{ [`${CPU}.features`]: [{ name: 'apic', policy: 'disable' }] }, `${CPU}.features[0].policy`],
    ],
  },
};
