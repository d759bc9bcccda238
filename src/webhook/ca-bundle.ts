import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from '../api/names.js';
import { isNotFound } from '../kube/api-error.js';
import type { KubeClient } from '../kube/client.js';
import { resourcePath } from '../kube/resources.js';
import type { JsonPatch } from '../kube/patch.js';

type Client = Pick<KubeClient, 'get' | 'patch'>;

interface WebhookConfiguration {
  webhooks?: { name: string; clientConfig?: { caBundle?: string } }[];
}
interface ApiService {
  spec?: { caBundle?: string };
}

const CONFIGURATION_NAME = 'virt-webhook';
const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];

const configurationPath = (resource: string): string =>
  resourcePath({ group: 'admissionregistration.k8s.io', version: 'v1', resource, name: CONFIGURATION_NAME });
const apiServicePath = (version: string): string =>
  resourcePath({
    group: 'apiregistration.k8s.io',
    version: 'v1',
    resource: 'apiservices',
    name: `${version}.${SUBRESOURCE_GROUP}`,
  });

/** What is not installed (a cluster without the aggregated API, say) needs no bundle. */
const ifThere = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

const publishToConfiguration = async (client: Client, resource: string, caBundle: string): Promise<void> => {
  const path = configurationPath(resource);
  const webhooks = (await ifThere(client.get<WebhookConfiguration>(path)))?.webhooks ?? [];
  const patch: JsonPatch = webhooks.flatMap(({ name, clientConfig }, i) =>
    clientConfig?.caBundle === caBundle
      ? []
      : [
          // Somebody may have reordered them since the read.
          { op: 'test' as const, path: `/webhooks/${i}/name`, value: name },
          { op: 'add' as const, path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle },
        ],
  );
  if (patch.length > 0) await client.patch(path, patch, 'json');
};

const publishToApiService = async (client: Client, version: string, caBundle: string): Promise<void> => {
  const path = apiServicePath(version);
  const service = await ifThere(client.get<ApiService>(path));
  if (service === undefined || service.spec?.caBundle === caBundle) return;
  await client.patch(path, { spec: { caBundle } }, 'merge');
};

/** Tells the API server which CAs to trust: in both webhook configurations and both API services. Writes only changes. */
export const publishCaBundle = async (client: Client, bundle: string): Promise<void> => {
  const caBundle = Buffer.from(bundle).toString('base64');
  for (const resource of CONFIGURATIONS) await publishToConfiguration(client, resource, caBundle);
  for (const version of SUBRESOURCE_VERSIONS) await publishToApiService(client, version, caBundle);
};
