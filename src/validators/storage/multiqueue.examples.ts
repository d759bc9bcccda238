import { CPU, DEV, LIM, REQ, type ExampleTable } from '../rule/examples.js';

export const multiqueueExamples: ExampleTable = {
  'disk.multiqueue-cpu': {
    why: 'The number of queues is that of the CPUs, and queues without CPUs of their own only cost.',
    accepts: [
      { [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: 2 },
      { [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '1m' },
      { [`${DEV}.blockMultiQueue`]: true, [`${LIM}.cpu`]: 2 },
      { [`${DEV}.blockMultiQueue`]: false },
    ],
    refuses: [
      [{ [`${DEV}.blockMultiQueue`]: true }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '0' }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${CPU}.cores`]: 4 }, `${DEV}.blockMultiQueue`],
    ],
  },
};
