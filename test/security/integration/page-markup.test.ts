import assert from 'node:assert/strict';
import { type Browser, type Page } from 'playwright-core';
import { goTo, inPage, launchBrowser, openPage } from '../../integration/kubectl-virt/ui/browser.js';
import { buildPrograms } from '../../support/built-program.js';
import { fakeCluster, vm, vmi, type FakeCluster } from '../../unit/kubectl-virt/ui/fake-cluster.js';
import { serveUi, type Served } from '../../unit/kubectl-virt/ui/served.js';

/*
 * All that others write and the page shows: names, labels, states, messages, events, what a guest's agent and its
 * console say. In Chromium, with a cluster that says markup wherever it says text.
 */

const MARK = '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script>';
const SCRIPT = `javascript:globalThis.owned=1//${MARK}`;
const HIDDEN = 'safe\u202etxt.exe';
const ALL = `${MARK} ${SCRIPT} ${HIDDEN} {{constructor.constructor('globalThis.owned=1')()}}`;

describe('attack: text of the cluster in the page of kubectl virt ui', function () {
  this.timeout(120_000);
  let browser: Browser;
  let cluster: FakeCluster;
  let served: Served;
  let page: Page;
  let wrong: string[];

  before(async () => {
    buildPrograms('kubectl-virt');
    cluster = await fakeCluster();
    const condition = { type: ALL, status: ALL, reason: ALL, message: ALL, lastTransitionTime: ALL };
    const failure = { type: 'Failure', status: 'True', message: ALL };
    cluster.put('virtualmachines', {
      ...vm('prod', 'web'),
      ...{
        status: {
          printableStatus: ALL,
          conditions: [failure, condition],
          lastTermination: { reason: ALL, message: ALL, time: ALL },
        },
      },
    });
    const status = {
      nodeName: ALL,
      interfaces: [{ name: ALL, ipAddress: ALL, mac: ALL }],
      guestOSInfo: { prettyName: ALL },
    };
    cluster.put('virtualmachineinstances', vmi('prod', 'web', status));
    cluster.put('virtualmachines', vm('prod', MARK, { status: { printableStatus: 'Stopped' } }));
    cluster.put('events', {
      metadata: { namespace: 'prod', name: 'web.1', uid: 'e1' },
      ...{ type: ALL, reason: ALL, message: ALL, lastTimestamp: ALL, involvedObject: { name: 'web' } },
    });
    [browser, served] = await Promise.all([launchBrowser(), serveUi(cluster.flags)]);
    ({ page, wrong } = await openPage(browser, served.link));
  });
  after(async () => {
    await browser.close();
    await served.stop();
    await cluster.close();
  });

  const assertHarmless = async (what: string): Promise<void> => {
    assert.equal(await inPage(page, 'globalThis.owned'), undefined, what);
    assert.equal(await inPage(page, "document.querySelectorAll('main img, main script, main iframe').length"), 0, what);
    assert.equal(await inPage(page, "[...document.links].every(({ hash }) => hash.startsWith('#'))"), true, what);
    assert.deepEqual(wrong.splice(0), [], what);
  };
  const shown = () => page.locator('body').innerText();

  it('stays text in the list, the questions and the page of a VM, and hides no direction', async () => {
    await page.locator('tbody tr').nth(1).waitFor();
    assert.ok((await shown()).includes(MARK), 'it was shown');
    assert.ok((await shown()).includes('safe\\u202etxt.exe'));
    assert.ok(!(await shown()).includes('\u202e'));
    await page.getByRole('button', { name: 'Stop web' }).click();
    await page.keyboard.press('Escape');
    await assertHarmless('the list');
    await goTo(page, '#/vm/prod/web/overview', 'dl');
    await page.getByRole('row').nth(1).waitFor();
    const text = await shown();
    for (const label of ['Network', 'Guest', 'Last termination', 'Conditions', 'Events'])
      assert.ok(text.includes(label));
    assert.ok(text.split('onerror').length > 10, text);
    assert.ok(!text.includes('\u202e'), 'a character that turns the direction is not shown as it is');
    await assertHarmless('the overview');
  });

  it('stays text in a refusal', async () => {
    cluster.refuse = { code: 409, reason: MARK, message: ALL };
    await page.getByRole('button', { name: 'Pause web' }).click();
    await page.locator('.notice.wrong', { hasText: 'onerror' }).last().waitFor();
    cluster.refuse = undefined;
    wrong.splice(0);
    await assertHarmless('a notice');
  });

  it('stays text in what lint says of a manifest', async () => {
    await goTo(page, '#/new', '.cm-content');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    const manifest = `apiVersion: kubevirt.io/v1\nkind: '${MARK}'\n${MARK}: 1`;
    await inPage(page, `navigator.clipboard.writeText(${JSON.stringify(manifest)})`);
    await page.keyboard.press('Control+V');
    await page.getByRole('list', { name: 'Findings' }).getByText('onerror').first().waitFor();
    await assertHarmless('the editor');
  });

  it('opens nothing that a guest prints, and gives it nothing of the page', async () => {
    await goTo(page, '#/vm/prod/web/console', '.xterm-screen');
    await page.getByText('login:').first().waitFor();
    const link = `\x1b]8;;https://attacker.example/\x1b\\press-here\x1b]8;;\x1b\\`;
    const hostile = [
      `\x1b]0;owned\x07`, // the title
      `\x1b]52;c;b3duZWQ=\x07`, // the clipboard
      `\x1b]52;c;?\x07`,
      `\x1b[21t\x1b[18t`, // title and size, said back
      `\x1bP+q544e\x1b\\`,
    ];
    await inPage(page, "navigator.clipboard.writeText('mine')");
    cluster.say('console', Buffer.from(`${hostile.join('')}${MARK}\r\n${link}\r\n`));
    const printed = page.locator('.xterm-rows').getByText('press-here');
    await printed.click({ force: true });
    assert.equal(page.context().pages().length, 1);
    assert.equal(await page.title(), 'web in prod');
    assert.equal(await inPage(page, 'navigator.clipboard.readText()'), 'mine');
    assert.ok(!cluster.streamed('console').toString().includes('owned'));
    await assertHarmless('the console');
  });

  it('is stopped by the policy too, should somebody write it as markup one day', async () => {
    const assigned = `try { document.body.innerHTML = '<b>x</b>'; 'taken' } catch { 'refused' }`;
    // Evaluated as a script of the page itself: what a debugger evaluates is exempt from nothing but script-src.
    assert.equal(await inPage(page, assigned), 'refused');
    wrong.splice(0);
  });
});
