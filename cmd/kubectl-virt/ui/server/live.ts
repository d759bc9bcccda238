import type { WebSocket } from 'ws';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import type { LiveMessage, LiveRequest, Scope } from '../shared/protocol.js';
import type { Fleet } from './fleet.js';
import { Look } from './look.js';
import { placeOf } from './place.js';

/** A page that has so much before it is not sent more: it gets the whole list when it has caught up. */
const MOST_UNSENT = 8 * 1024 * 1024;
const CATCH_UP_MS = 500;
const PING_MS = 20_000;

/** One page's view of the cluster, as long as its socket is open. */
export const serveLive = (
  page: WebSocket,
  client: Pick<KubeClient, 'list' | 'watch' | 'get'>,
  fleet: Fleet,
  scope: Scope,
): void => {
  let look: Look | undefined;
  let behind = false;
  let answered = false;

  const say = (message: LiveMessage): boolean => {
    if (page.readyState !== page.OPEN) return true;
    if (page.bufferedAmount > MOST_UNSENT) return false;
    page.send(JSON.stringify(message));
    return true;
  };
  const sayAll = (): void => {
    behind = !say({ type: 'rows', rows: fleet.rows(), gone: [], whole: true });
  };
  const stopWatching = fleet.observe({
    changed: ({ rows, gone }) => {
      if (answered && !behind) behind = !say({ type: 'rows', rows, gone, whole: false });
    },
    problem: (text) => say({ type: 'problem', ...(text === undefined ? {} : { text }) }),
  });
  const catchUp = setInterval(() => {
    if (behind) sayAll();
  }, CATCH_UP_MS);
  const pings = setInterval(() => page.ping(), PING_MS);

  const watch = (request: LiveRequest): void => {
    void look?.stop();
    look = undefined;
    if (request.watch !== null) look = new Look(client, placeOf(request.watch), say);
  };
  page.on('message', (data: Buffer) => {
    try {
      watch(JSON.parse(data.toString('utf8')) as LiveRequest);
    } catch {
      page.close(1008, 'not a request');
    }
  });
  page.on('error', () => undefined);
  page.on('close', () => {
    clearInterval(catchUp);
    clearInterval(pings);
    stopWatching();
    void look?.stop();
  });

  say({ type: 'scope', scope });
  if (fleet.problem !== undefined) say({ type: 'problem', text: fleet.problem });
  void fleet.answered().then(() => {
    answered = true;
    sayAll();
  });
};
