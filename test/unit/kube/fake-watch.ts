import type { KubeClient, RequestOptions } from '../../../src/kube/client/client.js';
import type { KubernetesList, KubernetesObject } from '../../../src/kube/types.js';
import type { WatchEvent, WatchOptions } from '../../../src/kube/watch/watch.js';

type Turn = { event: WatchEvent<KubernetesObject> } | { error: Error } | { end: true };

/** What an informer talks to; the test answers each list and feeds each watch. */
export class FakeWatchClient {
  lists: RequestOptions[] = [];
  watches: WatchOptions[] = [];
  /** Taken in turn; the last one stays. */
  answers: (KubernetesList<KubernetesObject> | Error)[] = [{ metadata: { resourceVersion: '1' }, items: [] }];
  private turns: Turn[] = [];
  private wake: () => void = () => undefined;

  readonly client = {
    list: (_path: string, options: RequestOptions = {}) => {
      this.lists.push(options);
      const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(structuredClone(answer));
    },
    watch: (_path: string, options: WatchOptions) => {
      this.watches.push(options);
      return this.stream(options);
    },
  } as unknown as Pick<KubeClient, 'list' | 'watch'>;

  send(type: WatchEvent<unknown>['type'], object: KubernetesObject): void {
    this.push({ event: { type, object } });
  }

  fail(error: Error): void {
    this.push({ error });
  }

  end(): void {
    this.push({ end: true });
  }

  private push(turn: Turn): void {
    this.turns.push(turn);
    this.wake();
  }

  private async *stream(options: WatchOptions): AsyncGenerator<WatchEvent<KubernetesObject>> {
    for (;;) {
      while (this.turns.length === 0) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          options.signal?.addEventListener('abort', () => resolve());
        });
        if (options.signal?.aborted) return;
      }
      const turn = this.turns.shift()!;
      if ('end' in turn) return;
      if ('error' in turn) throw turn.error;
      yield turn.event;
    }
  }
}

export const object = (
  name: string,
  resourceVersion: string,
  more: KubernetesObject['metadata'] = {},
): KubernetesObject => ({
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion, ...more },
});
