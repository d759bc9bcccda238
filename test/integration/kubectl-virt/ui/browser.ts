import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's. It is root who runs the tests, and Chromium has no sandbox for root. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], handleSIGTERM: false });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenedPage {
  readonly page: Page;
  /** What went wrong in it: errors of scripts, refusals of the policy, requests to elsewhere. */
  readonly wrong: string[];
}

/** Opens a link of the page in a browser that knows nothing yet. */
export const openPage = async (
  browser: Browser,
  link: URL,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> => {
  const context = await browser.newContext({ ...options, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== link.host) wrong.push(`asked ${url.href}`);
  });
  await page.goto(link.href);
  await page.waitForURL((url) => url.search === '');
  await page.waitForSelector('h1');
  return { page, wrong };
};

/** The value of an expression in the page. As text: the compiler of the tests knows no browser. */
export const inPage = <T>(page: Page, expression: string): Promise<T> => page.evaluate(expression);

/** Goes to a view as its link would. */
export const goTo = async (page: Page, hash: string, wanted: string): Promise<void> => {
  await inPage(page, `location.hash = ${JSON.stringify(hash)}`);
  await page.waitForSelector(wanted);
};

/** WCAG 2.2, levels A and AA, and what is good practice besides. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** Nothing that axe knows is wrong in what is shown. */
export const assertAccessible = async (page: Page, what: string): Promise<void> => {
  // As a debugger evaluates it: the page's own policy allows no foreign script.
  await inPage(page, AXE);
  const options = JSON.stringify({ runOnly: { type: 'tag', values: RULES } });
  const { violations } = await inPage<AxeResult>(page, `axe.run(${options})`);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  assert.deepEqual(found, [], what);
};
