/** Bytes of a picture: one of noise on a screen of 2560 × 1600. What a guest shows is its own to choose. */
export const MAX_PICTURE_BYTES = 16 * 1024 * 1024;

export const PICTURE_TYPE = 'image/png';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export const isPng = (head: Uint8Array): boolean => PNG.equals(head.subarray(0, PNG.length));

/** The same bytes, not more of them. @throws Error above the bound */
export async function* boundedPicture(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_PICTURE_BYTES) throw new Error(`the picture has more than ${MAX_PICTURE_BYTES} bytes`);
    yield chunk;
  }
}
