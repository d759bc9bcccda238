/** What the tests ask of etcd itself, by its JSON gateway: never what the API server has of it. */
import { join } from 'node:path';

export const etcdFlags = (directory: string, url: string, peerUrl: string): string[] => [
  `--data-dir=${join(directory, 'etcd')}`,
  `--listen-client-urls=${url}`,
  `--advertise-client-urls=${url}`,
  `--listen-peer-urls=${peerUrl}`,
  `--initial-advertise-peer-urls=${peerUrl}`,
  `--initial-cluster=default=${peerUrl}`,
  // Tests need no durability, and the disk is shared.
  '--unsafe-no-fsync',
];

interface Answer {
  readonly header?: { readonly revision?: string };
  readonly kvs?: readonly { readonly key: string; readonly value?: string; readonly mod_revision: string }[];
}

/** What is written at a key: both as etcd has them, in base64. */
interface Stored {
  readonly value: string;
  readonly revision: string;
}

/** One byte of zero: as beginning and end of a range it means all keys. */
const ALL = Buffer.from([0]).toString('base64');
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString();
/** etcd takes 128 in one transaction. */
const MOST_OPERATIONS = 100;

export class Etcd {
  constructor(private readonly url: string) {}

  /** Every key, with the revision of its last write. */
  async keys(): Promise<ReadonlyMap<string, string>> {
    const { kvs = [] } = await this.post('/v3/kv/range', { key: ALL, range_end: ALL, keys_only: true });
    return new Map(kvs.map(({ key, mod_revision }) => [decoded(key), mod_revision]));
  }

  async everything(): Promise<ReadonlyMap<string, Stored>> {
    const { kvs = [] } = await this.post('/v3/kv/range', { key: ALL, range_end: ALL });
    return new Map(kvs.map(({ key, value = '', mod_revision }) => [decoded(key), { value, revision: mod_revision }]));
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += MOST_OPERATIONS) {
      const success = keys
        .slice(from, from + MOST_OPERATIONS)
        .map((key) => ({ request_delete_range: { key: encoded(key) } }));
      await this.post('/v3/kv/txn', { success });
    }
  }

  /** @returns the revision of the write */
  async put(key: string, value: string): Promise<string> {
    const { header } = await this.post('/v3/kv/put', { key: encoded(key), value });
    return header?.revision ?? '';
  }

  /** Compacts up to the newest revision: older resource versions are gone. */
  async compact(): Promise<void> {
    const { header } = await this.post('/v3/kv/range', { key: encoded('/'), limit: '1' });
    await this.post('/v3/kv/compaction', { revision: header?.revision, physical: true });
  }

  private async post(path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}
