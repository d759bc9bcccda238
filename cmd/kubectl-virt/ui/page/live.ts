import {
  keyOf,
  type LiveMessage,
  type LiveRequest,
  PATHS,
  type Place,
  type Scope,
  type UsageSample,
  type VmDetail,
  type VmRow,
} from '../shared/protocol.js';
import { socketUrl } from './calls.js';
import { State } from './state.js';

/** Samples of usage that a graph shows: ten minutes at one in five seconds. */
const MOST_SAMPLES = 120;
const AGAIN_MS = 2_000;

/** What is known of the cluster, as the plugin pushes it. */
export const scope = new State<Scope | undefined>(undefined);
/** Undefined until the first list. Sorted by namespace and name. */
export const rows = new State<readonly VmRow[] | undefined>(undefined);
export const problem = new State<string | undefined>(undefined);
export const detail = new State<VmDetail | undefined>(undefined);
export const samples = new State<readonly UsageSample[]>([]);
export const usageProblem = new State<string | undefined>(undefined);

const known = new Map<string, VmRow>();
let watched: Place | undefined;
let socket: WebSocket | undefined;

const byName = (one: VmRow, other: VmRow): number =>
  one.namespace < other.namespace || (one.namespace === other.namespace && one.name < other.name) ? -1 : 1;

const take = (message: LiveMessage): void => {
  switch (message.type) {
    case 'scope':
      scope.value = message.scope;
      return;
    case 'rows':
      if (message.whole) known.clear();
      for (const row of message.rows) known.set(keyOf(row), row);
      for (const key of message.gone) known.delete(key);
      rows.value = [...known.values()].sort(byName);
      return;
    case 'problem':
      problem.value = message.text;
      return;
    case 'detail':
      if (watched !== undefined && message.detail.key === keyOf(watched)) detail.value = message.detail;
      return;
    case 'usage':
      if (watched === undefined || message.key !== keyOf(watched)) return;
      usageProblem.value = message.problem;
      if (message.sample !== undefined) samples.value = [...samples.value, message.sample].slice(-MOST_SAMPLES);
      return;
  }
};

const ask = (): void => {
  const request: LiveRequest = { watch: watched ?? null };
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
};

/** Which VM's details are wanted; undefined: of none. */
export const watch = (place: Place | undefined): void => {
  if ((place && keyOf(place)) === (watched && keyOf(watched))) return;
  watched = place;
  detail.value = undefined;
  samples.value = [];
  usageProblem.value = undefined;
  ask();
};

/** Keeps the socket to the plugin open for as long as the page is. */
export const connect = (): void => {
  socket = new WebSocket(socketUrl(PATHS.live));
  socket.onopen = () => {
    problem.value = undefined;
    if (watched !== undefined) ask();
  };
  socket.onmessage = ({ data }: MessageEvent<string>) => take(JSON.parse(data) as LiveMessage);
  socket.onclose = () => {
    problem.value = 'The plugin does not answer: is kubectl virt ui still running?';
    setTimeout(connect, AGAIN_MS);
  };
};
