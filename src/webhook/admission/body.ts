import type { IncomingMessage } from 'node:http';

/** More than the API server stores (etcd takes 1.5 MiB, an AdmissionReview holds the object twice, JSON escapes). */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;
/**
 * Of all requests together. Anybody in the cluster can connect, so what is held for bodies must stay well below the
 * memory limit of the pod (512 MiB); API servers send a handful of bodies of some KiB at a time.
 */
export const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024;
/**
 * Nearly every request of an API server is smaller, and is read however much other clients send: a client that sends
 * large bodies without end must not keep all VMs from being admitted.
 */
export const SMALL_BODY_BYTES = 64 * 1024;
/** No schema of Kubernetes nests as deep; a deeper body is an attack on the code that walks it. */
export const MAX_DEPTH = 100;

/**
 * Values in a large body. What Kubernetes stores has a tenth; six megabytes of `{},` would keep the parser, and
 * everybody who waits for it, for half a second.
 */
export const MAX_VALUES = 500_000;
/** Smaller bodies cannot have so many that it matters. */
const LARGE_BODY_BYTES = 1024 * 1024;

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
  // As the API server writes it, without a look for parameters; `kubectl replace --raw` says nothing of its body.
  if (contentType === 'application/json' || contentType === undefined) return;
  const [type = ''] = contentType.split(';');
  if (type.trim().toLowerCase() === 'application/json') return;
  throw new BodyError(415, `content type ${JSON.stringify(contentType)} is not supported: send application/json`);
};

const tooLarge = (): BodyError =>
  new BodyError(413, `the body is larger than ${MAX_BODY_BYTES} bytes, which no object that Kubernetes stores needs`);

const tooMany = (): BodyError =>
  new BodyError(429, `requests of more than ${MAX_BYTES_IN_FLIGHT} bytes are being read already: try again`);

const cutShort = (): BodyError => new BodyError(400, 'the connection ended before the body did');

/** Bytes of bodies that are being read at this moment. */
let inFlight = 0;

/**
 * A body's bytes. Plain events, because an async iterator over a request costs more than parsing the JSON.
 * @throws BodyError (by rejection)
 */
const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (error: BodyError | undefined): void => {
      settled = true;
      inFlight -= size;
      const [only] = chunks;
      if (error !== undefined) {
        // Nobody reads the rest; the connection is closed with the answer.
        request.pause();
        reject(error);
      } else resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    };
    request.on('data', (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      inFlight += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BODY_BYTES) settle(tooLarge());
      else if (inFlight > MAX_BYTES_IN_FLIGHT && size > SMALL_BODY_BYTES) settle(tooMany());
    });
    request.on('end', () => {
      if (!settled) settle(undefined);
    });
    // The client has disconnected, or its time is over: there is no client to answer. Also called after each successful
    // request.
    const cut = (): void => {
      if (!settled) settle(cutShort());
    };
    request.on('error', cut);
    request.on('close', cut);
  });

const [BRACE, BRACKET, COMMA] = Buffer.from('{[,');

/**
 * Counts what values begin with or are parted by; in texts too, which no object has so many of either. @throws
 * BodyError
 */
const requireFewValues = (bytes: Buffer): void => {
  if (bytes.length <= LARGE_BODY_BYTES) return;
  let values = 0;
  for (const byte of bytes) if (byte === COMMA || byte === BRACE || byte === BRACKET) values += 1;
  if (values > MAX_VALUES)
    throw new BodyError(
      413,
      `the body holds more than ${MAX_VALUES} values, which no object that Kubernetes stores has`,
    );
};

/** One for all: it keeps nothing from one text to the next. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const decode = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new BodyError(400, 'the body is not valid UTF-8: send JSON in UTF-8');
  }
};

/**
 * Refuses what is nested too deep or has keys that reach prototypes. Recursion is safe, because it ends at the depth
 * that is refused. Keys are compared one by one and nothing is made per value: every value of every request comes by
 * here.
 */
const requireHarmless = (value: object, depth: number): void => {
  if (depth > MAX_DEPTH) throw new BodyError(400, `the body is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      if (typeof item === 'object' && item !== null) requireHarmless(item, depth + 1);
    }
    return;
  }
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor')
      throw new BodyError(400, `the body has the key "${key}", which no Kubernetes object has`);
    const child = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof child === 'object' && child !== null) requireHarmless(child, depth + 1);
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
  if (typeof value === 'object' && value !== null) requireHarmless(value, 1);
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
  const bytes = await readBytes(request);
  requireFewValues(bytes);
  return parseJson(decode(bytes));
};
