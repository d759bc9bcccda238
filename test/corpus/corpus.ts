import { readFileSync } from 'node:fs';
import { admit } from '../../src/admission/admit.js';
import type { AdmissionOutcome } from '../../src/admission/types.js';
import type { CheckedKind } from '../../src/api/schema-check/check-schema.js';
import { resolveClusterConfig } from '../../src/api/settings/cluster-config.js';
import type { KubeVirt } from '../../src/api/schema/kinds.js';

export type Json = Readonly<Record<string, unknown>>;

/** What the reference does with one object. README.md beside this file says what the members hold. */
export interface Case {
  readonly name: string;
  readonly gates: readonly string[];
  readonly object: Json;
  readonly mutated: Json | null;
  readonly allowed: boolean;
  readonly causes: readonly (readonly [reason: string, field: string])[];
}

export const readCorpus = (): readonly Case[] =>
  readFileSync(new URL('admission.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);

/** How the corpus writes a random UUID. */
export const RANDOM_UUID = '<random uuid>';
/** The one that our defaults write here: a rule wants a UUID to be one. */
const UUID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const masked = (object: unknown): unknown => JSON.parse(JSON.stringify(object).replaceAll(UUID, RANDOM_UUID));

interface Setting {
  readonly kind?: CheckedKind;
  /** More of the KubeVirt object's `spec.configuration`, and its annotations. */
  readonly configuration?: Json;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly allowNotActedOn?: boolean;
}

/** The KubeVirt object of a case. */
export const kubevirtOf = (
  gates: readonly string[],
  { configuration = {}, annotations = {} }: Setting = {},
): KubeVirt =>
  ({
    metadata: { name: 'kubevirt', annotations },
    spec: { configuration: { developerConfiguration: { featureGates: gates }, ...configuration } },
  }) as KubeVirt;

/** Our answer to an object that an ordinary user creates, as the corpus would write it. */
export const admitObject = (object: Json, gates: readonly string[], setting: Setting = {}): AdmissionOutcome => {
  const { kind = 'VirtualMachineInstance', allowNotActedOn = false } = setting;
  const outcome = admit(
    { kind, operation: 'CREATE', object, user: { username: 'alice' } },
    { config: resolveClusterConfig(kubevirtOf(gates, setting)), newUuid: () => UUID, allowNotActedOn },
  );
  return { ...outcome, object: masked(outcome.object) };
};
