import assert from 'node:assert/strict';
import { mapCitations, sourceAnchors, sourceLinks } from '../../../src/explain/source.js';

const SOURCE = 'docs/reference/density-and-cpu.md §8.4, §5.4; docs/reference/user-guides.md §1.4 (with "_")';

describe('sources of rules and warnings', () => {
  it('become links of a page in docs/', () => {
    assert.equal(
      sourceLinks(SOURCE),
      '[density-and-cpu §8.4](reference/density-and-cpu.md#8.4), [§5.4](reference/density-and-cpu.md#5.4); ' +
        '[user-guides §1.4](reference/user-guides.md#1.4) (with "_")',
    );
    assert.equal(sourceLinks('docs/reference/domain.md'), '[domain](reference/domain.md)');
  });
  it('become anchors on a terminal', () => {
    assert.equal(
      sourceAnchors(SOURCE),
      'docs/reference/density-and-cpu.md#8.4, #5.4; docs/reference/user-guides.md#1.4 (with "_")',
    );
  });
  it('leave other words, and a section of no page, alone', () => {
    for (const words of ['this project: the pod would be refused', '§6.6', 'RFC 6455 §4.1'])
      assert.equal(sourceLinks(words), words);
    const seen: string[] = [];
    mapCitations('docs/reference/admission.md §6.10, §7', ({ page, section }) => {
      seen.push(`${page} ${section ?? ''}`);
      return '';
    });
    assert.deepEqual(seen, ['admission 6.10', 'admission 7']);
  });
});
