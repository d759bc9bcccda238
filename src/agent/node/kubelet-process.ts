import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { readYaml } from '../../api/yaml/read-yaml.js';
import { parseStartTime, parseStatus } from '../pod/pod-process.js';
import { procText } from '../pod/proc-text.js';
import { parseSimpleYaml } from '../../kube/kubeconfig/simple-yaml.js';
import { flagOf } from './kubelet-settings.js';

/*
 * How this node's kubelet was started: its command line and configuration files, read where it reads them. Of the ways
 * to learn its settings this is the one that needs no right in the cluster (ADR 20).
 */

/** How kubelet was started; `files` are its configuration file and those laid over it, parsed. */
export interface KubeletStart {
  readonly argv: readonly string[];
  readonly files: readonly unknown[];
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 64;
/** As many as Linux follows. */
const MAX_LINKS = 40;

interface Found {
  readonly pid: string;
  readonly startTime: bigint;
}

/** Looks for it seldom, because that is a pass over all processes; of one that is known it costs the read of a file. */
export class KubeletProcess {
  private found: Found | undefined;
  private start: KubeletStart | undefined;
  private nextSearch = 0;
  private lostAt: number | undefined;

  constructor(
    private readonly options: {
      readonly now: () => number;
      readonly searchEveryMs: number;
      /** Told once for each process: its files cannot be read. */
      readonly failed: (message: string) => void;
      /** The host's; a test gives its own. */
      readonly proc?: string;
    },
  ) {}

  private get proc(): string {
    return this.options.proc ?? '/proc';
  }

  /** Undefined: there is no process that is kubelet's alone, or its files cannot be read. */
  async look(): Promise<KubeletStart | undefined> {
    if (this.found !== undefined && (await this.startTime(this.found.pid)) === this.found.startTime) return this.start;
    const { searchEveryMs } = this.options;
    const now = this.options.now();
    // One that was there is restarted as a rule, and back in a moment.
    if (this.found !== undefined) this.lostAt = now;
    const isAway = this.lostAt !== undefined && now - this.lostAt < searchEveryMs;
    // What it was started with is what holds, whatever is in its files since then.
    this.start = undefined;
    this.found = undefined;
    if (now < this.nextSearch && !isAway) return undefined;
    this.nextSearch = now + searchEveryMs;
    this.found = await this.search();
    if (this.found !== undefined) this.start = await this.read(this.found.pid);
    return this.start;
  }

  /** The node's file system, as kubelet sees it; undefined where it is not known, or has ended since. */
  get root(): string | undefined {
    if (this.found === undefined) return undefined;
    const { pid, startTime } = this.found;
    try {
      const now = parseStartTime(readFileSync(join(this.proc, pid, 'stat'), 'utf8'));
      return now === startTime ? join(this.proc, pid, 'root') : undefined;
    } catch {
      return undefined;
    }
  }

  /** Several are none. */
  private async search(): Promise<Found | undefined> {
    const pids = readdirSync(this.proc).filter((name) => /^\d+$/.test(name));
    const all = await Promise.all(pids.map((pid) => this.kubelet(pid)));
    const found = all.filter((one) => one !== undefined);
    return found.length === 1 ? found[0] : undefined;
  }

  private async kubelet(pid: string): Promise<Found | undefined> {
    if ((await this.text(pid, 'comm')).trim() !== 'kubelet') return undefined;
    const [status, cgroups] = await Promise.all([this.text(pid, 'status'), this.text(pid, 'cgroup')]);
    // Any pod may call a program so, and any user of the node.
    if (!/^Uid:\s+0\s+0\s/m.test(status) || parseStatus(status)?.namespacePids.length !== 1) return undefined;
    if (cgroups === '' || cgroups.includes('kubepods')) return undefined;
    const startTime = await this.startTime(pid);
    return startTime === undefined ? undefined : { pid, startTime };
  }

  private text(pid: string, file: string): Promise<string> {
    return procText(join(this.proc, pid, file));
  }

  private async startTime(pid: string): Promise<bigint | undefined> {
    return parseStartTime(await this.text(pid, 'stat'));
  }

  private async read(pid: string): Promise<KubeletStart | undefined> {
    const argv = (await this.text(pid, 'cmdline')).split('\0');
    try {
      const root = join(this.proc, pid, 'root');
      const [config, directory] = [flagOf(argv, 'config'), flagOf(argv, 'config-dir')];
      const paths = [
        ...(config === undefined ? [] : [absolute(config)]),
        ...(directory === undefined ? [] : overlays(root, absolute(directory))),
      ];
      return { argv, files: paths.map((path) => parse(textWithin(root, path))) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.options.failed(`the configuration of kubelet (process ${pid}) cannot be read: ${message}`);
      return undefined;
    }
  }
}

const absolute = (path: string): string => {
  if (isAbsolute(path)) return path;
  throw new Error(`${path} is not an absolute path`);
};

/** Files over the configuration file, in the order of their names, as kubelet takes them. */
const overlays = (root: string, directory: string): string[] =>
  readdirSync(within(root, directory))
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .slice(0, MAX_FILES)
    .map((name) => join(directory, name));

/**
 * Where a path of another root is as seen from here: links are followed as they are meant there. Kubelet's root is its
 * node's; nothing of a tenant's lies on the way.
 */
const within = (root: string, path: string): string => {
  let left = path.split('/');
  let at = '/';
  for (let links = 0; ;) {
    const step = left.shift();
    if (step === undefined) return join(root, at);
    if (step === '' || step === '.') continue;
    if (step === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, step);
    if (!lstatSync(join(root, next)).isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new Error(`${path} has too many links`);
    const target = readlinkSync(join(root, next));
    if (isAbsolute(target)) at = '/';
    left = [...target.split('/'), ...left];
  }
};

const textWithin = (root: string, path: string): string => {
  const file = openSync(within(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error(`${basename(path)} is no file`);
    if (status.size > MAX_FILE_BYTES) throw new Error(`${basename(path)} is larger than 1 MiB`);
    const buffer = Buffer.alloc(status.size);
    return buffer.toString('utf8', 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
};

const parse = (text: string): unknown => {
  if (text.trimStart().startsWith('{')) return JSON.parse(text) as unknown;
  const simple = parseSimpleYaml(text);
  return simple === undefined ? readYaml(text).documents[0]?.value : simple.value;
};
