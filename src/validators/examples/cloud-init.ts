import { CI, type ExampleTable } from './shared.js';

export const cloudInitExamples: ExampleTable = {
  'ci.user-base64': {
    accepts: [{ [CI]: { userDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { userDataBase64: 'aGVsbG8' } }, `${CI}.userDataBase64`],
      [{ [CI]: { userDataBase64: 'hell o' } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.user-one': {
    accepts: [{ [CI]: { secretRef: { name: 's' } } }],
    refuses: [
      [{ [CI]: { userData: 'a', secretRef: { name: 's' } } }, CI],
      [{ [CI]: { userData: 'a', userDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.user-size': {
    accepts: [{ [CI]: { userData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { userData: 'a'.repeat(2049) } }, `${CI}.userData`],
      [{ [CI]: { userData: 'ä'.repeat(1025) } }, `${CI}.userData`],
      [{ [CI]: { userDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.net-base64': {
    accepts: [{ [CI]: { networkDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { networkDataBase64: '=' } }, `${CI}.networkDataBase64`],
      [{ [CI]: { networkDataBase64: 'ä' } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.net-one': {
    accepts: [{ [CI]: { networkDataSecretRef: { name: 's' } } }],
    refuses: [
      [{ [CI]: { networkData: 'a', networkDataSecretRef: { name: 's' } } }, CI],
      [{ [CI]: { networkData: 'a', networkDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.net-size': {
    accepts: [{ [CI]: { networkData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { networkData: 'a'.repeat(2049) } }, `${CI}.networkData`],
      [{ [CI]: { networkDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.none': {
    accepts: [{ [CI]: { networkData: 'a' } }],
    refuses: [
      [{ [CI]: {} }, CI],
      [{ [CI]: { userData: '' } }, CI],
    ],
  },
};
