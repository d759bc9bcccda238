/**
 * Messages as libvirtd sends them, byte for byte, with what each byte means. The mock server sends them; the serial
 * number is filled in when it answers a call.
 */

/** Bytes from hex; everything after a `#` explains. */
export function packet(annotated: string): Buffer {
  const hex = annotated.replace(/#.*$/gm, '').replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error(`not hex: ${hex}`);
  return Buffer.from(hex, 'hex');
}

/** Authentication kinds: none. */
export const authListNone = packet(`
  00 00 00 24  # length 36
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 42  # procedure 66, auth list
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 01  # one kind
  00 00 00 00  # none
`);

export const authListPolkit = packet(`
  00 00 00 24  # length 36
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 42  # procedure 66, auth list
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 01  # one kind
  00 00 00 02  # polkit
`);

export const authListSasl = packet(`
  00 00 00 24  # length 36
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 42  # procedure 66, auth list
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 01  # one kind
  00 00 00 01  # SASL
`);

export const authPolkitDone = packet(`
  00 00 00 20  # length 32
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 46  # procedure 70, polkit
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 01  # complete
`);

export const keepAliveSupported = packet(`
  00 00 00 20  # length 32
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 3c  # procedure 60, supports feature
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 01  # supported
`);

export const openDone = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 01  # procedure 1, open
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
`);

export const closeDone = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 02  # procedure 2, close
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
`);

/** The domain "test" of test:///default, running with id 1. */
export const lookupTest = packet(`
  00 00 00 38  # length 56
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 17  # procedure 23, lookup by name
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 04  # name: 4 bytes
  74 65 73 74  # "test"
  66 95 eb 01  # uuid 6695eb01-
  f6 a4 83 04  # f6a4-8304-
  79 aa 97 f2  # 79aa-97f2
  50 2e 19 3f  # 502e193f
  00 00 00 01  # id 1
`);

/** What a daemon answers to a name it does not know. */
export const noDomain = packet(`
  00 00 00 88  # length 136
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 17  # procedure 23, lookup by name
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 01  # status 1, error
  00 00 00 2a  # code 42, NO_DOMAIN
  00 00 00 0c  # domain 12, TEST
  00 00 00 01  # message present
  00 00 00 10  # 16 bytes
  44 6f 6d 61  # "Doma
  69 6e 20 6e  # in n
  6f 74 20 66  # ot f
  6f 75 6e 64  # ound"
  00 00 00 02  # level 2, error
  00 00 00 00  # no domain
  00 00 00 01  # str1 present
  00 00 00 14  # 20 bytes
  44 6f 6d 61  # "Doma
  69 6e 20 6e  # in n
  6f 74 20 66  # ot f
  6f 75 6e 64  # ound
  3a 20 25 73  # : %s"
  00 00 00 01  # str2 present
  00 00 00 05  # 5 bytes
  67 68 6f 73  # "ghos
  74 00 00 00  # t", padding
  00 00 00 01  # str3 present
  00 00 00 02  # 2 bytes
  73 33 00 00  # "s3", padding
  ff ff ff ff  # int1 -1
  00 00 00 07  # int2 7
  00 00 00 00  # no network
`);

export const eventRegistered = packet(`
  00 00 00 20  # length 32
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 01 3c  # procedure 316, register callback
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
  00 00 00 03  # callback 3
`);

export const eventDeregistered = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 01 3d  # procedure 317, deregister callback
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
`);

/** The domain "test" was started. */
export const lifecycleStarted = packet(`
  00 00 00 44  # length 68
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 01 3e  # procedure 318, lifecycle event
  00 00 00 02  # type 2, event
  00 00 00 00  # serial 0
  00 00 00 00  # status 0, ok
  00 00 00 03  # callback 3
  00 00 00 04  # name: 4 bytes
  74 65 73 74  # "test"
  66 95 eb 01  # uuid
  f6 a4 83 04
  79 aa 97 f2
  50 2e 19 3f
  00 00 00 02  # id 2
  00 00 00 02  # event 2, started
  00 00 00 00  # detail 0, booted
`);

/** The same, cut off after the callback's number. */
export const lifecycleCutOff = packet(`
  00 00 00 20  # length 32
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 01 3e  # procedure 318, lifecycle event
  00 00 00 02  # type 2, event
  00 00 00 00  # serial 0
  00 00 00 00  # status 0, ok
  00 00 00 03  # callback 3
`);

export const ping = packet(`
  00 00 00 1c  # length 28
  6b 65 65 70  # program "keep"
  00 00 00 01  # version 1
  00 00 00 01  # procedure 1, ping
  00 00 00 02  # type 2, event
  00 00 00 00  # serial 0
  00 00 00 00  # status 0, ok
`);

export const pong = packet(`
  00 00 00 1c  # length 28
  6b 65 65 70  # program "keep"
  00 00 00 01  # version 1
  00 00 00 02  # procedure 2, pong
  00 00 00 02  # type 2, event
  00 00 00 00  # serial 0
  00 00 00 00  # status 0, ok
`);

export const consoleOpened = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 c9  # procedure 201, open console
  00 00 00 01  # type 1, reply
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
`);

/** Stream data is neither padded nor counted: the frame's length tells. */
export const consoleData = packet(`
  00 00 00 21  # length 33
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 c9  # procedure 201, open console
  00 00 00 03  # type 3, stream
  00 00 00 00  # serial
  00 00 00 02  # status 2, continue
  68 65 6c 6c  # "hell
  6f           # o"
`);

/** No data: the guest's side has ended. */
export const consoleEnd = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 c9  # procedure 201, open console
  00 00 00 03  # type 3, stream
  00 00 00 00  # serial
  00 00 00 02  # status 2, continue
`);

/** The daemon confirms our finish or abort. */
export const consoleConfirmed = packet(`
  00 00 00 1c  # length 28
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 c9  # procedure 201, open console
  00 00 00 03  # type 3, stream
  00 00 00 00  # serial
  00 00 00 00  # status 0, ok
`);

export const consoleFailed = packet(`
  00 00 00 5c  # length 92
  20 00 80 86  # program remote
  00 00 00 01  # version 1
  00 00 00 c9  # procedure 201, open console
  00 00 00 03  # type 3, stream
  00 00 00 00  # serial
  00 00 00 01  # status 1, error
  00 00 00 27  # code 39, RPC
  00 00 00 07  # domain 7, RPC
  00 00 00 01  # message present
  00 00 00 0e  # 14 bytes
  73 74 72 65  # "stre
  61 6d 20 68  # am h
  61 64 20 49  # ad I
  2f 4f 00 00  # /O", padding
  00 00 00 02  # level 2, error
  00 00 00 00  # no domain
  00 00 00 00  # no str1
  00 00 00 00  # no str2
  00 00 00 00  # no str3
  ff ff ff ff  # int1 -1
  ff ff ff ff  # int2 -1
  00 00 00 00  # no network
`);
