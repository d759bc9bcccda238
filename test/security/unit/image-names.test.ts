import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, visit } from 'yaml';
import { IMAGE_PREFIX } from '../../../src/api/images.js';
import { ImageTag } from '../../../images/recipes.js';

/*
 * An image whose name lacks a registry is Docker Hub's, and whoever takes the name there runs in our privileged pods.
 */

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(REPOSITORY, file), 'utf8');
const tracked = (...paths: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '');

/** As container runtimes read it: the first part is a registry when it has a dot or a port, or is `localhost`. */
const registryOf = (image: string): string | undefined => {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : undefined;
};

interface Use {
  readonly image: string;
  readonly pulled: unknown;
}

/** Every `image:` of a YAML text, and every argument that names one. */
const uses = (text: string): Use[] => {
  const found: Use[] = [];
  for (const document of parseAllDocuments(text)) {
    visit(document, {
      Map: (_, map) => {
        const image = map.get('image');
        if (typeof image === 'string') found.push({ image, pulled: map.get('imagePullPolicy') });
      },
      Scalar: (_, { value }) => {
        const image = typeof value === 'string' ? /^--[a-z-]*image=(.*)/.exec(value)?.[1] : undefined;
        if (image !== undefined) found.push({ image, pulled: 'Never' });
      },
    });
  }
  return found;
};

describe('attack: somebody else owns the name of an image', () => {
  const manifests = tracked('manifests').filter((file) => file.endsWith('.yaml') && !file.includes('/crds/'));

  it('finds the images of the manifests and examples', () => {
    assert.ok(manifests.flatMap((file) => uses(read(file))).length >= 20);
  });

  for (const file of manifests) {
    const images = uses(read(file));
    if (images.length === 0) continue;
    it(`${file} names a registry for every image, and pulls none of localhost`, () => {
      for (const { image, pulled } of images) {
        const registry = registryOf(image);
        assert.ok(registry, `${image} is Docker Hub's`);
        if (registry === 'localhost') assert.equal(pulled, 'Never', image);
      }
    });
  }

  it('the programs that are installed come from localhost', () => {
    const ours: string[] = [ImageTag.control, ImageTag.launcher];
    const installed = manifests.filter((file) => !file.startsWith('manifests/examples/'));
    const images = installed.flatMap((file) => uses(read(file))).map(({ image }) => image);
    assert.ok(images.length >= 5);
    for (const image of images) assert.ok(ours.includes(image), image);
  });

  it('every recipe makes an image of localhost', () => {
    for (const tag of Object.values(ImageTag)) assert.ok(tag.startsWith(`${IMAGE_PREFIX}/`), tag);
  });

  it('no text of the project names an image of ours without its registry', () => {
    // Ours by their names, and `kubectl-virt/…:tag` whatever its name.
    const bare =
      /(?<![\w./-])kubectl-virt\/(?:(?:control|launcher|pause|guest-[a-z]+|test-[a-z-]+)(?![\w-])|[a-z-]+:(?:latest|\d))/;
    const texts = tracked(
      'docs',
      'manifests',
      'images',
      'src',
      'cmd',
      'scripts',
      'test',
      'README.md',
      'CONTRIBUTING.md',
    );
    assert.ok(texts.length > 500);
    for (const file of texts) assert.doesNotMatch(read(file), bare, file);
  });

  it('no text tells to install a package of ours from npm, where the name is not ours', () => {
    for (const file of tracked('*.md', 'docs')) {
      assert.doesNotMatch(
        read(file),
        /(?:npm (?:i|install|exec)|npx)(?: +-{1,2}[a-z-]+)* +kubectl-virt\b(?!-\d)/,
        file,
      );
    }
  });

  it('base images have a registry', () => {
    for (const file of tracked('images').filter((each) => each.endsWith('.Containerfile'))) {
      const bases = [...read(file).matchAll(/^(?:FROM |ARG BASE=)(\S+)/gm)].map(([, base = '']) => base);
      assert.ok(bases.length > 0, file);
      for (const base of bases) if (base !== '${BASE}') assert.ok(registryOf(base), `${file}: ${base}`);
    }
  });

  it('the worked example of a registry replaces the arguments that it means', () => {
    const args = read('manifests/virt-controller.yaml').match(/^ {12}- (--\S+)$/gm) ?? [];
    assert.match(args[2] ?? '', /--launcher-image=/);
    assert.match(read('docs/install.md'), /args\/2, value: "?'?--launcher-image=/);
  });
});
