import type { Flag, ValuesOf } from './flag.js';

/**
 * kubectl's own flags, which every command takes (docs/reference/control.md §1.1). `options` prints them; other help
 * hides them.
 */
export const GLOBAL_FLAGS = {
  kubeconfig: { type: 'string', describe: 'Path to the kubeconfig file', complete: 'file' },
  context: { type: 'string', describe: 'Context of the kubeconfig to use', complete: 'context' },
  cluster: { type: 'string', describe: 'Cluster of the kubeconfig to use', complete: 'cluster' },
  user: { type: 'string', describe: 'User of the kubeconfig to use', complete: 'user' },
  namespace: { type: 'string', alias: 'n', describe: 'Namespace to work in', complete: 'namespace' },
  server: { type: 'string', alias: 's', describe: 'Address of the API server', complete: [] },
  'tls-server-name': { type: 'string', describe: "Name that the server's certificate must be for", complete: [] },
  'insecure-skip-tls-verify': { type: 'boolean', describe: "Do not check the server's certificate (insecure)" },
  'certificate-authority': {
    type: 'string',
    describe: "File of the authority that signed the server's certificate",
    complete: 'file',
  },
  'client-certificate': { type: 'string', describe: 'File of the client certificate', complete: 'file' },
  'client-key': { type: 'string', describe: 'File of the client key', complete: 'file' },
  token: { type: 'string', describe: 'Bearer token', complete: [] },
  as: { type: 'string', describe: 'User to impersonate', complete: [] },
  'as-uid': { type: 'string', describe: 'Uid to impersonate', complete: [] },
  'as-group': { type: 'string', array: true, describe: 'Group to impersonate; can be repeated', complete: [] },
  username: { type: 'string', describe: 'User name for basic authentication', complete: [] },
  password: { type: 'string', describe: 'Password for basic authentication', complete: [] },
  'request-timeout': {
    type: 'string',
    default: '0',
    describe: 'Limit for one request, for example 10s; 0 is none',
    complete: [],
  },
  'proxy-url': { type: 'string', describe: 'HTTP proxy to the API server', complete: [] },
  'disable-compression': { type: 'boolean', describe: 'Accepted for kubectl users; requests are never compressed' },
  v: { type: 'number', default: 0, describe: 'Log level; from 6 on every request is shown', complete: [] },
} as const satisfies Record<string, Flag>;

export type GlobalFlagName = keyof typeof GLOBAL_FLAGS;

export type GlobalFlags = ValuesOf<typeof GLOBAL_FLAGS>;
