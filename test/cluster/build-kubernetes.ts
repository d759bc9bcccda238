/** Builds Kubernetes into the cache, and nothing else: `npx tsx test/cluster/build-kubernetes.ts`. */
import { ensureKubernetes } from './kubernetes.js';

await ensureKubernetes((line) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`));
