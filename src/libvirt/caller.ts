import type { Procedure } from './procedure.js';
import type { LibvirtStream } from './stream.js';

/** What the classes of the API stand on: the connection's calls. */
export interface Caller {
  call<A, R>(procedure: Procedure<A, R>, args: A): Promise<R>;
  /** Calls a procedure that opens a stream. */
  openStream<A, R>(procedure: Procedure<A, R>, args: A): Promise<{ result: R; stream: LibvirtStream }>;
}
