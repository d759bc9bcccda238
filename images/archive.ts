/**
 * Image archives in the format of `docker save`, which `ctr images import`, `docker load`, `podman load` and `kind load
 * image-archive` all read. An image is a list of layer tar files, lowest first, and a configuration.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from '../test/cluster/run.js';

export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** `uid:gid` or a name of the image's own /etc/passwd. */
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Image {
  /** `localhost/kubectl-virt/control:0.1.0`. */
  readonly tag: string;
  readonly layers: readonly string[];
  readonly config: ImageConfig;
}

/** Go's name of this machine's architecture: what an image's configuration holds. */
export const goArchitecture = (nodeArchitecture: string = process.arch): string =>
  ({ x64: 'amd64', arm64: 'arm64', s390x: 's390x', ppc64: 'ppc64le' })[nodeArchitecture] ?? nodeArchitecture;

/** SHA-256 of a file in hex, remembered beside the file for as long as that does not change. */
export const fileDigest = async (file: string): Promise<string> => {
  const { size, mtimeMs } = statSync(file);
  const stamp = `${size} ${mtimeMs}`;
  const memory = `${file}.sha256`;
  if (existsSync(memory)) {
    const [digest, ...rest] = readFileSync(memory, 'utf8').split(' ');
    if (digest !== undefined && rest.join(' ') === stamp) return digest;
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const digest = hash.digest('hex');
  writeFileSync(memory, `${digest} ${stamp}`);
  return digest;
};

interface Content {
  /** Hex SHA-256 of each layer. */
  readonly digests: readonly string[];
  /** The image's configuration as it goes into the archive. */
  readonly config: string;
  /** Hex SHA-256 of the configuration, which names the layers: it changes with any content. */
  readonly id: string;
}

export const imageContent = async (image: Image): Promise<Content> => {
  const digests = await Promise.all(image.layers.map(fileDigest));
  const config = JSON.stringify({
    architecture: goArchitecture(),
    os: 'linux',
    config: {
      Entrypoint: image.config.entrypoint,
      Cmd: image.config.command,
      Env: image.config.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      User: image.config.user,
      WorkingDir: image.config.workingDir,
      Labels: image.config.labels,
    },
    rootfs: { type: 'layers', diff_ids: digests.map((digest) => `sha256:${digest}`) },
    history: digests.map(() => ({ created_by: 'kubectl-virt images' })),
  });
  return { digests, config, id: createHash('sha256').update(config).digest('hex') };
};

/**
 * Writes the archive atomically. The directory of `output` should be on the layers' file system: they are linked, not
 * copied.
 */
export const writeArchive = async (image: Image, output: string): Promise<void> => {
  const { digests, config, id } = await imageContent(image);
  const staging = `${output}.staging`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  image.layers.forEach((layer, index) => linkOrCopy(layer, path.join(staging, `${digests[index] ?? ''}.tar`)));
  writeFileSync(path.join(staging, `${id}.json`), config);
  const manifest = [{ Config: `${id}.json`, RepoTags: [image.tag], Layers: digests.map((digest) => `${digest}.tar`) }];
  writeFileSync(path.join(staging, 'manifest.json'), JSON.stringify(manifest));
  await run('tar', [
    '--create',
    '--file',
    `${output}.tmp`,
    '--directory',
    staging,
    '--hard-dereference',
    '--sort=name',
    '.',
  ]);
  renameSync(`${output}.tmp`, output);
  rmSync(staging, { recursive: true, force: true });
};

const linkOrCopy = (from: string, to: string): void => {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
};

/**
 * Packs a directory's content as a layer that is the same for the same content: sorted, without times, owned by
 * `owner`.
 */
export const packLayer = async (directory: string, output: string, owner = '0:0'): Promise<void> => {
  const [uid = '0', gid = '0'] = owner.split(':');
  await run('tar', [
    ...['--create', '--file', `${output}.tmp`, '--directory', directory, '--sort=name', '--numeric-owner'],
    ...[`--owner=${uid}`, `--group=${gid}`, '--mtime=@0', '.'],
  ]);
  renameSync(`${output}.tmp`, output);
};
