import { DEV, type ExampleTable } from './rule/examples.js';

/** Fields of the list in src/api/settings/acted-on.ts: whichever are still there. */
export const notActedOnExamples: ExampleTable = {
  'field.not-acted-on': {
    why: 'Nothing is silently ignored: the VM would not be what was asked for. The field works once a version acts on it.',
    accepts: [{ [`${DEV}.clientPassthrough`]: undefined }],
    refuses: [
      [{ [`${DEV}.clientPassthrough`]: {} }, `${DEV}.clientPassthrough`],
      [{ 'spec.domain.launchSecurity': {} }, 'spec.domain.launchSecurity'],
    ],
  },
};
