import { AGENT_CA_CONFIG_MAP } from '../../agent-api/identity.js';
import { isAlreadyExists, isConflict, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { configMapPath, secretPath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';
import type { CertificateStore } from './certificate-keeper.js';
import { bundleOf, LEAVES, type Certificate, type CertificateState, type IssuedLeaves } from './certificate-plan.js';

interface Secret extends KubernetesObject {
  type?: string;
  /** Base64. */
  data?: Record<string, string>;
}

type Client = Pick<KubeClient, 'get' | 'create' | 'update'>;

const SHARED_SECRET = 'virt-webhook-certificates';
/** One JSON text: the replicas' own format, which nothing else reads. */
const STATE_KEY = 'state.json';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString('utf8');

const isCertificate = (value: unknown): value is Certificate =>
  typeof value === 'object' &&
  value !== null &&
  'cert' in value &&
  'key' in value &&
  typeof value.cert === 'string' &&
  typeof value.key === 'string';

/** What cannot be read counts as not there: new certificates are made, and nothing needs a hand. */
const parseState = (text: string): CertificateState => {
  const empty: CertificateState = { authorities: [], leaves: {} };
  try {
    const { authorities, leaves } = JSON.parse(text) as { authorities?: unknown; leaves?: Record<string, unknown> };
    const kept: { -readonly [Name in keyof IssuedLeaves]: IssuedLeaves[Name] } = {};
    for (const name of LEAVES) {
      const leaf = leaves?.[name];
      if (isCertificate(leaf)) kept[name] = leaf;
    }
    return { authorities: Array.isArray(authorities) ? authorities.filter(isCertificate) : [], leaves: kept };
  } catch {
    return empty;
  }
};

const read = async (client: Client, namespace: string, name: string): Promise<Secret | undefined> => {
  try {
    return await client.get<Secret>(secretPath(namespace, name));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** Writes a Secret on the version that was read. False where another was faster. */
const write = async (
  client: Client,
  namespace: string,
  name: string,
  old: Secret | undefined,
  data: Record<string, string>,
): Promise<boolean> => {
  const secret: Secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', ...old, data };
  try {
    if (old === undefined) await client.create(secretPath(namespace), { ...secret, metadata: { name, namespace } });
    else await client.update(secretPath(namespace, name), secret);
    return true;
  } catch (error) {
    if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
    throw error;
  }
};

/** The state in the Secret `virt-webhook-certificates`, shared with optimistic concurrency (resourceVersion). */
export class SecretCertificateStore implements CertificateStore {
  private last: Secret | undefined;

  constructor(
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  async load(): Promise<CertificateState> {
    this.last = await read(this.client, this.namespace, SHARED_SECRET);
    return parseState(decode(this.last?.data?.[STATE_KEY]));
  }

  save(state: CertificateState): Promise<boolean> {
    const data = { [STATE_KEY]: encode(JSON.stringify(state)), 'ca.crt': encode(bundleOf(state)) };
    return write(this.client, this.namespace, SHARED_SECRET, this.last, data);
  }
}

interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

/** The CAs that agents trust, in the ConfigMap that they watch. Nothing in it is secret. */
export const publishAgentCa = async (client: Client, namespace: string, state: CertificateState): Promise<void> => {
  const path = configMapPath(namespace, AGENT_CA_CONFIG_MAP);
  const data = { 'ca.crt': bundleOf(state) };
  try {
    const old = await client.get<ConfigMap>(path);
    if (old.data?.['ca.crt'] !== data['ca.crt']) await client.update(path, { ...old, data });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const metadata = { name: AGENT_CA_CONFIG_MAP, namespace };
    await client.create(configMapPath(namespace), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
};
