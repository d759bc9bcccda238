import type { AccessCredential } from '../../api/schema/access-credential.js';
import { invalid, required } from '../rule/finding.js';
import { rulesOn } from '../rule/rule.js';

const TYPES = ['sshPublicKey', 'userPassword'] as const;
const SSH_METHODS = ['noCloud', 'configDrive', 'qemuGuestAgent'] as const;
const PASSWORD_METHODS = ['qemuGuestAgent'] as const;

const credentialRule = rulesOn({
  list: 'accessCredentials',
  of: ({ accessCredentials }) => accessCredentials,
  source: '§6.11',
});

/** Keys are put into the data of a cloud-init volume, so there must be one of the kind. */
const volumeRule = (
  id: string,
  method: 'noCloud' | 'configDrive',
  source: 'cloudInitNoCloud' | 'cloudInitConfigDrive',
) =>
  credentialRule({
    id,
    field: '.sshPublicKey.propagationMethod',
    summary: `SSH keys by ${method} without a ${source} volume`,
    check: ({ sshPublicKey }, path, { spec }) =>
      sshPublicKey?.propagationMethod[method] && !spec.volumes?.some((volume) => volume[source])
        ? [
            invalid(
              `${path}.sshPublicKey.propagationMethod`,
              `${method} puts the keys into a ${source} volume, and there is none: add one, or choose another method`,
            ),
          ]
        : [],
  });

const methodsOf = ({ sshPublicKey, userPassword }: AccessCredential) => ({
  sshPublicKey: sshPublicKey && SSH_METHODS.filter((method) => sshPublicKey.propagationMethod[method]),
  userPassword: userPassword && PASSWORD_METHODS.filter((method) => userPassword.propagationMethod[method]),
});
const METHODS = { sshPublicKey: SSH_METHODS, userPassword: PASSWORD_METHODS } as const;

export const accessCredentialRules = [
  volumeRule('ac.nocloud', 'noCloud', 'cloudInitNoCloud'),
  volumeRule('ac.configdrive', 'configDrive', 'cloudInitConfigDrive'),
  credentialRule({
    id: 'ac.qga-users',
    field: '.sshPublicKey.propagationMethod.qemuGuestAgent.users',
    summary: 'SSH keys by the guest agent for no user, or for one without a name',
    check: ({ sshPublicKey }, path) => {
      const users = sshPublicKey?.propagationMethod.qemuGuestAgent?.users;
      const field = `${path}.sshPublicKey.propagationMethod.qemuGuestAgent.users`;
      if (users?.length === 0)
        return [invalid(field, 'is empty: write the users of the guest that get the keys, such as "root"')];
      // A name that is there twice is refused by the schema.
      const index = users?.indexOf('') ?? -1;
      return index < 0
        ? []
        : [
            required(
              `${field}[${index}]`,
              'is "": write the name of a user of the guest, such as "root", or remove it',
            ),
          ];
    },
  }),
  credentialRule({
    id: 'ac.source',
    field: '.{sshPublicKey,userPassword}.source',
    summary: 'credentials without a source',
    check: (credential, path) =>
      TYPES.flatMap((type) =>
        credential[type] && !credential[type].source.secret
          ? [
              invalid(
                `${path}.${type}.source`,
                'does not say where the credentials are: write "secret: {secretName: …}" with the Secret that holds them',
              ),
            ]
          : [],
      ),
  }),
  credentialRule({
    id: 'ac.secret-name',
    field: '.{sshPublicKey,userPassword}.source.secret.secretName',
    source: 'none: the pod would be refused',
    summary: 'credentials of a Secret without a name',
    check: (credential, path) =>
      TYPES.flatMap((type) =>
        credential[type]?.source.secret?.secretName === ''
          ? [required(`${path}.${type}.source.secret.secretName`, 'is empty: write the name of the Secret')]
          : [],
      ),
  }),
  credentialRule({
    id: 'ac.method',
    field: '.{sshPublicKey,userPassword}.propagationMethod',
    summary: 'credentials that reach the guest in no way, or in several',
    check: (credential, path) => {
      const methods = methodsOf(credential);
      return TYPES.flatMap((type) => {
        const chosen = methods[type];
        if (chosen === undefined || chosen.length === 1) return [];
        const choice = METHODS[type].map((method) => `"${method}: {}"`).join(' or ');
        return [
          invalid(
            `${path}.${type}.propagationMethod`,
            chosen.length === 0
              ? `does not say how the credentials reach the guest: write ${choice}`
              : `has ${chosen.join(' and ')}: keep one of them`,
          ),
        ];
      });
    },
  }),
  credentialRule({
    id: 'ac.one',
    summary: 'an access credential of no type, or of both',
    check: (credential, path) => {
      const types = TYPES.filter((type) => credential[type]);
      if (types.length === 1) return [];
      return [
        invalid(
          path,
          types.length === 0
            ? 'is neither sshPublicKey nor userPassword: write one of them'
            : 'is sshPublicKey and userPassword at once: write two access credentials',
        ),
      ];
    },
  }),
];
