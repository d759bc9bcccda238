import { custom, D, type ExampleTable } from '../rule/examples.js';

export const blockSizeExamples: ExampleTable = {
  'disk.block-both': {
    accepts: [
      custom({ logical: 4096, physical: 4096 }),
      { [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } },
    ],
    refuses: [
      [{ [`${D}.blockSize`]: { custom: { logical: 4096, physical: 4096 }, matchVolume: {} } }, `${D}.blockSize`],
      [{ [`${D}.blockSize`]: { custom: {}, matchVolume: { enabled: true } } }, `${D}.blockSize`],
    ],
  },
  'disk.block-size': {
    accepts: [
      custom({ logical: 512, physical: 4096 }),
      custom({ logical: 512, physical: 2097152 }),
      { ...custom({ logical: 4096, physical: 4096 }), [`${D}.disk`]: {} },
    ],
    refuses: [
      [custom({ logical: 4096, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 256, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 512, physical: 4194304 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 512, physical: 1000 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 4096, physical: 4096, discardGranularity: 512 }), `${D}.blockSize.custom.discardGranularity`],
      [{ ...custom({ logical: 4096, physical: 4096 }), [`${D}.disk.bus`]: 'sata' }, `${D}.blockSize.custom.logical`],
    ],
  },
};
