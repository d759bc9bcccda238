/**
 * Kubernetes' programs, built from Debian's source package into the cache: Debian ships no kubelet or API server
 * binaries, and the test machine reaches no other download. Six to ten minutes on two cores, once. A killed build
 * continues: the unpacked source and Go's build cache stay until the programs are in place, and go then (3 GB).
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.js';
import { run } from './run.js';
import { BUILT_KUBERNETES_BIN as BUILT, CACHE_DIR, KUBERNETES_BIN, PAUSE } from './settings.js';

const ROOT = path.join(CACHE_DIR, 'kubernetes');
const BUILD = path.join(ROOT, 'build');
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'] as const;
/** Changes when what is built changes; a cache with another stamp is built again. */
const STAMP = 'kubernetes 1.20.2, reflect2 1.0.2, pause 1';
const stampFile = path.join(BUILT, 'stamp');
const PAUSE_SOURCE = fileURLToPath(new URL('../../images/pause/main.go', import.meta.url));
const REFLECT2 = 'golang-github-modern-go-reflect2';
const SOURCES_LIST =
  'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n';

/** What the build needs beyond the cluster's own packages. */
export const kubernetesReady = (): boolean => existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === STAMP;

/** The programs: those that KUBECTL_VIRT_KUBERNETES_BIN names, else from the cache or built now. */
export const ensureKubernetes = async (log: (line: string) => void): Promise<void> => {
  await ensurePrograms(log);
  if (!existsSync(PAUSE)) {
    mkdirSync(path.dirname(PAUSE), { recursive: true });
    await buildPause(PAUSE, { GO111MODULE: 'off', CGO_ENABLED: '0', GOCACHE: path.join(BUILD, 'gocache') });
  }
};

const ensurePrograms = async (log: (line: string) => void): Promise<void> => {
  if (KUBERNETES_BIN !== BUILT) {
    const missing = PROGRAMS.filter((program) => !existsSync(path.join(KUBERNETES_BIN, program)));
    if (missing.length === 0) return;
    throw new Error(`KUBECTL_VIRT_KUBERNETES_BIN is ${KUBERNETES_BIN}, which lacks ${missing.join(', ')}.`);
  }
  if (kubernetesReady()) return;
  await withLock(path.join(ROOT, 'build.lock'), log, async () => {
    if (kubernetesReady()) return;
    log("building Kubernetes 1.20.2 from Debian's source: 6 to 10 minutes on 2 cores, once");
    const source = await fetchSource(log);
    await compile(source, log);
    rmSync(BUILD, { recursive: true, force: true });
  });
};

/** Unpacks the source package with package lists of our own, so that the machine's stay as they are. */
const fetchSource = async (log: (line: string) => void): Promise<string> => {
  const unpacked = path.join(BUILD, 'source');
  if (!existsSync(unpacked)) {
    log('fetching the source package (30 MB)');
    const fetching = path.join(BUILD, 'fetching');
    rmSync(fetching, { recursive: true, force: true });
    const lists = path.join(BUILD, 'apt', 'lists');
    mkdirSync(path.join(lists, 'partial'), { recursive: true });
    mkdirSync(fetching, { recursive: true });
    const sources = path.join(BUILD, 'apt', 'sources.list');
    writeFileSync(sources, SOURCES_LIST);
    const options = [
      `Dir::Etc::sourcelist=${sources}`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State::lists=${lists}`,
    ];
    const apt = options.flatMap((option) => ['-o', option]);
    await run('apt-get', [...apt, 'update']);
    const packages = ['kubernetes', REFLECT2];
    await run('apt-get', [...apt, '-o', 'APT::Sandbox::User=root', 'source', '--only-source', ...packages], {
      cwd: fetching,
    });
    replaceReflect2(fetching);
    renameSync(fetching, unpacked);
  }
  return sourceTree(unpacked, 'kubernetes-');
};

const sourceTree = (directory: string, prefix: string): string => {
  const tree = readdirSync(directory, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && entry.name.startsWith(prefix),
  );
  if (tree === undefined) throw new Error(`No ${prefix}* in ${directory}; remove that directory and try again.`);
  return path.join(directory, tree.name);
};

/**
 * The copy of reflect2 in Kubernetes 1.20 iterates maps through a function of Go's runtime that takes another argument
 * since Go 1.18: built with Debian 12's Go 1.19, the API server crashes now and then ("unexpected fault address" in
 * mapiternext). Debian's own package of reflect2 is the release that knows both.
 */
const replaceReflect2 = (unpacked: string): void => {
  const vendored = path.join(sourceTree(unpacked, 'kubernetes-'), 'vendor', 'github.com', 'modern-go', 'reflect2');
  const fixed = sourceTree(unpacked, REFLECT2);
  rmSync(vendored, { recursive: true });
  mkdirSync(vendored);
  for (const file of readdirSync(fixed)) {
    const isSource = /\.(go|s)$/.test(file) && !file.endsWith('_test.go');
    if (isSource || file === 'LICENSE') copyFileSync(path.join(fixed, file), path.join(vendored, file));
  }
};

const compile = async (source: string, log: (line: string) => void): Promise<void> => {
  const goPath = path.join(BUILD, 'gopath');
  const tree = path.join(goPath, 'src', 'k8s.io', 'kubernetes');
  if (!existsSync(tree)) {
    mkdirSync(path.dirname(tree), { recursive: true });
    symlinkSync(source, tree);
  }
  const env = {
    GOPATH: goPath,
    GOCACHE: path.join(BUILD, 'gocache'),
    GO111MODULE: 'off',
    CGO_ENABLED: '0',
    // Without symbols: half the size in the cache, and less to link.
    GOLDFLAGS: '-s -w',
    KUBE_GIT_VERSION: 'v1.20.2',
    KUBE_GIT_TREE_STATE: 'clean',
    KUBE_GIT_COMMIT: 'debian',
    KUBE_GIT_MAJOR: '1',
    KUBE_GIT_MINOR: '20',
  };
  const begin = Date.now();
  const ticker = setInterval(() => log(`still building, ${Math.round((Date.now() - begin) / 1000)} s`), 60_000);
  try {
    const what = `WHAT=${PROGRAMS.map((program) => `cmd/${program}`).join(' ')}`;
    await run('nice', ['make', what], {
      cwd: tree,
      env,
      onLine: (line) => line.startsWith('+++') && log(line.slice(0, 120)),
    });
    await install(path.join(tree, '_output', 'bin'), env);
  } finally {
    clearInterval(ticker);
  }
};

/** Copies the programs beside their place and swaps the directories: the stamp is never there without all of them. */
const install = async (built: string, env: Readonly<Record<string, string>>): Promise<void> => {
  const fresh = `${BUILT}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const program of PROGRAMS) copyFileSync(path.join(built, program), path.join(fresh, program));
  await buildPause(PAUSE, env);
  writeFileSync(path.join(fresh, 'stamp'), `${STAMP}\n`);
  rmSync(BUILT, { recursive: true, force: true });
  renameSync(fresh, BUILT);
};

/** Replaces it in one step: a build that was killed leaves no half of one. */
const buildPause = async (to: string, env: Readonly<Record<string, string>>): Promise<void> => {
  await run('go', ['build', '-ldflags=-s -w', '-o', `${to}.new`, PAUSE_SOURCE], { env });
  renameSync(`${to}.new`, to);
};
