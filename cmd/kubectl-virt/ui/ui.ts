import { listen } from '../../../src/kube/http-server/listen.js';
import { ApiClient } from '../client/client.js';
import { kubeClientOf } from '../connect.js';
import { guardTerminal } from '../console/terminal.js';
import { parseDuration } from '../duration.js';
import { CliError, ExitCode, messageOf, UsageError } from '../errors.js';
import { note, print, type Io } from '../io.js';
import { parseNamespace } from '../target.js';
import type { UiFlags } from './flags.js';
import { Access } from './server/access.js';
import { readAssets } from './server/assets.js';
import { openLink } from './server/browser.js';
import { Editor } from './server/editor.js';
import { Fleet } from './server/fleet.js';
import { namespacesToWatch } from './server/scope.js';
import { pageServer } from './server/server.js';
import type { Place } from './shared/protocol.js';

const PORTS = 65_535;
const LOOPBACK: Readonly<Record<string, string>> = { '127.0.0.1': '127.0.0.1', '::1': '[::1]' };

/** @throws UsageError */
const parsePort = (text: string): number => {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= PORTS) return port;
  throw new UsageError(`invalid --port "${text}"`, { remedy: `Write a number from 0 (a free one) to ${PORTS}.` });
};

/** `#/vm/NS/NAME/screen` of the page. */
const fragmentOf = (screen: Place | undefined): string =>
  screen === undefined ? '' : `#/vm/${screen.namespace}/${screen.name}/screen`;

/**
 * `ui`: serves the page on this machine alone until ^C.
 * @param screen the VM whose screen the page opens at; default: the list
 * @throws CliError
 */
export const serveUi = async (io: Io, flags: UiFlags, screen?: (namespace: string) => Place): Promise<number> => {
  const port = parsePort(flags.port);
  const host = LOOPBACK[flags.address];
  if (host === undefined)
    throw new UsageError(`--address ${flags.address} is not this machine itself`, {
      remedy: 'The page acts with your kubeconfig, so nobody else may reach it: 127.0.0.1 or ::1.',
    });
  const assets = readAssets();
  const kube = await kubeClientOf(io, flags);
  const namespace = parseNamespace(flags.namespace ?? kube.namespace ?? 'default');
  const requestTimeout = parseDuration('request-timeout', flags['request-timeout'], 's') || 30_000;
  const client = new ApiClient({ client: kube, namespace, requestTimeout, shared: true });
  const wanted = flags.namespace === undefined ? undefined : namespace;
  let namespaces: readonly string[] | undefined;
  try {
    namespaces = await namespacesToWatch(kube, wanted, namespace, (text) => note(io, text));
  } catch (error) {
    kube.close();
    throw client.explain(error);
  }

  const abort = new AbortController();
  const fleet = new Fleet(kube, namespaces);
  const editor = new Editor(client, namespace);
  let access: Access | undefined;
  const own = (): Access => {
    if (access === undefined) throw new CliError('the server does not listen yet');
    return access;
  };
  const scope = { server: kube.server, namespace, ...(namespaces === undefined ? {} : { namespaces }) };
  const server = pageServer({ access: own, assets, kube, client, fleet, editor, scope });
  const terminal = guardTerminal({ stdin: io.stdin, onSignal: () => abort.abort() });
  let cleanUp = (): void => undefined;
  try {
    let listening: number;
    try {
      listening = await listen(server.http, { host: flags.address, port });
    } catch (error) {
      throw new CliError(`cannot listen at ${flags.address} port ${port}: ${messageOf(error)}`, {
        remedy: 'Choose another --port, or 0 for a free one.',
      });
    }
    access = new Access(host, listening, fragmentOf(screen?.(namespace)));
    print(io, access.link);
    if (flags.browser) {
      const opened = openLink(access.link);
      cleanUp = opened.cleanUp;
      if (!(await opened.started)) note(io, 'No browser could be started: open the link yourself.');
    }
    note(io, 'The link works once. This serves the page until ^C.');
    await new Promise<void>((resolve) => {
      if (abort.signal.aborted) resolve();
      else abort.signal.addEventListener('abort', () => resolve());
    });
    return ExitCode.ok;
  } finally {
    cleanUp();
    terminal.release();
    server.stop();
    await fleet.stop();
    kube.close();
    io.stdin.pause();
  }
};
