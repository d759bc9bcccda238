import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { errorMessage } from '../client/api-error.js';
import { KubeconfigError } from './error.js';
import { parseSimpleYaml } from './simple-yaml.js';
import type { Environment, Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from './types.js';

/** Fields that name a file, relative to the kubeconfig that names it. */
const CLUSTER_PATHS = ['certificate-authority'] as const;
const USER_PATHS = ['client-certificate', 'client-key', 'tokenFile'] as const;

interface KubeconfigFile {
  clusters?: { name?: string; cluster?: KubeconfigCluster }[] | null;
  users?: { name?: string; user?: KubeconfigUser }[] | null;
  contexts?: { name?: string; context?: KubeconfigContext }[] | null;
  'current-context'?: string;
}

/** The files to read, in order of precedence; `required` when the user named the one file on the command line. */
const filesToRead = (flag: string | undefined, env: Environment): { files: string[]; required: boolean } => {
  if (flag !== undefined) return { files: [resolve(flag)], required: true };
  const list = env['KUBECONFIG'];
  if (list !== undefined && list !== '') {
    return { files: [...new Set(list.split(delimiter).filter((file) => file !== ''))], required: false };
  }
  return { files: [join(env['HOME'] ?? homedir(), '.kube', 'config')], required: false };
};

/** The first document, as kubectl reads it. */
const readWhole = async (text: string): Promise<unknown> => {
  const { readYaml } = await import('../../api/yaml/read-yaml.js');
  const { documents, problems } = readYaml(text);
  // kubectl takes the last of two keys; so must this, or a file that works there would not here.
  const [problem] = problems.filter(({ kind }) => kind !== 'duplicate-key' && kind !== 'merge-order');
  if (problem !== undefined) throw new Error(`line ${problem.line}: ${problem.message}`);
  return documents[0]?.value;
};

const parseFile = async (file: string): Promise<KubeconfigFile> => {
  try {
    const text = readFileSync(file, 'utf8');
    // Most files are plain enough to do without the whole reader of YAML, which costs CPU time.
    const simple = text.startsWith('{') ? { value: JSON.parse(text) as unknown } : parseSimpleYaml(text);
    const parsed = simple === undefined ? await readWhole(text) : simple.value;
    if (parsed === null || parsed === undefined) return {};
    if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error('it is not a mapping');
    return parsed;
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${file}: ${errorMessage(error)}`, {
      remedy: 'Name a readable kubeconfig with --kubeconfig or $KUBECONFIG.',
      cause: error,
    });
  }
};

const withAbsolutePaths = <T extends object>(entry: T, keys: readonly (keyof T)[], directory: string): T => {
  const copy = { ...entry };
  for (const key of keys) {
    const value = copy[key];
    if (typeof value === 'string' && value !== '' && !isAbsolute(value)) {
      Object.assign(copy, { [key]: join(directory, value) });
    }
  }
  return copy;
};

/** An exec command with a slash is a path relative to its kubeconfig; a bare one is looked up in PATH. */
const withAbsoluteExec = (user: KubeconfigUser, directory: string): KubeconfigUser => {
  const command = user.exec?.command;
  if (user.exec === undefined || user.exec === null || command === undefined) return user;
  if (!command.includes('/') || isAbsolute(command)) return user;
  return { ...user, exec: { ...user.exec, command: join(directory, command) } };
};

const addNew = <T>(map: Map<string, T>, name: string | undefined, value: T | undefined): void => {
  if (name !== undefined && value !== undefined && !map.has(name)) map.set(name, value);
};

/**
 * Reads and merges the kubeconfig files. Source: docs/reference/control.md §1.1 (config precedence); the first file
 * that names a cluster, user, context or current context wins, and files of `$KUBECONFIG` that do not exist are passed
 * over.
 * @throws KubeconfigError when a file cannot be read or parsed, or the file of --kubeconfig does not exist
 */
export const loadKubeconfig = async (flag: string | undefined, env: Environment): Promise<Kubeconfig> => {
  const { files, required } = filesToRead(flag, env);
  const clusters = new Map<string, KubeconfigCluster>();
  const users = new Map<string, KubeconfigUser>();
  const contexts = new Map<string, KubeconfigContext>();
  const read: string[] = [];
  let currentContext: string | undefined;
  for (const file of files) {
    if (!required && !existsSync(file)) continue;
    const content = await parseFile(file);
    const directory = dirname(resolve(file));
    read.push(file);
    for (const { name, cluster } of content.clusters ?? []) {
      addNew(clusters, name, cluster && withAbsolutePaths(cluster, CLUSTER_PATHS, directory));
    }
    for (const { name, user } of content.users ?? []) {
      addNew(users, name, withAbsoluteExec(withAbsolutePaths(user ?? {}, USER_PATHS, directory), directory));
    }
    for (const { name, context } of content.contexts ?? []) addNew(contexts, name, context);
    // An empty string counts as not set, as in kubectl.
    currentContext ??= content['current-context'] === '' ? undefined : content['current-context'];
  }
  return { clusters, users, contexts, currentContext, files: read };
};
