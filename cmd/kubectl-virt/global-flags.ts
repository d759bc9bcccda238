import type { Options } from 'yargs';
import type { ConnectionFlags } from '../../src/kube/kubeconfig/types.js';

/** kubectl's own flags, which every command takes (spec/control.md §1.1). `options` prints them; other help hides them. */
export const GLOBAL_FLAGS = {
  kubeconfig: { type: 'string', describe: 'Path to the kubeconfig file' },
  context: { type: 'string', describe: 'Context of the kubeconfig to use' },
  cluster: { type: 'string', describe: 'Cluster of the kubeconfig to use' },
  user: { type: 'string', describe: 'User of the kubeconfig to use' },
  namespace: { type: 'string', alias: 'n', describe: 'Namespace to work in' },
  server: { type: 'string', alias: 's', describe: 'Address of the API server' },
  'tls-server-name': { type: 'string', describe: "Name that the server's certificate must be for" },
  'insecure-skip-tls-verify': { type: 'boolean', describe: "Do not check the server's certificate (insecure)" },
  'certificate-authority': { type: 'string', describe: "File of the authority that signed the server's certificate" },
  'client-certificate': { type: 'string', describe: 'File of the client certificate' },
  'client-key': { type: 'string', describe: 'File of the client key' },
  token: { type: 'string', describe: 'Bearer token' },
  as: { type: 'string', describe: 'User to impersonate' },
  'as-uid': { type: 'string', describe: 'Uid to impersonate' },
  'as-group': { type: 'string', array: true, describe: 'Group to impersonate; can be repeated' },
  username: { type: 'string', describe: 'User name for basic authentication' },
  password: { type: 'string', describe: 'Password for basic authentication' },
  'request-timeout': { type: 'string', default: '0', describe: 'Limit for one request, for example 10s; 0 is none' },
  'proxy-url': { type: 'string', describe: 'HTTP proxy to the API server' },
  'disable-compression': { type: 'boolean', describe: 'Accepted for kubectl users; requests are never compressed' },
  v: { type: 'number', default: 0, describe: 'Log level; from 6 on every request is shown' },
} as const satisfies Record<string, Options>;

export interface GlobalFlags extends ConnectionFlags {
  'request-timeout': string;
  v: number;
}
