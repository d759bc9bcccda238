import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typed } from '../../../../cmd/kubectl-virt/ui/page/keys.js';
import { GRAPHS } from '../../../../cmd/kubectl-virt/ui/page/series.js';
import { newMachine } from '../../../../cmd/kubectl-virt/ui/page/template.js';
import { age } from '../../../../cmd/kubectl-virt/ui/page/time.js';
import { openLink } from '../../../../cmd/kubectl-virt/ui/server/browser.js';
import { NewestEvents } from '../../../../cmd/kubectl-virt/ui/server/newest-events.js';
import { namespacesToWatch } from '../../../../cmd/kubectl-virt/ui/server/scope.js';
import type { EventRow } from '../../../../cmd/kubectl-virt/ui/shared/protocol.js';
import { sampleOf } from '../../../../cmd/kubectl-virt/ui/server/usage.js';
import { lintText } from '../../../../cmd/kubectl-virt/offline/lint-text.js';
import { buildPrograms } from '../../../support/built-program.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';

describe('the page of kubectl virt ui: its parts', function () {
  this.timeout(60_000);
  it('type a text as keys, with Shift for what stands above one', () => {
    const keys = (text: string) => typed(text).map(({ keysym, down }) => `${down ? '+' : '-'}${keysym.toString(16)}`);
    assert.deepEqual(keys('a'), ['+61', '-61']);
    assert.deepEqual(keys('A'), ['+ffe1', '+41', '-41', '-ffe1']);
    assert.deepEqual(keys('\r\n\t'), ['+ff0d', '-ff0d', '+ff09', '-ff09']);
    assert.deepEqual(keys('é€'), ['+e9', '-e9', '+10020ac', '-10020ac']);
  });

  it('make rates of counts, and none where a count began again', () => {
    const disk = GRAPHS.find(({ title }) => title === 'Disk')!;
    const counts = [0, 5_000, 15_000, 100, 600].map((diskRead, index) => ({ at: index * 5_000, diskRead }));
    const [read, written] = disk.series(counts);
    assert.deepEqual(read?.points, [
      [5_000, 1_000],
      [10_000, 2_000],
      [20_000, 100],
    ]);
    assert.deepEqual(written?.points, []);
    assert.equal(disk.format(1_536), '1.5 KiB/s');
    assert.equal(disk.format(0), '0 B/s');
  });

  it('take of an agent’s word the numbers alone', () => {
    assert.deepEqual(sampleOf({ cpu: { cores: 0.5, vcpus: -1 }, memory: { guest: 'x' }, disk: null }, 7), {
      at: 7,
      cores: 0.5,
    });
    for (const said of [null, 'x', 7, []]) assert.deepEqual(sampleOf(said, 7), { at: 7 });
  });

  it('say ages as kubectl does', () => {
    const now = Date.parse('2026-01-02T00:00:00Z');
    const since = ['2026-01-01T23:59:59Z', '2026-01-01T23:58:00Z', '2026-01-01T01:00:00Z', '2025-12-30T00:00:00Z', 'x'];
    assert.deepEqual(
      since.map((time) => age(time, now)),
      ['1s', '2m', '23h', '3d', ''],
    );
  });

  it('begin a new VM with a manifest in which lint finds nothing', () => {
    assert.deepEqual(lintText('editor', newMachine('prod'), undefined), []);
  });

  it('know the meaning of each status that docs/troubleshooting.md has', () => {
    buildPrograms('kubectl-virt');
    const file = fileURLToPath(new URL('../../../../dist/ui/meanings.json', import.meta.url));
    const found = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { meaning: string; remedy: string }>;
    for (const word of [
      'Stopped',
      'ErrorUnschedulable',
      'CrashLoopBackOff',
      'QuotaExceeded',
      'GuestPaused',
      'OOMKilled',
    ])
      assert.ok((found[word]?.meaning.length ?? 0) > 5, word);
    for (const [word, { meaning, remedy }] of Object.entries(found))
      assert.doesNotMatch(`${meaning}${remedy}`, /\]\(|\|/, word);
  });
});

