import assert from 'node:assert/strict';
import { cardWithLink } from '../../../../src/agent/hypervisor/live-change.js';

const card = (name: string, link = ''): string =>
  `<interface type='ethernet'>
      <mac address='02:00:00:00:77:01'/>
      <target dev='tap0' managed='no'/>${link}
      <alias name='ua-${name}'/>
    </interface>`;
const domain = (...cards: string[]): string => `<domain><devices>${cards.join('\n    ')}</devices></domain>`;

describe('the element of a card whose cable is plugged or pulled', () => {
  it('is that of the running domain, with another link and nothing else', () => {
    const xml = domain(card('a'), card('b', "\n      <link state='down'/>"), card('IF-root'));
    assert.equal(cardWithLink(xml, 'a', 'down'), card('a').replace('<alias', "<link state='down'/><alias"));
    const plugged = cardWithLink(xml, 'b', 'up') ?? '';
    assert.ok(plugged.includes("<link state='up'/>") && !plugged.includes("state='down'"));
    assert.ok(cardWithLink(xml, 'root', 'down')?.includes("'ua-IF-root'"), 'a disk has the name too');
  });
  it('is none where there is no such card', () => {
    assert.equal(cardWithLink(domain(card('a')), 'b', 'up'), undefined);
    assert.equal(cardWithLink("<alias name='ua-b'/>", 'b', 'up'), undefined);
  });
  it('is looked for in the time of the text’s length, whatever a broken libvirtd sends', () => {
    const began = performance.now();
    for (const part of ['<interface ', '<link ', ' ', "<alias name='ua-a'/>"])
      cardWithLink(`${part.repeat(40_000)}<alias name='ua-a'/></interface>`, 'a', 'up');
    assert.ok(performance.now() - began < 500);
  });
});
