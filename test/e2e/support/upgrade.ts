/** What the API server answers to a WebSocket that it does not open. */
import https from 'node:https';
import { kubectl } from './kubectl.js';

interface KubeConfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly token?: string;
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
    };
  }[];
}

const decode = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64');

/** The HTTP status of an upgrade request with the kubeconfig's identity, or as somebody else; 101 when it is opened. */
export const upgradeStatus = async (path: string, as?: string): Promise<number> => {
  const text = await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']);
  const { clusters, users } = JSON.parse(text) as KubeConfig;
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.from('a test key of 16').toString('base64'),
    'Sec-WebSocket-Protocol': 'plain.kubevirt.io',
    ...(as === undefined ? {} : { 'Impersonate-User': as }),
    ...(user?.token === undefined ? {} : { Authorization: `Bearer ${user.token}` }),
  };
  const ca = decode(cluster?.['certificate-authority-data']);
  const cert = decode(user?.['client-certificate-data']);
  const key = decode(user?.['client-key-data']);
  return new Promise((resolve, reject) => {
    const request = https.request(`${cluster?.server ?? ''}${path}`, { headers, ca, cert, key }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on('error', reject).end();
  });
};
