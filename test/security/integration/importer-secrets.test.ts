import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ImporterRun } from '../../integration/importer/importer-run.js';

/** What a Secret's keys may hold; curl's configuration is made of them. */
const HOSTILE = {
  'another option': 'x"\nheader = "X-Injected: yes',
  'another URL': 'x"\nnext\nurl = "http://127.0.0.1:1/elsewhere',
  'a file that is written': 'x"\noutput = "/tmp/importer-was-here',
  'a line break alone': 'one\ntwo',
  'a carriage return': 'one\rX-Injected: yes',
  'an escape sequence': 'one\u001b]0;title\u0007',
  'a tabulator': 'one\ttwo',
  DEL: 'one\u007f',
};
/** What is no control character has to arrive as it is. */
const HARMLESS = ['p"a\\ss word#{}', '\\n', '$(id)`id`', '%s%n', "'", 'naïve-ключ', '" header = "X-Injected: yes'];

describe('a Secret of an import', function () {
  this.timeout(300_000);
  let server: Server | undefined;
  let url: string;
  let seen: IncomingHttpHeaders[] = [];
  let run: ImporterRun;

  before(async function () {
    if (process.getuid?.() !== 0) this.skip();
    const made = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    server = made;
    url = `http://127.0.0.1:${(made.address() as AddressInfo).port}/image`;
  });
  after(async () => {
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  });
  beforeEach(() => {
    seen = [];
    run = new ImporterRun();
    mkdirSync(join(run.directory, 'credentials'));
  });
  afterEach(() => run.remove());

  const secret = (user: string, password: string): void => {
    writeFileSync(join(run.directory, 'credentials', 'accessKeyId'), user);
    writeFileSync(join(run.directory, 'credentials', 'secretKey'), password);
  };

  for (const [what, value] of Object.entries(HOSTILE)) {
    for (const key of ['accessKeyId', 'secretKey'] as const) {
      it(`with ${what} in ${key} is refused for good, and nothing is asked for with it`, async () => {
        secret(key === 'accessKeyId' ? value : 'user', key === 'secretKey' ? value : 'password');
        assert.equal(await run.to({ IMPORT_URL: url }), 3, run.message);
        assert.match(run.message, new RegExp(`${key} in the Secret has a line break or another control character`));
        assert.deepEqual(seen, []);
        assert.ok(!run.message.includes('X-Injected') && !run.log.includes('X-Injected'), 'nor shown');
      });
    }
  }

  for (const password of HARMLESS) {
    it(`with ${JSON.stringify(password)} is sent as it is`, async () => {
      secret('user', `${password}\n`);
      assert.equal(await run.to({ IMPORT_URL: url }), 3, run.message);
      const [headers] = seen;
      const [, basic = ''] = headers?.authorization?.split(' ') ?? [];
      assert.equal(Buffer.from(basic, 'base64').toString('utf8'), `user:${password}`);
      assert.equal(headers?.['x-injected'], undefined);
    });
  }
});
