/**
 * `npm run release [-- --base-url URL]`: what is published of a version, under dist/release/: the plugin's archive,
 * krew's manifest, the Helm chart, and their checksums. The same bytes whenever it is run on one commit with one
 * SOURCE_DATE_EPOCH.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chart } from './chart.js';
import { krewManifest } from './krew.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const { values } = parseArgs({
  options: {
    'base-url': { type: 'string', default: 'https://example.com/kubectl-virt' },
    output: { type: 'string', default: join(root, 'dist/release') },
  },
});
const { 'base-url': baseUrl, output } = values;
if (!/^https?:\/\/\S+$/.test(baseUrl)) {
  process.stderr.write(`--base-url is ${JSON.stringify(baseUrl)}: write where the archives will be found, https://…\n`);
  process.exit(2);
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Who packs it, when and where are not in it. */
const pack = (directory: string, file: string): void => {
  const tar = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w'];
  const mtime = `--mtime=@${process.env['SOURCE_DATE_EPOCH'] ?? '0'}`;
  const bytes = execFileSync('tar', [...tar, mtime, '--use-compress-program=gzip -n -9', '-c', '-C', directory, '.'], {
    maxBuffer: 2 ** 28,
  });
  writeFileSync(file, bytes);
};

/** The program with the chunks and the page that it reads, by the name that it reads them by. */
const pluginFiles = (): readonly string[] => {
  const program = 'dist/kubectl-virt.cjs';
  const [chunks = ''] = /kubectl-virt\.[0-9a-f]{12}\.chunks/.exec(readFileSync(join(root, program), 'utf8')) ?? [];
  return [
    'bin/kubectl-virt',
    'bin/kubectl_complete-virt',
    'bin/package.json',
    program,
    `dist/${chunks}`,
    'dist/ui',
    'LICENSE',
  ];
};

const made = (name: string, fill: (directory: string) => void): string => {
  const directory = mkdtempSync(join(tmpdir(), 'kubectl-virt-release-'));
  try {
    fill(directory);
    pack(directory, join(output, name));
    return name;
  } finally {
    rmSync(directory, { recursive: true });
  }
};

if (!existsSync(join(root, 'dist/kubectl-virt.cjs'))) {
  process.stderr.write('dist/ is empty: npm run build first\n');
  process.exit(2);
}
mkdirSync(output, { recursive: true });
const plugin = made(`kubectl-virt-v${version}.tar.gz`, (directory) => {
  for (const file of pluginFiles()) cpSync(join(root, file), join(directory, file), { recursive: true });
});
const helm = made(`kubectl-virt-chart-${version}.tgz`, (directory) => {
  for (const [file, text] of chart()) {
    const path = join(directory, 'kubectl-virt', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
});
const krew = 'virt.yaml';
const archive = { uri: `${baseUrl.replace(/\/$/, '')}/${plugin}`, sha256: sha256(join(output, plugin)), version };
writeFileSync(join(output, krew), krewManifest(archive));
const files = [plugin, helm, krew];
writeFileSync(join(output, 'SHA256SUMS'), files.map((file) => `${sha256(join(output, file))}  ${file}\n`).join(''));
for (const file of [...files, 'SHA256SUMS']) process.stdout.write(`${join(output, file)}\n`);
