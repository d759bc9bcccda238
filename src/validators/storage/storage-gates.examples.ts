import { D, lun, type ExampleTable, V } from '../rule/examples.js';

const without = (gate: string) => ({ config: { developerConfiguration: { disabledFeatureGates: [gate] } } });
const claim = { persistentVolumeClaim: { claimName: 'c' } };

export const storageGatesExamples: ExampleTable = {
  'disk.block-gate': {
    ...without('BlockVolume'),
    accepts: [
      { [D]: { name: 'root', disk: { bus: 'virtio' } }, [V]: { name: 'root', ...claim } },
      { [V]: { name: 'root', ...claim } },
    ],
    refuses: [
      [lun(claim), `${D}.lun`],
      [lun({ dataVolume: { name: 'd' } }), `${D}.lun`],
    ],
  },
  'vol.dv-gate': {
    ...without('DataVolumes'),
    accepts: [{ [V]: { name: 'root', ...claim } }],
    refuses: [
      [{ [V]: { name: 'root', dataVolume: { name: 'd' } } }, `${V}.dataVolume`],
      [lun({ dataVolume: { name: 'd' } }), `${V}.dataVolume`],
    ],
  },
};
