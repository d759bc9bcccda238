import { isPng, boundedPicture, PICTURE_TYPE } from '../../agent-api/picture.js';
import { StatusError } from '../../agent-api/status-error.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import type { Session } from '../vm/session.js';
import { wakeScreen } from './wake-screen.js';

/** For all of a picture, a reader that is slow included. */
const PATIENCE_MS = 30_000;
const MAX_REASON_BYTES = 256;

const failed = (key: string, error: unknown): StatusError =>
  new StatusError(
    'InternalError',
    `a picture of the screen of ${key} cannot be had: ${foreignText(errorMessage(error), MAX_REASON_BYTES)}`,
  );

/** The chunks of a picture that has begun; the connection it comes over ends with it. */
async function* whole(first: Buffer, rest: AsyncIterator<Buffer>, end: () => void): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    end();
  }
}

/** The first bytes, as many as tell a picture. */
const headOf = async (chunks: AsyncIterator<Buffer>): Promise<Buffer> => {
  let head = Buffer.alloc(0);
  while (head.length < 8) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  if (!isPng(head)) throw new Error('what came is no PNG');
  return head;
};

/** Pictures of screens; of each one at a time. */
export class Screenshots {
  private readonly underWay = new Set<Session>();

  /**
   * A picture, which has begun well: failures up to here have a Status.
   * @param moves the pointer is moved first
   * @throws StatusError
   */
  async take(key: string, session: Session, moves: boolean): Promise<AsyncGenerator<Buffer>> {
    if (this.underWay.has(session))
      throw new StatusError('TooManyRequests', `a picture of the screen of ${key} is being taken: try again`);
    this.underWay.add(session);
    let hypervisor: Hypervisor | undefined;
    const end = (): void => {
      clearTimeout(deadline);
      this.underWay.delete(session);
      void hypervisor?.close();
    };
    const deadline = setTimeout(end, PATIENCE_MS);
    try {
      if (moves) await wakeScreen(await session.launcher.screen());
      // A connection of its own: whatever comes over it costs the VM's other one nothing.
      hypervisor = await session.launcher.connect(() => undefined);
      const { mime, stream } = await hypervisor.screenshot();
      if (mime !== PICTURE_TYPE) throw new Error(`libvirt gives ${mime ?? 'no type'}, not ${PICTURE_TYPE}`);
      const chunks = boundedPicture(stream);
      return whole(await headOf(chunks), chunks, end);
    } catch (error) {
      end();
      throw failed(key, error);
    }
  }
}
