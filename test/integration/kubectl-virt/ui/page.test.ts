import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { buildPrograms } from '../../../support/built-program.js';
import { fakeCluster, vm, vmi, type FakeCluster } from '../../../unit/kubectl-virt/ui/fake-cluster.js';
import { serveUi, type Served } from '../../../unit/kubectl-virt/ui/served.js';
import { assertAccessible, goTo, inPage, launchBrowser, openPage } from './browser.js';

const until = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 15_000;
  while (!(await check())) {
    assert.ok(Date.now() < end, `not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";
const RED = "[...document.querySelectorAll('.xterm-rows span')].find(({ textContent }) => textContent === 'very-red')";

/** Every control of the page is used once, in Chromium, against a cluster that answers at once. */
describe('the page of kubectl virt ui, in Chromium', function () {
  this.timeout(120_000);
  // Each step begins where the last one has ended.
  this.bail(true);
  let browser: Browser;
  let cluster: FakeCluster;
  let served: Served;
  let page: Page;
  let wrong: string[];

  const running = (name: string): void => {
    cluster.put('virtualmachines', vm('prod', name, { status: { printableStatus: 'Running' } }));
    cluster.put('virtualmachineinstances', vmi('prod', name));
  };

  before(async () => {
    buildPrograms('kubectl-virt');
    cluster = await fakeCluster();
    running('web');
    cluster.put('virtualmachines', vm('prod', 'db'));
    const why = { type: 'Failure', status: 'True', reason: 'FailedCreate', message: 'no node has room' };
    const stuck = { printableStatus: 'ErrorUnschedulable', conditions: [why] };
    cluster.put('virtualmachines', vm('test', 'stuck', { status: stuck }));
    [browser, served] = await Promise.all([launchBrowser(), serveUi(cluster.flags)]);
    ({ page, wrong } = await openPage(browser, served.link));
  });
  after(async () => {
    await browser.close();
    await served.stop();
    await cluster.close();
  });
  afterEach(() => assert.deepEqual(wrong.splice(0), [], 'nothing goes wrong in the browser'));

  const row = (name: string) => page.locator('tr', { has: page.getByRole('link', { name, exact: true }) });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const lastChange = () => cluster.changes.at(-1);

  it('lists the VMs with their states and why one does not run', async () => {
    await row('stuck').waitFor();
    assert.match(await row('web').innerText(), /prod\s.*Running\s.*10\.1\.2\.3\s+node-1/s);
    assert.match(await row('stuck').innerText(), /ErrorUnschedulable\s+no node has room/);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('running web');
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  });

  it('shows what changes at once, and asks the cluster for no list again', async () => {
    cluster.put('virtualmachines', vm('prod', 'new-one'));
    await row('new-one').waitFor({ timeout: 2_000 });
    cluster.remove('virtualmachines', 'prod', 'new-one');
    await row('new-one').waitFor({ state: 'detached', timeout: 2_000 });
  });

  it('starts, pauses and resumes without a question', async () => {
    await button('Start db').click();
    await button('Pause db').click();
    await button('Resume db').click();
    await button('Pause db').waitFor();
    assert.deepEqual(
      cluster.changes.map(({ path }) => path.split('/').slice(-3).join('/')),
      ['virtualmachines/db/start', 'virtualmachineinstances/db/pause', 'virtualmachineinstances/db/unpause'],
    );
  });

  it('asks before what can lose something, and does nothing on Cancel or Escape', async () => {
    const before = cluster.changes.length;
    for (const leave of [
      () => page.getByRole('button', { name: 'Cancel' }).click(),
      () => page.keyboard.press('Escape'),
    ]) {
      await button('Stop db').click();
      await page.getByRole('dialog', { name: 'Stop db?' }).waitFor();
      await leave();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    assert.equal(cluster.changes.length, before);
    await button('Restart db').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await until('the restart', () => lastChange()?.path.endsWith('virtualmachines/db/restart') === true);
    assert.deepEqual(lastChange()?.body, {});
    await button('Stop db').click();
    await page.getByRole('checkbox', { name: /At once/ }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await button('Start db').waitFor();
    assert.deepEqual(lastChange()?.body, { gracePeriod: 0 });
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  });

  it('says what the server refuses, until it has been read', async () => {
    cluster.refuse = { code: 409, reason: 'Conflict', message: 'VM is already running' };
    await button('Start db').click();
    const notice = page.getByRole('status').getByText('VM is already running');
    await notice.waitFor();
    cluster.refuse = undefined;
    assert.equal(await page.getByRole('alert').count(), 0, 'and what is watched goes on');
    // The browser notes the 400 of the call on its console.
    wrong.splice(0);
    await page.locator('.notice.wrong').getByRole('button', { name: 'Dismiss' }).click();
    await notice.waitFor({ state: 'detached' });
  });

  it('explains a VM: facts, conditions with their meaning, events, the last end', async () => {
    const failed = { type: 'Synchronized', status: 'False', reason: 'QuotaExceeded', message: 'no room for 1Gi' };
    cluster.put(
      'virtualmachines',
      vm('prod', 'web', {
        status: {
          printableStatus: 'Running',
          conditions: [failed],
          lastTermination: { reason: 'OOMKilled', message: 'more than 1Gi', time: '2026-01-01T00:00:00Z' },
        },
      }),
    );
    cluster.put('events', {
      metadata: { namespace: 'prod', name: 'web.1', uid: 'e1' },
      ...{ type: 'Warning', reason: 'FailedMount', message: 'no such claim', count: 3 },
      ...{ involvedObject: { name: 'web' }, lastTimestamp: new Date().toISOString() },
    });
    await page.getByRole('link', { name: 'web', exact: true }).click();
    await page.getByRole('heading', { name: 'web in prod' }).waitFor();
    const text = async () => page.locator('main').innerText();
    await until(
      'all of it',
      async () => (await text()).includes('no such claim') && (await text()).includes('OOMKilled'),
    );
    assert.match(await text(), /vCPUs\s+2/);
    assert.match(await text(), /no room for 1Gi\s+The namespace's quota has no room for the pod/);
    assert.match(await text(), /OOMKilled: more than 1Gi/);
    assert.equal(await page.title(), 'web in prod');
  });

  it('has a serial console: typing, scroll-back, colours, copy, paste, and how it ended', async () => {
    await page.getByRole('link', { name: 'Console' }).click();
    await page.getByText('login:').first().waitFor();
    await page.keyboard.type('root\n');
    await until('what was typed', () => cluster.streamed('console').toString() === 'root\r');
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}\r\n`).join('');
    cluster.say('console', Buffer.from(`\r\n\x1b[38;2;255;0;1mred\x1b[0m ${lines}`));
    await page.getByText('line 499').first().waitFor();
    await page.getByRole('button', { name: 'Copy' }).click();
    const copied = await inPage<string>(page, 'navigator.clipboard.readText()');
    assert.ok(copied.includes('red line 0\n') && copied.includes('line 499'), 'all of the scroll-back');
    await inPage(page, "navigator.clipboard.writeText('pasted text')");
    await page.getByRole('button', { name: 'Paste' }).click();
    await until('what was pasted', () => cluster.streamed('console').toString().includes('pasted text'));
    await page.getByRole('button', { name: 'Clear' }).click();
    cluster.say('console', Buffer.from('\r\n\x1b[38;2;255;0;1mvery-red\x1b[0m\r\n'));
    const red = page.locator('.xterm-rows span', { hasText: 'very-red' });
    await red.waitFor();
    assert.equal(await inPage(page, `getComputedStyle(${RED}).color`), 'rgb(255, 0, 1)');
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Shift+F6');
    assert.equal(await inPage(page, 'document.activeElement.textContent'), 'Copy');
    cluster.end('console', 4001, 'another user connected to the console of web');
    await page.getByText('another user connected to the console of web').waitFor();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByText('login:').first().waitFor();
  });

  it('has a screen: picture, keys, Ctrl-Alt-Del, a text, scaling, screenshot', async () => {
    await page.getByRole('link', { name: 'Screen' }).click();
    const canvas = page.locator('.screen-frame canvas');
    await canvas.waitFor();
    const size = async () => (await canvas.boundingBox())?.height ?? 0;
    await until('the picture, scaled', async () => (await size()) > 200);
    await page.getByRole('button', { name: 'Ctrl-Alt-Del' }).click();
    await until('its six keys', () => cluster.streamed('vnc').includes(Buffer.from('040100000000ffff', 'hex')));
    await page.getByRole('button', { name: 'Type a text' }).click();
    await page.getByRole('textbox').fill('aB\n');
    await page.getByRole('dialog').getByRole('button', { name: 'Type' }).click();
    await page.getByText('The text is typed.').waitFor();
    const press = (keysym: string) => `04010000${keysym}04000000${keysym}`;
    const keys = `${press('00000061')}040100000000ffe1${press('00000042')}040000000000ffe1${press('0000ff0d')}`;
    await until('the text as keys', () => cluster.streamed('vnc').toString('hex').includes(keys));
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Screenshot' }).click();
    const picture = await download;
    assert.equal(picture.suggestedFilename(), 'web.png');
    const png = readFileSync(await picture.path());
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [64, 48]);
    await page.getByRole('checkbox', { name: 'Fit into the window' }).uncheck();
    await until('the true size', async () => (await size()) === 48);
    await canvas.click();
    await page.keyboard.press('x');
    await until('the key', () => cluster.streamed('vnc').toString('hex').includes('00000078'));
    await page.keyboard.press('Shift+F6');
    assert.equal(await inPage(page, 'document.activeElement.textContent'), 'Screenshot');
    cluster.end('vnc', 4002, 'web was powered off');
    await page.getByText('web was powered off').waitFor();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByText('web was powered off').waitFor({ state: 'detached' });
  });

  it('looks on at a screen beside whoever has it, and says nothing to the guest', async () => {
    const lookOn = page.getByRole('checkbox', { name: 'Only look on' });
    await lookOn.check();
    await until('the other way in', () => cluster.upgrades.at(-1) === 'vnc?watch=true');
    const canvas = page.locator('.screen-frame canvas');
    await until('its picture', async () => ((await canvas.boundingBox())?.height ?? 0) >= 48);
    assert.equal(await canvas.count(), 1);
    await until('the end of the first', () => cluster.streams('vnc') === 1);
    assert.equal(await page.getByRole('button', { name: 'Open again' }).count(), 0, 'nothing has gone wrong');
    for (const name of ['Ctrl-Alt-Del', 'Type a text']) assert.ok(await button(name).isDisabled(), name);
    const keys = () => cluster.streamed('vnc').toString('hex').split('00000079').length;
    const before = keys();
    await canvas.click();
    await page.keyboard.press('y');
    await page.waitForTimeout(200);
    assert.equal(keys(), before);
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('link', { name: 'Screen' }).click();
    assert.ok(await lookOn.isChecked(), 'as it was');
    await lookOn.uncheck();
    await until('the way in', () => cluster.upgrades.at(-1) === 'vnc');
    await canvas.click();
    await page.keyboard.press('y');
    await until('the key', () => keys() > before);
  });

  it('has graphs of what the VM uses', async () => {
    await page.getByRole('link', { name: 'Graphs' }).click();
    const names = ['CPU: CPUs of the node 500m', 'Memory: of the node 512.0 MiB', 'Disk: read', 'Network: received'];
    for (const name of names) await page.getByRole('img', { name }).waitFor();
    await until('a line', async () => (await page.locator('polyline[points*=" "]').count()) > 0);
  });

  it('checks a manifest while one types, and creates the VM', async () => {
    await page.getByRole('link', { name: 'New', exact: true }).click();
    await page.getByText('0 errors, 0 warnings').waitFor();
    const create = page.getByRole('button', { name: 'Create' });
    await page.locator('.cm-line', { hasText: 'bus: virtio' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type('x');
    await page.getByText(/^1 error,/).waitFor();
    assert.ok(await create.isDisabled());
    const finding = page.getByRole('list', { name: 'Findings' });
    assert.match(await finding.innerText(), /Line 19.*error: .*virtiox/s);
    assert.equal(await page.locator('.cm-lint-marker-error').count(), 1);
    await finding.getByRole('button', { name: 'Line 19' }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await page.getByText('0 errors, 0 warnings').waitFor();
    await create.click();
    await page.getByRole('heading', { name: 'my-vm in default' }).waitFor();
    const { method, path, body } = lastChange() ?? {};
    assert.equal(`${method} ${path}`, 'POST /apis/kubevirt.io/v1/namespaces/default/virtualmachines');
    assert.equal((body as { spec: { runStrategy: string } }).spec.runStrategy, 'Halted');
  });

  it('edits a VM as it was read, and refuses another name', async () => {
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByText(/^0 errors/).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'my-vm in default' }).waitFor();
    await until('the change', () => lastChange()?.method === 'PUT');
    const { metadata } = lastChange()?.body as { metadata: { resourceVersion?: string } };
    assert.match(metadata.resourceVersion ?? '', /^\d+$/);
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.locator('.cm-line', { hasText: 'name: my-vm' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type('2');
    await page.getByText('Checking …').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/not of the VM that is edited/).waitFor();
    wrong.splice(0);
    await page.locator('.notice.wrong').getByRole('button', { name: 'Dismiss' }).click();
  });

  it('is used by keyboard alone', async () => {
    await goTo(page, '#/', 'table');
    await page.locator('body').press('Tab');
    await inPage(page, 'document.activeElement.blur()');
    const reached = new Set<string>();
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      reached.add(await inPage<string>(page, FOCUSED));
    }
    for (const name of ['Skip to the content', 'Virtual machines', 'New', 'web', 'Stop web', 'Start db'])
      assert.ok(reached.has(name), `${name} in ${[...reached].join(', ')}`);
    await button('Start db').focus();
    await page.keyboard.press('Enter');
    await button('Pause db').waitFor();
  });

  it('has nothing that axe finds in any view, in light and dark, and at 200 %', async () => {
    const views = [
      ['#/', 'table'],
      ['#/vm/prod/web/overview', 'dl'],
      ['#/vm/prod/web/console', '.xterm-screen'],
      ['#/vm/prod/web/screen', 'canvas'],
      ['#/vm/prod/web/graphs', 'svg'],
      ['#/new', '.cm-content'],
      ['#/edit/prod/web', '.cm-content'],
    ] as const;
    const looks = [
      ['light', 1],
      ['dark', 1],
      ['light', 2],
    ] as const;
    for (const [colorScheme, zoom] of looks) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1280 / zoom, height: 800 / zoom });
      for (const [hash, wanted] of views) {
        await goTo(page, hash, wanted);
        const what = `${hash} ${colorScheme} ${zoom * 100} %`;
        await assertAccessible(page, what);
        const wider = await inPage<number>(page, 'document.documentElement.scrollWidth - innerWidth');
        assert.ok(wider <= 0, `${what}: ${wider} pixels wider than the window`);
      }
      await goTo(page, '#/', 'table');
      await button('Stop web').click();
      await assertAccessible(page, `the question, ${colorScheme} ${zoom * 100} %`);
      await page.keyboard.press('Escape');
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('has ages that move while nothing else does', async () => {
    const young = vm('prod', 'young');
    cluster.put('virtualmachines', {
      ...young,
      metadata: { ...young.metadata, creationTimestamp: new Date().toISOString() },
    });
    // The list that is opened after it counts by a clock that can be put forward.
    await goTo(page, '#/vm/prod/web/overview', 'dl');
    await page.clock.install();
    await goTo(page, '#/', 'table');
    await row('young')
      .getByText(/^\d+s$/)
      .waitFor();
    await page.clock.fastForward('05:00');
    await row('young').getByText(/^5m$/).waitFor();
  });

  it('says when the plugin is gone, and that the VM is not there any more', async () => {
    await goTo(page, '#/vm/prod/gone/overview', 'h1');
    await page.getByText('It is not among the virtual machines').waitFor();
    await served.stop();
    await page.getByRole('alert').getByText('The plugin does not answer').waitFor();
    wrong.splice(0);
  });
});
