import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { WebSocket } from 'ws';
import { launchBrowser } from '../integration/kubectl-virt/ui/browser.js';
import type { LiveMessage } from '../../cmd/kubectl-virt/ui/shared/protocol.js';
import { spawnPage } from '../e2e/support/page.js';
import { fakeCluster, vm, vmi, type FakeCluster } from '../unit/kubectl-virt/ui/fake-cluster.js';
import { logIn } from '../unit/kubectl-virt/ui/login.js';
import type { Promised } from './report.js';

/*
 * The page of `kubectl virt ui` with a thousand VMs: what its first list costs the browser, and the plugin; the plugin
 * with ten thousand as well. The cluster is one that answers at once, in this process; the plugin is a process of its
 * own.
 */

const MACHINES = 1_000;
const RUNS = 5;
const MANY_MACHINES = 10_000;
/** Of the plugin with so many: it lists them in pages, and keeps of each page what its rows show. */
const MANY_MIB = 200;

/** As large as a VM of the test bed is, with the fields that a list does not show. */
const fill = (cluster: FakeCluster, machines: number): void => {
  const managedFields = [{ manager: 'kubectl', operation: 'Update', fieldsV1: { text: 'x'.repeat(2_000) } }];
  const conditions = ['Ready', 'LiveMigratable', 'AgentConnected'].map((type) => ({
    ...{ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ...{ reason: 'AsIt', message: 'is as it should be, and somebody says so at length' },
  }));
  for (let index = 0; index < machines; index += 1) {
    const [namespace, name] = [`team-${index % 20}`, `machine-${index}`];
    const machine = vm(namespace, name, { status: { printableStatus: 'Running', conditions } });
    cluster.put('virtualmachines', { ...machine, metadata: { ...machine.metadata, managedFields } });
    const instance = vmi(namespace, name, { conditions });
    cluster.put('virtualmachineinstances', { ...instance, metadata: { ...instance.metadata, managedFields } });
  }
};

/** CPU seconds of all processes of the browser, and of those that run the pages' scripts. */
const cpuOf = async (browser: Browser): Promise<{ all: number; renderers: number }> => {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sum = (wanted: (type: string) => boolean): number =>
    processInfo.filter(({ type }) => wanted(type)).reduce((total, { cpuTime }) => total + cpuTime, 0);
  return { all: sum(() => true), renderers: sum((type) => type === 'renderer') };
};

const peakMiB = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

interface Run {
  readonly all: number;
  readonly renderers: number;
  readonly mebibytes: number;
}

const once = async (cluster: FakeCluster): Promise<Run> => {
  const served = await spawnPage(...cluster.flags);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const before = await cpuOf(browser);
    await page.goto(served.link.href);
    await page.getByText(`${MACHINES} of ${MACHINES}`).waitFor();
    await page
      .locator('tbody tr')
      .nth(MACHINES - 1)
      .waitFor({ state: 'attached' });
    // What is drawn after the last row is there belongs to it.
    await page.waitForTimeout(500);
    const after = await cpuOf(browser);
    return {
      all: after.all - before.all,
      renderers: after.renderers - before.renderers,
      mebibytes: peakMiB(served.pid),
    };
  } finally {
    await browser.close();
    await served.stop();
  }
};

/** Most memory of the plugin until a page has the whole list; no browser takes part. */
export const pluginMiB = async (machines: number): Promise<number> => {
  const cluster = await fakeCluster();
  fill(cluster, machines);
  const served = await spawnPage(...cluster.flags);
  const { root, cookie } = await logIn(served.link);
  const headers = { cookie, origin: served.link.origin };
  const socket = new WebSocket(`ws://${served.link.host}${root}live`, { headers });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        if ((JSON.parse(data.toString()) as LiveMessage).type === 'rows') resolve();
      });
    });
    return peakMiB(served.pid);
  } finally {
    socket.terminate();
    await served.stop();
    await cluster.close();
  }
};

export const benchPage = async (): Promise<Promised[]> => {
  const cluster = await fakeCluster();
  fill(cluster, MACHINES);
  const runs: Run[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await once(cluster));
  await cluster.close();
  const many = await pluginMiB(MANY_MACHINES);
  // On a shared machine everything else that runs can only make it more.
  const least = (read: (run: Run) => number): number => Math.min(...runs.map(read));
  const [all, renderers] = [least((run) => run.all), least((run) => run.renderers)];
  const mebibytes = Math.max(...runs.map((run) => run.mebibytes));
  return [
    {
      name: `the page: first list of ${MACHINES} VMs, CPU in the browser`,
      limit: '1 s',
      figure: `${all.toFixed(2)} s in all its processes, ${renderers.toFixed(2)} s in the one of the page`,
      kept: all <= 1,
    },
    {
      name: 'the page: most memory of the plugin meanwhile',
      limit: '120 MiB',
      figure: `${mebibytes.toFixed(0)} MiB`,
      kept: mebibytes <= 120,
    },
    {
      name: `the page: most memory of the plugin until ${MANY_MACHINES} VMs are listed`,
      limit: `${MANY_MIB} MiB`,
      figure: `${many.toFixed(0)} MiB`,
      kept: many <= MANY_MIB,
    },
  ];
};
