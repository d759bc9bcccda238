/** What one HTTP server accepts from its clients: any pod in the cluster can connect, and so can every guest. */
export interface ServerLimits {
  /** Connections at a time. */
  readonly connections: number;
  /** Of them, those of one address: without a number for each, one pod could hold all there are. */
  readonly connectionsOfAddress: number;
  /** Requests of one connection that have no answer yet. */
  readonly requestsOfConnection: number;
  /** Request line and headers together. */
  readonly headerBytes: number;
  /**
   * A request's body, as far as its length is announced; what a chunked body brings is counted by its reader. 0: no
   * body.
   */
  readonly bodyBytes: number;
  /** For the TLS handshake; for the headers; for headers and body together. */
  readonly requestMs: number;
  /** How often it is looked whose time is over. */
  readonly checkMs: number;
  /** Without a byte either way: a client that does not read its answer, a request that is worked on for so long. */
  readonly silenceMs: number;
  /** Between two requests of one connection. */
  readonly keepAliveMs: number;
}

/** For servers that are asked a few short questions: health, metrics. Others say what they need more of, and why. */
export const DEFAULT_LIMITS: ServerLimits = {
  // A kubelet and a few monitoring systems; a plain connection costs some 10 KiB, so that all of them are 3 MiB.
  connections: 256,
  // A quarter: three addresses that hold all they may leave room for a fourth.
  connectionsOfAddress: 64,
  // None of our clients sends a request before it has the answer to the last. One read brings thousands of short ones,
  // each of which would be worked on at once, and its answer kept: 60 MB for 64 KiB.
  requestsOfConnection: 8,
  // Node's own default, written down: the API server's identity headers of a user in hundreds of groups fit in.
  headerBytes: 16 * 1024,
  bodyBytes: 0,
  // Kubelet gives a probe 1 to 5 s, the API server a webhook at most 10 s: nobody waits for what comes later.
  requestMs: 10_000,
  // Node's default is 30 s, which would let a request of 10 s last for 40.
  checkMs: 2_000,
  silenceMs: 60_000,
  // Longer than Prometheus' usual interval of 30 s; a connection that was closed under a request makes that request
  // fail.
  keepAliveMs: 60_000,
};
