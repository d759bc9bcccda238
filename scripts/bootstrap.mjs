/**
 * `npm test`, `npm run demo`, `npm run cluster`, `npm run images` on a fresh machine: checks Node, installs what is
 * missing (npm packages by the lock file, Debian packages by what the command needs), builds, and hands over to
 * TypeScript. Plain Node without dependencies, because none may be installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = process.env.KUBECTL_VIRT_CACHE ?? '/var/cache/kubectl-virt';

/** Debian packages by what they are for. */
const packageGroups = {
  cluster: {
    why: 'a one-node Kubernetes: store, container runtime, pod network',
    names: ['etcd-server', 'containerd', 'runc', 'containernetworking-plugins', 'iptables', 'iproute2', 'socat'],
  },
  build: {
    why: "building Kubernetes from Debian's source, once",
    names: ['golang-go', 'rsync', 'dpkg-dev', 'make', 'xz-utils'],
  },
  images: {
    why: 'container images and guest disks from Debian packages',
    names: ['mmdebstrap', 'mtools', 'syslinux', 'syslinux-common', 'fdisk', 'e2fsprogs', 'qemu-utils'],
  },
  importer: {
    why: 'the importer of DataVolumes, whose tests run it on this machine',
    names: ['curl', 'xz-utils'],
  },
  chart: {
    why: "rendering the Helm chart: Debian has no Helm, but its template language and Sprig's functions",
    names: ['golang-go', 'golang-github-masterminds-sprig-dev', 'golang-gopkg-yaml.v3-dev'],
  },
  browser: {
    why: 'the page of kubectl virt ui, which tests use as a user does',
    names: ['chromium'],
  },
  machine: {
    why: 'a virtual machine on this machine: libvirt, QEMU, passt',
    names: [
      ...['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86', 'qemu-utils'],
      ...['passt', 'nftables', 'iproute2', 'xorriso', 'busybox-static', 'tini', 'mtools', 'syslinux', 'libxml2-utils'],
    ],
  },
};

/** What each command runs and needs. `needs` gets the command's own arguments. */
const commands = {
  test: {
    main: 'test/cluster/test.ts',
    build: true,
    needs: (args) => {
      const only = args.find((each, index) => args[index - 1] === '--only' || each.startsWith('--only='));
      const stages = only?.replace('--only=', '').split(',');
      const wants = (stage) => stages === undefined || stages.includes(stage);
      const existing = process.env.TEST_CLUSTER === 'existing';
      const cluster = wants('e2e') && !existing;
      return [
        ...new Set([
          ...(wants('integration') ? ['machine', 'importer', 'browser', 'chart', 'cluster', ...buildGroup()] : []),
          ...(cluster ? clusterGroups() : []),
          ...(wants('e2e') ? ['browser'] : []),
        ]),
      ];
    },
  },
  demo: { main: 'scripts/demo.ts', build: true, quiet: true, needs: () => ['machine'] },
  cluster: { main: 'test/cluster/main.ts', buildFor: 'up', needs: (args) => (args[0] === 'up' ? clusterGroups() : []) },
  images: { main: 'images/main.ts', build: true, needs: () => ['images'] },
};

/** Nothing when the cache holds what test/cluster/kubernetes.ts would build: its stamp says so. */
const buildGroup = () => {
  const stamp = path.join(cache, 'kubernetes', 'bin', 'stamp');
  const wanted = /^const STAMP = '(.*)';$/m.exec(
    readFileSync(path.join(root, 'test/cluster/kubernetes.ts'), 'utf8'),
  )?.[1];
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === wanted ? [] : ['build'];
};
const clusterGroups = () => ['cluster', 'images', ...buildGroup()];

const say = (line) => process.stderr.write(`${line}\n`);
const fail = (message) => {
  say(`error: ${message}`);
  process.exit(1);
};

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: 20.19 or newer is needed. See https://nodejs.org/en/download.`);
  }
};

/** Runs a preparing command; its output is shown, its failure ends everything. */
const must = (command, args, what, { env = {}, quiet = false } = {}) => {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', quiet ? 'ignore' : 2, 2],
    env: { ...process.env, ...env },
  });
  if (error) fail(`${what}: cannot run ${command}: ${error.message}`);
  if (status !== 0) fail(`${what}: "${command} ${args.join(' ')}" failed with exit code ${status}.`);
};

/** Whether node_modules holds just what package-lock.json says (npm keeps a lock file of what it installed). */
const nodeModulesCurrent = () => {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const names = Object.keys(locked).filter((name) => name !== '');
  return (
    names.every(
      (name) => installed[name]?.integrity === locked[name].integrity || (!installed[name] && locked[name].optional),
    ) && Object.keys(installed).every((name) => name in locked)
  );
};

const installed = (name) => {
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], {
    encoding: 'utf8',
  });
  return stdout === 'installed';
};

const aptOptions = ['--yes', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=300'];

const installPackages = (groups) => {
  if (groups.length === 0) return;
  const missing = groups
    .map((group) => ({ ...packageGroups[group], names: packageGroups[group].names.filter((name) => !installed(name)) }))
    .filter(({ names }) => names.length > 0);
  if (missing.length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    fail('This needs a Debian machine (apt-get). On others: "npm test -- --only lint,unit", or TEST_CLUSTER=existing.');
  }
  for (const { names, why } of missing) say(`installing ${names.join(' ')}: ${why}`);
  if (process.getuid() !== 0) fail('Installing Debian packages needs root: run the same command as root.');
  const names = [...new Set(missing.flatMap((each) => each.names))];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const lists = '/var/lib/apt/lists';
  const haveLists =
    existsSync(lists) && readdirSync(lists).some((file) => file.endsWith('_Packages') || file.includes('_Packages.'));
  const install = () =>
    spawnSync('apt-get', ['install', ...aptOptions, '-qq', ...names], {
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, ...env },
    });
  // Lists that are there may be too old to fetch from: then once more with fresh ones.
  if (haveLists && install().status === 0) return;
  must('apt-get', ['update', '-qq'], 'Refreshing the package lists', { env });
  must('apt-get', ['install', ...aptOptions, '-qq', ...names], 'Installing Debian packages', { env });
};

/** Runs the command's main program; passes our signals on to it, so that it cleans up before it goes. */
const handOver = (main, args) => {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, main), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(signal === null ? code : 128 + 15));
};

const main = () => {
  checkNode();
  const [name, ...args] = process.argv.slice(2);
  const command = commands[name];
  if (command === undefined) fail(`usage: node scripts/bootstrap.mjs ${Object.keys(commands).join('|')} [ARGUMENTS]`);
  installPackages(command.needs(args));
  if (!nodeModulesCurrent()) {
    say('installing npm packages');
    must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing npm packages');
  }
  if (command.build === true || (command.buildFor !== undefined && command.buildFor === args[0])) {
    // What is built is of no interest to whoever wants to see a guest.
    must('npm', ['run', '--silent', 'build'], 'Building', { quiet: command.quiet });
  }
  handOver(command.main, args);
};

main();
