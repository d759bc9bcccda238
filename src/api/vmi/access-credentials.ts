import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../schema/kinds.js';

type Spec = VirtualMachineInstance['spec'];

/** SSH keys of a Secret for users of the guest, or a Secret whose keys are users and whose values their passwords. */
export interface AgentCredential {
  readonly secretName: string;
  /** Whose keys they are; absent: it is of passwords. */
  readonly users?: readonly string[];
}

/** What the guest's agent is to be told. */
export const agentCredentials = ({ accessCredentials = [] }: Spec): AgentCredential[] =>
  accessCredentials.flatMap(({ sshPublicKey, userPassword }): AgentCredential[] => {
    const users = sshPublicKey?.propagationMethod.qemuGuestAgent?.users;
    const [keys, passwords] = [sshPublicKey?.source.secret?.secretName, userPassword?.source.secret?.secretName];
    return [
      ...(keys && users !== undefined ? [{ secretName: keys, users }] : []),
      ...(passwords ? [{ secretName: passwords }] : []),
    ];
  });

/** Secrets whose keys a data source of cloud-init brings. */
export const cloudInitKeySecrets = ({ accessCredentials = [] }: Spec, method: 'noCloud' | 'configDrive'): string[] =>
  accessCredentials.flatMap(({ sshPublicKey }) => {
    const name = sshPublicKey?.source.secret?.secretName;
    return name && sshPublicKey.propagationMethod[method] !== undefined ? [name] : [];
  });

/** Each once. */
export const credentialSecrets = ({ accessCredentials = [] }: Spec): string[] => [
  ...new Set(
    accessCredentials.flatMap(({ sshPublicKey, userPassword }) =>
      [sshPublicKey, userPassword].flatMap((one) => one?.source.secret?.secretName || []),
    ),
  ),
];

const SUFFIX = '-access-cred';
const MAX_LABEL = 63;
/** With what the label of a volume of the VM begins. */
const OF_OTHERS = /^volume/;

/**
 * The pod's volume of a Secret with credentials, and the last step of where it is mounted. KubeVirt's name, but for a
 * Secret whose name is no label, or would be another volume's.
 */
export const credentialVolume = (secretName: string): string => {
  const plain = secretName + SUFFIX;
  if (plain.length <= MAX_LABEL && /^[a-z0-9-]+$/.test(plain) && !OF_OTHERS.test(plain)) return plain;
  return `secret-${createHash('sha256').update(secretName).digest('hex').slice(0, 20)}${SUFFIX}`;
};
