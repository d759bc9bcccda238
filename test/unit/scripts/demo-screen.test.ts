import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { demoScreen } from '../../../scripts/demo-screen.js';

describe("the demo's screen without a terminal", () => {
  const shown = async (chunks: readonly string[]): Promise<string> => {
    const out = new PassThrough();
    const screen = demoScreen(out);
    for (const chunk of chunks) screen.write(chunk);
    await new Promise<void>((done) => screen.end(done));
    out.end();
    return text(out);
  };

  it("shows what the guest says, and of the kernel's log that there was one", async () => {
    assert.equal(
      await shown([
        '[    0.000000] Linux ver',
        'sion 6.1\r\n[   31.335392] random\r\n\r\nHello from ',
        'the guest.\r\n',
      ]),
      "(2 lines of the kernel's log)\nHello from the guest.\n",
    );
  });

  it('holds no escape sequence, however it is cut, and nothing back at the end', async () => {
    const out = await shown([
      'root@demo:~# \x1b',
      '[6necho \x1b[1;31mhi\x1b[0m\r\n',
      'hi\x1bM\r\nroot@demo:~# \x1b[6n',
    ]);
    assert.equal(out, 'root@demo:~# echo hi\nhi\nroot@demo:~#\n');
  });
});
