import { HostileDaemon, MODES } from '../unit/libvirt/hostile-daemon.js';

/** `hostile-daemons.ts MODE…`: listens as each of them, and tells the parent where. */
const daemons = await Promise.all(
  process.argv.slice(2).map((mode) => {
    const behaviour = MODES[mode];
    if (behaviour === undefined) throw new Error(`there is no mode "${mode}"`);
    return new HostileDaemon(behaviour).start();
  }),
);
process.send?.(daemons.map(({ socketPath }) => socketPath));
process.once('SIGTERM', () => {
  void Promise.all(daemons.map((daemon) => daemon.stop())).then(() => process.exit(0));
});
