/*
 * The pictures of docs/ui.md, in docs/images/: the page of `kubectl virt ui` in Chromium, with a cluster that is made
 * up.
 *
 *     npm run build && npx tsx scripts/page-pictures.ts
 */
import { fileURLToPath } from 'node:url';
import { goTo, launchBrowser, openPage } from '../test/integration/kubectl-virt/ui/browser.js';
import { fakeCluster, vm, vmi, type FakeCluster } from '../test/unit/kubectl-virt/ui/fake-cluster.js';
import { serveUi } from '../test/unit/kubectl-virt/ui/served.js';

const directory = fileURLToPath(new URL('../docs/images/', import.meta.url));

/** For a graph with something in it. */
const MEASURE_MS = 40_000;

const BOOT = [
  'Welcome to \x1b[1;31mDebian GNU/Linux 13\x1b[0m (trixie)!',
  '',
  '[\x1b[32m  OK  \x1b[0m] Started \x1b[1mnginx.service\x1b[0m - A high performance web server.',
  '[\x1b[32m  OK  \x1b[0m] Reached target \x1b[1mmulti-user.target\x1b[0m - Multi-User System.',
  '',
  'Debian GNU/Linux 13 web-1 ttyS0',
  '',
  'web-1 ',
].join('\r\n');

const fill = (cluster: FakeCluster): void => {
  const running = { printableStatus: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  for (const [index, name] of ['db-1', 'web-1', 'web-2'].entries()) {
    cluster.put('virtualmachines', vm('shop', name, { status: running }));
    const interfaces = [{ name: 'default', ipAddress: `10.244.0.${17 + index}` }];
    const guestOSInfo = { prettyName: 'Debian GNU/Linux 13 (trixie)' };
    cluster.put('virtualmachineinstances', vmi('shop', name, { interfaces, guestOSInfo }));
  }
  cluster.put('virtualmachines', vm('shop', 'batch'));
  const message = 'pod web-3 asks for 8Gi of memory, and requests.memory of the quota "shop" has 2Gi left';
  const quota = { type: 'Synchronized', status: 'False', reason: 'QuotaExceeded', message };
  cluster.put(
    'virtualmachines',
    vm('shop', 'web-3', {
      status: {
        printableStatus: 'ErrorQuotaExceeded',
        conditions: [{ ...quota, lastTransitionTime: '2026-11-30T20:00:00Z' }],
        lastTermination: { reason: 'OOMKilled', message: 'the guest had more than 4Gi', time: '2026-11-30T19:58:12Z' },
      },
    }),
  );
  cluster.put('events', {
    metadata: { namespace: 'shop', name: 'web-3.1', uid: 'e1' },
    ...{ type: 'Warning', reason: 'QuotaExceeded', message, count: 4, lastTimestamp: new Date().toISOString() },
    ...{ involvedObject: { name: 'web-3' } },
  });
};

const main = async (): Promise<void> => {
  const cluster = await fakeCluster();
  fill(cluster);
  const [browser, served] = await Promise.all([launchBrowser(), serveUi(cluster.flags)]);
  const { page } = await openPage(browser, served.link, { viewport: { width: 960, height: 600 } });
  const take = async (name: string): Promise<void> => {
    await page.screenshot({ path: `${directory}ui-${name}.png` });
  };
  await page.getByRole('link', { name: 'web-1' }).waitFor();
  await take('list');
  await goTo(page, '#/vm/shop/web-3/overview', 'table');
  await page.getByText('no room for the pod').first().waitFor();
  await take('overview');
  await goTo(page, '#/vm/shop/web-1/console', '.xterm-screen');
  await page.getByText('login:').first().waitFor();
  cluster.say('console', Buffer.from(`\x1b[2J\x1b[H${BOOT}login: `));
  await page.locator('.xterm-rows').getByText('nginx').waitFor();
  await take('console');
  await goTo(page, '#/vm/shop/web-1/screen', 'canvas');
  await page.waitForTimeout(1_000);
  await take('screen');
  await goTo(page, '#/vm/shop/web-1/graphs', 'svg');
  await page.waitForTimeout(MEASURE_MS);
  await take('graphs');
  await goTo(page, '#/new', '.cm-content');
  await page.locator('.cm-line', { hasText: 'bus: virtio' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type('x');
  await page.getByText(/^1 error,/).waitFor();
  await page.getByRole('list', { name: 'Findings' }).scrollIntoViewIfNeeded();
  await take('editor');
  await page.emulateMedia({ colorScheme: 'dark' });
  await goTo(page, '#/', 'table');
  await page.getByRole('button', { name: 'Stop web-1' }).click();
  await take('dark');
  await browser.close();
  await served.stop();
  await cluster.close();
};

await main();
process.exit(0);
