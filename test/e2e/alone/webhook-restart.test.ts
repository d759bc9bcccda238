import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { ApiError, errorMessage } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { clientFor } from '../../../src/kube/client/connect.js';
import { podsOf, PRODUCT } from '../support/faults.js';
import { list } from '../support/api.js';
import { kubectl, until } from '../support/kubectl.js';
import { machine, useNamespace } from '../support/machines.js';

/**
 * Each of so many asks again as soon as it has its answer, and this pause is over: enough that none of a restart's
 * moments is missed.
 */
const CALLERS = 4;
const PAUSE_MS = 20;
/** A call that the API server itself answers with its own timeout (webhooks have 5 s) is a failed one. */
const TIMEOUT_MS = 15_000;
const RESTARTS = 2;

/** What was answered, and everything that should not have been. */
interface Load {
  admitted: number;
  refused: number;
  readonly failures: string[];
}

/** Dry runs of a VM that is right and one that is wrong: both need both webhooks, and nothing is stored. */
class Callers {
  readonly load: Load = { admitted: 0, refused: 0, failures: [] };
  private ended = false;
  private readonly calls: Promise<unknown>;

  constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
  ) {
    this.calls = Promise.all(Array.from({ length: CALLERS }, (_, i) => this.call(i)));
  }

  /** When the last calls have their answers. */
  async end(): Promise<void> {
    this.ended = true;
    await this.calls;
  }

  get answers(): number {
    return this.load.admitted + this.load.refused;
  }

  private async call(caller: number): Promise<void> {
    for (let round = caller; !this.ended; round += 1) {
      try {
        await (round % 2 === 0 ? this.submitRight() : this.submitWrong());
      } catch (error) {
        this.load.failures.push(`${new Date().toISOString()} ${errorMessage(error)}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  private create(vm: VirtualMachine): Promise<VirtualMachine> {
    return this.client.request<VirtualMachine>(
      'POST',
      `/apis/kubevirt.io/v1/namespaces/${this.namespace}/virtualmachines`,
      vm,
      { query: { dryRun: 'All' }, timeoutMs: TIMEOUT_MS },
    );
  }

  private async submitRight(): Promise<void> {
    const { spec } = await this.create(machine(this.namespace, 'right', { runStrategy: 'Halted' }));
    assert.match(spec.template.spec?.domain.firmware?.uuid ?? '', /^[\da-f-]{36}$/, 'admitted without its defaults');
    this.load.admitted += 1;
  }

  private async submitWrong(): Promise<void> {
    const vm = machine(this.namespace, 'wrong', { runStrategy: 'Halted' });
    const disks = [{ name: 'root', floppy: {} }];
    Object.assign(vm.spec.template.spec?.domain.devices ?? {}, { disks });
    const error = await this.create(vm).then(
      () => assert.fail('a floppy was admitted'),
      (reason: unknown) => reason,
    );
    // A webhook that does not answer refuses as well (failurePolicy Fail), as an internal error.
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    assert.match(
      error.message,
      /spec\.template\.spec\.domain\.devices\.disks\[0\]\.floppy: floppy disks are deprecated/,
    );
    this.load.refused += 1;
  }
}

interface EndingPod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status: { readonly containerStatuses?: readonly { readonly state?: { readonly terminated?: object } }[] };
}
/** Replicas on their way out whose program still runs. */
const endingPods = async (): Promise<EndingPod[]> =>
  (await list<EndingPod>(PRODUCT, 'pod', 'kubevirt.io=virt-webhook')).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp !== undefined &&
      status.containerStatuses?.some(({ state }) => state?.terminated === undefined),
  );

/** Replaces every replica, as an update of the product does. */
const restartWebhook = async (): Promise<void> => {
  const before = new Set((await podsOf('virt-webhook')).map(({ metadata }) => metadata.uid));
  assert.ok(before.size >= 2, `${before.size} replicas`);
  await kubectl(['-n', PRODUCT, 'rollout', 'restart', 'deployment/virt-webhook']);
  await kubectl(['-n', PRODUCT, 'rollout', 'status', 'deployment/virt-webhook', '--timeout=180s']);
  // Those on their way out still answer: they announce their end first.
  await until(
    'the old replicas to be on their way out',
    async () => (await podsOf('virt-webhook')).every(({ metadata }) => !before.has(metadata.uid)),
    { namespace: PRODUCT },
  );
};

describe('virt-webhook restarted under load', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-webhook-restart');

  it('answers every call: with two replicas one of them always does', async () => {
    const client = await clientFor({});
    const callers = new Callers(client, namespace);
    try {
      await until('the first answers', () => Promise.resolve(callers.answers > 0), { seconds: 300 });
      for (let restart = 0; restart < RESTARTS; restart += 1) {
        const before = callers.answers;
        await restartWebhook();
        assert.ok(callers.answers > before, 'nothing was asked during the restart');
      }
      // Those on their way out take no more calls after 5 s and have 20 s for the last answers; then they are gone.
      await until('the old replicas to have ended', async () => (await endingPods()).length === 0, {
        namespace: PRODUCT,
      });
    } finally {
      await callers.end();
      client.close();
    }
    const { admitted, refused, failures } = callers.load;
    assert.deepEqual(failures, [], `of ${admitted + refused + failures.length} calls`);
    assert.ok(admitted > 50 && refused > 50, `${admitted} admitted, ${refused} refused`);
  });
});