describe('the namespaces of the page of kubectl virt ui', () => {
  const forbidden = () => Promise.reject(new ApiError({ code: 403, reason: 'Forbidden' }));
  /** Who may list VMs there, and whether namespaces. */
  const client = (allowed: readonly string[], namespaces: readonly string[] | undefined) => ({
    list: (path: string): Promise<{ items: never[] }> => {
      if (path === '/api/v1/namespaces')
        return namespaces === undefined
          ? forbidden()
          : Promise.resolve({ items: namespaces.map((name) => ({ metadata: { name } })) as never[] });
      const namespace = /namespaces\/([^/]+)/.exec(path)?.[1] ?? '*';
      return allowed.includes(namespace) ? Promise.resolve({ items: [] }) : forbidden();
    },
  });

  it('are all, or those that one may see, or that of the kubeconfig', async () => {
    assert.equal(await namespacesToWatch(client(['*'], []), undefined, 'home'), undefined);
    assert.deepEqual(await namespacesToWatch(client(['*'], []), 'prod', 'home'), ['prod']);
    const names = ['a', 'b', 'home', 'c'];
    assert.deepEqual(await namespacesToWatch(client(['b', 'home'], names), undefined, 'home'), ['home', 'b']);
    assert.deepEqual(await namespacesToWatch(client([], names), undefined, 'home'), ['home']);
    assert.deepEqual(await namespacesToWatch(client(['home'], undefined), undefined, 'home'), ['home']);
  });

  it('are asked for several at a time, and the user is told', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const allowed = ['n3', 'n150', 'n7'];
    let asking = 0;
    let most = 0;
    const slow = {
      list: async (path: string) => {
        asking += 1;
        most = Math.max(most, asking);
        await new Promise((resolve) => setImmediate(resolve));
        asking -= 1;
        return client(allowed, names).list(path);
      },
    };
    const told: string[] = [];
    const found = await namespacesToWatch(slow as never, undefined, 'n7', (text) => told.push(text));
    assert.deepEqual(found, ['n7', 'n3', 'n150']);
    assert.equal(most, 10);
    assert.match(told.join(), /each of 200/);
  });

  it('are no more than can be watched one by one', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `n${index}`);
    assert.equal((await namespacesToWatch(client(names, names), undefined, 'n0'))?.length, 50);
  });
});

describe('the events of a VM in the page of kubectl virt ui', () => {
  const row = (index: number): EventRow => ({
    ...{ uid: `e${index}`, warning: false, reason: 'Made', message: `event ${index}`, count: 1 },
    last: new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString(),
  });

  it('are the newest by their time, and no more are kept than are shown twice over', () => {
    const newest = new NewestEvents();
    // As a list has them: in the order of their names, and not of time.
    const order = Array.from({ length: 10_000 }, (_, index) => (index * 7_919) % 10_000);
    for (const index of order) {
      newest.set(row(index));
      assert.ok(newest.size <= 200);
    }
    const uids = newest.rows().map(({ uid }) => uid);
    assert.deepEqual(
      uids,
      Array.from({ length: 100 }, (_, index) => `e${9_999 - index}`),
    );
    newest.delete('e9999');
    newest.set({ ...row(9_998), last: '2027-01-01T00:00:00Z', count: 2 });
    assert.deepEqual(newest.rows().map(({ uid, count }) => [uid, count])[0], ['e9998', 2]);
    assert.ok(!newest.rows().some(({ uid }) => uid === 'e9999'));
  });
});

describe('the link of the page of kubectl virt ui', () => {
  it('reaches the browser in a file of the user alone, not on a command line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'opener-'));
    const seen = join(directory, 'seen');
    writeFileSync(join(directory, 'xdg-open'), `#!/bin/sh\necho "$@" > ${seen}\n`, { mode: 0o755 });
    const { PATH } = process.env;
    process.env['PATH'] = `${directory}${delimiter}${PATH ?? ''}`;
    try {
      const { started, cleanUp } = openLink('http://127.0.0.1:1/?token=secret', 'linux');
      assert.equal(await started, true);
      const told = readFileSync(seen, 'utf8').trim();
      assert.ok(!told.includes('secret'), told);
      const file = fileURLToPath(told);
      assert.ok(readFileSync(file, 'utf8').includes('url=http://127.0.0.1:1/?token=secret'));
      assert.equal(statSync(file).mode & 0o077, 0);
      assert.equal(statSync(join(file, '..')).mode & 0o077, 0);
      cleanUp();
      assert.ok(!existsSync(file));
    } finally {
      process.env['PATH'] = PATH;
      rmSync(directory, { recursive: true });
    }
  });

  it('is printed alone where there is no browser', async () => {
    const { PATH } = process.env;
    process.env['PATH'] = '/nonexistent';
    try {
      const { started, cleanUp } = openLink('http://127.0.0.1:1/', 'linux');
      assert.equal(await started, false);
      cleanUp();
    } finally {
      process.env['PATH'] = PATH;
    }
  });
});
