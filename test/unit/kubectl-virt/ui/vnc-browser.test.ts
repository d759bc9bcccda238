import assert from 'node:assert/strict';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { buildPrograms } from '../../../support/built-program.js';
import { fakeIo } from '../fake-io.js';
import { fakeCluster, type FakeCluster } from './fake-cluster.js';
import { send } from './login.js';
import { serveUi } from './served.js';

describe('kubectl virt vnc --browser', function () {
  this.timeout(60_000);
  let cluster: FakeCluster;
  const { PATH } = process.env;
  before(async () => {
    buildPrograms('kubectl-virt');
    cluster = await fakeCluster();
    // No browser of whoever runs the tests is to open.
    process.env['PATH'] = '/nonexistent';
  });
  after(async () => {
    process.env['PATH'] = PATH;
    await cluster.close();
  });

  it('opens the page at the screen of that VM', async () => {
    const served = await serveUi(cluster.flags, ['vnc', 'vm/web/prod', '--browser']);
    const { text } = await send(served.link, `/${served.link.search}`);
    assert.match(text, /url=\/[\w-]{43}\/#\/vm\/prod\/web\/screen"/);
    assert.equal(await served.stop(), 0);
    assert.match(served.err(), /No browser could be started: open the link yourself/);
  });

  it('takes nothing that is about viewers', async () => {
    for (const flag of ['--proxy-only', '--vnc-type=tiger', '--preserve-session'])
      await assert.rejects(main(['vnc', 'web', '--browser', flag, ...cluster.flags], fakeIo()), /exclude each other/);
  });
});
