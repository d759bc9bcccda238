import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/*
 * Who may call the server of the page. It acts with the user's kubeconfig, and everybody on this machine, and every
 * page in the user's browser, can reach its port. So: a token in the link, which works once; then a cookie that no
 * script reads and that goes to the paths of this server alone (cookies do not tell ports apart, and another program's
 * server at 127.0.0.1 would get it otherwise); the names that the server answers to (another name that leads to
 * 127.0.0.1 is an attacker's); and the origin of everything but the reading of a page.
 */

/** 32 bytes: nothing to guess. */
const secret = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

const ALLOWED: Verdict = { allowed: true };
const refused = (why: string): Verdict => ({ allowed: false, why });

const cookieOf = (header: string | undefined, name: string): string | undefined =>
  (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

export class Access {
  /** What every path of the page begins with: `/SECRET/`. */
  readonly root = `/${secret()}/`;
  readonly #cookie = secret();
  readonly #cookieName: string;
  readonly #hosts: readonly string[];
  #token: string | undefined = secret();

  /** @param host 127.0.0.1 or [::1] */
  constructor(
    private readonly host: string,
    private readonly port: number,
    /** Where in the page it leads to: `#/…`. */
    readonly fragment = '',
  ) {
    this.#hosts = [`${host}:${port}`, `localhost:${port}`];
    this.#cookieName = `kubectl-virt-${port}`;
  }

  /** Leads a browser to the page, once. */
  get link(): string {
    return `http://${this.host}:${this.port}/?token=${this.#token ?? ''}`;
  }

  /** For the token of the link: the cookie. Undefined for any other, and for the same one again. */
  exchange(token: string): string | undefined {
    if (this.#token === undefined || !same(token, this.#token)) return undefined;
    this.#token = undefined;
    return `${this.#cookieName}=${this.#cookie}; Path=${this.root}; HttpOnly; SameSite=Strict`;
  }

  /** Whether it is called by one of its own names. */
  isOwnHost(request: IncomingMessage): boolean {
    return this.#hosts.includes(request.headers.host ?? '');
  }

  /** For a request below the root. @param changes whether its origin must be this server's own */
  check(request: IncomingMessage, changes: boolean): Verdict {
    const { headers } = request;
    if (!this.isOwnHost(request)) return refused('this server does not answer to that name');
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return refused('another page has asked');
    const { origin } = headers;
    const own = origin === `http://${headers.host ?? ''}`;
    if (origin !== undefined ? !own : changes) return refused('another page has asked');
    const cookie = cookieOf(headers.cookie, this.#cookieName);
    if (cookie === undefined || !same(cookie, this.#cookie))
      return refused('this browser is not logged in: the link works once, so run kubectl virt ui again');
    return ALLOWED;
  }
}
