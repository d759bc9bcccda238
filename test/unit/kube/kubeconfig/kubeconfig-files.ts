import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EntryCredentials, type CredentialContext } from '../../../../src/kube/kubeconfig/credentials.js';
import { resolveEntry, type EntryOptions } from '../../../../src/kube/kubeconfig/entry.js';
import type { ConnectionFlags, KubeconfigEntry } from '../../../../src/kube/kubeconfig/types.js';
import { FakeClock } from '../fake-clock.js';

/** A directory of its own for each test; call in a describe. */
export const useDirectory = () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const path = (name: string): string => join(directory, name);
  const write = (name: string, content: unknown): string => {
    writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
    return path(name);
  };
  const resolve = (
    content: object,
    flags: ConnectionFlags = {},
    options: Partial<EntryOptions> = {},
  ): Promise<KubeconfigEntry> =>
    resolveEntry({ kubeconfig: write('config', content), ...flags }, { env: {}, ...options });
  return { path, write, resolve };
};

/** A kubeconfig with one context, its user and cluster. */
export const simple = (user: object = {}, cluster: object = {}, context: object = {}): object => ({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', ...context } }],
  clusters: [{ name: 'k', cluster: { server: 'https://a:6443', ...cluster } }],
  users: [{ name: 'u', user }],
});

export const credentialsOf = (entry: KubeconfigEntry, context: Partial<CredentialContext> = {}): EntryCredentials =>
  new EntryCredentials(entry, {
    env: {},
    clock: new FakeClock(),
    stdinIsTty: false,
    say: () => undefined,
    ...context,
  });
