import type { AccessCredential } from '../../../src/api/schema/access-credential.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { secretPath } from '../../../src/kube/client/resources.js';
import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { CliError, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { objectPath } from '../paths.js';
import { parseTarget } from '../target.js';
import { OWN_FLAGS, type CredentialFlags } from './flags.js';

export interface Secret {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly ownerReferences?: readonly { readonly uid?: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** A VM, and the Secrets that its `accessCredentials` name. */
export class VmSecrets {
  private constructor(
    private readonly client: ApiClient,
    readonly vm: VirtualMachine,
  ) {}

  /** @throws CliError */
  static async of(io: Io, flags: CredentialFlags): Promise<VmSecrets> {
    const { kind, name, namespace } = parseTarget(flags.target);
    if (kind === 'vmi')
      throw new UsageError('credentials are those of a VirtualMachine, not of a VirtualMachineInstance', {
        remedy: `Name the VM: vm/${name}.`,
      });
    const client = await connectTo(io, { ...flags, ...OWN_FLAGS }, namespace);
    return new VmSecrets(client, await client.get<VirtualMachine>(objectPath('vm', client.namespace, name)));
  }

  get name(): string {
    return this.vm.metadata?.name ?? '';
  }

  get credentials(): readonly AccessCredential[] {
    return this.vm.spec.template.spec?.accessCredentials ?? [];
  }

  /** A Secret that may be changed. @throws CliError where it is not the VM's own, and nobody insists */
  async changeable(name: string, force: boolean | undefined): Promise<Secret> {
    const secret = await this.client.get<Secret>(secretPath(this.client.namespace, name));
    const own = secret.metadata?.ownerReferences?.some(({ uid }) => uid === this.vm.metadata?.uid) === true;
    if (own || force === true) return secret;
    throw new CliError(`Secret ${name} is not owned by VirtualMachine ${this.name}: others may use it too`, {
      remedy: 'Change it all the same with --force, or make one of its own with --create-secret.',
    });
  }

  /** Of a Secret that was changed meanwhile it is a conflict. @param data by key; null: it goes */
  async change(name: string, { metadata }: Secret, data: Readonly<Record<string, string | null>>): Promise<void> {
    const encoded = Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, text === null ? null : Buffer.from(text).toString('base64')]),
    );
    await this.client.request({
      method: 'PATCH',
      path: secretPath(this.client.namespace, name),
      body: {
        data: encoded,
        ...(metadata?.resourceVersion === undefined ? {} : { metadata: { resourceVersion: metadata.resourceVersion } }),
      },
    });
  }

  /**
   * Makes a Secret that goes with the VM, and gives the VM a credential of it. Where the VM is not to have it, the
   * Secret goes again.
   * @param secret its name where the user has given one, else how the one that is made for it ends
   * @param credential by the Secret's name
   * @returns its name
   */
  async create(
    secret: { readonly named: string | undefined; readonly suffix: string },
    stringData: Readonly<Record<string, string>>,
    credential: (secretName: string) => AccessCredential,
  ): Promise<string> {
    const made = await this.make(secret, stringData);
    const { name = '', uid } = made.metadata ?? {};
    try {
      await this.add(credential(name));
    } catch (error) {
      // Whether the VM has it is not known where nobody has answered.
      if (error instanceof ApiStatusError)
        await this.client
          .request({
            method: 'DELETE',
            path: secretPath(this.client.namespace, name),
            body: { ...(uid === undefined ? {} : { preconditions: { uid } }) },
          })
          .catch(() => undefined);
      throw error;
    }
    return name;
  }

  private async make(
    { named, suffix }: { readonly named: string | undefined; readonly suffix: string },
    stringData: Readonly<Record<string, string>>,
  ): Promise<Secret> {
    const owner = {
      ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: this.name, uid: this.vm.metadata?.uid },
    };
    return this.client.request<Secret>({
      method: 'POST',
      path: secretPath(this.client.namespace),
      body: {
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', stringData },
        metadata: {
          ...(named === undefined ? { generateName: `${this.name}-${suffix}-` } : { name: named }),
          ownerReferences: [owner],
        },
      },
    });
  }

  /** Gives the VM one more credential; of a VM that was changed meanwhile it is a conflict. */
  private async add(credential: AccessCredential): Promise<void> {
    await this.client.request({
      method: 'PATCH',
      path: objectPath('vm', this.client.namespace, this.name),
      body: {
        metadata: { resourceVersion: this.vm.metadata?.resourceVersion },
        spec: { template: { spec: { accessCredentials: [...this.credentials, credential] } } },
      },
    });
  }
}

/** @throws UsageError */
export const requireUser = (user: string | undefined): string => {
  if (user !== undefined && user !== '') return user;
  throw new UsageError('flag --user is missing', { remedy: 'Name the user in the guest: -u root.' });
};

/** @throws UsageError for both */
export const wantsCreate = (flags: CredentialFlags): boolean => {
  if (flags['create-secret'] === true && flags['update-secret'] === true)
    throw new UsageError('--create-secret and --update-secret exclude each other', { remedy: 'Keep one of them.' });
  return flags['create-secret'] === true;
};

/** The Secret that is meant, of those that the VM has. @throws CliError */
export const chosenSecret = (vm: string, found: readonly string[], named: string | undefined, what: string): string => {
  const [first, ...more] = named === undefined ? found : found.filter((one) => one === named);
  if (first === undefined)
    throw new CliError(
      named === undefined
        ? `VirtualMachine ${vm} has no Secret for ${what}`
        : `VirtualMachine ${vm} does not use the Secret ${named} for ${what}`,
      { remedy: 'Make one with --create-secret, and restart the VM.' },
    );
  if (more.length > 0)
    throw new CliError(`VirtualMachine ${vm} has several Secrets for ${what}: ${[first, ...more].join(', ')}`, {
      remedy: 'Name one with --secret.',
    });
  return first;
};
