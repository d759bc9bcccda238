import { writeFile } from 'node:fs/promises';
import { isPng, MAX_PICTURE_BYTES } from '../../../src/agent-api/picture.js';
import { writeStreamQuery } from '../../../src/agent-api/stream-query.js';
import { MOVE_CURSOR } from '../../../src/agent-api/vmi-subresources.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode, messageOf, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';
import { explained } from './explained.js';

interface ScreenshotFlags extends GlobalFlags {
  target: string;
  file?: string;
  'move-cursor'?: boolean;
}

const STDOUT = '-';

/** `screenshot TARGET -f FILE`. Source: docs/reference/control.md §1.6. */
export const takeScreenshot = async (io: Io, flags: ScreenshotFlags): Promise<number> => {
  const { file } = flags;
  if (file === undefined || file === '')
    throw new UsageError('it is not said where the picture belongs', { remedy: 'Write -f FILE, or -f - for stdout.' });
  if (file === STDOUT && io.stdout.isTTY)
    throw new UsageError('a terminal does not show a PNG', { remedy: 'Write -f FILE, or pipe stdout elsewhere.' });
  const { name, namespace } = parseTarget(flags.target);
  const client = await connectTo(io, flags, namespace);
  const query = writeStreamQuery(flags['move-cursor'] === true ? { [MOVE_CURSOR]: true } : {});
  let picture: Buffer;
  try {
    picture = await client.bytes(
      `${subresourcePath('vmi', client.namespace, name, 'screenshot')}${query}`,
      MAX_PICTURE_BYTES,
    );
  } catch (error) {
    throw await explained(io, client, error, {
      ...{ name, doing: 'take a picture of', right: 'get of virtualmachineinstances/screenshot', role: 'edit' },
    });
  }
  if (!isPng(picture)) throw new CliError(`what the server sent for ${name} is no PNG`);
  if (file === STDOUT) {
    io.guestScreen.write(picture);
    return ExitCode.ok;
  }
  try {
    await writeFile(file, picture, { mode: 0o644 });
  } catch (error) {
    throw new CliError(`cannot write the picture: ${messageOf(error)}`);
  }
  return ExitCode.ok;
};
