import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Screenshots } from '../../../../src/agent/api/screenshot.js';
import type { Session } from '../../../../src/agent/vm/session.js';
import { MAX_PICTURE_BYTES } from '../../../../src/agent-api/picture.js';

const PNG = Buffer.from('\x89PNG\r\n\x1a\nhello', 'latin1');

/** A VM whose libvirtd sends this, in these pieces. */
const vm = (chunks: Iterable<Buffer> | AsyncIterable<Buffer>, mime: string | undefined = 'image/png') => {
  const state = { open: 0 };
  const typed: Buffer[] = [];
  const screen = new PassThrough();
  screen.on('data', (chunk: Buffer) => typed.push(chunk));
  const hypervisor = {
    // eslint-disable-next-line @typescript-eslint/require-await
    screenshot: async () => ({
      mime,
      stream: (async function* () {
        yield* chunks;
      })(),
    }),
    close: () => Promise.resolve(void (state.open -= 1)),
  };
  const launcher = {
    connect: () => {
      state.open += 1;
      return Promise.resolve(hypervisor);
    },
    screen: () => Promise.resolve(screen),
  };
  return { session: { launcher } as unknown as Session, state, typed };
};
const read = async (picture: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of picture) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('a picture of a screen', () => {
  it('comes as it is, over a connection that ends with it', async () => {
    for (const chunks of [[PNG], [...PNG].map((byte) => Buffer.from([byte]))]) {
      const { session, state, typed } = vm(chunks);
      assert.deepEqual(await read(await new Screenshots().take('default/web', session, false)), PNG);
      assert.deepEqual([state.open, typed], [0, []]);
    }
  });

  it('is taken after the pointer was moved, as a viewer beside others moves it', async () => {
    const { session, typed } = vm([PNG]);
    await read(await new Screenshots().take('default/web', session, true));
    const hello = Buffer.from('RFB 003.008\n\x01\x01', 'latin1');
    assert.deepEqual(Buffer.concat(typed), Buffer.concat([hello, Buffer.from([5, 0, 0, 0, 0, 0, 5, 0, 0, 8, 0, 8])]));
  });

  it('is refused before its first byte where it is none', async () => {
    for (const [chunks, mime] of [
      [[Buffer.from('P6 1 1 255 abc')], 'image/x-portable-pixmap'],
      [[Buffer.from('<script>alert(1)</script>')], 'image/png'],
      [[], 'image/png'],
      [[PNG.subarray(0, 5)], 'image/png'],
    ] as const) {
      const { session, state } = vm(chunks, mime);
      await assert.rejects(new Screenshots().take('default/web', session, false), { name: 'StatusError', code: 500 });
      assert.equal(state.open, 0);
    }
  });

  it('has a bound, whatever the guest shows and whoever answers in libvirtd’s place', async () => {
    let sent = 0;
    const endless = (async function* () {
      yield PNG;
      for (;;) {
        sent += 1_048_576;
        yield await Promise.resolve(Buffer.alloc(1_048_576));
      }
    })();
    const { session, state } = vm(endless);
    const picture = await new Screenshots().take('default/web', session, false);
    await assert.rejects(read(picture), new RegExp(`more than ${MAX_PICTURE_BYTES} bytes`));
    assert.ok(sent <= MAX_PICTURE_BYTES + 1_048_576, `${sent} bytes were taken`);
    assert.equal(state.open, 0);
  });

  it('is one at a time of a VM, and of others meanwhile', async () => {
    const screenshots = new Screenshots();
    const hanging = vm([PNG]);
    const first = await screenshots.take('default/web', hanging.session, false);
    await assert.rejects(screenshots.take('default/web', hanging.session, false), { code: 429 });
    const other = vm([PNG]);
    assert.deepEqual(await read(await screenshots.take('default/db', other.session, false)), PNG);
    await read(first);
    assert.deepEqual(await read(await screenshots.take('default/web', hanging.session, false)), PNG);
  });
});
