import { hkdfSync, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kube/clock.js';
import { signerOf, type CertificateState } from '../certificates/certificate-plan.js';
import { isFrontProxy, type RequestHeaderConfig } from '../subresources/front-proxy.js';

/** What the API server asks by a webhook registration. */
export const CALLED_PATHS = [
  'mutate',
  'validate',
  'evict',
  'virt-nodes',
  'mutate-policies',
  'validate-policies',
  'validate-instancetypes',
] as const;
export type CalledPath = (typeof CALLED_PATHS)[number];

/**
 * How long a token stays registered. An API server that cannot reach a webhook with failurePolicy Fail
 * shows its user the whole path, so the tokens of /mutate and /validate must expire soon after. Costs two
 * patches an hour.
 */
const PERIOD_MS = 60 * 60 * 1000;
/** 256 bits, in hex because each segment of a registered path has to look like a name of DNS. */
const TOKEN_BYTES = 32;

/** A path that may carry a token; what follows it is a query, or makes it another path. */
const CALLED = new RegExp(`^/(${CALLED_PATHS.join('|')})/([^/?]*)(.*)$`, 's');

const periodOf = (now: number): number => Math.floor(now / PERIOD_MS);

/**
 * From the key of an authority, which only the replicas of the webhook have (a Secret): so every replica has the same
 * tokens without a word between them, they change with it, and what is registered says nothing about the key (HKDF, RFC
 * 5869).
 */
const tokenOf = (key: string, path: CalledPath, period: number): Buffer =>
  Buffer.from(Buffer.from(hkdfSync('sha256', key, '', `kubectl-virt ${path} ${period}`, TOKEN_BYTES)).toString('hex'));

/** The path to register, with the token of this moment. Undefined while there is no authority. */
export const registeredPath = (state: CertificateState, path: CalledPath, now: number): string | undefined => {
  // Not of an authority that another replica may not have loaded yet.
  const signer = signerOf(state.authorities, now);
  return signer && `/${path}/${tokenOf(signer.key, path, periodOf(now)).toString()}`;
};

/** Of every authority that is kept, and of the periods around this one: registrations and clocks are late at times. */
const acceptedTokens = (
  { authorities }: CertificateState,
  period: number,
): Readonly<Record<CalledPath, readonly Buffer[]>> => {
  const of = (path: CalledPath) =>
    authorities.flatMap(({ key }) => [period - 1, period, period + 1].map((each) => tokenOf(key, path, each)));
  return {
    mutate: of('mutate'),
    validate: of('validate'),
    evict: of('evict'),
    'virt-nodes': of('virt-nodes'),
    'mutate-policies': of('mutate-policies'),
    'validate-policies': of('validate-policies'),
    'validate-instancetypes': of('validate-instancetypes'),
  };
};

export interface ApiServerCallersOptions {
  readonly state: () => CertificateState | undefined;
  /** How the API server introduces itself as front proxy, whose certificate it may show to webhooks too. */
  readonly requestHeaders: () => RequestHeaderConfig | undefined;
  readonly clock: Clock;
  /** A caller does not know the token; it may be an API server whose registration was overwritten. */
  readonly stranger: () => void;
}

/**
 * Who the caller is: any pod in the cluster can connect to the webhook, and TLS shows the webhook to the API server,
 * not the other way round. So the path in the registration, which needs rights on the whole cluster to be read, carries
 * a token. It is taken out of the request before anything else sees it: it is in no log, answer or metric.
 */
export class ApiServerCallers {
  private readonly known = new WeakSet<IncomingMessage>();
  private accepted: ReturnType<typeof acceptedTokens> | undefined;
  /** What the accepted tokens were made of: some HKDFs, which would be a third of a request's time. */
  private madeOf: { readonly state: CertificateState; readonly period: number } | undefined;

  constructor(private readonly options: ApiServerCallersOptions) {}

  /** For every request, first. */
  receive(request: IncomingMessage): void {
    const [, path, token = '', rest = ''] = CALLED.exec(request.url ?? '') ?? [];
    if (path === undefined) return;
    request.url = `/${path}${rest}`;
    if (this.isAccepted(path as CalledPath, Buffer.from(token, 'latin1'))) this.known.add(request);
  }

  /**
   * Whether the API server sent this request: it knows the token, or shows the front proxy's certificate. Only then may
   * anything be written, or anything disclosed that is not public.
   */
  fromApiServer(request: IncomingMessage): boolean {
    const { requestHeaders, stranger } = this.options;
    const headers = requestHeaders();
    if (this.known.has(request) || (headers && isFrontProxy(request.socket, headers))) return true;
    stranger();
    return false;
  }

  /** Compares with all of them, whichever matches, so that the time taken reveals nothing. */
  private isAccepted(path: CalledPath, given: Buffer): boolean {
    const fits = this.tokens()?.[path].filter(
      (token) => token.length === given.length && timingSafeEqual(token, given),
    );
    return fits !== undefined && fits.length > 0;
  }

  private tokens(): ReturnType<typeof acceptedTokens> | undefined {
    const state = this.options.state();
    const period = periodOf(this.options.clock.now());
    if (state !== undefined && (this.madeOf?.state !== state || this.madeOf.period !== period)) {
      this.madeOf = { state, period };
      this.accepted = acceptedTokens(state, period);
    }
    return this.accepted;
  }
}
