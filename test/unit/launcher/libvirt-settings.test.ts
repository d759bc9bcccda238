import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LIBVIRTD_CONF, QEMU_CONF } from '../../../src/launcher/libvirt-settings.js';

const entrypoint = readFileSync(new URL('../../../src/launcher/entrypoint.sh', import.meta.url), 'utf8');

/** What the entrypoint writes into a file: the lines of a here-document, whose tabs the shell takes away. */
const written = (file: string): string | undefined =>
  new RegExp(`/libvirt/${file}" <<-END_OF_FILE\\n([^]*?)\\n\\tEND_OF_FILE\\n`)
    .exec(entrypoint)?.[1]
    ?.replace(/^\t/gm, '');

describe('the settings of a libvirtd', () => {
  it("are the same in the launcher's entrypoint and in what the plugin writes", () => {
    assert.equal(`${written('qemu.conf')}\n`, QEMU_CONF);
    assert.equal(`${written('libvirtd.conf')}\n`, LIBVIRTD_CONF);
  });

  it("have QEMU's seccomp filter", () => {
    assert.match(QEMU_CONF, /^seccomp_sandbox = 1$/m);
  });
});
