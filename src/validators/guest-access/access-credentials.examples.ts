import { type Change, type ExampleTable, V } from '../rule/examples.js';

const FIRST = 'spec.accessCredentials[0]';
const source = { secret: { secretName: 'keys' } };
const credentials = (...list: readonly object[]): Change => ({ 'spec.accessCredentials': list });
const ssh = (propagationMethod: object, from: object = source) => ({
  sshPublicKey: { source: from, propagationMethod },
});
const password = (propagationMethod: object, from: object = source) => ({
  userPassword: { source: from, propagationMethod },
});
const agent = { qemuGuestAgent: { users: ['root'] } };
const noCloudInit = { 'spec.volumes[1]': { name: 'init', emptyDisk: { capacity: '1Gi' } } };
const configDrive = { [V]: { name: 'root', cloudInitConfigDrive: { userData: '#cloud-config' } } };

export const accessCredentialsExamples: ExampleTable = {
  'ac.nocloud': {
    accepts: [
      {
        'spec.volumes[1]': { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
        ...credentials(ssh({ noCloud: {} })),
      },
      credentials(ssh({ noCloud: {} })),
    ],
    refuses: [
      [{ ...noCloudInit, ...credentials(ssh({ noCloud: {} })) }, `${FIRST}.sshPublicKey.propagationMethod`],
      [
        { ...noCloudInit, ...credentials(password({ qemuGuestAgent: {} }), ssh({ noCloud: {} })) },
        'spec.accessCredentials[1].sshPublicKey.propagationMethod',
      ],
    ],
  },
  'ac.configdrive': {
    accepts: [{ ...configDrive, ...credentials(ssh({ configDrive: {} })) }],
    refuses: [
      [credentials(ssh({ configDrive: {} })), `${FIRST}.sshPublicKey.propagationMethod`],
      [{ ...noCloudInit, ...credentials(ssh({ configDrive: {} })) }, `${FIRST}.sshPublicKey.propagationMethod`],
    ],
  },
  'ac.qga-users': {
    accepts: [credentials(ssh(agent))],
    refuses: [
      [
        credentials(ssh({ qemuGuestAgent: { users: ['root', ''] } })),
        `${FIRST}.sshPublicKey.propagationMethod.qemuGuestAgent.users[1]`,
      ],
      [
        credentials(ssh({ qemuGuestAgent: { users: [] } })),
        `${FIRST}.sshPublicKey.propagationMethod.qemuGuestAgent.users`,
      ],
      [
        credentials(ssh(agent), ssh({ qemuGuestAgent: { users: [] } })),
        'spec.accessCredentials[1].sshPublicKey.propagationMethod.qemuGuestAgent.users',
      ],
    ],
  },
  'ac.source': {
    accepts: [credentials(ssh(agent)), credentials(ssh(agent), password({ qemuGuestAgent: {} }))],
    refuses: [
      [credentials(ssh(agent, {})), `${FIRST}.sshPublicKey.source`],
      [credentials(password({ qemuGuestAgent: {} }, {})), `${FIRST}.userPassword.source`],
    ],
  },
  'ac.secret-name': {
    accepts: [credentials(ssh(agent))],
    refuses: [
      [credentials(ssh(agent, { secret: { secretName: '' } })), `${FIRST}.sshPublicKey.source.secret.secretName`],
      [
        credentials(password({ qemuGuestAgent: {} }, { secret: { secretName: '' } })),
        `${FIRST}.userPassword.source.secret.secretName`,
      ],
    ],
  },
  'ac.method': {
    accepts: [credentials(ssh({ noCloud: {} })), credentials(ssh({ noCloud: {} }), password({ qemuGuestAgent: {} }))],
    refuses: [
      [credentials(ssh({})), `${FIRST}.sshPublicKey.propagationMethod`],
      [credentials(ssh({ noCloud: {}, ...agent })), `${FIRST}.sshPublicKey.propagationMethod`],
      [credentials(password({})), `${FIRST}.userPassword.propagationMethod`],
    ],
  },
  'ac.one': {
    accepts: [credentials(ssh(agent)), credentials(ssh(agent), password({ qemuGuestAgent: {} }))],
    refuses: [
      [credentials({ ...ssh(agent), ...password({ qemuGuestAgent: {} }) }), FIRST],
      [credentials({}), FIRST],
    ],
  },
};
