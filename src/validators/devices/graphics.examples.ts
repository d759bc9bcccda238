import { DEV, type ExampleTable } from '../rule/examples.js';

export const graphicsExamples: ExampleTable = {
  'dev.graphics-alias': {
    accepts: [
      { [`${DEV}.autoattachGraphicsDevice`]: true },
      { [`${DEV}.autottachGraphicsDevice`]: false },
      { [`${DEV}.autottachGraphicsDevice`]: false, [`${DEV}.autoattachGraphicsDevice`]: false },
    ],
    refuses: [
      [
        { [`${DEV}.autottachGraphicsDevice`]: false, [`${DEV}.autoattachGraphicsDevice`]: true },
        `${DEV}.autottachGraphicsDevice`,
      ],
      [
        { [`${DEV}.autottachGraphicsDevice`]: true, [`${DEV}.autoattachGraphicsDevice`]: false },
        `${DEV}.autottachGraphicsDevice`,
      ],
    ],
  },
};
