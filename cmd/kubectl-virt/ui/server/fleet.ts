import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { vmiPath, vmPath } from '../../../../src/kube/client/resources.js';
import { type KubernetesObject, objectKey } from '../../../../src/kube/types.js';
import { Informer } from '../../../../src/kube/watch/informer.js';
import type { VmRow } from '../shared/protocol.js';
import { identity } from './identity.js';
import { joinedRow, shownLine, vmiRow, vmRow } from './rows.js';

/** How long changes are gathered: what an eye sees as at once, and a thousand VMs that start are ten messages. */
const GATHER_MS = 100;
/** How often it is looked whether the watches are well. */
const LOOK_MS = 1_000;

/** What is kept of an object: a thousand whole VMs would be many times as much. */
interface Kept extends KubernetesObject {
  readonly row: VmRow;
}

// The informer has objects as they are listed here, and hands out what the transformation made of them.
const kept = (object: KubernetesObject, row: VmRow): Kept => ({ ...identity(object), row });

interface Watched {
  readonly vms: Informer<Kept>;
  readonly vmis: Informer<Kept>;
}

export interface Changes {
  readonly rows: readonly VmRow[];
  readonly gone: readonly string[];
}

export interface FleetObserver {
  readonly changed: (changes: Changes) => void;
  /** Undefined: all is current. */
  readonly problem: (text: string | undefined) => void;
}

/** The VMs of the namespaces, kept current by watches; whoever looks is told of changes. */
export class Fleet {
  readonly #watched: readonly Watched[];
  readonly #observers = new Set<FleetObserver>();
  readonly #dirty = new Set<string>();
  #gathering: NodeJS.Timeout | undefined;
  readonly #looking: NodeJS.Timeout;
  #problem: string | undefined;

  /** @param namespaces undefined: all */
  constructor(client: Pick<KubeClient, 'list' | 'watch'>, namespaces: readonly string[] | undefined) {
    this.#watched = (namespaces ?? [undefined]).map((namespace) => ({
      vms: new Informer<Kept>(client, {
        path: vmPath(namespace),
        transform: (object: KubernetesObject) => kept(object, vmRow(object as VirtualMachine)),
      }),
      vmis: new Informer<Kept>(client, {
        path: vmiPath(namespace),
        transform: (object: KubernetesObject) => kept(object, vmiRow(object as VirtualMachineInstance)),
      }),
    }));
    for (const informer of this.#informers()) {
      const touch = (object: Kept): void => this.#touch(objectKey(object));
      informer.on('add', touch);
      informer.on('update', touch);
      informer.on('delete', touch);
      informer.start();
    }
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** All VMs, as they are now. */
  rows(): VmRow[] {
    const keys = new Set(this.#informers().flatMap((informer) => informer.list().map(objectKey)));
    return [...keys].flatMap((key) => this.#row(key) ?? []);
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Resolves when each list has come, or the first word of why it does not: who may not list instances, or is refused
   * in one of many namespaces, sees what the others have and the problem.
   */
  async answered(): Promise<void> {
    await Promise.all(this.#informers().map(({ answered }) => answered));
    this.#look();
  }

  /** @returns what ends it */
  observe(observer: FleetObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking);
    clearTimeout(this.#gathering);
    await Promise.all(this.#informers().map((informer) => informer.stop()));
  }

  #informers(): Informer<Kept>[] {
    return this.#watched.flatMap(({ vms, vmis }) => [vms, vmis]);
  }

  #row(key: string): VmRow | undefined {
    for (const { vms, vmis } of this.#watched) {
      const row = joinedRow(vms.get(key)?.row, vmis.get(key)?.row);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  #touch(key: string): void {
    this.#dirty.add(key);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#tell();
    }, GATHER_MS);
  }

  #tell(): void {
    const rows: VmRow[] = [];
    const gone: string[] = [];
    for (const key of this.#dirty) {
      const row = this.#row(key);
      if (row === undefined) gone.push(key);
      else rows.push(row);
    }
    this.#dirty.clear();
    for (const { changed } of this.#observers) changed({ rows, gone });
  }

  #look(): void {
    const error = this.#informers().find(({ lastError }) => lastError !== undefined)?.lastError;
    const text = error === undefined ? undefined : shownLine(error);
    if (text === this.#problem) return;
    this.#problem = text;
    for (const { problem } of this.#observers) problem(text);
  }
}
