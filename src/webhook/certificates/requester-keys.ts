import type { Logger } from 'pino';
import type { RequesterFacts } from '../../admission/types.js';
import { publishedText, REQUESTER_KEYS } from '../../api/access/requester-keys.js';
import { MAX_RECORD, signRecord, sourceDigest, type SigningKey } from '../../api/access/requester.js';
import { isAlreadyExists, isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import type { Clock } from '../../kube/clock.js';
import { configMapPath, secretPath } from '../../kube/client/resources.js';
import { ifFound } from '../../kube/client/if-found.js';
import type { KubernetesObject } from '../../kube/types.js';
import { renewKeys, signingKey, type RequesterKey, type RequesterKeyState } from './requester-key-plan.js';
import { userInfo } from '../admission/rights.js';

interface Data extends KubernetesObject {
  type?: string;
  data?: Record<string, string>;
}

type Client = Pick<KubeClient, 'get' | 'create' | 'update'>;

/** The replicas' own: both halves of the keys. */
const SECRET = 'virt-webhook-requester-keys';
const STATE_KEY = 'state.json';
/**
 * How often a replica looks whether a key is due or another has made one, and whether the ConfigMap is as it should be.
 */
const INTERVAL_MS = 60_000;
/** While there is no key, VMs that need a record are refused. */
const RETRY_MS = 5_000;
/** Replicas that all start at once may lose the race a few times. */
const MAX_ATTEMPTS = 5;

const isKey = (value: unknown): value is RequesterKey => {
  const { id, publicKey, created } = (value ?? {}) as { readonly [Field in keyof RequesterKey]?: unknown };
  return typeof id === 'string' && typeof publicKey === 'string' && typeof created === 'number';
};

/** What cannot be read counts as not there. */
const parse = (text: string | undefined): RequesterKeyState => {
  try {
    const state: unknown = JSON.parse(Buffer.from(text ?? '', 'base64').toString('utf8'));
    return Array.isArray(state) ? state.filter(isKey) : [];
  } catch {
    return [];
  }
};

export interface RequesterKeysOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error' | 'info'>;
}

/**
 * Signs who answers for what a VM copies from other namespaces. The keys are shared by the replicas in a Secret, with
 * optimistic concurrency; their public halves go into a ConfigMap, which is all that virt-controller can read.
 */
export class RequesterKeys {
  private state: RequesterKeyState = [];
  private signer: SigningKey | undefined;
  private cancel: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly options: RequesterKeysOptions) {}

  /** The first look, then one every minute. A failure is logged: until it has a key, {@link record} makes none. */
  async start(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.options.logger.error({ error }, 'keys of requesters could not be checked');
    }
    const wait = this.signer === undefined ? RETRY_MS : INTERVAL_MS;
    if (!this.stopped) this.cancel = this.options.clock.after(wait, () => void this.start());
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /** @throws what the API server answers */
  async check(): Promise<void> {
    this.state = await this.renewed();
    await this.publish();
    this.signer = signingKey(this.state, this.options.clock.now());
  }

  /**
   * The record for the VM's annotation; undefined where there is no key, or the user is too large to be written down.
   */
  readonly record = ({ namespace, uid, name, generateName, user, sources }: RequesterFacts): string | undefined => {
    if (this.signer === undefined) return undefined;
    const vm = uid !== undefined ? { uid } : name !== '' ? { name } : { generateName };
    const at = this.options.clock.now();
    const facts = { at, namespace, vm, sources: sources.map(sourceDigest), user: userInfo(user) };
    const text = signRecord(facts, this.signer);
    return text.length <= MAX_RECORD ? text : undefined;
  };

  private async renewed(): Promise<RequesterKeyState> {
    const { client, namespace, clock, logger } = this.options;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const old = await ifFound(client.get<Data>(secretPath(namespace, SECRET)));
      const state = parse(old?.data?.[STATE_KEY]);
      const renewed = renewKeys(state, clock.now());
      if (renewed === state) return state;
      const data = { [STATE_KEY]: Buffer.from(JSON.stringify(renewed)).toString('base64') };
      const secret: Data = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', ...old, data };
      if (await written(client, secretPath, namespace, SECRET, old, secret)) {
        logger.info({ keys: renewed.length }, 'keys of requesters renewed');
        return renewed;
      }
    }
    throw new Error(`other replicas changed the Secret ${SECRET} ${MAX_ATTEMPTS} times in a row`);
  }

  private async publish(): Promise<void> {
    const { client, namespace } = this.options;
    const data = Object.fromEntries(this.state.map((key) => [key.id, publishedText(key)]));
    const old = await ifFound(client.get<Data>(configMapPath(namespace, REQUESTER_KEYS)));
    const ids = Object.keys({ ...old?.data, ...data });
    if (old !== undefined && ids.every((id) => old.data?.[id] === data[id])) return;
    const map: Data = { apiVersion: 'v1', kind: 'ConfigMap', ...old, data };
    if (await written(client, configMapPath, namespace, REQUESTER_KEYS, old, map)) return;
    throw new Error(`another replica changed the ConfigMap ${REQUESTER_KEYS} at the same time`);
  }
}

/** Writes on the version that was read. False where another was faster. */
const written = async (
  client: Client,
  pathOf: (namespace: string, name?: string) => string,
  namespace: string,
  name: string,
  old: Data | undefined,
  object: Data,
): Promise<boolean> => {
  try {
    if (old === undefined) await client.create(pathOf(namespace), { ...object, metadata: { name, namespace } });
    else await client.update(pathOf(namespace, name), object);
    return true;
  } catch (error) {
    if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
    throw error;
  }
};
