import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { imageReferenceProblem } from '../../../../src/validators/rule/image-reference.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('names of images', () => {
  for (const image of [
    'debian',
    'debian:12',
    'library/debian',
    'quay.io/containerdisks/fedora:latest',
    'localhost/a',
    'localhost:5000/a/b__c-d---e.f:V1_x.y-z',
    'Quay.io/containerdisks/fedora',
    '[fd00::1]:5000/a',
    `registry.example:443/a/b@${DIGEST}`,
    `registry.example/a:v1@${DIGEST}`,
    `a@sha512:${'0a'.repeat(64)}`,
  ])
    it(`takes ${image.slice(0, 50)}`, () => assert.equal(imageReferenceProblem(image), undefined));

  const refused: readonly (readonly [image: string, says: RegExp])[] = [
    ['docker://quay.io/a/b:c', /begins with docker:\/\/.*write "quay\.io\/a\/b:c"$/],
    ['https://quay.io/a', /begins with https:\/\/.*write "quay\.io\/a"$/],
    ['oci://quay.io/A', /begins with oci:\/\/.*write "quay\.io\/a"$/],
    ['quay.io/Containerdisks/fedora', /capital letter.*write "quay\.io\/containerdisks\/fedora"$/],
    ['Fedora:Latest', /capital letter.*write "fedora:Latest"$/],
    ['quay.io/a latest', /a space.*write REGISTRY\/NAME:TAG/],
    [' quay.io/a', /a space.*write "quay\.io\/a"$/],
    ['quay.io/a\n', /a space.*write "quay\.io\/a"$/],
    ['quay.io/a:', /has the tag "", which is none/],
    ['quay.io/a:-x', /has the tag "-x"/],
    ['quay.io/a:b:c', /has the tag "b:c"/],
    ['quay.io//a', /is no name/],
    ['quay.io/a/', /is no name/],
    ['/a', /is no name/],
    ['quay.io/a..b', /is no name/],
    ['-quay.io/a', /has no registry/],
    ['quay.io:port/a', /has no registry/],
    ['quay.io/${IMAGE}', /capital letter|no name/],
    ['a@sha256:0a', /no digest/],
    ['a@', /no digest/],
    [`a@${DIGEST}@${DIGEST}`, /no digest/],
    ['0a'.repeat(32), /the ID of an image/],
    [`quay.io/${'a'.repeat(256)}`, /more than 255/],
    ['a'.repeat(100_000), /100000 characters/],
  ];
  for (const [image, says] of refused)
    it(`refuses ${JSON.stringify(image.slice(0, 50))}, and says what to write`, () => {
      const problem = imageReferenceProblem(image) ?? '';
      assert.match(problem, says);
      assert.ok(problem.length <= 250, problem);
    });

  it('is quick with what is hostile', () => {
    const since = process.cpuUsage();
    for (const piece of ['a-', '__', 'a.', '-', 'a_', '@', ':', '/', '://'])
      imageReferenceProblem(piece.repeat(520 / piece.length).slice(0, 515));
    assert.ok(process.cpuUsage(since).user < 500_000);
  });
});
