import type { AccessCredential } from '../../../src/api/schema/access-credential.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { readText } from '../credentials/read-secret-text.js';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { yamlText } from '../yaml-text.js';
import { Parameters } from './parameters.js';

export interface AccessFlags {
  user?: string;
  'password-file'?: string;
  'ssh-key'?: string[];
  'ga-manage-ssh'?: boolean;
  'access-cred'?: string[];
  'cloud-init'?: 'nocloud' | 'configdrive' | 'none';
  'cloud-init-user-data'?: string;
  'cloud-init-network-data'?: string;
}

type Drive = 'nocloud' | 'configdrive';

interface Credential {
  readonly credential: AccessCredential;
  /** The drive whose metadata brings it; undefined: the guest agent does. */
  readonly drive: Drive | undefined;
}

const credentialOf = (text: string, flags: AccessFlags): Credential => {
  const given = new Parameters('access-cred', text).allow('src', 'type', 'method', 'user');
  const source = { secret: { secretName: given.requireName('src') } };
  const type = given.oneOf('type', ['ssh', 'password'], 'ssh');
  const method = given.oneOf('method', ['ga', 'nocloud', 'configdrive'], 'ga');
  const user = given.get('user');
  if (type === 'password') {
    if (method !== 'ga')
      throw given.problem(`a password does not come by ${method}`, 'Leave method out, or write method:ga.');
    if (user !== undefined) throw given.problem('the Secret of passwords names its users', 'Leave user out.');
    return { credential: { userPassword: { source, propagationMethod: { qemuGuestAgent: {} } } }, drive: undefined };
  }
  if (method === 'ga') {
    const users = [user ?? flags.user];
    if (users[0] === undefined) throw given.problem('"user" is missing', 'Add user:NAME, or give --user.');
    const propagationMethod = { qemuGuestAgent: { users: users.flatMap((each) => each ?? []) } };
    return { credential: { sshPublicKey: { source, propagationMethod } }, drive: undefined };
  }
  if (user !== undefined) throw given.problem(`cloud-init chooses the user of ${method}`, 'Leave user out.');
  const propagationMethod = method === 'nocloud' ? { noCloud: {} } : { configDrive: {} };
  return { credential: { sshPublicKey: { source, propagationMethod } }, drive: method };
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const checkBase64 = (flag: string, value: string | undefined): void => {
  if (value !== undefined && (value === '' || !BASE64.test(value)))
    throw new UsageError(`--${flag} is not base64`, { remedy: `Write --${flag} "$(base64 -w0 FILE)".` });
};

/** What makes user data of its own. */
const GENERATED = ['user', 'password-file', 'ssh-key', 'ga-manage-ssh'] as const;

const generatedUserData = async (io: Io, flags: AccessFlags): Promise<string | undefined> => {
  if (GENERATED.every((flag) => flags[flag] === undefined)) return undefined;
  const { user, 'password-file': file, 'ssh-key': keys = [] } = flags;
  const password = file === undefined ? undefined : (await readText(io, file)).replace(/\r?\n$/, '');
  if (password === '')
    throw new UsageError(`the password file ${file ?? ''} is empty`, { remedy: 'Write one line into it.' });
  if (keys.some((key) => key.trim() === '' || /[\r\n]/.test(key.trim())))
    throw new UsageError('--ssh-key is not one line', {
      remedy: 'Give each key by itself: --ssh-key "$(cat id.pub)".',
    });
  const data = {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password, chpasswd: { expire: false } }),
    ...(keys.length === 0 ? {} : { ssh_authorized_keys: keys.map((key) => key.trim()) }),
    ...(flags['ga-manage-ssh'] === true ? { runcmd: [['setsebool', '-P', 'virt_qemu_ga_manage_ssh', 'on']] } : {}),
  };
  return `#cloud-config\n${Object.keys(data).length === 0 ? '' : yamlText(data)}`;
};

/** The drive with cloud-init's data; undefined: nothing is for it. */
const driveOf = (flags: AccessFlags, drives: readonly Drive[], hasData: boolean): Drive | undefined => {
  const [first] = drives;
  const other = drives.find((drive) => drive !== first);
  const { 'cloud-init': wanted } = flags;
  if (other !== undefined || (wanted !== undefined && wanted !== 'none' && first !== undefined && wanted !== first))
    throw new UsageError(
      `a guest has one drive of cloud-init, and both ${first ?? ''} and ${other ?? wanted ?? ''} are asked for`,
      {
        remedy: 'Give all of them the same method.',
      },
    );
  if (!hasData && first === undefined) return undefined;
  if (wanted === 'none')
    throw new UsageError('--cloud-init none leaves no way for user data or keys into the guest', {
      remedy: 'Leave one of them out.',
    });
  return wanted ?? first ?? 'nocloud';
};

/** The volume of cloud-init, if there is something for it, and the credentials. @throws UsageError */
export const accessOf = async (
  io: Io,
  flags: AccessFlags,
): Promise<{ readonly volume: Volume | undefined; readonly credentials: readonly AccessCredential[] }> => {
  const { 'cloud-init-user-data': userData, 'cloud-init-network-data': networkData } = flags;
  checkBase64('cloud-init-user-data', userData);
  checkBase64('cloud-init-network-data', networkData);
  const beside = userData === undefined ? undefined : GENERATED.find((flag) => flags[flag] !== undefined);
  if (beside !== undefined)
    throw new UsageError(`--${beside} and --cloud-init-user-data exclude each other`, {
      remedy: 'Write the user into the user data.',
    });
  const all = (flags['access-cred'] ?? []).map((text) => credentialOf(text, flags));
  const credentials = all.map(({ credential }) => credential);
  const generated = userData === undefined ? await generatedUserData(io, flags) : undefined;
  const hasData = (generated ?? userData ?? networkData) !== undefined;
  const drive = driveOf(
    flags,
    all.flatMap((each) => each.drive ?? []),
    hasData,
  );
  if (drive === undefined) return { volume: undefined, credentials };
  const source = {
    ...(userData === undefined ? {} : { userDataBase64: userData }),
    // Keys come in the metadata; without user data some distributions look at neither.
    ...(generated === undefined && userData !== undefined ? {} : { userData: generated ?? '#cloud-config\n' }),
    ...(networkData === undefined ? {} : { networkDataBase64: networkData }),
  };
  const volume = drive === 'nocloud' ? { cloudInitNoCloud: source } : { cloudInitConfigDrive: source };
  return { volume: { name: 'cloudinitdisk', ...volume }, credentials };
};
