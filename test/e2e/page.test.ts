import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { stringify } from 'yaml';
import { goTo, inPage, launchBrowser, openPage, type OpenedPage } from '../integration/kubectl-virt/ui/browser.js';
import { until } from './support/kubectl.js';
import { machine, phaseOf, tinySpec, useNamespace } from './support/machines.js';
import { spawnPage, type ServedPage } from './support/page.js';

/** The page of `kubectl virt ui`, in Chromium, as a user does all of it: one VM from its manifest to its end. */
describe('the page of kubectl virt ui, on the cluster', function () {
  this.timeout(600_000);
  this.bail(true);
  const namespace = useNamespace('e2e-page');
  let browser: Browser;
  let served: ServedPage;
  let opened: OpenedPage;
  /** A guest boots under emulation. */
  const boots = { timeout: 180_000 };
  const status = (text: string) => opened.page.locator('.status', { hasText: text }).first();

  before(async () => {
    [browser, served] = await Promise.all([launchBrowser(), spawnPage('-n', namespace)]);
    opened = await openPage(browser, served.link);
  });
  after(async () => {
    await browser.close();
    await served.stop();
  });

  it('creates a VM in the editor, which says what is wrong with its manifest first', async () => {
    const { page } = opened;
    const spec = tinySpec();
    spec.domain.devices.autoattachGraphicsDevice = true;
    const vm = machine(namespace, 'web', { runStrategy: 'Manual' }, spec);
    const paste = async (text: string): Promise<void> => {
      await inPage(page, `navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.locator('.cm-content').click();
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Control+V');
    };
    await page.getByRole('link', { name: 'New', exact: true }).click();
    await paste(stringify({ ...vm, spec: { ...vm.spec, runStrategy: 'Sometimes' } }));
    await page.getByRole('list', { name: 'Findings' }).getByText('Sometimes').first().waitFor();
    assert.ok(await page.getByRole('button', { name: 'Create' }).isDisabled());
    await paste(stringify(vm));
    await page.getByText(/^0 errors/).waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: `web in ${namespace}` }).waitFor();
    await status('Stopped').waitFor(boots);
  });

  it('starts it, and the list follows without being asked', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Start web', exact: true }).click();
    await goTo(page, '#/', 'table');
    await status('Running').waitFor(boots);
    assert.equal(await phaseOf(namespace, 'web'), 'Running');
  });

  it('uses its console', async () => {
    const { page } = opened;
    await page.getByRole('link', { name: 'web', exact: true }).click();
    await page.getByRole('link', { name: 'Console' }).click();
    await page.locator('.xterm-helper-textarea').focus();
    const screen = page.locator('.xterm-rows');
    await until(
      'an answer of the guest',
      async () => {
        await page.keyboard.type('echo $((6 * 7))seven\n');
        await page.waitForTimeout(1_000);
        return (await screen.innerText()).includes('42seven');
      },
      { seconds: 180, namespace },
    );
  });

  it('sees its screen and what it uses', async () => {
    const { page } = opened;
    await page.getByRole('link', { name: 'Screen' }).click();
    const canvas = page.locator('.screen-frame canvas');
    const width = () => inPage<number>(page, "document.querySelector('.screen-frame canvas')?.width ?? 0");
    await canvas.waitFor();
    await until('a picture', async () => (await width()) >= 640, { seconds: 30, namespace });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Screenshot' }).click();
    assert.equal((await download).suggestedFilename(), 'web.png');
    await page.getByRole('link', { name: 'Graphs' }).click();
    for (const name of [/^CPU: .*\dm/, /^Memory: of the node [\d.]+ MiB/, /^Disk: read [\d.]+ .?i?B\/s/])
      await page.getByRole('img', { name }).waitFor(boots);
  });

  it('shows its conditions and events, and stops it after a question', async () => {
    const { page } = opened;
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('cell', { name: 'SuccessfulCreate' }).first().waitFor();
    await page.getByRole('button', { name: 'Stop web', exact: true }).click();
    await page.getByRole('checkbox', { name: /At once/ }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await status('Stopped').waitFor(boots);
    assert.notEqual(await phaseOf(namespace, 'web'), 'Running');
    assert.deepEqual(opened.wrong, [], 'nothing went wrong in the browser');
  });
});
