import type { AccessCredential } from '../../api/schema/access-credential.js';
import { instanceRule, invalid, required, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

const SOURCE = '§6.11';
const TYPES = ['sshPublicKey', 'userPassword'] as const;
const SSH_METHODS = ['noCloud', 'configDrive', 'qemuGuestAgent'] as const;
const PASSWORD_METHODS = ['qemuGuestAgent'] as const;

const credentialRule = (
  id: string,
  field: string,
  summary: string,
  check: (credential: AccessCredential, path: string, subject: InstanceSubject) => readonly Finding[],
  source = SOURCE,
): Rule<InstanceSubject> =>
  instanceRule(id, `$.accessCredentials[]${field}`, source, summary, (subject) =>
    (subject.spec.accessCredentials ?? []).flatMap((credential, i) =>
      check(credential, `${subject.path}.accessCredentials[${i}]`, subject),
    ),
  );

/** Keys are put into the data of a cloud-init volume, so there must be one of the kind. */
const volumeRule = (
  id: string,
  method: 'noCloud' | 'configDrive',
  source: 'cloudInitNoCloud' | 'cloudInitConfigDrive',
) =>
  credentialRule(
    id,
    '.sshPublicKey.propagationMethod',
    `SSH keys by ${method} without a ${source} volume`,
    ({ sshPublicKey }, path, { spec }) =>
      sshPublicKey?.propagationMethod[method] && !spec.volumes?.some((volume) => volume[source])
        ? [
            invalid(
              `${path}.sshPublicKey.propagationMethod`,
              `${method} puts the keys into a ${source} volume, and there is none: add one, or choose another method`,
            ),
          ]
        : [],
  );

const methodsOf = ({ sshPublicKey, userPassword }: AccessCredential) => ({
  sshPublicKey: sshPublicKey && SSH_METHODS.filter((method) => sshPublicKey.propagationMethod[method]),
  userPassword: userPassword && PASSWORD_METHODS.filter((method) => userPassword.propagationMethod[method]),
});
const METHODS = { sshPublicKey: SSH_METHODS, userPassword: PASSWORD_METHODS } as const;

export const accessCredentialRules = [
  volumeRule('ac.nocloud', 'noCloud', 'cloudInitNoCloud'),
  volumeRule('ac.configdrive', 'configDrive', 'cloudInitConfigDrive'),
  credentialRule(
    'ac.qga-users',
    '.sshPublicKey.propagationMethod.qemuGuestAgent.users',
    'SSH keys by the guest agent for no user',
    ({ sshPublicKey }, path) =>
      sshPublicKey?.propagationMethod.qemuGuestAgent?.users.length === 0
        ? [
            invalid(
              `${path}.sshPublicKey.propagationMethod.qemuGuestAgent.users`,
              'is empty: write the users of the guest that get the keys, such as "root"',
            ),
          ]
        : [],
  ),
  credentialRule(
    'ac.source',
    '.{sshPublicKey,userPassword}.source',
    'credentials without a source',
    (credential, path) =>
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
  ),
  credentialRule(
    'ac.secret-name',
    '.{sshPublicKey,userPassword}.source.secret.secretName',
    'credentials of a Secret without a name',
    (credential, path) =>
      TYPES.flatMap((type) =>
        credential[type]?.source.secret?.secretName === ''
          ? [required(`${path}.${type}.source.secret.secretName`, 'is empty: write the name of the Secret')]
          : [],
      ),
    'none: the pod would be refused',
  ),
  credentialRule(
    'ac.method',
    '.{sshPublicKey,userPassword}.propagationMethod',
    'credentials that reach the guest in no way, or in several',
    (credential, path) => {
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
  ),
  credentialRule('ac.one', '', 'an access credential of no type, or of both', (credential, path) => {
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
  }),
];
