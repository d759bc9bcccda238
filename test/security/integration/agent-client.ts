import type { ConnectionOptions } from 'node:tls';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { until, type TestApiServer } from '../../integration/support/api-server.js';
import { SecretCertificateStore } from '../../../src/webhook/certificates/certificate-secret.js';

/** How virt-webhook introduces itself to agents: read where its replicas keep it, as an administrator can. */
export const certificatesFrom = async (api: TestApiServer, client: KubeClient): Promise<ConnectionOptions> => {
  let options: ConnectionOptions = {};
  await until('virt-webhook has its certificates', api.directory, async () => {
    const { agentClient } = (await new SecretCertificateStore(client, INSTALL_NAMESPACE).load()).leaves;
    if (agentClient === undefined) throw new Error('there is none for agents yet');
    options = { cert: agentClient.cert, key: agentClient.key, rejectUnauthorized: false };
  });
  return options;
};
