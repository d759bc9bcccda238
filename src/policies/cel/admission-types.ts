import { BOOL, DYN, INT, STRING, TIMESTAMP, listOf, mapOf, objectOf, shapeOf, type CelType } from './check/types.js';

/*
 * The types of what Kubernetes declares to admission policies: `request` and `namespaceObject` have fixed fields, so
 * that a wrong one does not compile.
 */

const group = (name: string, kind: string): CelType =>
  objectOf(shapeOf(name, { group: STRING, version: STRING, [kind]: STRING }));

const USER = objectOf(
  shapeOf('request.userInfo', {
    username: STRING,
    uid: STRING,
    groups: listOf(STRING),
    extra: mapOf(STRING, listOf(STRING)),
  }),
);

export const REQUEST_TYPE = objectOf(
  shapeOf('request', {
    kind: group('request.kind', 'kind'),
    resource: group('request.resource', 'resource'),
    subResource: STRING,
    requestKind: group('request.requestKind', 'kind'),
    requestResource: group('request.requestResource', 'resource'),
    requestSubResource: STRING,
    name: STRING,
    namespace: STRING,
    operation: STRING,
    userInfo: USER,
    dryRun: BOOL,
    options: DYN,
  }),
);

const CONDITION = objectOf(
  shapeOf('namespaceObject.status.conditions', {
    status: STRING,
    type: STRING,
    lastTransitionTime: TIMESTAMP,
    message: STRING,
    reason: STRING,
  }),
);

export const NAMESPACE_TYPE = objectOf(
  shapeOf('namespaceObject', {
    metadata: objectOf(
      shapeOf('namespaceObject.metadata', {
        name: STRING,
        generateName: STRING,
        namespace: STRING,
        labels: mapOf(STRING, STRING),
        annotations: mapOf(STRING, STRING),
        // In capitals: Kubernetes declares it so, and reading it gives "no such key".
        UID: STRING,
        creationTimestamp: TIMESTAMP,
        deletionTimestamp: TIMESTAMP,
        deletionGracePeriodSeconds: INT,
        generation: INT,
        resourceVersion: STRING,
        finalizers: listOf(STRING),
      }),
    ),
    spec: objectOf(shapeOf('namespaceObject.spec', { finalizers: listOf(STRING) })),
    status: objectOf(shapeOf('namespaceObject.status', { phase: STRING, conditions: listOf(CONDITION) })),
  }),
);
