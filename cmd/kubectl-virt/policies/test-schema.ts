import { Type } from 'typebox';
import type { SchemaNode } from '../../../src/api/schema-check/schema-node.js';
import { POLICY_KINDS } from '../../../src/api/schema/policies.js';
import { anyObject, enumOf, mapOf, time } from '../../../src/api/schema/scalars.js';

/*
 * The form of a file of tests. It is of no cluster: `kubectl virt policy test` alone reads it.
 */

export const VERDICTS = ['Allow', 'Warn', 'Deny', 'Error'] as const;
export type TestVerdict = (typeof VERDICTS)[number];

const text = () => Type.String({ minLength: 1, maxLength: 1024 });
const texts = () => Type.Array(text(), { maxItems: 1000 });

const TestUser = Type.Object({ name: text(), groups: Type.Optional(texts()) });

const TestNamespace = Type.Object({
  annotations: Type.Optional(mapOf(Type.String())),
  labels: Type.Optional(mapOf(Type.String())),
});

const ExpectedCause = Type.Object({
  contains: Type.Optional(text()),
  field: Type.Optional(text()),
  rule: text(),
});

const ExpectedException = Type.Object({ exception: Type.Optional(text()), rule: text() });

const Expectation = Type.Object({
  causes: Type.Optional(Type.Array(ExpectedCause, { maxItems: 1000 })),
  excepted: Type.Optional(Type.Array(ExpectedException, { maxItems: 1000 })),
  verdict: enumOf(VERDICTS),
});

const TestCase = Type.Object({
  expect: Expectation,
  name: text(),
  namespace: Type.Optional(text()),
  object: anyObject(),
  oldObject: Type.Optional(anyObject()),
  operation: Type.Optional(enumOf(['CREATE', 'UPDATE'])),
  user: Type.Optional(TestUser),
});
export type TestCase = Type.Static<typeof TestCase>;

const PolicyTest = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  cases: Type.Array(TestCase, { maxItems: 10_000 }),
  config: Type.Optional(text()),
  exceptions: Type.Optional(texts()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(anyObject()),
  namespaces: Type.Optional(mapOf(TestNamespace)),
  now: Type.Optional(time()),
  policies: Type.Array(text(), { maxItems: 1000 }),
  user: Type.Optional(TestUser),
});
export type PolicyTest = Type.Static<typeof PolicyTest>;

export const POLICY_TEST_SCHEMA = PolicyTest as unknown as SchemaNode;

/** An object of a case that lies in a file of its own, with what is changed of it. */
const FileReference = Type.Object({
  file: text(),
  kind: Type.Optional(enumOf(POLICY_KINDS)),
  name: Type.Optional(text()),
  set: Type.Optional(anyObject()),
});
export type FileReference = Type.Static<typeof FileReference>;

export const FILE_REFERENCE_SCHEMA = FileReference as unknown as SchemaNode;
