import type { IncomingMessage } from 'node:http';

/** More than the API server stores (etcd takes 1.5 MiB, an AdmissionReview holds the object twice, JSON escapes). */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;
/**
 * Of all requests together. Anybody in the cluster can connect, so what is held for bodies must stay well below the
 * memory limit of the pod (512 MiB); API servers send a handful of bodies of some KiB at a time.
 */
export const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;
/** No schema of Kubernetes nests as deep; what does is an attack on whoever walks it. */
export const MAX_DEPTH = 100;
/** Keys that reach an object's prototype when somebody assigns them. */
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor'];

/** A body that cannot be an AdmissionReview. `status` is the HTTP code that says so. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  constructor(
    readonly status: 400 | 413 | 415 | 429,
    message: string,
  ) {
    super(message);
  }
}

const requireJson = (contentType: string | undefined): void => {
  const [type = ''] = (contentType ?? '').split(';');
  if (type.trim().toLowerCase() === 'application/json') return;
  throw new BodyError(415, `content type ${JSON.stringify(contentType ?? '')} is not supported: send application/json`);
};

const tooLarge = (): BodyError =>
  new BodyError(413, `the body is larger than ${MAX_BODY_BYTES} bytes, which no object that Kubernetes stores needs`);

const tooMany = (): BodyError =>
  new BodyError(429, `requests of more than ${MAX_BYTES_IN_FLIGHT} bytes are being read already: try again`);

let inFlight = 0;

const readBytes = async (request: IncomingMessage): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      inFlight += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      if (inFlight > MAX_BYTES_IN_FLIGHT) throw tooMany();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    inFlight -= size;
  }
};

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BodyError(400, 'the body is not valid UTF-8: send JSON in UTF-8');
  }
};

/** Refuses what is nested too deep or has keys that reach prototypes. Without recursion, so that depth cannot harm it. */
const requireHarmless = (root: unknown): void => {
  const open: { value: object; depth: number }[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH) throw new BodyError(400, `the body is nested deeper than ${MAX_DEPTH} levels`);
    open.push({ value, depth });
  };
  visit(root, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (Array.isArray(value)) {
      for (const item of value) visit(item, depth + 1);
      continue;
    }
    for (const [key, child] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.includes(key))
        throw new BodyError(400, `the body has the key "${key}", which no Kubernetes object has`);
      visit(child, depth + 1);
    }
  }
};

/** JSON of a text that may be hostile. @throws BodyError */
export const parseJson = (text: string): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own text quotes the body, which may hold secrets; its position is enough.
    const position = /position \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new BodyError(400, `the body is not JSON${position === undefined ? '' : ` (at ${position})`}`);
  }
  requireHarmless(value);
  return value;
};

/**
 * Reads a request's JSON body within {@link MAX_BODY_BYTES}. Why not express.json(): it answers in HTML or text, takes
 * other encodings, and knows nothing of depth and prototypes.
 * @throws BodyError
 */
export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  requireJson(request.headers['content-type']);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new BodyError(415, `content encoding ${JSON.stringify(encoding)} is not supported: send the body as it is`);
  }
  return parseJson(decode(await readBytes(request)));
};
