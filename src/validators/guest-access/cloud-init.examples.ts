import { CI, type ExampleTable } from '../rule/examples.js';

export const cloudInitExamples: ExampleTable = {
  'ci.user-base64': {
    accepts: [{ [CI]: { userDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { userDataBase64: 'aGVsbG8' } }, `${CI}.userDataBase64`],
      [{ [CI]: { userDataBase64: 'hell o' } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.user-one': {
    accepts: [{ [CI]: { secretRef: { name: 'init' } } }, { [CI]: { userData: '#cloud-config' } }],
    refuses: [
      [{ [CI]: { userData: '#cloud-config', secretRef: { name: 'init' } } }, CI],
      [{ [CI]: { userData: 'a', userDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.user-size': {
    why: 'What is in the manifest is stored in etcd with every VM, and shown to everybody who may read it.',
    accepts: [{ [CI]: { secretRef: { name: 'init' } } }, { [CI]: { userData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { userData: 'a'.repeat(2049) } }, `${CI}.userData`],
      [{ [CI]: { userData: 'ä'.repeat(1025) } }, `${CI}.userData`],
      [{ [CI]: { userDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.net-base64': {
    accepts: [{ [CI]: { networkDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { networkDataBase64: 'aGVsbG8' } }, `${CI}.networkDataBase64`],
      [{ [CI]: { networkDataBase64: 'ä' } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.net-one': {
    accepts: [{ [CI]: { networkDataSecretRef: { name: 'network' } } }],
    refuses: [
      [{ [CI]: { networkData: 'version: 2', networkDataSecretRef: { name: 'network' } } }, CI],
      [{ [CI]: { networkData: 'a', networkDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.net-size': {
    why: 'What is in the manifest is stored in etcd with every VM, and shown to everybody who may read it.',
    accepts: [{ [CI]: { networkDataSecretRef: { name: 'network' } } }, { [CI]: { networkData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { networkData: 'a'.repeat(2049) } }, `${CI}.networkData`],
      [{ [CI]: { networkDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.none': {
    accepts: [{ [CI]: { userData: '#cloud-config' } }, { [CI]: { networkData: 'a' } }],
    refuses: [
      [{ [CI]: {} }, CI],
      [{ [CI]: { userData: '' } }, CI],
    ],
  },
};
