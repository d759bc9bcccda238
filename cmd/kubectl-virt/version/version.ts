import { CliError, ExitCode } from '../errors.js';
import { connectTo } from '../connect.js';
import type { GlobalFlags } from '../global-flags.js';
import { noteError, print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { versionPath } from '../paths.js';
import { clientVersion } from '../version-info.js';

export interface VersionFlags extends GlobalFlags {
  client: boolean;
  output?: string;
}

interface ServerVersion {
  gitVersion?: string;
  gitCommit?: string;
  buildDate?: string;
  platform?: string;
}

const line = (who: string, version: ServerVersion): string => {
  const details = [version.gitCommit, version.buildDate, version.platform].filter(
    (each) => each !== undefined && each !== '',
  );
  return `${who} Version: ${version.gitVersion ?? 'unknown'}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
};

/** Prints the plugin's version and the version of what is installed in the cluster. */
export const version = async (io: Io, flags: VersionFlags): Promise<number> => {
  let server: ServerVersion | undefined;
  let failure: unknown;
  if (!flags.client) {
    try {
      const client = await connectTo(io, flags);
      server = await client.get<ServerVersion>(versionPath);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
  }
  const all = { clientVersion, ...(server === undefined ? {} : { serverVersion: server }) };
  if (flags.output !== undefined) await printAs(io, flags.output, all);
  else {
    print(io, line('Client', clientVersion));
    if (server !== undefined) print(io, line('Server', server));
  }
  // The client's version is worth having even when the server does not answer; the exit code still reports the failure.
  if (failure === undefined) return ExitCode.ok;
  noteError(io, failure);
  return ExitCode.failure;
};
