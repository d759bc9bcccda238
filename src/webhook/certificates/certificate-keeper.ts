import type { Logger } from 'pino';
import type { Clock } from '../../kube/clock.js';
import { bundleOf, type CertificateState, type LeafProfiles } from './certificate-plan.js';
import { renewCertificates } from './certificates.js';

/** Where the state is kept between replicas and restarts. */
export interface CertificateStore {
  load(): Promise<CertificateState>;
  /** False when another replica wrote first: its state is loaded and examined again. */
  save(state: CertificateState): Promise<boolean>;
}

/** One process' own certificates; a restart makes new ones. */
export class MemoryCertificateStore implements CertificateStore {
  private state: CertificateState = { authorities: [], leaves: {} };

  load(): Promise<CertificateState> {
    return Promise.resolve(this.state);
  }

  save(state: CertificateState): Promise<boolean> {
    this.state = state;
    return Promise.resolve(true);
  }
}

export interface CertificateKeeperOptions {
  readonly store: CertificateStore;
  readonly profiles: LeafProfiles;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Takes a state into use: serves its certificate, publishes its bundle to the API server. Called again after a
   * failure.
   */
  readonly apply: (state: CertificateState) => Promise<void> | void;
}

/** How often a replica looks whether something is due, or whether another has renewed. */
const INTERVAL_MS = 10_000;
/** How often an unchanged state is applied again: another program may have put an old bundle back. */
const REAPPLY_MS = 60_000;
/**
 * At most how often it is applied again because a caller does not know what was published: any client can be that
 * caller.
 */
const ASKED_AGAIN_MS = 10_000;
/** Replicas that all start at once may lose the race a few times. */
const MAX_ATTEMPTS = 5;

const fingerprint = ({ authorities, leaves }: CertificateState): string =>
  JSON.stringify([authorities.map(({ cert }) => cert), Object.values(leaves).map(({ cert }) => cert)]);

/**
 * Keeps certificates alive: loads what the replicas share, renews what is due, takes it into use. Needs no leader:
 * the first replica writes, the others find their write refused and load what it wrote.
 */
export class CertificateKeeper {
  private current: CertificateState | undefined;
  private applied: { readonly print: string; readonly at: number } | undefined;
  private cancel: (() => void) | undefined;
  private stopped = false;
  private askedAgainAt = -Infinity;

  constructor(private readonly options: CertificateKeeperOptions) {}

  /** What is in use; undefined before the first {@link check}. */
  get state(): CertificateState | undefined {
    return this.current;
  }

  /** A state has been taken into use completely: before the first time, nobody outside can trust what is served. */
  get published(): boolean {
    return this.applied !== undefined;
  }

  get bundle(): string {
    return this.current === undefined ? '' : bundleOf(this.current);
  }

  /** One look. @throws what the store throws */
  async check(): Promise<CertificateState> {
    const state = await this.renewed();
    this.current = state;
    await this.apply(state);
    return state;
  }

  /** The first look, then one every ten seconds. @throws when the first one fails */
  async start(): Promise<CertificateState> {
    const state = await this.check();
    this.schedule();
    return state;
  }

  /**
   * New certificates of the same authorities, at once. Who trusted the old ones trusts these. @throws what the store
   * throws
   */
  async renew(): Promise<CertificateState> {
    const { authorities } = await this.options.store.load();
    await this.options.store.save({ authorities, leaves: {} });
    return this.check();
  }

  /** Soon applies once more what is in use: it may have been overwritten where it was published. */
  applyAgain(): void {
    const { clock } = this.options;
    if (this.stopped || this.current === undefined || clock.now() - this.askedAgainAt < ASKED_AGAIN_MS) return;
    this.askedAgainAt = clock.now();
    if (this.applied !== undefined) this.applied = { ...this.applied, at: -Infinity };
    this.apply(this.current).catch((error: unknown) => {
      this.options.logger.error({ error }, 'certificates could not be published');
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  private async renewed(): Promise<CertificateState> {
    const { store, profiles, clock, logger } = this.options;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const state = await store.load();
      const renewed = await renewCertificates(state, profiles, clock.now());
      if (renewed === state) return state;
      if (await store.save(renewed)) {
        logger.info({ authorities: renewed.authorities.length }, 'certificates renewed');
        return renewed;
      }
    }
    throw new Error(
      `other replicas changed the certificates ${MAX_ATTEMPTS} times in a row; this one tries again later`,
    );
  }

  private async apply(state: CertificateState): Promise<void> {
    const { clock, logger, apply } = this.options;
    const print = fingerprint(state);
    if (this.applied?.print === print && clock.now() - this.applied.at < REAPPLY_MS) return;
    try {
      await apply(state);
      this.applied = { print, at: clock.now() };
    } catch (error) {
      // The next look tries again; what could be taken into use is in use.
      logger.error({ error }, 'certificates could not be published');
    }
  }

  private schedule(): void {
    if (this.stopped) return;
    this.cancel = this.options.clock.after(INTERVAL_MS, () => {
      this.check()
        .catch((error: unknown) => {
          // What is in use stays in use; readiness reports when it has too little time left.
          this.options.logger.error({ error }, 'certificates could not be checked');
        })
        .finally(() => {
          this.schedule();
        });
    });
  }
}
