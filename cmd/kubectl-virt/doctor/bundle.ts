import { randomBytes } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { INSTALL_NAMESPACE, Label } from '../../../src/api/names.js';
import type { LauncherPod } from '../client/launcher-pod.js';
import { CliError, messageOf } from '../errors.js';
import { clientVersion } from '../version-info.js';
import type { Report } from './check.js';
import type { Reader } from './reader.js';
import { redact, redactText } from './redact.js';
import { tar, type TarFile } from './tar.js';

/** Of one file, and of all: what a report needs is far smaller. */
const MAX_FILE = 1024 * 1024;
const MAX_ALL = 8 * 1024 * 1024;
/** Of the log of one of our programs. */
const LOG_LINES = 1000;
const LOG_BYTES = 256 * 1024;
/** Pods whose log is asked for: of a large cluster the agents of some nodes. */
const MAX_PODS = 12;

const CUT = '\n… cut here, because the file is too large\n';

const file = (name: string, text: string): TarFile => {
  const content = Buffer.from(text);
  return {
    name: `kubectl-virt-doctor/${name}`,
    content: content.length <= MAX_FILE ? content : Buffer.concat([content.subarray(0, MAX_FILE), Buffer.from(CUT)]),
  };
};

/** `/api/v1/nodes?limit=500` → `api-v1-nodes.json`. */
const nameOf = (path: string): string =>
  `objects/${path
    .replace(/\?.*$/, '')
    .replace(/^\//, '')
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .slice(-60)}.json`;

/** What was read, each by its own name. */
const objects = ({ seen }: Reader): TarFile[] => {
  const names = new Map<string, number>();
  return [...seen].map(([path, content]) => {
    const name = nameOf(path);
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    const text = JSON.stringify({ path, content: redact(content) }, null, 1);
    return file(count === 1 ? name : name.replace(/\.json$/, `-${count}.json`), text);
  });
};

/** What our programs said last. They log no secret; what looks like one is left out all the same. */
const logs = async (reader: Reader): Promise<TarFile[]> => {
  const selector = encodeURIComponent(`${Label.app} in (virt-webhook,virt-controller,virt-agent)`);
  const read = await reader.list<LauncherPod>(`/api/v1/namespaces/${INSTALL_NAMESPACE}/pods?labelSelector=${selector}`);
  if (read.is !== 'there') return [];
  const files: TarFile[] = [];
  for (const { metadata } of read.content.slice(0, MAX_PODS)) {
    const { name = '' } = metadata ?? {};
    const query = `tailLines=${LOG_LINES}&limitBytes=${LOG_BYTES}`;
    const path = `/api/v1/namespaces/${INSTALL_NAMESPACE}/pods/${encodeURIComponent(name)}/log?${query}`;
    files.push(file(`logs/${name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}.log`, await logOf(reader, path)));
  }
  return files;
};

const logOf = async ({ client }: Reader, path: string): Promise<string> => {
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of (await client.openBody(path)) as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size > LOG_BYTES) break;
    }
    return redactText(Buffer.concat(parts).subarray(0, LOG_BYTES).toString('utf8'));
  } catch (error) {
    return `not readable: ${messageOf(error)}\n`;
  }
};

const within = (files: readonly TarFile[]): readonly TarFile[] => {
  let left = MAX_ALL;
  return files.filter(({ content }) => {
    left -= content.length;
    return left >= 0;
  });
};

/** A device, a pipe or a directory is not replaced. */
const isReplaceable = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    // There is none, or a link that leads nowhere.
    return true;
  }
};

/** In the place of what is there: a file that others may read keeps its mode, and a link leads elsewhere. */
const replaceFile = async (path: string, content: Buffer): Promise<void> => {
  if (!(await isReplaceable(path))) throw new Error('it is there and no file');
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(beside, content, { mode: 0o600, flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
};

/** Writes the archive. @returns how many files are in it @throws CliError where it cannot be written */
export const writeBundle = async (
  path: string,
  { reader, report, now }: { readonly reader: Reader; readonly report: Report; readonly now: number },
): Promise<number> => {
  const { gitVersion, platform } = clientVersion;
  const about = { time: new Date(now).toISOString(), plugin: gitVersion, platform, notVisible: [...reader.hidden] };
  const programs = await logs(reader);
  const files = within([
    file('doctor.json', JSON.stringify(redact({ ...about, ...report }), null, 2)),
    ...programs,
    ...objects(reader),
  ]);
  try {
    await replaceFile(path, gzipSync(tar(files, now)));
  } catch (error) {
    throw new CliError(`cannot write ${path}: ${messageOf(error)}`, { remedy: 'Name another file with --bundle.' });
  }
  return files.length;
};
