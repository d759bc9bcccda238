import { errorMessage } from '../../kube/client/api-error.js';
import { workerFile } from '../../kube/program/worker-file.js';
import { fileURLToPath } from 'node:url';
import { inNetworkOf, nodeNetwork, WITH_OWN_PROC } from '../pod/pod-namespace.js';
import { claimDevice, makeTunDevice } from '../pod/device-owner.js';
import type { GuestNetworkSetUp } from '../pod/launcher.js';
import type { ContainerIdentity, ContainerProcess } from '../pod/pod-process.js';
import { withPodRoot } from '../pod/pod-root.js';
import { readPodFile } from '../pod/sockets.js';
import type { CommandRunner } from '../workspace/command.js';
import type { DialWish } from './dial-wish.js';
import type { DialledSocket } from './dialler.js';
import { networkOf, type Diallers } from './diallers.js';
import { readResolvConf } from './lease.js';
import type { PodNetworks } from './network-thread.js';
import type { GuestNetworkWish, NetworkFacts, SetUpReport } from './wish.js';

const MAX_RESOLV_CONF = 64 * 1024;

interface PodPlace {
  readonly container: ContainerIdentity;
  readonly process: ContainerProcess;
}

/** The network of a guest in a launcher pod. */
export class PodGuestNetwork implements GuestNetworkSetUp {
  private opened = false;

  constructor(
    private readonly options: {
      readonly vmiUid: string;
      /** Of the VM. */
      readonly namespace: string;
      readonly networks: PodNetworks;
      readonly diallers: Diallers;
      readonly run: CommandRunner;
      /** The compute container. @throws Error when it has ended */
      readonly place: () => Promise<PodPlace>;
      readonly warn: (message: string) => void;
    },
  ) {}

  async setUp(wanted: GuestNetworkWish): Promise<NetworkFacts> {
    const place = await this.options.place();
    const { container, process } = place;
    if (!claimDevice('tun', process.pid, container)) {
      await makeTunDevice(process.pid, container, this.options.run);
      claimDevice('tun', process.pid, container);
    }
    claimDevice('vhostNet', process.pid, container);
    this.opened = true;
    const report = await this.open(place, wanted, false);
    if ('error' in report) throw new Error(`the network of the pod cannot be set up: ${report.error}`);
    return report.network;
  }

  resume(wanted: GuestNetworkWish): void {
    if (this.opened) return;
    this.opened = true;
    void this.options
      .place()
      .then((place) => this.open(place, wanted, true))
      .then((report) => 'error' in report && this.options.warn(report.error))
      .catch((error: unknown) => this.options.warn(errorMessage(error)));
  }

  dial(wish: DialWish, given: AbortSignal): Promise<DialledSocket> {
    const { vmiUid, namespace, diallers, place } = this.options;
    return diallers.dial({ key: vmiUid, namespace }, networkOf(place), wish, given);
  }

  release(): void {
    this.options.diallers.end(this.options.vmiUid);
    if (this.opened) this.options.networks.close(this.options.vmiUid);
    this.opened = false;
  }

  private open(
    { container, process: { pid, ...known } }: PodPlace,
    { hostname, ...wanted }: GuestNetworkWish,
    resume: boolean,
  ): Promise<SetUpReport> {
    const text = withPodRoot(pid, container, '/proc', (root) =>
      readPodFile(root, ['etc', 'resolv.conf'], MAX_RESOLV_CONF),
    );
    const program = [process.execPath, '--max-semi-space-size=1', fileURLToPath(workerFile('network-set-up'))] as const;
    return inNetworkOf(container, { pid, ...known }, [...WITH_OWN_PROC, ...program], (argv) =>
      this.options.networks.open({
        key: this.options.vmiUid,
        argv,
        ...wanted,
        told: { hostname, ...readResolvConf(text ?? '') },
        node: nodeNetwork(),
        resume,
      }),
    );
  }
}
