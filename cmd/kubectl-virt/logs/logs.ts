import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONSOLE_LOG_CONTAINER } from '../../../src/launcher/console-log.js';
import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { parseDuration } from '../duration.js';
import { CliError, ExitCode, messageOf, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, type Io } from '../io.js';
import { spinner } from '../spinner.js';
import { parseTarget } from '../target.js';
import { findLog, NoLog, type Found } from './find.js';
import { GuestText } from './guest-text.js';

export interface LogsFlags extends GlobalFlags {
  target: string;
  follow?: boolean;
  previous?: boolean;
  since?: string;
  tail?: number;
  timestamps?: boolean;
}

/** Between two looks for a pod. */
const LOOK_MS = 1000;

/** kubectl's word for it. */
const ALL_LINES = -1;

const check = ({ tail, since, follow, previous }: LogsFlags): number | undefined => {
  if (tail !== undefined && (!Number.isInteger(tail) || tail < ALL_LINES))
    throw new UsageError(`invalid --tail ${tail}`, {
      remedy: 'Give a whole number of lines, 0 or more; -1 means all.',
    });
  if (follow === true && previous === true)
    throw new UsageError('--follow and --previous exclude each other', { remedy: 'What has ended says nothing more.' });
  if (since === undefined) return undefined;
  const seconds = Math.ceil(parseDuration('since', since, 's') / 1000);
  if (seconds < 1) throw new UsageError(`invalid --since "${since}"`, { remedy: 'Write a duration such as 10m.' });
  return seconds;
};

/** Which part of a log is wanted. */
interface Part {
  readonly tail?: number | undefined;
  readonly sinceSeconds?: number | undefined;
}

const logPath = (client: ApiClient, pod: string, flags: LogsFlags, { tail, sinceSeconds }: Part): string => {
  const query = new URLSearchParams({
    container: CONSOLE_LOG_CONTAINER,
    ...(flags.follow === true ? { follow: 'true' } : {}),
    ...(flags.timestamps === true ? { timestamps: 'true' } : {}),
    ...(tail === undefined ? {} : { tailLines: String(tail) }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds: String(sinceSeconds) }),
  });
  return `/api/v1/namespaces/${client.namespace}/pods/${pod}/log?${query.toString()}`;
};

const openLog = async (client: ApiClient, path: string): Promise<Readable> => {
  try {
    return await client.openBody(path);
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 403) throw error;
    const remedy = `You need the verb get on pods/log in ${client.namespace}, as the role view has it.`;
    throw new CliError(error.message, { remedy, cause: error });
  }
};

/** On a terminal as text, in which everything is seen; elsewhere as the guest wrote it. Waits for whoever reads. */
const copy = async (io: Io, body: Readable): Promise<void> => {
  const text = new GuestText();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (io.stdout.isTTY) io.stdout.write(text.add(chunk));
      else if (!io.guestScreen.write(chunk)) await once(io.guestScreen, 'drain');
    }
  } catch (error) {
    throw new CliError(`the log ended early: ${messageOf(error)}`, {
      remedy: 'The connection to the API server, or from there to kubelet, was lost. Try again.',
      cause: error,
    });
  } finally {
    if (io.stdout.isTTY) io.stdout.write(text.end());
  }
};

/** A container that has ended is reported so within this; one that has not lost its reader. */
const REPORTED_MS = 20_000;

const lost = (name: string): CliError =>
  new CliError(`the log of ${name} was cut off: the guest still runs`, {
    remedy: 'The connection to the API server, or from there to kubelet, was lost. Follow it again with --since.',
  });

/** Waits for a pod whose log has not been shown. Undefined: none will come by itself. */
const nextPod = async (
  io: Io,
  client: ApiClient,
  name: string,
  shown: ReadonlySet<string>,
): Promise<Found | undefined> => {
  const progress = spinner(io.stderr);
  const since = Date.now();
  try {
    for (;;) {
      const log = await findLog(client, name, false);
      if ('pod' in log && !shown.has(log.uid)) return log;
      if (shown.size > 0 && log.isLast) return undefined;
      if ('pod' in log && log.speaks && Date.now() - since > REPORTED_MS) throw lost(name);
      if ('waiting' in log) progress.say(`Waiting: ${log.waiting}`);
      await sleep(LOOK_MS);
    }
  } catch (error) {
    // It was deleted, or keeps no log any more: what there was has been shown.
    if (shown.size > 0 && error instanceof NoLog) return undefined;
    throw error;
  } finally {
    progress.stop();
  }
};

/** One log after the other, as long as the VM is started again. */
const follow = async (io: Io, client: ApiClient, name: string, flags: LogsFlags, part: Part): Promise<void> => {
  const shown = new Set<string>();
  for (;;) {
    const log = await nextPod(io, client, name, shown);
    if (log === undefined) return;
    const isFirst = shown.size === 0;
    if (!isFirst) note(io, `${name} was started again: this is the log of pod ${log.pod}.`);
    // Of one that has started since, all is new.
    const path = logPath(client, log.pod, flags, isFirst ? part : {});
    shown.add(log.uid);
    await copy(io, await openLog(client, path));
  }
};

/** `logs`: what the guest said on its serial console. */
export const logs = async (io: Io, flags: LogsFlags): Promise<number> => {
  const sinceSeconds = check(flags);
  const part = { tail: flags.tail === ALL_LINES ? undefined : flags.tail, sinceSeconds };
  const { name, namespace } = parseTarget(flags.target);
  const client = await connectTo(io, flags, namespace);
  if (flags.follow === true) {
    await follow(io, client, name, flags, part);
    return ExitCode.ok;
  }
  const log = await findLog(client, name, flags.previous === true);
  if ('waiting' in log) throw new CliError(log.waiting, { remedy: log.remedy });
  await copy(io, await openLog(client, logPath(client, log.pod, flags, part)));
  return ExitCode.ok;
};
