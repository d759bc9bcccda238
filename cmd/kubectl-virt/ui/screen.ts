import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { parseTarget } from '../target.js';
import type { VncFlags } from '../vnc/flags.js';
import { serveUi } from './ui.js';

/** What is about a viewer of this machine's, or about a port for one. */
const OF_VIEWERS = ['proxy-only', 'vnc-type', 'vnc-path', 'preserve-session', 'view-only'] as const;

/** `vnc TARGET --browser`: the page, opened at the screen. @throws CliError */
export const serveScreen = async (io: Io, flags: VncFlags): Promise<number> => {
  const other = OF_VIEWERS.find((flag) => flags[flag] !== undefined && flags[flag] !== false);
  if (other !== undefined)
    throw new UsageError(`--browser and --${other} exclude each other`, { remedy: 'Leave one of them out.' });
  const { name, namespace } = parseTarget(flags.target);
  const at = namespace ?? flags.namespace;
  return serveUi(io, { ...flags, browser: true, ...(at === undefined ? {} : { namespace: at }) }, (home) => ({
    namespace: home,
    name,
  }));
};
