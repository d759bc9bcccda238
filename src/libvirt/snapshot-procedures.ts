/** Procedures of snapshots. */
import { int, list, struct, truth, uint } from './codec.js';
import { command, domainFlags, domainXmlFlags, remote, xmlResult } from './procedure.js';
import { domain, snapshot, string } from './wire-types.js';

/** REMOTE_DOMAIN_SNAPSHOT_LIST_MAX */
const SNAPSHOTS_MAX = 1024;

const snapshotFlags = struct({ snapshot, flags: uint });
const justSnapshot = struct({ snapshot });
const snapshots = struct({ snapshots: list(snapshot, SNAPSHOTS_MAX), count: int });

export const snapshotProcedures = {
  domainSnapshotCreateXML: remote('domainSnapshotCreateXML', 185, domainXmlFlags, justSnapshot),
  domainSnapshotGetXMLDesc: remote('domainSnapshotGetXMLDesc', 186, snapshotFlags, xmlResult),
  domainListAllSnapshots: remote(
    'domainListAllSnapshots',
    274,
    struct({ domain, needResults: truth, flags: uint }),
    snapshots,
  ),
  domainSnapshotListAllChildren: remote(
    'domainSnapshotListAllChildren',
    275,
    struct({ snapshot, needResults: truth, flags: uint }),
    snapshots,
  ),
  domainSnapshotLookupByName: remote(
    'domainSnapshotLookupByName',
    189,
    struct({ domain, name: string, flags: uint }),
    justSnapshot,
  ),
  domainHasCurrentSnapshot: remote('domainHasCurrentSnapshot', 190, domainFlags, struct({ result: truth })),
  domainSnapshotCurrent: remote('domainSnapshotCurrent', 191, domainFlags, justSnapshot),
  domainSnapshotGetParent: remote('domainSnapshotGetParent', 244, snapshotFlags, justSnapshot),
  domainSnapshotIsCurrent: remote('domainSnapshotIsCurrent', 271, snapshotFlags, struct({ current: truth })),
  domainSnapshotHasMetadata: remote('domainSnapshotHasMetadata', 272, snapshotFlags, struct({ metadata: truth })),
  domainRevertToSnapshot: command('domainRevertToSnapshot', 192, snapshotFlags),
  domainSnapshotDelete: command('domainSnapshotDelete', 193, snapshotFlags),
} as const;
