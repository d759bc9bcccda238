/**
 * One API server for all test files of a process, one after the other: to start one and to establish our definitions
 * costs some 20 CPU seconds, to make it as new again less than one. A file that runs by itself has it for itself.
 */
import { CleanCluster } from './clean-cluster.js';
import { installCrds, startApiServer, type TestApiServer } from './api-server.js';

interface Kept {
  readonly server: TestApiServer;
  readonly clean: CleanCluster;
}

/** Those that no file has now. Two at a time are two servers. */
const idle: Kept[] = [];

const start = async (): Promise<Kept> => {
  const server = await startApiServer();
  // It outlives the file, but not the process, which does not wait for it.
  server.unref();
  process.once('exit', () => server.endNow());
  try {
    const client = await server.client();
    await installCrds(client);
    return { server, clean: await CleanCluster.of(client, server.etcd) };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

/** Does it, or gives this server up: the next file starts one of its own. @returns whether it was done */
const kept = async ({ server }: Kept, what: () => Promise<void>): Promise<boolean> => {
  try {
    if (!server.isRunning()) throw new Error('it does not run');
    await what();
    return true;
  } catch (error) {
    process.stderr.write(`an API server is not used again: ${String(error)}\n`);
    await server.stop();
    return false;
  }
};

const giveBack = async (one: Kept): Promise<void> => {
  if (!(await kept(one, () => one.clean.restore()))) return;
  // While nobody has it, it takes no CPU from the others: some 60 ms a second.
  one.server.pause();
  idle.push(one);
};

const take = async (): Promise<Kept> => {
  const one = idle.pop();
  if (one === undefined) return start();
  one.server.resume();
  return (await kept(one, () => one.clean.known())) ? one : start();
};

/**
 * An API server with our definitions and nothing of any other file: no namespaces, roles, nodes, configurations. What
 * must not have them yet, or needs flags of its own, takes {@link startApiServer}.
 */
export const sharedApiServer = async (): Promise<TestApiServer> => {
  const one = await take();
  return { ...one.server, stop: () => giveBack(one) };
};
